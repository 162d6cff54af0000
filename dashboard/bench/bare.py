"""What pages are compared with: a Streamlit app that draws the elements of a page with nothing behind them.

`?page=<name>` draws what the file of that name in BENCH_DRAWN says, in the same containers, each chart with as many
traces and points and each table with as many rows and columns; without it, it is an empty page.
"""

import streamlit as st

from dashboard.bench import drawing

drawing.page(str(st.query_params.get("page", "")))
