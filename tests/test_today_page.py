"""The page Today: what waits, updated and taken back in place, in both languages, and only for whom it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.sitemap import offered
from dashboard.ui.quick import clicks as updates
from dashboard.ui.today import clicks
from tests.department import Desk, open_copy
from tests.selling import ROLES, lost_reason, running, set_targets, visiting
from tests.test_pages import said
from tests.waiting import EXPECTED, from_today, make_work

FOR = ("rep", "manager")


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department with its work and targets, served."""
    make_work(shared_desk)
    set_targets(shared_desk)
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread refreshes the numbers here, so nobody waits for it."""
    monkeypatch.setattr(updates, "FRESH_SECONDS", 0.0)


def texts(at: AppTest) -> str:
    """Everything on the page, without the marks of Markdown."""
    return " ".join(said(at)).replace("\\", "")


def opened(at: AppTest, deal: str) -> AppTest:
    """The page with the form of a deal."""
    return at.button(key=f"today_open_{deal}").click().run()


def a_deal(desk: Desk, name: str, who: str = "rep", **values: Any) -> str:
    """A deal that is overdue for longer than all others, so that it stands first."""
    given = {"owner_id": desk.people[who], "amount": 10_000, "next_step": "Call", "next_step_on": from_today(-9)}
    return desk.make("deal", name=name, **{**given, **values})


def test_whoever_looks_through_anothers_eyes_is_offered_no_change(desk: Desk) -> None:
    a_deal(desk, "Looked at")
    at = visiting(desk, "admin", "today", "zh")
    at.session_state["viewing_as"] = desk.people["rep"]
    at.run()
    assert "Looked at" in texts(at)
    changing = ("today_open_", "today_complete_", "today_snooze_")
    assert not [one.key for one in at.button if str(one.key).startswith(changing)]
    assert translate("today.no_target", "zh") not in texts(at), "whoever may not read targets knows of none"


def test_it_is_for_those_who_update_deals(desk: Desk) -> None:
    pages = {role: [entry.slug for entry in offered(desk.actor(role))] for role in ROLES}
    assert [role for role, slugs in pages.items() if "today" in slugs] == list(FOR)
    for role in set(ROLES) - {*FOR}:
        at = visiting(desk, role, "today")
        assert [error.value for error in at.error] == [translate("error.access.forbidden", "zh")]
        assert "Harbour" not in texts(at)


def test_a_rep_lands_on_it(desk: Desk) -> None:
    at = visiting(desk, "rep")
    assert [title.value for title in at.title] == [translate("page.today.title", "zh")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_waits_is_listed_with_the_reason(desk: Desk, language: Language) -> None:
    at = visiting(desk, "rep", "today", language)
    assert not at.error
    shown = texts(at)
    for group, names in EXPECTED.items():
        assert translate(f"today.group.{group}", language) in shown
        assert all(name in shown for name in names)
    assert (
        translate("today.why.step", language, why=translate("today.why.overdue", language, days=2), step="Call")
        in shown
    )
    assert "Busy deal" not in shown
    assert not {"Colleague deal", "Stranger deal"} & set(re.findall(r"\w+ deal", shown))
    assert not re.search(r"\b(today|choice|field|common|entity)\.\w+", shown)


def test_a_chinese_page_has_no_english_words(desk: Desk) -> None:
    names = {word for group in EXPECTED.values() for name in group for word in name.split()}
    steps = {"Harbour", "Works", "Call", "Visit", "Wait", "Meet", "rep", "manager", "colleague", "head", "helper"}
    known = {*names, *steps, "CNY", "SalesDesk", "English", "north", "XLSX", "CSV"}
    for role in FOR:
        at = visiting(desk, role, "today")
        bare = re.sub(r":material/\w+:|:small|:gray|:red|:orange|<style>.*?</style>|<[^>]*>|&\w+;", " ", texts(at))
        assert set(re.findall(r"[A-Za-z][A-Za-z_]{2,}", bare.split("document.")[0])) - known <= set()


def test_the_own_attainment_stands_below_the_greeting(desk: Desk) -> None:
    at = visiting(desk, "rep", "today")
    bar = at.get("progress")[0].proto
    assert (bar.value, "¥20万" in bar.text.replace("\\", "")) == (0, True)


def test_a_quick_update_is_saved_and_taken_back(desk: Desk) -> None:
    deal = a_deal(desk, "Quick one")
    at = opened(visiting(desk, "rep", "today"), deal)
    at.text_area(key=clicks.slot(deal, "happened")).input("They agreed")
    at.text_input(key=clicks.slot(deal, "step")).input("Offer")
    at.date_input(key=clicks.slot(deal, "day")).set_value(from_today(4))
    at.button(key=f"today_save_{deal}").click().run()
    row = desk.row("deal", deal)
    assert (row["next_step"], row["next_step_on"]) == ("Offer", from_today(4))
    assert translate("today.quick.done", "zh", kind="商机", name="Quick one") in texts(at)
    assert not at.text_area, "the form is closed"
    noted = desk.store.find(operator(), "interaction", [Condition("deal_id", Operator.EQ, deal)])
    assert noted["summary"].to_list() == ["They agreed"]
    at.button(key=f"today_undo_deal_{desk.store.revision}").click().run()
    row = desk.row("deal", deal)
    assert (row["next_step"], row["next_step_on"]) == ("Call", from_today(-9))
    assert desk.store.find(operator(), "interaction", [Condition("deal_id", Operator.EQ, deal)]).is_empty()
    assert not [button for button in at.button if (button.key or "").startswith("today_undo")]


def test_the_stage_is_the_third_field_and_a_win_counts_at_once(desk: Desk) -> None:
    deal = a_deal(desk, "Nearly won", who="colleague", amount=25_000)
    at = opened(visiting(desk, "colleague", "today"), deal)
    stage = at.selectbox(key=clicks.slot(deal, "stage"))
    assert stage.options[-2:] == ["赢单", "输单"]
    stage.select(f"win:{desk.one('stage', code='won')['id']}")
    at.button(key=f"today_save_{deal}").click().run()
    assert desk.row("deal", deal)["stage_type"] == "won"
    jobs.current().refresh("write")
    at.run()
    assert at.get("progress")[0].proto.value == 50  # 25,000 of 50,000
    desk.do("operator", "deal", "reopen", deal, why="as it was", stage_id=desk.refs["stage"])
    desk.do("operator", "deal", "lose", deal, lost_reason_id=lost_reason(desk))


def test_a_form_that_was_saved_is_closed_and_opens_empty(desk: Desk) -> None:
    deal = a_deal(desk, "Said twice")
    at = opened(visiting(desk, "rep", "today"), deal)
    for words in ("First", "Second"):
        assert at.text_area(key=clicks.slot(deal, "happened")).value == ""
        at.text_area(key=clicks.slot(deal, "happened")).input(words)
        at.button(key=f"today_save_{deal}").click().run()
        assert not at.text_area, "the form is closed"
        at = opened(at, deal)
    noted = desk.store.find(operator(), "interaction", [Condition("deal_id", Operator.EQ, deal)])
    assert sorted(noted["summary"]) == ["First", "Second"]


def test_what_somebody_else_changed_meanwhile_is_shown_beside_what_was_entered(desk: Desk) -> None:
    deal = a_deal(desk, "Contested")
    at = opened(visiting(desk, "rep", "today"), deal)
    desk.do("manager", "deal", "update", deal, next_step="Theirs")
    at.text_input(key=clicks.slot(deal, "step")).input("Mine")
    at.button(key=f"today_save_{deal}").click().run()
    assert desk.row("deal", deal)["next_step"] == "Theirs"
    label = translate("field.common.next_step", "zh")
    beside = translate("today.quick.beside", "zh", field=label, mine="Mine", theirs="Theirs")
    assert beside in at.error[0].value
    assert at.text_input(key=clicks.slot(deal, "step")).value == "Mine", "what was entered is kept"
    at.button(key=f"today_save_{deal}").click().run()
    assert desk.row("deal", deal)["next_step"] == "Mine"


def test_an_undo_that_comes_too_late_says_so(desk: Desk) -> None:
    deal = a_deal(desk, "Too late")
    at = opened(visiting(desk, "rep", "today"), deal)
    at.text_input(key=clicks.slot(deal, "step")).input("Offer")
    at.button(key=f"today_save_{deal}").click().run()
    revision = desk.store.revision
    desk.do("manager", "deal", "update", deal, amount=3)
    at.button(key=f"today_undo_deal_{revision}").click().run()
    assert at.error[0].value == translate("error.quick.changed_since", "zh")
    assert desk.row("deal", deal)["next_step"] == "Offer"


def test_a_form_without_anything_says_what_to_fill_in(desk: Desk) -> None:
    deal = a_deal(desk, "Empty form")
    at = opened(visiting(desk, "rep", "today"), deal)
    at.button(key=f"today_save_{deal}").click().run()
    assert at.error[0].value == translate("error.quick.empty", "zh")
    assert at.text_area, "the form stays open"


def test_a_task_is_completed_with_one_tap(desk: Desk) -> None:
    task = desk.make("task", title="One tap", assignee_id=desk.people["rep"], due_on=from_today(-9))
    at = visiting(desk, "rep", "today").button(key=f"today_complete_{task}").click().run()
    assert desk.row("task", task)["status"] == "done"
    at.button(key=f"today_undo_task_{desk.store.revision}").click().run()
    assert desk.row("task", task)["status"] == "open"
    desk.do("operator", "task", "complete", task, done_on=from_today(0))


def test_a_person_whose_session_ended_writes_nothing(desk: Desk) -> None:
    deal = a_deal(desk, "No session", who="other_manager")
    at = opened(visiting(desk, "other_manager", "today"), deal)
    at.text_area(key=clicks.slot(deal, "happened")).input("They agreed")
    before = desk.version("deal", deal)
    desk.store.logins.set_password(operator(), desk.people["other_manager"], "anything")  # ends every session
    revision = desk.store.revision
    at.button(key=f"today_save_{deal}").click().run()
    assert (desk.version("deal", deal), desk.store.revision) == (before, revision)
    assert at.text_input, "the login page"


def test_a_manager_looks_at_a_person_below_and_at_nobody_else(desk: Desk) -> None:
    at = visiting(desk, "manager", "today")
    assert "Late deal" not in texts(at)
    at.selectbox(key="person_zh").select(desk.people["rep"]).run()
    assert "Late deal" in texts(at)
    assert at.query_params["person"] in (desk.people["rep"], [desk.people["rep"]])
    labels = set(at.selectbox(key="person_zh").options)
    assert "stranger" not in labels
    shown = [foreign(desk, person) for person in (desk.people["stranger"], "01a00000-0000-7000-8000-000000000000")]
    assert shown[0] == shown[1]
    assert "Stranger deal" not in shown[0]


def foreign(desk: Desk, person: str) -> str:
    """What a manager sees who opens the address of somebody's day."""
    at = visiting(desk, "manager", "today")
    at.query_params["person"] = person
    at.run()
    assert "person" not in at.query_params
    return texts(at)


