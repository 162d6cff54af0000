"""What may still change of an order once it was confirmed: a table that can be read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Changeable(NamedTuple):
    """Fields that may change freely, and those that may with a reason; every other one stays as it is."""

    freely: frozenset[str]
    with_reason: frozenset[str] = frozenset()


WHO = frozenset({"owner_id", "custom"})
CHANGEABLE: dict[str, Changeable] = {
    "confirmed": Changeable(
        WHO | {"contact_id", "customer_reference", "channel", "region_id"},
        frozenset({"promised_on", "amount", "tax_rate", "tax", "freight"}),
    ),
    "closed": Changeable(WHO),
    "cancelled": Changeable(WHO),
}
"""By state; a draft may change in everything. The lines of a confirmed order change with a reason, later never."""


def reason_needed(order: Mapping[str, Any]) -> bool:
    """Whether some change of an order, as it is now, must say why."""
    rule = CHANGEABLE.get(str(order.get("status")))
    return rule is not None and bool(rule.with_reason)
