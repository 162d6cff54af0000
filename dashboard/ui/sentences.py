"""Three sentences made from the numbers by rules: where the period stands, who carries it, what is still missing."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.domain.quantities import multiple
from dashboard.i18n import percent
from dashboard.ui.filters import Standpoint, teams_in_reach
from dashboard.ui.markdown import plain
from dashboard.ui.readings import read
from dashboard.ui.visit import Visit


def show(visit: Visit, seen: Standpoint) -> None:
    """Those that can be said of these numbers."""
    said = visit.once(("sentences", seen), lambda: all_of_them(visit, seen))
    if said:
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said))


def all_of_them(visit: Visit, seen: Standpoint) -> tuple[str, ...]:
    """The sentences, in order."""
    return tuple(sentence for make in (standing, carrier, cover) if (sentence := make(visit, seen)))


def standing(visit: Visit, seen: Standpoint) -> str | None:
    """How much of the target is won, and where it ends when it goes on like this."""
    answer = visit.answer(seen.ask_target("attainment"))
    row = answer.frame.row(0, named=True)
    if row["value"] is None:
        return None
    money, share = visit.scale("won_amount"), percent(row["value"], visit.language)
    won = money.text(money.of(row["won"]))
    pace = read(visit, seen.ask("run_rate")).value if seen.elapsed.running else None
    if pace is None:
        return visit.text("sentence.attained", won=won, share=share)
    ends = percent(pace / row["target"], visit.language)
    return visit.text("sentence.attained_so_far", won=won, share=share, pace=ends)


def carrier(visit: Visit, seen: Standpoint) -> str | None:
    """Who won most, where there is more than one team or person to compare."""
    by = "team" if not seen.team and len(teams_in_reach(visit)) > 1 else "person"
    found = visit.answer(seen.ask("won_amount", by)).frame.drop_nulls(by).sort("value", descending=True)
    total = found.select(pl.col("value").sum()).item()
    if found.height <= 1 or not total:
        return None
    money, first = visit.scale("won_amount"), found.row(0, named=True)
    name = visit.names(by, [first[by]]).get(first[by], "")
    amount, share = money.text(money.of(first["value"])), percent(first["value"] / total, visit.language)
    return visit.text("sentence.carrier", name=name, amount=amount, share=share)


def cover(visit: Visit, seen: Standpoint) -> str | None:
    """How much open pipeline stands against what is missing."""
    reading = read(visit, seen.ask_target("coverage"))
    if reading.reason == "target_met":
        return visit.text("sentence.target_met")
    if reading.value is None or not seen.elapsed.running:
        return None
    return visit.text("sentence.cover", ratio=multiple(reading.value, visit.language))
