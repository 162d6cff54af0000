"""Orders from deals and contracts, their amounts, deliveries, returns and payments; each verb allowed and refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboard.actions import orders
from dashboard.actions.orders import Shipping
from dashboard.actions.submit import TAUGHT, settle_all
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, SalesDeskError, Stale
from tests.builders import days_ago, frame_of, today
from tests.contracting import deal_of, sign
from tests.department import Desk

THREADS = 6
MONEY = ("amount", "tax", "total_amount", "paid", "due")


def an_order(desk: Desk, *lines: tuple[int, str, str | None], **values: Any) -> str:
    """A draft of the rep with lines: quantity, price, discount; made by the rep, so that amounts follow."""
    customer = desk.make("customer", owner_id=desk.people["rep"])
    order = desk.make("order", who="rep", customer_id=customer, owner_id=desk.people["rep"], **values)
    for quantity, price, discount in lines:
        facts = {"quantity": Decimal(quantity), "price": Decimal(price), "discount": discount and Decimal(discount)}
        desk.make("order_line", who="rep", order_id=order, **facts)
    return order


def confirmed(desk: Desk, *lines: tuple[int, str, str | None], **values: Any) -> str:
    """The same, confirmed."""
    order = an_order(desk, *(lines or [(10, "12.50", None)]), **values)
    desk.do("rep", "order", "confirm", order, promised_on=today())
    return order


def money(desk: Desk, order: str) -> tuple[Decimal | None, ...]:
    """What an order comes to, and what is paid of it."""
    row = desk.row("order", order)
    return tuple(row[name] for name in MONEY)


def states(desk: Desk, order: str) -> tuple[str, str]:
    """How far it is delivered and paid."""
    row = desk.row("order", order)
    return row["delivery_state"], row["payment_state"]


def lines_of(desk: Desk, order: str) -> list[dict[str, Any]]:
    """Its lines."""
    return desk.store.find(desk.actor("operator"), "order_line", [Condition("order_id", Operator.EQ, order)]).to_dicts()


def ship(desk: Desk, order: str, quantity: int | None = None, who: str = "rep", day: date | None = None) -> str:
    """So much of the first line leaves, or everything that is left."""
    wanted = None if quantity is None else {lines_of(desk, order)[0]["id"]: Decimal(quantity)}
    asked = Shipping(order, new_id(), day or days_ago(3), wanted)
    return orders.ship(desk.store, desk.actor(who), asked)


def arrive(desk: Desk, shipment: str) -> None:
    """It arrives."""
    orders.deliver(desk.store, desk.actor("rep"), shipment, desk.version("shipment", shipment), days_ago(1))


def pay(desk: Desk, amount: str, who: str = "rep", **names: str) -> str:
    """Money comes in for an order or a contract."""
    key = next(iter(names)).removesuffix("_id")
    customer = desk.row(key, names[f"{key}_id"])["customer_id"]
    return desk.make("payment", who=who, customer_id=customer, amount=Decimal(amount), **names)


def refused(code: str, act: Any) -> None:
    """The act is refused for this reason."""
    with pytest.raises(SalesDeskError) as refusal:
        act()
    assert refusal.value.code == code


def test_a_sum_that_cannot_be_kept_is_refused_with_nothing_written(desk: Desk) -> None:
    large, most = "99999999", Decimal(90_000_000_000_000)
    order, deal = (
        an_order(desk, (900_000, large, None)),
        desk.make("deal", owner_id=desk.people["rep"], amount_from="lines", amount=None),
    )
    plain = an_order(desk)
    line = {"quantity": Decimal(900_000), "price": Decimal(large)}
    desk.make("deal_product", who="rep", deal_id=deal, **line)
    before = desk.store.revision
    refused("amount.too_high", lambda: desk.make("order_line", who="rep", order_id=order, **line))
    refused("amount.too_high", lambda: desk.make("deal_product", who="rep", deal_id=deal, **line))
    refused("amount.too_high", lambda: desk.do("rep", "order", "update", plain, amount=most, freight=most))
    assert desk.store.revision == before


# -- amounts ----------------------------------------------------------------------------------------------------------


def test_amounts_follow_from_the_lines_to_the_cent(desk: Desk) -> None:
    order = an_order(desk, (3, "0.335", None), (1, "100", "0.075"), tax_rate=Decimal("0.13"), freight=Decimal(5))
    assert [line["amount"] for line in lines_of(desk, order)] == [Decimal("1.01"), Decimal("92.50")]
    assert money(desk, order) == tuple(map(Decimal, ("93.51", "12.16", "110.67", "0", "110.67")))
    assert desk.row("order", order)["base_amount"] == Decimal("93.51")
    first = lines_of(desk, order)[0]
    desk.do("rep", "order_line", "update", first["id"], quantity=Decimal(4))
    assert money(desk, order)[0] == Decimal("93.84")
    refused("order.amount_from_lines", lambda: desk.do("rep", "order", "update", order, amount=Decimal(1)))
    desk.do("rep", "order", "update", order, tax=Decimal("1.00"))
    assert desk.row("order", order)["tax_rate"] is None
    desk.do("manager", "order_line", "archive", first["id"])
    assert money(desk, order)[0] == Decimal("92.50")


def test_an_amount_without_lines_is_as_typed(desk: Desk) -> None:
    order = an_order(desk, amount=Decimal("4711.00"))
    assert desk.row("order", order)["amount_from"] == "typed"
    desk.do("rep", "order", "update", order, amount=Decimal(10))
    assert money(desk, order) == (Decimal(10), None, Decimal(10), Decimal(0), Decimal(10))


# -- from a deal or a contract ----------------------------------------------------------------------------------------


def test_an_order_takes_over_what_a_won_deal_holds_and_a_second_click_makes_no_second(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"])
    deal = desk.make("deal", owner_id=desk.people["rep"], customer_id=customer, amount=Decimal(250), currency="CNY")
    desk.make("deal_product", who="rep", deal_id=deal, quantity=Decimal(2), price=Decimal(100), discount=Decimal("0.1"))
    wish, actor = new_id(), desk.actor("rep")

    def order() -> str:
        return orders.order_from_deal(desk.store, actor, deal, wish, today())

    refused("order.deal_not_won", order)
    desk.step("operator", "deal", "win", deal)
    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(lambda _: order(), range(THREADS))) == {wish}
    made = desk.row("order", wish)
    assert desk.store.count(actor, "order") == 1
    assert (made["deal_id"], made["customer_id"], made["owner_id"]) == (deal, customer, desk.people["rep"])
    assert (made["amount"], made["amount_from"], made["status"]) == (Decimal(180), "lines", "draft")
    refused(
        "access.forbidden", lambda: orders.order_from_deal(desk.store, desk.actor("leader"), deal, new_id(), today())
    )
    refused(
        "record.not_found", lambda: orders.order_from_deal(desk.store, desk.actor("stranger"), deal, new_id(), today())
    )
    past = desk.store.history(actor, "order", wish).row(0, named=True)
    assert (past["verb"], past["actor_id"]) == ("create", desk.people["rep"])


def test_an_order_of_a_contract_takes_its_amount_where_there_are_no_products(desk: Desk) -> None:
    contract = a_contract(desk, 900, signed=False)
    make = lambda: orders.order_from_contract(desk.store, desk.actor("rep"), contract, new_id(), today())  # noqa: E731
    refused("order.contract_not_signed", make)
    sign(desk, contract)
    made = desk.row("order", make())
    assert (made["contract_id"], made["amount"], made["amount_from"]) == (contract, Decimal(900), "typed")


def a_contract(desk: Desk, amount: int, *, signed: bool = True, **values: Any) -> str:
    """A contract of the rep."""
    owner = desk.people["rep"]
    known = {"customer_id": desk.make("customer", owner_id=owner)} | values
    contract = desk.make("contract", owner_id=owner, amount=Decimal(amount), **known)
    if signed:
        sign(desk, contract)
    return contract


# -- life -------------------------------------------------------------------------------------------------------------


def test_confirming_needs_a_day_and_something_to_deliver(desk: Desk) -> None:
    order = an_order(desk)
    with pytest.raises(Invalid) as missing:
        desk.do("rep", "order", "confirm", order)
    assert missing.value.problems[0].field == "promised_on"
    refused("order.empty", lambda: desk.do("rep", "order", "confirm", order, promised_on=today()))
    desk.make("order_line", who="rep", order_id=order, quantity=Decimal(1), price=Decimal(5))
    for who, kind in (("leader", Forbidden), ("support", Forbidden), ("stranger", NotFound), ("admin", Forbidden)):
        with pytest.raises(kind):
            desk.do(who, "order", "confirm", order, promised_on=today())
    version = desk.version("order", order)
    actor = desk.actor("rep")
    with pytest.raises(Stale):
        orders.step(desk.store, actor, "confirm", order, version - 1, {"promised_on": today()})
    with ThreadPoolExecutor(THREADS) as pool:
        list(
            pool.map(
                lambda _: orders.step(desk.store, actor, "confirm", order, version, {"promised_on": today()}),
                range(THREADS),
            )
        )
    log = desk.store.history(actor, "order", order)
    assert log["verb"].to_list().count("confirm") == 1
    assert log.row(-1, named=True)["actor_id"] == desk.people["rep"]
    refused("verb.not_allowed", lambda: desk.do("manager", "order", "confirm", order))


def test_a_confirmed_order_changes_only_where_it_may_and_with_a_reason(desk: Desk) -> None:
    order = confirmed(desk)
    line = lines_of(desk, order)[0]["id"]
    refused("verb.not_allowed", lambda: desk.do("rep", "order", "update", order, customer_reference="PO 7"))
    desk.do("manager", "order", "update", order, customer_reference="PO 7")
    refused("order.fixed", lambda: desk.do("manager", "order", "update", order, ordered_on=days_ago(2)))
    refused("order.needs_why", lambda: desk.do("manager", "order", "update", order, promised_on=days_ago(1)))
    desk.do("manager", "order", "update", order, why="customer asked", promised_on=days_ago(1))
    refused("order.needs_why", lambda: desk.do("manager", "order_line", "update", line, quantity=Decimal(8)))
    desk.do("manager", "order_line", "update", line, why="less", quantity=Decimal(8))
    assert money(desk, order)[0] == Decimal(100)
    whys = desk.store.history(desk.actor("manager"), "order", order)["why"].to_list()
    assert whys[-2:] == ["customer asked", "less"]
    ship(desk, order, 8)
    desk.do("manager", "order", "close", order, why="done early")
    refused("order.fixed", lambda: desk.do("manager", "order", "update", order, why="late", promised_on=today()))
    refused("order.fixed", lambda: desk.do("manager", "order_line", "update", line, why="late", quantity=Decimal(9)))


def test_what_has_left_keeps_an_order_from_being_cancelled_until_it_is_back(desk: Desk) -> None:
    order = confirmed(desk)
    pay(desk, "25", order_id=order)
    shipment = ship(desk, order, 4)
    cancel = lambda who="manager": desk.do(who, "order", "cancel", order, cancel_note="wrong model")  # noqa: E731
    with pytest.raises(Forbidden):
        cancel("rep")
    refused("order.shipped", cancel)
    desk.do("rep", "shipment", "update", shipment, delivered_on=days_ago(1))
    line = lines_of(desk, order)[0]["id"]
    desk.make(
        "return", who="rep", order_id=order, order_line_id=line, quantity=Decimal(4), returned_on=today(), amount=None
    )
    assert states(desk, order) == ("returned", "partial")
    with pytest.raises(Invalid):
        desk.do("manager", "order", "cancel", order)
    cancel()
    assert money(desk, order)[3:] == (Decimal(25), Decimal(-25)), "the customer gets back what was paid"
    orders.step(
        desk.store,
        desk.actor("manager"),
        "cancel",
        order,
        desk.version("order", order) - 1,
        {"cancel_note": "wrong model"},
    )


def test_closing_before_everything_arrived_needs_a_reason(desk: Desk) -> None:
    order = confirmed(desk)
    refused("order.not_delivered", lambda: desk.do("rep", "order", "close", order))
    arrive(desk, ship(desk, order))
    desk.do("rep", "order", "close", order)
    assert desk.row("order", order)["status"] == "closed"


def test_no_verb_changes_what_an_update_may_not(desk: Desk) -> None:
    order = confirmed(desk)
    refused("verb.not_allowed", lambda: desk.do("rep", "order", "close", order, why="done", promised_on=days_ago(0)))
    refused("order.fixed", lambda: desk.do("manager", "order", "close", order, why="done", ordered_on=days_ago(9)))
    told: dict[str, Any] = {"cancel_note": "wrong model", "freight": Decimal(9)}
    refused("order.needs_why", lambda: desk.do("manager", "order", "cancel", order, **told))
    assert desk.row("order", order)["status"] == "confirmed"


# -- shipments and returns --------------------------------------------------------------------------------------------


def test_a_shipment_without_lines_carries_what_is_left_and_nothing_twice(desk: Desk) -> None:
    order = confirmed(desk, (10, "12.50", None), (2, "7", None))
    part = ship(desk, order, 6)
    (line,) = desk.store.find(desk.actor("operator"), "shipment_line", [Condition("shipment_id", Operator.EQ, part)])[
        "id"
    ]
    refused("shipment.last_line", lambda: desk.do("manager", "shipment_line", "archive", line))
    whole: dict[str, Any] = {"who": "rep", "order_id": order, "shipped_on": days_ago(2)}
    rest = desk.make("shipment", **whole)
    assert states(desk, order)[0] == "shipped"
    refused("order.nothing_to_ship", lambda: desk.make("shipment", **whole))
    planned = desk.make("shipment", **whole | {"shipped_on": None})
    refused("order.nothing_to_ship", lambda: desk.do("rep", "shipment", "update", planned, shipped_on=days_ago(1)))
    desk.do("manager", "shipment", "archive", rest)
    desk.do("rep", "shipment", "update", planned, shipped_on=days_ago(1))
    refused("order.nothing_to_ship", lambda: desk.do("manager", "shipment", "restore", rest))
    assert states(desk, order)[0] == "shipped"


def test_an_order_leaves_in_parts_and_never_more_than_was_ordered(desk: Desk) -> None:
    draft = an_order(desk, (10, "12.50", None))
    refused("shipment.not_confirmed", lambda: ship(desk, draft))
    order = confirmed(desk, (10, "12.50", None), (2, "7", None))
    wish, actor = new_id(), desk.actor("rep")
    half = Shipping(order, wish, days_ago(3), {lines_of(desk, order)[0]["id"]: Decimal(6)}, {"carrier": "SF"})
    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(lambda _: orders.ship(desk.store, actor, half), range(THREADS))) == {wish}
    assert states(desk, order)[0] == "partial"
    assert orders.left_to_ship(desk.store, actor, order)["left"].to_list() == [Decimal(4), Decimal(2)]
    refused("shipment.too_much", lambda: ship(desk, order, 5))
    assert desk.store.count(actor, "shipment", [Condition("order_id", Operator.EQ, order)]) == 1, "nothing by half"
    rest = ship(desk, order)
    assert states(desk, order)[0] == "shipped"
    refused("order.nothing_to_ship", lambda: ship(desk, order))
    for who, kind in (("support", Forbidden), ("leader", Forbidden), ("stranger", NotFound)):
        with pytest.raises(kind):
            ship(desk, order, who=who)
    arrive(desk, wish)
    assert states(desk, order)[0] == "shipped"
    seen = desk.version("shipment", rest)
    arrive(desk, rest)
    assert states(desk, order)[0] == "delivered"
    orders.deliver(desk.store, actor, rest, seen, days_ago(1))
    with pytest.raises(Stale):
        orders.deliver(desk.store, actor, rest, seen, today())
    prepared = confirmed(desk)
    waiting = orders.ship(desk.store, actor, Shipping(prepared, new_id(), None))
    assert states(desk, prepared)[0] == "none"
    refused("shipment.not_sent", lambda: orders.deliver(desk.store, actor, waiting, 1, today()))


def test_returns_stay_below_what_left_and_lower_what_is_owed(desk: Desk) -> None:
    order = confirmed(desk, (10, "12.50", None))
    line = lines_of(desk, order)[0]["id"]

    def back(quantity: int, **values: Any) -> str:
        facts = {"order_line_id": line, "quantity": Decimal(quantity), "amount": None, "returned_on": today()} | values
        return desk.make("return", who="rep", order_id=order, **facts)

    refused("return.not_shipped", lambda: back(1))
    arrive(desk, ship(desk, order, 6))
    refused("return.not_shipped", lambda: back(7))
    refused("return.too_much", lambda: back(2, amount=Decimal("125.01")))
    back(2)
    assert money(desk, order)[-1] == Decimal(100)
    other = lines_of(desk, confirmed(desk))[0]["id"]
    refused("return.other_order", lambda: back(1, order_line_id=other))
    with pytest.raises(Forbidden):
        desk.make("return", who="support", order_id=order, returned_on=today())


def test_what_came_back_of_a_cancelled_order_stays_back(desk: Desk) -> None:
    order = confirmed(desk)
    shipment = ship(desk, order)
    line = lines_of(desk, order)[0]["id"]
    back = desk.make("return", who="rep", order_id=order, order_line_id=line, quantity=Decimal(10), amount=None)
    desk.do("manager", "order", "cancel", order, cancel_note="wrong model")
    refused("return.of_cancelled", lambda: desk.do("manager", "return", "archive", back))
    refused("return.of_cancelled", lambda: desk.do("rep", "return", "update", back, quantity=Decimal(9)))
    desk.do("manager", "return", "update", back, remark="all of it")
    refused("return.not_shipped", lambda: desk.do("manager", "shipment", "archive", shipment))


def test_what_is_returned_takes_its_tax_with_it(desk: Desk) -> None:
    order = confirmed(desk, (10, "12.50", None), (3, "0.15", None), tax_rate=Decimal("0.13"))
    first, second = sorted(lines_of(desk, order), key=lambda row: -row["amount"])
    assert money(desk, order)[2] == Decimal("141.76")
    arrive(desk, ship(desk, order))
    facts: dict[str, Any] = {"order_id": order, "returned_on": today(), "amount": None}
    refused(
        "return.too_much",
        lambda: desk.make("return", **facts | {"order_line_id": first["id"], "amount": Decimal("141.26")}),
    )
    desk.make("return", who="rep", order_line_id=first["id"], quantity=Decimal(4), **facts)
    assert money(desk, order)[-1] == Decimal("85.26")
    desk.make("return", who="rep", order_line_id=first["id"], quantity=Decimal(6), **facts)
    desk.make("return", who="rep", order_line_id=second["id"], quantity=Decimal(3), **facts)
    assert (money(desk, order)[-1], states(desk, order)[0]) == (0, "returned")
    assert desk.store.check() == []


# -- payments ---------------------------------------------------------------------------------------------------------


def test_no_more_is_paid_than_is_owed(desk: Desk) -> None:
    order = confirmed(desk, (10, "12.50", None), freight=Decimal(5))
    pay(desk, "100", order_id=order)
    assert (money(desk, order)[3:], states(desk, order)[1]) == ((Decimal(100), Decimal(30)), "partial")
    refused("payment.too_much", lambda: pay(desk, "30.01", order_id=order))
    refused("payment.other_currency", lambda: pay(desk, "1", order_id=order, currency="USD"))

    def last(_: int) -> bool:
        try:
            return bool(pay(desk, "30", order_id=order))
        except Refused:
            return False

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(last, range(THREADS))) == 1
    assert states(desk, order)[1] == "paid"
    refused("payment.too_much", lambda: desk.do("manager", "order", "update", order, why="less", freight=Decimal(0)))
    with pytest.raises(Forbidden):
        pay(desk, "1", who="leader", order_id=order)


def test_money_for_a_contract_covers_its_plan_and_its_orders_from_the_earliest(desk: Desk) -> None:
    contract = a_contract(desk, 900)
    first, second = (
        orders.order_from_contract(
            desk.store, desk.actor("rep"), contract, new_id(), today(), {"amount": Decimal(amount), "ordered_on": day}
        )
        for amount, day in ((600, days_ago(2)), (300, days_ago(1)))
    )
    for amount, day in ((270, days_ago(9)), (630, today())):
        desk.make("payment_plan", contract_id=contract, amount=Decimal(amount), due_on=day)
    duty = desk.make("obligation", contract_id=contract, name="install", party="us", due_on=today())
    pay(desk, "650", contract_id=contract)
    assert [states(desk, order)[1] for order in (first, second)] == ["paid", "partial"]
    plan = desk.store.find(desk.actor("rep"), "payment_plan").sort("due_on")
    assert plan["state"].to_list() == ["paid", "partial"]
    refused("payment.contract_too_much", lambda: pay(desk, "250.01", contract_id=contract))
    pay(desk, "250", order_id=second)
    row = desk.row("contract", contract)
    assert (row["paid"], row["fulfilment"]) == (Decimal(900), "partial")
    actor = desk.actor("rep")
    seen = desk.version("obligation", duty)
    orders.complete_obligation(desk.store, actor, duty, seen, today())
    orders.complete_obligation(desk.store, actor, duty, seen, today())
    with pytest.raises(Stale):
        orders.complete_obligation(desk.store, actor, duty, seen, days_ago(1))
    with pytest.raises(NotFound):
        orders.complete_obligation(desk.store, desk.actor("stranger"), duty, seen, today())
    for order in (first, second):
        desk.do("rep", "order", "confirm", order, promised_on=today())
        arrive(desk, ship(desk, order))
    assert desk.row("contract", contract)["fulfilment"] == "fulfilled"
    assert desk.store.check() == []


def test_an_order_is_in_the_currency_of_its_contract(desk: Desk) -> None:
    desk.make("exchange_rate", currency="USD", valid_on=days_ago(9), rate=Decimal(7))
    contract = a_contract(desk, 900, currency="USD")
    customer = desk.row("contract", contract)["customer_id"]
    known = {"customer_id": customer, "owner_id": desk.people["rep"], "contract_id": contract, "amount": Decimal(900)}
    refused("order.other_currency", lambda: desk.make("order", who="rep", currency="CNY", **known))
    order = desk.make("order", who="rep", **known)
    assert (desk.row("order", order)["currency"], desk.row("order", order)["base_amount"]) == ("USD", 6300)
    refused("order.other_currency", lambda: desk.do("rep", "order", "update", order, currency="CNY"))
    made = new_id()
    other = {"currency": "CNY"}
    refused(
        "order.other_currency",
        lambda: orders.order_from_contract(desk.store, desk.actor("rep"), contract, made, today(), other),
    )


def test_money_of_another_currency_counts_for_no_contract(desk: Desk) -> None:
    desk.make("exchange_rate", currency="USD", valid_on=days_ago(9), rate=Decimal(7))
    contract = a_contract(desk, 900, currency="CNY")
    customer = desk.row("contract", contract)["customer_id"]
    plan = desk.make("payment_plan", contract_id=contract, amount=Decimal(900), due_on=today())
    known = {"customer_id": customer, "owner_id": desk.people["rep"], "contract_id": contract}
    order = desk.make("order", currency="USD", amount=Decimal(1000), **known)  # as history stated it
    pay(desk, "900", order_id=order)
    assert desk.row("order", order)["paid"] == 900
    assert (desk.row("contract", contract)["paid"], desk.row("payment_plan", plan)["paid"]) == (0, 0)
    refused("payment.contract_too_much", lambda: pay(desk, "901", contract_id=contract))
    pay(desk, "900", contract_id=contract)
    assert desk.row("payment_plan", plan)["state"] == "paid"


def test_prices_of_another_currency_are_not_taken_over(desk: Desk) -> None:
    desk.make("exchange_rate", currency="USD", valid_on=days_ago(9), rate=Decimal(7))
    deal = deal_of(desk)
    known = {"customer_id": desk.row("deal", deal)["customer_id"], "deal_id": deal}
    contract = a_contract(desk, 300, currency="USD", **known)
    order = orders.order_from_contract(desk.store, desk.actor("rep"), contract, new_id(), today())
    assert (desk.row("order", order)["currency"], money(desk, order)[0], lines_of(desk, order)) == ("USD", 300, [])
    desk.do("rep", "deal", "win", deal, closed_on=today(), amount=Decimal(2401))
    other = orders.order_from_deal(desk.store, desk.actor("rep"), deal, new_id(), today(), {"currency": "USD"})
    assert (money(desk, other)[0], lines_of(desk, other)) == (None, [])


def test_an_order_of_a_contract_is_not_paid_for_another_one(desk: Desk) -> None:
    contract, other = a_contract(desk, 900), a_contract(desk, 900)
    order = orders.order_from_contract(desk.store, desk.actor("rep"), contract, new_id(), today())
    refused("payment.other_contract", lambda: pay(desk, "100", order_id=order, contract_id=other))
    pay(desk, "100", order_id=order, contract_id=contract)
    assert desk.row("contract", contract)["paid"] == 100


def test_a_store_from_before_states_were_derived_gets_them(desk: Desk) -> None:
    order = confirmed(desk)
    arrive(desk, ship(desk, order))
    derived = ("total_amount", "paid", "due", "delivery_state", "payment_state")
    with desk.store.engine.writing() as cursor:
        for table in ("orders", "orders_history"):
            cursor.execute(f"UPDATE {table} SET {', '.join(f'{name} = NULL' for name in derived)}")
    assert set(TAUGHT) <= set(desk.store.migrations)
    settle_all(desk.store, "order")
    assert (states(desk, order), money(desk, order)[2]) == (("delivered", "unpaid"), Decimal(125))
    assert desk.store.check() == []


def test_a_change_set_sees_what_it_wrote_itself(shared_desk: Desk) -> None:
    """A line may change while its order is a draft, and no more once the same change-set has confirmed it."""
    order = an_order(shared_desk, (10, "12.50", None))
    line, version = lines_of(shared_desk, order)[0]["id"], shared_desk.version("order", order)
    first, then = ({"id": line, "version": at, "quantity": Decimal(8 + at)} for at in (1, 2))
    confirm = {"id": order, "version": version, "promised_on": today()}
    changes = [
        Change("order_line", "update", frame_of("order_line", first)),
        Change("order", "confirm", frame_of("order", confirm)),
        Change("order_line", "update", frame_of("order_line", then)),
    ]
    refused("order.needs_why", lambda: shared_desk.submit("manager", *changes))
    shared_desk.submit("manager", *changes[:2])
    assert shared_desk.row("order", order)["status"] == "confirmed"


def test_what_is_delivered_stays_so_whatever_is_paid_or_charged(shared_desk: Desk) -> None:
    order = confirmed(shared_desk, (10, "12.50", None))
    arrive(shared_desk, ship(shared_desk, order, 4))
    pay(shared_desk, "20", order_id=order)
    assert states(shared_desk, order) == ("partial", "partial")
    shared_desk.do("operator", "order", "update", order, freight=Decimal(5))
    assert states(shared_desk, order) == ("partial", "partial")
    settle_all(shared_desk.store, "order")
    assert states(shared_desk, order) == ("partial", "partial")
