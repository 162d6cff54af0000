"""Rounding, splitting to the cent, and intervals, against numbers worked by hand."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.statistics import (
    divided,
    largest_remainder,
    ratio,
    rounded,
    split,
    times_share,
    to_the_cent,
    wilson,
    wilson_bounds,
)


@pytest.mark.parametrize(
    ("value", "whole"),
    [(Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(5, 2), 3), (Fraction(249, 100), 2), (Fraction(-7, 2), -4)],
)
def test_halves_are_rounded_away_from_zero(value: Fraction, whole: int) -> None:
    assert rounded(value) == whole


@pytest.mark.parametrize(("given_money", "cents"), [(149, 100), (150, 200), (-150, -200), (-149, -100), (50, 100)])
def test_money_is_rounded_to_the_cent_half_away_from_zero(given_money: int, cents: int) -> None:
    assert pl.select(to_the_cent(pl.lit(given_money))).item() == cents


@given(st.integers(-(10**17), 10**17), st.integers(1, 10**6))
def test_a_quotient_of_a_column_is_rounded_like_a_fraction(numerator: int, denominator: int) -> None:
    assert pl.select(divided(pl.lit(numerator), denominator)).item() == rounded(Fraction(numerator, denominator))


@given(st.integers(0, 10**17), st.integers(0, 10**6))
def test_money_times_a_share_is_exact_to_the_cent(money: int, millionths: int) -> None:
    found = pl.DataFrame({"money": [money], "share": [millionths / 1e6]}).select(
        times_share(pl.col("money"), pl.col("share"))
    )
    assert found.item() == rounded(Fraction(money * millionths, 10**8)) * 100


def test_thirds_of_a_hundred_give_the_odd_cent_to_the_first() -> None:
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]


def test_what_is_less_than_a_cent_goes_to_the_largest_share() -> None:
    assert largest_remainder(1_000_049, [Fraction(4, 10), Fraction(6, 10)], unit=100) == [400_000, 600_049]


def test_shares_that_sum_to_nothing_cannot_split() -> None:
    with pytest.raises(ValueError, match="more than zero"):
        largest_remainder(100, [0, 0])
    assert largest_remainder(100, []) == []


@given(st.lists(st.tuples(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=5)), max_size=8))
def test_a_frame_is_split_like_single_amounts(deals: list[tuple[int, list[int]]]) -> None:
    usable = [(amount, weights) for amount, weights in deals if sum(weights)]
    rows = [
        {"deal": deal, "amount": amount, "weight": weight, "order": f"{i:02}"}
        for deal, (amount, weights) in enumerate(usable)
        for i, weight in enumerate(weights)
    ]
    schema = {"deal": pl.Int64, "amount": pl.Int64, "weight": pl.Int64, "order": pl.String}
    frame = pl.DataFrame(rows, schema=schema)
    expected = [part for amount, weights in usable for part in largest_remainder(amount, weights, unit=100)]
    assert split(frame, "deal", "amount", "weight", "order").to_list() == expected
    assert sum(expected) == sum(amount for amount, _ in usable)


def test_a_missing_amount_has_missing_parts() -> None:
    frame = pl.DataFrame(
        {"deal": [1, 1], "amount": pl.Series([None, None], dtype=pl.Int64), "weight": [1, 1], "order": ["a", "b"]}
    )
    assert split(frame, "deal", "amount", "weight", "order").to_list() == [None, None]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(3, 3, 0.439, 1.0), (45, 50, 0.786, 0.957), (0, 4, 0.0, 0.490), (1, 2, 0.095, 0.905)],
)
def test_the_wilson_interval_of_small_samples(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-4)


def test_no_observations_have_no_interval() -> None:
    assert wilson(0, 0) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_wilson_columns_are_the_wilson_interval(successes: int, more: int) -> None:
    low, high = wilson_bounds(pl.col("k"), pl.col("n"))
    row = pl.DataFrame({"k": [successes], "n": [successes + more]}).select(low.alias("low"), high.alias("high")).row(0)
    alone = wilson(successes, successes + more)
    assert row == ((None, None) if alone is None else pytest.approx(alone, abs=1e-12))


def test_nothing_divided_by_nothing_is_missing() -> None:
    frame = pl.DataFrame({"a": [1, 1, None], "b": [0, 4, 2]})
    assert frame.select(ratio(pl.col("a"), pl.col("b"))).to_series().to_list() == [None, 0.25, None]
