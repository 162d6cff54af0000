"""A hidden field is in no answer of any kind: no list, record, filter, sort, count, history or error tells of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain.access import Action, Actor
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.errors import Invalid
from tests.department import Desk

MONEY = ("amount", "tax", "freight", "rate", "base_amount")


@pytest.fixture(scope="module")
def order(shared_desk: Desk) -> str:
    """An order of the rep, worth 4711."""
    record = shared_desk.make("order", owner_id=shared_desk.people["rep"], amount=Decimal(4711))
    shared_desk.do("operator", "order", "update", record, amount=Decimal(4712), customer_reference="PO 1")
    return record


@pytest.mark.parametrize("field", MONEY)
def test_it_is_absent_from_lists_and_records(shared_desk: Desk, order: str, field: str) -> None:
    support = shared_desk.actor("support")
    assert field not in shared_desk.store.find(support, "order").columns
    assert field not in shared_desk.store.get(support, "order", order)
    assert "4712" not in str(shared_desk.store.get(support, "order", order))


@pytest.mark.parametrize("op", list(Operator))
@pytest.mark.parametrize("who", ["support", "rep"])
def test_a_filter_on_it_is_like_one_on_a_field_that_does_not_exist(
    shared_desk: Desk, order: str, who: str, op: Operator
) -> None:
    field, value = ("amount" if who == "support" else "no_such_field"), ["4712"] if op is Operator.IN else "4712"
    with pytest.raises(Invalid) as refusal:
        shared_desk.store.count(shared_desk.actor(who), "order", [Condition(field, op, value)])
    assert refusal.value.problems[0].code == "field.unknown"


def test_nobody_sorts_or_asks_for_it(shared_desk: Desk, order: str) -> None:
    support = shared_desk.actor("support")
    with pytest.raises(Invalid):
        shared_desk.store.find(support, "order", sort=[Sort("amount")])
    with pytest.raises(Invalid):
        shared_desk.store.find(support, "order", fields=["id", "amount"])


def test_the_history_does_not_name_it(shared_desk: Desk, order: str) -> None:
    rep, support = (
        shared_desk.store.history(shared_desk.actor(who), "order", order)["changed"][-1] for who in ("rep", "support")
    )
    assert rep == ",amount,customer_reference,total_amount,due,base_amount,"
    assert support == ",customer_reference,"


def test_records_that_show_it_are_told_from_those_that_do_not(shared_desk: Desk, order: str) -> None:
    """A helper is rep and support: amounts of own orders are clear, those of others hidden, row by row."""
    helper = shared_desk.actor("helper")
    own = shared_desk.make("order", owner_id=shared_desk.people["helper"], amount=Decimal(4712))
    seen = {row["id"]: row["amount"] for row in shared_desk.store.find(helper, "order").iter_rows(named=True)}
    assert (seen[own], seen[order]) == (Decimal(4712), None)
    assert "amount" not in shared_desk.store.get(helper, "order", order)
    equal = [Condition("amount", Operator.EQ, "4712")]
    assert shared_desk.store.find(helper, "order", equal)["id"].to_list() == [own]
    assert shared_desk.store.count(helper, "order", equal) == 1
    showing = shared_desk.store.ids(helper, "order", needs=["amount"])
    assert showing is not None
    assert own in showing
    assert order not in showing


@pytest.mark.parametrize("op", [Operator.NE, Operator.GT, Operator.LT, Operator.NULL])
def test_no_condition_reaches_rows_that_hide_the_field(shared_desk: Desk, order: str, op: Operator) -> None:
    helper = shared_desk.actor("helper")
    values = (True, False) if op is Operator.NULL else ("4712", "1", "99999")
    for value in values:
        assert order not in shared_desk.store.find(helper, "order", [Condition("amount", op, value)])["id"]


def test_sorting_tells_nothing_about_rows_that_hide_the_field(shared_desk: Desk, order: str) -> None:
    helper, hidden = shared_desk.actor("helper"), shared_desk.people["stranger"]
    for amount in (1, 9_999_999):
        shared_desk.make("order", owner_id=hidden, amount=Decimal(amount))
    listed = shared_desk.store.find(helper, "order", sort=[Sort("amount")])
    rest = listed.filter(listed["amount"].is_null())["id"].to_list()
    assert rest == sorted(rest), "they stand last, in the order of their ids"


def personal(shared_desk: Desk, who: str, customer: str) -> object:
    """The phone number as somebody sees it."""
    return shared_desk.store.get(shared_desk.actor(who), "customer", customer).get("phone")


def test_a_masked_field_shows_its_ends_and_cannot_be_searched(shared_desk: Desk) -> None:
    customer = shared_desk.make("customer", phone="13812345678", owner_id=shared_desk.people["rep"])
    assert personal(shared_desk, "rep", customer) == "13812345678"
    assert personal(shared_desk, "leader", customer) == "138****5678"
    where = [Condition("phone", Operator.EQ, "13812345678")]
    assert shared_desk.store.find(shared_desk.actor("rep"), "customer", where)["id"].to_list() == [customer]
    with pytest.raises(Invalid):
        shared_desk.store.find(shared_desk.actor("leader"), "customer", where)


@pytest.mark.parametrize("op", [Operator.LIKE, Operator.LT, Operator.GT, Operator.NE])
def test_an_encrypted_field_is_found_by_its_whole_value_only(shared_desk: Desk, op: Operator) -> None:
    with pytest.raises(Invalid) as refusal:
        shared_desk.store.find(shared_desk.actor("rep"), "customer", [Condition("phone", op, "138")])
    assert refusal.value.problems[0].code == "field.not_comparable"
    with pytest.raises(Invalid):
        shared_desk.store.find(shared_desk.actor("rep"), "customer", sort=[Sort("phone")])


def test_the_whole_value_is_found_however_it_is_written(shared_desk: Desk) -> None:
    customer = shared_desk.make("customer", phone="+86 139-1111-2222", owner_id=shared_desk.people["rep"])
    where = [Condition("phone", Operator.IN, ["139 1111 2222", "unknown"])]
    assert shared_desk.store.find(shared_desk.actor("rep"), "customer", where)["id"].to_list() == [customer]


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "plenty"), ("ordered_on", "soon"), ("amount", object()), ("ordered_on", 5)]
)
def test_a_value_of_the_wrong_kind_is_no_accident(shared_desk: Desk, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        shared_desk.store.find(shared_desk.actor("rep"), "order", [Condition(field, Operator.EQ, value)])
    assert refusal.value.problems[0].code == "field.type"


def test_an_actor_without_any_grant_sees_no_record_and_no_field(shared_desk: Desk, order: str) -> None:
    nobody = Actor(person_id="nobody", name="nobody", roles=())
    found = shared_desk.store.find(nobody, "order", archived=True)
    assert found.is_empty()
    assert "amount" not in found.columns
    assert shared_desk.store.count(nobody, "order") == 0
    ids = shared_desk.store.ids(nobody, "order", Action.READ)
    assert ids is not None
    assert ids.is_empty()
