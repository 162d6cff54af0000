"""What waits for a person: each thing in one group, in order, page by page, and only within the reach of who looks."""

from __future__ import annotations

import io

import polars as pl
import pytest

from dashboard.actions import quick
from dashboard.actions.agenda import Group, Part, agenda
from dashboard.actions.agenda_export import export_agenda
from dashboard.actions.exports import files_of
from dashboard.domain.access import Action
from dashboard.errors import Forbidden
from tests.contracting import sign
from tests.department import Desk
from tests.selling import company_today
from tests.waiting import EXPECTED, from_today, make_work


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Desk:
    """The department with its work."""
    make_work(shared_desk)
    return shared_desk


def looked(desk: Desk, who: str = "rep", whose: str = "rep", most: int = 50) -> dict[str, Part]:
    """The agenda of somebody as somebody sees it."""
    shown = dict.fromkeys(Group, most)
    parts = agenda(desk.store, desk.actor(who), desk.people[whose], company_today(), shown)
    return {str(part.group): part for part in parts}


def names(parts: dict[str, Part]) -> dict[str, list[str]]:
    """The names in each group."""
    return {group: [item.name for item in part.items] for group, part in parts.items()}


def test_each_thing_stands_in_its_group(desk: Desk) -> None:
    assert names(looked(desk)) == EXPECTED


def test_a_row_says_what_it_is_about(desk: Desk) -> None:
    parts = looked(desk)
    late, idle = parts["overdue"].items[0], parts["no_step"].items[0]
    assert (late.entity, late.due_on, late.text, late.amount) == ("deal", from_today(-2), "Call", 10_000)
    assert (idle.due_on, idle.text) == (None, None)
    stale = parts["stale"].items[0]
    assert (stale.limit, (stale.days or 0) in (39, 40, 41)) == (14, True)


def test_a_group_says_how_many_there_are_beyond_the_page(desk: Desk) -> None:
    parts = looked(desk, most=1)
    assert {group: (len(part.items), part.n) for group, part in parts.items()} == {
        group: (1, len(expected)) for group, expected in EXPECTED.items()
    }
    assert parts["overdue"].items[0].name == "Late deal"


def test_a_manager_sees_the_same_and_a_stranger_nothing(desk: Desk) -> None:
    assert names(looked(desk, "manager")) == EXPECTED
    for who in ("stranger", "colleague", "other_manager"):
        assert looked(desk, who) == {}
    assert names(looked(desk, "manager", "colleague")) == {"overdue": ["Colleague deal"]}


def test_more_rows_need_no_more_questions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    cursor = desk.store.engine.cursor
    monkeypatch.setattr(desk.store.engine, "cursor", lambda: asked.append(1) or cursor())
    desk.store.kept.clear()  # as after any write
    looked(desk)
    few = len(asked)
    assert few > 0
    for at in range(20):
        desk.make("deal", name=f"More {at}", owner_id=desk.people["helper"], next_step_on=from_today(-at))
    asked.clear()
    parts = looked(desk, "manager", "helper")
    assert sum(part.n for part in parts.values()) == 20
    assert len(asked) <= few


def ordering(desk: Desk, who: str, name: str, *days_ago: int, status: str = "confirmed") -> str:
    """A customer of somebody with orders so many days ago."""
    customer = desk.make("customer", name=name, owner_id=desk.people[who])
    for days in days_ago:
        order = desk.make("order", customer_id=customer, owner_id=desk.people[who], ordered_on=from_today(-days))
        if status == "confirmed":
            desk.step("operator", "order", "confirm", order)
    return customer


def test_customers_wait_who_are_past_their_usual_order_interval(desk: Desk) -> None:
    who = "stranger"
    ordering(desk, who, "Long silent", 300, 290, 280)  # every 10 days, 280 ago
    silent = ordering(desk, who, "Silent", 91, 71, 51, 31)  # every 20 days: more than 30 ago
    ordering(desk, who, "Not yet", 90, 70, 50, 30)  # exactly one and a half times
    ordering(desk, who, "Uneven", 400, 390, 200, 190)  # 10, 190 and 10: the median is 10
    ordering(desk, who, "Twice only", 300, 290)
    ordering(desk, who, "Twice on one day", 300, 300, 290)
    ordering(desk, who, "Never confirmed", 300, 290, 280, status="draft")
    ordering(desk, "colleague", "Of somebody else", 300, 290, 280)
    waiting = looked(desk, who, who)["reorder"]
    assert [item.name for item in waiting.items] == ["Long silent", "Uneven", "Silent"]
    item = waiting.items[-1]
    assert (item.entity, item.id, item.customer_id, item.days, item.limit) == ("customer", silent, silent, 31, 20)
    again = desk.make("order", customer_id=silent, owner_id=desk.people[who], ordered_on=from_today(0))
    assert looked(desk, who, who)["reorder"].n == 3, "a draft is no order yet"
    desk.step("operator", "order", "confirm", again)
    assert [item.name for item in looked(desk, who, who)["reorder"].items] == ["Long silent", "Uneven"]
    assert looked(desk, "manager", who) == {}


def test_a_day_may_hold_one_kind_of_thing_only(desk: Desk) -> None:
    assert looked(desk, "head", "head") == {}
    desk.make("task", title="Only a task", assignee_id=desk.people["head"], due_on=from_today(-1))
    assert names(looked(desk, "head", "head")) == {"overdue": ["Only a task"]}
    desk.make("deal", name="Only a deal", owner_id=desk.people["other_manager"])
    assert names(looked(desk, "other_manager", "other_manager")) == {"no_step": ["Only a deal"]}


