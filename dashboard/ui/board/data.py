"""What the board shows: per stage how many deals, how much, how much weighted, and the first cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from dashboard.domain.labels import stored_text
from dashboard.domain.metrics import Unit
from dashboard.domain.periods import quarter_of
from dashboard.domain.quantities import Scale
from dashboard.domain.queries import Condition, Operator, Sort, any_of
from dashboard.i18n import Language, near_day, number
from dashboard.store import listing
from dashboard.store.listing import Wanted
from dashboard.store.totals import totals
from dashboard.ui.lists import address
from dashboard.ui.lists.address import Asked
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

MOST = 60
MOST_CLOSED = 30
AT_ONCE = 1_000  # cards that are read with one statement
AMOUNT = "base_amount"
FIELDS = ("name", "customer_id", "owner_id", "stage_id", "stage_since", AMOUNT, "next_step", "next_step_on")
STALE_WITHOUT_LIMIT = 30  # days, for a stage that has no limit of its own


class Sum(NamedTuple):
    """What the deals of a column come to."""

    n: int
    amount: Decimal
    weighted: Decimal


NOTHING = Sum(0, Decimal(0), Decimal(0))


def shown(visit: Visit, room: Room, asked: Asked) -> list[Condition]:
    """Which deals the board shows: the open ones, and those that were closed in the quarter."""
    since = quarter_of(asked.as_of or visit.today).since
    running, closed = Condition("stage_type", Operator.EQ, "open"), Condition("closed_on", Operator.GE, since)
    return [*address.conditions(visit, room, asked, tab=False), any_of(running, closed)]


def columns(visit: Visit, room: Room, asked: Asked) -> list[dict[str, Any]]:
    """The columns in the order of the way, each with its sums and cards, as they are or were on a past day."""
    where = address.conditions(visit, room, asked, tab=False)
    told = ("board", room.name, where, asked.archived, asked.as_of)
    return visit.once(told, lambda: columns_of(visit, room, asked, where))


def columns_of(visit: Visit, room: Room, asked: Asked, where: list[Condition]) -> list[dict[str, Any]]:
    """The columns of the deals that fit."""
    sums = sums_by_stage(visit, room, asked, [*where, Condition("stage_type", Operator.EQ, "open")])
    period = quarter_of(asked.as_of or visit.today)
    closed = [Condition("closed_on", Operator.GE, period.since), Condition("closed_on", Operator.LT, period.until)]
    sums |= sums_by_stage(visit, room, asked, [*where, *closed])
    stages = shown_stages(visit, sums)
    ways = {is_open: [stage for stage in stages if (stage["type"] == "open") is is_open] for is_open in (True, False)}
    frames = cards(visit, room, asked, ways[True], where, sums)
    frames |= cards(visit, room, asked, ways[False], [*where, *closed], sums)
    names = names_of(visit, list(frames.values()))
    return [column(visit, asked, stage, sums.get(stage["id"], NOTHING), frames[stage["id"]], names) for stage in stages]


def shown_stages(visit: Visit, sums: dict[str, Sum]) -> list[dict[str, Any]]:
    """The stages in use, and those that still hold deals; closed ones last."""
    rows = visit.desk.store.reference("stage").sort("rank", "id", nulls_last=True).to_dicts()
    used = [row for row in rows if row["active"] is not False or row["id"] in sums]
    return sorted(used, key=lambda row: ("open", "won", "lost").index(row["type"]))


def sums_by_stage(visit: Visit, room: Room, asked: Asked, where: Sequence[Condition]) -> dict[str, Sum]:
    """The sums of all deals, also of those whose cards are not shown, as of the day that they are seen from."""
    keys = ("stage_id", "probability")
    moment = asked.moment(visit.desk.store.company.zone)
    found = totals(
        visit.desk.store, visit.actor, room.entity, keys, (AMOUNT,), where, archived=asked.archived, moment=moment
    )
    usual = dict(visit.desk.store.reference("stage").select("id", "probability").iter_rows())
    sums: dict[str, Sum] = {}
    for row in found.to_dicts():
        amount = row[AMOUNT] or Decimal(0)
        own = row["probability"] if row["probability"] is not None else usual.get(row["stage_id"])
        before = sums.get(row["stage_id"], NOTHING)
        weighted = before.weighted + amount * (own or Decimal(0))
        sums[row["stage_id"]] = Sum(before.n + row["n"], before.amount + amount, weighted)
    return sums


def cards(
    visit: Visit,
    room: Room,
    asked: Asked,
    stages: Sequence[dict[str, Any]],
    where: Sequence[Condition],
    sums: dict[str, Sum],
) -> dict[str, pl.DataFrame]:
    """The first deals of each column: those with the nearest next step, of closed ones the latest.

    Few enough are read at once, else column by column.
    """
    is_open = all(stage["type"] == "open" for stage in stages)
    most = MOST if is_open else MOST_CLOSED
    sort = Sort("next_step_on") if is_open else Sort("closed_on", descending=True)

    store, moment = visit.desk.store, asked.moment(visit.desk.store.company.zone)

    def read(ids: list[str], limit: int) -> pl.DataFrame:
        limits = [*where, Condition("stage_id", Operator.IN, ids)]
        if moment is None:
            return store.find(
                visit.actor, room.entity, limits, sort=[sort], limit=limit, fields=FIELDS, archived=asked.archived
            )
        wanted = Wanted(limits, sort=[sort], fields=FIELDS, archived=asked.archived, limit=limit, moment=moment)
        with store.reading() as cursor:
            return listing.page(store.reader, cursor, visit.actor, room.entity, wanted).rows

    ids = [stage["id"] for stage in stages]
    filled = [key for key in ids if key in sums]
    if sum(sums[key].n for key in filled) <= AT_ONCE:
        whole = read(filled, AT_ONCE) if filled else pl.DataFrame(schema={"stage_id": pl.String})
        return {key: whole.filter(pl.col("stage_id") == key).head(most) for key in ids}
    return {key: read([key], most) for key in ids}


def names_of(visit: Visit, frames: Sequence[pl.DataFrame]) -> dict[str, str]:
    """Customers and owners of all cards, one look-up each."""
    found: dict[str, str] = {}
    for target, field in (("customer", "customer_id"), ("person", "owner_id")):
        ids = {value for frame in frames if frame.height for value in frame[field].drop_nulls()}
        found |= visit.names(target, sorted(ids))
    return found


def column(
    visit: Visit, asked: Asked, stage: dict[str, Any], sums: Sum, frame: pl.DataFrame, names: dict[str, str]
) -> dict[str, Any]:
    """One column as the browser draws it."""
    money, label = visit.scale_of(Unit.MONEY), str(stage[f"label_{visit.language}"])
    facts = [visit.text("board.sum", amount=money.text(sums.amount))]
    if stage["type"] == "open":
        facts.append(visit.text("board.weighted", amount=money.text(sums.weighted)))
    else:
        facts.append(visit.text("board.that_quarter" if asked.as_of else "board.this_quarter"))
    rest = sums.n - frame.height
    return {
        "id": stage["id"],
        "type": stage["type"],
        "label": label,
        "count": number(sums.n, visit.language),
        "facts": facts,
        "more": visit.text("board.more", n=rest) if rest > 0 else "",
        "cards": [card(visit, asked, stage, row, names) for row in frame.to_dicts()],
    }


def card(
    visit: Visit, asked: Asked, stage: dict[str, Any], row: dict[str, Any], names: dict[str, str]
) -> dict[str, Any]:
    """One card as the browser draws it."""
    today = asked.as_of or visit.today
    is_open, due = stage["type"] == "open", row["next_step_on"]
    since = row["stage_since"]
    days = max((today - visit.desk.store.company.day_of(since)).days, 0) if since else None
    amount = row[AMOUNT]
    late = bool(is_open and due and due < today)
    words = stored_text(row["next_step"], visit.language)
    step = " · ".join(part for part in (words, day_text(due, today, visit.language) if due else None) if part)
    limit = stage["stale_days"] or STALE_WITHOUT_LIMIT
    return {
        "id": row["id"],
        "version": row["version"],
        "title": names.get(row["customer_id"], row["name"]),
        "name": row["name"] if row["customer_id"] in names else "",
        "owner": names.get(row["owner_id"], ""),
        "amount": (
            money_text(visit.scale_of(Unit.MONEY), amount) if amount is not None else visit.text("board.no_amount")
        ),
        "step": step if is_open else "",
        "late": late,
        "late_text": visit.text("board.late") if late else "",
        "days": visit.text("quantity.days", n=days) if is_open and days is not None else "",
        "stale": bool(is_open and days is not None and days > limit),
    }


@lru_cache(maxsize=20_000)
def money_text(scale: Scale, amount: Decimal) -> str:
    """An amount for a card; a board is drawn anew after each move, and writing its numbers costs more than reading."""
    return scale.text(amount)


@lru_cache(maxsize=5_000)
def day_text(day: dt.date, today: dt.date, language: Language) -> str:
    """A day for a card."""
    return near_day(day, today, language)
