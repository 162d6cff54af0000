"""Targets against results: attainment and coverage, for a person, a team or the company."""

from __future__ import annotations

import polars as pl

from dashboard.domain.statistics import ratio
from etl.metrics.dimensions import CLOSED, narrowed
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry, between
from etl.metrics.money import WON, money_lines
from etl.metrics.questions import Note
from etl.metrics.shaping import grouped, shaped
from etl.metrics.targets import level_of, members_targets, targets_of, with_dimensions
from etl.metrics.teams import teams_below

SUMS = ("target", "members_target", "won", "open")


def ledger(inquiry: Inquiry) -> tuple[pl.DataFrame, bool]:
    """Targets and what counts towards them, one row each, and whether people's targets stand in for the company's.

    The dimensions; target, members_target, won, open (Int64, 1/10,000; each row fills those it is about); row and id of
    the deal, null on the rows of the targets themselves.
    """
    level = level_of(inquiry)
    targets = targets_of(inquiry, level)
    instead = level == "company" and targets.is_empty() and "level" not in inquiry.question.where
    if instead:
        people = targets_of(inquiry, "person")
        instead, targets, level = (
            not people.is_empty(),
            *((targets, level) if people.is_empty() else (people, "person")),
        )
    if level != "person":
        members = members_targets(inquiry, targets, level)
        targets = targets.join(members, on="target_id", how="left", maintain_order="left")
    named = with_dimensions(inquiry, targets, level)
    parts = [named, *results(inquiry, named, level, beside=not instead)]
    rows = pl.concat([part.with_columns(pl.col(pl.Categorical).cast(pl.String)) for part in parts], how="diagonal")
    absent = [pl.lit(None, dtype=pl.Int64).alias(name) for name in (*SUMS, "row") if name not in rows.columns]
    return narrowed(inquiry, rows.with_columns(absent), "level"), instead


def results(inquiry: Inquiry, targets: pl.DataFrame, level: str, beside: bool) -> list[pl.DataFrame]:
    """Credited lines within their target's period as `won`, open ones due in it as `open`.

    beside: whether what was won in the window by a holder without a target is a line too, of no target.
    """
    deals = inquiry.records("deal")
    won = credited(inquiry, deals).rename({"closed_on": "day", "money": "won"})
    found = [towards(inquiry, targets, won.select("row", "id", "person", "team", "day", "won"), level)]
    if beside and not inquiry.needed & {"period", "week", "month", "quarter", "year"}:
        found.append(without_target(inquiry, targets, won, level))
    if inquiry.metric.name == "coverage":
        due = money_lines(inquiry, deals.filter(~CLOSED)).rename({"expected_close_on": "day", "money": "open"})
        found.append(towards(inquiry, targets, due.select("row", "id", "person", "team", "day", "open"), level))
    return found


def credited(inquiry: Inquiry, deals: pl.DataFrame) -> pl.DataFrame:
    """The credited lines of all won deals in scope: the same for every target, however the question is narrowed."""
    if "product" in inquiry.needed:
        return money_lines(inquiry, deals.filter(WON), uncredited=False)
    whose = (inquiry.population.of("deal"), inquiry.population.people)
    return inquiry.view.for_whom("credited", whose, lambda: money_lines(inquiry, deals.filter(WON), uncredited=False))


def towards(inquiry: Inquiry, targets: pl.DataFrame, lines: pl.DataFrame, level: str) -> pl.DataFrame:
    """Each line beside every target that it counts towards, with the target's dimensions."""
    plain = lines.with_columns(pl.col("person", "team").cast(pl.String))
    held = holders(inquiry, plain, level).drop("person", "team")
    return (
        targets.drop("target", "members_target", strict=False)
        .join(held, on="holder", how="inner")
        .filter(between(pl.col("day"), pl.col("starts_on"), pl.col("ends_on")))
    )


def holders(inquiry: Inquiry, lines: pl.DataFrame, level: str) -> pl.DataFrame:
    """The lines with `holder`: the person, each team at or above the line's, or the company."""
    if level == "team":
        above = teams_below(inquiry).rename({"team": "holder"})
        return lines.join(above, left_on="team", right_on="under", how="inner")
    return lines.with_columns((pl.col("person") if level == "person" else pl.lit("")).alias("holder"))


def without_target(inquiry: Inquiry, targets: pl.DataFrame, won: pl.DataFrame, level: str) -> pl.DataFrame:
    """What holders without any matched target won in the window."""
    asked = inquiry.question
    lines = won.filter(between(pl.col("day"), asked.since, asked.until)).select("row", "id", "person", "team", "won")
    plain = lines.with_columns(pl.col("person", "team").cast(pl.String))
    if level == "company":
        return plain if targets.is_empty() else plain.clear()
    rest = plain.join(targets, left_on=level, right_on="holder", how="anti", maintain_order="left").drop_nulls(level)
    return rest if level == "person" else rest.with_columns(pl.lit(None, dtype=pl.String).alias("person"))


def totals(inquiry: Inquiry) -> tuple[pl.DataFrame, bool]:
    """The ledger summed: n (Int64, distinct deals), target, members_target, won, open."""
    rows, instead = ledger(inquiry)
    members = pl.when(pl.col("members_target").is_not_null().any()).then(pl.col("members_target").sum())
    return grouped(
        rows,
        inquiry.by,
        pl.col("row").drop_nulls().n_unique().cast(pl.Int64).alias("n"),
        *(pl.col(name).sum().alias(name) for name in SUMS if name != "members_target"),
        members.alias("members_target"),
    ), instead


def attainment(inquiry: Inquiry) -> Found:
    """value: credited won amount closed in the target's period / target; null without a target.

    won, target (Int64, 1/10,000), members_target (Int64: the sum of the targets of the people under a team or the
    company, null where there are none), members_attainment (Float64: won / members_target); n: deals.
    """
    rows, instead = totals(inquiry)
    aimed = pl.col("target") > 0
    answer = rows.with_columns(
        ratio(pl.col("won"), pl.col("target")).alias("value"),
        ratio(pl.col("won"), pl.col("members_target")).alias("members_attainment"),
        pl.when(~aimed).then(pl.lit("no_target")).alias("reason"),
    )
    notes: tuple[Note, ...] = (("targets_of_people", {}),) if instead else ()
    return shaped(inquiry, answer, "won", "target", "members_target", "members_attainment"), notes


def coverage(inquiry: Inquiry) -> Found:
    """value: open pipeline due in the target's period / (target − won); null when nothing remains.

    open, won, target, remaining (Int64, 1/10,000); n: deals, won and open.
    """
    rows, instead = totals(inquiry)
    left = rows.with_columns((pl.col("target") - pl.col("won")).alias("remaining"))
    aimed, remains = pl.col("target") > 0, pl.col("remaining") > 0
    answer = left.with_columns(
        pl.when(aimed & remains).then(ratio(pl.col("open"), pl.col("remaining"))).alias("value"),
        pl.when(~aimed).then(pl.lit("no_target")).when(~remains).then(pl.lit("target_met")).alias("reason"),
    )
    notes: tuple[Note, ...] = (("targets_of_people", {}),) if instead else ()
    return shaped(inquiry, answer, "open", "won", "target", "remaining"), notes


def deals_behind(inquiry: Inquiry) -> pl.DataFrame:
    """The deals that count towards the targets."""
    return ledger(inquiry)[0].drop_nulls("id")
