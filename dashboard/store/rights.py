"""Which actions an actor may do on one record: one statement for all that a page offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import case, select

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import entity_of
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import table_of
from dashboard.store.scope import scope_of

if TYPE_CHECKING:
    from dashboard.store.store import Store


def settable(store: Store, actor: Actor, name: str, record_id: str) -> frozenset[str]:
    """The fields of this very record that the actor's right to update it reaches."""
    entity, table = entity_of(name), table_of(name)
    scope = scope_of(actor, entity, Action.UPDATE)
    columns = [case((predicate, 1), else_=0) for _, predicate in scope.rules]
    if not columns:
        return frozenset()
    statement = select(*columns).where(table.c.id == record_id)
    found = store.once(entity.name, ("settable", actor, record_id), lambda cursor: rows(cursor, statement))
    rules = [rule for (rule, _), hit in zip(scope.rules, found[0] if found else (), strict=False) if hit]
    return frozenset(
        field.name
        for field in entity.all_fields
        if any(rule.visibility(field) is not Visibility.HIDDEN for rule in rules)
    )


def allowed(store: Store, actor: Actor, name: str, record_id: str, actions: Iterable[Action]) -> frozenset[Action]:
    """Those of `actions` whose grants reach this very record; none for a record that is not there."""
    entity = entity_of(name)
    table = table_of(entity.name)
    scopes = {action: scope_of(actor, entity, action) for action in dict.fromkeys(actions)}
    asked = {action: scope for action, scope in scopes.items() if scope.rules}
    if not asked:
        return frozenset()
    columns = [case((scope.rows, 1), else_=0).label(str(action)) for action, scope in asked.items()]
    statement = select(*columns).where(table.c.id == record_id)
    key = ("rights", actor, record_id, list(asked))
    found = store.once(entity.name, key, lambda cursor: rows(cursor, statement))
    return frozenset(action for action, hit in zip(asked, found[0], strict=True) if hit) if found else frozenset()
