"""What follows from other records stands on the time line in words, as nobody's edit, with what made it so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import LANGUAGES, Language, translate
from tests.contracting import approved, signature
from tests.department import Desk
from tests.selling import company_today, running, visiting
from tests.test_orders_page import everything


@pytest.fixture(scope="module", autouse=True)
def served(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(scope="module")
def sold(shared_desk: Desk) -> dict[str, str]:
    """A contract with an order that was shipped in part and paid in part, by the rep."""
    desk, today, mine = shared_desk, company_today(), {"owner_id": shared_desk.people["rep"]}
    contract = approved(desk)
    desk.do("rep", "contract", "sign", contract, **signature(desk))
    customer = desk.row("contract", contract)["customer_id"]
    order = desk.make("order", contract_id=contract, customer_id=customer, promised_on=today, ordered_on=today, **mine)
    line = desk.make("order_line", order_id=order, quantity=Decimal(2), price=Decimal(50))
    desk.step("rep", "order", "confirm", order)
    shipment = desk.make("shipment", who="rep", order_id=order, shipped_on=today)
    desk.make("shipment_line", who="rep", shipment_id=shipment, order_line_id=line, quantity=Decimal(1))
    payment = desk.make("payment", who="rep", order_id=order, customer_id=customer, amount=Decimal(30), paid_on=today)
    numbers = {"shipment": shipment, "payment": payment, "order": order}
    return {"contract": contract, "order_id": order} | {
        name: desk.row(name, one)["number"] for name, one in numbers.items()
    }


def timeline(at: AppTest) -> str:
    """The lines of the time line that tell what followed."""
    text = next(one.value for one in at.markdown if ":material/edit_note:" in one.value)
    return "\n\n".join(part for part in text.replace("\\", "").split("\n\n") if "sync_alt" in part)


def page(desk: Desk, who: str, slug: str, record: str, language: Language) -> AppTest:
    """A record's page."""
    at = visiting(desk, who, slug, language)
    at.query_params["id"] = record
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("language", LANGUAGES)
def test_delivery_and_payment_become_what_they_are_by_shipment_and_payment(
    shared_desk: Desk, sold: dict[str, str], language: Language
) -> None:
    at = page(shared_desk, "rep", "orders", sold["order_id"], language)
    told = timeline(at)
    expected = {
        "en": ("Delivery became partly shipped", f"by shipment {sold['shipment']}", f"by payment {sold['payment']}"),
        "zh": ("交付状态变为“部分发货”", f"因为发货 {sold['shipment']}", f"因为回款 {sold['payment']}"),
    }
    assert [words for words in expected[language] if words not in told] == []
    assert shared_desk.row("person", shared_desk.people["rep"])["name"] not in told, "nobody edited it"
    assert translate("detail.followed", language) in everything(at)


def test_a_contract_says_by_which_order_it_is_fulfilled_in_part(shared_desk: Desk, sold: dict[str, str]) -> None:
    told = timeline(page(shared_desk, "rep", "contracts", sold["contract"], "en"))
    assert "Fulfilment became" in told
    assert f"by order {sold['order']}" in told


def test_support_reads_of_the_delivery_and_nothing_of_payments(shared_desk: Desk, sold: dict[str, str]) -> None:
    at = page(shared_desk, "support", "orders", sold["order_id"], "en")
    told = timeline(at)
    assert f"by shipment {sold['shipment']}" in told
    assert sold["payment"] not in everything(at)
    assert "Paid" not in told
    assert len(told.split("\n\n")) == told.count("Delivery became")
