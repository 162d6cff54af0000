"""How many records a demo of n deals has.

Up to 20,000 deals everything grows in step. Above, deals, their stages, ends and shared credits go on in step; all else
grows with a power of the deals below one: a department with a million deals has richer customers, not a million of
them, and the figures of interest are those of the deals.
"""

from __future__ import annotations

from typing import NamedTuple

KNEE = 20_000  # deals


class Growth(NamedTuple):
    """Records per deal up to the knee, the power above it, and the fewest there are."""

    per_deal: float
    power: float
    least: int = 0


GROWTH: dict[str, Growth] = {
    "customer": Growth(0.22, 0.65, 60),
    "lead": Growth(0.40, 0.55, 40),
    "noted_deal": Growth(1.0, 0.75),  # deals whose changes of amount, expected close and helpers are kept
    "itemised_deal": Growth(1.0, 0.55),  # deals with product lines
    "contract": Growth(0.24, 0.45, 12),
    "order": Growth(0.36, 0.50, 30),
    "interaction": Growth(3.6, 0.40),
    "task": Growth(1.5, 0.40, 60),
    "ticket": Growth(0.22, 0.45, 240),
    "order_rating": Growth(0.08, 0.45, 120),
}


def volume(name: str, deals: int) -> int:
    """How many records of a kind a demo of `deals` deals has."""
    growth = GROWTH[name]
    effective = deals if deals <= KNEE else KNEE * (deals / KNEE) ** growth.power
    return max(round(growth.per_deal * effective), growth.least)
