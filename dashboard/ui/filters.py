"""The filters of a page: as of which day, which period, whose team; they stand in the address, for links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from dashboard.domain.access import Action, Reach
from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.comparisons import Elapsed, Span, equal_part_before, period_on
from dashboard.domain.periods import Period
from dashboard.ui import choices
from dashboard.ui.visit import Visit
from etl.metrics import Question

FIRST_DAY = date(2000, 1, 1)
ALL_TEAMS = ""
SPANS: tuple[str, ...] = (Span.THIS_QUARTER, *(span for span in Span if span is not Span.THIS_QUARTER))
"""The periods on offer, the usual one first."""

Where = dict[str, list[str]]


@dataclass(frozen=True)
class Standpoint:
    """From where the numbers of a page are seen.

    day: the last day that counts; team: the chosen one; teams: it and all below, empty for no limit; holder: whose
    target is meant: of a person, of a team, or of the company when empty.
    """

    today: date
    day: date
    period: Period
    team: str | None
    teams: tuple[str, ...]
    holder: Where

    def __hash__(self) -> int:
        """Of what sets views apart; the holder is a dictionary."""
        return hash((self.today, self.day, self.period, self.team, self.teams, *self.holder))

    @property
    def elapsed(self) -> Elapsed:
        """The period as far as it has gone."""
        return Elapsed(self.period, min(self.day, self.period.last))

    def ask(self, metric: str, *by: str, **where: list[str]) -> Question:
        """A question about the period, over the chosen teams."""
        limits: Where = {"team": list(self.teams)} if self.teams else {}
        return self.question(metric, by, {**limits, **where})

    def ask_target(self, metric: str, *by: str) -> Question:
        """A question about the targets of the holder."""
        return self.question(metric, by, self.holder)

    def question(self, metric: str, by: tuple[str, ...], where: Where) -> Question:
        """A question about the period as of the day; today is asked without one."""
        as_of = None if self.day >= self.today else self.day
        return Question(metric, self.period.since, self.period.until, by, as_of, where=where, today=self.today)

    def over(self, period: Period) -> Standpoint:
        """The same view of another period."""
        return replace(self, period=period)

    def before(self, calendar: WorkCalendar) -> Standpoint:
        """The equal part of the period before, seen from its own last day."""
        part = equal_part_before(self.elapsed, calendar)
        return replace(self, period=part.period, day=part.day)


def ask(visit: Visit, page: str) -> Standpoint:
    """Draw the filters of a page and return what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}_filters", width="content"):
        day = day_filter(visit, f"{page}_as_of")
        span = Span(
            choices.from_list(
                visit, f"{page}_period", "filter.period", SPANS, lambda word: visit.text(f"span.{word}"), 150
            )
        )
        team = team_filter(visit, f"{page}_team")
    period = period_on(span, day, visit.desk.store.company.fiscal_year_start_month)
    return standpoint(visit, day, period, team)


def day_filter(visit: Visit, key: str) -> date:
    """The day up to which everything counts."""
    chosen = st.date_input(
        visit.text("filter.as_of"),
        value=visit.today,
        min_value=FIRST_DAY,
        max_value=visit.today,
        format="YYYY-MM-DD",
        key=key,
        bind="query-params",
        width=150,
    )
    return min(chosen, visit.today)


def team_filter(visit: Visit, key: str) -> str | None:
    """The team to look at; not asked where there is only one."""
    teams = teams_in_reach(visit)
    if len(teams) <= 1:
        return None
    chosen = choices.from_list(
        visit,
        key,
        "filter.team",
        [ALL_TEAMS, *teams],
        lambda team: teams.get(team) or visit.text("filter.all_teams"),
        180,
    )
    return chosen or None


def teams_in_reach(visit: Visit) -> dict[str, str]:
    """The teams whose results the person may see, by name: id → name."""

    def made() -> dict[str, str]:
        reach = visit.desk.store.teams_in_scope(visit.actor)
        found = visit.desk.store.reference("team").sort("name")
        return {row["id"]: row["name"] for row in found.to_dicts() if reach is None or row["id"] in set(reach)}

    return visit.once(("teams in reach",), made)


def standpoint(visit: Visit, day: date, period: Period, team: str | None) -> Standpoint:
    """What the filters mean for this person."""
    parents = visit.once(("parents of teams",), lambda: parents_of_teams(visit))
    below = tuple(one for one in parents if team in chain(one, parents)) if team else ()
    return Standpoint(visit.today, day, period, team, below, holder_of(visit, team, parents))


def parents_of_teams(visit: Visit) -> dict[str, str | None]:
    """What each team stands under."""
    return dict(visit.desk.store.reference("team").select("id", "parent_id").iter_rows())


def holder_of(visit: Visit, team: str | None, parents: dict[str, str | None]) -> Where:
    """Whose target this person looks at: that of the chosen team, else of the company, the own team, or the own one."""
    if team:
        return {"team": [team]}
    reaches = {grant.reach for grant in visit.actor.grants("deal", Action.READ)}
    if Reach.ALL in reaches:
        return {}
    if Reach.BELOW in reaches:
        tops = [one for one in visit.actor.below if parents.get(one) not in visit.actor.below]
        return {"team": tops} if len(tops) == 1 else {}
    return {"person": [visit.actor.person_id]}


def chain(team: str, parents: dict[str, str | None]) -> list[str]:
    """The team and all above it; a circle ends where it closes."""
    found: list[str] = []
    at: str | None = team
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def to_date(standpoint: Standpoint) -> date:
    """The first day that does not count any more."""
    return min(standpoint.day + timedelta(days=1), standpoint.period.until)
