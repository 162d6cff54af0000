"""Amounts in the company's currency: the rate of the day, rounded half away from zero to the cent, fixed at the end."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions.derive.money import MONEY, RATE, in_base
from dashboard.errors import Invalid
from tests.builders import days_ago
from tests.department import Desk

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=4)
RATES = st.decimals(min_value=Decimal("0.000001"), max_value=1000, places=6)


@pytest.fixture(scope="module")
def rated(shared_desk: Desk) -> Desk:
    """A department that knows what a dollar was worth ten days ago, and since five days ago."""
    for day, rate in ((days_ago(10), "7.123456"), (days_ago(5), "7.2"), (days_ago(1), "7.3")):
        shared_desk.make("exchange_rate", currency="USD", valid_on=day, rate=Decimal(rate))
    return shared_desk


def dollars(desk: Desk, entity: str, amount: str, **values: Any) -> str:
    """A record in dollars."""
    return desk.make(entity, currency="USD", amount=Decimal(amount), **values)


def money_of(desk: Desk, entity: str, record: str) -> tuple[Decimal, Decimal | None]:
    """Rate and base amount."""
    row = desk.row(entity, record)
    return row["rate"], row["base_amount"]


@given(st.lists(st.tuples(AMOUNTS, RATES), min_size=1, max_size=20))
def test_the_product_is_exact_and_rounded_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    amounts, rates = (
        pl.Series(values, dtype=dtype) for values, dtype in zip(zip(*pairs, strict=True), (MONEY, RATE), strict=True)
    )
    expected = [(amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP) for amount, rate in pairs]
    assert in_base(amounts, rates).to_list() == expected


def test_no_amount_has_no_base_amount(rated: Desk) -> None:
    assert money_of(rated, "deal", rated.make("deal", currency="USD", created_on=days_ago(2), amount=None)) == (
        Decimal("7.2"),
        None,
    )


@pytest.mark.parametrize(
    ("day", "rate", "base"),
    [(days_ago(9), "7.123456", "712.35"), (days_ago(5), "7.2", "720"), (days_ago(2), "7.2", "720")],
)
def test_the_last_rate_known_on_the_day_counts(rated: Desk, day: date, rate: str, base: str) -> None:
    order = dollars(rated, "order", "100", ordered_on=day)
    assert money_of(rated, "order", order) == (Decimal(rate), Decimal(base))


def test_without_a_rate_on_the_day_nothing_is_written(rated: Desk) -> None:
    with pytest.raises(Invalid) as refusal:
        dollars(rated, "order", "100", ordered_on=days_ago(11))
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("currency", "rate.missing")]


def test_the_companys_own_currency_counts_as_it_is(rated: Desk) -> None:
    assert money_of(rated, "deal", rated.make("deal", amount=Decimal("99.995"))) == (Decimal(1), Decimal("100.00"))
    assert rated.row("deal", rated.make("deal", amount=Decimal(5), currency=None))["currency"] == "CNY"


def test_rows_of_several_currencies_and_days_keep_their_own_rate(rated: Desk) -> None:
    days = [days_ago(2), days_ago(9), days_ago(2), days_ago(1)]
    found = [
        money_of(rated, "payment", rated.make("payment", amount=Decimal(10), currency=code, paid_on=day))[1]
        for code, day in zip(("USD", "USD", "CNY", "USD"), days, strict=True)
    ]
    assert found == [Decimal("72.00"), Decimal("71.23"), Decimal("10.00"), Decimal("73.00")]


def test_the_rate_of_a_won_deal_is_that_of_its_closing_day_and_stays(rated: Desk) -> None:
    deal = dollars(rated, "deal", "100", created_on=days_ago(9))
    assert money_of(rated, "deal", deal)[0] == Decimal("7.123456")
    rated.step("operator", "deal", "win", deal, closed_on=days_ago(2), amount=Decimal(100))
    assert money_of(rated, "deal", deal) == (Decimal("7.2"), Decimal("720.00"))
    rated.do("operator", "deal", "update", deal, amount=Decimal(200))
    assert money_of(rated, "deal", deal) == (Decimal("7.2"), Decimal("1440.00"))


def test_an_open_deal_is_worth_what_its_currency_is_worth_when_it_is_changed(rated: Desk) -> None:
    deal = dollars(rated, "deal", "100", created_on=days_ago(9))
    rated.do("operator", "deal", "update", deal, amount=Decimal(200))
    assert money_of(rated, "deal", deal) == (Decimal("7.3"), Decimal("1460.00"))
    rated.do("operator", "deal", "update", deal, name="Renamed")
    assert money_of(rated, "deal", deal) == (Decimal("7.3"), Decimal("1460.00"))


def test_another_currency_brings_its_own_rate_also_after_the_closing(rated: Desk) -> None:
    deal = rated.make("deal", amount=Decimal(100), created_on=days_ago(9))
    rated.step("operator", "deal", "win", deal, closed_on=days_ago(2), amount=Decimal(100))
    rated.do("operator", "deal", "update", deal, currency="USD")
    assert money_of(rated, "deal", deal) == (Decimal("7.2"), Decimal("720.00"))


def test_the_rate_of_an_order_is_fixed_when_it_is_confirmed(rated: Desk) -> None:
    order = dollars(rated, "order", "100", ordered_on=days_ago(2))
    rated.step("operator", "order", "confirm", order)
    rated.make("exchange_rate", currency="USD", valid_on=days_ago(3), rate=Decimal("9.9"))
    rated.do("operator", "order", "update", order, amount=Decimal(50))
    assert money_of(rated, "order", order) == (Decimal("7.2"), Decimal("360.00"))
    team = rated.row("order", order)["closed_team_id"]
    assert team is None


def test_a_confirmed_order_keeps_the_team_of_its_owner(rated: Desk) -> None:
    order = rated.make("order", owner_id=rated.people["rep"])
    rated.step("operator", "order", "confirm", order)
    assert rated.row("order", order)["closed_team_id"] == rated.teams["north"]


def test_an_amount_beyond_what_can_be_kept_is_refused(rated: Desk) -> None:
    with pytest.raises(Invalid) as refusal:
        dollars(rated, "deal", "99999999999999", created_on=days_ago(2))
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("amount", "field.too_high")]
