"""Draws the parts of a page with constants in the place of everything that took records, rights or words to find."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard.bench.drawn import CHART, TABLE, Part

FOLDER = "BENCH_DRAWN"
TEXT = "A text of a few words, as there are many · 1,234"
DAY = date(2026, 1, 1)
ICON = ":material/list:"
LOGO = "<svg xmlns='http://www.w3.org/2000/svg' width='24' height='24' viewBox='0 0 24 24'></svg>"


def page(name: str) -> None:
    """Draw the page of a name with its navigation; nothing for an empty name."""
    if not name:
        return
    drawn = part_named(name)
    st.set_page_config(page_title=name, layout="wide")
    pages = [
        st.Page(lambda: fill(drawn, name), title=f"Page {at}", icon=ICON, url_path=f"page{at}", default=at == 0)
        for at in range(max((1, *drawn.size)))
    ]
    current = st.navigation(pages)
    st.logo(LOGO)
    current.run()


@cache
def part_named(name: str) -> Part:
    """What was found on a page."""
    return Part.of(json.loads((Path(os.environ[FOLDER]) / f"{name}.json").read_text()))


def fill(part: Part, key: str) -> None:
    """Draw all parts of a part where one stands; key: what sets its elements apart from all others."""
    for at, inner in enumerate(part.parts):
        draw(inner, f"{key}-{at}")


def draw(part: Part, key: str) -> None:
    """Draw one part with all below it."""
    if part.kind in ELEMENTS:
        ELEMENTS[part.kind](key, part.size)
    elif part.parts and all(inner.kind in SIDE_BY_SIDE for inner in part.parts):
        places = SIDE_BY_SIDE[part.parts[0].kind](len(part.parts))
        for at, (place, inner) in enumerate(zip(places, part.parts, strict=True)):
            with place:
                fill(inner, f"{key}-{at}")
    else:
        with CONTAINERS.get(part.kind, plain)(key):
            fill(part, key)


def plain(_key: str) -> Any:
    """A container without anything special to it."""
    return st.container()


def chart(key: str, traces: tuple[int, ...]) -> None:
    """A chart: so many bars a trace."""
    bars = [go.Bar(x=np.arange(points), y=np.arange(points) % 7) for points in traces]
    st.plotly_chart(go.Figure(bars), key=key)


def table(key: str, size: tuple[int, ...]) -> None:
    """A table of rows and columns."""
    rows, columns = size
    st.dataframe(pl.DataFrame({f"c{at}": np.arange(rows) + at for at in range(columns)}), key=key)


@cache
def bare_component() -> Any:
    """A component that draws nothing of what it is told."""
    return st.components.v2.component("bare", js="export default function () {}")


def component(key: str, size: tuple[int, ...]) -> None:
    """A component that is told so many objects with so many values in all."""
    objects, values = size
    each = dict.fromkeys(map(str, range(-(-values // max(objects, 1)))), "A few words")
    bare_component()(key=key, data=[each] * objects)


ELEMENTS: dict[str, Callable[[str, tuple[int, ...]], Any]] = {
    CHART: chart,
    TABLE: table,
    "alert": lambda _key, _size: st.info(TEXT),
    "bidi_component": component,
    "button": lambda key, _size: st.button("Button", key=key, icon=ICON),
    "button_group": lambda key, size: st.segmented_control("Choice", range(size[0]), key=key),
    "checkbox": lambda key, _size: st.checkbox("Choice", key=key),
    "date_input": lambda key, _size: st.date_input("Day", DAY, key=key),
    "download_button": lambda key, _size: st.download_button("File", b"", "file", key=key, on_click="ignore"),
    "empty": lambda _key, _size: st.empty(),
    "file_uploader": lambda key, _size: st.file_uploader("File", key=key),
    "heading": lambda _key, _size: st.subheader(TEXT, anchor=False),
    "link_button": lambda _key, _size: st.link_button("Link", "/"),
    "markdown": lambda _key, _size: st.markdown(TEXT),
    "metric": lambda _key, size: st.metric("Card", "1,234", "5 %", chart_data=[*range(*size)] or None),
    "number_input": lambda key, _size: st.number_input("Number", key=key),
    "page_link": lambda _key, _size: st.page_link("https://example.org", label="Page"),
    "pagination": lambda key, _size: st.pagination(9, key=key),
    "progress": lambda _key, _size: st.progress(0.5, text=TEXT),
    "selectbox": lambda key, size: st.selectbox("Choice", range(size[0]), key=key),
    "text_area": lambda key, _size: st.text_area("Text", key=key),
    "text_input": lambda key, _size: st.text_input("Text", key=key),
}
"""How each kind of element is drawn. A kind that is not here is drawn as an empty container."""

CONTAINERS: dict[str, Callable[[str], Any]] = {
    "main": lambda _key: nullcontext(),
    "sidebar": lambda _key: st.sidebar,
    "grid_container": lambda _key: st.grid(),
    "popover": lambda key: st.popover("Popover", key=key),
    "expandable": lambda key: st.expander("More", key=key),
}
"""Containers other than the plain one."""

SIDE_BY_SIDE: dict[str, Callable[[int], Any]] = {
    "column": st.columns,
    "tab": lambda many: st.tabs([*map(str, range(many))]),
}
"""Containers that come several at once."""
