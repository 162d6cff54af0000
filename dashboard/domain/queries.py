"""What a list asks for: conditions, order, and how a personal detail is masked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dashboard.domain.fields import Kind

SHORTEST_SHOWN = 8  # digits below which a masked phone number shows none of them


class Operator(StrEnum):
    """How a condition compares."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    LIKE = "like"  # contains, letter case aside
    FIND = "find"  # like, and a name that is spoken so or has these initials
    NULL = "null"  # value True: is empty; False: is not
    OWNED = "owned"  # names a record that belongs to whoever asks; value: their id
    ANY = "any"  # value: conditions of which one must hold; the field is left empty


@dataclass(frozen=True)
class Condition:
    """One condition on a field of the listed entity."""

    field: str
    op: Operator
    value: object


def named(conditions: Iterable[Condition]) -> set[str]:
    """The fields that conditions speak of."""
    found: set[str] = set()
    for condition in conditions:
        inner: tuple[Condition, ...] = condition.value if condition.op is Operator.ANY else ()  # type: ignore[assignment]
        found |= named(inner) if condition.op is Operator.ANY and not condition.field else {condition.field}
    return found


def any_of(*conditions: Condition) -> Condition:
    """A condition that holds where one of these does."""
    return Condition("", Operator.ANY, conditions)


@dataclass(frozen=True)
class Sort:
    """One field to sort by; empty values come last."""

    field: str
    descending: bool = False


def masked(kind: Kind, value: str) -> str:
    """What remains of a personal detail for those who need not read it, like 138****5678 or l***@example.com."""
    if kind is Kind.EMAIL and "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    if kind is Kind.PHONE:
        digits = re.sub(r"\D", "", value)
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= SHORTEST_SHOWN else "****"
    return f"{value[:1]}***" if len(value) > 1 else "***"
