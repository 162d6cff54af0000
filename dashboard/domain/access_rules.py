"""What an administrator changed about the grants, and what somebody may see who looks through another person's eyes.

A rule replaces what was delivered for one role, entity and action. Machines' roles have none, and what would let an
administrator lose the keys, or hand them out, cannot be changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dashboard.domain.access import (
    CLEAR,
    DEFAULTS,
    DELIVERED,
    MASKED,
    WITHOUT_MONEY,
    Action,
    Actor,
    FieldRule,
    Grant,
    Policy,
    Reach,
    Role,
)
from dashboard.domain.entities import RECORDS
from dashboard.errors import Refused

DELIVERED_FIELDS = "delivered"
SHOWS: dict[str, FieldRule] = {"clear": CLEAR, "masked": MASKED, "without_money": WITHOUT_MONEY}
KEYS = ("person", "access_rule", "team")
"""Whoever changes these decides who may do what."""
GENERAL = (Reach.OWN, Reach.BELOW, Reach.ALL)


class Rule(NamedTuple):
    """One changed line of the table of grants.

    reaches: none means that the role may not do it at all; shows: which fields, as delivered unless named.
    """

    role: Role
    entity: str
    action: Action
    reaches: tuple[Reach, ...]
    shows: str = DELIVERED_FIELDS


def rule_of(row: dict[str, object]) -> Rule:
    """A rule from a stored row. Raises Refused (access_rule.unknown, access_rule.protected)."""
    try:
        role, action = Role(str(row["role"])), Action(str(row["action"]))
        reaches = tuple(Reach(str(word)) for word in row.get("reaches") or ())  # type: ignore[attr-defined]
    except ValueError as wrong:
        raise Refused("access_rule.unknown", word=str(wrong)) from None
    rule = Rule(role, str(row["entity"]), action, reaches, str(row["shows"]))
    check(rule)
    return rule


def check(rule: Rule) -> None:
    """Raises Refused for what does not exist, cannot be reached, or must stay as it is."""
    if rule.entity not in RECORDS or rule.role in (Role.OPERATOR, Role.SYSTEM):
        raise Refused("access_rule.unknown", word=rule.entity)
    if rule.entity in KEYS and (rule.role is Role.ADMIN or rule.action is not Action.READ):
        raise Refused("access_rule.protected", entity=rule.entity)
    for reach in rule.reaches:
        if reach not in reaches_of(rule.entity):
            raise Refused("access_rule.reach", entity=rule.entity, reach=str(reach))


def reaches_of(entity: str) -> tuple[Reach, ...]:
    """The reaches that mean something for an entity: those that some role was delivered with, and the general ones."""
    delivered = {grant.reach for grant in DEFAULTS if grant.entity == entity}
    personal = delivered & {Reach.OWN, Reach.BELOW}
    return tuple(
        reach for reach in Reach if reach in delivered or reach is Reach.ALL or (personal and reach in GENERAL)
    )


def policy_of(rules: Iterable[Rule]) -> Policy:
    """The grants in force."""
    changed = {(rule.role, rule.entity, rule.action): rule for rule in rules}
    if not changed:
        return DELIVERED
    kept = tuple(grant for grant in DEFAULTS if (grant.role, grant.entity, grant.action) not in changed)
    return Policy((*kept, *(grant for rule in changed.values() for grant in grants_of(rule))))


def grants_of(rule: Rule) -> list[Grant]:
    """The grants that a rule stands for; limits by state and "not about oneself" stay as they were delivered."""
    delivered = delivered_for(rule.role, rule.entity, rule.action)
    found = []
    for reach in rule.reaches:
        same = [grant for grant in delivered if grant.reach is reach] or [limits(rule, delivered)._replace(reach=reach)]
        found += [
            grant if narrow(grant) else grant._replace(fields=SHOWS.get(rule.shows, grant.fields)) for grant in same
        ]
    return found


def narrow(grant: Grant) -> bool:
    """Whether a state leaves only some fields to be set: no other look at the record opens the rest."""
    return bool(grant.states and grant.fields.only)


def delivered_for(role: Role, entity: str, action: Action) -> list[Grant]:
    """The grants as delivered."""
    return [grant for grant in DELIVERED.by_key.get((entity, action), ()) if grant.role is role]


def limits(rule: Rule, delivered: list[Grant]) -> Grant:
    """A grant to begin with: the strictest limits that were delivered, for this role or for any other."""
    plain = Grant(rule.role, rule.entity, rule.action, Reach.ALL)
    others = DELIVERED.by_key.get((rule.entity, rule.action), ())
    return plain._replace(
        fields=delivered[0].fields if delivered else CLEAR,
        states=delivered[0].states if delivered else (),
        not_self=any(grant.not_self for grant in (*delivered, *others)),
    )


def seen_through(target: Actor, viewer: Actor) -> Actor:
    """The target as the viewer may look through their eyes: reading only, with the stricter mask of both."""
    found = []
    for grant in target.policy.grants:
        if grant.action is Action.READ and grant.role in target.roles:
            own = [one for one in viewer.grants(grant.entity, Action.READ) if one.reach is Reach.ALL]
            found += [grant._replace(fields=rule) for one in own[:1] if (rule := stricter(grant.fields, one.fields))]
    policy = Policy(tuple(found))
    return target.model_copy(update={"policy": policy, "viewer": viewer.person_id, "via": "view_as"})


def stricter(one: FieldRule, other: FieldRule) -> FieldRule | None:
    """A rule that shows what both show; None when that is nothing."""
    only = one.only or other.only
    if one.only and other.only:
        only = tuple(name for name in one.only if name in other.only)
        if not only:
            return None
    return FieldRule(hide=one.hide | other.hide, mask=one.mask | other.mask, only=only)
