"""Interactions logged from a lead, a customer or a deal: written once, with the record's next step in one change."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.actions import interactions
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, SalesDeskError, Stale
from dashboard.i18n import translate
from tests.builders import now, today
from tests.department import Desk
from tests.selling import running
from tests.test_leads_page import at_leads, clean, field, press, words

SOON = today() + dt.timedelta(days=3)


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


def talk(**values: Any) -> dict[str, Any]:
    """What somebody enters."""
    return {"kind": "call", "direction": "outgoing", "happened_at": now(), "summary": "Asked for an offer", **values}


@pytest.mark.parametrize("entity", ["lead", "customer", "deal"])
def test_an_interaction_and_the_next_step_are_one_change(desk: Desk, entity: str) -> None:
    record = desk.make(entity, owner_id=desk.people["rep"])
    values = talk(**{f"{entity}_id": record}, next_step="Send the offer", next_step_on=SOON)
    rep, token = desk.actor("rep"), new_id()
    for _ in range(2):
        interactions.log(desk.store, rep, token, values, 1)
    said, row = desk.row("interaction", token), desk.row(entity, record)
    assert (said[f"{entity}_id"], said["author_id"], said["summary"]) == (record, rep.person_id, "Asked for an offer")
    assert (row["next_step"], row["next_step_on"], row["version"]) == ("Send the offer", SOON, 2), (
        "sent twice, once made"
    )
    assert row["revision"] == said["revision"]


def test_who_is_late_is_told_and_nothing_is_half_written(desk: Desk) -> None:
    record = desk.make("lead", owner_id=desk.people["rep"])
    desk.do("manager", "lead", "update", record, next_step="Call the boss")
    rep, token = desk.actor("rep"), new_id()
    with pytest.raises(Stale):
        interactions.log(desk.store, rep, token, talk(lead_id=record, next_step="Wait"), 1)
    assert not interactions.written(desk.store, rep, token)
    interactions.log(desk.store, rep, token, talk(lead_id=record), 1)
    assert desk.row("lead", record)["next_step"] == "Call the boss", "what was only said changes no record"


def test_nobody_logs_about_what_they_may_not_see_nor_steers_what_they_may_only_read(desk: Desk) -> None:
    theirs = desk.make("customer", owner_id=desk.people["stranger"])
    rep = desk.actor("rep")
    for who in ("rep", "leader", "admin"):
        with pytest.raises(SalesDeskError):
            interactions.log(desk.store, desk.actor(who), new_id(), talk(customer_id=theirs))
    desk.make("deal", customer_id=theirs, owner_id=rep.person_id)
    for who in ("rep", "support"):
        interactions.log(desk.store, desk.actor(who), new_id(), talk(customer_id=theirs, next_step="Mine"))
    assert desk.row("customer", theirs)["next_step"] is None


def test_an_impossible_interaction_is_refused_with_its_fields(desk: Desk) -> None:
    record = desk.make("lead", owner_id=desk.people["rep"])
    with pytest.raises(Invalid) as refusal:
        interactions.log(desk.store, desk.actor("rep"), new_id(), talk(lead_id=record, kind="smoke", next_step="x"))
    assert [problem.field for problem in refusal.value.problems] == ["kind"]
    assert desk.row("lead", record)["next_step"] is None


def test_one_form_sent_from_two_threads_is_written_once(desk: Desk) -> None:
    record, token, wrong = desk.make("lead", owner_id=desk.people["rep"]), new_id(), []
    together = threading.Barrier(2)

    def send() -> None:
        together.wait()
        try:
            interactions.log(desk.store, desk.actor("rep"), token, talk(lead_id=record, next_step="Visit"), 1)
        except SalesDeskError as problem:
            wrong.append(problem)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (desk.row("lead", record)["version"], desk.row("interaction", token)["version"]) == (2, 1)


def test_an_interaction_is_logged_from_the_record(desk: Desk) -> None:
    record = desk.make("lead", owner_id=desk.people["rep"])
    at = clean(at_leads(desk, "rep", id=record))
    at.button(key="leads_verb_log").click().run()
    press(at, "|do")
    assert translate("error.field.required", "zh") in words(clean(at)), "what happened is needed"
    field(at, "summary").set_value("约了现场演示").run()
    field(at, "next_step").set_value("准备演示环境").run()
    press(at, "|do")
    assert "约了现场演示" in words(clean(at)), "it stands in the time line"
    assert desk.row("lead", record)["next_step"] == "准备演示环境"
    at.button(key="leads_verb_log").click().run()
    field(clean(at), "summary").set_value("又打了一次电话").run()
    press(at, "|do")
    assert "又打了一次电话" in words(clean(at)), "the next one is another one"
