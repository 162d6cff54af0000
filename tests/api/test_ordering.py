"""The sale from the won deal to the paid delivery over REST, and orders as support sees them: without any amount."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from dashboard.actions.exports import export_records, files_of
from dashboard.domain.access import Action
from dashboard.errors import Forbidden
from tests.api.calling import Api, Person, fields_at_fault
from tests.builders import days_ago, today

AMOUNTS = ("125.00", "141.25", "16.25", "12.5000", "41.25", "100.0000")


def post(person: Person, path: str, status: int = 201, **body: Any) -> Any:
    """One request that makes something."""
    found = person.call("POST", path, json=body)
    assert found.status_code == status, found.text
    return found.json()


def a_won_deal(api: Api) -> str:
    """Ten pieces at 12.50, of the rep."""
    desk = api.desk
    customer = desk.make("customer", owner_id=desk.people["rep"])
    deal = desk.make("deal", owner_id=desk.people["rep"], customer_id=customer, amount=Decimal(125))
    desk.make("deal_product", who="rep", deal_id=deal, quantity=Decimal(10), price=Decimal("12.5"))
    desk.step("operator", "deal", "win", deal)
    return deal


def sold(api: Api) -> dict[str, Any]:
    """An order that was made, confirmed, shipped in two parts, delivered and paid in part; as the rep reads it."""
    rep, deal = api("rep"), a_won_deal(api)
    order = post(rep, f"/deals/{deal}/order", tax_rate="0.13", customer_reference="PO 7")
    at, mine = f"/orders/{order['id']}", {"customer_id": order["customer_id"]}
    assert (order["amount"], order["total_amount"], order["deal_id"]) == ("125.0000", "141.2500", deal)
    assert post(rep, f"{at}/ship", 409)["code"] == "shipment.not_confirmed"
    post(rep, f"{at}/confirm", 200, promised_on=days_ago(1).isoformat())
    (line,) = rep.get("/order-lines", order_id=order["id"])["items"]
    half = [{"order_line_id": line["id"], "quantity": "4"}]
    first = post(rep, f"{at}/ship", shipped_on=days_ago(3).isoformat(), carrier="SF", lines=half)
    assert rep.get(at)["delivery_state"] == "partial"
    assert [row["id"] for row in rep.get("/orders", standing="late", **mine)["items"]] == [order["id"]]
    too_much = [{"order_line_id": line["id"], "quantity": "7"}]
    assert post(rep, f"{at}/ship", 409, lines=too_much)["code"] == "shipment.too_much"
    rest = post(rep, f"{at}/ship", shipped_on=days_ago(2).isoformat())
    for shipment in (first, rest):
        rep.change(f"/shipments/{shipment['id']}", shipment["version"], delivered_on=days_ago(1).isoformat())
    paid = {"customer_id": order["customer_id"], "order_id": order["id"], "paid_on": today().isoformat()}
    post(rep, "/payments", **paid, amount="100")
    assert post(rep, "/payments", 409, **paid, amount="41.26")["code"] == "payment.too_much"
    found = rep.get(at)
    assert (found["delivery_state"], found["payment_state"], found["due"]) == ("delivered", "partial", "41.2500")
    assert rep.get("/orders", standing="late", **mine)["items"] == []
    assert [row["id"] for row in rep.get("/orders", standing="to_collect", sort="-due", **mine)["items"]] == [
        order["id"]
    ]
    return dict(found)


def test_a_sale_goes_from_the_deal_to_the_money(api: Api) -> None:
    order = sold(api)
    at, deal = f"/orders/{order['id']}", order["deal_id"]
    headers = {"Idempotency-Key": "order-of-the-deal"}
    twice = [api("rep").call("POST", f"/deals/{deal}/order", headers, json={}) for _ in range(2)]
    assert [one.status_code for one in twice] == [201, 201]
    assert twice[0].content == twice[1].content
    assert twice[0].headers["location"] == f"/api/v1/orders/{twice[0].json()['id']}"
    assert post(api("rep"), f"{at}/ship", 409)["code"] == "order.nothing_to_ship"
    for who, status in (("leader", 403), ("support", 403), ("stranger", 404)):
        api(who).refused("POST", f"/deals/{deal}/order", status, json={})
        api(who).refused("POST", f"{at}/ship", status, json={})
    problem = api("rep").refused("POST", f"/deals/{deal}/order", 422, json={"deal_id": deal, "tax": "much"})
    assert fields_at_fault(problem) == {"deal_id": "field.not_allowed"}
    lines = [{"order_line_id": "x", "quantity": "0"}]
    problem = api("rep").refused("POST", f"{at}/ship", 422, json={"lines": lines})
    assert fields_at_fault(problem) == {"quantity": "field.too_low"}
    api("rep").refused("GET", "/orders?standing=never", 400)
    api("rep").refused("GET", "/deals?standing=late", 400)


def test_support_reads_orders_shipments_and_returns_without_an_amount_anywhere(api: Api) -> None:
    order = sold(api)
    line = api("rep").get("/order-lines", order_id=order["id"])["items"][0]
    back = {"order_id": order["id"], "order_line_id": line["id"], "quantity": "1", "returned_on": today().isoformat()}
    post(api("rep"), "/returns", **back)
    support, desk, told = api("support"), api.desk, []
    for plural in ("orders", "order-lines", "shipments", "shipment-lines", "returns"):
        rows = (
            support.get(f"/{plural}", q="PO 7")["items"] if plural == "orders" else support.get(f"/{plural}")["items"]
        )
        assert rows, plural
        told += [json.dumps(rows), support.call("GET", f"/{plural}/{rows[0]['id']}/history").text]
    seen = support.get(f"/orders/{order['id']}")
    assert (seen["delivery_state"], seen["customer_reference"]) == ("delivered", "PO 7")
    hidden = {"amount", "tax", "tax_rate", "freight", "total_amount", "paid", "due", "payment_state", "base_amount"}
    assert not (hidden | {"rate", "amount_from"}) & seen.keys()
    for name in sorted(hidden):
        for query in (f"sort={name}", f"{name}=1", f"{name}__gte=1", f"fields=id,{name}"):
            answer = support.call("GET", f"/orders?{query}")
            assert answer.status_code == 400 or query.startswith("fields"), query
            told.append(answer.text)
            if query.startswith("fields") and answer.status_code == 200:
                assert name not in answer.json()["items"][0]
    told.append(json.dumps(support.refused("GET", "/orders?standing=to_collect", 400)))
    assert [row["id"] for row in support.get("/orders", standing="late", q="PO 7")["items"]] == []
    support.refused("GET", "/payments", 403)
    support.refused("GET", "/payment-plans", 403)
    body = {"amount": "1", "due": "2"}
    told.append(support.call("PATCH", f"/orders/{order['id']}", {"If-Match": '"1"'}, json=body).text)
    assert not [(amount, text) for text in told for amount in AMOUNTS if amount in text]
    actor = desk.actor("support")
    assert not actor.grants("order", Action.EXPORT)
    try:
        files = files_of(export_records(desk.store, actor, "order", "en", [], [], ["customer_reference"]), "orders.csv")
        raise AssertionError(files.keys())
    except Forbidden:
        pass
