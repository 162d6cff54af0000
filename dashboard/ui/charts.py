"""A chart on a page: title, "what is this", the figure, or a sentence where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.domain.charts import ChartSpec
from dashboard.ui.figures import figure
from dashboard.ui.figures.template import CONFIG
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit


@contextmanager
def head(spec: ChartSpec | None = None) -> Iterator[DeltaGenerator]:
    """The row above a chart: its title, then what is drawn inside; gives the place of the title."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = st.container()
        if spec is not None:
            name(title, spec)
        yield title


def name(place: DeltaGenerator, spec: ChartSpec) -> None:
    """Write the title of a chart into its place."""
    place.subheader(plain(spec.title), anchor=False)


def draw(visit: Visit, spec: ChartSpec, key: str, empty: str, opened: Callable[[str, str], None] | None = None) -> None:
    """The figure. opened: called with the key and the label of a bar that was clicked."""
    if spec.empty:
        st.markdown(muted(visit.text(empty)))
        return
    if spec.left_out:
        st.markdown(muted(visit.text("chart.first_rows", shown=len(spec.labels), n=len(spec.labels) + spec.left_out)))
    drawn = figure(spec, visit.theme)
    shared: dict[str, Any] = {"theme": None, "config": CONFIG, "alt": spec.summary}
    if opened is None:
        st.plotly_chart(drawn, key=key, **shared)
        return
    turn = st.session_state.get(f"{key}_turn", 0)
    shown = f"{key}_{turn}"
    labels = dict(zip(spec.keys, spec.labels, strict=True))
    st.plotly_chart(
        drawn, key=shown, on_select=lambda: clicked(key, shown, labels, opened), selection_mode="points", **shared
    )


def clicked(key: str, shown: str, labels: dict[str, str], opened: Callable[[str, str], None]) -> None:
    """A bar was clicked: pass on what it stands for. A fresh chart takes its place, so that it can be clicked again."""
    chosen = selected(st.session_state.get(shown))
    if chosen in labels:
        st.session_state[f"{key}_turn"] = st.session_state.get(f"{key}_turn", 0) + 1
        opened(chosen, labels[chosen])


def selected(state: Any) -> str:
    """The key of the first selected point; empty for none."""
    points = (state or {}).get("selection", {}).get("points", [])
    found = points[0].get("customdata") if points else None
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, str) else ""
