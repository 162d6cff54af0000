"""The orders page: whole in both languages, and for support without a single amount anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import LANGUAGES, Language, translate
from tests.access.test_matrix_pages import everything
from tests.department import Desk
from tests.selling import running, visiting
from tests.test_pages import said, untranslated

AMOUNTS = ("4711", "4,711", "8822", "8,822", "611.61", "55.55")
"""What an amount looks like on a page."""


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """A department of the test's own, served."""
    with running(desk):
        yield desk


def page(desk: Desk, name: str, language: Language = "zh", **query: str) -> AppTest:
    """The page as somebody sees it."""
    at = visiting(desk, name, "orders", language)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def an_order(desk: Desk) -> str:
    """An order of the rep with lines, a tax and a payment."""
    customer = desk.make("customer", name="Harbour", owner_id=desk.people["rep"])
    order = desk.make(
        "order",
        customer_id=customer,
        owner_id=desk.people["rep"],
        amount=Decimal("4711.00"),
        tax=Decimal("611.61"),
        freight=Decimal("55.55"),
    )
    desk.make("payment", customer_id=customer, order_id=order, amount=Decimal("55.55"))
    return order


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_and_order_are_whole_and_in_one_language(served: Desk, language: Language) -> None:
    order = an_order(served)
    for said_so in ({"status": "all"}, {"id": order}, {"id": order, "edit": "1"}, {"new": "1"}):
        at = page(served, "rep", language, **said_so)
        assert not at.exception
        assert not at.error
        if language == "zh":
            assert untranslated(said(at)) == set(), said_so


def test_support_sees_an_order_without_any_amount(served: Desk) -> None:
    order = an_order(served)
    rep = everything(page(served, "rep", "en", status="all")) + everything(page(served, "rep", "en", id=order))
    assert all(amount in rep for amount in AMOUNTS[1:2])
    for said_so in ({"status": "all", "columns": "number,amount,tax,base_amount"}, {"id": order}, {"sort": "-amount"}):
        at = page(served, "support", "en", **said_so)
        assert not at.error
        text = everything(at).replace("\\", "")
        assert served.row("order", order)["number"] in text or "sort" in said_so
        assert not [amount for amount in AMOUNTS if amount in text], said_so
    assert translate("error.access.forbidden", "en") in [
        one.value for one in page(served, "support", "en", new="1").error
    ]
