"""Whether a change may be written: the right to it, the version that was seen, the life cycle, values, references."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import and_, select, true

from dashboard.domain.access import Action, Actor, Visibility, ownership_of
from dashboard.domain.changes import Change
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fields import Field, Kind
from dashboard.domain.follow_ups import DAY, FOLLOWED
from dashboard.domain.lifecycles import LIFECYCLES, Transition
from dashboard.domain.validation import check
from dashboard.errors import Forbidden, Invalid, Problem, Refused, Stale
from dashboard.store import belonging, beyond
from dashboard.store.belonging import ASSIGN, BELONGING, CLAIM, RELEASE
from dashboard.store.engine_duckdb import SMALL, frame, one_of, rows
from dashboard.store.few import row_within
from dashboard.store.records import Reader
from dashboard.store.schema import history_of, table_of
from dashboard.store.scope import scope_of
from dashboard.store.staging import staged, types_of
from dashboard.store.transaction import MACHINES, Transaction
from dashboard.store.values import compared

CREATE, UPDATE, ARCHIVE, RESTORE = "create", "update", "archive", "restore"
SNOOZE = "snooze"
PLAIN = {
    CREATE: Action.CREATE,
    UPDATE: Action.UPDATE,
    ASSIGN: Action.ASSIGN,
    RELEASE: Action.RELEASE,
    CLAIM: Action.CLAIM,
    SNOOZE: Action.UPDATE,
    ARCHIVE: Action.ARCHIVE,
    RESTORE: Action.ARCHIVE,
}
"""The verbs outside the life cycles, and the right that each needs."""
NARROW = (*BELONGING, SNOOZE)
"""The verbs that set the fields that they are about, and no others."""
GIVEN = ("id", "version", "effective_at")
ORIGIN = ("source", "external_id")  # where a record came from: stated when it is created, never changed
HANDED = frozenset({"owner_id", "assignee_id"})
"""The fields that say who works on a record."""
DIRECTORY = ("person", "team")  # anybody may point at a colleague; reading them is another matter
MASK = r"\*{3}"  # what a masked value has in it
MANY = 20
FEW = 3
"""References that are looked for one by one."""


def permit(actor: Actor, entity: Entity, change: Change, transition: Transition | None) -> None:
    """Whether the actor may use this verb at all, and set these fields. Raises Forbidden, Invalid."""
    action = transition.who if transition else PLAIN[change.verb]
    scope = scope_of(actor, entity, action)
    if not scope.rules:
        raise Forbidden("access.forbidden", entity=entity.name, action=str(action))
    allowed = settable(entity, change.verb, transition)
    for name in change.rows.columns:
        if name in GIVEN or (name in ORIGIN and change.verb == CREATE):
            continue
        field = entity.by_name.get(name)
        if field is None or scope.best(field) is Visibility.HIDDEN:
            raise Invalid((Problem(None, name, "field.unknown", {"field": name}),))
        if scope.best(field) is Visibility.MASKED and change.rows[name].cast(pl.String).str.contains(MASK).any():
            raise Invalid((Problem(None, name, "field.masked", {"field": name}),))
        if change.verb in (ARCHIVE, RESTORE) or (field.by_verb and name not in allowed):
            raise Invalid((Problem(None, name, "field.not_allowed", {"field": name}),))
        if change.verb in NARROW and name not in allowed:
            raise Invalid((Problem(None, name, "field.not_allowed", {"field": name}),))
        if transition and not field.by_verb and name not in transition.needs:
            require_update(actor, entity)


def settable(entity: Entity, verb: str, transition: Transition | None) -> set[str]:
    """The verb-only fields that this verb may set."""
    if transition:
        return {*transition.needs, *transition.may_set}
    if verb == CREATE:
        return {field.name for field in entity.all_fields if field.at_creation}
    return {DAY} if verb == SNOOZE else set(belonging.settable(entity, verb))


def check_snooze(open_: Transaction, entity: Entity, given: pl.DataFrame, current: pl.DataFrame) -> None:
    """The next step of what is still followed up is put off to a later day than today.

    Raises Invalid, Refused (verb.not_allowed).
    """
    if states := FOLLOWED[entity.name]:
        wrong_state(entity, SNOOZE, current.filter(~pl.col(LIFECYCLES[entity.name].field).is_in(states)))
    days = given[DAY] if DAY in given.columns else pl.Series([None] * given.height, dtype=pl.Date)
    wrong = (days <= open_.today).fill_null(value=True).arg_true()
    if wrong.len():
        code = "field.required" if days[wrong[0]] is None else "snooze.not_later"
        raise Invalid((Problem(wrong[0], DAY, code, {"field": DAY}),))


def require_update(actor: Actor, entity: Entity) -> None:
    """A verb that also sets ordinary fields needs the right to update."""
    if not scope_of(actor, entity, Action.UPDATE).rules:
        raise Forbidden("access.forbidden", entity=entity.name, action=str(Action.UPDATE))


def check_versions(
    open_: Transaction, entity: Entity, given: pl.DataFrame, current: pl.DataFrame, reader: Reader
) -> None:
    """Raises Stale when a row was changed since it was seen, Refused when the seen version is not given.

    Stale holds both versions: `mine` as given, `theirs` as the actor may read it now.
    """
    if "version" not in given.columns:
        if not MACHINES & set(open_.actor.roles):
            raise Refused("record.version_missing", entity=entity.name)
        return
    if given["version"].equals(current["version"]):
        return
    stale = (
        given.select("id", seen="version")
        .with_columns(current["version"])
        .filter(pl.col("seen").ne_missing(pl.col("version")))
    )
    if stale.height:
        first = stale.row(0, named=True)
        mine = given.filter(pl.col("id") == first["id"]).row(0, named=True)
        theirs = reader.get(open_.cursor, open_.actor, entity.name, first["id"])
        raise Stale("record.stale", entity=entity.name, id=first["id"], mine=mine, theirs=theirs, rows=stale.height)


def check_archived(entity: Entity, verb: str, current: pl.DataFrame) -> None:
    """Raises Refused (verb.archived): an archived record is put back before anything else happens to it.

    The life cycles say so themselves.
    """
    if verb in PLAIN and verb not in (ARCHIVE, RESTORE):
        archived = current.filter(pl.col("archived_at").is_not_null())
        if archived.height:
            raise Refused("verb.archived", entity=entity.name, verb=verb, id=archived["id"][0])


def check_state(open_: Transaction, entity: Entity, current: pl.DataFrame, transition: Transition) -> None:
    """Raises Refused: verb.not_allowed with the state and the verbs that are allowed, verb.needs_why."""
    cycle = LIFECYCLES[entity.name]
    fitting = pl.col(cycle.field).is_in(transition.sources) & pl.col("archived_at").is_null()
    wrong_state(entity, transition.verb, current.filter(~fitting))
    if transition.why and not open_.why:
        raise Refused("verb.needs_why", verb=transition.verb, entity=entity.name)


def wrong_state(entity: Entity, verb: str, wrong: pl.DataFrame) -> None:
    """Raises Refused (verb.not_allowed) for the first of some rows with the state that it is in."""
    if wrong.height:
        cycle = LIFECYCLES[entity.name]
        state = wrong[cycle.field][0]
        told = {"state": state, "allowed": list(cycle.allowed(state)), "id": wrong["id"][0], "rows": wrong.height}
        raise Refused("verb.not_allowed", entity=entity.name, verb=verb, **told)


def check_needs(entity: Entity, given: pl.DataFrame, current: pl.DataFrame, transition: Transition) -> None:
    """Raises Invalid when a field that the verb needs is empty after it."""
    problems = []
    for name in transition.needs:
        after = given[name] if name in given.columns else kept(entity, current, name)
        problems += [
            Problem(row, name, "field.required", {"field": name}) for row in after.is_null().arg_true().head(MANY)
        ]
    if problems:
        raise Invalid(tuple(problems))


def kept(entity: Entity, current: pl.DataFrame, name: str) -> pl.Series:
    """A current value as the verb leaves it; a field that was not read counts as empty."""
    column = compared(entity, name)
    return current[column] if column in current.columns else pl.Series([None] * current.height)


def check_assigning(
    open_: Transaction, entity: Entity, given: pl.DataFrame, current: pl.DataFrame, changed: list[str]
) -> None:
    """Changing who a record belongs to needs the right to assign it."""
    people = set(ownership_of(entity).people) & set(changed)
    if people and entity.name not in ("person", "absence"):
        scope = scope_of(open_.actor, entity, Action.ASSIGN)
        if not scope.everything and beyond.covered(open_, entity, given["id"].to_list(), scope.rows) < given.height:
            raise Forbidden("access.forbidden", entity=entity.name, action=str(Action.ASSIGN))


def check_fields(open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame, action: Action) -> None:
    """Whether a right that reaches rows reaches each of the given fields of them. Raises Refused, Forbidden."""
    scope, ids = scope_of(open_.actor, entity, action), given["id"].to_list()
    fields = tuple(field for name in given.columns if (field := entity.by_name.get(name)))
    if all(rule.visibility(field) is not Visibility.HIDDEN for rule, _ in scope.rules for field in fields):
        return
    if beyond.covered(open_, entity, ids, scope.rows_opening(fields)) < given.height:
        raise beyond.refusal(open_, entity, verb, action, ids, fields)


def check_working(open_: Transaction, entity: Entity, given: pl.DataFrame, changed: list[str]) -> None:
    """Nothing is handed to somebody who has left; history states what was. Raises Invalid (person.left)."""
    if open_.takes_back or open_.stating:
        return
    for name in HANDED & set(changed):
        people = open_.lookup("person", "id", given[name], ("active",))
        left = given[name].is_in(people.filter(~pl.col("active").fill_null(value=True))["id"].to_list()).arg_true()
        if left.len():
            raise Invalid((Problem(left[0], name, "person.left", {"field": name, "entity": entity.name}),))


def check_updating(open_: Transaction, entity: Entity, given: pl.DataFrame, transition: Transition) -> None:
    """What a verb sets beside what it is about needs the right to update these very records, as they stand before it.

    Raises Refused, Forbidden.
    """
    names = [name for name in given.columns if name in entity.by_name and name not in transition.needs]
    fields = tuple(field for name in names if not (field := entity.by_name[name]).by_verb)
    if fields:
        scope, ids = scope_of(open_.actor, entity, Action.UPDATE), given["id"].to_list()
        if not scope.everything and beyond.covered(open_, entity, ids, scope.rows_opening(fields)) < given.height:
            raise beyond.refusal(open_, entity, UPDATE, Action.UPDATE, ids, fields)


def check_types(entity: Entity, given: pl.DataFrame, typed: pl.DataFrame) -> None:
    """Raises Invalid (field.type) for values that bringing the columns to their declared types has lost."""
    lost = [
        Problem(row, name, "field.type", {"field": name, "entity": entity.name})
        for name in given.columns
        if given.schema[name] != typed.schema[name]
        for row in (given[name].is_not_null() & typed[name].is_null()).arg_true().head(MANY)
    ]
    if lost:
        raise Invalid(tuple(lost))


def validate(open_: Transaction, entity: Entity, given: pl.DataFrame, create: bool) -> None:
    """Raises Invalid with every problem of every row, up to a readable number."""
    found = check(entity, given, create=create, today=open_.today)
    if found.height:
        problems = tuple(
            Problem(row["row"], row["field"], row["code"], {"field": row["field"], "entity": entity.name})
            for row in found.head(MANY * 5).iter_rows(named=True)
        )
        raise Invalid(problems, rows=found["row"].n_unique())


def check_references(open_: Transaction, entity: Entity, given: pl.DataFrame, names: list[str]) -> None:
    """Raises Invalid (reference.*) for ids that do not exist, that the actor may not read, or of another list."""
    for name in names:
        field = entity.by_name.get(name)
        if field is None or field.kind is not Kind.REFERENCE or field.to is None or name not in given.columns:
            continue
        wanted = given[name].drop_nulls().unique()
        if field.to == entity.name:  # a tree may come in one change, the children beside their parents
            wanted = wanted.filter(~wanted.is_in(given["id"].to_list()))
        if wanted.len() == 0:
            continue
        faults = {"not_found": missing(open_, field.to, wanted), "wrong_list": astray(open_, field, wanted)}
        for code, wrong in faults.items():
            if wrong:
                row = given[name].is_in(wrong).arg_true()[0]
                raise Invalid((Problem(row, name, f"reference.{code}", {"field": name, "entity": entity.name}),))


def missing(open_: Transaction, target: str, wanted: pl.Series) -> list[str]:
    """Those ids that are no record of `target` the actor may point at."""
    actor = None if target in DIRECTORY else open_.actor
    if wanted.len() <= FEW:
        return [value for value in wanted.to_list() if not there(open_, target, value, actor)]
    table = table_of(target)
    scope = scope_of(actor, entity_of(target), Action.READ) if actor else None
    reach = true() if scope is None or scope.everything else scope.rows
    if wanted.len() <= SMALL:
        found = {
            row[0] for row in rows(open_.cursor, select(table.c.id).where(one_of(table.c.id, wanted.to_list()), reach))
        }
        return [value for value in wanted.to_list() if value not in found]
    with staged(open_.cursor, pl.DataFrame({"id": wanted}), {}) as source:
        exists = select(table.c.id).where(reach)
        return frame(open_.cursor, select(source.c.id).where(source.c.id.not_in(exists)).limit(MANY))["id"].to_list()


def astray(open_: Transaction, field: Field, wanted: pl.Series) -> list[str]:
    """Those ids that are of another list than the field's."""
    if field.list is None:
        return []
    found = [open_.lookup("list_value", "id", wanted, ("list",), archived=gone) for gone in (False, True)]
    return pl.concat(found).filter(pl.col("list") != field.list)["id"].to_list()


