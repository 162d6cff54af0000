"""Which fields of an entity a person sees at all, and how: what a list offers and a form asks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import ENTITIES, Entity

ORDER = (Visibility.CLEAR, Visibility.MASKED, Visibility.HIDDEN)


def seen(actor: Actor, entity: Entity, action: Action = Action.READ) -> Mapping[str, Visibility]:
    """The fields that some record shows the person, in declared order, and the most that any record shows of each."""
    return seen_by_name(actor, entity.name, action)


@lru_cache(maxsize=4096)
def seen_by_name(actor: Actor, name: str, action: Action) -> Mapping[str, Visibility]:
    """The fields; an actor is a value that holds all they depend on, so they may be kept."""
    rules = [grant.fields for grant in actor.grants(name, action)]
    found: dict[str, Visibility] = {}
    for field in ENTITIES[name].all_fields:
        best = min((ORDER.index(rule.visibility(field)) for rule in rules), default=len(ORDER) - 1)
        if ORDER[best] is not Visibility.HIDDEN:
            found[field.name] = ORDER[best]
    return MappingProxyType(found)
