"""Converting a lead over REST."""

from __future__ import annotations

from tests.api.calling import Api, fields_at_fault
from tests.tables import fingerprints
from tests.test_conversion import a_colleagues_customer, lead_of


def test_a_lead_is_converted_with_what_the_body_says(api: Api) -> None:
    rep, lead = api("rep"), lead_of(api.desk)
    body = {"customer": {"name": "Aurora Group"}, "deal": {"amount": "90000.50"}, "why": "asked for a quote"}
    first = rep.call("POST", f"/leads/{lead}/convert", {"If-Match": '"1"'}, json=body)
    assert first.status_code == 200, first.text
    told = first.json()
    assert (told["status"], first.headers["etag"]) == ("converted", '"2"')
    assert rep.get(f"/customers/{told['customer_id']}")["name"] == "Aurora Group"
    deal = rep.get(f"/deals/{told['deal_id']}")
    assert (deal["amount"], deal["lead_id"], deal["contact_id"]) == ("90000.5000", lead, told["contact_id"])
    log = rep.get(f"/deals/{told['deal_id']}/history")["items"]
    assert log[-1]["why"] == f"Converted from lead {told['number']} Aurora Pumps: asked for a quote"
    again = rep.call("POST", f"/leads/{lead}/convert", {"If-Match": '"1"'}, json=body)
    assert (again.status_code, again.json()) == (200, told)
    assert api("manager").refused("POST", f"/leads/{lead}/convert", 409, json=body)["code"] == "verb.not_allowed"
    assert api.desk.one("deal", lead_id=lead)["id"] == told["deal_id"]


def test_a_found_customer_no_contact_and_no_deal(api: Api) -> None:
    rep, lead = api("rep"), lead_of(api.desk)
    customer = api.desk.make("customer", name="Known", owner_id=api.desk.people["rep"])
    told = rep.call("POST", f"/leads/{lead}/convert", json={"customer_id": customer, "contact": None}).json()
    assert (told["customer_id"], told["contact_id"], told["deal_id"]) == (customer, None, None)


def test_what_does_not_fit_is_named_and_what_may_not_be_is_refused(api: Api) -> None:
    lead = lead_of(api.desk)
    body = {
        "customer_id": "x",
        "customer": {"name": 5, "status": "won"},
        "contact_id": 7,
        "deal": {"amount": "much"},
        "owner": "me",
    }
    problem = api("rep").refused("POST", f"/leads/{lead}/convert", 422, json=body)
    assert fields_at_fault(problem) == {
        "customer": "field.not_allowed",
        "customer.name": "field.type",
        "customer.status": "field.unknown",
        "contact_id": "field.type",
        "deal.amount": "field.type",
        "owner": "field.unknown",
    }
    stranger = api.desk.make("customer", owner_id=api.desk.people["stranger"])
    unknown = api("rep").refused("POST", f"/leads/{lead}/convert", 422, json={"customer_id": stranger})
    assert fields_at_fault(unknown) == {"customer_id": "reference.not_found"}
    stale = api("rep").refused("POST", f"/leads/{lead}/convert", 412, headers={"If-Match": '"9"'}, json={})
    assert stale["code"] == "record.stale"
    api("leader").refused("POST", f"/leads/{lead}/convert", 403, json={})
    api("stranger").refused("POST", f"/leads/{lead}/convert", 404, json={})


def test_the_same_key_gets_the_same_answer(api: Api) -> None:
    lead, headers = lead_of(api.desk), {"Idempotency-Key": "convert-1"}
    first, second = (api("rep").call("POST", f"/leads/{lead}/convert", headers, json={"deal": {}}) for _ in range(2))
    assert (first.status_code, first.content) == (200, second.content)
    assert second.headers["idempotent-replayed"] == "true"


def test_a_contact_is_added_to_a_colleagues_customer_by_converting_only(api: Api) -> None:
    rep, lead, customer = api("rep"), lead_of(api.desk), a_colleagues_customer(api.desk)
    api("rep").refused("POST", "/contacts", 403, json={"customer_id": customer, "name": "Li Lei"})
    before = rep.get(f"/customers/{customer}")
    answer = rep.call("POST", f"/leads/{lead}/convert", json={"customer_id": customer, "deal": {}})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    contact = rep.get(f"/contacts/{told['contact_id']}")
    assert (contact["customer_id"], contact["name"], contact["main"]) == (customer, "Li Lei", False)
    assert rep.get(f"/customers/{customer}") == before
    refused = rep.change(f"/contacts/{contact['id']}", contact["version"], name="Somebody else")
    assert refused.status_code == 403, "it is the colleague's from then on"
    api("stranger").refused("POST", f"/leads/{lead_of(api.desk)}/convert", 404, json={"customer_id": customer})


def test_nobody_says_what_new_records_hang_on(api: Api) -> None:
    customer, lead = a_colleagues_customer(api.desk), lead_of(api.desk)
    body = {"contact": {"customer_id": customer}, "deal": {"lead_id": lead, "customer_id": customer}}
    problem = api("rep").refused("POST", f"/leads/{lead}/convert", 422, json=body)
    assert fields_at_fault(problem) == {
        "contact.customer_id": "field.not_allowed",
        "deal.lead_id": "field.not_allowed",
        "deal.customer_id": "field.not_allowed",
    }


def test_a_batch_converts_nothing(api: Api) -> None:
    lead, customer = lead_of(api.desk), api.desk.make("customer", owner_id=api.desk.people["rep"])
    values = {"customer_id": customer, "converted_on": "2026-01-01"}
    change = {"verb": "convert", "id": lead, "version": 1, "values": values}
    rep = api("rep")
    written = fingerprints(api.desk.store)
    problem = rep.refused("POST", "/leads:batch", 422, json={"changes": [change]})
    assert [(one["row"], one["field"], one["code"]) for one in problem["errors"]] == [(0, "verb", "verb.one_by_one")]
    assert fingerprints(api.desk.store) == written
