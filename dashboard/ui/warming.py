"""Calls that are slow the first time, made once before anybody waits for them."""

from __future__ import annotations

import logging
from datetime import date

from dashboard.domain.access import system
from dashboard.i18n import LANGUAGES, compact_money, day, texts
from dashboard.jobs import Desk
from dashboard.ui import passwords
from etl.metrics import Question

NOISY = "streamlit.runtime.scriptrunner_utils.script_run_context"
"""Warns that no page is running when a library looks for one while it is imported."""


def load_libraries() -> None:
    """The login library. It declares a component, for which Streamlit looks up the module that declares it, and that
    look-up may fail while another thread does the same: before the first page is served."""
    logger = logging.getLogger(NOISY)
    logger.disabled = True
    try:
        passwords.library()
    finally:
        logger.disabled = False


def warm(desk: Desk) -> None:
    """The languages, the chart library and the first questions."""
    passwords.nobodys_hash()
    for language in LANGUAGES:
        texts(language)
        compact_money(1, language, desk.store.company.currency)
        day(date(2026, 1, 1), language)
    draw_something()
    today = desk.store.company.today()
    for name in ("won_amount", "funnel", "attainment"):
        desk.measure(system(), Question(name, today.replace(day=1), None, today=today))


def draw_something() -> None:
    """The chart library's first figure takes longer than all later ones."""
    import plotly.graph_objects as go

    go.Figure(go.Bar(x=[1], y=["a"])).to_json()
