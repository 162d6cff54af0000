"""What records are called in addresses: plurals in kebab case, and which of them can be changed there."""

from __future__ import annotations

import re
from typing import Any

from starlette.convertors import Convertor, register_url_convertor

from dashboard.domain.access import ownership_of
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.follow_ups import FOLLOWED
from dashboard.domain.lifecycles import LIFECYCLES

PLURALS: dict[str, Entity] = {entity.plural.replace("_", "-"): entity for entity in RECORDS.values()}
"""Every kind of record by the word that stands for it."""

READ_ONLY = frozenset({"import_batch"})
"""What only its own addresses write: an import is remembered, never entered."""

COMMON_VERBS = ("restore", "assign", "claim", "release", "snooze")
POOL = "pool_team_id"


class EntityConvertor(Convertor[str]):
    """The part of an address that names a kind of record; anything else is no address of ours."""

    regex = "|".join(sorted(map(re.escape, PLURALS), key=len, reverse=True))

    def convert(self, value: str) -> Any:
        """The word itself."""
        return value

    def to_string(self, value: str) -> str:
        """The word itself."""
        return value


register_url_convertor("entity", EntityConvertor())


def address_of(entity: Entity) -> str:
    """The word that stands for a kind of record."""
    return entity.plural.replace("_", "-")


def verbs_of(entity: Entity) -> tuple[str, ...]:
    """What can be done with a record besides changing its fields."""
    if entity.name in READ_ONLY:
        return ()
    cycle = LIFECYCLES.get(entity.name)
    found = [step.verb for step in cycle.transitions] if cycle else []
    return (*dict.fromkeys(found), *(verb for verb in COMMON_VERBS if offered(entity, verb)))


def offered(entity: Entity, verb: str) -> bool:
    """Whether a common verb means something for an entity."""
    pooled = POOL in entity.by_name
    owned = bool(set(ownership_of(entity).people) & entity.by_name.keys())
    followed = entity.name in FOLLOWED
    return {"restore": True, "assign": owned, "claim": pooled, "release": pooled, "snooze": followed}[verb]
