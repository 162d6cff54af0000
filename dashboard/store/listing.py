"""Pages of records as they are or as they were on a past day, with what each row hides from whoever asks.

The reach is always today's: whoever may open a record now may see what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, case, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import Entity, Field, entity_of
from dashboard.domain.fields import columns_of
from dashboard.domain.queries import Condition, Operator, Sort, named
from dashboard.errors import Invalid, Problem
from dashboard.store.engine_duckdb import frame, one_of
from dashboard.store.records import HIDDEN, SYSTEM, Reader, looked_up
from dashboard.store.schema import history_of, table_of
from dashboard.store.scope import RULE, Predicate, Scope, scope_of

ARCHIVED = "archived_at"


@dataclass(frozen=True)
class Moment:
    """A past day: what had happened by `happened`, as recorded by `known` (naive UTC; None: now)."""

    happened: datetime | None = None
    known: datetime | None = None


def end_of_day(day: date, zone: str) -> datetime:
    """The last moment of a business day, naive UTC. Raises OverflowError at the end of time."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)


@dataclass(frozen=True)
class Wanted:
    """What a page is to hold.

    search: a text that some searchable field contains; after: only ids above this one; archived: None for both kinds,
    else only archived ones or only live ones; moment: as of a past day; action: what must be allowed with each.
    """

    where: Sequence[Condition] = ()
    search: str | None = None
    sort: Sequence[Sort] = ()
    fields: Sequence[str] | None = None
    archived: bool | None = False
    after: str | None = None
    offset: int = 0
    limit: int = 50
    moment: Moment | None = None
    action: Action = Action.READ


@dataclass(frozen=True)
class Page:
    """Rows with the visible fields; hidden: field → which rows hide it, where some do and others do not.

    last: the highest id that was looked at, where the order is that of the ids; more: whether rows follow.
    """

    rows: pl.DataFrame
    hidden: dict[str, pl.Series]
    last: str | None
    more: bool


def page(reader: Reader, cursor: duckdb.DuckDBPyConnection, actor: Actor, name: str, wanted: Wanted) -> Page:
    """One page of what an actor may see.

    Raises Invalid (field.unknown, field.not_comparable, query.not_searchable).
    """
    entity = entity_of(name)
    scope, table = scope_of(actor, entity, wanted.action), table_of(entity.name)
    shown = reader.shown_fields(scope, wanted.fields)
    plain = not wanted.sort and not wanted.where and wanted.search is None
    if wanted.moment is not None and plain:  # the ids first, so that only their histories are read
        ids = frame(cursor, candidates(scope, table, wanted))["id"].to_list()
        last, more = (ids[: wanted.limit] or [None])[-1], len(ids) > wanted.limit
        source: FromClause = past(cursor, entity, wanted.moment, used(entity, shown, wanted), ids[: wanted.limit])
        found = frame(cursor, picked(reader, scope, table, source, shown, wanted).limit(wanted.limit))
        return page_of(reader, cursor, scope, shown, found, last, more)
    source = past(cursor, entity, wanted.moment, used(entity, shown, wanted)) if wanted.moment else table
    statement = picked(reader, scope, table, source, shown, wanted)
    statement = statement.limit(wanted.limit + 1).offset(wanted.offset)
    found = frame(cursor, statement) if wanted.moment else looked_up(cursor, table, statement)
    more, found = found.height > wanted.limit, found.head(wanted.limit)
    return page_of(reader, cursor, scope, shown, found, found["id"][-1] if found.height else None, more)


def one(
    reader: Reader, cursor: duckdb.DuckDBPyConnection, actor: Actor, name: str, record_id: str, moment: Moment
) -> Page:
    """One record as it was; no row where it is out of reach or was not there yet."""
    entity = entity_of(name)
    scope, table = scope_of(actor, entity), table_of(entity.name)
    shown = reader.shown_fields(scope, None)
    wanted = Wanted(archived=None, moment=moment)
    source = past(cursor, entity, moment, used(entity, shown, wanted), [record_id])
    found = frame(cursor, picked(reader, scope, table, source, shown, wanted))
    return page_of(reader, cursor, scope, shown, found, None, more=False)


def total(reader: Reader, cursor: duckdb.DuckDBPyConnection, actor: Actor, name: str, wanted: Wanted) -> int:
    """How many records all pages together hold."""
    entity = entity_of(name)
    scope, table = scope_of(actor, entity, wanted.action), table_of(entity.name)
    source: FromClause = past(cursor, entity, wanted.moment, used(entity, (), wanted)) if wanted.moment else table
    limits = [scope.rows, *filters(reader, scope, table, source, wanted)]
    return int(frame(cursor, select(func.count()).select_from(table).where(*limits)).item())


def candidates(scope: Scope, table: FromClause, wanted: Wanted) -> Select[Any]:
    """The ids of one page in their order, and one more."""
    statement = select(table.c.id).where(scope.rows)
    if wanted.after is not None:
        statement = statement.where(table.c.id > wanted.after)
    return statement.order_by(table.c.id).limit(wanted.limit + 1).offset(wanted.offset)


