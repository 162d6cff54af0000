"""Small exact statistics: rounding half away from zero, largest remainder, the Wilson interval."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt

import polars as pl

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: two-sided 95 %."""

MILLION = 1_000_000


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def largest_remainder(total: int, shares: Sequence[Fraction | int], unit: int = 1) -> list[int]:
    """`total` split by `shares` into whole multiples of `unit` that sum to it (Hamilton's method).

    The parts left over go to the largest fractions, ties to the first; what `unit` cannot express of `total` goes
    to the part with the largest share. Shares need not sum to one; all zero is a ValueError, none gives none.
    """
    if not shares:
        return []
    whole = sum(shares, start=Fraction(0))
    if whole <= 0:
        raise ValueError("the shares must sum to more than zero")
    units, rest = divmod(total, unit)
    quotas = [Fraction(units) * share / whole for share in shares]
    parts = [int(quota // 1) for quota in quotas]
    by_fraction = sorted(range(len(shares)), key=lambda i: (parts[i] - quotas[i], i))
    for i in by_fraction[: units - sum(parts)]:
        parts[i] += 1
    amounts = [part * unit for part in parts]
    amounts[max(range(len(shares)), key=lambda i: (shares[i], -i))] += rest
    return amounts


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float] | None:
    """The Wilson score interval of a share (Wilson 1927, without continuity correction); None when n is 0."""
    if n == 0:
        return None
    share = successes / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def wilson_bounds(successes: pl.Expr, n: pl.Expr, z: float = Z_95) -> tuple[pl.Expr, pl.Expr]:
    """The Wilson interval as two Float64 expressions, null where n is 0."""
    size = pl.when(n > 0).then(n.cast(pl.Float64))
    share = successes / size
    middle = share + z * z / (2 * size)
    half = z * (share * (1 - share) / size + z * z / (4 * size * size)).sqrt()
    scale = 1 + z * z / size
    return ((middle - half) / scale).clip(0.0, 1.0), ((middle + half) / scale).clip(0.0, 1.0)


def ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """A Float64 quotient, null where the denominator is 0 or missing."""
    return numerator.cast(pl.Float64) / pl.when(denominator != 0).then(denominator.cast(pl.Float64))


def per(value: pl.Expr, number: float) -> pl.Expr:
    """A Float64 quotient by a constant, correctly rounded: Polars would multiply by the constant's reciprocal."""
    return value.cast(pl.Float64) / pl.repeat(number, pl.len(), dtype=pl.Float64)


def divided(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """An Int128 quotient rounded half away from zero; the denominator must be positive."""
    below = pl.lit(denominator) if isinstance(denominator, int) else denominator
    wide, size = below.cast(pl.Int128), numerator.cast(pl.Int128).abs()
    return numerator.sign().cast(pl.Int128) * ((size * 2 + wide) // (wide * 2))


def times_share(money: pl.Expr, share: pl.Expr) -> pl.Expr:
    """Money (Int64, 1/10,000) times a share of up to six places, rounded half away from zero to the cent."""
    millionths = (share * MILLION).round(0).cast(pl.Int128)
    return (divided(money.cast(pl.Int128) * millionths, MILLION * 100) * 100).cast(pl.Int64)


def to_the_cent(money: pl.Expr) -> pl.Expr:
    """Money (Int64, 1/10,000) rounded half away from zero to the cent."""
    return (divided(money, 100) * 100).cast(pl.Int64)


def split(frame: pl.DataFrame, record: str, amount: str, weight: str, order: str) -> pl.Series:
    """`amount` of each record split over its rows by `weight`: largest remainder to the cent, as `largest_remainder`.

    Rows of a record carry the same amount (Int64, 1/10,000); weights are Int64 ≥ 0 and sum to more than zero for a
    record whose amount is split, else its parts are null; ties go by `order`. Returns Int64 in the order of the rows.
    """
    cents = pl.col(amount) // 100
    whole = pl.col(weight).cast(pl.Int128).sum().over(record)
    usable = pl.when(whole > 0).then(whole)
    scaled = cents.cast(pl.Int128) * pl.col(weight).cast(pl.Int128)
    steps = (
        frame.lazy()
        .select(record, amount, weight, order)
        .with_row_index("at")
        .with_columns((scaled // usable).alias("part"), (scaled % usable).alias("fraction"))
        .with_columns((cents.cast(pl.Int128) - pl.col("part").sum().over(record)).alias("left"))
        .sort("fraction", order, descending=[True, False], maintain_order=True)
        .with_columns((pl.int_range(pl.len()).over(record) < pl.col("left")).cast(pl.Int128).alias("extra"))
        .sort(weight, order, descending=[True, False], maintain_order=True)
        .with_columns(
            pl.when(pl.int_range(pl.len()).over(record) == 0).then(pl.col(amount) % 100).otherwise(0).alias("rest")
        )
        .with_columns(((pl.col("part") + pl.col("extra")) * 100 + pl.col("rest")).cast(pl.Int64).alias("money"))
        .sort("at")
    )
    return steps.collect()["money"]
