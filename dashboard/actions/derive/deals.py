"""What follows from a deal's verbs: stage type and rank at entry, base amount, copies at the closing, credit."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.actions.derive import gates
from dashboard.actions.derive.closings import explained
from dashboard.actions.derive.credits import credit_changes, uncredit_changes
from dashboard.actions.derive.homes import homes_at
from dashboard.actions.derive.lines import LINES, TYPED
from dashboard.actions.derive.money import value_of, with_base
from dashboard.domain.access import Role
from dashboard.domain.changes import Change
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

STAGE_TYPE = {"create": "open", "advance": "open", "reopen": "open", "win": "won", "lose": "lost"}
CLOSING = ("win", "lose")
AT_CLOSING = ("closed_owner_id", "closed_team_id", "closed_region_id")
ONLY_CLOSED = (*AT_CLOSING, "closed_on", "lost_reason_id", "close_note")
READS = (
    "owner_id",
    "region_id",
    "stage_id",
    "stage_type",
    "stage_since",
    "amount",
    "amount_from",
    "currency",
    "rate",
    "base_amount",
    "created_on",
    "stage_rank",
    "competitor_id",
    *ONLY_CLOSED,
)


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with everything that follows from the verb, and the credit rows that change with them."""
    rows = change.rows
    if {"amount", "amount_from"} & set(rows.columns):
        touch_lines(open_, rows, current)
    if change.verb in CLOSING:
        rows = closed(open_, rows, current)
    if change.verb == "lose":
        rows = explained(open_, rows, current)
    if change.verb in STAGE_TYPE:
        rows = staged(open_, rows, change.verb)
        gates.note(open_, change.verb, rows, current)
    if change.verb in ("create", *CLOSING) or {"amount", "currency"} & set(rows.columns):
        rows = priced(open_, change.verb, rows, current)
    if change.verb == "create":
        return rows, []
    if change.verb == "reopen":
        rows = rows.with_columns(pl.lit(None).alias(name) for name in ONLY_CLOSED)
        return rows, uncredit_changes(open_, moments(open_, rows).with_columns(current["closed_owner_id"]))
    return rows, credited(open_, change.verb, rows, current)


