"""Quick updates of deals, tasks that are done, next steps that are put off: each once, and with undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from dashboard.actions.records import change
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, operator
from dashboard.domain.casting import DTYPES
from dashboard.domain.changes import UNDO, Change, ChangeSet
from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.follow_ups import DAY
from dashboard.domain.notes import kind_of
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, NotFound, Refused, Stale
from dashboard.store import Store, history

DIRECTION = "outgoing"
"""Of an interaction about which a person said only what happened; its kind follows from the words."""

SNOOZE = "snooze"
BACK = {"advance": "advance", "win": "reopen", "lose": "reopen", "complete": "reopen"}
BACK |= dict.fromkeys(("update", SNOOZE), "update")
"""The verb that takes another one back."""


@dataclass(frozen=True)
class Move:
    """Where a deal goes: to an open stage (advance), or to its end (win, lose with a reason and a competitor)."""

    verb: str
    stage_id: str | None = None
    lost_reason_id: str | None = None
    competitor_id: str | None = None


MOVED = ("stage_id", "lost_reason_id", "competitor_id")


@dataclass(frozen=True)
class Told:
    """One more thing that happened: under an id that the form holds, of which kind, in words."""

    id: str
    kind: str
    summary: str


@dataclass(frozen=True)
class Asked:
    """What a person entered about a deal at the version that was on the screen.

    token: made once for each form, so that a form that is sent twice is written once; values: more fields of the deal
    that are filled in with it; told: more that happened; why: of a verb that must say it. Nothing given means: as it
    is.
    """

    deal_id: str
    version: int
    token: str
    happened: str | None = None
    next_step: str | None = None
    next_step_on: date | None = None
    move: Move | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    why: str | None = None


@dataclass(frozen=True)
class Made:
    """What was written, for undo."""

    entity: str
    record_id: str
    revision: int


def update(store: Store, actor: Actor, asked: Asked, then: Callable[[Any], None] | None = None) -> Made:
    """Write what a person entered, as one change-set; sent a second time it is what was written the first time.

    then: called with the cursor inside the transaction.

    Raises NotFound, Invalid, Forbidden, Refused (quick.empty), Stale.
    """
    deal = store.get(actor, "deal", asked.deal_id)
    if deal["version"] != asked.version and (earlier := sent_before(store, actor, asked, deal)):
        return earlier
    changes = [*told(actor, deal, asked), *changed(deal, asked)]
    if not changes:
        raise Refused("quick.empty")
    try:
        applied = store.apply(ChangeSet(actor, tuple(changes), asked.why), then)
    except (Refused, Stale):
        if earlier := sent_before(store, actor, asked, store.get(actor, "deal", asked.deal_id)):
            return earlier
        raise
    return Made("deal", asked.deal_id, applied.revision)


def changed(deal: Mapping[str, Any], asked: Asked) -> list[Change]:
    """The change of the deal itself; none when everything stays as it is."""
    row: dict[str, object] = {
        name: value
        for name in ("next_step", "next_step_on")
        if (value := getattr(asked, name)) and value != deal.get(name)
    }
    row |= {name: value for name, value in asked.values.items() if value != deal.get(name)}
    verb = "update"
    if asked.move and not arrived(deal, asked.move):
        verb = asked.move.verb
        row |= {name: value for name in MOVED if (value := getattr(asked.move, name))}
        if verb in ("win", "lose") and asked.happened:
            row.setdefault("close_note", asked.happened)
    return [Change("deal", verb, one_row("deal", asked.deal_id, asked.version, row))] if row or verb != "update" else []


def arrived(deal: Mapping[str, Any], move: Move) -> bool:
    """Whether the deal is already where it is to go."""
    return move.verb == "advance" and deal["stage_id"] == move.stage_id


def told(actor: Actor, deal: Mapping[str, Any], asked: Asked) -> list[Change]:
    """The interactions that say what happened; none when nothing was said."""
    said = (Told(asked.token, kind_of(asked.happened), asked.happened),) if asked.happened else ()
    row = {
        "deal_id": asked.deal_id,
        "customer_id": deal.get("customer_id"),
        "author_id": actor.person_id,
        "direction": DIRECTION,
        "happened_at": datetime.now(UTC).replace(tzinfo=None),
    }
    rows = [(one.id, row | {"kind": one.kind, "summary": one.summary}) for one in (*said, *asked.told)]
    return [Change("interaction", "create", one_row("interaction", key, None, values)) for key, values in rows]


def one_row(entity: str, record_id: str, version: int | None, values: Mapping[str, object]) -> pl.DataFrame:
    """One record as the row of a change, in the declared types."""
    declared = entity_of(entity).by_name
    seen = {} if version is None else {"version": [version]}
    columns = {name: pl.Series(name, [value], dtype=DTYPES[declared[name].kind]) for name, value in values.items()}
    return pl.DataFrame({"id": [record_id], **seen, **columns})


def sent_before(store: Store, actor: Actor, asked: Asked, deal: Mapping[str, Any]) -> Made | None:
    """What the same form has written already, or None."""
    if asked.happened:
        written = store.find(actor, "interaction", [Condition("id", Operator.EQ, asked.token)], fields=[])
        return Made("deal", asked.deal_id, written["revision"][0]) if written.height else None
    next_version = store.history(actor, "deal", asked.deal_id).filter(pl.col("version") == asked.version + 1)
    mine = next_version.filter(pl.col("actor_id") == actor.person_id)
    return Made("deal", asked.deal_id, mine["revision"][0]) if mine.height and as_asked(deal, asked) else None


def as_asked(deal: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a deal holds what was entered."""
    given = {name: getattr(asked, name) for name in ("next_step", "next_step_on") if getattr(asked, name)}
    if asked.move:
        given |= {"stage_type": {"win": "won", "lose": "lost"}.get(asked.move.verb, "open")}
        given |= {name: value for name in MOVED if (value := getattr(asked.move, name))}
    given |= asked.values
    return all(deal.get(name) == value for name, value in given.items())


