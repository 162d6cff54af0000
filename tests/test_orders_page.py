"""The orders page: whole in both languages, and for support without a single amount anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, Language, translate
from tests.access.test_matrix_pages import everything
from tests.contracting import sign
from tests.department import Desk
from tests.selling import company_today, running, visiting
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


def pressed(at: AppTest, key: str) -> AppTest:
    """The page after a click on the button whose key ends so."""
    (button,) = [one for one in at.button if str(one.key).endswith(key)]
    return button.click().run()


def standing_out(at: AppTest) -> list[str]:
    """The keys of the buttons that come next."""
    return [str(one.key) for one in at.button if one.proto.type == "primary"]


def test_what_is_packed_already_is_sent_and_not_shipped_again(served: Desk) -> None:
    desk = served
    order = desk.make("order", owner_id=desk.people["rep"], ordered_on=company_today(), currency="CNY")
    line = desk.make("order_line", order_id=order, product_id=desk.refs["product"], quantity=Decimal(3))
    desk.do("rep", "order", "confirm", order, promised_on=company_today())
    shipment = desk.make("shipment", order_id=order)
    part = desk.make("shipment_line", shipment_id=shipment, order_line_id=line, quantity=Decimal(2))
    at = page(desk, "rep", "en", id=order)
    assert standing_out(at) == ["order_ship"], "one is in no shipment yet"
    desk.do("rep", "shipment_line", "update", part, quantity=Decimal(3))
    at = page(desk, "rep", "en", id=order)
    assert standing_out(at) == [f"shipment_send_{shipment}"]
    assert "order_ship" not in {button.key for button in at.button}


def test_an_order_is_made_shipped_delivered_and_paid_with_clicks(served: Desk) -> None:
    desk, today = served, company_today()
    customer = desk.make("customer", name="Harbour", owner_id=desk.people["rep"])
    deal = desk.make("deal", name="Crane", owner_id=desk.people["rep"], customer_id=customer, amount=Decimal(50))
    desk.make("deal_product", who="rep", deal_id=deal, quantity=Decimal(5), price=Decimal(10))
    desk.step("operator", "deal", "win", deal)
    at = visiting(desk, "rep", "deals", "en")
    at.query_params["id"] = deal
    assert standing_out(at.run()) == ["deals_draft"], "and not editing as well"
    pressed(at, "deals_order")
    order = desk.one("order", deal_id=deal)["id"]
    desk.do("rep", "order", "confirm", order, promised_on=today)
    at = page(desk, "rep", "en", id=order)
    assert standing_out(at) == ["order_ship"], "not to close it"
    at = pressed(at, "order_ship")
    (quantity,) = [one for one in at.text_input if "|line " in str(one.key)]
    assert quantity.value == "5"
    at = pressed(quantity.set_value("9").run(), "|do")
    assert [one.value[:18] for one in at.error] == ["9 would be shipped"]
    (quantity,) = [one for one in at.text_input if "|line " in str(one.key)]
    at = pressed(quantity.set_value("2").run(), "|do")
    assert desk.row("order", order)["delivery_state"] == "partial"
    pressed(pressed(page(desk, "rep", "en", id=order), "order_ship"), "|do")
    for shipment in desk.store.find(desk.actor("rep"), "shipment")["id"]:
        pressed(page(desk, "rep", "en", id=order), f"shipment_deliver_{shipment}")
    at = page(desk, "rep", "en", id=order)
    assert standing_out(at) == ["order_payment"]
    pressed(pressed(at, "order_payment"), "|do")
    assert standing_out(page(desk, "rep", "en", id=order)) == ["orders_verb_close"]
    row = desk.row("order", order)
    assert (row["delivery_state"], row["payment_state"]) == ("delivered", "paid")
    at = pressed(page(desk, "rep", "zh", id=order), "order_return")
    assert untranslated(said(at)) <= {"Crane"}
    looks = page(desk, "support", "en", id=order)
    assert not [one for one in looks.button if str(one.key).startswith(("order_", "shipment_"))]
    assert "ordered 5" in everything(looks)
    assert not [amount for amount in ("50.00", "CN¥", "¥") if amount in everything(looks)]


def test_a_return_says_how_many_or_how_much_and_confirming_marks_the_day_that_it_needs(served: Desk) -> None:
    desk = served
    order = desk.make("order", owner_id=desk.people["rep"], currency="CNY")
    desk.make("order_line", order_id=order, product_id=desk.refs["product"], quantity=Decimal(2))
    at = pressed(page(desk, "rep", "en", id=order), "orders_verb_confirm")
    assert [one.label for one in at.date_input if one.label.startswith("Promised on")] == ["Promised on *"]
    desk.do("rep", "order", "confirm", order, promised_on=company_today())
    pressed(pressed(page(desk, "rep", "en", id=order), "order_ship"), "|do")
    at = pressed(pressed(page(desk, "rep", "en", id=order), "order_return"), "|do")
    assert any("Say how many came back" in one.value for one in at.markdown)
    assert not desk.store.count(desk.actor("rep"), "return", [Condition("order_id", Operator.EQ, order)])


def test_a_contract_says_how_far_it_is_and_a_duty_is_done_with_one_tap(served: Desk) -> None:
    desk, today = served, company_today()
    contract = desk.make("contract", name="Crane", owner_id=desk.people["rep"], amount=Decimal(900))
    for verb in ("submit", "approve", "sign"):
        desk.step("operator", "contract", verb, contract, **({"amount": Decimal(900)} if verb == "submit" else {}))
    duty = desk.make("obligation", contract_id=contract, name="Harbour", party="us", due_on=today)
    desk.make("payment_plan", contract_id=contract, label="Rope", due_on=today, amount=Decimal(800))
    for language in LANGUAGES:
        at = visiting(desk, "rep", "contracts", language)
        at.query_params["id"] = contract
        at.run()
        assert not at.exception
    text = everything(at).replace("\\", "")
    assert translate("standing.contract.active", at.session_state["language"]) in text
    pressed(at, f"obligation_turn_{duty}")
    assert desk.row("obligation", duty)["done_on"] == today
    assert desk.row("contract", contract)["fulfilment"] == "partial"


@pytest.mark.parametrize("who", ["rep", "support"])
def test_late_orders_are_counted_and_listed(served: Desk, who: str) -> None:
    today, orders = company_today(), []
    for days in (-1, 5):
        promised, ordered = today + dt.timedelta(days=days), today - dt.timedelta(days=9)
        rep = served.people["rep"]
        orders.append(served.make("order", owner_id=rep, amount=1, promised_on=promised, ordered_on=ordered))
        served.do("operator", "order", "confirm", orders[-1])
    at = page(served, who, "en")
    assert len(at.dataframe[0].value) == 2
    assert len(pressed(at, "orders_late").dataframe[0].value) == 1


@pytest.mark.parametrize("who", ["rep", "support"])
def test_the_share_delivered_on_time_stands_above_the_list_with_its_orders(desk: Desk, who: str) -> None:
    order = desk.make("order", owner_id=desk.people["rep"], promised_on=company_today(), amount=4711)
    desk.step("operator", "order", "confirm", order)
    desk.make("shipment", order_id=order, shipped_on=company_today(), delivered_on=company_today())
    with running(desk):
        at = page(desk, who)
        name = translate("metric.delivery_on_time.name", "zh")
        assert [metric.value for metric in at.metric if metric.label == name] == ["100.0%"]
        at.button(key="orders_card_delivery_on_time_records").click().run()
        assert not at.error
        link = f"/orders?id={order}#{desk.row('order', order)['number']}"
        assert any(link in list(frame.value["number"]) for frame in at.dataframe)
        assert who == "rep" or not any(amount in everything(at) for amount in AMOUNTS)
    with running(desk):
        assert not [metric for metric in page(desk, "admin").metric if metric.label == name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_order_of_a_contract_names_the_first_and_lets_one_go_on(served: Desk, language: Language) -> None:
    desk = served
    rep = desk.people["rep"]
    customer = desk.make("customer", owner_id=rep)
    contract = desk.make("contract", name="Crane", customer_id=customer, owner_id=rep, amount=Decimal(900))
    sign(desk, contract)

    def looked() -> AppTest:
        at = visiting(desk, "rep", "contracts", language)
        at.query_params["id"] = contract
        return at.run()

    def button(at: AppTest) -> Any:
        return at.button(key="contracts_order")

    slower = looked()
    assert button(slower).label == translate("order.make", language)
    button(looked()).click().run()
    first = desk.one("order", contract_id=contract)["number"]
    at = button(slower).click().run()
    assert [error.value.replace("\\", "") for error in at.error] == [
        translate("error.order.made_meanwhile", language, numbers=[first])
    ]
    assert desk.one("order", contract_id=contract)["number"] == first, "nobody was asked"
    assert button(at).label == translate("order.make_anyway", language)
    links = [link.proto.label.replace("\\", "") for link in at.get("page_link")]
    assert [label for label in links if label.startswith(first)], "it is named, with its state"
    assert translate("order.there_is", language, n=1) in everything(at).replace("\\", "")
    assert not button(at).click().run().exception
    made = desk.store.find(desk.actor("rep"), "order", [Condition("contract_id", Operator.EQ, contract)])
    assert made.height == 2
