"""The entity declaration. Storage, forms, tables, REST, import, export and test builders follow from it."""

from dashboard.domain.entities import delivery, forms, machine, organisation, reference, requests, sales, web, work
from dashboard.domain.fields import Entity, Field

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for part in (organisation, reference, sales, delivery, work, machine, requests, forms, web)
    for entity in part.ENTITIES
}
"""Every kind of record by name, in an order in which most references point backwards."""

RECORDS: dict[str, Entity] = {name: entity for name, entity in ENTITIES.items() if not entity.log}
"""Those with a revision log: what people work on."""

LOGS: dict[str, Entity] = {name: entity for name, entity in ENTITIES.items() if entity.log}
"""Append-only rows of the machine itself."""

BY_PLURAL: dict[str, Entity] = {entity.plural: entity for entity in ENTITIES.values()}


def entity_of(name: str) -> Entity:
    """The declaration of an entity by its name or plural; KeyError when there is none."""
    return ENTITIES.get(name) or BY_PLURAL[name]


__all__ = ["BY_PLURAL", "ENTITIES", "LOGS", "RECORDS", "Entity", "Field", "entity_of"]