def touch_lines(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Note the deals that take their amount from their lines; one that somebody typed is refused at the end."""
    follow = (value_of(rows, current, "amount_from", pl.String()) == "lines").fill_null(value=False)
    if follow.any():
        typed = "amount" in rows.columns and not open_.stating
        open_.touch(TYPED if typed else LINES, rows["id"].filter(follow), open_.when(rows).filter(follow))


def staged(open_: Transaction, rows: pl.DataFrame, verb: str) -> pl.DataFrame:
    """The rows with the stage that the verb leads to, and its type and rank as they are now.

    A stage that is not in use any more takes no deal from a person; what is stated may have been in it.
    """
    stages = open_.rows_of("stage", ("type", "rank", "active"))
    fitting = stages.filter(pl.col("type") == STAGE_TYPE[verb])
    in_use = fitting.filter(pl.col("active").fill_null(value=True))
    default = in_use.sort("rank", "id", nulls_last=True)["id"]
    if "stage_id" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("stage_id"))
    if verb != "advance":
        rows = rows.with_columns(pl.col("stage_id").fill_null(default[0] if default.len() else None))
    wrong = (~rows["stage_id"].is_in(fitting["id"].to_list())).fill_null(verb != "advance").arg_true()
    if wrong.len():
        raise Invalid((Problem(wrong[0], "stage_id", "stage.wrong_type", {"verb": verb, "type": STAGE_TYPE[verb]}),))
    retired = ~rows["stage_id"].is_in(in_use["id"].to_list())
    if not open_.stating and retired.fill_null(value=False).any():
        raise Invalid((Problem(retired.arg_true()[0], "stage_id", "stage.retired"),))
    since = entered(open_, rows)
    ranks = rows.select(id="stage_id").join(stages, on="id", how="left", maintain_order="left")
    return rows.with_columns(
        ranks["type"].alias("stage_type"),
        ranks["rank"].alias("stage_rank"),
        since.alias("stage_since"),
    )


def entered(open_: Transaction, rows: pl.DataFrame) -> pl.Series:
    """When the deals entered their stages: with this change, or when a move is taken back, as it stood before it.

    Only what the machine gives back counts as that, and only a moment that was on record for that very stage.
    """
    now = open_.when(rows)
    if "stage_since" not in rows.columns or Role.OPERATOR not in open_.actor.roles:
        return now
    key = ["id", "stage_id", "stage_since"]
    known = open_.stated("deal", rows["id"], ("stage_id", "stage_since")).select(key).unique()
    back = rows.select(key).join(known.with_columns(known=True), on=key, how="left", maintain_order="left")
    return back.select(pl.when(back["known"].fill_null(False)).then("stage_since").otherwise(now)).to_series()


def closed(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with closing day, copies of owner, team and region, and the moment that follows from the day."""
    day = (
        value_of(rows, current, "closed_on", pl.Date()).fill_null(open_.today)
        if "closed_on" in rows.columns
        else pl.Series([open_.today] * rows.height)
    )
    rows = rows.with_columns(day.alias("closed_on"))
    if "effective_at" not in rows.columns and open_.effective_at is None and (day < open_.today).any():
        moments = closing_moments(open_, day, open_.last_stated("deal", rows["id"]))
        rows = rows.with_columns(moments.alias("effective_at"))
    homes = homes_at(open_, current["owner_id"], open_.when(rows))
    return rows.with_columns(
        current["owner_id"].alias("closed_owner_id"),
        homes["team_id"].alias("closed_team_id"),
        pl.select(pl.coalesce(current["region_id"], homes["region_id"])).to_series().alias("closed_region_id"),
    )


def closing_moments(open_: Transaction, day: pl.Series, stated: pl.Series) -> pl.Series:
    """When deals closed that are entered afterwards: the end of the closing day, or now where more was stated later."""
    zone = ZoneInfo(open_.zone.key)
    ends = {value: end_of(value, zone) for value in day.unique().to_list()}
    end = day.replace_strict(ends, return_dtype=pl.Datetime("us"))
    frame = pl.DataFrame({"end": end, "stated": stated})
    late = (pl.col("end") > open_.moment) | (pl.col("stated") > pl.col("end")).fill_null(False)
    return frame.select(
        pl.when(late).then(pl.lit(open_.moment, pl.Datetime("us"))).otherwise(pl.col("end")).alias("at")
    )["at"]


def end_of(day: object, zone: ZoneInfo) -> datetime:
    """The last second of a business day as naive UTC."""
    start = datetime.combine(day, time(), zone)  # type: ignore[arg-type]
    return (start + timedelta(days=1) - timedelta(seconds=1)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def priced(open_: Transaction, verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with rate and base amount; a closed deal keeps the rate of its closing day."""
    if verb == "update":
        day = current["closed_on"].fill_null(open_.today)
        return with_base(open_, rows, current, day, current["stage_type"] != "open")
    day = value_of(rows, current, "closed_on" if verb in CLOSING else "created_on", pl.Date()).fill_null(open_.today)
    return with_base(open_, rows, current, day)


def credited(open_: Transaction, verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> list[Change]:
    """The credit rows of deals that are won by this change, or whose money changes after it."""
    if verb == "win":
        won = rows.with_columns(current["owner_id"].alias("owner_id")) if "owner_id" not in rows.columns else rows
    elif verb == "update" and "base_amount" in rows.columns:
        won = rows.with_columns(value_of(rows, current, "owner_id", pl.String())).filter(current["stage_type"] == "won")
        before = current.filter(current["stage_type"] == "won")["base_amount"]
        won = won.filter(won["base_amount"].ne_missing(before))
    else:
        return []
    empty = won.filter(pl.col("base_amount").is_null())
    if empty.height and verb == "update":
        raise Refused("deal.won_without_amount", id=empty["id"][0])
    if won.height == empty.height:
        return []  # a win without amount is refused by what the verb needs
    return credit_changes(open_, moments(open_, won))


def moments(open_: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `effective_at` filled in."""
    return rows.with_columns(open_.when(rows).alias("effective_at"))


def settle(open_: Transaction) -> list[Change]:
    """Nothing follows. Raises what the gates raise."""
    gates.settle(open_)
    return []


DERIVATION = Derivation(reads=READS, apply=derive, settle=settle)
