"""Cards with one number each: value, unit, change against the equal part of the period before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import streamlit as st

from dashboard.actions.work_days import calendar_of
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import multiple
from dashboard.i18n import number
from dashboard.ui import explain, trends
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted
from dashboard.ui.readings import Reading, name_of, read, why_empty
from dashboard.ui.visit import Visit
from etl.metrics import Question


class Kpi(NamedTuple):
    """A number on a card.

    target: whether it is asked of the holder of a target; ratio: whether it is written as a multiple; less_is_better:
    what a rise means; past: by what its line through the last year goes, empty for what only stands at one moment.
    """

    metric: str
    target: bool = False
    ratio: bool = False
    less_is_better: bool = False
    past: str = "month"


SALES: tuple[Kpi, ...] = (
    Kpi("won_amount"),
    Kpi("attainment", target=True, past="quarter"),
    Kpi("weighted_pipeline", past=""),
    Kpi("coverage", target=True, ratio=True, past=""),
    Kpi("win_rate"),
    Kpi("sales_cycle_days", less_is_better=True),
)
NARROWEST = 146  # pixels of a card: two beside each other on a phone


def row(visit: Visit, seen: Standpoint, kpis: Sequence[Kpi], page: str) -> None:
    """The cards of a page, side by side; on a phone two in a row."""
    with st.grid(len(kpis), min_column_width=NARROWEST, key=f"{page}_cards"):
        fill(visit, seen, kpis, page)


def fill(visit: Visit, seen: Standpoint, kpis: Sequence[Kpi], page: str) -> None:
    """The cards alone, into the row that is open."""
    earlier = seen.before(calendar_of(visit.desk.store))
    for kpi in kpis:
        with st.container(border=True, height="stretch", key=f"{page}_card_{kpi.metric}", gap=None):
            card(visit, seen, earlier, kpi, f"{page}_card_{kpi.metric}")


def card(visit: Visit, seen: Standpoint, earlier: Standpoint, kpi: Kpi, key: str) -> None:
    """One number."""
    reading = read(visit, question(seen, kpi))
    name = name_of(visit, kpi.metric)
    st.markdown(muted(name))
    if reading.value is None:
        st.metric(name, visit.text("common.nothing"), label_visibility="collapsed")
    else:
        before = read(visit, question(earlier, kpi))
        st.metric(
            name,
            written(visit, kpi, reading.value),
            for_metric(change(visit, kpi, reading, before)),
            delta_color="inverse" if kpi.less_is_better else "normal",
            label_visibility="collapsed",
            chart_data=trends.line(visit, seen, kpi.metric, kpi.past, target=kpi.target) if kpi.past else None,
        )
    for line in [*goal(visit, seen, kpi), *above(visit, reading)]:
        st.markdown(muted(line))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", wrap=False):
        st.markdown(muted(visit.text("kpi.n", n=reading.n)))
        explain.number(visit, seen, reading, key)


def question(seen: Standpoint, kpi: Kpi) -> Question:
    """What a card asks."""
    return seen.ask_target(kpi.metric) if kpi.target else seen.ask(kpi.metric)


def written(visit: Visit, kpi: Kpi, value: float) -> str:
    """The value as the card shows it."""
    scale = visit.scale(kpi.metric)
    return multiple(value, visit.language) if kpi.ratio else scale.text(scale.of(value))


def change(visit: Visit, kpi: Kpi, reading: Reading, before: Reading) -> str | Literal[0] | None:
    """How much it changed; nothing where there was no value before."""
    if reading.value is None or before.value is None:
        return None
    if reading.value == before.value:
        return 0
    if kpi.ratio:
        return visit.scale(kpi.metric).ratio_change(reading.value, before.value)
    return visit.scale(kpi.metric).change(reading.value, before.value)


def for_metric(words: str | Literal[0] | None) -> str | Literal[0] | None:
    """A change as `st.metric` reads it: it looks for a hyphen to know which way its arrow points."""
    return words.replace("−", "-") if isinstance(words, str) else words


def goal(visit: Visit, seen: Standpoint, kpi: Kpi) -> list[str]:
    """The target that a share of one is of."""
    found = visit.answer(question(seen, kpi)).frame
    if "target" not in found.columns or not found.height or not found["target"][0]:
        return []
    money = visit.scale_of(Unit.MONEY)
    return [visit.text("kpi.target", amount=money.text(money.of(found["target"][0])))]


def above(visit: Visit, reading: Reading) -> list[str]:
    """What stands between the number and n: why there is none, or the interval of a rate."""
    if reading.value is None:
        return [why_empty(visit, reading)]
    if reading.low is None or reading.high is None:
        return []
    low, high = (number(round(share * 100), visit.language) for share in (reading.low, reading.high))
    return [visit.text("kpi.interval", low=low, high=high)]
