"""The one write path: change-sets of 1…n rows, all or nothing, by one writer.

Each change passes: permission on its columns, the rows in reach, the version that was seen, the life cycle, derived
values, validation, references; then the table, its history and the audit chain are written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import polars as pl
from sqlalchemy import and_, insert, select, update

from dashboard.domain.access import Action
from dashboard.domain.changes import UNDO, Change
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fields import HISTORY_COLUMNS
from dashboard.domain.follow_ups import FOLLOWED
from dashboard.domain.ids import new_id, new_ids
from dashboard.domain.lifecycles import LIFECYCLES, Transition
from dashboard.domain.pool import POOL
from dashboard.domain.validation import SEQUENCES, cast
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import adding, audit, belonging, judging
from dashboard.store.belonging import BELONGING, CLAIM, RELEASE
from dashboard.store.current import current_rows
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.judging import ARCHIVE, CREATE, MANY, PLAIN, RESTORE, SNOOZE
from dashboard.store.names import NAMED
from dashboard.store.names import keep as keep_names
from dashboard.store.records import Reader
from dashboard.store.schema import history_of, own_table, table_of
from dashboard.store.staging import alter_row, alter_rows, insert_rows
from dashboard.store.subjects import Subjects
from dashboard.store.transaction import Derivation, Transaction
from dashboard.store.values import compared, stored

GONE_AND_BACK = (ARCHIVE, RESTORE)
ID = r"^[0-9A-Za-z_-]{1,40}$"
PORTION = 50_000
"""Rows that are written in one go, so that whoever waits sees them counted."""

HISTORY_NAMES = tuple(column.name for column in HISTORY_COLUMNS)


class Writer:
    """Writes change-sets. The caller holds the engine's lock through `Engine.writing`."""

    def __init__(self, subjects: Subjects, index_key: bytes, derivations: Mapping[str, Derivation]) -> None:
        self.subjects = subjects
        self.index_key = index_key
        self.derivations = derivations
        self.reader = Reader(subjects, index_key)

    def write(self, open_: Transaction, change: Change, *, derived: bool = False) -> None:
        """Write one change and what follows from it; `derived` ones follow from a change that was permitted."""
        entity = entity_of(change.entity)
        if change.rows.height == 0:
            return
        if change.why:
            open_ = replace(open_, why=change.why)
        given = cast(entity, change.rows)
        transition = self.transition(entity, change.verb)
        if not derived:
            judging.permit(open_.actor, entity, change, transition)
        judging.check_types(entity, change.rows, given)
        if change.verb == CREATE:
            self.create(open_, entity, given, change, derived)
        else:
            self.alter(open_, entity, given, change, transition, derived)

    def settle(self, open_: Transaction) -> None:
        """Write what follows from the change-set as a whole, after its last change."""
        for derivation in self.derivations.values():
            for change in derivation.settle(open_) if derivation.settle else ():
                self.write(open_, change, derived=True)

    def transition(self, entity: Entity, verb: str) -> Transition | None:
        """The life-cycle row of a verb; None for the plain verbs. Raises Refused (verb.unknown)."""
        known = {RELEASE: POOL in entity.by_name, CLAIM: POOL in entity.by_name, SNOOZE: entity.name in FOLLOWED}
        if verb in PLAIN and known.get(verb, True):
            return None
        cycle = LIFECYCLES.get(entity.name)
        found = cycle.verb(verb) if cycle else None
        if found is None:
            raise Refused("verb.unknown", entity=entity.name, verb=verb)
        return found

    def create(self, open_: Transaction, entity: Entity, given: pl.DataFrame, change: Change, derived: bool) -> None:
        """New records."""
        given = with_ids(given)
        given = belonging.born(with_defaults(entity, given))
        given, following = self.derive(open_, entity, Change(entity.name, CREATE, given), given)
        judging.validate(open_, entity, given, create=True)
        judging.check_references(open_, entity, given, given.columns)
        if not derived:
            adding.check(open_, entity, change.verb, given)
        values = stored(
            open_.cursor,
            self.subjects,
            self.index_key,
            entity,
            without(given, "effective_at", "version"),
        )
        values = values.with_columns(
            pl.lit(1, pl.Int64).alias("version"),
            pl.lit(open_.revision, pl.Int64).alias("revision"),
            pl.lit(open_.moment, pl.Datetime("us")).alias("created_at"),
            pl.lit(open_.moment, pl.Datetime("us")).alias("updated_at"),
            *self.numbers(open_, entity, given.height),
        )
        effective = judging.effective(open_, given)
        log = values.with_columns(effective, *self.stamps(open_, CREATE), pl.lit("*").alias("changed"))
        for part, told in zip(values.iter_slices(PORTION), log.iter_slices(PORTION), strict=True):
            with taken(entity):
                insert_rows(open_.cursor, table_of(entity.name), part)
            insert_rows(open_.cursor, history_of(entity.name), told)
            open_.progress(part.height)
        if entity.name in NAMED:
            keep_names(open_.cursor, entity.name, values["id"], open_.revision)
        self.note(open_, entity, CREATE, given)
        if not derived and not change.carried:
            judging.check_reach(open_, entity, given, Action.CREATE)
        for follower in following:
            self.write(open_, follower, derived=True)

    def numbers(self, open_: Transaction, entity: Entity, count: int) -> list[pl.Series]:
        """The next numbers for people of an entity, gap-free per year because the series rolls back with the rest."""
        if entity.number is None:
            return []
        series, year = own_table("number_series"), open_.today.year
        mine = and_(series.c.entity == entity.name, series.c.calendar_year == year)
        found = rows(open_.cursor, select(series.c.last_number).where(mine))
        last = int(found[0][0]) if found else 0
        if found:
            run(open_.cursor, update(series).where(mine).values(last_number=last + count))
        else:
            run(open_.cursor, insert(series).values(entity=entity.name, calendar_year=year, last_number=last + count))
        numbers = pl.int_range(last + 1, last + count + 1, eager=True).cast(pl.String).str.zfill(5)
        return [pl.select(pl.format(f"{entity.number}-{year}-{{}}", numbers).alias("number"))["number"]]

    # -- alter ----------------------------------------------------------------------------------------------------

    def alter(
        self,
        open_: Transaction,
        entity: Entity,
        given: pl.DataFrame,
        change: Change,
        transition: Transition | None,
        derived: bool,
    ) -> None:
        """Existing records: update, archive, restore, or a life-cycle verb."""
        given, current = self.seen(open_, entity, given, change, transition, derived)
        if given.height == 0:
            return
        if transition:
            judging.check_state(open_, entity, current, transition)
            given = given.with_columns(pl.lit(transition.target).alias(LIFECYCLES[entity.name].field))
        given, following = self.derive(open_, entity, Change(entity.name, change.verb, given), current)
        judging.validate(open_, entity, with_other_days(entity, given, current), create=False)
        if transition:
            judging.check_needs(entity, given, current, transition)
        names = [name for name in given.columns if name in entity.by_name]
        values = stored(open_.cursor, self.subjects, self.index_key, entity, given)
        if change.verb in GONE_AND_BACK:
            values, names = values.with_columns(self.archiving(open_, change.verb)), ["archived_at"]
        values = with_changed(entity, values, current, names)
        if transition is None:
            keep = values["changed"] != ""
            if not keep.all():
                values, given, current = values.filter(keep), given.filter(keep), current.filter(keep)
        if values.height == 0:
            return
        stated = set(",".join(values["changed"].unique()).split(","))
        changed = [name for name in names if name in stated]
        judging.check_references(open_, entity, given, changed)
        if not derived:
            self.check_moved(open_, entity, change.verb, given, current, changed)
        self.store_altered(open_, entity, change, values, given, current, names)
        self.note(open_, entity, noted(open_, change.verb), given, changed)
        for follower in following:
            self.write(open_, follower, derived=True)

    def check_moved(
        self,
        open_: Transaction,
        entity: Entity,
        verb: str,
        given: pl.DataFrame,
        current: pl.DataFrame,
        changed: list[str],
    ) -> None:
        """Whether records may be changed where they are, and come to whom or what they are given now."""
        adding.check(open_, entity, verb, given, current)
        if verb not in BELONGING:
            judging.check_assigning(open_, entity, given, current, changed)
        judging.check_working(open_, entity, given, changed)

    def seen(
        self,
        open_: Transaction,
        entity: Entity,
        given: pl.DataFrame,
        change: Change,
        transition: Transition | None,
        derived: bool,
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows that there is still something to do with, and the stored ones: within reach, and as they were seen.

        Whose they are after the change is settled in them.
        """
        action = transition.who if transition else PLAIN[change.verb]
        moves = change.verb in BELONGING and not derived
        if moves:
            given = belonging.not_done_yet(
                open_, entity, change.verb, belonging.said(open_.actor, entity, change.verb, given)
            )
            if given.height == 0:
                return given, given
        pooled, reads = POOL in entity.by_name and transition is None, self.reads(entity)
        reads = (*reads, *adding.reads(entity), *(belonging.READS if pooled else ()))
        current = current_rows(open_, entity, given, change.verb, action, transition, reads, derived)
        if moves:
            still = belonging.still_to_assign(change.verb, entity, given, current)
            given, current = given.filter(still), current.filter(still)
        if not derived:
            judging.check_versions(open_, entity, given, current, self.reader)
            judging.check_archived(entity, change.verb, current)
            judging.check_fields(open_, entity, change.verb, given, action)
            if transition:
                judging.check_updating(open_, entity, given, transition)
        if change.verb == ARCHIVE:
            live = current["archived_at"].is_null()
            given, current = given.filter(live), current.filter(live)
        if change.verb == SNOOZE and not derived:
            judging.check_snooze(open_, entity, given, current)
        if pooled and given.height:
            given = belonging.settled(open_, entity, change.verb, given, current)
        return given, current

    def archiving(self, open_: Transaction, verb: str) -> pl.Expr:
        """When the record was archived: now, or not at all."""
        return pl.lit(open_.moment if verb == ARCHIVE else None, pl.Datetime("us")).alias("archived_at")

    def store_altered(
        self,
        open_: Transaction,
        entity: Entity,
        change: Change,
        values: pl.DataFrame,
        given: pl.DataFrame,
        current: pl.DataFrame,
        names: list[str],
    ) -> None:
        """Update the table and write the history rows, both from one staged frame."""
        table, log = table_of(entity.name), history_of(entity.name)
        fresh = values.with_columns(
            (current["version"] + 1).alias("version"),
            pl.lit(open_.revision, pl.Int64).alias("revision"),
            pl.lit(open_.moment, pl.Datetime("us")).alias("updated_at"),
            judging.effective(open_, given),
            *self.stamps(open_, noted(open_, change.verb)),
        )
        if (fresh["effective_at"] != open_.moment).any():  # of now nothing later can be known
            judging.check_order(open_, entity, fresh, names)
        with taken(entity):
            if fresh.height == 1 and current.width == len(entity.value_columns):
                alter_row(open_.cursor, table, log, current.row(0, named=True), fresh.row(0, named=True))
                open_.progress(1)
            else:
                for part in fresh.iter_slices(PORTION):
                    alter_rows(open_.cursor, table, log, part, HISTORY_NAMES)
                    open_.progress(part.height)
        if not set(NAMED.get(entity.name, ())).isdisjoint(names):
            keep_names(open_.cursor, entity.name, given["id"], open_.revision)

    def reads(self, entity: Entity) -> tuple[str, ...]:
        """The current fields that an entity's derivation needs."""
        return self.derivations[entity.name].reads if entity.name in self.derivations else ()

    def derive(
        self, open_: Transaction, entity: Entity, change: Change, current: pl.DataFrame
    ) -> tuple[pl.DataFrame, list[Change]]:
        """The rows with derived columns, and the changes that follow."""
        derivation = self.derivations.get(entity.name)
        if derivation is None:
            return change.rows, []
        try:
            return derivation.apply(open_, change, current)
        except Refused:  # it may tell of what the rows point at, so first that must be within reach
            given = change.rows
            moved = [name for name in given.columns if name not in current or not given[name].equals(current[name])]
            judging.check_references(open_, entity, given, given.columns if change.verb == CREATE else moved)
            raise

    def stamps(self, open_: Transaction, verb: str) -> list[pl.Expr]:
        """The history columns that are the same for the whole change."""
        return [
            pl.lit(open_.moment, pl.Datetime("us")).alias("recorded_at"),
            pl.lit(open_.actor.person_id).alias("actor_id"),
            pl.lit(verb).alias("verb"),
            pl.lit(open_.why, pl.String).alias("why"),
        ]

    def note(
        self, open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame, changed: list[str] | None = None
    ) -> None:
        """The audit entry of a change; what was looked up before it may be otherwise now."""
        open_.kept.pop(entity.name, None)
        key = (entity.name, verb)
        open_.counts[key] = open_.counts.get(key, 0) + given.height
        single = given["id"][0] if given.height == 1 else None
        details: dict[str, object] = dict(open_.details)
        if changed:
            details["fields"] = changed
        if 1 < given.height <= MANY:
            details["ids"] = given["id"].to_list()
        open_.entries.append(audit.Entry(verb, entity.name, single, given.height, open_.why, details))


def noted(open_: Transaction, verb: str) -> str:
    """What history and audit call a change of a record."""
    return UNDO if open_.takes_back else verb


def with_ids(given: pl.DataFrame) -> pl.DataFrame:
    """The frame with an id for each row: its own, else a new one. Raises Invalid for what cannot be an id."""
    fresh = pl.Series("id", [new_id()]) if given.height == 1 else new_ids(given.height)
    if "id" not in given.columns:
        return given.with_columns(fresh)
    wrong = (~given["id"].str.contains(ID)).arg_true()
    if wrong.len():
        raise Invalid((Problem(wrong[0], "id", "field.type", {"field": "id"}),))
    return given.with_columns(given["id"].fill_null(fresh))


def with_defaults(entity: Entity, given: pl.DataFrame) -> pl.DataFrame:
    """The frame with declared defaults where a column is absent or empty, and the first state of the life cycle."""
    values = []
    for field in entity.all_fields:
        default = field.default
        if entity.name in LIFECYCLES and LIFECYCLES[entity.name].field == field.name:
            default = LIFECYCLES[entity.name].start
        if default is None:
            continue
        values.append(
            (pl.col(field.name).fill_null(default) if field.name in given.columns else pl.lit(default)).alias(
                field.name
            )
        )
    return given.with_columns(values)


def with_other_days(entity: Entity, given: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The frame with the stored first or last day where only the other one is given, so that both are judged."""
    days = {name for pair in SEQUENCES.get(entity.name, ()) for name in (pair.first, pair.second)}
    absent = sorted(days - set(given.columns)) if days & set(given.columns) else []
    return given.with_columns(current[name] for name in absent)


def with_changed(entity: Entity, values: pl.DataFrame, current: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The frame with `changed`: the fields whose value differs from the current one, as ",a,b,"."""
    if not names:
        return values.with_columns(changed=pl.lit(""))
    columns = [compared(entity, name) for name in names]
    before = current.select(pl.col(column).alias(f"{column}|before") for column in columns)
    parts = [
        pl.when(pl.col(column).ne_missing(pl.col(f"{column}|before"))).then(pl.lit(f"{name},")).otherwise(pl.lit(""))
        for name, column in zip(names, columns, strict=True)
    ]
    text = pl.concat_str(parts)
    changed = values.hstack(before).select(
        pl.when(text == "").then(pl.lit("")).otherwise(pl.lit(",") + text).alias("changed")
    )
    return values.with_columns(changed["changed"])


def without(given: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The frame without some columns."""
    return given.drop([name for name in names if name in given.columns])


class taken:  # noqa: N801  (reads as a phrase: `with taken(entity)`)
    """Turns a violated unique constraint into a refusal that names nobody."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, duckdb.ConstraintException):
            raise Refused("unique.taken", entity=self.entity.name) from problem
