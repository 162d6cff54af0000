"""What waits for a person today, in groups, the most pressing first.

Next steps, tasks, duties of contracts, deliveries and payments that are overdue or due, deals without next step or too
long in a stage, contracts about to end, customers who usually order more often. One read for each kind of record: of
the person's own open ones, and of tasks and leads those whose day is near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import polars as pl

from dashboard.domain import standings
from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, STEP, followed
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.seeing import seen
from dashboard.store import Store

NOTICE_DAYS = 60
"""How long before its end a contract is listed that does not say so itself."""

LONGEST_NOTICE_DAYS = 180
LAPSE_DAYS = 7
"""How long before the last day on which it can be signed a contract is listed."""

LEAST_ORDERS, LATE_AFTER = 3, 1.5
"""A customer is past the usual interval after so many order days, and so many times the median between two of them."""
COLUMNS: dict[str, pl.DataType] = {
    "entity": pl.String(),
    "id": pl.String(),
    "version": pl.Int64(),
    "name": pl.String(),
    "customer_id": pl.String(),
    "due_on": pl.Date(),
    "text": pl.String(),
    "stage_id": pl.String(),
    "days": pl.Int64(),
    "limit": pl.Int64(),
    "amount": pl.Decimal(18, 4),
    "contract_id": pl.String(),
}
SCHEMA = {"group": pl.String(), **COLUMNS}
"""Of every row of an agenda."""

DEAL_FIELDS = (
    "name",
    "customer_id",
    "next_step",
    "next_step_on",
    "stage_id",
    "stage_since",
    "expected_close_on",
    "probability",
    "base_amount",
)
TASK_FIELDS = ("title", "customer_id", "deal_id", "due_on")
LEAD_FIELDS = ("company", STEP, DAY)
CUSTOMER_FIELDS = ("name", STEP, DAY)
PART_FIELDS = ("contract_id", "label", "due_on", "amount", "paid")
LATE_FIELDS, DUTY_FIELDS = ("customer_id", "promised_on", "base_amount"), ("name", "due_on", "contract_id")
PROMISED = {"number": "title", "promised_on": "due_on", "base_amount": "amount"}
"""What is dated like a task, under the names that tasks have."""

SIGNED = (pl.col("step") == standings.SIGNED.value) & pl.col("amended_on").is_null()
ORDER_FIELDS = ("customer_id", "ordered_on")
CONTRACT_FIELDS = (
    "name",
    "customer_id",
    "deal_id",
    "ends_on",
    "valid_until",
    "renewal_notice_days",
    "base_amount",
    "rate",
    "step",
    "amended_on",
    STEP,
    DAY,
)


class Group(StrEnum):
    """Why something waits, the most pressing first."""

    OVERDUE = "overdue"
    TODAY = "today"
    NO_STEP = "no_step"
    STALE = "stale"
    ENDING = "ending"
    LAPSING = "lapsing"
    REORDER = "reorder"


@dataclass(frozen=True)
class Item:
    """One thing that waits. text: the next step of a deal; days: in the stage or since the last order, and limit:
    how many are usual there; contract_id: of a planned payment."""

    entity: str
    id: str
    version: int
    name: str
    customer_id: str | None
    due_on: date | None = None
    text: str | None = None
    stage_id: str | None = None
    days: int | None = None
    limit: int | None = None
    amount: Decimal | None = None
    contract_id: str | None = None


@dataclass(frozen=True)
class Part:
    """One group: the first of its items, and how many there are."""

    group: Group
    items: tuple[Item, ...]
    n: int


def agenda(
    store: Store, actor: Actor, person_id: str, today: date, shown: Mapping[Group, int], action: Action = Action.READ
) -> tuple[Part, ...]:
    """The groups of a person's agenda that hold anything, as far as the actor may see them.

    shown: how many items of each group are wanted; action: the right that every row needs.
    """

    def mine(entity: str, owner: str, where: Sequence[Condition], fields: Sequence[str]) -> pl.DataFrame:
        return own(store, actor, action, entity, owner, person_id, where, fields)

    deals = graded(open_deals(store, actor, person_id, action), store, today)
    leads = mine("lead", "owner_id", [*followed("lead"), Condition(DAY, Operator.LE, today)], LEAD_FIELDS)
    contracts = mine("contract", "owner_id", followed("contract"), CONTRACT_FIELDS)
    customers = mine("customer", "owner_id", followed("customer"), CUSTOMER_FIELDS)
    steps = [stepped(frame, today) for frame in (leads, contracts, customers)]
    due = [Condition("status", Operator.EQ, "open"), Condition("due_on", Operator.LE, today)]
    tasks = dated(mine("task", "assignee_id", due, TASK_FIELDS), today)
    over_soon, lapse_soon = ending(contracts, today), lapsing(contracts, today)
    overdue = standings.conditions("order", "late", today)
    promised = dated(mine("order", "owner_id", overdue, LATE_FIELDS).rename(PROMISED, strict=False), today)
    open_ = [Condition("done_on", Operator.NULL, value=True), Condition("due_on", Operator.LE, today)]
    duties = bound(store, actor, action, mine("obligation", "owner_id", open_, DUTY_FIELDS), contracts, today)
    planned = owed(store, actor, action, person_id, contracts, today)
    late = quiet(customers, placed(store, actor, action, person_id, customers, today), today)
    near = (over_soon, lapse_soon, late)
    found = [deals, tasks, promised, duties, planned, *steps, *(not_among(steps, rows) for rows in near)]
    lines = pl.concat([pl.DataFrame(schema=SCHEMA), *found], how="diagonal_relaxed")
    parts = [part_of(lines, group, shown[group]) for group in Group]
    return tuple(part for part in parts if part.n)


def own(
    store: Store,
    actor: Actor,
    action: Action,
    entity: str,
    owner: str,
    person_id: str,
    where: Sequence[Condition],
    fields: Sequence[str],
) -> pl.DataFrame:
    """The records of a person that fit, with `entity`; none where the actor lacks the right to the entity at all."""
    if not actor.grants(entity, action):
        return pl.DataFrame(schema={"entity": pl.String})
    mine = [Condition(owner, Operator.EQ, person_id), *where]
    found = store.find(actor, entity, mine, fields=fields, action=action)
    return found.with_columns(entity=pl.lit(entity))


def open_deals(store: Store, actor: Actor, person_id: str, action: Action = Action.READ) -> pl.DataFrame:
    """The deals of a person that are still open: system columns, `entity` and DEAL_FIELDS."""
    return own(store, actor, action, "deal", "owner_id", person_id, followed("deal"), DEAL_FIELDS)


def parts_of(actor: Actor, field: str, person_id: str, wholes: pl.DataFrame) -> Condition:
    """Where a record is a part of one of these, all of which belong to the person: one's own are known by that."""
    if person_id == actor.person_id:
        return Condition(field, Operator.OWNED, person_id)
    return Condition(field, Operator.IN, wholes["id"].to_list())


