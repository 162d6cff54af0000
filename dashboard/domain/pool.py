"""The pool: which rule holds for a team, what it still allows a person, and when a record returns to the pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

OWNER, POOL = "owner_id", "pool_team_id"
ENDED: dict[str, tuple[str, ...]] = {"lead": ("converted", "unqualified", "junk")}
"""States in which nobody works on a record any more: it is neither held nor in the pool."""


@dataclass(frozen=True)
class Rule:
    """A rule of the pool as the store holds it; a limit that is None does not hold."""

    id: str
    team_id: str | None
    entity: str
    max_held: int | None = None
    max_claims_a_day: int | None = None
    cool_down_days: int | None = None
    recycle_after_days: int | None = None
    recycle_without_deal_days: int | None = None
    protect_open_deals: bool | None = True
    warn_before_days: int | None = None


COLUMNS = tuple(field.name for field in fields(Rule))


def nearest(rules: Iterable[Rule], parents: Mapping[str, str | None], entity: str, team_id: str | None) -> Rule | None:
    """The rule of the team itself, else of the nearest team above it that has one, else the one without a team."""
    by_team = {rule.team_id: rule for rule in rules if rule.entity == entity}
    seen: set[str] = set()
    while team_id is not None and team_id not in seen:
        if team_id in by_team:
            return by_team[team_id]
        seen.add(team_id)
        team_id = parents.get(team_id)
    return by_team.get(None)


@dataclass(frozen=True)
class Allowance:
    """What a rule still allows a person: how many they hold, and how many they claimed today."""

    rule: Rule | None
    held: int
    claimed: int

    @property
    def room(self) -> int | None:
        """How many more the person may hold; None for any number."""
        return left(self.rule.max_held if self.rule else None, self.held)

    @property
    def today(self) -> int | None:
        """How many more the person may claim today; None for any number."""
        return left(self.rule.max_claims_a_day if self.rule else None, self.claimed)


def left(limit: int | None, used: int) -> int | None:
    """What remains of a limit."""
    return None if limit is None else max(limit - used, 0)


def free_from(rule: Rule | None, freed_on: date) -> date:
    """The first day on which the previous owner may claim what went to the pool on `freed_on`."""
    return freed_on + timedelta(days=(rule.cool_down_days or 0) if rule else 0)