def test_the_whole_agenda_can_be_taken_out_and_that_is_noted(desk: Desk) -> None:
    export = export_agenda(desk.store, desk.actor("rep"), desk.people["rep"], company_today(), "en")
    assert export.frame["name"].to_list() == [name for expected in EXPECTED.values() for name in expected]
    rows = pl.read_csv(io.BytesIO(files_of(export, "today.csv")["today.csv"]))
    assert rows["Customer"].unique().to_list() == ["Harbour Works"]
    assert rows["Group"][0] == "Overdue"
    with desk.store.reading() as cursor:
        last = "SELECT verb, entity, records, actor_id FROM audit_entries ORDER BY sequence DESC LIMIT 1"
        assert cursor.execute(last).fetchone() == ("export", "agenda", 8, desk.people["rep"])


def test_who_may_take_out_nothing_takes_out_nothing(desk: Desk) -> None:
    actor = desk.actor("support")
    assert not actor.grants("deal", Action.EXPORT)
    with pytest.raises(Forbidden):
        export_agenda(desk.store, actor, desk.people["rep"], company_today(), "en")
    stranger = export_agenda(desk.store, desk.actor("stranger"), desk.people["rep"], company_today(), "en")
    assert stranger.frame.is_empty()


def test_late_deliveries_and_duties_wait_for_their_owner(desk: Desk) -> None:
    today, rep = company_today(), desk.people["rep"]
    order = desk.make("order", owner_id=rep, amount=77, promised_on=from_today(-3), ordered_on=from_today(-9))
    desk.do("operator", "order", "confirm", order)
    customer = desk.make("customer", name="Dock", owner_id=rep)
    contract = desk.make("contract", name="Crane", customer_id=customer, owner_id=rep, amount=100)
    for name, day in (("install", from_today(-2)), ("train", today), ("later", from_today(2))):
        desk.make("obligation", contract_id=contract, name=name, party="us", owner_id=rep, due_on=day)
    parts = looked(desk)
    rows = {(group, item.entity, item.name) for group, part in parts.items() for item in part.items}
    number = desk.row("order", order)["number"]
    waiting = {("overdue", "order", number), ("overdue", "obligation", "Crane · install")}
    found = {row for row in rows if row[1] in ("order", "obligation")}
    assert found == {*waiting, ("today", "obligation", "Crane · train")}
    (install,) = [item for item in parts["overdue"].items if item.name == "Crane · install"]
    assert (install.contract_id, install.customer_id) == (contract, customer), "it says whose it is and leads there"
    duty = desk.one("obligation", name="install")
    actor = desk.actor("rep")
    for _ in range(2):  # a second tap finds it done
        made = quick.complete_obligation(desk.store, actor, duty["id"], duty["version"], today)
    assert names(looked(desk))["overdue"].count("Crane · install") == 0
    quick.undo(desk.store, actor, made)
    assert desk.row("obligation", duty["id"])["done_on"] is None
    assert "Crane · install" in names(looked(desk))["overdue"]
    sign(desk, contract)
    desk.do("manager", "contract", "terminate", contract, why="The customer closed down.")
    assert not [name for group in names(looked(desk)).values() for name in group if name.startswith("Crane")]
    desk.make("shipment", order_id=order, shipped_on=from_today(-4), delivered_on=from_today(-3))
    assert desk.row("order", order)["number"] not in names(looked(desk))["overdue"]


def owing(desk: Desk, who: str, *due: int, signed: bool = True) -> str:
    """A contract of somebody with a payment of 30 due after so many days each."""
    customer = desk.make("customer", name=f"Debtor of {who}", owner_id=desk.people[who])
    contract = desk.make("contract", name="Crane", customer_id=customer, owner_id=desk.people[who], amount=100)
    for at, days in enumerate(due):
        desk.make("payment_plan", contract_id=contract, label=f"Part {at}", due_on=from_today(days), amount=30)
    if signed:
        sign(desk, contract)
    return contract


def test_planned_payments_wait_for_the_owner_of_the_signed_contract(desk: Desk) -> None:
    who = "helper"
    contract = owing(desk, who, -3, 0, 2)
    owing(desk, who, -3, signed=False)
    before = looked(desk, who, who)
    found = {group: [item for item in part.items if item.entity == "payment_plan"] for group, part in before.items()}
    assert [item.name for item in found["overdue"]] == ["Crane · Part 0"]
    assert [item.name for item in found["today"]] == ["Crane · Part 1"]
    (item,) = found["overdue"]
    assert (item.contract_id, item.due_on, item.amount) == (contract, from_today(-3), 30)
    customer = desk.row("contract", contract)["customer_id"]
    desk.make("payment", customer_id=customer, contract_id=contract, amount=12, paid_on=company_today())
    part = looked(desk, "manager", who)["overdue"]
    assert [item.amount for item in part.items if item.entity == "payment_plan"] == [18], "what is still missing"
    desk.make("payment", customer_id=customer, contract_id=contract, amount=18, paid_on=company_today())
    left = looked(desk, who, who).get("overdue")
    assert left is None or "payment_plan" not in {item.entity for item in left.items}
    assert looked(desk, "stranger", who) == {}