def picked(
    reader: Reader, scope: Scope, table: FromClause, source: FromClause, shown: Sequence[Field], wanted: Wanted
) -> Select[Any]:
    """The statement of a page, its limit aside: values from `source`, reach by `table`."""
    rules = (
        []
        if scope.uniform
        else [case((p, literal(1)), else_=0).label(RULE.format(at)) for at, (_, p) in enumerate(scope.rules)]
    )
    columns = [source.c[name] for name in SYSTEM] + [source.c[field.name] for field in shown]
    statement = select(*columns, *rules).where(scope.rows, *filters(reader, scope, table, source, wanted))
    if wanted.after is not None:
        statement = statement.where(source.c.id > wanted.after)
    return statement.order_by(*reader.order(scope, source, wanted.sort), source.c.id)


def filters(
    reader: Reader, scope: Scope, table: FromClause, source: FromClause, wanted: Wanted
) -> list[ColumnElement[bool]]:
    """What a row must fulfil besides being within reach."""
    parts = list(reader.conditions(scope, source, wanted.where))
    if source is not table:
        parts.append(source.c.id == table.c.id)
    if wanted.archived is not None:
        parts.append(source.c[ARCHIVED].is_not(None) if wanted.archived else source.c[ARCHIVED].is_(None))
    if wanted.search is not None:
        parts.append(containing(reader, scope, source, wanted.search))
    return parts


def containing(reader: Reader, scope: Scope, source: FromClause, text: str) -> Predicate:
    """Whether a searchable field that the actor sees in clear contains a text. Raises Invalid."""
    entity = scope.entity
    names = [field.name for field in searchable(entity) if scope.best(field) is Visibility.CLEAR]
    names += ["number"] if entity.number else []
    if not names:
        raise Invalid((Problem(None, "q", "query.not_searchable", {"entity": entity.name}),))
    found = [reader.condition(scope, source, Condition(name, Operator.FIND, text)) for name in names]
    return or_(*(and_(*parts) for parts in found))


def searchable(entity: Entity) -> list[Field]:
    """The fields that a search looks into."""
    return [field for field in entity.all_fields if field.searchable]


def used(entity: Entity, shown: Sequence[Field], wanted: Wanted) -> list[Field]:
    """The fields whose past values a page needs."""
    names = {field.name for field in shown}
    names |= named(wanted.where) | {item.field for item in wanted.sort}
    names |= {field.name for field in searchable(entity)} if wanted.search is not None else set()
    return [field for field in entity.all_fields if field.name in names]


def past(
    cursor: duckdb.DuckDBPyConnection,
    entity: Entity,
    moment: Moment,
    fields: Sequence[Field],
    ids: list[str] | None = None,
) -> Subquery:
    """Each record as it was: every field as the last change says that states it and had happened and was recorded.

    A history row holds the whole record after it. Where all versions up to one had happened, that row is the answer;
    only where one in between had not (it was recorded first and happened later), field by field is asked.
    """
    log = history_of(entity.name)
    limits: list[ColumnElement[bool]] = []
    if moment.happened is not None:
        limits.append(log.c.effective_at <= moment.happened)
    if moment.known is not None:
        limits.append(log.c.recorded_at <= moment.known)
    if ids is not None:
        limits.append(one_of(log.c.id, ids))
    latest, versions = func.max(log.c.version).label("latest"), func.count().label("versions")
    known = select(log.c.id, latest, versions).where(*limits).group_by(log.c.id).cte("known")
    columns = [column.name for field in fields for column in columns_of(field)]
    names = [name for name in SYSTEM if name not in ("id", ARCHIVED)]
    whole = (
        select(*(log.c[name] for name in ("id", *names, ARCHIVED, *columns)))
        .join(known, and_(known.c.id == log.c.id, known.c.latest == log.c.version))
        .where(known.c.latest == known.c.versions)
    )

    broken = select(known.c.id).where(known.c.latest != known.c.versions)
    if frame(cursor, broken.limit(1)).is_empty():
        return whole.subquery()

    def stated(column: str, by: str) -> ColumnElement[Any]:
        stating = or_(log.c.changed == "*", log.c.changed.contains(f",{by},", autoescape=True))
        order = aggregate_order_by(log.c[column], log.c.effective_at.desc(), log.c.version.desc())
        return func.array_agg(order).filter(stating)[1].label(column)

    same = [func.max(log.c[name]).label(name) for name in names]
    values = [stated(column.name, field.name) for field in fields for column in columns_of(field)]
    pieced = select(log.c.id, *same, stated(ARCHIVED, ARCHIVED), *values).where(*limits, log.c.id.in_(broken))
    return union_all(whole, pieced.group_by(log.c.id)).subquery()


def page_of(
    reader: Reader,
    cursor: duckdb.DuckDBPyConnection,
    scope: Scope,
    shown: tuple[Field, ...],
    found: pl.DataFrame,
    last: str | None,
    more: bool,
) -> Page:
    """What was found, decrypted, masked and with what is hidden where."""
    hidden: dict[str, pl.Series] = {}
    if not scope.uniform:
        for field in shown:
            away = reader.level(scope, field, found) == HIDDEN
            if away.any():
                hidden[field.name] = away
    return Page(reader.show(cursor, scope, shown, found), hidden, last, more)
