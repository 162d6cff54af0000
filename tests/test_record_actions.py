"""What lists, forms and the board are made of: writing once, bulk changes, views, drafts, sums, histories, rights."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboard.actions import bulk, moves, records, views
from dashboard.actions.offers import offers
from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator, any_of
from dashboard.domain.seeing import seen
from dashboard.domain.stays import days_by_stage, stays
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, Stale
from dashboard.store import drafts
from dashboard.store.drafts import DRAFTS
from dashboard.store.engine_duckdb import rows
from dashboard.store.listing import Moment
from dashboard.store.revisions import revisions
from dashboard.store.rights import allowed
from dashboard.store.totals import totals
from dashboard.ui.forms.inputs import understood
from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import lost_reason


@pytest.fixture(scope="module")
def stages(shared_desk: Desk) -> dict[str, str]:
    """The stages by code."""
    return {row["code"]: row["id"] for row in shared_desk.store.reference("stage").to_dicts()}


@pytest.fixture
def deal(shared_desk: Desk) -> str:
    """A deal of the rep."""
    return shared_desk.make("deal", name="Lever", owner_id=shared_desk.people["rep"], amount=1000)


# -- one record -------------------------------------------------------------------------------------------------------


def test_a_record_is_made_once_under_its_id(shared_desk: Desk) -> None:
    record, rep = new_id(), shared_desk.actor("rep")
    values = {"name": "Once", "owner_id": rep.person_id, "created_on": dt.date(2026, 1, 5), "amount": Decimal("1234.5")}
    for _ in range(2):
        records.create(shared_desk.store, rep, "deal", record, values)
    assert (shared_desk.row("deal", record)["version"], shared_desk.row("deal", record)["amount"]) == (
        1,
        Decimal("1234.5"),
    )


def test_an_id_that_belongs_to_somebody_else_says_nothing_about_them(shared_desk: Desk) -> None:
    theirs = shared_desk.make("deal", owner_id=shared_desk.people["stranger"])
    rep = shared_desk.actor("rep")
    values = {"name": "Mine", "owner_id": rep.person_id, "created_on": dt.date(2026, 1, 5)}
    with pytest.raises(Refused) as refusal:
        records.create(shared_desk.store, rep, "deal", theirs, values)
    assert refusal.value.code == "unique.taken"
    assert shared_desk.row("deal", theirs)["name"] != "Mine"


def test_saving_the_same_again_is_no_conflict_but_another_value_is(shared_desk: Desk, deal: str) -> None:
    rep = shared_desk.actor("rep")
    for _ in range(2):
        records.change(shared_desk.store, rep, "deal", deal, 1, {"amount": Decimal(5), "next_step": "Call"})
    assert shared_desk.row("deal", deal)["version"] == 2
    with pytest.raises(Stale):
        records.change(shared_desk.store, rep, "deal", deal, 1, {"next_step": "Write"})


# -- many records -----------------------------------------------------------------------------------------------------


def test_a_bulk_change_is_shown_then_written_as_one_change_set(shared_desk: Desk) -> None:
    manager, people = shared_desk.actor("manager"), shared_desk.people
    mine = [shared_desk.make("deal", name=f"Rod {n}", owner_id=people["rep"]) for n in range(3)]
    already = shared_desk.make("deal", owner_id=people["colleague"])
    theirs = shared_desk.make("deal", owner_id=people["stranger"])
    wanted = {"owner_id": people["colleague"]}
    found = bulk.preview(shared_desk.store, manager, "deal", [*mine, already, theirs], wanted)
    assert (set(found.rows["id"]), found.same, found.beyond) == (set(mine), 1, 0), "a foreign one is not even counted"
    applied = bulk.apply(shared_desk.store, manager, found, "holiday")
    assert applied.counts == {("deal", "assign"): 3}
    assert {shared_desk.row("deal", record)["owner_id"] for record in mine} == {people["colleague"]}
    assert shared_desk.row("deal", theirs)["owner_id"] == people["stranger"]


def test_a_record_that_changed_after_the_preview_refuses_the_whole(shared_desk: Desk) -> None:
    rep = shared_desk.actor("rep")
    both = [shared_desk.make("deal", owner_id=rep.person_id) for _ in range(2)]
    found = bulk.preview(shared_desk.store, rep, "deal", both, {"next_step": "Call"})
    shared_desk.do("operator", "deal", "update", both[1], next_step="Write")
    with pytest.raises(Stale):
        bulk.apply(shared_desk.store, rep, found)
    assert shared_desk.row("deal", both[0])["next_step"] is None


def test_a_rep_may_not_give_deals_away_together_either(shared_desk: Desk, deal: str) -> None:
    rep = shared_desk.actor("rep")
    wanted = {"owner_id": shared_desk.people["colleague"]}
    with pytest.raises(Forbidden):
        bulk.preview(shared_desk.store, rep, "deal", [deal], wanted)
    forged = bulk.Preview("deal", wanted, shared_desk.store.find(rep, "deal", [is_(deal)]), 0, 0)
    with pytest.raises(Forbidden):
        bulk.apply(shared_desk.store, rep, forged)
    with pytest.raises(Refused, match="5,000"):
        bulk.preview(shared_desk.store, rep, "deal", [new_id() for _ in range(bulk.MOST + 1)], {"next_step": "x"})


def test_all_that_a_filter_finds_change_together(shared_desk: Desk) -> None:
    people, manager = shared_desk.people, shared_desk.actor("manager")
    owners = ("rep", "rep", "colleague", "stranger")
    mine = [shared_desk.make("deal", name=f"Batch {n}", owner_id=people[who]) for n, who in enumerate(owners)][:3]
    where, before = [Condition("name", Operator.LIKE, "Batch")], shared_desk.store.revision
    wanted = {"owner_id": people["helper"]}
    seen = bulk.preview_of_all(shared_desk.store, manager, "deal", where, wanted)
    assert (set(seen.rows["id"]), seen.beyond, shared_desk.store.revision) == (set(mine), 0, before)
    assert bulk.given_up(seen, "owner_id") == {people["rep"]: 2, people["colleague"]: 1}
    shared_desk.do("operator", "deal", "update", mine[0], next_step="Write")
    assert bulk.changed_since(shared_desk.store, manager, seen)["id"].to_list() == mine[:1]
    with pytest.raises(Stale):
        bulk.apply(shared_desk.store, manager, seen)
    seen = bulk.preview_of_all(shared_desk.store, manager, "deal", where, wanted)
    assert bulk.apply(shared_desk.store, manager, seen).counts == {("deal", "assign"): 3}


def test_more_than_may_be_changed_together_are_not_even_looked_at(
    shared_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = shared_desk.actor("rep")
    for n in range(3):
        shared_desk.make("deal", name=f"Heap {n}", owner_id=rep.person_id)
    monkeypatch.setattr(bulk, "MOST", 2)
    with pytest.raises(Refused) as caught:
        bulk.preview_of_all(
            shared_desk.store, rep, "deal", [Condition("name", Operator.LIKE, "Heap")], {"next_step": "x"}
        )
    assert (caught.value.code, caught.value.values) == ("bulk.too_many", {"n": 3, "limit": 2})


def is_(record: str) -> Condition:
    """The record of an id."""
    return Condition("id", Operator.EQ, record)


# -- the board --------------------------------------------------------------------------------------------------------


def test_a_column_says_which_verb_leads_there(shared_desk: Desk, deal: str, stages: dict[str, str]) -> None:
    store, row = shared_desk.store, shared_desk.row("deal", deal)
    verbs = {code: moves.verb_to(store, row, stages[code]) for code in ("proposal", "won", "lost")}
    assert verbs == {"proposal": "advance", "won": "win", "lost": "lose"}
    with pytest.raises(Refused, match="already"):
        moves.verb_to(store, row, stages["prospecting"])
    with pytest.raises(NotFound):
        moves.verb_to(store, row, "nowhere")
    shared_desk.do("operator", "deal", "lose", deal, lost_reason_id=lost_reason(shared_desk))
    closed = shared_desk.row("deal", deal)
    assert moves.verb_to(store, closed, stages["proposal"]) == "reopen"
    with pytest.raises(Refused, match="reopened"):
        moves.verb_to(store, closed, stages["won"])


def test_a_card_is_moved_at_the_version_that_was_seen_by_whom_may(
    shared_desk: Desk, deal: str, stages: dict[str, str]
) -> None:
    store = shared_desk.store
    moves.advance(store, shared_desk.actor("rep"), deal, 1, stages["proposal"])
    assert shared_desk.row("deal", deal)["stage_id"] == stages["proposal"]
    with pytest.raises(Stale):
        moves.advance(store, shared_desk.actor("rep"), deal, 1, stages["negotiation"])
    for who, refusal in (("leader", Forbidden), ("stranger", NotFound), ("support", Forbidden)):
        with pytest.raises(refusal):
            moves.advance(store, shared_desk.actor(who), deal, 2, stages["negotiation"])
    with pytest.raises(Invalid):
        moves.advance(store, shared_desk.actor("rep"), deal, 2, stages["won"])


# -- views ------------------------------------------------------------------------------------------------------------


def test_views_are_own_or_shared_by_whom_may(shared_desk: Desk) -> None:
    store, rep, manager = shared_desk.store, shared_desk.actor("rep"), shared_desk.actor("manager")
    with pytest.raises(Forbidden):
        views.save(store, rep, "orders", "Ours", {}, shared=True)
    views.save(store, rep, "orders", "Mine", {"q": "x"}, shared=False)
    views.save(store, manager, "orders", "Shared", {"sort": "-amount"}, shared=True)
    found = {view.name: view for view in views.views(store, rep, "orders")}
    assert (found["Mine"].own, found["Mine"].query, found["Shared"].own) == (True, {"q": "x"}, False)
    assert [view.name for view in views.views(store, shared_desk.actor("stranger"), "orders")] == []
    with pytest.raises((NotFound, Forbidden)):
        views.forget(store, rep, found["Shared"])
    assert views.texts('{"q": ["no text"], "sort": "name"}') == {"sort": "name"}


# -- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_private_sealed_and_forgotten(desk: Desk, tmp_path: Path) -> None:
    rep, manager = desk.actor("rep"), desk.actor("manager")
    for text in ("Zyxwvut 13987651234", "Zyxwvut again"):
        drafts.keep(desk.store, rep, "lead:new", {"values": {"phone": text}})
    found = drafts.read(desk.store, rep, "lead:new")
    assert found is not None
    assert found.content == {"values": {"phone": "Zyxwvut again"}}
    assert drafts.read(desk.store, manager, "lead:new") is None
    with desk.store.reading() as cursor:
        kept = rows(cursor, DRAFTS.select())
    assert len(kept) == 1, "one row for each person and form"
    assert b"Zyxwvut" not in bytes(kept[0][3])
    assert not any(finding for finding in desk.store.check() if "draft" in str(finding))
    drafts.keep(desk.store, manager, "lead:new", {"values": {}})
    drafts.drop(desk.store, manager, "lead:new")
    assert drafts.read(desk.store, rep, "lead:new") == found, "each has an own one of the same form"
    drafts.drop(desk.store, rep, "lead:new")
    assert drafts.read(desk.store, rep, "lead:new") is None


def test_a_draft_does_not_open_in_another_row(desk: Desk) -> None:
    rep = desk.actor("rep")
    drafts.keep(desk.store, rep, "deal:new", {"values": {"name": "a"}})
    with desk.store.engine.writing() as cursor:
        cursor.execute("UPDATE drafts SET id = $1", [drafts.id_of(rep, "lead:new")])
    assert drafts.read(desk.store, rep, "lead:new") is None


def test_an_old_draft_goes_and_a_huge_one_is_not_kept(desk: Desk) -> None:
    rep = desk.actor("rep")
    drafts.keep(desk.store, rep, "deal:new", {"values": {"name": "a"}})
    with desk.store.engine.writing() as cursor:
        cursor.execute("UPDATE drafts SET saved_at = saved_at - INTERVAL 31 DAY")
    drafts.keep(desk.store, rep, "lead:new", {"values": {"name": "x" * drafts.LARGEST}})
    assert drafts.read(desk.store, rep, "lead:new") is None
    drafts.keep(desk.store, rep, "lead:new", {"values": {}})
    assert drafts.read(desk.store, rep, "deal:new") is None


def test_whoever_left_keeps_no_draft(desk: Desk) -> None:
    rep = desk.actor("rep")
    desk.do("operator", "person", "update", rep.person_id, active=False)
    with pytest.raises(Forbidden):
        drafts.keep(desk.store, rep, "deal:new", {})


# -- reading ----------------------------------------------------------------------------------------------------------


def test_sums_are_those_of_the_records_that_are_listed(desk: Desk) -> None:
    for who, amount in (("rep", 100), ("rep", 250), ("colleague", 1000), ("stranger", 5000)):
        desk.make("deal", owner_id=desk.people[who], amount=amount)
    for who in ("rep", "manager", "leader"):
        found = totals(desk.store, desk.actor(who), "deal", ("owner_id",), ("amount",))
        listed = desk.store.find(desk.actor(who), "deal")
        assert found["n"].sum() == listed.height
        assert found["amount"].sum() == listed["amount"].sum()
    big = [Condition("amount", Operator.GE, 250)]
    assert totals(desk.store, desk.actor("rep"), "deal", (), ("amount",), big).row(0) == (1, Decimal(250))


def test_sums_can_be_seen_as_of_a_past_day(desk: Desk) -> None:
    record = desk.make("deal", owner_id=desk.people["rep"], amount=100, effective_at=moment_ago(days=10))
    desk.make("deal", owner_id=desk.people["rep"], amount=7)
    desk.do("operator", "deal", "update", record, amount=Decimal(900))
    asked = ("deal", (), ("amount",), [any_of(Condition("amount", Operator.GE, 5))])
    assert totals(desk.store, desk.actor("rep"), *asked).row(0) == (2, Decimal(907))
    past = Moment(happened=moment_ago(days=5))
    assert totals(desk.store, desk.actor("rep"), *asked, moment=past).row(0) == (1, Decimal(100))
    assert totals(desk.store, desk.actor("stranger"), *asked, moment=past).row(0)[0] == 0


def test_sums_leave_out_what_a_row_hides(desk: Desk) -> None:
    """A helper is rep and support: amounts of own orders are clear, those of others hidden."""
    for who, amount in (("helper", 100), ("stranger", 900)):
        desk.make("order", owner_id=desk.people[who], amount=amount)
    assert totals(desk.store, desk.actor("helper"), "order", (), ("amount",)).row(0) == (2, Decimal(100))
    with pytest.raises(Invalid):
        totals(desk.store, desk.actor("support"), "order", (), ("amount",))


def test_a_history_holds_values_as_the_record_shows_them(desk: Desk) -> None:
    contact = desk.make(
        "contact", name="Li", phone="13812345678", customer_id=desk.make("customer", owner_id=desk.people["rep"])
    )
    desk.do("rep", "contact", "update", contact, phone="13912345678")
    clear = revisions(desk.store, desk.actor("rep"), "contact", contact)
    assert clear["phone"].to_list() == ["13812345678", "13912345678"]
    assert clear["changed"].to_list() == [["*"], ["phone"]]
    masked = revisions(desk.store, desk.actor("leader"), "contact", contact)
    assert masked["phone"].to_list() == ["138****5678", "139****5678"]
    with pytest.raises(NotFound):
        revisions(desk.store, desk.actor("stranger"), "contact", contact)
    order = desk.make("order", owner_id=desk.people["rep"], amount=Decimal(4711))
    desk.do("operator", "order", "update", order, amount=Decimal(4712))
    support = revisions(desk.store, desk.actor("support"), "order", order)
    assert "amount" not in support.columns
    assert "4711" not in str(support.to_dicts())
    assert support["changed"].to_list()[-1] == []
    helper = revisions(desk.store, desk.actor("helper"), "order", order)
    assert "amount" not in helper.columns, "clear in own orders, hidden in this one"


def test_rights_are_asked_for_the_record_itself(desk: Desk) -> None:
    asked = (Action.READ, Action.UPDATE, Action.ASSIGN, Action.ARCHIVE)
    ours, theirs = (desk.make("deal", owner_id=desk.people[who]) for who in ("rep", "stranger"))
    found = {
        (who, name): allowed(desk.store, desk.actor(who), "deal", record, asked)
        for who in ("rep", "manager", "leader", "support")
        for name, record in (("ours", ours), ("theirs", theirs))
    }
    assert found["rep", "ours"] == {Action.READ, Action.UPDATE}
    assert found["manager", "ours"] == set(asked)
    assert found["leader", "theirs"] == {Action.READ}
    assert found["rep", "theirs"] == found["manager", "theirs"] == found["support", "ours"] == set()


def test_an_archived_record_is_only_put_back(desk: Desk) -> None:
    record = desk.make("deal", owner_id=desk.people["rep"])
    desk.do("manager", "deal", "archive", record)
    found = {
        offer.verb: offer.refusal
        for offer in offers(desk.store, desk.actor("manager"), "deal", desk.row("deal", record))
    }
    assert [verb for verb, refusal in found.items() if refusal is None] == ["restore"]
    assert {refusal.code for refusal in found.values() if refusal} == {"verb.archived"}


def test_any_of_several_conditions_is_enough_and_keeps_every_rule(desk: Desk) -> None:
    ids = [desk.make("deal", name=name, owner_id=desk.people["rep"]) for name in ("Alpha", "Beta", "Gamma")]
    found = any_of(Condition("name", Operator.LIKE, "alp"), Condition("id", Operator.EQ, ids[2]))
    assert set(desk.store.find(desk.actor("rep"), "deal", [found])["name"]) == {"Alpha", "Gamma"}
    assert desk.store.count(desk.actor("stranger"), "deal", [found]) == 0
    assert desk.store.count(desk.actor("rep"), "deal", [any_of()]) == 0
    with pytest.raises(Invalid):
        desk.store.count(desk.actor("support"), "order", [any_of(Condition("amount", Operator.GE, 1))])


def test_hidden_fields_are_not_offered(desk: Desk) -> None:
    order = entity_of("order")
    assert "amount" in seen(desk.actor("rep"), order)
    assert "amount" not in seen(desk.actor("support"), order)
    assert seen(desk.actor("leader"), entity_of("contact"))["phone"] == "masked"
    assert seen(desk.actor("support"), entity_of("deal")) == {}


# -- pure parts -------------------------------------------------------------------------------------------------------


def test_stays_follow_from_what_was_stated_in_any_order() -> None:
    days = [dt.datetime(2026, 3, day) for day in (1, 5, 6, 10)]
    found = stays([("b", days[1]), ("a", days[0]), ("b", days[2]), (None, days[2]), ("a", days[3])])
    assert [(stay.stage, stay.since, stay.until) for stay in found] == [
        ("a", days[0], days[1]),
        ("b", days[1], days[3]),
        ("a", days[3], None),
    ]
    assert days_by_stage(found, dt.datetime.date, dt.date(2026, 3, 12)) == {"a": 4 + 2, "b": 5}
    overnight = stays([("a", dt.datetime(2026, 3, 1, 23))])
    assert days_by_stage(overnight, dt.datetime.date, dt.date(2026, 3, 2)) == {"a": 1}, "midnights count, not hours"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("amount", "1,234.50", Decimal("1234.50")),
        ("amount", "¥12万", Decimal(120_000)),
        ("amount", " 1.5 m ", Decimal(1_500_000)),
        ("amount", "", None),
        ("probability", "35 %", Decimal("0.35")),
        ("name", "  Crane ", "Crane"),
        ("expected_close_on", "2026-03-31", dt.date(2026, 3, 31)),
    ],
)
def test_what_is_typed_is_understood(name: str, text: str, value: Any) -> None:
    assert understood(entity_of("deal").by_name[name], text) == (value, None)


@pytest.mark.parametrize(("name", "text"), [("amount", "12 or so"), ("amount", "1e5"), ("probability", "half")])
def test_what_is_not_understood_is_said(name: str, text: str) -> None:
    _, problem = understood(entity_of("deal").by_name[name], text)
    assert problem is not None
    assert problem.field == name


def test_many_deals_move_together_and_those_that_cannot_say_why(shared_desk: Desk) -> None:
    desk, manager = shared_desk, shared_desk.actor("manager")
    stages = {row["code"]: row["id"] for row in desk.store.reference("stage").to_dicts()}
    free, short, closed, there = (
        desk.make("deal", owner_id=desk.people["rep"], amount=amount) for amount in (5, None, 5, 5)
    )
    desk.step("operator", "deal", "win", closed, amount=5)
    desk.do("operator", "deal", "advance", there, stage_id=stages["qualification"])
    gate = {"required_fields": ["amount"]}
    desk.do("admin", "stage", "update", stages["qualification"], **gate)
    try:
        wanted = {"stage_id": stages["qualification"]}
        plan = bulk.preview(desk.store, manager, "deal", [free, short, closed, there], wanted)
        assert (plan.rows["id"].to_list(), plan.same, plan.verb) == ([free], 1, "advance")
        assert {key: reason.code for key, reason in plan.reasons.items()} == {
            short: "stage.gate",
            closed: "stage.closed",
        }
        assert set(plan.refused["id"]) == {short, closed}
        with pytest.raises(Refused):
            bulk.apply(desk.store, manager, replace(plan, rows=pl.concat([plan.rows, plan.refused])))
        assert desk.row("deal", free)["stage_id"] != stages["qualification"], "all or nothing"
        assert bulk.apply(desk.store, manager, plan, "quarter end").counts == {("deal", "advance"): 1}
        assert desk.row("deal", free)["stage_id"] == stages["qualification"]
        with pytest.raises(NotFound):
            bulk.preview(desk.store, manager, "deal", [free], {"stage_id": stages["won"]})
        with pytest.raises(Forbidden):
            bulk.preview(desk.store, desk.actor("leader"), "deal", [free], wanted)
        assert bulk.preview(desk.store, desk.actor("stranger"), "deal", [free], wanted).rows.is_empty()
    finally:
        desk.do("admin", "stage", "update", stages["qualification"], required_fields=[])
