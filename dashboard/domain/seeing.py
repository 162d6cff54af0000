"""Which fields of an entity a person sees at all, and how: what a list offers and a form asks."""

from __future__ import annotations

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import Entity

ORDER = (Visibility.CLEAR, Visibility.MASKED, Visibility.HIDDEN)


def seen(actor: Actor, entity: Entity, action: Action = Action.READ) -> dict[str, Visibility]:
    """The fields that some record shows the person, in declared order, and the most that any record shows of each."""
    rules = [grant.fields for grant in actor.grants(entity.name, action)]
    found: dict[str, Visibility] = {}
    for field in entity.all_fields:
        best = min((ORDER.index(rule.visibility(field)) for rule in rules), default=len(ORDER) - 1)
        if ORDER[best] is not Visibility.HIDDEN:
            found[field.name] = ORDER[best]
    return found
