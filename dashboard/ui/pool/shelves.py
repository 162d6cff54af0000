"""The shelves of the pool: leads and customers that nobody owns, and whatever belongs to people who are gone."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard.actions import pool
from dashboard.actions.people import OWNED
from dashboard.domain.access import Action, Reach
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.pool import ENDED, OWNER, POOL
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.ui import contracts, deals
from dashboard.ui.orders import room as orders
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.visit import Visit

PAGE, OF, SHELF = "pool", "pool_of", "pool_shelf"
FREE, LEFT = "free", "left"
SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lead": (
        ("number", "company", "source_id", "industry_id", "region_id", "level", "need_tags", POOL, "created_on"),
        ("source_id", "industry_id", "region_id", "level", "need_tags", POOL, "created_on"),
    ),
    "customer": (
        ("number", "name", "industry_id", "region_id", "level", "need_tags", POOL, "created_on"),
        ("industry_id", "region_id", "level", "need_tags", "source_id", POOL, "created_on"),
    ),
}
"""The columns and the filters of each."""

OTHERS = {"deal": deals.ROOM, "contract": contracts.ROOM, "order": orders.ROOM}
"""What is in no pool, but needs an owner like the others when theirs is gone."""


def room_of(
    entity: str, shelf: str = FREE, where: tuple[Condition, ...] = (), taken_out: tuple[Reach, ...] = ()
) -> Room:
    """A shelf as a list of its records."""
    columns, filters = SHOWN[entity]
    if shelf == LEFT:
        columns, filters = ((*(OWNER if name == POOL else name for name in part),) for part in (columns, filters))
    return Room(
        PAGE,
        entity,
        columns,
        filters,
        Sort("updated_at", descending=True) if shelf == LEFT else Sort(WAITING),
        bulk=((OWNER,),),
        place=((OF, entity), (SHELF, shelf)),
        where=(*where, *worked_on(entity)),
        home="page.pool.title",
        taken_out=taken_out,
        waiting=longest_waiting,
    )


def longest_waiting(visit: Visit, room: Room, where: list[Condition]) -> list[str]:
    """The records that fit, those that have been in the pool the longest first."""
    key = ("pool_waiting", room.name, where)
    return visit.once(key, lambda: pool.waiting(visit.desk.store, visit.actor, room.entity, where))


def worked_on(entity: str) -> tuple[Condition, ...]:
    """Records on which somebody may still work."""
    if entity not in ENDED:
        return ()
    cycle = LIFECYCLES[entity]
    states = {state for step in cycle.transitions for state in (*step.sources, step.target)} - set(ENDED[entity])
    return (Condition(cycle.field, Operator.IN, sorted(states)),)


ROOMS: dict[str, Room] = {
    entity: room_of(
        entity,
        where=(Condition(OWNER, Operator.NULL, value=True), Condition(POOL, Operator.NULL, value=False)),
        taken_out=(Reach.POOL, Reach.ALL),
    )
    for entity in SHOWN
}
"""What can be claimed."""


def left_behind(visit: Visit, entity: str) -> Room:
    """What belongs to people who are no longer active; for whoever may give it to somebody else."""
    gone = visit.desk.store.reference("person").filter(~pl.col("active").fill_null(value=True))["id"].to_list()
    where = (Condition(OWNER, Operator.IN, gone or [""]),)
    if entity not in OTHERS:
        return room_of(entity, LEFT, where)
    return replace(
        OTHERS[entity],
        page=PAGE,
        bulk=((OWNER,),),
        tab=None,
        headline=None,
        board=None,
        alerts=(),
        place=((OF, entity), (SHELF, LEFT)),
        where=(*where, *OWNED[entity]),
    )


def readable(visit: Visit) -> list[str]:
    """The kinds of records that a person finds here: those whose pool may be read, and what may be left behind."""
    others = [entity for entity in OTHERS if gives(visit, entity)]
    return [entity for entity in (*SHOWN, *others) if visit.actor.grants(entity, Action.READ)]


def gives(visit: Visit, entity: str) -> bool:
    """Whether a person gives records to others, or looks after people and so after what they leave."""
    return bool(visit.actor.grants(entity, Action.ASSIGN) or visit.actor.grants("person", Action.UPDATE))


def named(visit: Visit, entity: str, shelf: str) -> Room:
    """A shelf."""
    return left_behind(visit, entity) if shelf == LEFT or entity in OTHERS else replace(ROOMS[entity])
