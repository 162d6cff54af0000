"""The store: the only door to the records. Everything above speaks to this class, nothing above speaks SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Action, Actor, Policy, Reach
from dashboard.domain.changes import Applied, ChangeSet
from dashboard.domain.entities import RECORDS, entity_of
from dashboard.domain.queries import Condition, Sort
from dashboard.errors import Forbidden, Misconfigured, Refused, SalesDeskError
from dashboard.store import (
    actors,
    anchor,
    audit,
    checks,
    crypto,
    explaining,
    files,
    history,
    logins,
    logs,
    migrate,
    names,
    questions,
    rates,
    soundness,
)
from dashboard.store import company as companies
from dashboard.store.company import Company
from dashboard.store.engine_duckdb import Engine, frame, one_of, rows
from dashboard.store.kept import Kept, frozen
from dashboard.store.records import Reader
from dashboard.store.schema import table_of
from dashboard.store.subjects import Subjects
from dashboard.store.transaction import MACHINES, Derivation, Transaction
from dashboard.store.write import Writer

Found = TypeVar("Found")
ANCHOR = ".anchor"
TAKEN, TOLD = "unique.taken", "duplicate_told"
LEDGER = ("team", "person", "access_rule")
"""Entities whose change makes the remembered actors void."""


@dataclass
class Remembered:
    """The grants in force and who acts under them, until one of LEDGER changes."""

    policy: Policy | None = None
    actors: dict[tuple[str, str], Actor] = field(default_factory=dict)


def moment_now() -> datetime:
    """The moment, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """One open store. Thread-safe: readers take cursors, writes queue behind one lock."""

    def __init__(
        self, engine: Engine, ring: crypto.KeyRing, kept: anchor.Anchor, derivations: Mapping[str, Derivation]
    ) -> None:
        self.engine = engine
        self.ring = ring
        self.anchor = kept
        self.closed = False
        self.clock = moment_now
        self.index_key = ring.current("index").secret
        self.audit_key = ring.current("audit").secret
        self.subjects = Subjects(ring)
        self.reader = Reader(self.subjects, self.index_key)
        self.files = files.Files(engine.path.parent / files.FOLDER, ring.current("store").secret)
        self.writer = Writer(self.subjects, self.index_key, derivations)
        self.listeners: list[Callable[[Applied], None]] = []
        self.remembered = Remembered()
        self.kept = Kept()
        self.migrations: list[str] = []  # applied, by name
        self.migrated: list[str] = []  # of these, at this opening
        self.logins = logins.Logins(self)
        self.logs = logs.Logs(self)
        self.names = names.Names(self)
        self.rates = rates.Rates(self)
        self.questions = questions.Questions(self.rates)
        with self.reading() as cursor:
            self.head = audit.head(cursor)
            self._company = companies.read(cursor)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """A cursor for reading."""
        cursor = self.engine.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def once(self, entity: str, key: Sequence[object], read: Callable[[Any], Found]) -> Found:
        """What `read` finds with a cursor, kept until the next write of records; key: all that it depends on.

        Rows of the machine itself come without a change-set, so they are read anew each time.
        """

        def fresh() -> Found:
            with self.reading() as cursor:
                return read(cursor)

        return self.kept.once(self.revision, (entity, frozen(key)), fresh) if entity in RECORDS else fresh()

    @property
    def revision(self) -> int:
        """The number of the last change-set."""
        return self.head.revision

    @property
    def company(self) -> Company:
        """The company's settings. Raises Misconfigured (store.empty) before `init`."""
        if self._company is None:
            raise Misconfigured("store.empty", path=str(self.engine.path))
        return self._company

    def found_company(self, settings: Company) -> None:
        """Write the company's settings once; later calls are refused, because money would change its meaning."""
        if self._company is not None:
            raise Misconfigured("store.founded", path=str(self.engine.path))
        with self.engine.writing() as cursor:
            companies.write(cursor, settings)
        self._company = settings

    # -- reading --------------------------------------------------------------------------------------------------

    def actor(self, person_id: str, via: str = "page") -> Actor:
        """The active person as an actor. Raises Forbidden (access.disabled)."""
        key, remembered = (person_id, via), self.remembered  # a write in between replaces it, and this one is void
        if key not in remembered.actors:
            with self.reading() as cursor:
                if remembered.policy is None:
                    remembered.policy = actors.policy_in_force(cursor)
                remembered.actors[key] = actors.actor_of(cursor, person_id, via, remembered.policy)
        return remembered.actors[key]

    def still(self, actor: Actor) -> Actor:
        """The same actor as of now, whatever a page has kept.

        Raises Forbidden (access.disabled), and (access.view_only) for whoever looks through another person's eyes.
        """
        if actor.viewer is not None:
            raise Forbidden("access.view_only")
        return actor if MACHINES & set(actor.roles) else self.actor(actor.person_id, actor.via)

    def find(
        self,
        actor: Actor,
        entity: str,
        where: Sequence[Condition] = (),
        *,
        sort: Sequence[Sort] = (),
        limit: int | None = None,
        offset: int = 0,
        fields: Sequence[str] | None = None,
        archived: bool = False,
        action: Action = Action.READ,
    ) -> pl.DataFrame:
        """The records an actor may see, with the fields the actor may see; see `Reader.find`."""
        more: dict[str, Any] = {
            "sort": sort,
            "limit": limit,
            "offset": offset,
            "fields": fields,
            "archived": archived,
            "action": action,
        }
        key = ("find", actor, where, more)
        return self.once(entity, key, lambda cursor: self.reader.find(cursor, actor, entity, where, **more))

    def count(self, actor: Actor, entity: str, where: Sequence[Condition] = (), archived: bool = False) -> int:
        """How many records `find` would list."""
        key = ("count", actor, where, archived)
        return self.once(entity, key, lambda cursor: self.reader.count(cursor, actor, entity, where, archived))

    def get(self, actor: Actor, entity: str, record_id: str) -> dict[str, Any]:
        """One record, with the fields the actor may see. Raises NotFound."""
        with self.reading() as cursor:
            return self.reader.get(cursor, actor, entity, record_id)

    def version(self, actor: Actor, entity: str, record_id: str) -> int | None:
        """The version of a record that the actor may see, archived ones too; None when there is no such one."""
        with self.reading() as cursor:
            return self.reader.version(cursor, actor, entity, record_id)

    def ids(
        self, actor: Actor, entity: str, action: Action = Action.READ, needs: Sequence[str] = ()
    ) -> pl.Series | None:
        """The ids of the records that show `needs` in clear; None means every record.

        Questions that need different fields get the same ids where the same rules show them, so they are kept by rule.
        """
        rules = self.reader.rules_showing(actor, entity, action, needs)
        key = ("ids", actor, action, rules)
        return self.once(entity, key, lambda cursor: self.reader.ids(cursor, actor, entity, action, needs))

    def why(self, actor: Actor, entity: str, record_id: str, action: Action = Action.READ) -> list[explaining.Reason]:
        """Every grant by which the actor may act on a record; none when they may not, or when there is no such one."""
        with self.reading() as cursor:
            return explaining.reasons(cursor, actor, entity_of(entity), record_id, action)

    def difference(self, before: Actor, after: Actor, entity: str, action: Action) -> explaining.Difference:
        """What the second actor may act on that the first may not, and the other way round."""
        with self.reading() as cursor:
            return explaining.difference(cursor, before, after, entity_of(entity), action)

    def people_in_scope(self, actor: Actor) -> pl.Series | None:
        """The people whose own results the actor may see: oneself, those below, or None for everybody."""
        reaches = {grant.reach for grant in actor.grants("deal", Action.READ)}
        if Reach.ALL in reaches:
            return None
        people = table_of("person")
        below = select(people.c.id).where(people.c.team_id.in_(actor.below if Reach.BELOW in reaches else ()))

        def read(cursor: Any) -> pl.Series:
            mine = {actor.person_id, *frame(cursor, below)["id"]}
            return pl.Series("id", sorted(mine), dtype=pl.String)

        return self.once("person", ("in scope", actor), read)

    def teams_in_scope(self, actor: Actor) -> pl.Series | None:
        """The teams whose results at the closing the actor may see: those below, or None for every team."""
        reaches = {grant.reach for grant in actor.grants("deal", Action.READ)}
        if Reach.ALL in reaches:
            return None
        return pl.Series("id", actor.below if Reach.BELOW in reaches else (), dtype=pl.String)

    def labels(self, entity: str, ids: Sequence[str] | pl.Series, language: str) -> dict[str, str]:
        """What records are called, for references on records the actor may open: id → title."""
        declared = entity_of(entity)
        table = table_of(declared.name)
        title = f"label_{language}" if "label_zh" in declared.by_name else declared.title
        wanted = [value for value in dict.fromkeys(ids) if value is not None]
        if not wanted or title is None:
            return {}
        titles = select(table.c.id, table.c[title]).where(one_of(table.c.id, wanted))
        return dict(self.once(entity, ("labels", title, wanted), lambda cursor: rows(cursor, titles)))

    def reference(self, entity: str) -> pl.DataFrame:
        """All current rows of a reference entity (stages, teams, regions …), in storage form."""
        table = table_of(entity_of(entity).name)
        live = select(table).where(table.c.archived_at.is_(None)).order_by(table.c.id)
        return self.once(entity, ("reference",), lambda cursor: frame(cursor, live))

    def facts(self, entity: str, columns: Sequence[str], since: int = 0, until: int | None = None) -> pl.DataFrame:
        """History rows for the ETL; see `history.facts`."""
        with self.reading() as cursor:
            return history.facts(cursor, entity, columns, since, until)

    def history(self, actor: Actor, entity: str, record_id: str) -> pl.DataFrame:
        """The changes of a record the actor may read, oldest first: version, verb, times, actor, why, changed."""
        seen = self.get(actor, entity, record_id)
        with self.reading() as cursor:
            found = history.of_record(cursor, entity, record_id)
        hidden = sorted(entity_of(entity).by_name.keys() - seen.keys())
        shown = pl.col("changed").str.split(",").list.filter(~pl.element().is_in(hidden))
        found = found.with_columns(changed=shown.list.join(","))
        return found.select("version", "revision", "effective_at", "recorded_at", "actor_id", "verb", "why", "changed")

    # -- writing --------------------------------------------------------------------------------------------------

    def apply(
        self,
        change_set: ChangeSet,
        then: Callable[[Any], None] | None = None,
        progress: Callable[[int], None] = lambda _rows: None,
    ) -> Applied:
        """Write a change-set, all or nothing. Raises what the write path raises, and then nothing was written.

        then: called with the cursor inside the transaction, after the last change; progress: called with the number of
        rows whenever some were written, still inside it, so what it raises undoes all. An error tells in
        `change` which of the changes was refused. That a value is in the system already is audited: it may tell of
        records beyond reach.
        """
        try:
            return self.written(change_set, then, progress)
        except Refused as refusal:
            if refusal.code == TAKEN:
                self.note(self.still(change_set.actor), [audit.Entry(TOLD, str(refusal.values["entity"]))])
            raise

    def written(
        self, change_set: ChangeSet, then: Callable[[Any], None] | None, progress: Callable[[int], None]
    ) -> Applied:
        """What was written of a change-set; see `apply`."""
        with self.engine.lock:
            moment, actor = self.clock(), self.still(change_set.actor)
            with self.engine.writing() as cursor:
                open_ = Transaction(
                    cursor=cursor,
                    actor=actor,
                    revision=self.head.revision + 1,
                    moment=moment,
                    zone=ZoneInfo(self.company.zone),
                    currency=self.company.currency,
                    effective_at=change_set.effective_at,
                    why=change_set.why,
                    counts={},
                    entries=[],
                    details=dict(change_set.details),
                    takes_back=change_set.takes_back,
                    progress=progress,
                )
                for place, change in enumerate(change_set.changes):
                    try:
                        self.writer.write(open_, change)
                    except SalesDeskError as refusal:
                        refusal.change = place
                        raise
                self.writer.settle(open_)
                if then:
                    then(cursor)
                if not open_.entries:
                    return Applied(self.head.revision, moment, {})
                if any(entity == "person" for entity, _ in open_.counts):
                    self.logins.end_of_the_disabled(cursor)
                head = audit.append(cursor, self.audit_key, self.head, open_.revision, moment, actor, open_.entries)
            self.keep(head)
            if any(entity in LEDGER for entity, _ in open_.counts):
                self.logins.forget()
                self.remembered = Remembered()
        applied = Applied(head.revision, moment, open_.counts)
        for listener in self.listeners:
            listener(applied)
        return applied

    def note(self, actor: Actor, entries: list[audit.Entry], then: Callable[[Any], None] | None = None) -> None:
        """Write audit entries that belong to no change-set (logins, reads of masked fields) in one transaction."""
        with self.engine.lock:
            moment = self.clock()
            with self.engine.writing() as cursor:
                if then:
                    then(cursor)
                head = audit.append(cursor, self.audit_key, self.head, self.head.revision, moment, actor, entries)
            self.keep(head)

    def keep(self, head: audit.Head) -> None:
        """Remember the new head, here and outside the file."""
        self.head = head
        self.anchor.write(head)

    def check(self, folder: Path = checks.FOLDER) -> list[checks.Finding]:
        """What does not hold: the audits, the schema, the audit chain and its copy outside the file, the keys."""
        with self.reading() as cursor:
            with self.engine.lock:
                cursor.execute("BEGIN")  # one state of the store for all that follows
                inside, outside = audit.head(cursor), self.anchor.read()
            return [
                *soundness.schema_findings(cursor),
                *checks.run_all(cursor, folder),
                *soundness.chain_findings(cursor, self.audit_key, inside, outside),
                *soundness.key_findings(cursor, self.subjects),
                *soundness.cipher_findings(cursor, self.subjects, self.index_key),
                *self.files.findings(cursor),
            ]

    def close(self) -> None:
        """Checkpoint and close; a store that is closed stays closed."""
        if not self.closed:
            self.closed = True
            self.anchor.close()
            self.engine.close()


