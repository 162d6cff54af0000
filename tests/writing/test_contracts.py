"""Contracts from the draft to the signature: who may do what, in which state, once, and what history says of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from dashboard.actions.waiting import renew_deputies, waiting_for
from dashboard.domain.changes import Change
from dashboard.domain.differences import differences
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.wordings import hash_of
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, SalesDeskError, Stale
from tests.builders import days_ago, frame_of, now, today
from tests.contracting import (
    approved,
    clauses,
    contract,
    deal_of,
    editions,
    house,
    paper,
    runs,
    signature,
    template,
)
from tests.department import Desk
from tests.writing.test_numbers import series


def refused(code: str, attempt: Callable[[], object], kind: type[SalesDeskError] = Refused) -> None:
    """An attempt is refused with this code."""
    with pytest.raises(kind) as refusal:
        attempt()
    found = refusal.value.problems[0].code if isinstance(refusal.value, Invalid) else refusal.value.code
    assert found == code


def step(desk: Desk, record: str) -> str:
    """Where a contract stands."""
    return str(desk.row("contract", record)["step"])


def wording(desk: Desk, record: str) -> dict[str, Any]:
    """The last saved wording."""
    return dict(json.loads(editions(desk, record)[-1]["wording"]))


# -- drafting ---------------------------------------------------------------------------------------------------------


def test_a_contract_is_drafted_from_its_template_with_everything_filled_in(shared_desk: Desk) -> None:
    house(shared_desk)
    deal = deal_of(shared_desk)
    customer = shared_desk.row("deal", deal)["customer_id"]
    record = contract(shared_desk, deal_id=deal, customer_id=customer, template_id=template(shared_desk))
    said = wording(shared_desk, record)
    assert said["preamble"] == [{"text": "Harbour Works and Northern Machines agree on Two cranes."}]
    price, goods = said["clauses"]
    assert price["blocks"] == [{"text": "The price is CN¥2,401.00 (CNY two thousand four hundred one and 00/100)."}]
    assert goods["blocks"] == [{"table": "deal.lines"}]
    assert [line["amount"] for line in said["lines"]] == ["CN¥2,001.00", "CN¥400.00"]
    assert (said["empty"], said["unknown"]) == ([], [])
    version = editions(shared_desk, record)[-1]
    assert (version["edition"], version["sha256"]) == (1, hash_of(said))


def test_what_is_empty_or_unknown_is_listed_and_stays_to_be_seen(shared_desk: Desk) -> None:
    body = "{{ customer.credit_code }} {{__import__('os')}} {{contract.amount.__class__}} {{customer.name}}"
    made = template(shared_desk, body, ())
    customer = shared_desk.make("customer", owner_id=shared_desk.people["rep"], name="{{company.name}} <b>")
    record = contract(shared_desk, customer_id=customer, template_id=made)
    said = wording(shared_desk, record)
    assert said["preamble"][0]["text"] == (
        "{{customer.credit_code}} {{__import__('os')}} {{contract.amount.__class__}} {{company.name}} <b>"
    )
    assert said["empty"] == ["customer.credit_code"]
    assert said["unknown"] == ["__import__('os')", "contract.amount.__class__"]
    refused("contract.gaps", lambda: shared_desk.do("rep", "contract", "submit", record))
    shared_desk.do("rep", "contract", "update", record, body="Nothing to fill.")
    shared_desk.do("rep", "contract", "submit", record)


def test_drafting_again_takes_the_place_of_the_old_wording(shared_desk: Desk) -> None:
    record = contract(shared_desk, template_id=template(shared_desk, "One", (("First", "a"),)))
    other = template(shared_desk, "Two", (("Second", "b"), ("Third", "c")))
    shared_desk.do("rep", "contract", "draft", record, template_id=other)
    assert [row["title"] for row in clauses(shared_desk, record)] == ["Second", "Third"]
    assert wording(shared_desk, record)["preamble"] == [{"text": "Two"}]
    with pytest.raises(Forbidden):
        shared_desk.do("leader", "contract", "draft", record, template_id=other)
    with pytest.raises(NotFound):
        shared_desk.do("stranger", "contract", "draft", record, template_id=other)


def test_each_saved_wording_is_a_version_and_the_same_one_is_not_saved_again(shared_desk: Desk) -> None:
    record = contract(shared_desk, template_id=template(shared_desk, "One", (("Price", "We pay 100 in May."),)))
    clause = clauses(shared_desk, record)[0]["id"]
    shared_desk.do("rep", "contract_clause", "update", clause, body="We pay 200 in May.")
    shared_desk.do("rep", "contract", "update", record, renewal_notice_days=30)
    shared_desk.do("rep", "contract_clause", "update", clause, rank=7)
    found = editions(shared_desk, record)
    assert [row["edition"] for row in found] == [1, 2]
    before, after = (json.loads(row["wording"]) for row in found)
    changed = [one for one in differences(before, after) if one.change != "same"]
    assert [(one.title, one.change) for one in changed] == [("Price", "changed")]
    assert [tuple(piece) for piece in changed[0].pieces] == [
        ("same", "We pay "),
        ("removed", "100"),
        ("added", "200"),
        ("same", " in May."),
    ]
    for who in ("rep", "manager", "operator"):
        with pytest.raises(Forbidden) if who != "operator" else pytest.raises(Invalid):
            shared_desk.make("contract_version", who=who, contract_id=record, edition=0, wording="{}", sha256="x")


# -- approval ---------------------------------------------------------------------------------------------------------


def rules(desk: Desk) -> list[str]:
    """A large contract needs the leader too, a large discount the manager above, long terms both managers."""
    said = (
        ("all", {"approver": "manager"}),
        ("cheap", {"approver": "manager_above", "from_discount": Decimal("0.2")}),
        ("large", {"approver": "leader", "from_amount": Decimal(1_000_000)}),
        ("slow", {"approver": "manager_above", "from_payment_terms_days": 120, "team_id": desk.teams["north"]}),
        ("other", {"approver": "leader", "team_id": desk.teams["south"]}),
    )
    return [desk.make("approval_rule", name=name, entity="contract", **more) for name, more in said]


@pytest.mark.parametrize(
    ("who", "values", "named"),
    [
        ("rep", {}, ["manager"]),
        ("rep", {"discount": Decimal("0.2")}, ["manager", "head"]),
        ("rep", {"amount": Decimal(1_000_000)}, ["manager", "leader"]),
        ("rep", {"payment_terms_days": 120}, ["manager", "head"]),
        ("rep", {"discount": Decimal("0.5"), "amount": Decimal(2_000_000)}, ["manager", "head", "leader"]),
        ("stranger", {"payment_terms_days": 120}, ["other_manager", "leader"]),
        ("manager", {}, ["head"]),
        ("manager", {"discount": Decimal("0.2")}, ["head", "leader"]),
        ("head", {}, ["leader"]),
        ("head", {"discount": Decimal("0.2"), "amount": Decimal(1_000_000)}, ["leader"]),
    ],
)
def test_the_rules_say_who_decides(desk: Desk, who: str, values: dict[str, Any], named: list[str]) -> None:
    rules(desk)
    record = contract(desk, who, **values)
    desk.do(who, "contract", "submit", record)
    assert [name for name, _ in runs(desk, record)] == named
    assert [status for _, status in runs(desk, record)] == ["pending", *["proposed"] * (len(named) - 1)]


def test_the_rules_are_held_against_what_is_submitted(desk: Desk) -> None:
    rules(desk)
    record = contract(desk, amount=Decimal(5))
    desk.do("rep", "contract", "submit", record, amount=Decimal(1_000_000))
    assert [name for name, _ in runs(desk, record)] == ["manager", "leader"]


def test_the_rules_are_held_against_the_amount_at_the_rate_of_the_day(desk: Desk) -> None:
    rules(desk)
    known = {"currency": "USD", "valid_on": days_ago(2)}
    rate = desk.make("exchange_rate", rate=Decimal(6), **known)
    record = contract(desk, currency="USD", amount=Decimal(150_000))
    desk.do("operator", "exchange_rate", "update", rate, rate=Decimal(7))
    desk.do("rep", "contract", "submit", record)
    assert desk.row("contract", record)["base_amount"] == 1_050_000
    assert [name for name, _ in runs(desk, record)] == ["manager", "leader"]


def test_a_signature_changes_nothing_beside_it_that_is_not_to_be_changed(shared_desk: Desk) -> None:
    record = approved(shared_desk)
    more = {"renewal_notice_days": 9}
    refused("verb.not_allowed", lambda: sign(shared_desk, record, **signature(shared_desk), **more))


def test_without_a_rule_the_manager_decides(shared_desk: Desk) -> None:
    record = contract(shared_desk)
    shared_desk.do("rep", "contract", "submit", record)
    assert runs(shared_desk, record) == [("manager", "pending")]


def test_decisions_are_made_one_after_the_other_by_those_who_are_named(desk: Desk) -> None:
    rules(desk)
    record = contract(desk, discount=Decimal("0.3"), amount=Decimal(1_500_000))
    desk.do("rep", "contract", "submit", record)
    for who in ("rep", "colleague", "head", "leader", "other_manager", "stranger", "support", "admin"):
        with pytest.raises(SalesDeskError):
            desk.do(who, "contract", "approve", record)
    version = desk.version("contract", record)
    desk.do("manager", "contract", "approve", record, decision_note="fine")
    assert (step(desk, record), runs(desk, record)[:2]) == ("in_review", [("manager", "approved"), ("head", "pending")])
    with pytest.raises(SalesDeskError):
        desk.do("manager", "contract", "approve", record)
    stale = {"id": record, "version": version}
    with pytest.raises(Stale):
        desk.submit("head", Change("contract", "approve", frame_of("contract", stale)))
    desk.do("head", "contract", "approve", record)
    desk.do("leader", "contract", "approve", record)
    assert step(desk, record) == "approved"
    assert {status for _, status in runs(desk, record)} == {"approved"}
    told = desk.store.history(desk.actor("rep"), "contract", record).to_dicts()
    said = [(row["verb"], row["actor_id"]) for row in told if row["verb"] == "approve"]
    assert said == [("approve", desk.people[who]) for who in ("manager", "head", "leader")]
    assert desk.row("contract", record)["body_sha256"] == editions(desk, record)[-1]["sha256"]


def test_a_rejection_says_why_and_leads_back_to_the_draft(shared_desk: Desk) -> None:
    record = contract(shared_desk)
    shared_desk.do("rep", "contract", "submit", record)
    with pytest.raises(Invalid):
        shared_desk.do("manager", "contract", "reject", record)
    shared_desk.do("manager", "contract", "reject", record, decision_note="too cheap")
    row = shared_desk.row("contract", record)
    assert (row["step"], row["decision_note"], row["approver_id"]) == (
        "draft",
        "too cheap",
        shared_desk.people["manager"],
    )
    assert runs(shared_desk, record) == [("manager", "rejected")]
    shared_desk.do("rep", "contract", "submit", record)
    assert runs(shared_desk, record) == [("manager", "rejected"), ("manager", "pending")]
    assert shared_desk.row("contract", record)["decision_note"] is None
    shared_desk.do("rep", "contract", "withdraw", record)
    assert (step(shared_desk, record), runs(shared_desk, record)[-1]) == ("draft", ("manager", "undone"))
    with pytest.raises(Refused):
        shared_desk.do("rep", "contract", "withdraw", record)


def test_nobody_names_somebody_else_as_the_one_who_decided(shared_desk: Desk) -> None:
    record = contract(shared_desk)
    shared_desk.do("rep", "contract", "submit", record)
    shared_desk.do("manager", "contract", "approve", record, approver_id=shared_desk.people["leader"])
    assert shared_desk.row("contract", record)["approver_id"] == shared_desk.people["manager"]


def test_while_somebody_is_away_the_deputy_decides(desk: Desk) -> None:
    first, second = contract(desk), contract(desk)
    for record in (first, second):
        desk.do("rep", "contract", "submit", record)
    refused("access.forbidden", lambda: desk.do("head", "contract", "approve", first), Forbidden)
    away = {"person_id": desk.people["manager"], "starts_on": today(), "ends_on": today() + dt.timedelta(days=3)}
    absence = desk.make("absence", who="manager", **away)
    desk.do("head", "contract", "approve", first)
    assert desk.row("contract", first)["approver_id"] == desk.people["head"]
    with pytest.raises(NotFound):
        desk.do("other_manager", "contract", "approve", second)
    desk.do("manager", "absence", "update", absence, delegate_id=desk.people["other_manager"])
    refused("access.forbidden", lambda: desk.do("head", "contract", "approve", second), Forbidden)
    assert desk.store.get(desk.actor("other_manager"), "contract", second)["amount"] == Decimal("2401.0000")
    desk.do("other_manager", "contract", "approve", second)
    third = contract(desk)
    desk.do("operator", "absence", "archive", absence)
    desk.do("rep", "contract", "submit", third)
    with pytest.raises(NotFound):
        desk.do("other_manager", "contract", "approve", third)


def test_nobody_decides_for_themselves_as_a_deputy_either(desk: Desk) -> None:
    record = contract(desk, "manager")
    desk.do("manager", "contract", "submit", record)
    days = {"starts_on": today(), "ends_on": today() + dt.timedelta(days=3)}
    desk.make("absence", who="head", person_id=desk.people["head"], delegate_id=desk.people["manager"], **days)
    assert runs(desk, record) == [("head", "pending")]
    with pytest.raises(Forbidden):
        desk.do("manager", "contract", "approve", record)
    desk.do("leader", "contract", "approve", record)


def test_a_deputy_decides_only_while_the_other_is_away(desk: Desk) -> None:
    record = contract(desk)
    desk.do("rep", "contract", "submit", record)
    days = {"starts_on": today() + dt.timedelta(days=5), "ends_on": today() + dt.timedelta(days=9)}
    desk.make("absence", who="manager", person_id=desk.people["manager"], **days)
    refused("contract.not_named", lambda: desk.do("head", "contract", "approve", record))


def test_a_later_absence_brings_its_own_deputy(desk: Desk) -> None:
    record = contract(desk)
    for since, until, deputy in ((-3, 1, "other_manager"), (5, 9, "leader")):
        days = {"starts_on": today() + dt.timedelta(days=since), "ends_on": today() + dt.timedelta(days=until)}
        desk.make("absence", who="manager", person_id=desk.people["manager"], delegate_id=desk.people[deputy], **days)
    desk.do("rep", "contract", "submit", record)
    run = desk.one("approval_run", record_id=record)
    assert run["deputy_id"] == desk.people["other_manager"]
    assert renew_deputies(desk.store, today(), now()) == 0
    desk.store.clock = lambda: now() + dt.timedelta(days=7)
    assert renew_deputies(desk.store, today(), now()) == 1
    with pytest.raises(NotFound):
        desk.do("other_manager", "contract", "approve", record)
    desk.do("leader", "contract", "approve", record)


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["rep"]}])
def test_somebody_decides_for_who_left_or_decides_no_more(desk: Desk, change: dict[str, Any]) -> None:
    record = contract(desk)
    desk.do("rep", "contract", "submit", record)
    desk.do("admin", "person", "update", desk.people["manager"], **change)
    assert [row["id"] for row in waiting_for(desk.store, desk.actor("head"), today())] == [record]
    desk.do("head", "contract", "approve", record)
    assert runs(desk, record) == [("manager", "approved")]


def test_a_deputy_who_is_away_too_or_left_is_passed_over(desk: Desk) -> None:
    record = contract(desk)
    desk.do("rep", "contract", "submit", record)
    days = {"starts_on": today(), "ends_on": today() + dt.timedelta(days=3)}
    desk.make("absence", person_id=desk.people["manager"], delegate_id=desk.people["other_manager"], **days)
    desk.make("absence", person_id=desk.people["other_manager"], delegate_id=desk.people["manager"], **days)
    assert desk.one("approval_run", record_id=record)["deputy_id"] == desk.people["head"]
    desk.do("admin", "person", "update", desk.people["head"], active=False)
    desk.do("leader", "contract", "approve", record)


def test_without_anybody_above_nothing_is_submitted(desk: Desk) -> None:
    for name in ("leader",):
        desk.do("operator", "person", "update", desk.people[name], active=False)
    record = contract(desk, "head")
    refused("contract.nobody_decides", lambda: desk.do("head", "contract", "submit", record))


def test_two_who_decide_at_once_decide_once(desk: Desk) -> None:
    record = contract(desk)
    desk.do("rep", "contract", "submit", record)
    version = desk.version("contract", record)

    def decide(verb: str) -> str:
        row = {"id": record, "version": version} | ({"decision_note": "no"} if verb == "reject" else {})
        try:
            desk.submit("manager", Change("contract", verb, frame_of("contract", row)))
        except SalesDeskError as problem:
            return problem.code
        return verb

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(decide, ["approve", "reject"] * 3))
    assert len({"approve", "reject"} & set(found)) == 1
    assert sum(one in ("approve", "reject") for one in found) == 1


def test_contracts_drafted_at_once_are_numbered_without_gaps(desk: Desk) -> None:
    made = template(desk, "Body", (("One", "a"),))
    customer = desk.make("customer", owner_id=desk.people["rep"])

    def write(place: int) -> None:
        try:
            name = " " if place % 4 == 0 else f"No. {place}"
            contract(desk, customer_id=customer, name=name, template_id=made)
        except Invalid:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(24)))
    assert series(desk, "contract") == list(range(1, 19))
    assert desk.store.check() == []


# -- what is fixed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rep", "manager", "operator"])
def test_what_a_contract_says_is_fixed_from_the_submission_on(shared_desk: Desk, who: str) -> None:
    made = template(shared_desk, "One", (("First", "a"),))
    record = contract(shared_desk, template_id=made, ends_on=today())
    clause = clauses(shared_desk, record)[0]["id"]
    shared_desk.do("rep", "contract", "submit", record)
    before = editions(shared_desk, record)
    for values in ({"body": "Other"}, {"amount": Decimal(1)}, {"ends_on": days_ago(-9)}, {"name": "Other"}):
        with pytest.raises((Refused, Forbidden)):
            shared_desk.do(who, "contract", "update", record, **values)
    for verb, more in (("update", {"body": "b"}), ("archive", {})):
        with pytest.raises((Refused, Forbidden)):
            shared_desk.do(who, "contract_clause", verb, clause, **more)
    with pytest.raises((Refused, Forbidden)):
        shared_desk.make("contract_clause", who=who, contract_id=record, title="New", body="c")
    assert editions(shared_desk, record) == before
    if who != "rep":
        shared_desk.do(who, "contract", "update", record, renewal_notice_days=10)


# -- signature --------------------------------------------------------------------------------------------------------


def test_an_acceptance_is_recorded_by_our_signer_with_the_hash_of_what_was_signed(shared_desk: Desk) -> None:
    record = approved(shared_desk)
    shared_desk.do("rep", "contract", "send", record)
    said = signature(shared_desk)
    refused("contract.no_evidence", lambda: sign(shared_desk, record, **{**said, "their_evidence": None}))
    refused("contract.no_evidence", lambda: sign(shared_desk, record, **said, signing="paper"))
    other = {**said, "our_signer_id": shared_desk.people["manager"]}
    refused("contract.sign_yourself", lambda: sign(shared_desk, record, **other))
    sign(shared_desk, record, **said, their_signed_on=days_ago(1))
    row = shared_desk.row("contract", record)
    assert (row["step"], row["signing"], row["their_signed_on"]) == ("signed", "accepted", days_ago(1))
    assert row["body_sha256"] == editions(shared_desk, record)[-1]["sha256"]
    last = shared_desk.store.history(shared_desk.actor("rep"), "contract", record).to_dicts()[-1]
    assert (last["verb"], last["actor_id"]) == ("sign", shared_desk.people["rep"])
    refused("verb.not_allowed", lambda: sign(shared_desk, record, **said))


def sign(desk: Desk, record: str, who: str = "rep", **said: Any) -> None:
    """Record the signatures."""
    desk.do(who, "contract", "sign", record, **said)


def test_a_signed_paper_is_a_paper_of_this_contract_and_stays(shared_desk: Desk) -> None:
    record, other = approved(shared_desk), approved(shared_desk)
    said = signature(shared_desk, "manager", their_evidence=None)
    text = paper(shared_desk, record, content=b"signed", name="signed.txt")
    for wrong in (paper(shared_desk, other), text):
        refused("contract.no_paper", lambda: sign(shared_desk, record, **said, signed_file_id=wrong), Invalid)  # noqa: B023
    made = paper(shared_desk, record)
    sign(shared_desk, record, **said, signed_file_id=made)
    assert shared_desk.row("contract", record)["signing"] == "paper"
    for verb, more in (("archive", {}), ("update", {"name": "other.pdf"})):
        refused("attachment.signed", lambda: shared_desk.do("manager", "attachment", verb, made, **more))  # noqa: B023


def test_nothing_is_signed_after_it_lapsed_or_in_the_future(shared_desk: Desk) -> None:
    record = approved(shared_desk, valid_until=days_ago(2))
    refused("contract.lapsed", lambda: sign(shared_desk, record, **signature(shared_desk)))
    sign(shared_desk, record, **signature(shared_desk, signed_on=days_ago(2)))
    other = approved(shared_desk)
    for name in ("signed_on", "their_signed_on"):
        said = signature(shared_desk, **{name: days_ago(-3)})
        refused("field.future", lambda: sign(shared_desk, other, **said), Invalid)  # noqa: B023


@pytest.mark.parametrize("who", ["colleague", "leader", "support", "stranger", "admin"])
def test_only_those_with_the_right_sign_send_or_withdraw(shared_desk: Desk, who: str) -> None:
    record = approved(shared_desk)
    for verb, said in (("send", {}), ("withdraw", {}), ("sign", signature(shared_desk, who))):
        with pytest.raises((Forbidden, NotFound)):
            shared_desk.do(who, "contract", verb, record, **said)
    assert step(shared_desk, record) == "approved"


# -- after the signature ----------------------------------------------------------------------------------------------


def test_an_amendment_is_a_new_draft_and_takes_the_place_of_the_old_one_once_it_is_signed(shared_desk: Desk) -> None:
    record = approved(shared_desk, template_id=template(shared_desk, "One", (("First", "a"),)))
    refused("verb.not_allowed", lambda: amend(shared_desk, record))
    sign(shared_desk, record, **signature(shared_desk))
    with pytest.raises(Forbidden):
        amend(shared_desk, record, "rep")
    refused("verb.needs_why", lambda: shared_desk.do("manager", "contract", "amend", record))
    amend(shared_desk, record)
    refused("contract.being_amended", lambda: amend(shared_desk, record))
    draft = shared_desk.one("contract", amends_id=record)
    assert (draft["step"], draft["amount"], draft["body"]) == ("draft", Decimal("2401.0000"), "One")
    assert [row["title"] for row in clauses(shared_desk, draft["id"])] == ["First"]
    shared_desk.do("rep", "contract", "update", draft["id"], amount=Decimal(3000))
    shared_desk.do("rep", "contract", "submit", draft["id"])
    shared_desk.do("manager", "contract", "approve", draft["id"])
    assert shared_desk.row("contract", record)["amended_on"] is None
    sign(shared_desk, draft["id"], **signature(shared_desk))
    old = shared_desk.row("contract", record)
    assert (old["amended_by_id"], old["amended_on"], old["step"]) == (draft["id"], today(), "signed")
    assert old["amount"] == Decimal("2401.0000")


def amend(desk: Desk, record: str, who: str = "manager") -> None:
    """Begin an amendment."""
    desk.do(who, "contract", "amend", record, why="more cranes")


def test_only_amending_makes_an_amendment(shared_desk: Desk) -> None:
    record = approved(shared_desk)
    sign(shared_desk, record, **signature(shared_desk))
    known = {"customer_id": shared_desk.row("contract", record)["customer_id"]}
    refused("field.not_allowed", lambda: contract(shared_desk, amends_id=record, **known), Invalid)
    draft = contract(shared_desk, **known)
    for target in (record, draft):
        refused(
            "field.not_allowed",
            lambda: shared_desk.do("rep", "contract", "update", draft, amends_id=target),  # noqa: B023
            Invalid,
        )


@pytest.mark.parametrize("meanwhile", ["terminated", "replaced"])
def test_an_amendment_of_what_is_no_more_is_not_signed(shared_desk: Desk, meanwhile: str) -> None:
    record = approved(shared_desk)
    sign(shared_desk, record, **signature(shared_desk))
    amend(shared_desk, record)
    draft = shared_desk.one("contract", amends_id=record)["id"]
    if meanwhile == "terminated":
        shared_desk.do("manager", "contract", "terminate", record, why="the customer is gone")
    else:
        shared_desk.do("manager", "contract", "archive", draft)
        amend(shared_desk, record)
        second = shared_desk.one("contract", amends_id=record)["id"]
        shared_desk.do("rep", "contract", "submit", second)
        shared_desk.do("manager", "contract", "approve", second)
        sign(shared_desk, second, **signature(shared_desk))
        shared_desk.do("manager", "contract", "restore", draft)
    shared_desk.do("rep", "contract", "submit", draft)
    shared_desk.do("manager", "contract", "approve", draft)
    refused("contract.nothing_to_amend", lambda: sign(shared_desk, draft, **signature(shared_desk)))
    assert shared_desk.row("contract", record)["amended_by_id"] != draft


def test_a_contract_is_terminated_by_managers_who_say_why(shared_desk: Desk) -> None:
    record = approved(shared_desk)
    refused("verb.needs_why", lambda: shared_desk.do("manager", "contract", "terminate", record))
    with pytest.raises(Forbidden):
        shared_desk.do("rep", "contract", "terminate", record, why="mine")
    shared_desk.do("manager", "contract", "terminate", record, why="the customer is gone")
    last = shared_desk.store.history(shared_desk.actor("rep"), "contract", record).to_dicts()[-1]
    assert (last["verb"], last["why"]) == ("terminate", "the customer is gone")
    refused("verb.not_allowed", lambda: shared_desk.do("manager", "contract", "terminate", record, why="again"))


def test_the_usual_next_step_of_a_contract_leads_on() -> None:
    steps = [LIFECYCLES["contract"].next_verb(state) for state in ("draft", "in_review", "approved", "sent")]
    assert steps == ["submit", "approve", "send", "sign"]


PLANS = {"signed": "contract.plan_agreed", "terminated": "contract.plan_ended"}


@pytest.mark.parametrize("step", PLANS)
def test_a_plan_stays_as_it_was_signed(desk: Desk, step: str) -> None:
    record = contract(desk)
    row = {"contract_id": record, "label": "First", "due_on": days_ago(-9), "amount": Decimal(1000), "rank": 1}
    plan, gone = desk.make("payment_plan", who="rep", **row), desk.make("payment_plan", who="rep", **row)
    duty = desk.make("obligation", who="rep", contract_id=record, name="Install", party="us")
    desk.do("manager", "payment_plan", "archive", gone)
    for verb in ("submit", "approve", "sign", *(("terminate",) if step == "terminated" else ())):
        desk.step("operator", "contract", verb, record)
    elsewhere = desk.make("payment_plan", who="rep", **row | {"contract_id": contract(desk)})
    before = desk.store.revision
    for attempt in (
        lambda: desk.make("payment_plan", who="manager", **row),
        lambda: desk.make("payment_plan", who="rep", **row),
        lambda: desk.do("manager", "payment_plan", "update", plan, amount=Decimal(1)),
        lambda: desk.do("manager", "payment_plan", "update", plan, label="Later"),
        lambda: desk.do("manager", "payment_plan", "update", elsewhere, contract_id=record),
        lambda: desk.do("manager", "payment_plan", "archive", plan),
        lambda: desk.do("manager", "payment_plan", "restore", gone),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert (refusal.value.code, refusal.value.values["state"]) == (PLANS[step], step)
    assert desk.store.revision == before
    customer = desk.row("contract", record)["customer_id"]
    desk.make("payment", who="rep", contract_id=record, customer_id=customer, plan_id=plan, amount=Decimal(40))
    assert (desk.row("payment_plan", plan)["paid"], desk.row("payment_plan", plan)["state"]) == (40, "partial")
    desk.do("rep", "obligation", "update", duty, done_on=days_ago(0))


def test_an_amendment_brings_a_new_plan(desk: Desk) -> None:
    record = contract(desk)
    for verb in ("submit", "approve", "sign"):
        desk.step("operator", "contract", verb, record)
    desk.do("manager", "contract", "amend", record, why="more cranes")
    amendment = desk.one("contract", amends_id=record)["id"]
    plan = desk.make("payment_plan", who="rep", contract_id=amendment, due_on=days_ago(-9), amount=Decimal(500))
    desk.do("rep", "payment_plan", "update", plan, amount=Decimal(600))
    desk.step("operator", "contract", "submit", amendment)
    desk.do("manager", "payment_plan", "update", plan, amount=Decimal(700))
    for verb in ("approve", "sign"):
        desk.step("operator", "contract", verb, amendment)
    with pytest.raises(Refused):
        desk.do("manager", "payment_plan", "update", plan, amount=Decimal(800))
    assert desk.row("payment_plan", plan)["amount"] == 700


def test_a_refusal_tells_the_state_where_another_one_would_do(desk: Desk) -> None:
    draft, waiting = contract(desk), contract(desk)
    line = desk.make("contract_clause", contract_id=waiting, title="Price", body="100")
    desk.do("rep", "contract", "submit", waiting)
    other, confirmed = (desk.make("order", owner_id=desk.people["rep"]) for _ in range(2))
    desk.do("operator", "order", "confirm", confirmed)
    for who, entity, verb, record, state, said in (
        ("rep", "contract", "submit", waiting, "in_review", {}),
        ("rep", "contract", "update", waiting, "in_review", {"renewal_notice_days": 9}),
        ("rep", "contract_clause", "update", line, "in_review", {"title": "Cost"}),
        ("rep", "contract_clause", "archive", line, "in_review", {}),
        ("manager", "contract", "approve", draft, "draft", {}),
        ("leader", "contract", "approve", draft, "draft", {}),
        ("rep", "order", "update", confirmed, "confirmed", {"customer_reference": "PO 7"}),
    ):
        with pytest.raises(Refused) as refusal:
            desk.do(who, entity, verb, record, why="as agreed", **said)
        whole = "order" if entity == "order" else "contract"
        told = refusal.value.values
        assert (refusal.value.code, told["state"], told["entity"]) == ("verb.not_allowed", state, whole)
        assert told["allowed"] == list(LIFECYCLES[whole].allowed(state))
    more = {"order_id": confirmed, "product_id": desk.refs["product"], "quantity": Decimal(1)}
    with pytest.raises(Refused) as refusal:
        desk.submit("rep", Change("order_line", "create", frame_of("order_line", more)), why="one more")
    assert (refusal.value.code, refusal.value.values["state"]) == ("verb.not_allowed", "confirmed")
    desk.do("rep", "order", "update", other, customer_reference="PO 7")


def test_what_one_may_not_do_in_any_state_stays_forbidden(desk: Desk) -> None:
    draft, waiting, own = contract(desk), contract(desk), contract(desk, "manager")
    desk.do("rep", "contract", "submit", waiting)
    for who, verb, record, kind in (
        ("rep", "approve", draft, Forbidden),
        ("rep", "terminate", draft, Forbidden),
        ("manager", "approve", own, Forbidden),
        ("head", "approve", waiting, Forbidden),
        ("leader", "submit", waiting, Forbidden),
        ("other_manager", "approve", draft, NotFound),
        ("stranger", "submit", waiting, NotFound),
        ("colleague", "update", waiting, NotFound),
    ):
        with pytest.raises(kind):
            desk.do(who, "contract", verb, record, why="as agreed")
