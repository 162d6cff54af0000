"""Targets matched to a question: which level, which periods, and what the members' own targets sum to."""

from __future__ import annotations

import polars as pl

from dashboard.domain.periods import starts_of
from etl.metrics.dimensions import TRUNCATED, periods, with_team_then
from etl.metrics.inquiries import Inquiry
from etl.metrics.teams import teams_below

HOLDER: dict[str, pl.Expr] = {"person": pl.col("person_id"), "team": pl.col("team_id"), "company": pl.lit("")}


def level_of(inquiry: Inquiry) -> str:
    """The level asked about: that of the finest holder grouped or filtered by, else the company's."""
    if asked := inquiry.question.where.get("level"):
        return asked[0]
    return next((level for level in ("person", "team") if level in inquiry.needed), "company")


def targets_of(inquiry: Inquiry, level: str) -> pl.DataFrame:
    """The targets of a level whose period lies in the window: target_id, holder, starts_on, ends_on, target.

    Of the targets of one holder, one that lies within a longer one is left out, so that no day is aimed at twice.
    Grouped by a calendar period, each period takes the targets that lie within it.
    """
    asked = inquiry.question
    inside = pl.lit(True) if asked.since is None else pl.col("starts_on") >= asked.since
    inside = inside if asked.until is None else inside & (pl.col("ends_on") <= asked.until)
    found = inquiry.records("target").filter((pl.col("level") == level) & inside)
    named = found.select(
        pl.col("id").alias("target_id"),
        HOLDER[level].alias("holder"),
        "starts_on",
        "ends_on",
        pl.col("amount").alias("target"),
    ).drop_nulls("holder")
    units = [unit for unit in TRUNCATED if unit in inquiry.needed]
    if units:
        start = pl.col("starts_on").dt.truncate(TRUNCATED[units[0]])
        return longest(named.filter(pl.col("ends_on") <= start.dt.offset_by(TRUNCATED[units[0]])), "holder")
    return named if "period" in inquiry.needed else longest(named, "holder")


def longest(targets: pl.DataFrame, *same: str) -> pl.DataFrame:
    """Without the targets that lie within a longer one that has the same `same`."""
    other = targets.select(*same, "starts_on", "ends_on").unique()
    pairs = targets.join(other, on=list(same), how="inner", suffix="_other")
    longer = (pl.col("starts_on_other") < pl.col("starts_on")) | (pl.col("ends_on_other") > pl.col("ends_on"))
    around = (pl.col("starts_on_other") <= pl.col("starts_on")) & (pl.col("ends_on_other") >= pl.col("ends_on"))
    covered = pairs.filter(around & longer).select("target_id", *same)
    return targets.join(covered, on=["target_id", *same], how="anti", maintain_order="left")


def with_dimensions(inquiry: Inquiry, targets: pl.DataFrame, level: str) -> pl.DataFrame:
    """The targets with the dimensions they are grouped and filtered by; a person's team is that at the period's end."""
    nobody = pl.lit(None, dtype=pl.String)
    holders = ((pl.col("holder") if level == name else nobody).alias(name) for name in ("person", "team"))
    started = pl.col("starts_on")
    frame = targets.with_columns(*holders, started.alias("period"), *periods(inquiry.needed, started))
    if level == "person" and "team" in inquiry.needed:
        moved = with_team_then(inquiry, frame, "holder", starts_of(pl.col("ends_on"), inquiry.zone))
        frame = moved.with_columns(pl.col("person_team").cast(pl.String).alias("team"))
    return frame


def members_targets(inquiry: Inquiry, targets: pl.DataFrame, level: str) -> pl.DataFrame:
    """The sum of the targets of the people under each target's holder, within its period: target_id, members_target."""
    people = inquiry.records("target").filter(pl.col("level") == "person").drop_nulls("person_id")
    own = people.select(
        pl.col("id").alias("member_target"),
        pl.col("person_id").alias("member"),
        pl.col("starts_on").alias("starts_in"),
        pl.col("ends_on").alias("ends_in"),
        pl.col("amount"),
    )
    pairs = own.join(targets, how="cross") if level == "company" else of_teams(inquiry, own, targets)
    inside = (pl.col("starts_in") >= pl.col("starts_on")) & (pl.col("ends_in") <= pl.col("ends_on"))
    matched = pairs.filter(inside).select(
        pl.col("target_id").alias("of_target"),
        pl.col("member_target").alias("target_id"),
        "member",
        pl.col("starts_in").alias("starts_on"),
        pl.col("ends_in").alias("ends_on"),
        "amount",
    )
    kept = longest(matched, "of_target", "member")
    return kept.group_by(pl.col("of_target").alias("target_id")).agg(pl.col("amount").sum().alias("members_target"))


def of_teams(inquiry: Inquiry, own: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """People's targets beside those of the teams they were in, or under, at the end of their own period."""
    moved = with_team_then(inquiry, own, "member", starts_of(pl.col("ends_in"), inquiry.zone))
    then = moved.with_columns(pl.col("person_team").cast(pl.String))
    under = then.join(teams_below(inquiry), left_on="person_team", right_on="under", how="inner")
    return under.join(targets, left_on="team", right_on="holder", how="inner")
