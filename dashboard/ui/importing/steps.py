"""Where an import stands: files, map, rehearsal."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.markdown import plain
from dashboard.ui.visit import Visit

STEPS = ("files", "map", "rehearsal")


def show(visit: Visit, step: int) -> None:
    """The three steps in a row, the current one in the accent colour."""
    parts = []
    for at, name in enumerate(STEPS, start=1):
        words = plain(visit.text("importing.step.numbered", n=at, name=visit.text(f"importing.step.{name}")))
        parts.append(f":primary[**{words}**]" if at == step else f":gray[{words}]")
    st.markdown("  →  ".join(parts))