def complete_task(store: Store, actor: Actor, task_id: str, version: int, today: date) -> Made:
    """A task is done; sent a second time it is done already. Raises NotFound, Forbidden, Refused, Stale."""
    done = one_row("task", task_id, version, {"done_on": today})
    try:
        applied = submit(store, actor, [Change("task", "complete", done)])
    except Stale:
        log = store.history(actor, "task", task_id).filter(pl.col("version") == version + 1)
        mine = log.filter((pl.col("actor_id") == actor.person_id) & (pl.col("verb") == "complete"))
        if mine.is_empty():
            raise
        return Made("task", task_id, mine["revision"][0])
    return Made("task", task_id, applied.revision)


def snooze(store: Store, actor: Actor, entity: str, record_id: str, version: int, until: date) -> Made:
    """Put the next step of a record off to a later day; sent a second time it is put off already.

    Raises NotFound, Invalid (snooze.not_later), Forbidden, Stale.
    """
    try:
        applied = submit(store, actor, [Change(entity, SNOOZE, one_row(entity, record_id, version, {DAY: until}))])
    except Stale:
        log = store.history(actor, entity, record_id).filter(pl.col("version") == version + 1)
        mine = log.filter((pl.col("actor_id") == actor.person_id) & (pl.col("verb") == SNOOZE))
        if mine.is_empty() or store.get(actor, entity, record_id)[DAY] != until:
            raise
        return Made(entity, record_id, mine["revision"][0])
    return Made(entity, record_id, applied.revision)


def complete_obligation(store: Store, actor: Actor, obligation_id: str, version: int, today: date) -> Made:
    """A duty is done; sent a second time it is done already. Raises NotFound, Forbidden, Stale."""
    change(store, actor, "obligation", obligation_id, version, {"done_on": today})
    return Made("obligation", obligation_id, store.get(actor, "obligation", obligation_id)["revision"])


# -- undo -------------------------------------------------------------------------------------------------------------


def undo(store: Store, actor: Actor, made: Made) -> int:
    """Give the record back what it had, and archive the interaction that was made with it; returns the revision.

    It takes effect when what it takes back did: known from now on as if that had never been.
    Archiving needs more than creating, so whoever wrote something may take exactly that back.
    Raises NotFound, Forbidden for what somebody else wrote, Refused (quick.changed_since).
    """
    where = [Condition("id", Operator.EQ, made.record_id)]
    if store.find(actor, made.entity, where, fields=[], action=Action.UPDATE).is_empty():
        raise NotFound("record.not_found", entity=made.entity)
    with store.reading() as cursor:
        log = history.of_record(cursor, made.entity, made.record_id)
        said = history.of_revision(cursor, "interaction", made.revision)
    wrote = log.filter(pl.col("revision") == made.revision)
    said = said.filter((pl.col("verb") == "create") & (pl.col("deal_id") == made.record_id))
    authors = {*wrote["actor_id"], *said["actor_id"]}
    if authors != {actor.person_id}:
        raise Forbidden("access.forbidden", entity=made.entity, action=UNDO)
    changes = [given_back(made.entity, log, row) for row in wrote.iter_rows(named=True)]
    if said.height:
        changes.append(Change("interaction", "archive", said.select("id", "version")))
    try:
        applied = submit(
            store,
            actor.model_copy(update={"roles": operator().roles}),
            changes,
            why="machine.undone",
            effective_at=max(wrote["effective_at"].to_list(), default=None),
            takes_back=True,
        )
    except Stale as problem:
        raise Refused("quick.changed_since") from problem
    return applied.revision


def given_back(name: str, log: pl.DataFrame, wrote: Mapping[str, Any]) -> Change:
    """The change that leads from what was written back to what stood there before."""
    entity, verb = entity_of(name), BACK[wrote["verb"]]
    before = log.filter(pl.col("version") == wrote["version"] - 1).row(0, named=True)
    stated = set(wrote["changed"].split(","))
    names = [field.name for field in entity.settable if field.name in stated and not field.by_verb]
    if name == "deal" and verb != "update":
        names += ["stage_id", "stage_since"]
    if name == "task":
        names.append("done_on")
    assert not any(entity.by_name[one].encrypted for one in names)
    values = {one: as_given(entity.by_name[one].kind, before[one]) for one in names}
    return Change(name, verb, one_row(name, wrote["id"], wrote["version"], values))


def as_given(kind: Kind, value: Any) -> Any:
    """A value of a history as a change carries it."""
    return json.loads(value) if kind is Kind.TAGS and isinstance(value, str) else value
