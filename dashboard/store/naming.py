"""What records are called that stand as references on records which somebody may open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.domain.access import REFERENCE, Actor, Visibility
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.store.scope import scope_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

OPENLY = frozenset({"person", *REFERENCE.split()})
"""What is called by its name wherever it stands: people, and what an administrator keeps for everybody."""


def names(store: Store, actor: Actor, entity: str, ids: Iterable[str | None], language: str) -> dict[str, str]:
    """What records are called: id → title; of what is not called by its name openly, only what the actor may read."""
    declared = entity_of(entity)
    wanted = [value for value in dict.fromkeys(ids) if value is not None]
    if declared.name in OPENLY:
        return store.labels(declared.name, wanted, language)
    title = declared.title
    shown = title == "number" or (
        title is not None and scope_of(actor, declared).best(declared.by_name[title]) is not Visibility.HIDDEN
    )
    if not wanted or title is None or not shown:
        return {}
    where = [Condition("id", Operator.IN, wanted)]
    found = store.find(actor, declared.name, where, fields=[title], archived=True)
    return {key: name for key, name in found.select("id", title).iter_rows() if name is not None}