def test_a_rep_is_not_asked_whose_day_it_is(desk: Desk) -> None:
    at = visiting(desk, "rep", "today")
    at.query_params["person"] = desk.people["colleague"]
    at.run()
    assert "Colleague deal" not in texts(at)
    assert "person_zh" not in at.session_state


def test_the_largest_weighted_deals_close_the_gap(desk: Desk) -> None:
    for name, amount, odds in (("Small but sure", 40_000, 0.9), ("Large but unsure", 60_000, 0.1)):
        values = {"expected_close_on": from_today(0), "probability": odds, "next_step_on": from_today(9)}
        desk.make("deal", name=name, owner_id=desk.people["rep"], amount=amount, **values)
    shown = texts(visiting(desk, "rep", "today"))
    assert shown.index("Small but sure") < shown.index("Large but unsure")
    assert translate("today.gap.closers", "zh", n=2, amount="¥4.2万") in shown


def test_a_long_group_shows_more_when_asked(desk: Desk) -> None:
    for at in range(12):
        desk.make("deal", name=f"Many {at:02}", owner_id=desk.people["helper"], next_step_on=from_today(-20 + at))
    page = visiting(desk, "manager", "today")
    page.selectbox(key="person_zh").select(desk.people["helper"]).run()
    assert "Many 07" in texts(page)
    assert "Many 08" not in texts(page)
    page.button(key="today_more_overdue").click().run()
    assert "Many 11" in texts(page)


def test_an_empty_day_and_a_first_day_are_a_sentence_and_a_button(template: Any, tmp_path: Any) -> None:
    kept = jobs.Running.desk
    empty = open_copy(template, tmp_path)
    try:
        with running(empty):
            at = visiting(empty, "rep", "today")
            assert not at.error
            assert translate("today.empty.first_day", "zh") in texts(at)
            assert translate("today.no_target", "zh") in texts(at)
            assert [button.label for button in at.main.button] == [
                translate(f"today.{word}", "zh") for word in ("see_overview", "empty.new_deal")
            ]
            empty.make("deal", owner_id=empty.people["rep"], next_step_on=from_today(9))
            assert translate("today.empty.nothing_due", "zh") in texts(visiting(empty, "rep", "today"))
    finally:
        empty.store.close()
        jobs.Running.desk = kept
