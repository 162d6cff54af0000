"""Quick updates from Today, a page and anywhere: read from a note, with what a step lacks filled in on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import translate
from dashboard.ui.quick import clicks
from tests.department import Desk
from tests.selling import company_today, running, visiting


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread refreshes the numbers here, so nobody waits for it."""
    monkeypatch.setattr(clicks, "FRESH_SECONDS", 0.0)


def stage(desk: Desk, code: str) -> str:
    """The id of a stage."""
    return str(desk.one("stage", code=code)["id"])


def value(desk: Desk, list_name: str, code: str) -> str:
    """The id of a value of a list."""
    return str(desk.one("list_value", list=list_name, code=code)["id"])


def a_deal(desk: Desk, **values: Any) -> str:
    """An open deal of the rep that waits today."""
    given = {"amount": 1000, "next_step": "Call", "next_step_on": company_today() - dt.timedelta(days=1)} | values
    return desk.make("deal", owner_id=desk.people["rep"], **given)


def today_form(desk: Desk, deal: str) -> AppTest:
    """The form of a deal on Today."""
    at = visiting(desk, "rep", "today")
    more = [button for button in at.button if button.key == "today_more_overdue"]
    if not [button for button in at.button if button.key == f"today_open_{deal}"]:
        at = more[0].click().run()
    return at.button(key=f"today_open_{deal}").click().run()


def keyed(at: AppTest, kind: str, part: str) -> Any:
    """The input or button with this in its key."""
    return next(one for one in getattr(at, kind) if part in str(one.key))


def said(desk: Desk, deal: str) -> list[tuple[str, str]]:
    """Kind and words of what was noted about a deal."""
    found = desk.store.find(operator(), "interaction", [Condition("deal_id", Operator.EQ, deal)])
    return list(found.select("kind", "summary").iter_rows())


def text_of(at: AppTest) -> str:
    """Every text of the page."""
    return " ".join(str(part.value) for part in (*at.markdown, *at.error)).replace("\\", "")


def clean(at: AppTest) -> AppTest:
    """The run, once it is sure that nothing went wrong."""
    assert not at.exception
    assert not at.error, [error.value for error in at.error]
    return at


def test_a_pasted_note_fills_the_form_and_is_saved_when_it_was_looked_at(desk: Desk) -> None:
    deal = a_deal(desk)
    at = today_form(desk, deal)
    at.text_area(key=f"today_happened_{deal}").input("拜访了王总，对价格有顾虑，3天后给新报价，推进到方案报价")
    at = clean(at.button(key=f"today_read_{deal}").click().run())
    assert desk.version("deal", deal) == 1, "nothing is saved yet"
    soon = company_today() + dt.timedelta(days=3)
    assert at.text_area(key=f"today_happened_{deal}").value == "拜访了王总，对价格有顾虑"
    assert at.text_input(key=f"today_step_{deal}").value == "给新报价"
    assert at.date_input(key=f"today_day_{deal}").value == soon
    assert at.selectbox(key=f"today_stage_{deal}").value == f"advance:{stage(desk, 'proposal')}"
    clean(at.button(key=f"today_save_{deal}").click().run())
    row = desk.row("deal", deal)
    assert (row["next_step"], row["next_step_on"], row["stage_id"]) == ("给新报价", soon, stage(desk, "proposal"))
    assert said(desk, deal) == [("visit", "拜访了王总，对价格有顾虑")]


def test_losing_from_today_asks_the_rest_and_writes_all_of_it_at_once(desk: Desk) -> None:
    deal = a_deal(desk)
    at = today_form(desk, deal)
    at.text_area(key=f"today_happened_{deal}").input("They chose somebody else")
    at.selectbox(key=f"today_stage_{deal}").select(f"lose:{stage(desk, 'lost')}")
    at = clean(at.button(key=f"today_save_{deal}").click().run())
    assert desk.row("deal", deal)["stage_type"] == "open"
    keyed(at, "selectbox", "|lost_reason_id|").set_value(value(desk, "lost_reason", "other")).run()
    at = keyed(at, "button", "|do").click().run()
    assert translate("error.field.required", "zh") in text_of(at), "the competitor"
    keyed(at, "selectbox", "|competitor_id|").set_value(value(desk, "competitor", "unknown")).run()
    before = desk.store.revision
    at = clean(keyed(at, "button", "|do").click().run())
    row = desk.row("deal", deal)
    assert (row["stage_type"], row["close_note"]) == ("lost", "They chose somebody else")
    assert said(desk, deal) == [("other", "They chose somebody else")]
    assert desk.store.revision == before + 1, "one change-set"
    at.button(key=f"today_undo_deal_{before + 1}").click().run()
    assert desk.row("deal", deal)["stage_type"] == "open"
    assert not said(desk, deal)


