"""What pages are compared with: a Streamlit app that only draws constants, as many as its address asks for.

`?charts=&points=&tables=&rows=&cards=&texts=`; without them it is an empty page.
"""

import numpy as np
import plotly.graph_objects as go
import polars as pl
import streamlit as st


def asked(name: str) -> int:
    """A number of the address."""
    return int(st.query_params.get(name, 0))


st.set_page_config(layout="wide")
for place in range(asked("texts")):
    st.markdown(f"text {place}")
for place in range(asked("cards")):
    st.metric(f"card {place}", place)
for place in range(asked("charts")):
    values = np.arange(asked("points"))
    st.plotly_chart(go.Figure(go.Bar(x=values, y=values % 7)), key=f"chart{place}")
for place in range(asked("tables")):
    rows = asked("rows")
    st.dataframe(pl.DataFrame({f"c{n}": np.arange(rows) + n for n in range(8)}), key=f"table{place}")
