"""What waits for a person today, in groups, the most pressing first.

Deals and tasks that are overdue or due, deals without next step or too long in a stage, contracts about to end. Read
with conditions and limits; a group that is longer than what is shown says how long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.domain.access import Action, Actor
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.store import Store

NOTICE_DAYS = 60
"""How long before its end a contract is listed that does not say so itself."""

LONGEST_NOTICE_DAYS = 180
MOST_CONTRACTS = 500
DEAL_FIELDS = ("name", "customer_id", "next_step", "next_step_on", "stage_id", "stage_since", "base_amount")
TASK_FIELDS = ("title", "customer_id", "deal_id", "due_on")
CONTRACT_FIELDS = ("name", "customer_id", "deal_id", "ends_on", "renewal_notice_days", "base_amount")


class Group(StrEnum):
    """Why something waits, the most pressing first."""

    OVERDUE = "overdue"
    TODAY = "today"
    NO_STEP = "no_step"
    STALE = "stale"
    ENDING = "ending"


@dataclass(frozen=True)
class Item:
    """One thing that waits. text: the next step of a deal; days: in the stage, and limit: how many are usual there."""

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


@dataclass(frozen=True)
class Part:
    """One group: the first of its items, and how many there are."""

    group: Group
    items: tuple[Item, ...]
    n: int


@dataclass(frozen=True)
class Asking:
    """Whose agenda it is, who looks at it, on which day."""

    store: Store
    actor: Actor
    person_id: str
    today: date
    action: Action = Action.READ
    limits: Mapping[str, int] = field(default_factory=dict)  # stage → days that are usual in it

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.store.company.zone)

    def start_of(self, day: date) -> datetime:
        """The first moment of a business day, naive UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC).replace(tzinfo=None)

    def day_of(self, moment: datetime) -> date:
        """The business day of a naive UTC moment."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()


def agenda(
    store: Store, actor: Actor, person_id: str, today: date, shown: Mapping[Group, int], action: Action = Action.READ
) -> tuple[Part, ...]:
    """The groups of a person's agenda that hold anything, as far as the actor may see them.

    shown: how many items of each group are wanted.
    """
    stages = store.reference("stage").select("id", "stale_days")
    asking = Asking(store, actor, person_id, today, action, dict(stages.drop_nulls("stale_days").iter_rows()))
    parts = [read(asking, shown[group]) for group, read in READERS.items()]
    return tuple(part for part in parts if part.n)


def overdue(asking: Asking, wanted: int) -> Part:
    """Deals and tasks whose day has passed, the longest overdue first."""
    return dated(asking, Group.OVERDUE, Operator.LT, wanted)


def due(asking: Asking, wanted: int) -> Part:
    """Deals and tasks of today."""
    return dated(asking, Group.TODAY, Operator.EQ, wanted)


def dated(asking: Asking, group: Group, compare: Operator, wanted: int) -> Part:
    """Deals by the day of their next step, and tasks by the day they are due."""
    deals, of_deals = read_deals(
        asking, [Condition("next_step_on", compare, asking.today)], Sort("next_step_on"), wanted
    )
    tasks, of_tasks = read_tasks(asking, [Condition("due_on", compare, asking.today)], wanted)
    items = sorted((*deals, *tasks), key=lambda item: (item.due_on or asking.today, -(item.amount or 0)))
    return Part(group, tuple(items[:wanted]), of_deals + of_tasks)


def without_step(asking: Asking, wanted: int) -> Part:
    """Deals for which no day was set, the largest first."""
    where = [Condition("next_step_on", Operator.NULL, value=True)]
    items, count = read_deals(asking, where, Sort("base_amount", descending=True), wanted)
    return Part(Group.NO_STEP, tuple(items), count)


def stale(asking: Asking, wanted: int) -> Part:
    """Deals with a step ahead that are longer in their stage than is usual there, the longest over it first."""
    found: list[Item] = []
    count = 0
    for limit in sorted(set(asking.limits.values())):
        where = [
            Condition("next_step_on", Operator.GT, asking.today),
            Condition("stage_id", Operator.IN, [stage for stage, days in asking.limits.items() if days == limit]),
            Condition("stage_since", Operator.LT, asking.start_of(asking.today - timedelta(days=limit))),
        ]
        items, more = read_deals(asking, where, Sort("stage_since"), wanted)
        found += items
        count += more
    found.sort(key=lambda item: (item.limit or 0) - (item.days or 0))
    return Part(Group.STALE, tuple(found[:wanted]), count)


def ending(asking: Asking, wanted: int) -> Part:
    """Signed contracts whose end is nearer than their own notice, the nearest first."""
    if not asking.actor.grants("contract", asking.action):
        return Part(Group.ENDING, (), 0)
    where = [
        Condition("owner_id", Operator.EQ, asking.person_id),
        Condition("step", Operator.EQ, "signed"),
        Condition("ends_on", Operator.GE, asking.today),
        Condition("ends_on", Operator.LE, asking.today + timedelta(days=LONGEST_NOTICE_DAYS)),
    ]
    rows = find(asking, "contract", where, Sort("ends_on"), MOST_CONTRACTS, CONTRACT_FIELDS)
    near = [row for row in rows if (row["ends_on"] - asking.today).days <= (row["renewal_notice_days"] or NOTICE_DAYS)]
    items = [
        Item(
            "contract",
            row["id"],
            row["version"],
            row["name"],
            row["customer_id"],
            due_on=row["ends_on"],
            amount=row["base_amount"],
        )
        for row in near[:wanted]
    ]
    return Part(Group.ENDING, tuple(items), len(near))


READERS = {
    Group.OVERDUE: overdue,
    Group.TODAY: due,
    Group.NO_STEP: without_step,
    Group.STALE: stale,
    Group.ENDING: ending,
}


def read_deals(asking: Asking, where: Sequence[Condition], sort: Sort, wanted: int) -> tuple[list[Item], int]:
    """The first open deals of the person that fit, and how many fit."""
    limits = [
        Condition("owner_id", Operator.EQ, asking.person_id),
        Condition("stage_type", Operator.EQ, "open"),
        *where,
    ]
    rows = find(asking, "deal", limits, sort, wanted, DEAL_FIELDS)
    return [deal_item(asking, row) for row in rows], counted(asking, "deal", limits, len(rows), wanted)


def deal_item(asking: Asking, row: Mapping[str, Any]) -> Item:
    """A deal that waits."""
    since = row["stage_since"]
    return Item(
        "deal",
        row["id"],
        row["version"],
        row["name"],
        row["customer_id"],
        due_on=row["next_step_on"],
        text=row["next_step"],
        stage_id=row["stage_id"],
        days=None if since is None else (asking.today - asking.day_of(since)).days,
        limit=asking.limits.get(row["stage_id"]),
        amount=row["base_amount"],
    )


def read_tasks(asking: Asking, where: Sequence[Condition], wanted: int) -> tuple[list[Item], int]:
    """The first open tasks of the person that fit, and how many fit."""
    if not asking.actor.grants("task", asking.action):
        return [], 0
    limits = [
        Condition("assignee_id", Operator.EQ, asking.person_id),
        Condition("status", Operator.EQ, "open"),
        *where,
    ]
    rows = find(asking, "task", limits, Sort("due_on"), wanted, TASK_FIELDS)
    items = [
        Item("task", row["id"], row["version"], row["title"], row["customer_id"], due_on=row["due_on"]) for row in rows
    ]
    return items, counted(asking, "task", limits, len(rows), wanted)


def find(
    asking: Asking, entity: str, where: Sequence[Condition], sort: Sort, limit: int, fields: Sequence[str]
) -> list[dict[str, Any]]:
    """The first records that fit."""
    return asking.store.find(
        asking.actor, entity, where, sort=[sort], limit=limit, fields=fields, action=asking.action
    ).to_dicts()


def counted(asking: Asking, entity: str, where: Sequence[Condition], found: int, wanted: int) -> int:
    """How many records fit; asked only where there may be more than were read."""
    return found if found < wanted else asking.store.count(asking.actor, entity, where)
