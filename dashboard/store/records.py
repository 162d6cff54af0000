"""Reading records through the read scope: lists, counts, single records, ids for metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import ColumnElement, FromClause, Select, and_, case, false, func, or_, select

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import Entity, Field, entity_of
from dashboard.domain.fields import SYSTEM_COLUMNS, Kind
from dashboard.domain.queries import Condition, Operator, Sort, masked
from dashboard.domain.validation import cast
from dashboard.errors import Invalid, NotFound, Problem
from dashboard.store import crypto
from dashboard.store.engine_duckdb import frame, one_of
from dashboard.store.few import row_within
from dashboard.store.names import heard
from dashboard.store.schema import table_of
from dashboard.store.scope import ORDER, RULE, Mine, Predicate, Scope, parents_about, scope_of
from dashboard.store.subjects import Subjects, decrypt

SYSTEM = tuple(column.name for column in SYSTEM_COLUMNS)
IDENTITY = ("id", "revision")
MOST_LOOKED_UP = 500
"""Rows up to which it is quicker to look each one up than to carry all columns through the joins."""
HIDDEN = len(ORDER) - 1
COMPARE: dict[Operator, Any] = {
    Operator.EQ: lambda column, value: column == value,
    Operator.NE: lambda column, value: column.is_distinct_from(value),
    Operator.LT: lambda column, value: column < value,
    Operator.LE: lambda column, value: column <= value,
    Operator.GT: lambda column, value: column > value,
    Operator.GE: lambda column, value: column >= value,
    Operator.IN: lambda column, value: one_of(column, list(value)),
    Operator.LIKE: lambda column, value: column.icontains(str(value), autoescape=True),
    Operator.FIND: lambda column, value: column.icontains(str(value), autoescape=True),
    Operator.NULL: lambda column, value: column.is_(None) if value else column.is_not(None),
}
MASKABLE = (Kind.TEXT, Kind.PHONE, Kind.EMAIL)
HASHED = (Operator.EQ, Operator.IN, Operator.NULL)


class Reader:
    """Reads for actors. One instance a store; a cursor for each call."""

    def __init__(self, subjects: Subjects, index_key: bytes) -> None:
        self.subjects = subjects
        self.index_key = index_key

    def find(
        self,
        cursor: duckdb.DuckDBPyConnection,
        actor: Actor,
        name: str,
        where: Sequence[Condition] = (),
        *,
        sort: Sequence[Sort] = (),
        limit: int | None = None,
        offset: int = 0,
        fields: Sequence[str] | None = None,
        archived: bool = False,
        action: Action = Action.READ,
    ) -> pl.DataFrame:
        """The records an actor may see: system columns, then the visible fields; hidden values are null or absent.

        Raises Invalid (field.unknown, field.not_comparable) for a field that does not exist for the actor.
        """
        entity = entity_of(name)
        scope, table = scope_of(actor, entity, action, naming(actor, where)).judged
        shown = self.shown_fields(scope, fields)
        statement = self.selection(scope, table, shown).where(*self.conditions(scope, table, where))
        if not archived:
            statement = statement.where(table.c.archived_at.is_(None))
        statement = statement.order_by(*self.order(scope, table, sort), table.c.id)
        if offset:
            statement = statement.offset(offset)
        if limit is None or limit > MOST_LOOKED_UP:
            found = frame(cursor, statement.limit(limit))
        else:
            found = looked_up(cursor, table_of(entity.name), statement.limit(limit))
        return self.show(cursor, scope, shown, found)

    def count(
        self,
        cursor: duckdb.DuckDBPyConnection,
        actor: Actor,
        name: str,
        where: Sequence[Condition] = (),
        archived: bool = False,
    ) -> int:
        """How many records `find` would list."""
        scope, table = scope_of(actor, entity_of(name), mine=naming(actor, where)).judged
        statement = select(func.count()).select_from(table).where(scope.rows, *self.conditions(scope, table, where))
        if not archived:
            statement = statement.where(table.c.archived_at.is_(None))
        return int(frame(cursor, statement).item())

    def get(self, cursor: duckdb.DuckDBPyConnection, actor: Actor, name: str, record_id: str) -> dict[str, Any]:
        """One record with the fields the actor may see; hidden ones are absent. Raises NotFound."""
        entity = entity_of(name)
        columns = columns_read(name, actor)
        found = row_within(cursor, entity.name, record_id, actor, Action.READ, columns, flagged=True)
        if not found:
            raise NotFound("record.not_found", entity=entity.name)
        held, flags = found[0][: len(columns)], found[0][len(columns) :]
        row, shown = dict(zip(columns, held, strict=True)), levels_read(name, actor, flags)
        sealed = any(field.encrypted for field, _ in shown)
        ciphers = self.subjects.existing(cursor, [record_id]) if sealed else {}
        for field, level in shown:
            if level == HIDDEN:
                del row[field.name]
                continue
            value = row[field.name]
            if field.encrypted:
                value = decrypt(ciphers.get(record_id), entity, field, record_id, value)
            row[field.name] = uncovered(field, value, level)
        return row

    def version(self, cursor: duckdb.DuckDBPyConnection, actor: Actor, name: str, record_id: str) -> int | None:
        """The version of a record that the actor may see, archived ones too; None when there is no such one."""
        found = row_within(cursor, entity_of(name).name, record_id, actor, Action.READ, ("version",))
        return int(found[0][0]) if found else None

    def ids(
        self,
        cursor: duckdb.DuckDBPyConnection,
        actor: Actor,
        name: str,
        action: Action = Action.READ,
        needs: Sequence[str] = (),
    ) -> pl.Series | None:
        """The ids of the records, archived ones too, that show `needs` in clear; None means every record."""
        entity = entity_of(name)
        scope, table = scope_of(actor, entity, action), table_of(entity.name)
        fields = tuple(entity.by_name[field] for field in needs)
        if scope.everything and all(
            rule.visibility(field) is Visibility.CLEAR for rule, _ in scope.rules for field in fields
        ):
            return None
        return frame(cursor, select(table.c.id).where(scope.rows_showing(fields)))["id"]

    def rules_showing(self, actor: Actor, name: str, action: Action, needs: Sequence[str]) -> tuple[int, ...]:
        """Which of the rules on fields show all of `needs` in clear, by their place in the scope."""
        entity = entity_of(name)
        fields = [entity.by_name[field] for field in needs]
        return tuple(
            place
            for place, (rule, _) in enumerate(scope_of(actor, entity, action).rules)
            if all(rule.visibility(field) is Visibility.CLEAR for field in fields)
        )

    def shown_fields(self, scope: Scope, wanted: Sequence[str] | None) -> tuple[Field, ...]:
        """The fields to show, in declared order; asking for one that does not exist for the actor is an error."""
        visible = tuple(field for field in scope.entity.all_fields if scope.best(field) is not Visibility.HIDDEN)
        if wanted is None:
            return visible
        known = {field.name for field in visible} | set(SYSTEM)
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise Invalid((Problem(None, unknown[0], "field.unknown", {"field": unknown[0]}),))
        return tuple(field for field in visible if field.name in wanted)

    def selection(self, scope: Scope, table: FromClause, shown: tuple[Field, ...]) -> Select[Any]:
        """The statement that reads covered rows, with one column a field rule where rows differ in it."""
        columns = [table.c[name] for name in SYSTEM] + [table.c[field.name] for field in shown]
        return select(*columns, *scope.flags).where(scope.rows)

    def conditions(self, scope: Scope, table: FromClause, where: Sequence[Condition]) -> list[Predicate]:
        """Conditions as predicates; a row counts only where the actor sees the field in clear."""
        return [part for condition in where for part in self.condition(scope, table, condition)]

    def condition(self, scope: Scope, table: FromClause, condition: Condition) -> list[Predicate]:
        """One condition."""
        if is_either(condition):
            parts: tuple[Condition, ...] = condition.value  # type: ignore[assignment]
            return [or_(false(), *(and_(*self.condition(scope, table, part)) for part in parts))]
        if condition.field in SYSTEM and condition.op is not Operator.ANY:
            return [COMPARE[condition.op](table.c[condition.field], condition.value)]
        field = self.comparable(scope, condition.field)
        if condition.op is Operator.ANY:
            raise Invalid((Problem(None, field.name, "field.not_comparable", {"field": field.name}),))
        visible = [] if scope.uniform else [scope.rows_showing((field,))]
        if condition.op is Operator.OWNED:
            return [table.c[field.name].in_(parents_about(str(condition.value), str(field.to))), *visible]
        if not field.encrypted:
            found = COMPARE[condition.op](table.c[field.name], typed(scope.entity, field, condition))
            if condition.op is Operator.FIND:
                by_ear = heard(scope.entity.name, field.name, table.c.id, str(condition.value))
                found = found if by_ear is None else or_(found, by_ear)
            return [found, *visible]
        if condition.op not in HASHED:
            raise Invalid((Problem(None, field.name, "field.not_comparable", {"field": field.name}),))
        if condition.op is Operator.NULL:
            return [COMPARE[condition.op](table.c[f"{field.name}_hash"], condition.value), *visible]
        values = condition.value if condition.op is Operator.IN else [condition.value]
        hashes = [crypto.keyed_hash(self.index_key, field.kind, str(value)) for value in values]  # type: ignore[attr-defined]
        return [one_of(table.c[f"{field.name}_hash"], hashes), *visible]

    def order(self, scope: Scope, table: FromClause, sort: Sequence[Sort]) -> list[ColumnElement[Any]]:
        """The order; rows that hide a sort field sort as if it were empty."""
        keys: list[ColumnElement[Any]] = []
        for item in sort:
            if item.field in SYSTEM:
                column: ColumnElement[Any] = table.c[item.field]
            else:
                field = self.comparable(scope, item.field)
                if field.encrypted:
                    raise Invalid((Problem(None, field.name, "field.not_comparable", {"field": field.name}),))
                column = table.c[field.name]
                if not scope.uniform:
                    column = case((scope.rows_showing((field,)), column))
            keys.append((column.desc() if item.descending else column.asc()).nulls_last())
        return keys

    def comparable(self, scope: Scope, name: str) -> Field:
        """A field that an actor may filter and sort by: one that some covered row shows in clear."""
        field = scope.entity.by_name.get(name)
        if field is None or scope.best(field) is not Visibility.CLEAR:
            raise Invalid((Problem(None, name, "field.unknown", {"field": name}),))
        return field

    def level(self, scope: Scope, field: Field, found: pl.DataFrame) -> pl.Series:
        """How each row shows a field: 0 clear, 1 masked, 2 hidden."""
        levels = [ORDER.index(rule.visibility(field)) for rule, _ in scope.rules]
        if len(set(levels)) <= 1:  # most fields are shown alike by every rule
            return pl.Series("level", [max(levels, default=HIDDEN)] * found.height, dtype=pl.Int32)
        shown = [pl.when(pl.col(RULE.format(i)) == 1).then(level).otherwise(HIDDEN) for i, level in enumerate(levels)]
        return found.select(pl.min_horizontal(shown).cast(pl.Int32).alias("level"))["level"]

    def show(
        self, cursor: duckdb.DuckDBPyConnection, scope: Scope, shown: tuple[Field, ...], found: pl.DataFrame
    ) -> pl.DataFrame:
        """Decrypt, mask and hide, then drop the columns of the machinery."""
        ciphers = None
        columns: list[pl.Series] = []
        for field in shown:
            column = found[field.name]
            if field.encrypted:
                if ciphers is None:
                    ciphers = self.subjects.existing(cursor, found["id"].to_list())
                column = pl.Series(
                    field.name,
                    [
                        decrypt(ciphers.get(row), scope.entity, field, row, sealed)
                        for row, sealed in zip(found["id"], column, strict=True)
                    ],
                    dtype=pl.String,
                )
            clear = all(rule.visibility(field) is Visibility.CLEAR for rule, _ in scope.rules)
            column = decoded(field, column)
            columns.append(column if clear else revealed(field, column, self.level(scope, field, found)))
        return pl.DataFrame([*(found[name] for name in SYSTEM), *columns])


@lru_cache(maxsize=4096)
def columns_read(name: str, actor: Actor) -> tuple[str, ...]:
    """The system columns, and those of the fields that an actor sees of some record."""
    scope = scope_of(actor, entity_of(name))
    visible = (field.name for field in scope.entity.all_fields if scope.best(field) is not Visibility.HIDDEN)
    return tuple(dict.fromkeys((*SYSTEM, *visible)))


@lru_cache(maxsize=4096)
def levels_read(name: str, actor: Actor, flags: tuple[int, ...]) -> tuple[tuple[Field, int], ...]:
    """How a record shows each field that the actor sees of some record. flags: which rules cover it; none for all."""
    scope = scope_of(actor, entity_of(name))
    rules = [rule for place, (rule, _) in enumerate(scope.rules) if not flags or flags[place]]
    seen = [scope.entity.by_name[name] for name in columns_read(name, actor) if name not in SYSTEM]
    return tuple((field, min(ORDER.index(rule.visibility(field)) for rule in rules)) for field in seen)


def naming(actor: Actor, where: Sequence[Condition]) -> Mine:
    """What conditions ask to name the actor or a record of theirs: for each condition the fields of which one must, and
    which of the two."""
    found = set()
    for condition in where:
        parts: tuple[Condition, ...] = condition.value if is_either(condition) else (condition,)  # type: ignore[assignment]
        if parts and all(part.op in (Operator.EQ, Operator.OWNED) and part.value == actor.person_id for part in parts):
            found.add(tuple((part.field, part.op) for part in parts))
    return tuple(sorted(found))


def is_either(condition: Condition) -> bool:
    """Whether it is one of several conditions that must hold."""
    return condition.op is Operator.ANY and not condition.field


def looked_up(cursor: duckdb.DuckDBPyConnection, table: FromClause, statement: Select[Any]) -> pl.DataFrame:
    """The few rows of a statement on one table: first which and in what order, then what they hold.

    Who may see a row takes joins, and those would carry every column of every row along.
    """
    columns = list(statement.selected_columns)
    held = [table.c[column.name] for column in columns if column.name in table.c]
    narrow = statement.with_only_columns(
        *(column for column in columns if column.name in IDENTITY or column.name not in table.c)
    )
    while True:
        first = frame(cursor, narrow)
        rest = frame(cursor, select(*held).where(one_of(table.c.id, first["id"].to_list())))
        found = first.join(rest, on=IDENTITY, maintain_order="left")
        if found.height == first.height:  # else one was written in between, and may be out of reach by now
            return found.select(column.name for column in columns)


def decoded(field: Field, column: pl.Series) -> pl.Series:
    """A column as people know it: lists are stored as JSON."""
    return column.str.json_decode(pl.List(pl.String)) if field.kind is Kind.TAGS else column


def uncovered(field: Field, value: Any, level: int) -> Any:
    """One value of a field that is not hidden, clear or masked; of anything but a text a mask leaves nothing."""
    if value is None or level:
        return masked(field.kind, value) if value is not None and field.kind in MASKABLE else None
    return json.loads(value) if field.kind is Kind.TAGS else value


def revealed(field: Field, column: pl.Series, level: pl.Series) -> pl.Series:
    """A column with each value clear, masked or null, as `level` says."""
    if (level == 0).all():
        return column
    text = field.kind in MASKABLE  # of anything else a mask leaves nothing
    if text and (level == 1).any():
        texts = [
            masked(field.kind, value) if shown == 1 and value is not None else value
            for value, shown in zip(column, level, strict=True)
        ]
        column = pl.Series(field.name, texts, dtype=pl.String)
    kept = level < HIDDEN if text else level == 0
    return column.to_frame().select(pl.when(kept).then(pl.col(field.name)).alias(field.name))[field.name]


def typed(entity: Entity, field: Field, condition: Condition) -> object:
    """The value of a condition in the type of its field. Raises Invalid (field.type)."""
    if condition.op in (Operator.LIKE, Operator.FIND, Operator.NULL) or field.kind in (Kind.TAGS, Kind.JSON):
        return condition.value
    several = condition.op is Operator.IN
    given = list(condition.value) if several else [condition.value]  # type: ignore[call-overload]
    try:
        values = cast(entity, pl.DataFrame({field.name: given}))[field.name].to_list()
    except (TypeError, pl.exceptions.PolarsError):
        values = [None] * len(given)
    if any(value is None and asked is not None for value, asked in zip(values, given, strict=True)):
        raise Invalid((Problem(None, field.name, "field.type", {"field": field.name, "entity": entity.name}),))
    return values if several else values[0]
