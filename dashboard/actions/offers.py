"""What a person may do with a record at this moment: verbs that are forbidden are absent, impossible ones say why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.actions.interactions import ABOUT, LOG
from dashboard.actions.records import PLAIN_VERBS
from dashboard.domain.access import Action, Actor, ownership_of
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.follow_ups import DAY, FOLLOWED, is_followed
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.pool import ENDED, OWNER, POOL
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.wholes import GOING_ON, WHOLES
from dashboard.errors import Refused
from dashboard.store import Store
from dashboard.store.rights import allowed

STATE = {name: cycle.field for name, cycle in LIFECYCLES.items()}


@dataclass(frozen=True)
class Offer:
    """One verb; `refusal` says why it is impossible now."""

    verb: str
    refusal: Refused | None = None


def offers(store: Store, actor: Actor, entity: str, record: Mapping[str, Any]) -> tuple[Offer, ...]:
    """The verbs that the person's rights reach for this very record: edit first, then its life cycle, then the rest."""
    declared = entity_of(entity)
    cycle = LIFECYCLES.get(entity)
    steps = cycle.transitions if cycle else ()
    rights = allowed(store, actor, entity, record["id"], {*PLAIN_VERBS.values(), *(step.who for step in steps)})
    archived = record["archived_at"] is not None
    found = [Offer("update", gone(entity, "update") if archived else None)] if Action.UPDATE in rights else []
    if entity in ABOUT and actor.grants("interaction", Action.CREATE):
        found.append(Offer(LOG, gone(entity, LOG) if archived else None))
    mine = [step.verb for step in steps if step.who in rights]
    found += [Offer(verb, refusal(declared, verb, record, archived)) for verb in mine]
    found += [Offer(verb, gone(entity, verb) if archived else None) for verb in pooling(declared, record, rights)]
    if Action.ASSIGN in rights and ownership_of(declared).people:
        found.append(Offer("assign", gone(entity, "assign") if archived else None))
    if Action.UPDATE in rights and entity in FOLLOWED and record.get(DAY) is not None:
        found.append(Offer("snooze", unfollowed(declared, record, archived)))
    if Action.ARCHIVE in rights:
        found.append(Offer("restore" if archived else "archive"))
    if found and (whole := whole_gone(store, actor, declared, record)):
        return tuple(Offer(offer.verb, offer.refusal or whole) for offer in found)
    return tuple(found)


def whole_gone(store: Store, actor: Actor, entity: Entity, record: Mapping[str, Any]) -> Refused | None:
    """Why a part stays as it is: what it belongs to is archived, as far as the actor may know."""
    name = next((name for name in WHOLES.get(entity.name, ()) if record.get(name)), None)
    if name is None or entity.name in GOING_ON:
        return None
    kind, gone = entity.by_name[name].to or record["entity"], [Condition("id", Operator.EQ, record[name])]
    gone.append(Condition("archived_at", Operator.NULL, value=False))
    if store.count(actor, kind, gone, archived=True) == 0:
        return None
    return Refused("record.whole_archived", entity=entity.name, id=record["id"], whole=record[name])


def pooling(entity: Entity, record: Mapping[str, Any], rights: frozenset[Action]) -> tuple[str, ...]:
    """Claim what lies in the pool, give back what somebody works on."""
    if POOL not in entity.by_name or (entity.name in ENDED and record.get(STATE[entity.name]) in ENDED[entity.name]):
        return ()
    if record.get(OWNER) is None:
        return ("claim",) if Action.CLAIM in rights and record.get(POOL) is not None else ()
    return ("release",) if Action.RELEASE in rights else ()


def unfollowed(entity: Entity, record: Mapping[str, Any], archived: bool) -> Refused | None:
    """Why the next step of a record is not put off: nothing can come of it any more."""
    field = STATE.get(entity.name)
    if archived or field is None or is_followed(entity.name, record.get(field)):
        return gone(entity.name, "snooze") if archived else None
    return refusal(entity, "snooze", record, archived)


def refusal(entity: Entity, verb: str, record: Mapping[str, Any], archived: bool) -> Refused | None:
    """Why a life-cycle verb is impossible in the record's state."""
    cycle = LIFECYCLES[entity.name]
    state = record.get(cycle.field)
    if archived:
        return gone(entity.name, verb)
    if state is None or verb in cycle.allowed(state):
        return None
    return Refused("verb.not_allowed", entity=entity.name, verb=verb, state=state, allowed=list(cycle.allowed(state)))


def gone(entity: str, verb: str) -> Refused:
    """An archived record is put back before anything else happens to it."""
    return Refused("verb.archived", entity=entity, verb=verb)
