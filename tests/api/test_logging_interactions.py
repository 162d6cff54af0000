"""Interactions over REST: what comes next is said of the record in the same change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dashboard.domain.access import operator
from tests.api.calling import Api
from tests.builders import moment_ago, now
from tests.department import Desk


def talk(**values: Any) -> dict[str, Any]:
    """What an interaction says."""
    happened = moment_ago(hours=1).isoformat() + "Z"
    return {"kind": "call", "direction": "incoming", "happened_at": happened, "summary": "They called"} | values


def batch(api: Api, *talks: dict[str, Any], **about: Any) -> Any:
    """The answer to many new interactions of the rep at once."""
    body = {"changes": [{"verb": "create", "values": one} for one in talks], **about}
    return api("rep").call("POST", "/interactions:batch", json=body)


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


def test_many_at_once_set_the_next_step_of_each_record_the_last_one_counting(shared_desk: Desk, api: Api) -> None:
    desk, mine = shared_desk, {"owner_id": shared_desk.people["rep"]}
    lead, deal, other = desk.make("lead", **mine), desk.make("deal", **mine), desk.make("lead", **mine)
    theirs = desk.make("lead", owner_id=desk.people["colleague"])
    desk.do("operator", "lead", "update", other, next_step="Wait")
    answer = batch(
        api,
        talk(lead_id=lead, next_step="First", next_step_on="2031-03-04"),
        talk(deal_id=deal, next_step="Offer"),
        talk(lead_id=lead, next_step="Second"),
        talk(lead_id=other),
    )
    assert answer.status_code == 200, answer.text
    told = desk.row("lead", lead)
    assert (told["next_step"], str(told["next_step_on"]), told["version"]) == ("Second", "2031-03-04", 2)
    assert desk.row("deal", deal)["next_step"] == "Offer"
    assert desk.row("lead", other)["next_step"] == "Wait"
    revisions = {desk.row(name, one)["revision"] for name, one in (("lead", lead), ("deal", deal))}
    assert revisions == {desk.row("interaction", one["id"])["revision"] for one in answer.json()["items"]}
    refused = batch(api, talk(lead_id=lead, next_step="Third"), talk(lead_id=theirs, next_step="Mine now"))
    assert (refused.status_code, refused.json()["errors"][0]["row"]) == (422, 1)
    assert desk.row("lead", lead)["next_step"] == "Second"
    assert desk.row("lead", theirs)["next_step"] is None


def test_one_that_is_entered_later_sets_the_next_step_too_and_no_day_before_what_was_said(
    shared_desk: Desk, api: Api
) -> None:
    desk, mine = shared_desk, {"owner_id": shared_desk.people["rep"]}
    old, lead = desk.make("lead", effective_at=now() - dt.timedelta(days=9), **mine), desk.make("lead", **mine)
    then = (now() - dt.timedelta(days=2)).replace(microsecond=0)
    at = then.isoformat() + "Z"
    for record in (old, lead):
        api("rep").make("interactions", **talk(lead_id=record, next_step="Send papers"), effective_at=at)
        assert desk.row("lead", record)["next_step"] == "Send papers"
    logs = {one: desk.store.history(operator(), "lead", one)["effective_at"].to_list() for one in (old, lead)}
    assert logs[old][-1] == then
    assert logs[lead][-1] == logs[lead][0], "a record that was not there yet changes when it came"
    answer = batch(api, talk(lead_id=old, next_step="Call again"), effective_at=at)
    assert answer.status_code == 200, answer.text
    assert desk.row("lead", old)["next_step"] == "Call again"
    assert desk.store.check() == []
