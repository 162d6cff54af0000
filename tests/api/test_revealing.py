"""Masked details over REST: shown in clear to whoever may reveal them, with a reason, each time in the audit."""

from __future__ import annotations

import pytest

from tests.api.calling import Api, fields_at_fault
from tests.test_customers_page import noted

PHONE = "13812345678"


@pytest.fixture(scope="module")
def contact(api: Api) -> str:
    """The address of a contact of the rep's customer."""
    customer = api.desk.make("customer", owner_id=api.desk.people["rep"])
    return f"/contacts/{api.desk.make('contact', customer_id=customer, name='Shan', phone=PHONE)}/reveal"


def test_support_reveals_a_detail_with_a_reason_and_the_audit_knows(api: Api, contact: str) -> None:
    support, before = api("support"), len(noted(api.desk))
    assert "***" in support.get(contact.removesuffix("/reveal"))["phone"]
    asked = {"field": "phone", "why": "call back about W-12"}
    found = support.call("POST", contact, {"Idempotency-Key": "one"}, json=asked)
    assert (found.status_code, found.json()) == (200, {"field": "phone", "value": PHONE})
    assert found.headers["cache-control"] == "no-store"
    assert support.call("POST", contact, {"Idempotency-Key": "one"}, json=asked).status_code == 200
    record = contact.split("/")[2]
    line = (api.desk.people["support"], "contact", record, "call back about W-12")
    assert noted(api.desk)[before:] == [line, line], "whoever looks twice is noted twice"
    with api.desk.store.reading() as cursor:
        kept = cursor.execute("SELECT count(*) FROM kept_answers").fetchone()
    assert kept == (0,), "a value in clear is not kept for repeats"


def test_nothing_is_shown_without_a_reason_the_right_or_the_field(api: Api, contact: str) -> None:
    before, why = noted(api.desk), {"why": "curiosity"}
    for body, fault in (
        ({"field": "phone"}, {"why": "reveal.needs_why"}),
        ({"field": "phone", "why": " a "}, {"why": "reveal.needs_why"}),
        ({"field": "phone", "why": 4711}, {"why": "field.type"}),
        (why, {"field": "field.required"}),
        ({"field": ["phone"], **why}, {"field": "field.required"}),
        ({"field": "name", **why}, {"name": "field.unknown"}),
        ({"field": "phone", "record_id": "x", **why}, {"record_id": "field.unknown"}),
    ):
        assert fields_at_fault(api("support").refused("POST", contact, 422, json=body)) == fault
    for who, status in (("rep", 403), ("manager", 403), ("leader", 403), ("admin", 403), ("stranger", 404)):
        api(who).refused("POST", contact, status, json={"field": "phone", **why})
    api("support").refused("POST", "/contacts/none/reveal", 404, json={"field": "phone", **why})
    api("support").refused("POST", contact.replace("contacts", "orders"), 404, json={"field": "phone", **why})
    assert noted(api.desk) == before
