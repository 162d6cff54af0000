"""How records stand, over REST: every word that finds a record stands in the answer, for support without payments."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain.standings import STANDINGS
from tests.api.calling import Api
from tests.builders import days_ago
from tests.contracting import approved, signature
from tests.selling import company_today

PLURALS = {
    "contract": "contracts",
    "order": "orders",
    "obligation": "obligations",
    "payment_plan": "payment-plans",
}


def signed(api: Api, **values: object) -> str:
    """A contract of the rep, signed by both sides."""
    record = approved(api.desk, **values)
    api.desk.do("rep", "contract", "sign", record, **signature(api.desk))
    return record


@pytest.fixture(scope="module")
def standing(api: Api) -> dict[str, str]:
    """A record for some words: word → id."""
    desk, late = api.desk, days_ago(3)
    draft, active = approved(desk, valid_until=days_ago(-9)), signed(api, ends_on=days_ago(-9))
    expired = signed(api, ends_on=late)
    customer = desk.make("customer", owner_id=desk.people["rep"])
    order = desk.make(
        "order", owner_id=desk.people["rep"], customer_id=customer, promised_on=late, ordered_on=days_ago(9)
    )
    desk.make("order_line", order_id=order, quantity=Decimal(1), price=Decimal(5))
    desk.step("rep", "order", "confirm", order)
    duty = desk.make("obligation", contract_id=active, name="Install", party="us", due_on=late)
    plan = desk.make("payment_plan", contract_id=active, due_on=late, amount=Decimal(10))
    return {"approved": draft, "active": active, "expired": expired, "late": order, "duty": duty, "plan": plan}


@pytest.mark.parametrize("entity", STANDINGS)
def test_whatever_a_word_finds_carries_it_and_nothing_else_does(
    api: Api, standing: dict[str, str], entity: str
) -> None:
    rep, plural = api("rep"), PLURALS[entity]
    rows = {row["id"]: row["standing"] for row in rep.get(f"/{plural}", limit=500)["items"]}
    assert set(standing.values()) & rows.keys()
    assert any(rows.values())
    for word in STANDINGS[entity]:
        found = {row["id"] for row in rep.get(f"/{plural}", standing=word, limit=500)["items"]}
        assert found == {record for record, words in rows.items() if word in words}, word


def test_one_record_a_selection_and_a_past_day_say_how_it_stands(api: Api, standing: dict[str, str]) -> None:
    rep, active = api("rep"), standing["active"]
    assert rep.get(f"/contracts/{active}")["standing"] == ["active", "in_force"]
    assert rep.get(f"/contracts/{standing['expired']}")["standing"] == ["expired", "ended"]
    picked = {row["id"]: row for row in rep.get("/contracts", fields="standing", limit=500)["items"]}
    assert picked[active] == {"id": active, "version": picked[active]["version"], "standing": ["active", "in_force"]}
    assert "standing" not in rep.get("/contracts", fields="step")["items"][0]
    rep.refused("GET", "/deals?fields=standing", 400)
    order = standing["late"]
    assert rep.get(f"/orders/{order}")["standing"] == ["late", "to_ship"]
    version = rep.get(f"/orders/{order}")["version"]
    told = api("manager").change(f"/orders/{order}", version, customer_reference="PO 8")
    assert told.json()["standing"] == ["late", "to_ship"]
    assert rep.get(f"/orders/{order}", as_of=company_today().isoformat())["standing"] == ["late", "to_ship"]


def test_support_finds_contracts_and_orders_by_standing_without_what_is_paid(
    api: Api, standing: dict[str, str]
) -> None:
    support = api("support")
    for word, of in (("in_force", "active"), ("ended", "expired"), ("approved", "approved")):
        found = {row["id"]: row["standing"] for row in support.get("/contracts", standing=word)["items"]}
        assert found[standing[of]] == [word]
    for word in ("late", "to_ship"):
        found = {row["id"]: row["standing"] for row in support.get("/orders", standing=word)["items"]}
        assert found[standing["late"]] == ["late", "to_ship"]
    for path in ("contracts?standing=active", "contracts?standing=fulfilled", "orders?standing=to_collect"):
        support.refused("GET", f"/{path}", 400)
    support.refused("GET", "/contracts?fields=standing,fulfilment", 400)
    assert support.get(f"/contracts/{standing['active']}")["standing"] == ["in_force"]


def test_the_document_names_the_words_in_the_answer(api: Api) -> None:
    schemas = api("rep").get("/api/openapi.json")["components"]["schemas"]
    assert schemas["Order"]["properties"]["standing"]["items"]["enum"] == list(STANDINGS["order"])
    assert {name for name, one in schemas.items() if "standing" in one.get("properties", {})} == {
        "Contract",
        "Order",
        "Obligation",
        "PaymentPlan",
    }
