"""Who reaches which record, in cases that came up in talks about the policy."""

from __future__ import annotations

import pytest

from dashboard.domain.access import Action
from dashboard.errors import Forbidden, Invalid, NotFound, Refused
from tests.department import Desk


def reads(desk: Desk, who: str, entity: str, record: str) -> bool:
    """Whether somebody finds a record in the list; the single record agrees."""
    listed = record in desk.store.find(desk.actor(who), entity)["id"]
    try:
        desk.store.get(desk.actor(who), entity, record)
    except NotFound:
        assert not listed
        return False
    assert listed
    return True


def readers(desk: Desk, entity: str, record: str) -> set[str]:
    """Everybody of the sales teams who reads a record."""
    return {
        who
        for who in ("rep", "colleague", "stranger", "manager", "other_manager", "head")
        if reads(desk, who, entity, record)
    }


def covered(desk: Desk, who: str, entity: str, action: Action, record: str) -> bool:
    """Whether somebody may do something with a record."""
    found = desk.store.ids(desk.actor(who), entity, action)
    return found is None or record in found


def test_a_deal_is_read_by_its_owner_and_everybody_above(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    assert readers(shared_desk, "deal", deal) == {"rep", "manager", "head"}


def test_whoever_shares_the_credit_reads_the_deal_and_so_do_those_above(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    credit = shared_desk.make("deal_credit", deal_id=deal, person_id=shared_desk.people["stranger"])
    assert readers(shared_desk, "deal", deal) == {"rep", "manager", "head", "stranger", "other_manager"}
    shared_desk.do("operator", "deal_credit", "archive", credit)
    assert readers(shared_desk, "deal", deal) == {"rep", "manager", "head"}


def test_a_closed_deal_stays_with_the_team_in_which_it_was_closed(desk: Desk) -> None:
    deal = desk.make("deal", owner_id=desk.people["rep"])
    desk.step("operator", "deal", "lose", deal)
    desk.do("operator", "person", "update", desk.people["rep"], team_id=desk.teams["south"])
    assert readers(desk, "deal", deal) == {"rep", "manager", "other_manager", "head"}


def test_an_open_deal_moves_with_its_owner(desk: Desk) -> None:
    deal = desk.make("deal", owner_id=desk.people["rep"])
    desk.do("operator", "person", "update", desk.people["rep"], team_id=desk.teams["south"])
    assert readers(desk, "deal", deal) == {"rep", "other_manager", "head"}


def test_owning_a_deal_opens_its_customer_and_contacts_for_reading_only(shared_desk: Desk) -> None:
    customer = shared_desk.make("customer", owner_id=shared_desk.people["stranger"])
    contact = shared_desk.make("contact", customer_id=customer)
    shared_desk.make("deal", owner_id=shared_desk.people["rep"], customer_id=customer)
    assert reads(shared_desk, "rep", "contact", contact)
    assert not covered(shared_desk, "rep", "contact", Action.UPDATE, contact)
    with pytest.raises(Forbidden):
        shared_desk.do("rep", "customer", "update", customer, name="Mine")


def test_a_manager_without_a_team_of_their_own_reads_the_customers_of_their_own_deals(desk: Desk) -> None:
    desk.do("operator", "person", "update", desk.people["manager"], team_id=None)
    customer = desk.make("customer", owner_id=desk.people["stranger"])
    deal = desk.make("deal", owner_id=desk.people["manager"], customer_id=customer)
    assert reads(desk, "manager", "deal", deal)
    assert reads(desk, "manager", "customer", customer)


def test_a_pooled_customer_is_claimed_by_the_team_it_is_in(shared_desk: Desk) -> None:
    pooled = shared_desk.make("customer", pool_team_id=shared_desk.teams["north"])
    assert readers(shared_desk, "customer", pooled) == {"rep", "colleague", "manager", "head"}
    assert covered(shared_desk, "rep", "customer", Action.CLAIM, pooled)
    assert not covered(shared_desk, "rep", "customer", Action.UPDATE, pooled)
    owned = shared_desk.make(
        "customer", pool_team_id=shared_desk.teams["north"], owner_id=shared_desk.people["colleague"]
    )
    assert not reads(shared_desk, "rep", "customer", owned)


def test_what_hangs_on_a_record_is_read_with_it(shared_desk: Desk) -> None:
    order = shared_desk.make("order", owner_id=shared_desk.people["rep"])
    shipment = shared_desk.make("shipment", order_id=order)
    line = shared_desk.make(
        "shipment_line", shipment_id=shipment, order_line_id=shared_desk.make("order_line", order_id=order)
    )
    assert readers(shared_desk, "shipment_line", line) == {"rep", "manager", "head"}


@pytest.mark.parametrize(("who", "expected"), [("manager", False), ("head", True)])
def test_nobody_approves_their_own_contract(shared_desk: Desk, who: str, expected: bool) -> None:
    contract = shared_desk.make("contract", owner_id=shared_desk.people["manager"])
    assert not covered(shared_desk, who, "contract", Action.APPROVE, contract), "nobody is named yet"
    waiting = {"entity": "contract", "record_id": contract, "status": "pending"}
    shared_desk.make("approval_run", person_id=shared_desk.people[who], **waiting)
    assert covered(shared_desk, who, "contract", Action.APPROVE, contract) == expected


def test_a_contract_without_owner_belongs_to_whoever_owns_its_deal(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["manager"])
    contract = shared_desk.make("contract", deal_id=deal)
    for who in ("manager", "head"):
        waiting = {"entity": "contract", "record_id": contract, "status": "pending"}
        shared_desk.make("approval_run", person_id=shared_desk.people[who], **waiting)
    assert not covered(shared_desk, "manager", "contract", Action.APPROVE, contract)
    assert covered(shared_desk, "head", "contract", Action.APPROVE, contract)


def test_leaders_decide_for_managers_and_for_those_who_have_none_above(shared_desk: Desk) -> None:
    alone = shared_desk.make("team", parent_id=None)
    under = shared_desk.make("team", parent_id=shared_desk.teams["north"])
    person = {
        name: shared_desk.make("person", team_id=team, roles=["rep"])
        for name, team in (("alone", alone), ("under", under))
    }
    targets = {
        name: shared_desk.make("target", person_id=row)
        for name, row in {**person, "manager": shared_desk.people["manager"], "rep": shared_desk.people["rep"]}.items()
    }
    decided = {name for name, row in targets.items() if covered(shared_desk, "leader", "target", Action.UPDATE, row)}
    assert decided == {"alone", "manager"}


def test_a_manager_reads_the_target_of_the_own_team_and_sets_those_below(shared_desk: Desk) -> None:
    north, rep = (
        shared_desk.make("target", level=level, **{f"{level}_id": ref})
        for level, ref in (("team", shared_desk.teams["north"]), ("person", shared_desk.people["rep"]))
    )
    assert reads(shared_desk, "manager", "target", north)
    assert not covered(shared_desk, "manager", "target", Action.UPDATE, north)
    assert covered(shared_desk, "manager", "target", Action.UPDATE, rep)
    assert covered(shared_desk, "head", "target", Action.UPDATE, north)


@pytest.mark.parametrize(("step", "seen"), [(None, False), ("publish", True)])
def test_an_appraisal_is_read_by_its_person_once_it_is_published(
    shared_desk: Desk, step: str | None, seen: bool
) -> None:
    appraisal = shared_desk.make("appraisal", person_id=shared_desk.people["rep"])
    part = shared_desk.make("appraisal_component", appraisal_id=appraisal)
    if step:
        shared_desk.step("operator", "appraisal", step, appraisal)
    assert reads(shared_desk, "rep", "appraisal", appraisal) == seen
    assert reads(shared_desk, "rep", "appraisal_component", part) == seen


def test_a_rep_words_a_contract_until_it_is_submitted(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    contract = shared_desk.make("contract", deal_id=deal)
    clause = shared_desk.make("contract_clause", contract_id=contract)
    shared_desk.do("rep", "contract_clause", "update", clause, title="Better")
    shared_desk.do("rep", "contract", "update", contract, name="Better")
    shared_desk.step("rep", "contract", "submit", contract)
    for entity, record in (("contract_clause", clause), ("contract", contract)):
        with pytest.raises((Forbidden, Refused)):
            shared_desk.do(
                "rep", entity, "update", record, **({"title": "x"} if entity != "contract" else {"name": "x"})
            )
    with pytest.raises((Forbidden, Refused)):
        shared_desk.make("contract_clause", who="rep", contract_id=contract)


def test_a_contract_out_of_reach_tells_nothing_of_its_state(shared_desk: Desk) -> None:
    contract = shared_desk.make("contract", owner_id=shared_desk.people["stranger"])
    for step in ("draft", "in_review"):
        with pytest.raises(Invalid) as refusal:
            shared_desk.make("contract_clause", who="rep", contract_id=contract)
        assert [problem.code for problem in refusal.value.problems] == ["reference.not_found"], step
        if step == "draft":
            shared_desk.step("operator", "contract", "submit", contract)


def test_support_hands_a_ticket_on(shared_desk: Desk) -> None:
    ticket = shared_desk.make("ticket", assignee_id=shared_desk.people["support"])
    shared_desk.do("support", "ticket", "assign", ticket, assignee_id=shared_desk.people["helper"])
    assert shared_desk.row("ticket", ticket)["assignee_id"] == shared_desk.people["helper"]