def graded(deals: pl.DataFrame, store: Store, today: date) -> pl.DataFrame:
    """Open deals with their group, those without one left out: a day that passed, is today or is missing, or a stage
    that holds them longer than is usual there."""
    if deals.is_empty():
        return pl.DataFrame()
    usual = store.reference("stage").select(stage_id="id", limit="stale_days")
    since = pl.col("stage_since").dt.replace_time_zone("UTC").dt.convert_time_zone(store.company.zone).dt.date()
    day = pl.col("next_step_on")
    group = (
        pl.when(day < today).then(pl.lit(Group.OVERDUE))
        .when(day == today).then(pl.lit(Group.TODAY))
        .when(day.is_null()).then(pl.lit(Group.NO_STEP))
        .when(pl.col("days") > pl.col("limit")).then(pl.lit(Group.STALE))
    )  # fmt: skip
    known = deals.join(usual, on="stage_id", how="left").with_columns(days=(pl.lit(today) - since).dt.total_days())
    named = known.with_columns(group=group, due_on=day, text="next_step", amount="base_amount")
    return named.filter(pl.col("group").is_not_null()).select(name for name in SCHEMA if name in named.columns)


def not_among(steps: Sequence[pl.DataFrame], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of records that do not wait for their next step already."""
    known = pl.concat(
        [pl.DataFrame(schema={"id": pl.String}), *(frame.select("id") for frame in steps if frame.height)]
    )
    return rows if rows.is_empty() else rows.join(known, on="id", how="anti")


def dated(tasks: pl.DataFrame, today: date) -> pl.DataFrame:
    """Open tasks, late deliveries and duties with their group."""
    if tasks.is_empty():
        return pl.DataFrame()
    group = pl.when(pl.col("due_on") < today).then(pl.lit(Group.OVERDUE)).otherwise(pl.lit(Group.TODAY))
    more = [name for name in ("customer_id", "amount", "contract_id") if name in tasks.columns]
    return tasks.select("entity", "id", "version", *more, "due_on", name="title", group=group)


def bound(
    store: Store, actor: Actor, action: Action, duties: pl.DataFrame, contracts: pl.DataFrame, today: date
) -> pl.DataFrame:
    """Duties under the name and the customer of their contract, be it the person's own or not; those of one that ended
    early or was replaced wait for nobody."""
    if duties.is_empty() or not {"contract_id", "name", "due_on"} <= set(duties.columns):
        return pl.DataFrame()
    fields = ("name", "customer_id")
    known, others = [], set(duties["contract_id"])
    if contracts.height:
        known.append(contracts.filter(pl.col("amended_on").is_null()).select("id", *fields))
        others -= set(contracts["id"])
    if others:
        where = [Condition("id", Operator.IN, sorted(others)), *standings.BINDING]
        known.append(store.find(actor, "contract", where, fields=fields, action=action).select("id", *fields))
    rows = duties.join(pl.concat(known).rename({"id": "contract_id", "name": "contract"}), on="contract_id")
    parts = [name for name in ("contract", "name") if name in rows.columns]
    return dated(rows.with_columns(title=pl.concat_str(parts, separator=" · ", ignore_nulls=True)), today)


def owed(
    store: Store, actor: Actor, action: Action, person_id: str, contracts: pl.DataFrame, today: date
) -> pl.DataFrame:
    """What of the payment plans of contracts has not come although its day is today or passed, in the company's
    currency; nothing for whoever may not see amounts."""
    fields = seen(actor, entity_of("payment_plan"), action)
    if contracts.is_empty() or not {*PART_FIELDS, "state"} <= fields.keys():
        return pl.DataFrame()
    signed = contracts.filter(SIGNED).select("name", "customer_id", "rate", contract_id="id")
    of_these = parts_of(actor, "contract_id", person_id, contracts)
    where = [of_these, standings.UNPAID, Condition("due_on", Operator.LE, today)]
    parts = store.find(actor, "payment_plan", where, fields=PART_FIELDS, action=action)
    rows = parts.join(signed, on="contract_id")
    missing, rate = pl.col("amount") - pl.col("paid").fill_null(0), pl.col("rate").cast(pl.Float64)
    title = pl.concat_str("name", "label", separator=" · ", ignore_nulls=True)
    amount = (missing.cast(pl.Float64) * rate).round(2).cast(pl.Decimal(18, 4))
    return dated(rows.with_columns(entity=pl.lit("payment_plan"), title=title, amount=amount), today)


def stepped(records: pl.DataFrame, today: date) -> pl.DataFrame:
    """Records with a next step whose day has passed or is today, with their group."""
    if records.is_empty() or DAY not in records.columns:
        return pl.DataFrame()
    due = records.rename({"company": "name"}, strict=False).filter(pl.col(DAY) <= today)
    group = pl.when(pl.col(DAY) < today).then(pl.lit(Group.OVERDUE)).otherwise(pl.lit(Group.TODAY))
    columns = ["entity", "id", "version", "name", *(name for name in ("customer_id",) if name in due.columns)]
    amount = [pl.col("base_amount").alias("amount")] if "base_amount" in due.columns else []
    return due.select(*columns, *amount, due_on=DAY, text=STEP, group=group)


def ending(contracts: pl.DataFrame, today: date) -> pl.DataFrame:
    """Signed contracts whose end is nearer than their own notice."""
    if contracts.is_empty():
        return pl.DataFrame()
    notice = pl.col("renewal_notice_days").fill_null(NOTICE_DAYS).clip(upper_bound=LONGEST_NOTICE_DAYS)
    left = (pl.col("ends_on") - pl.lit(today)).dt.total_days()
    near = contracts.filter(SIGNED & left.is_between(0, notice))
    kept = near.select("entity", "id", "version", "name", "customer_id", due_on="ends_on", amount="base_amount")
    return kept.with_columns(group=pl.lit(Group.ENDING))


def lapsing(contracts: pl.DataFrame, today: date) -> pl.DataFrame:
    """Contracts that can be signed for a few days only."""
    if contracts.is_empty():
        return pl.DataFrame()
    columns = ("entity", "id", "version", "name", "customer_id")
    soon = pl.col("valid_until").is_between(today, today + timedelta(days=LAPSE_DAYS))
    kept = contracts.filter(pl.col("step").is_in(standings.UNSIGNED) & soon).select(
        *columns, due_on="valid_until", amount="base_amount"
    )
    return kept.with_columns(group=pl.lit(Group.LAPSING))


def placed(
    store: Store, actor: Actor, action: Action, person_id: str, customers: pl.DataFrame, today: date
) -> pl.DataFrame:
    """The days on which customers ordered, once each; drafts and cancelled orders are none."""
    if customers.is_empty() or not actor.grants("order", action):
        return pl.DataFrame()
    where = [
        parts_of(actor, "customer_id", person_id, customers),
        Condition("status", Operator.IN, ["confirmed", "closed"]),
        Condition("ordered_on", Operator.LE, today),
    ]
    return store.find(actor, "order", where, fields=ORDER_FIELDS, action=action).select(ORDER_FIELDS).unique()


def quiet(customers: pl.DataFrame, orders: pl.DataFrame, today: date) -> pl.DataFrame:
    """Customers whose last order is longer ago than is usual between two of theirs."""
    if orders.is_empty():
        return pl.DataFrame()
    day = pl.col("ordered_on")
    usual = (
        orders.sort("customer_id", "ordered_on")
        .group_by("customer_id")
        .agg(
            n=pl.len(),
            usual=day.diff().dt.total_days().median(),
            days=(pl.lit(today) - day.last()).dt.total_days(),
        )
        .filter(pl.col("n") >= LEAST_ORDERS, pl.col("days") > LATE_AFTER * pl.col("usual"))
    )
    found = customers.join(usual, left_on="id", right_on="customer_id")
    limit = pl.col("usual").round(mode="half_away_from_zero").cast(pl.Int64)
    shown = found.select("entity", "id", "version", "name", "days", customer_id="id", limit=limit)
    return shown.with_columns(group=pl.lit(Group.REORDER))


ORDER: dict[Group, tuple[pl.Expr, ...]] = {
    Group.NO_STEP: (-pl.col("amount"),),
    Group.STALE: (pl.col("limit") - pl.col("days"),),
    Group.REORDER: (pl.col("limit") / pl.col("days"),),
}
"""The order within a group; usually by day, the larger amount first."""

BY_DAY = (pl.col("due_on"), -pl.col("amount"))


def part_of(lines: pl.DataFrame, group: Group, wanted: int) -> Part:
    """One group, in order."""
    rows = lines.filter(pl.col("group") == group)
    first = rows.sort(*ORDER.get(group, BY_DAY), "id", nulls_last=True).head(wanted)
    items = [Item(**row) for row in first.select(COLUMNS.keys()).iter_rows(named=True)]
    return Part(group, tuple(items), rows.height)
