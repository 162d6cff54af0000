"""The quick update: one change-set, once, within one's rights; and its undo as long as nobody changed the record."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest

from dashboard import jobs
from dashboard.actions import quick
from dashboard.actions.quick import Asked, Made, Move
from dashboard.domain.access import operator
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, Stale
from etl.marts import Marts, view_of
from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import company_today, lost_reason

SOON = company_today() + dt.timedelta(days=3)


def stage(desk: Desk, code: str) -> str:
    """The id of a stage."""
    return str(desk.one("stage", code=code)["id"])


def a_deal(desk: Desk, who: str = "rep", **values: Any) -> str:
    """An open deal of somebody, with a customer."""
    customer = desk.make("customer", owner_id=desk.people[who])
    given = {"amount": 1000, "customer_id": customer, "next_step": "Call", "next_step_on": company_today()} | values
    return desk.make("deal", owner_id=desk.people[who], **given)


def asked(desk: Desk, deal: str, **values: Any) -> Asked:
    """What a person enters who sees the deal as it is now."""
    return Asked(deal, desk.version("deal", deal), new_id(), **values)


def send(desk: Desk, form: Asked, who: str = "rep") -> Made:
    """Send the form as somebody."""
    return quick.update(desk.store, desk.actor(who), form)


def said(desk: Desk, deal: str) -> list[str]:
    """What the living interactions of a deal say."""
    found = desk.store.find(operator(), "interaction", [Condition("deal_id", Operator.EQ, deal)])
    return found["summary"].to_list()


def test_three_fields_are_one_change_set(desk: Desk) -> None:
    deal = a_deal(desk)
    before = desk.store.revision
    move = Move("advance", stage(desk, "proposal"))
    form = asked(desk, deal, happened="They agreed", next_step="Offer", next_step_on=SOON, move=move)
    made = send(desk, form)
    assert (made.revision, desk.store.revision) == (before + 1, before + 1)
    row = desk.row("deal", deal)
    assert (row["next_step"], row["next_step_on"], row["stage_id"]) == ("Offer", SOON, stage(desk, "proposal"))
    noted = desk.row("interaction", form.token)
    assert (noted["summary"], noted["author_id"], noted["customer_id"]) == (
        "They agreed",
        desk.people["rep"],
        row["customer_id"],
    )
    assert desk.store.check() == []


def test_what_is_not_said_stays_as_it_is(desk: Desk) -> None:
    deal = a_deal(desk)
    before = desk.row("deal", deal)
    send(desk, asked(desk, deal, happened="Nobody answered", next_step="Call"))
    assert desk.row("deal", deal) == before
    assert said(desk, deal) == ["Nobody answered"]


def test_a_form_without_anything_new_is_refused(desk: Desk) -> None:
    deal = a_deal(desk)
    stays = Move("advance", desk.row("deal", deal)["stage_id"])
    with pytest.raises(Refused) as caught:
        send(desk, asked(desk, deal, next_step="Call", next_step_on=company_today(), move=stays))
    assert caught.value.code == "quick.empty"


@pytest.mark.parametrize(
    "entered", [{"happened": "Once"}, {"next_step_on": SOON}, {"happened": "Once", "next_step": "Offer"}]
)
def test_a_form_that_is_sent_twice_is_written_once(desk: Desk, entered: dict[str, Any]) -> None:
    deal = a_deal(desk)
    form = asked(desk, deal, **entered)
    first = send(desk, form)
    assert send(desk, form) == first
    assert desk.store.revision == first.revision
    assert said(desk, deal) == [entered[name] for name in ("happened",) if name in entered]


@pytest.mark.parametrize("entered", [{"happened": "Once"}, {"next_step_on": SOON}])
def test_a_form_that_is_sent_by_two_clicks_at_the_same_time_is_written_once(
    desk: Desk, entered: dict[str, Any]
) -> None:
    deal = a_deal(desk)
    form, before = asked(desk, deal, **entered), desk.store.revision
    with ThreadPoolExecutor(4) as clicks:
        made = set(clicks.map(lambda _: send(desk, form), range(4)))
    assert made == {Made("deal", deal, before + 1)}
    assert desk.store.revision == before + 1


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(desk: Desk) -> None:
    deal = a_deal(desk)
    form = asked(desk, deal, happened="They agreed", next_step_on=SOON)
    desk.do("manager", "deal", "update", deal, next_step="Wait")
    with pytest.raises(Stale) as caught:
        send(desk, form)
    theirs = caught.value.values["theirs"]
    assert isinstance(theirs, dict)
    assert theirs["next_step"] == "Wait"
    assert said(desk, deal) == []


def test_the_same_values_by_somebody_else_are_not_taken_for_the_own(desk: Desk) -> None:
    deal = a_deal(desk)
    form = asked(desk, deal, next_step="Offer", next_step_on=SOON)
    desk.do("manager", "deal", "update", deal, next_step="Offer", next_step_on=SOON)
    with pytest.raises(Refused) as caught:
        send(desk, form)
    assert caught.value.code == "quick.empty"


def test_a_deal_is_won_and_the_win_taken_back(desk: Desk) -> None:
    deal = a_deal(desk)
    before = desk.row("deal", deal)
    made = send(desk, asked(desk, deal, happened="Signed", move=Move("win")))
    row = desk.row("deal", deal)
    assert (row["stage_type"], row["closed_on"], row["close_note"]) == ("won", company_today(), "Signed")
    quick.undo(desk.store, desk.actor("rep"), made)
    row = desk.row("deal", deal)
    kept = ("stage_type", "stage_id", "closed_on", "close_note", "closed_owner_id", "next_step")
    assert {name: row[name] for name in kept} == {name: before[name] for name in kept}
    assert said(desk, deal) == []
    assert desk.store.check() == []


def test_a_deal_is_lost_for_a_reason_and_not_without(desk: Desk) -> None:
    deal = a_deal(desk)
    with pytest.raises(Invalid):
        send(desk, asked(desk, deal, move=Move("lose")))
    with pytest.raises(Invalid):
        send(desk, asked(desk, deal, move=Move("lose", lost_reason_id=lost_reason(desk))))
    rival = str(desk.one("list_value", list="competitor", code="none")["id"])
    send(desk, asked(desk, deal, move=Move("lose", lost_reason_id=lost_reason(desk), competitor_id=rival)))
    assert desk.row("deal", deal)["stage_type"] == "lost"


def test_a_deal_without_amount_is_not_won_and_nothing_is_written(desk: Desk) -> None:
    deal = a_deal(desk, amount=None)
    before = desk.store.revision
    with pytest.raises(Invalid) as caught:
        send(desk, asked(desk, deal, happened="Signed", move=Move("win")))
    assert {problem.field for problem in caught.value.problems} == {"amount"}
    assert desk.store.revision == before


def test_undo_gives_back_every_field_and_puts_the_interaction_away(desk: Desk) -> None:
    deal = a_deal(desk, next_step_on=None)
    before = desk.row("deal", deal)
    entered = {"happened": "They agreed", "next_step": "Offer", "next_step_on": SOON}
    form = asked(desk, deal, **entered, move=Move("advance", stage(desk, "proposal")))
    revision = quick.undo(desk.store, desk.actor("rep"), send(desk, form))
    row = desk.row("deal", deal)
    kept = ("next_step", "next_step_on", "stage_id", "stage_type", "stage_rank", "amount")
    assert {name: row[name] for name in kept} == {name: before[name] for name in kept}
    assert desk.row("interaction", form.token)["archived_at"] is not None
    assert desk.store.revision == revision
    last = desk.store.history(operator(), "deal", deal).row(-1, named=True)
    assert (last["actor_id"], last["why"]) == (desk.people["rep"], "machine.undone")
    assert desk.store.check() == []


@pytest.mark.parametrize("verb", ["advance", "win"])
def test_undo_gives_back_the_time_in_the_stage(desk: Desk, verb: str) -> None:
    long_ago, later = moment_ago(days=60), moment_ago(days=40)
    deal = a_deal(desk, created_on=long_ago.date(), effective_at=long_ago)
    desk.do("operator", "deal", "advance", deal, stage_id=stage(desk, "qualification"), effective_at=later)
    move = Move(verb, stage(desk, "proposal") if verb == "advance" else None)
    for _ in range(2):
        made = send(desk, asked(desk, deal, happened="They agreed", move=move))
        assert desk.row("deal", deal)["stage_since"] > later
        quick.undo(desk.store, desk.actor("rep"), made)
        row = desk.row("deal", deal)
        assert (row["stage_id"], row["stage_since"]) == (stage(desk, "qualification"), later)
    assert desk.store.check() == []


def test_moving_back_by_hand_enters_the_stage_anew(desk: Desk) -> None:
    long_ago = moment_ago(days=60)
    deal = a_deal(desk, created_on=long_ago.date(), effective_at=long_ago)
    first = desk.row("deal", deal)
    desk.do("rep", "deal", "advance", deal, stage_id=stage(desk, "proposal"))
    claimed = {"stage_id": first["stage_id"], "stage_since": first["stage_since"]}
    desk.do("rep", "deal", "advance", deal, **claimed)
    assert desk.row("deal", deal)["stage_since"] > long_ago


@pytest.mark.parametrize("entered", [{"next_step": "Offer"}, {"happened": "They agreed", "next_step": "Offer"}])
def test_undo_is_refused_once_somebody_changed_the_deal(desk: Desk, entered: dict[str, Any]) -> None:
    deal = a_deal(desk)
    made = send(desk, asked(desk, deal, **entered))
    desk.do("manager", "deal", "update", deal, amount=7)
    before = desk.store.revision
    with pytest.raises(Refused) as caught:
        quick.undo(desk.store, desk.actor("rep"), made)
    assert (caught.value.code, desk.store.revision) == ("quick.changed_since", before)


def test_undo_is_refused_once_somebody_changed_the_interaction(desk: Desk) -> None:
    deal = a_deal(desk)
    form = asked(desk, deal, happened="They agreed")
    made = send(desk, form)
    desk.do("manager", "interaction", "update", form.token, summary="They agreed in part")
    with pytest.raises(Refused):
        quick.undo(desk.store, desk.actor("rep"), made)
    assert said(desk, deal) == ["They agreed in part"]


def test_undo_is_done_once(desk: Desk) -> None:
    deal = a_deal(desk)
    made = send(desk, asked(desk, deal, happened="They agreed", next_step="Offer"))
    quick.undo(desk.store, desk.actor("rep"), made)
    with pytest.raises(Refused):
        quick.undo(desk.store, desk.actor("rep"), made)


def test_nobody_undoes_what_somebody_else_did(desk: Desk) -> None:
    deal = a_deal(desk)
    made = send(desk, asked(desk, deal, happened="They agreed", next_step="Offer"))
    with pytest.raises(Forbidden):
        quick.undo(desk.store, desk.actor("manager"), made)
    with pytest.raises(NotFound):
        quick.undo(desk.store, desk.actor("stranger"), made)
    with pytest.raises(NotFound):
        quick.undo(desk.store, desk.actor("leader"), made)
    assert said(desk, deal) == ["They agreed"]


def test_undo_reaches_nothing_but_the_own_quick_update(desk: Desk) -> None:
    """A made-up revision may name a change-set of somebody else, or one about another deal."""
    deal, other = a_deal(desk), a_deal(desk)
    desk.do("rep", "deal", "update", other, next_step="Mine too")
    with pytest.raises(Forbidden):
        quick.undo(desk.store, desk.actor("rep"), Made("deal", deal, desk.store.revision))
    assert desk.row("deal", other)["next_step"] == "Mine too"


@pytest.mark.parametrize(("who", "refusal"), [("stranger", NotFound), ("support", NotFound), ("leader", Forbidden)])
def test_only_those_who_may_update_the_deal_do(desk: Desk, who: str, refusal: type[Exception]) -> None:
    deal = a_deal(desk)
    before = desk.store.revision
    with pytest.raises(refusal):
        send(desk, asked(desk, deal, happened="They agreed", next_step="Offer"), who)
    assert desk.store.revision == before


def test_a_manager_updates_and_takes_back_below(desk: Desk) -> None:
    deal = a_deal(desk)
    made = send(desk, asked(desk, deal, happened="I called", next_step="Offer"), "manager")
    quick.undo(desk.store, desk.actor("manager"), made)
    assert (desk.row("deal", deal)["next_step"], said(desk, deal)) == ("Call", [])


def test_a_task_is_completed_once_and_opened_again(desk: Desk) -> None:
    task = desk.make("task", assignee_id=desk.people["rep"])
    actor, today = desk.actor("rep"), company_today()
    made = quick.complete_task(desk.store, actor, task, 1, today)
    assert quick.complete_task(desk.store, actor, task, 1, today) == made
    assert desk.row("task", task)["done_on"] == today
    quick.undo(desk.store, actor, made)
    row = desk.row("task", task)
    assert (row["status"], row["done_on"]) == ("open", None)
    with pytest.raises((NotFound, Forbidden)):
        quick.complete_task(desk.store, desk.actor("stranger"), task, row["version"], today)


@pytest.mark.parametrize("verb", ["advance", "win"])
def test_a_stage_that_was_taken_back_was_never_entered_as_known_from_then_on(desk: Desk, verb: str) -> None:
    deal = a_deal(desk, created_on=company_today())
    home, move = desk.row("deal", deal)["stage_id"], Move(verb, stage(desk, "proposal") if verb == "advance" else None)
    made = send(desk, asked(desk, deal, happened="They agreed", move=move))
    moved = desk.row("deal", deal)["stage_id"]
    between = moment_ago()
    assert stages_of(desk, deal) == [home, moved]
    quick.undo(desk.store, desk.actor("rep"), made)
    assert stages_of(desk, deal) == [home]
    assert stages_of(desk, deal, known_at=between) == [home, moved]
    log = desk.store.history(operator(), "deal", deal)
    assert log["verb"].to_list() == ["create", verb, "undo"]
    assert log["effective_at"][2] == log["effective_at"][1], "it never was"
    state = view_of(running_marts(desk), None, None).records("deal").filter(pl.col("id") == deal).row(0, named=True)
    row = desk.row("deal", deal)
    assert {name: state[name] for name in ("stage_id", "stage_type", "closed_on", "closed_owner_id")} == {
        name: row[name] for name in ("stage_id", "stage_type", "closed_on", "closed_owner_id")
    }


def running_marts(desk: Desk) -> Marts:
    """The marts of what stands in the store."""
    opened = jobs.Desk(desk.store)
    opened.refresh("person")
    assert opened.marts is not None, opened.freshness.problem
    return opened.marts


def stages_of(desk: Desk, deal: str, known_at: dt.datetime | None = None) -> list[str]:
    """The stages that a deal has entered, as known at a moment."""
    view = view_of(running_marts(desk), None, known_at)
    rows = view.records("deal").filter(pl.col("id") == deal)
    entries = view.stage_entries().join(rows.select("row"), on="row", how="semi", maintain_order="left")
    return entries["stage_id"].cast(pl.String).to_list()
