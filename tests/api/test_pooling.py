"""The pool over REST: a repeated request counts once, a batch is all or nothing."""

from __future__ import annotations

from dashboard.domain.access import operator
from tests.api.calling import Api
from tests.department import Desk


def pooled(desk: Desk, **values: object) -> str:
    """A lead in the pool of the team."""
    return desk.make("lead", pool_team_id=desk.teams["north"], **values)


def test_a_repeated_claim_changes_nothing_with_and_without_a_key(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    lead = pooled(desk, phone="13800001234")
    first = rep.call("POST", f"/leads/{lead}/claim", {"Idempotency-Key": "once", "If-Match": '"1"'})
    assert (first.status_code, first.json()["phone"]) == (200, "13800001234")
    for headers in ({"Idempotency-Key": "once", "If-Match": '"1"'}, {"If-Match": '"1"'}, {}):
        again = rep.call("POST", f"/leads/{lead}/claim", headers)
        assert (again.status_code, again.json()["version"]) == (200, 2)
    assert desk.store.history(operator(), "lead", lead)["verb"].to_list() == ["create", "claim"]
    for _ in range(2):
        freed = rep.call("POST", f"/leads/{lead}/release", {"If-Match": '"2"'}, json={"why": "no budget"})
        assert freed.json()["phone"] == "138****1234"
    assert desk.store.history(operator(), "lead", lead)["why"].to_list()[-1] == "no budget"
    assert desk.version("lead", lead) == 3


def test_a_batch_of_claims_is_all_or_nothing_and_says_which_was_taken(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    free, taken = pooled(desk), pooled(desk)
    assert api("colleague").call("POST", f"/leads/{taken}/claim").status_code == 200
    lines = [{"verb": "claim", "id": record, "version": 1} for record in (free, taken)]
    refusal = rep.refused("POST", "/leads:batch", 409, json={"changes": lines})
    assert (refusal["code"], refusal["change"]) == ("pool.claimed", 1)
    assert desk.row("lead", free)["owner_id"] is None
    assert rep.call("POST", "/leads:batch", json={"changes": lines[:1]}).status_code == 200
    assert desk.row("lead", free)["owner_id"] == desk.people["rep"]


def test_a_manager_gives_many_out_of_the_pool_in_one_batch(api: Api) -> None:
    desk, manager = api.desk, api("manager")
    leads = [pooled(desk) for _ in range(3)]
    lines = [
        {"verb": "assign", "id": lead, "version": 1, "values": {"owner_id": desk.people["colleague"]}} for lead in leads
    ]
    assert manager.call("POST", "/leads:batch", json={"changes": lines}).status_code == 200
    rows = [desk.row("lead", lead) for lead in leads]
    assert {(row["owner_id"], row["pool_team_id"]) for row in rows} == {(desk.people["colleague"], None)}
    assert api("rep").call("POST", "/leads:batch", json={"changes": lines}).status_code in (403, 404)
