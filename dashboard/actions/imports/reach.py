"""What an importer may match rows with, and what the importer may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.domain.access import IMPORT_LIMITS, Action, Actor, Role, system
from dashboard.domain.entities import RECORDS
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden
from dashboard.store import Store
from etl.ingest import Rights
from etl.ingest.pool import SYSTEM, empty_records

MACHINES = frozenset({Role.OPERATOR, Role.SYSTEM})
UPDATERS = MACHINES | {Role.MANAGER}
"""Whose imports may also change records: the policy lets representatives and administrators only create."""

BATCH = "import_batch"


@dataclass(frozen=True)
class Reachable:
    """What rows may be matched with: the records within an actor's reach, with the fields the actor may see."""

    store: Store
    actor: Actor

    @property
    def currency(self) -> str:
        """The company's currency."""
        return str(self.store.company.currency)

    @property
    def undone(self) -> frozenset[int]:
        """The revisions in which imports were undone."""
        found = self.store.find(
            system(), BATCH, [Condition("status", Operator.EQ, "undone")], fields=["undone_revision"]
        )
        return frozenset(found["undone_revision"].drop_nulls().to_list())

    def records(self, entity: str, fields: Sequence[str]) -> pl.DataFrame:
        """The records in reach, archived ones too; a field the actor may not see is empty."""
        if not self.actor.grants(entity, Action.READ):
            return empty_records(RECORDS[entity], fields)
        visible = self.store.find(self.actor, entity, limit=0).columns
        found = self.store.find(self.actor, entity, fields=[name for name in fields if name in visible], archived=True)
        hidden = [pl.lit(None).alias(name) for name in fields if name not in visible]
        return found.with_columns(hidden).select(*SYSTEM, *fields)

    def addresses(self) -> pl.DataFrame:
        """The e-mail of people: whoever knows an address may name its owner, as anybody may point at a colleague."""
        return self.store.find(system(), "person", fields=["email"]).select("id", "email")


def rights_of(actor: Actor) -> Rights:
    """What an actor may import. Raises Forbidden for somebody who may import nothing."""
    importing = {
        entity: {grant.role for grant in actor.grants(entity, Action.IMPORT)} for entity in RECORDS if entity != BATCH
    }
    create = frozenset(entity for entity, roles in importing.items() if roles)
    if not create:
        raise Forbidden("access.forbidden", entity=BATCH, action=str(Action.IMPORT))
    update = frozenset(entity for entity, roles in importing.items() if roles & UPDATERS)
    limits = [IMPORT_LIMITS.get(role) for role in {role for roles in importing.values() for role in roles}]
    rows = None if None in limits else max(limit for limit in limits if limit is not None)
    owner = None if elevated(actor) else actor.person_id
    return Rights(create, update, rows, owner, bring_back=elevated(actor))


def elevated(actor: Actor) -> bool:
    """Whether the actor imports for the whole company and not only what becomes the actor's own."""
    return bool(set(actor.roles) & (MACHINES | {Role.ADMIN}))


def writer_of(actor: Actor) -> Actor:
    """The actor as an import writes. The right to import everything includes what an import consists of: each verb.

    The rows were judged by `rights_of` before; audit and history name the person.
    """
    return actor.model_copy(update={"roles": (*actor.roles, Role.OPERATOR)}) if elevated(actor) else actor