def there(open_: Transaction, target: str, record_id: str, actor: Actor | None) -> bool:
    """Whether there is a record that the actor may read; without actor, one of the directory: nobody leaves that."""
    if actor is None and record_id in open_.known:
        return True
    found = bool(row_within(open_.cursor, target, record_id, actor, Action.READ, ("id",)))
    if found and actor is None:
        open_.known.add(record_id)
    return found


def check_reach(open_: Transaction, entity: Entity, given: pl.DataFrame, action: Action) -> None:
    """What was created must lie within the reach of the right to create it. Raises Refused, Forbidden."""
    scope = scope_of(open_.actor, entity, action)
    if scope.everything:
        return
    ids = given["id"].to_list()
    if beyond.covered(open_, entity, ids, scope.rows) < given.height:
        raise beyond.refusal(open_, entity, CREATE, action, ids)


def check_order(open_: Transaction, entity: Entity, fresh: pl.DataFrame, names: list[str]) -> None:
    """Raises Refused when something later was already stated about the same fields, or the record did not exist."""
    log = history_of(entity.name)
    with staged(open_.cursor, fresh.select("id", "effective_at"), types_of(log)) as source:
        # which fields a row states is asked of the few that remain: the database would read it for the whole history
        after = and_(log.c.id == source.c.id, log.c.effective_at > source.c.effective_at)
        later = frame(open_.cursor, select(source.c.id, log.c.changed).join(log, after))
    stated = later["changed"].str.strip_chars(",").str.split(",").list.set_intersection(["*", *names]).list.len() > 0
    if stated.any():
        raise Refused("record.stated_later", entity=entity.name, id=later["id"].filter(stated)[0])


def effective(open_: Transaction, given: pl.DataFrame) -> pl.Expr | pl.Series:
    """When it happened: per row, else for the change-set, else now. Raises Refused for the future."""
    default = open_.effective_at or open_.moment
    if "effective_at" not in given.columns:
        latest: datetime | None = default
        column: pl.Expr | pl.Series = pl.lit(default, pl.Datetime("us")).alias("effective_at")
    else:
        column = given["effective_at"].fill_null(default)
        latest = column.max()  # type: ignore[assignment]
    if latest is not None and latest > open_.moment:
        raise Refused("record.in_future", moment=latest.isoformat())
    return column
