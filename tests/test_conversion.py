"""A lead becomes a customer, a contact and a deal: everything is carried over, linked both ways, and only once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dashboard.actions import conversion
from dashboard.actions.conversion import Asked, Part, convert
from dashboard.domain.labels import stored_text
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, SalesDeskError, Stale
from tests.builders import today
from tests.department import Desk
from tests.tables import fingerprints


def lead_of(desk: Desk, who: str | None = "rep", **values: Any) -> str:
    """A lead that knows everything about somebody."""
    known = {
        "company": "Aurora Pumps",
        "person_name": "Li Lei",
        "job_title": "Buyer",
        "phone": "13812345678",
        "email": "li.lei@example.com",
        "wechat": "lilei_88",
        "website": "https://aurora.example.com",
        "address": "1 Harbour Road",
        "source_id": desk.refs["source"],
        "industry_id": desk.refs["industry"],
        "region_id": desk.refs["region"],
        "level": "B",
        "need_tags": ["pumps", "service"],
        "budget": Decimal(120_000),
        "currency": "CNY",
        "authority": "decides",
        "next_step": "Send the quote",
        "next_step_on": today(),
        "owner_id": desk.people[who] if who else None,
    }
    return desk.make("lead", **{**known, **values})


def test_everything_is_carried_over_and_linked_both_ways_in_one_change_set(shared_desk: Desk) -> None:
    desk, before = shared_desk, shared_desk.store.revision
    lead = lead_of(desk)
    call = desk.make("interaction", lead_id=lead, author_id=desk.people["rep"], summary="A first call")
    open_task = desk.make("task", lead_id=lead, assignee_id=desk.people["colleague"])
    done = desk.make("task", lead_id=lead, assignee_id=desk.people["rep"])
    desk.do("operator", "task", "complete", done, done_on=today())
    consent = desk.make("consent", lead_id=lead, channel="phone", given=True, evidence="Web form")
    before = desk.store.revision
    found = convert(desk.store, desk.actor("rep"), Asked(lead, 1, deal=Part(), why="asked for a quote"), today())
    assert desk.store.revision == before + 1
    assert found.contact_id
    assert found.deal_id
    customer, contact = desk.row("customer", found.customer_id), desk.row("contact", found.contact_id)
    deal, now = desk.row("deal", found.deal_id), desk.row("lead", lead)
    told = desk.row("lead", lead)
    same = ("industry_id", "region_id", "source_id", "level", "need_tags", "address", "website")
    assert {name: customer[name] for name in same} == {name: told[name] for name in same}
    assert (customer["name"], customer["owner_id"]) == ("Aurora Pumps", desk.people["rep"])
    assert (customer["next_step"], now["next_step"]) == (None, None), "the next step is the deal's"
    assert [contact[name] for name in ("name", "job_title", "influence", "phone", "email", "wechat", "main")] == [
        "Li Lei",
        "Buyer",
        "decides",
        "13812345678",
        "li.lei@example.com",
        "lilei_88",
        True,
    ]
    assert (deal["name"], deal["amount"], deal["currency"]) == ("Aurora Pumps", Decimal(120_000), "CNY")
    assert (deal["next_step"], deal["next_step_on"]) == ("Send the quote", today())
    assert (deal["lead_id"], deal["customer_id"], deal["contact_id"]) == (lead, customer["id"], contact["id"])
    assert (now["status"], now["customer_id"], now["contact_id"], now["deal_id"], now["converted_on"]) == (
        "converted",
        customer["id"],
        contact["id"],
        deal["id"],
        today(),
    )
    linked = desk.row("interaction", call)
    assert (linked["customer_id"], linked["contact_id"], linked["deal_id"]) == (
        customer["id"],
        contact["id"],
        deal["id"],
    )
    assert desk.row("task", open_task)["deal_id"] == deal["id"]
    assert desk.row("task", done)["deal_id"] is None, "what is done stays where it was done"
    assert desk.row("consent", consent)["contact_id"] == contact["id"]
    number = told["number"]
    for entity, record in (("customer", customer), ("contact", contact), ("deal", deal), ("lead", now)):
        log = desk.store.history(desk.actor("rep"), entity, record["id"]).row(-1, named=True)
        assert (stored_text(log["why"], "en"), log["actor_id"]) == (
            f"Converted from lead {number} Aurora Pumps: asked for a quote",
            desk.people["rep"],
        )


def test_a_found_customer_keeps_what_it_knows_and_learns_the_rest(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = desk.make(
        "customer", name="Old Pumps", level="A", need_tags=["pumps", "spares"], owner_id=desk.people["rep"]
    )
    contact = desk.make("contact", customer_id=customer, name="Mr Li", phone="13812345678")
    lead = lead_of(desk)
    found = convert(desk.store, desk.actor("rep"), Asked(lead, 1, Part(customer)), today())
    assert (found.customer_id, found.contact_id, found.deal_id) == (customer, contact, None)
    now, person = desk.row("customer", customer), desk.row("contact", contact)
    assert (now["name"], now["level"], now["address"]) == ("Old Pumps", "A", "1 Harbour Road")
    assert now["need_tags"] == ["pumps", "spares", "service"]
    assert now["next_step"] == "Send the quote", "without a deal the customer takes the next step"
    assert (person["name"], person["email"]) == ("Mr Li", "li.lei@example.com")
    chosen = convert(
        desk.store, desk.actor("rep"), Asked(lead_of(desk), 1, Part(customer), Part(contact), Part()), today()
    )
    assert (chosen.customer_id, chosen.contact_id) == (customer, contact)
    nobody = convert(desk.store, desk.actor("rep"), Asked(lead_of(desk), 1, Part(customer), None), today())
    assert nobody.contact_id is None


def test_what_the_person_says_counts_before_what_the_lead_says(shared_desk: Desk) -> None:
    desk = shared_desk
    asked = Asked(
        lead_of(desk, person_name=None),
        1,
        Part(values={"name": "Aurora Group", "level": None}),
        Part(values={"name": "Han Meimei", "phone": "13900001111"}),
        Part(values={"name": "Ten pumps", "amount": Decimal(90_000), "expected_close_on": today()}),
    )
    found = convert(desk.store, desk.actor("rep"), asked, today())
    customer, contact = desk.row("customer", found.customer_id), desk.row("contact", str(found.contact_id))
    deal = desk.row("deal", str(found.deal_id))
    assert (customer["name"], customer["level"]) == ("Aurora Group", None)
    assert (contact["name"], contact["phone"]) == ("Han Meimei", "13900001111")
    assert (deal["name"], deal["amount"], deal["expected_close_on"]) == ("Ten pumps", Decimal(90_000), today())


def test_a_lead_of_the_pool_becomes_whose_who_converts_it(shared_desk: Desk) -> None:
    desk = shared_desk
    lead = lead_of(desk, None, pool_team_id=desk.teams["north"])
    with pytest.raises(Forbidden):
        convert(desk.store, desk.actor("rep"), Asked(lead, 1), today())
    found = convert(desk.store, desk.actor("manager"), Asked(lead, 1), today())
    now = desk.row("lead", lead)
    assert (now["owner_id"], now["pool_team_id"]) == (desk.people["manager"], None)
    assert desk.row("customer", found.customer_id)["owner_id"] == desk.people["manager"]
    assert desk.row("contact", str(found.contact_id))["phone"] == "13812345678"


def test_the_same_once_more_is_what_it_became_and_anything_else_is_refused(shared_desk: Desk) -> None:
    desk, lead = shared_desk, lead_of(shared_desk)
    asked = Asked(lead, 1, deal=Part())
    first = convert(desk.store, desk.actor("rep"), asked, today())
    written = fingerprints(desk.store)
    again = convert(desk.store, desk.actor("rep"), asked, today())
    assert (again.again, again.customer_id, again.deal_id) == (True, first.customer_id, first.deal_id)
    for who, other in (("rep", Asked(lead)), ("manager", asked), ("rep", Asked(lead, 2, deal=Part()))):
        with pytest.raises(Refused if other.version != 1 else Stale):
            convert(desk.store, desk.actor(who), other, today())
    assert fingerprints(desk.store) == written


def test_of_many_at_once_one_converts(shared_desk: Desk) -> None:
    desk, lead, together = shared_desk, lead_of(shared_desk), threading.Barrier(4)

    def ask(who: str) -> conversion.Converted | SalesDeskError:
        together.wait()
        try:
            return convert(desk.store, desk.actor(who), Asked(lead, 1, deal=Part()), today())
        except (Stale, Refused) as told:
            return told

    with ThreadPoolExecutor(4) as many:
        found = list(many.map(ask, ["rep", "manager", "rep", "head"]))
    made = [one for one in found if isinstance(one, conversion.Converted)]
    assert len({one.customer_id for one in made}) == 1
    assert [one.again for one in made].count(False) == 1
    assert desk.one("deal", lead_id=lead)["id"] == made[0].deal_id


@pytest.mark.parametrize(
    ("who", "values", "asked", "refusal"),
    [
        ("leader", {}, {}, Forbidden),
        ("support", {}, {}, Forbidden),
        ("admin", {}, {}, Forbidden),
        ("stranger", {}, {}, NotFound),
        ("rep", {}, {"version": 7}, Stale),
        ("rep", {}, {"customer": Part("nobody")}, Invalid),
        ("rep", {}, {"contact": Part("nobody")}, Invalid),
        ("rep", {}, {"deal": Part(values={"amount": Decimal(-1)})}, Invalid),
    ],
)
def test_whoever_may_not_and_what_does_not_fit_is_refused_and_nothing_is_written(
    shared_desk: Desk, who: str, values: dict[str, Any], asked: dict[str, Any], refusal: type[SalesDeskError]
) -> None:
    desk = shared_desk
    lead = lead_of(desk, **values)
    written = fingerprints(desk.store)
    with pytest.raises(refusal):
        convert(desk.store, desk.actor(who), Asked(lead, **{"version": 1, **asked}), today())
    assert fingerprints(desk.store) == written


def test_states_reach_and_credit_codes_are_kept(shared_desk: Desk) -> None:
    desk, rep = shared_desk, shared_desk.actor("rep")
    lost = lead_of(desk)
    desk.do("rep", "lead", "junk", lost, reason_id=desk.refs["list_value"])
    with pytest.raises(Refused) as refused:
        convert(desk.store, rep, Asked(lost), today())
    assert refused.value.code == "verb.not_allowed"
    theirs = desk.make("customer", name="Theirs", owner_id=desk.people["stranger"], credit_code="91310000MA1K35X00Q")
    with pytest.raises(Invalid) as unknown:
        convert(desk.store, rep, Asked(lead_of(desk), 1, Part(theirs)), today())
    assert unknown.value.problems[0].code == "reference.not_found"
    with pytest.raises(Refused) as taken:
        convert(desk.store, rep, Asked(lead_of(desk), 1, Part(values={"credit_code": "91310000MA1K35X00Q"})), today())
    assert taken.value.code == "unique.taken"
    with pytest.raises(Invalid) as placed:
        convert(desk.store, rep, Asked(lead_of(desk), 1, deal=Part(values={"currency": "ABC", "amount": 5})), today())
    assert placed.value.problems[0].field == "deal.currency"


def test_customers_of_the_same_name_are_proposed_as_far_as_they_are_within_reach(shared_desk: Desk) -> None:
    desk = shared_desk
    mine = desk.make("customer", name="Borealis", owner_id=desk.people["rep"])
    other = desk.make("customer", name="Northern", aliases=["Borealis"], owner_id=desk.people["rep"])
    desk.make("customer", name="Borealis", owner_id=desk.people["stranger"])
    found = conversion.likely(desk.store, desk.actor("rep"), {"company": "Borealis"})
    assert {(one.customer_id, str(one.reason)) for one in found} == {(mine, "same"), (other, "same")}
    desk.make("contact", customer_id=mine, name="Somebody", email="one@borealis.example.com")
    by_mail = conversion.likely(
        desk.store, desk.actor("rep"), {"company": "Someone else", "email": "one@borealis.example.com"}
    )
    assert [(one.customer_id, one.name, str(one.reason)) for one in by_mail] == [(mine, "Borealis", "email")]


def test_a_conversion_is_one_revision_in_every_history(shared_desk: Desk) -> None:
    desk, lead = shared_desk, lead_of(shared_desk)
    found = convert(desk.store, desk.actor("rep"), Asked(lead, 1, deal=Part()), today())
    records = (("lead", lead), ("customer", found.customer_id), ("contact", found.contact_id), ("deal", found.deal_id))
    logs = [desk.store.history(desk.actor("rep"), entity, str(record)).tail(1) for entity, record in records]
    assert pl.concat(logs)["revision"].n_unique() == 1


def a_colleagues_customer(desk: Desk, **values: Any) -> str:
    """A customer of somebody else that the rep reads, because a deal of the rep is with it."""
    customer = desk.make("customer", **{"name": "Theirs", "owner_id": desk.people["colleague"], **values})
    desk.make("deal", customer_id=customer, owner_id=desk.people["rep"])
    return customer


def test_a_conversion_adds_the_contact_to_a_colleagues_customer_and_changes_nothing_else_there(
    shared_desk: Desk,
) -> None:
    desk, rep = shared_desk, shared_desk.actor("rep")
    customer = a_colleagues_customer(desk, level=None, need_tags=["spares"])
    main = desk.make("contact", customer_id=customer, name="Han Meimei", main=True)
    before = desk.row("customer", customer), desk.row("contact", main)
    with pytest.raises(Forbidden):
        desk.make("contact", who="rep", customer_id=customer, name="Li Lei")
    asked = Asked(lead_of(desk), 1, Part(customer), Part(values={"main": True}), Part())
    found = convert(desk.store, rep, asked, today())
    contact = desk.row("contact", str(found.contact_id))
    assert (contact["customer_id"], contact["name"], contact["main"]) == (customer, "Li Lei", False)
    assert (desk.row("customer", customer), desk.row("contact", main)) == before
    log = desk.store.history(desk.actor("colleague"), "contact", contact["id"]).row(0, named=True)
    assert log["actor_id"] == rep.person_id, "the customer's owner sees who added it"
    assert desk.row("deal", str(found.deal_id))["contact_id"] == contact["id"]


def test_a_contact_that_a_colleagues_customer_has_is_taken_as_it_is(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = a_colleagues_customer(desk)
    contact = desk.make("contact", customer_id=customer, name="Li Lei")
    before = desk.row("contact", contact)
    found = convert(desk.store, desk.actor("rep"), Asked(lead_of(desk), 1, Part(customer)), today())
    assert found.contact_id == contact
    assert desk.row("contact", contact) == before


def test_a_conversion_reaches_no_customer_out_of_reach_and_none_of_the_pool(shared_desk: Desk) -> None:
    desk, rep = shared_desk, shared_desk.actor("rep")
    unseen = desk.make("customer", name="Unseen", owner_id=desk.people["colleague"])
    pooled = desk.make("customer", name="Nobody's", pool_team_id=desk.teams["north"])
    lead = lead_of(desk)
    written = fingerprints(desk.store)
    for customer, refusal in ((unseen, Invalid), (pooled, Forbidden)):
        with pytest.raises(refusal):
            convert(desk.store, rep, Asked(lead, 1, Part(customer)), today())
    for part in ({"contact": Part(values={"customer_id": unseen})}, {"deal": Part(values={"lead_id": lead})}):
        with pytest.raises(Invalid) as told:
            convert(desk.store, rep, Asked(lead, 1, **part), today())
        assert told.value.problems[0].code == "field.not_allowed"
    assert fingerprints(desk.store) == written
