"""The pool: which rule holds for a team, what it still allows a person, and when a record returns to the pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

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
    updated_at: datetime | None = None


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


NO_CONTACT, NO_DEAL = "no_contact", "no_deal"
LIMITS = {NO_CONTACT: ("contact_on", "recycle_after_days"), NO_DEAL: ("deal_on", "recycle_without_deal_days")}
"""Why a record returns to the pool: since when it counts, and after how many days by the rule."""


def returning(held: pl.DataFrame, rules: Mapping[str, Rule | None], zone: str) -> pl.DataFrame:
    """When records return to the pool of their owner's team, the soonest first; those that never do are left out.

    held: id, version, owner_id, team_id, since_on, contact_on, deal_on, open_deals, see `pooling.held`; rules: the one
    that holds for each team; zone: of the company, whose days count. Adds rule_id; reason (one of LIMITS) and days (its
    limit); due_on: the first day on which it returns; warn_on: from when on its owner is warned; protected: an open
    deal keeps it.

    Nobody loses a record without warning: after a change of the rule it takes at least the days of the warning.
    """
    known = [terms_of(team, rule, zone) for team, rule in rules.items() if rule]
    terms = pl.DataFrame(known, schema=TERMS, orient="row")
    found = held.join(terms, on="team_id", how="inner")
    ends = [
        (pl.max_horizontal("since_on", since) + pl.duration(days=limit)).alias(reason)
        for reason, (since, limit) in LIMITS.items()
    ]
    sooner = (pl.col(NO_DEAL) < pl.col(NO_CONTACT)).fill_null(pl.col(NO_CONTACT).is_null())
    due = pl.max_horizontal(pl.min_horizontal(*LIMITS), pl.col("warned_since") + pl.duration(days="warn_before_days"))
    return (
        found.with_columns(ends)
        .filter(pl.any_horizontal(pl.col(*LIMITS).is_not_null()))
        .with_columns(
            pl.when(sooner).then(pl.lit(NO_DEAL)).otherwise(pl.lit(NO_CONTACT)).alias("reason"),
            pl.when(sooner).then("recycle_without_deal_days").otherwise("recycle_after_days").alias("days"),
            due.alias("due_on"),
            (pl.col("protect_open_deals") & (pl.col("open_deals") > 0)).alias("protected"),
        )
        .with_columns((pl.col("due_on") - pl.duration(days="warn_before_days")).alias("warn_on"))
        .drop(*LIMITS, *(name for name in TERMS if name not in ("team_id", "rule_id")))
        .sort("due_on", "id")
    )


TERMS = {
    "team_id": pl.String(),
    "rule_id": pl.String(),
    "recycle_after_days": pl.Int64(),
    "recycle_without_deal_days": pl.Int64(),
    "protect_open_deals": pl.Boolean(),
    "warn_before_days": pl.Int64(),
    "warned_since": pl.Date(),
}


def terms_of(team_id: str, rule: Rule, zone: str) -> tuple[object, ...]:
    """What a rule says to the return of the records of a team, in the order of TERMS."""
    return (
        team_id,
        rule.id,
        rule.recycle_after_days,
        rule.recycle_without_deal_days,
        bool(rule.protect_open_deals),
        rule.warn_before_days or 0,
        rule.updated_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() if rule.updated_at else None,
    )
