"""Who must decide on a contract, in which order, and who decides while that person is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.domain.access import Role

LEVELS = ("manager", "manager_above", "leader")
"""Whom a rule may ask for, in the order in which they decide."""

Row = Mapping[str, Any]


class Away(NamedTuple):
    """One absence: its first and last day, and who decides meanwhile when somebody was named."""

    since: dt.date
    until: dt.date
    delegate_id: str | None


@dataclass(frozen=True)
class Staff:
    """The people as far as decisions go. parents, managers: by team; homes: the team of a person; deciders: managers
    and leaders who are active; leaders: in a fixed order; away: by person."""

    parents: Mapping[str, str | None]
    managers: Mapping[str, str | None]
    homes: Mapping[str, str | None]
    deciders: frozenset[str]
    leaders: tuple[str, ...]
    away: Mapping[str, tuple[Away, ...]] = field(default_factory=dict)

    def teams_above(self, person_id: str | None) -> Iterator[str]:
        """The team of a person and those above it, the nearest first."""
        team, seen = self.homes.get(person_id or ""), set[str]()
        while team is not None and team not in seen:
            seen.add(team)
            yield team
            team = self.parents.get(team)

    def above(self, person_id: str | None) -> list[str]:
        """The managers above somebody, the nearest first; never that person."""
        managers = dict.fromkeys(self.managers.get(team) for team in self.teams_above(person_id))
        return [one for one in managers if one in self.deciders and one != person_id and one is not None]

    def absence(self, person_id: str, today: dt.date) -> Away | None:
        """The absence that covers a day, else the next one after it; who decides no more is away for good."""
        if person_id not in self.deciders:
            return Away(dt.date.min, dt.date.max, None)
        ahead = [away for away in self.away.get(person_id, ()) if away.until >= today]
        return min(ahead, key=lambda away: (away.since, away.until), default=None)

    def is_away(self, person_id: str, today: dt.date) -> bool:
        """Whether somebody is absent on a day."""
        absence = self.absence(person_id, today)
        return absence is not None and absence.since <= today

    def deputy(self, person_id: str, owner_id: str | None, today: dt.date) -> str | None:
        """Who decides while somebody is absent now or will be: whoever was named, else the next manager above, else a
        leader, those first who are there themselves; nobody decides for themselves."""
        absence = self.absence(person_id, today)
        if absence is None:
            return None
        candidates = [absence.delegate_id, *self.above(person_id), *self.leaders]
        able = [one for one in candidates if one in self.deciders and one not in (owner_id, person_id)]
        return min(able, key=lambda one: self.is_away(str(one), today), default=None)


class Step(NamedTuple):
    """One decision: who, and the rules that ask for it; none when it is the usual one."""

    person_id: str
    rules: tuple[Row, ...]


def steps(contract: Row, rules: Iterable[Row], staff: Staff) -> list[Step]:
    """The decisions that a contract needs, in order; each person decides once. Empty when nobody can be found.

    contract: owner_id, base_amount, discount, payment_terms_days. Where no rule applies, the owner's manager decides.
    """
    owner = contract["owner_id"]
    asked: dict[str, list[Row]] = {}
    for rule in sorted(rules, key=lambda rule: (LEVELS.index(rule["approver"]), rule["rank"] or 0, rule["id"])):
        if applies(rule, contract, staff):
            asked.setdefault(rule["approver"], []).append(rule)
    found: dict[str, tuple[Row, ...]] = {}
    for level in asked or {LEVELS[0]: []}:
        person = decider(level, owner, staff)
        if person is None:
            return []
        found[person] = (*found.get(person, ()), *asked.get(level, ()))
    return [Step(person, reasons) for person, reasons in found.items()]


def applies(rule: Row, contract: Row, staff: Staff) -> bool:
    """Whether every limit of a rule is reached, for a contract of its team or one below."""
    if rule["team_id"] is not None and rule["team_id"] not in staff.teams_above(contract["owner_id"]):
        return False
    return all(reached(contract[value], rule[limit]) for limit, value in LIMITS.items())


LIMITS = {
    "from_amount": "base_amount",
    "from_discount": "discount",
    "from_payment_terms_days": "payment_terms_days",
}
"""The limits of a rule, and the value of a contract that each is held against."""


def reached(value: Decimal | int | None, limit: Decimal | int | None) -> bool:
    """Whether a limit is reached; none is always."""
    return limit is None or (value is not None and value >= limit)


def decider(level: str, owner_id: str | None, staff: Staff) -> str | None:
    """The person of a level above the owner; a level that is not there is the leader's."""
    above: Sequence[str] = staff.above(owner_id)
    place = LEVELS.index(level)
    if level != LEVELS[-1] and len(above) > place:
        return above[place]
    return next((one for one in staff.leaders if one != owner_id), above[-1] if above else None)


def is_decider(roles: str | None, *, active: bool) -> bool:
    """Whether somebody decides on contracts at all; roles as stored."""
    return active and any(f'"{role}"' in (roles or "") for role in (Role.MANAGER, Role.LEADER))