def test_what_a_gate_lacks_is_shown_before_the_move_and_filled_in_there(desk: Desk) -> None:
    deal = a_deal(desk, amount=None)
    gate = stage(desk, "qualification")
    desk.do("admin", "stage", "update", gate, required_fields=["amount"], required_evidence=["demo", "products"])
    try:
        at = visiting(desk, "rep", "deals")
        at.query_params["id"] = deal
        at = at.run().button(key="deals_verb_advance").click().run()
        keyed(at, "selectbox", "|stage_id|").set_value(stage(desk, "proposal")).run()
        assert "需求确认：金额、一次产品演示、产品明细" in text_of(at)
        assert translate("gate.how.products", "zh") in text_of(at)
        at = keyed(at, "button", "|do").click().run()
        assert [error.value for error in at.error] == [
            translate("error.stage.gate", "zh", missing=["金额", "一次产品演示", "产品明细"])
        ]
        desk.make("deal_product", deal_id=deal)
        keyed(at, "text_input", "|amount|").input("12万").run()
        keyed(at, "text_area", "told demo").input("演示了新版本").run()
        clean(keyed(at, "button", "|do").click().run())
    finally:
        desk.do("admin", "stage", "update", gate, required_fields=[], required_evidence=[])
    row = desk.row("deal", deal)
    assert (row["stage_id"], row["amount"]) == (stage(desk, "proposal"), 120_000)
    assert said(desk, deal) == [("demo", "演示了新版本")]


@pytest.mark.parametrize("page", ["overview", "deals", "today"])
def test_any_deal_is_updated_from_any_page(desk: Desk, page: str) -> None:
    deal = a_deal(desk, name=f"From {page}", next_step_on=None)
    at = visiting(desk, "rep", page)
    at = clean(at.button(key="quick_anywhere").click().run())
    keyed(at, "selectbox", "quick_deal_").set_value(deal).run()
    at.text_input(key=f"quick_step_{deal}").input("Send the offer")
    clean(at.button(key=f"quick_save_{deal}").click().run())
    assert desk.row("deal", deal)["next_step"] == "Send the offer"


def test_a_deal_page_and_its_row_offer_the_update_and_whoever_only_reads_gets_none(desk: Desk) -> None:
    deal = a_deal(desk)
    at = visiting(desk, "rep", "deals")
    at.query_params["id"] = deal
    at = clean(at.run().button(key="deals_quick").click().run())
    at = at.button(key=f"quick_save_{deal}").click().run()
    assert [error.value for error in at.error] == [translate("error.quick.empty", "zh")], "the dialog stays open"
    for who in ("leader", "admin", "support"):
        at = visiting(desk, who, "overview")
        assert not [button for button in at.button if button.key == "quick_anywhere"]


def test_a_task_is_given_from_the_page_of_a_deal_and_a_win_proposes_the_contract(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"])
    deal = a_deal(desk, customer_id=customer)
    at = visiting(desk, "rep", "deals")
    at.query_params["id"] = deal
    at = clean(at.run().button(key="deals_task").click().run())
    do = keyed(at, "button", "|do")
    at = do.click().run()
    assert translate("error.field.required", "zh") in text_of(at), "a title"
    keyed(at, "text_input", "|title|").input("Measure the hall").run()
    clean(keyed(at, "button", "|do").click().run())
    task = desk.one("task", deal_id=deal)
    assert (task["title"], task["customer_id"], task["assignee_id"]) == (
        "Measure the hall",
        customer,
        desk.people["rep"],
    )
    assert not [button for button in at.button if button.key == "deals_draft"]
    desk.step("rep", "deal", "win", deal, amount=1000)
    assert [button for button in clean(at.run()).button if button.key == "deals_draft"]
    at = visiting(desk, "leader", "deals")
    at.query_params["id"] = deal
    assert not {"deals_draft", "deals_task", "deals_quick"} & {button.key for button in clean(at.run()).button}
    at = visiting(desk, "rep", "contracts")
    at.query_params["new"], at.query_params["deal_id"], at.query_params["customer_id"] = "1", deal, customer
    at = clean(at.run())
    assert keyed(at, "selectbox", "|deal_id|").value == deal
    desk.make("contract", deal_id=deal, customer_id=customer, owner_id=desk.people["rep"])
    at = visiting(desk, "rep", "deals")
    at.query_params["id"] = deal
    assert not [button for button in clean(at.run()).button if button.key == "deals_draft"]
