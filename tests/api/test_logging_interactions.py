"""Interactions over REST: what comes next is said of the record in the same change."""

from __future__ import annotations

from tests.api.calling import Api
from tests.builders import moment_ago
from tests.department import Desk


def test_a_new_interaction_sets_the_next_step_of_its_record(shared_desk: Desk, api: Api) -> None:
    lead = shared_desk.make("lead", owner_id=shared_desk.people["rep"])
    happened = moment_ago(hours=1).isoformat() + "Z"
    talk = {"lead_id": lead, "kind": "call", "direction": "incoming", "happened_at": happened, "summary": "They called"}
    made = api("rep").make("interactions", **talk, next_step="Send papers", next_step_on="2031-03-04")
    row = shared_desk.row("lead", lead)
    assert (row["next_step"], str(row["next_step_on"]), row["version"]) == ("Send papers", "2031-03-04", 2)
    assert row["revision"] == shared_desk.row("interaction", made["id"])["revision"]
    api("rep").make("interactions", **talk)
    assert shared_desk.row("lead", lead)["version"] == 2
    api("rep").refused("POST", "/interactions", 422, json=talk | {"lead_id": "nowhere", "next_step": "x"})
