"""How records stand on a day: words that follow from day and facts, as conditions, so that no column grows stale.

A contract has exactly one word first; the broader ones behind it say nothing of payments, for whoever may not know of
them. An order, a duty or a planned payment may have several words or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from dashboard.domain.queries import Condition, Operator, any_of, named

STANDING = "standing"
"""What lists of records are asked for, and answer, under."""
Words = Callable[[date], tuple[Condition, ...]]
EQ, NE, IN, LT, GE, NULL = Operator.EQ, Operator.NE, Operator.IN, Operator.LT, Operator.GE, Operator.NULL
UNSIGNED = ("draft", "in_review", "approved", "sent")
NOT_THERE = ("none", "partial", "shipped")
SIGNED = Condition("step", EQ, "signed")
IN_PLACE = Condition("amended_on", NULL, value=True)
"""No later contract took its place."""

BINDING = (Condition("step", NE, "terminated"), IN_PLACE)
"""A contract whose duties still are to be done."""

UNPAID = Condition("state", IN, ["unpaid", "partial"])
CONFIRMED = Condition("status", EQ, "confirmed")


def passed(name: str, today: date) -> Condition:
    """A day that lies before today."""
    return Condition(name, LT, today)


def not_passed(name: str, today: date) -> Condition:
    """A day that does not, or none."""
    return any_of(Condition(name, NULL, value=True), Condition(name, GE, today))


def unsigned(step: str) -> Words:
    """A contract at a step before the signature, still valid."""
    return lambda today: (Condition("step", EQ, step), not_passed("valid_until", today))


def in_force(fulfilment: str) -> Words:
    """A signed contract whose end has not come."""
    return lambda today: (SIGNED, IN_PLACE, Condition("fulfilment", EQ, fulfilment), not_passed("ends_on", today))


STANDINGS: dict[str, dict[str, Words]] = {
    "contract": {
        **{step: unsigned(step) for step in UNSIGNED},
        "lapsed": lambda today: (Condition("step", IN, list(UNSIGNED)), passed("valid_until", today)),
        "active": in_force("none"),
        "partial": in_force("partial"),
        "fulfilled": lambda _today: (SIGNED, IN_PLACE, Condition("fulfilment", EQ, "fulfilled")),
        "expired": lambda today: (SIGNED, IN_PLACE, Condition("fulfilment", NE, "fulfilled"), passed("ends_on", today)),
        "amended": lambda _today: (SIGNED, Condition("amended_on", NULL, value=False)),
        "terminated": lambda _today: (Condition("step", EQ, "terminated"),),
        "in_force": lambda today: (SIGNED, IN_PLACE, not_passed("ends_on", today)),
        "ended": lambda today: (SIGNED, IN_PLACE, passed("ends_on", today)),
    },
    "order": {
        "late": lambda today: (
            CONFIRMED,
            Condition("delivery_state", IN, list(NOT_THERE)),
            passed("promised_on", today),
        ),
        "to_ship": lambda _today: (CONFIRMED, Condition("delivery_state", IN, ["none", "partial"])),
        "to_collect": lambda _today: (
            Condition("delivery_state", EQ, "delivered"),
            Condition("status", IN, ["confirmed", "closed"]),
            Condition("due", Operator.GT, 0),
        ),
    },
    "obligation": {"overdue": lambda today: (Condition("done_on", NULL, value=True), passed("due_on", today))},
    "payment_plan": {
        "overdue": lambda today: (UNPAID, passed("due_on", today)),
    },
}
"""By entity: a word and what holds where it is true; texts stand in data/locales as `standing.<entity>.<word>`."""


def conditions(entity: str, word: str, today: date) -> list[Condition]:
    """What holds for the records that stand so on a day; KeyError for a word that there is not."""
    return list(STANDINGS[entity][word](today))


@cache
def fields_of(entity: str, word: str) -> frozenset[str]:
    """The fields that a word depends on."""
    return frozenset(named(STANDINGS[entity][word](date.min)))


def told_by(entity: str) -> frozenset[str]:
    """The fields that any word depends on."""
    return frozenset().union(*(fields_of(entity, word) for word in STANDINGS.get(entity, {})))


def standing_of(entity: str, record: Mapping[str, Any], today: date) -> list[str]:
    """The words that are true of a record, as far as its fields are seen."""
    told = {word: parts for word, parts in on(entity, today).items() if fields_of(entity, word) <= record.keys()}
    return [word for word, parts in told.items() if all(holds(one, record) for one in parts)]


@lru_cache(maxsize=64)
def on(entity: str, today: date) -> dict[str, tuple[Condition, ...]]:
    """The words with what holds on a day, made once for many records."""
    return {word: holding(today) for word, holding in STANDINGS.get(entity, {}).items()}


def holds(condition: Condition, record: Mapping[str, Any]) -> bool:
    """Whether a record fulfils a condition; nothing is neither less nor more nor other than anything."""
    wanted: Any = condition.value
    if condition.op is Operator.ANY:
        return any(holds(one, record) for one in wanted)
    found = record.get(condition.field)
    if condition.op is Operator.NULL:
        return bool((found is None) == wanted)
    return found is not None and bool(COMPARE[condition.op](found, wanted))


COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    EQ: lambda found, wanted: found == wanted,
    NE: lambda found, wanted: found != wanted,
    IN: lambda found, wanted: found in wanted,
    LT: lambda found, wanted: found < wanted,
    Operator.GT: lambda found, wanted: found > wanted,
    GE: lambda found, wanted: found >= wanted,
}
