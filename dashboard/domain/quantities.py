"""How a metric's value, and how much it changed, is written in each language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dashboard.domain.metrics import Unit
from dashboard.i18n import (
    Language,
    Number,
    compact_money,
    compact_number,
    exact,
    money,
    number,
    percent,
    translate,
)

MONEY_UNITS = 10_000
"""Marts count money in this many parts of one currency unit."""

COMPACT_FROM = 10_000  # a count or an amount is shortened from here on
MEGABYTE = 1024**2


@dataclass(frozen=True)
class Scale:
    """What a value is and for whom it is written. Money is in whole units of the currency here."""

    unit: Unit
    language: Language
    currency: str

    def of(self, value: Number) -> float:
        """A value of a mart on this scale: money in whole units of the currency."""
        return float(value) / MONEY_UNITS if self.unit is Unit.MONEY else float(value)

    def text(self, value: Number | None) -> str:
        """A value for a card, a label or an axis."""
        if value is None:
            return translate("common.nothing", self.language)
        match self.unit:
            case Unit.MONEY:
                return compact_money(whole_if_small(value), self.language, self.currency)
            case Unit.SHARE:
                return percent(value, self.language)
            case Unit.DAYS:
                return translate("quantity.days", self.language, n=number(rounded(value, 0), self.language))
            case Unit.SCORE:
                return number(rounded(value, 1), self.language, 1)
            case Unit.COUNT:
                return number(value, self.language) if small(value) else compact_number(value, self.language)

    def full(self, value: Number | None) -> str:
        """A value to the cent, for a tooltip or a table."""
        if value is not None and self.unit is Unit.MONEY:
            return money(value, self.language, self.currency)
        return self.text(value)

    def tick(self, value: float) -> str:
        """A value on an axis: without decimals that say nothing."""
        if self.unit is Unit.SHARE:
            return f"{number(rounded(value * 100, 1), self.language)}%"
        if self.unit is Unit.MONEY:
            return compact_number(value, self.language)
        return number(rounded(value, 1), self.language)

    def change(self, value: Number, before: Number) -> str:
        """How much a value changed: points of a share, days, points of a score, else percent of what it was.

        "new" when there was nothing before.
        """
        difference = exact(value) - exact(before)
        match self.unit:
            case Unit.SHARE:
                points = signed(rounded(difference * 100, 1), self.language)
                return translate("quantity.points", self.language, n=points)
            case Unit.DAYS:
                return translate("quantity.days", self.language, n=signed(rounded(difference, 0), self.language))
            case Unit.SCORE:
                return signed(rounded(difference, 1), self.language)
            case Unit.MONEY | Unit.COUNT if before == 0:
                return translate("quantity.new", self.language) if value else signed(Decimal(0), self.language)
            case _:
                return f"{signed(rounded(difference / abs(exact(before)) * 100, 1), self.language)}%"

    def ratio_change(self, value: Number, before: Number) -> str:
        """How much a multiple changed."""
        return translate(
            "quantity.times", self.language, n=signed(rounded(exact(value) - exact(before), 1), self.language)
        )


def multiple(value: Number, language: Language) -> str:
    """A ratio of two amounts, like 2.1×."""
    return translate("quantity.times", language, n=number(rounded(value, 1), language, 1))


def signed(value: Decimal, language: Language) -> str:
    """A number with its sign, a real minus."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{number(abs(value), language)}"


def rounded(value: Number, decimals: int) -> Decimal:
    """Half away from zero, without trailing zeros."""
    found = exact(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def megabytes(size: int) -> Decimal:
    """A size in bytes as people say it, for texts with "MB"; one decimal at most."""
    return rounded(Decimal(size) / MEGABYTE, 1)


def small(value: Number) -> bool:
    """Whether a value is written out."""
    return -COMPACT_FROM < value < COMPACT_FROM


def whole_if_small(value: Number) -> Number:
    """An amount below a unit of the compact form in whole currency units."""
    return rounded(value, 0) if small(value) else value
