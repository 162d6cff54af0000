"""What a line comes to: quantity × price less its discount, half away from zero to the cent; shares that sum to one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from dashboard.domain.statistics import largest_remainder

CENT = Decimal("0.01")
MOST = Decimal(10) ** 14
"""The first amount that is too large to be kept."""
SHARE_UNITS = 1_000_000
ONE = Decimal(1)


def line_amount(quantity: Decimal | None, price: Decimal | None, discount: Decimal | None) -> Decimal | None:
    """The amount of a line; None without quantity or price, and where it is too large to be kept."""
    if quantity is None or price is None:
        return None
    with localcontext(prec=60):
        exact = quantity * price * (ONE - (discount or Decimal(0)))
        found = exact.quantize(CENT, rounding=ROUND_HALF_UP)
    return found if abs(found) < MOST else None


def equal_shares(n: int) -> list[Decimal]:
    """1 in n parts of six places that sum to it; what is left over goes to the first."""
    return [Decimal(units) / SHARE_UNITS for units in largest_remainder(SHARE_UNITS, [Fraction(1)] * n)]