def open_store(
    path: Path,
    ring: crypto.KeyRing,
    derivations: Mapping[str, Derivation],
    allowed: Sequence[Path] = (),
) -> Store:
    """Open or create the store at `path`, run pending migrations, and compare it with the copy outside the file.

    Raises Misconfigured: store.locked, store.wrong_key, migration.*, store.behind, store.unanchored.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = Engine(path, ring.current("store").secret, path.parent / "tmp", allowed)
    try:
        ran = migrate.migrate(engine.writing)
        if ran:
            engine.checkpoint()
        kept = anchor.Anchor(path.with_suffix(ANCHOR))
        with engine.writing() as cursor:
            inside = audit.head(cursor)
            compare(inside, kept.read(), cursor, path)
            done = [name for name, _ in migrate.applied(cursor).values()]
        kept.write(inside)
        store = Store(engine, ring, kept, derivations)
        store.migrations, store.migrated = done, [migration.name for migration in ran]
        store.names.fill()
        return store
    except BaseException:
        engine.close()
        raise


def compare(inside: audit.Head, outside: audit.Head | None, cursor: Any, path: Path) -> None:
    """Raises Misconfigured when the file lost acknowledged writes or is another store's file (store.behind), or when
    there is no copy to compare it with although something was written (store.unanchored)."""
    if outside == inside or (outside is None and inside.sequence == 0):
        return
    if outside is None:
        raise Misconfigured("store.unanchored", path=str(path.with_suffix(ANCHOR)))
    entries = table_of("audit_entry")
    found = rows(cursor, select(entries.c.mac).where(entries.c.sequence == outside.sequence))
    if outside.sequence and (not found or found[0][0] != outside.mac):
        raise Misconfigured("store.behind", expected=outside.revision, found=inside.revision)
