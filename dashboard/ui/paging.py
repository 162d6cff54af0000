"""A long table page by page."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.ui.markdown import muted
from dashboard.ui.visit import Visit


def page(visit: Visit, frame: pl.DataFrame, rows: int, key: str) -> pl.DataFrame:
    """The rows of the page that is looked at, with the way to its neighbours above them."""
    last = max(0, (frame.height - 1) // rows)
    at = min(int(st.session_state.get(key, 0)), last)
    first = at * rows
    part = frame.slice(first, rows)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_pages"):
        words = visit.text("common.rows_of", first=first + 1, last=first + part.height, n=frame.height)
        st.markdown(muted(words), width="content")
        if last:
            for step, icon, name in ((-1, "chevron_left", "earlier"), (1, "chevron_right", "later")):
                st.button(
                    visit.text(f"common.{name}"),
                    icon=f":material/{icon}:",
                    key=f"{key}_{name}",
                    type="tertiary",
                    disabled=not 0 <= at + step <= last,
                    on_click=turn,
                    args=(key, at + step),
                )
    return part


def turn(key: str, at: int) -> None:
    """Look at another page."""
    st.session_state[key] = max(0, at)
