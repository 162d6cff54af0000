"""Amounts in the company's currency: the rate in force on the business day, rounded to the cent."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from dashboard.actions.derive.homes import homes_at
from dashboard.domain.changes import Change
from dashboard.domain.statistics import divided
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

UNITS = 10_000  # amounts have four places
CENT = 100  # of these make a cent
RATE_UNITS = 1_000_000  # rates have six places
MONEY = pl.Decimal(18, 4)
RATE = pl.Decimal(18, 6)


def with_base(
    open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame, day: pl.Series, fixed: pl.Series | None = None
) -> pl.DataFrame:
    """The rows with currency, rate and base_amount.

    day: the business day of each row that decides the rate; fixed: rows that keep their rate unless their currency
    changes. Raises Invalid: rate.missing when there is no rate for a currency on or before the day, field.too_high
    when the result cannot be kept.
    """
    amount = value_of(rows, current, "amount", MONEY)
    currency = value_of(rows, current, "currency", pl.String()).fill_null(open_.currency)
    rate = rates(open_, currency, day, amount)
    if fixed is not None:
        kept = fixed & (currency == current["currency"]).fill_null(False)
        rate = pl.select(rate=pl.when(kept).then(pl.coalesce(current["rate"], rate)).otherwise(rate))["rate"]
    base = in_base(amount, rate)
    lost = (base.is_null() & amount.is_not_null() & rate.is_not_null()).arg_true()
    if lost.len():
        raise Invalid((Problem(lost[0], "amount", "field.too_high", {"field": "amount"}),))
    return rows.with_columns(currency.alias("currency"), rate.alias("rate"), base)


def held(sums: pl.Series) -> pl.Series:
    """Sums as money. Raises Refused (amount.too_high) for one that cannot be kept."""
    kept = sums.cast(MONEY, strict=False)
    if (kept.is_null() & sums.is_not_null()).any():
        raise Refused("amount.too_high")
    return kept


def value_of(rows: pl.DataFrame, current: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Series:
    """A field as it will be: as given, else as stored, else empty."""
    if name in rows.columns:
        return rows[name].cast(dtype)
    if name in current.columns:
        return current[name].cast(dtype)
    return pl.Series(name, [None] * rows.height, dtype=dtype)


def rates(open_: Transaction, currency: pl.Series, day: pl.Series, amount: pl.Series) -> pl.Series:
    """The rate of each row: 1 for the company's own currency, else the last one known on its day."""
    own = currency == open_.currency
    one = pl.Series("rate", [1], dtype=pl.Int64).cast(RATE)
    if own.all():
        return one.extend_constant(one[0], currency.len() - 1) if currency.len() else one.head(0)
    known = open_.rows_of("exchange_rate", ("currency", "valid_on", "rate")).sort("valid_on")
    asked = pl.DataFrame({"at": pl.int_range(currency.len(), eager=True), "currency": currency, "day": day}).sort("day")
    matched = asked.join_asof(
        known.select("currency", "valid_on", "rate"),
        left_on="day",
        right_on="valid_on",
        by="currency",
        check_sortedness=False,
    ).sort("at")
    rate = matched.select(pl.when(own).then(one.first()).otherwise(pl.col("rate")).cast(RATE).alias("rate"))["rate"]
    missing = (rate.is_null() & amount.is_not_null()).arg_true()
    if missing.len():
        first = missing[0]
        raise Invalid(
            (Problem(first, "currency", "rate.missing", {"currency": currency[first], "base": open_.currency}),)
        )
    return rate


def in_base(amount: pl.Series, rate: pl.Series) -> pl.Series:
    """amount × rate in the company's currency, half away from zero to the cent; exact, null where it cannot be kept."""
    units = (amount.cast(pl.Decimal(38, 4)) * UNITS).cast(pl.Int128)
    factor = (rate.cast(pl.Decimal(38, 6)) * RATE_UNITS).cast(pl.Int128)
    product, step = units * factor, CENT * RATE_UNITS
    units_in_base = divided(pl.col("product"), step) * CENT
    return pl.DataFrame({"product": product}).select(as_money(units_in_base).alias("base_amount"))["base_amount"]


def as_money(units: pl.Expr) -> pl.Expr:
    """Ten-thousandths as an amount; a quotient of decimals keeps the places of its dividend, so these come first."""
    return (units.cast(pl.Decimal(38, 4)) / UNITS).cast(MONEY, strict=False)


def deriving(
    day_field: str, verbs: tuple[str, ...], state: str | None = None, free: tuple[str, ...] = ()
) -> Callable[[Transaction, Change, pl.DataFrame], tuple[pl.DataFrame, list[Change]]]:
    """A derivation that keeps the base amount true.

    day_field: the business day that decides the rate; verbs: those at which it is looked up anew; state, free: the
    field that holds the life cycle and its states in which the rate is not fixed yet.
    """

    def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
        """The rows with rate and base amount where they may have changed."""
        rows = change.rows
        if change.verb not in verbs and not {"amount", "currency", day_field} & set(rows.columns):
            return rows, []
        fixed = ~current[state].is_in(free) if state and change.verb not in verbs else None
        day = value_of(rows, current, day_field, pl.Date()).fill_null(open_.today)
        return with_team(open_, change, with_base(open_, rows, current, day, fixed), current), []

    return derive


def with_team(open_: Transaction, change: Change, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """A confirmed order keeps the team that its owner was in."""
    if change.entity != "order" or change.verb != "confirm":
        return rows
    homes = homes_at(open_, current["owner_id"], open_.when(rows))
    return rows.with_columns(homes["team_id"].alias("closed_team_id"))


READS = ("amount", "currency", "rate", "base_amount")
ORDER = Derivation(
    reads=(*READS, "owner_id", "ordered_on", "closed_team_id", "status"),
    apply=deriving("ordered_on", ("create", "confirm"), "status", ("draft",)),
)
CONTRACT = Derivation(
    reads=(*READS, "signed_on", "step"),
    apply=deriving("signed_on", ("create", "submit", "sign"), "step", ("draft", "in_review", "approved", "sent")),
)
PAYMENT = Derivation(reads=(*READS, "paid_on"), apply=deriving("paid_on", ("create",)))
