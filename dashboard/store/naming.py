"""What records are called that stand as references on records which somebody may open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from dashboard.domain.access import REFERENCE, Actor, Visibility
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.store.scope import scope_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

NUMBER = "number"
OPENLY = frozenset({"person", *REFERENCE.split()})
"""What is called by its name wherever it stands: people, and what an administrator keeps for everybody."""


def names(store: Store, actor: Actor, entity: str, ids: Iterable[str | None], language: str) -> dict[str, str]:
    """What records are called: id → title, or number for whoever may read no title of this kind.

    Of what is not called by its name openly, only what the actor may read.
    """
    declared = entity_of(entity)
    wanted = [value for value in dict.fromkeys(ids) if value is not None]
    if declared.name in OPENLY:
        return store.labels(declared.name, wanted, language)
    scope, title = scope_of(actor, declared), declared.title
    if not wanted or title is None or not scope.rules:
        return {}
    key = ("names", actor, wanted, language)
    if title == NUMBER or scope.best(declared.by_name[title]) is not Visibility.HIDDEN:
        return store.once(
            declared.name, key, lambda _cursor: as_far_as_readable(store, actor, declared, wanted, language)
        )
    if declared.number is None:
        return {}
    numbered = Condition("id", Operator.IN, wanted)
    return store.once(declared.name, key, lambda _cursor: titles(store, actor, declared, NUMBER, numbered))


def as_far_as_readable(store: Store, actor: Actor, entity: Entity, wanted: list[str], language: str) -> dict[str, str]:
    """The titles that the actor may read, in clear or masked.

    Which records show it in clear is the same for every list of ids, so it is asked once; others are rare.
    """
    title = str(entity.title)
    found = ones_own(store, actor, entity, title, wanted)
    wanted = [value for value in wanted if value not in found]
    clear = shown_in_clear(store, actor, entity, title, wanted) if wanted else []
    found |= store.labels(entity.name, clear, language)
    if rest := sorted(set(wanted).difference(clear)):
        found |= titles(store, actor, entity, title, Condition("id", Operator.IN, rest))
    return found


def ones_own(store: Store, actor: Actor, entity: Entity, title: str, wanted: list[str]) -> dict[str, str]:
    """The titles among the records of somebody with nobody below: usually all that are wanted, so they are read once
    for every list of ids."""
    if actor.below or "owner_id" not in entity.by_name:
        return {}
    mine = titles(store, actor, entity, title, Condition("owner_id", Operator.EQ, actor.person_id))
    return {key: mine[key] for key in wanted if key in mine}


def titles(store: Store, actor: Actor, entity: Entity, title: str, where: Condition) -> dict[str, str]:
    """The titles of the records that fit, as the actor may read them."""
    read = store.find(actor, entity.name, [where], fields=[title], archived=True)
    return {key: name for key, name in zip(read["id"], read[title], strict=True) if name is not None}


def shown_in_clear(store: Store, actor: Actor, entity: Entity, title: str, wanted: list[str]) -> list[str]:
    """Which of the records show the actor a field that is not encrypted in clear."""
    field = entity.by_name.get(title)
    if field is not None and field.encrypted:
        return []
    known = store.ids(actor, entity.name, needs=[title] if field else [])
    asked = pl.Series(wanted, dtype=pl.String)
    return wanted if known is None else asked.filter(asked.is_in(known.implode())).to_list()
