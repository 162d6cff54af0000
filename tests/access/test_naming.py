"""What a reference is called: people and reference data by name, anything else only for whoever may read it."""

from __future__ import annotations

from dashboard.store import naming
from tests.department import Desk


def names(desk: Desk, who: str, entity: str, *ids: str) -> list[str]:
    """What somebody is told that records are called."""
    return list(naming.names(desk.store, desk.actor(who), entity, ids, "en").values())


def test_a_record_out_of_reach_has_no_name(desk: Desk) -> None:
    ours = desk.make("customer", name="Ours", owner_id=desk.people["rep"])
    theirs = desk.make("customer", name="Theirs", owner_id=desk.people["stranger"])
    assert names(desk, "rep", "customer", ours, theirs) == ["Ours"]
    assert names(desk, "manager", "customer", ours, theirs) == ["Ours"]
    assert sorted(names(desk, "leader", "customer", ours, theirs)) == ["Ours", "Theirs"]


def test_a_record_whose_title_is_hidden_is_called_by_its_number_where_it_may_be_read(desk: Desk) -> None:
    contract = desk.make("contract", name="Secret terms", owner_id=desk.people["rep"])
    assert names(desk, "leader", "contract", contract) == ["Secret terms"]
    assert names(desk, "support", "contract", contract) == [desk.row("contract", contract)["number"]]
    deal = desk.make("deal", name="Secret plan", owner_id=desk.people["rep"])
    assert names(desk, "support", "deal", deal) == []


def test_an_archived_record_keeps_its_name(desk: Desk) -> None:
    customer = desk.make("customer", name="Gone", owner_id=desk.people["rep"])
    desk.do("operator", "customer", "archive", customer)
    assert names(desk, "rep", "customer", customer) == ["Gone"]


def test_people_and_reference_data_are_called_by_name_everywhere(desk: Desk) -> None:
    assert names(desk, "rep", "person", desk.people["stranger"]) == ["stranger"]
    assert names(desk, "support", "team", desk.teams["south"]) == ["south"]
