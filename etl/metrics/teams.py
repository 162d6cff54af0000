"""Which teams stand under which."""

from __future__ import annotations

import polars as pl

from etl.metrics.inquiries import Inquiry


def teams_below(inquiry: Inquiry) -> pl.DataFrame:
    """One row per team and team at or under it, as of the day: team, under (String)."""
    teams = inquiry.view.reference("team")
    parents: dict[str, str | None] = dict(teams.select("id", "parent_id").iter_rows())
    pairs = [(above, team) for team in parents for above in chain(team, parents)]
    return pl.DataFrame(pairs, schema={"team": pl.String, "under": pl.String}, orient="row")


def chain(team: str, parents: dict[str, str | None]) -> list[str]:
    """The team and all above it; a circle ends where it closes."""
    found: list[str] = []
    at: str | None = team
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found
