"""The deals as each role sees them: list, one deal, its form and verbs; what a browser may forge is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.labels import field_label
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.store import drafts
from dashboard.store.engine_duckdb import frame
from dashboard.ui.forms.layouts import FACTS
from dashboard.ui.lists import bulk, exporting, table
from tests import test_pages
from tests.builders import frame_of, moment_ago
from tests.department import Desk
from tests.selling import company_today, lost_reason, running, sell, visiting

PAGE = "deals"
OPEN = {"rep": {"Hoist"}, "manager": {"Hoist", "Rope"}, "leader": {"Hoist", "Rope"}, "admin": {"Hoist", "Rope"}}
"""The open deals within each role's reach."""


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department with its sales, served."""
    sell(shared_desk)
    with running(shared_desk):
        yield shared_desk


def at_deals(desk: Desk, who: str, language: Language = "zh", /, **said: str) -> AppTest:
    """The page with these parts in its address."""
    at = visiting(desk, who, PAGE, language)
    for name, value in said.items():
        at.query_params[name] = value
    return at.run()


def clean(at: AppTest) -> AppTest:
    """The run, once it is sure that nothing went wrong."""
    assert not at.error, [error.value for error in at.error]
    assert not at.exception
    return at


def refused(at: AppTest) -> list[str]:
    """What the page says went wrong."""
    assert not at.exception
    return [error.value for error in at.error]


def listed(at: AppTest) -> set[str]:
    """The names in the list."""
    return set(at.dataframe[0].value["name"]) if at.dataframe else set()


def deal(desk: Desk, name: str) -> str:
    """A deal by its name."""
    return str(desk.one("deal", name=name)["id"])


def fresh(desk: Desk, who: str = "rep", **values: Any) -> str:
    """A deal of one's own for a test that changes it."""
    return desk.make("deal", owner_id=desk.people[who], **{"name": f"Fresh {new_id()[-6:]}", "amount": 1000, **values})


def words(at: AppTest) -> str:
    """Every text of the page."""
    return " ".join(str(part.value) for part in (*at.markdown, *at.title, *at.subheader))


def labels(at: AppTest) -> list[str]:
    """The buttons, for a person's eyes."""
    return [button.label for button in at.button]


# -- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", OPEN)
def test_the_list_holds_the_open_deals_within_reach(desk: Desk, role: str, language: Language) -> None:
    assert OPEN[role] <= listed(clean(at_deals(desk, role, language)))
    assert not {"Anchor", "Crane"} & listed(at_deals(desk, role, language)), "these are won"


def test_a_rep_sees_no_colleagues_deal_however_the_address_asks(desk: Desk) -> None:
    for said in ({"stage_type": "all"}, {"stage_type": "all", "owner_id": desk.people["colleague"]}, {"q": "Rope"}):
        at = clean(at_deals(desk, "rep", **said))
        assert not {"Rope", "Winch", "Anchor"} & listed(at)
        assert "colleague" not in words(at) + " ".join(labels(at))


def test_the_numbers_above_the_list_are_those_of_its_rows(desk: Desk) -> None:
    values = [metric.value for metric in clean(at_deals(desk, "manager", q="Hoist")).metric]
    assert values == ["1", "¥6万", "¥3万", "0"]  # 60,000 in proposal, which is won in one of two


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"stage_type": "won"}, {"Crane", "Winch", "Anchor"}),
        ({"stage_type": "lost"}, {"Buoy"}),
        ({"stage_type": "all", "base_amount__gte": "80000"}, {"Crane", "Anchor"}),
        ({"stage_type": "all", "base_amount__lte": "40000", "q": "buo"}, {"Buoy"}),
        ({"q": "harbour <b>"}, {"Hoist", "Rope"}),
        ({"stage_type": "nonsense", "base_amount__gte": "much", "sort": "password", "page": "-3"}, {"Hoist", "Rope"}),
    ],
)
def test_the_address_narrows_the_list(desk: Desk, said: dict[str, str], names: set[str]) -> None:
    assert {name for name in listed(clean(at_deals(desk, "leader", **said))) if "Fresh" not in name} == names


def test_filters_stand_as_chips_in_words_and_a_click_takes_one_away(desk: Desk) -> None:
    owner = desk.people["colleague"]
    at = clean(at_deals(desk, "manager", owner_id=owner, base_amount__gte="15000", stage_type="all"))
    chips = [button for button in at.button if str(button.key).startswith("deals_chip_")]
    assert [re.sub(r"\\", "", chip.label) for chip in chips] == ["负责人：colleague", "本位币金额：15,000 起"]
    assert listed(at) == {"Rope", "Winch"}
    at.button(key="deals_chip_owner_id").click().run()
    assert "owner_id" not in at.query_params
    assert {"Crane", "Hoist"} <= listed(clean(at))


def test_archived_deals_are_found_on_request_only(desk: Desk) -> None:
    record = fresh(desk, name="Laid aside")
    desk.do("operator", "deal", "archive", record)
    assert "Laid aside" not in listed(at_deals(desk, "rep", stage_type="all"))
    assert listed(clean(at_deals(desk, "rep", stage_type="all", archived="1"))) == {"Laid aside"}


def test_a_list_longer_than_a_page_is_read_page_by_page(desk: Desk) -> None:
    rows = [{"id": new_id(), "name": f"Bolt {n:03}", "created_on": desk.row("deal", deal(desk, "Rope"))["created_on"],
             "owner_id": desk.people["helper"], "amount": Decimal(n)} for n in range(60)]  # fmt: skip
    desk.submit("operator", Change("deal", "create", frame_of("deal", *rows)))
    first = at_deals(desk, "helper", sort="-amount")
    assert len(clean(first).dataframe[0].value) == 50
    second = clean(at_deals(desk, "helper", sort="-amount", page="2"))
    assert sorted(listed(second)) == [f"Bolt {n:03}" for n in range(10)]


def test_columns_and_order_are_as_chosen(desk: Desk) -> None:
    at = clean(at_deals(desk, "leader", stage_type="won", columns="name,amount,nonsense", sort="-amount"))
    assert list(at.dataframe[0].value.columns) == ["link", "name", "amount"]
    assert clean(at_deals(desk, "leader")).dataframe[0].value["number"].iloc[0].startswith("/deals?id=")
    assert list(at.dataframe[0].value["amount"])[:2] == ["¥100,000.00", "¥80,000.00"]


def test_the_list_is_seen_as_of_a_past_day(desk: Desk) -> None:
    record = fresh(desk, "helper", name="Old name", amount=100, effective_at=moment_ago(days=10))
    desk.do("operator", "deal", "update", record, name="New name", amount=Decimal(70_000))
    day = (company_today() - dt.timedelta(days=3)).isoformat()
    now = clean(at_deals(desk, "helper", q="name"))
    assert (listed(now), now.metric[1].value) == ({"New name"}, "¥7万")
    then = clean(at_deals(desk, "helper", q="name", as_of=day))
    assert (listed(then), [metric.value for metric in then.metric][:2]) == ({"Old name"}, ["1", "¥100"])
    assert "deals_chip_as_of" in [button.key for button in then.button]
    then.button(key="deals_export_csv").click().run()
    assert [button.label for button in clean(then).get("download_button")] == ["下载 1 行"]
    for wrong in ("2999-01-01", "yesterday", company_today().isoformat()):
        assert listed(clean(at_deals(desk, "helper", q="name", as_of=wrong))) == {"New name"}


def board_of(at: AppTest) -> dict[str, Any]:
    """What the board is given to draw."""
    found = [part.proto for part in clean(at).main if "board" in str(getattr(part.proto, "component_name", ""))]
    return dict(json.loads(found[0].json))


def column_of(board: dict[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    """The column in which a deal is, and its card."""
    return next(
        (column["label"], card)
        for column in board["columns"]
        for card in column["cards"]
        if name in (card["name"], card["title"])
    )


def test_the_board_is_seen_as_of_a_past_day_and_nothing_can_be_moved_on_it(desk: Desk) -> None:
    then, day = moment_ago(days=40), (company_today() - dt.timedelta(days=3)).isoformat()
    values = {"created_on": then.date(), "next_step_on": company_today() - dt.timedelta(days=5)}
    record = fresh(desk, "helper", name="Slow one", amount=100, effective_at=then, **values)
    before = desk.row("deal", record)
    proposal = desk.one("stage", code="proposal")
    desk.do("operator", "deal", "advance", record, stage_id=proposal["id"])
    desk.do("operator", "deal", "update", record, amount=Decimal(70_000))
    now = board_of(at_deals(desk, "helper", view="board", q="Slow one"))
    label, card = column_of(now, "Slow one")
    assert (label, card["amount"], now["may_move"]) == (proposal["label_zh"], "¥7万", True)
    at = at_deals(desk, "helper", view="board", q="Slow one", as_of=day)
    past = board_of(at)
    label, card = column_of(past, "Slow one")
    assert label == desk.store.labels("stage", [before["stage_id"]], "zh")[before["stage_id"]]
    assert (card["amount"], card["days"], card["late"], past["may_move"]) == ("¥100", "37 天", True, False)
    assert next(column for column in past["columns"] if column["label"] == label)["count"] == "1"
    assert translate("list.as_of_day", "zh", day=company_today() - dt.timedelta(days=3)) in words(at)


@pytest.mark.parametrize("box", ["filters", "columns_box"])
def test_filters_and_columns_are_drawn_when_they_are_opened(desk: Desk, box: str) -> None:
    at = at_deals(desk, "rep")
    before = len(clean(at).multiselect)
    at.session_state[f"deals_{box}"] = True
    at.run()
    assert len(clean(at).multiselect) > before
    assert test_pages.untranslated(test_pages.said(at)) == set()
    if box == "columns_box":
        next(one for one in at.multiselect if "columns" in str(one.key)).set_value(["number", "name"]).run()
        assert clean(at).query_params["columns"] == "number,name"
    else:
        owner = next(one for one in at.multiselect if "owner_id" in str(one.key))
        owner.set_value([desk.people["rep"]]).run()
        assert clean(at).query_params["owner_id"] == desk.people["rep"]


def test_the_board_is_taken_out_as_it_is_shown(desk: Desk) -> None:
    fresh(desk, "helper", name="Board one", amount=100)
    record = fresh(desk, "helper", name="Board two", amount=100)
    assert desk.one("deal", id=record)
    at = clean(at_deals(desk, "helper", view="board", q="Board"))
    shown = [card for column in board_of(at)["columns"] for card in column["cards"]]
    at.button(key="deals_export_xlsx").click().run()
    assert [button.label for button in clean(at).get("download_button")] == [f"下载 {len(shown)} 行"]
    assert len(shown) == 2


def test_an_export_says_in_words_what_narrowed_it(desk: Desk) -> None:
    at = clean(at_deals(desk, "leader", stage_type="won", owner_id=desk.people["rep"], base_amount__gte="1000"))
    at.button(key="deals_export_csv").click().run()
    clean(at)
    with desk.store.reading() as cursor:
        noted = frame(cursor, "SELECT details FROM audit_entries ORDER BY sequence DESC LIMIT 1").item()
    assert "赢单; 负责人：rep; 本位币金额" in noted


def test_an_export_holds_what_is_shown(desk: Desk) -> None:
    at = clean(at_deals(desk, "rep", stage_type="lost"))
    at.button(key="deals_export_csv").click().run()
    assert [button.label for button in clean(at).get("download_button")] == ["下载 1 行"]
    assert exporting.one_file({"a.csv": b"1", "a.csv-metadata.json": b"2"})[0] == "a.zip"


# -- many deals together ----------------------------------------------------------------------------------------------


def ticked(desk: Desk, who: str, *names: str) -> AppTest:
    """The dialog for deals that somebody has ticked."""
    at = at_deals(desk, who)
    at.session_state["bulk_asked"] = bulk.Asking(tuple(deal(desk, name) for name in names), 1)
    return at.run()


def test_many_deals_are_changed_after_a_look_at_before_and_after(desk: Desk) -> None:
    both = [fresh(desk, name=name, next_step="Wait") for name in ("Cog", "Gear")]
    at = clean(ticked(desk, "manager", "Cog", "Gear"))
    assert [option.content for option in at.get("button_group")[-1].proto.options] == [
        "负责人",
        "阶段",
        "预计结单日期",
        "下一步",
    ]
    next(box for box in at.selectbox if "owner_id" in str(box.key)).set_value(desk.people["colleague"]).run()
    preview = clean(at).dataframe[-1].value
    assert [list(row) for row in preview.values] == [["Cog", "rep", "colleague"], ["Gear", "rep", "colleague"]]
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    clean(at)
    assert {desk.row("deal", record)["owner_id"] for record in both} == {desk.people["colleague"]}
    assert len({desk.row("deal", record)["revision"] for record in both}) == 1, "one change-set"


def test_a_rep_changes_many_next_steps_but_no_owner_and_no_foreign_deal(desk: Desk) -> None:
    mine = fresh(desk, name="Pin")
    at = clean(ticked(desk, "rep", "Pin", "Anchor"))
    assert [option.content for option in at.get("button_group")[-1].proto.options] == ["阶段", "预计结单日期", "下一步"]
    at.session_state["bulk|1|what"] = "next_step"
    at.run()
    next(box for box in at.text_input if "|next_step|" in str(box.key)).set_value("Call").run()
    assert list(clean(at).dataframe[-1].value.iloc[:, 0]) == ["Pin"]
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    clean(at)
    assert desk.row("deal", mine)["next_step"] == "Call"
    assert desk.one("deal", name="Anchor")["next_step"] is None


def button_of(at: AppTest, ending: str) -> Any:
    """A button of the dialog."""
    return next(button for button in at.button if str(button.key).endswith(ending))


def test_all_that_the_filter_finds_change_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "A_PAGE", 2)
    all_of_them = [fresh(desk, who, name=f"Tooth {n}") for n, who in enumerate(("rep", "rep", "colleague"))]
    other = fresh(desk, name="Else")
    at = clean(at_deals(desk, "manager", q="Tooth"))
    at.button(key="deals_bulk_all").click().run()
    next(box for box in at.selectbox if "owner_id" in str(box.key)).set_value(desk.people["helper"]).run()
    told = words(clean(at)).replace("\\", "")
    assert translate("bulk.moves", "zh", lost=["rep 2", "colleague 1"], gained="helper", n=3) in told
    button_of(at, "|do").click().run()
    clean(at)
    assert {desk.row("deal", record)["owner_id"] for record in all_of_them} == {desk.people["helper"]}
    assert len({desk.row("deal", record)["revision"] for record in all_of_them}) == 1, "one change-set"
    assert desk.row("deal", other)["owner_id"] == desk.people["rep"]


def test_what_changed_since_the_preview_is_told_and_nothing_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "A_PAGE", 1)
    both = [fresh(desk, name=f"Wheel {n}", created_on=company_today()) for n in range(2)]
    at = clean(at_deals(desk, "rep", q="Wheel"))
    at.button(key="deals_bulk_all").click().run()
    at.session_state["bulk|1|what"] = "next_step"
    at.run()
    next(box for box in at.text_input if "|next_step|" in str(box.key)).set_value("Call").run()
    desk.do("manager", "deal", "update", both[1], next_step="Write")
    button_of(at, "|do").click().run()
    assert [told.value for told in at.warning] == [translate("bulk.changed", "zh", n=1, names=["Wheel 1"])]
    assert [desk.row("deal", record)["next_step"] for record in both] == [None, "Write"]
    button_of(clean(at), "|do").click().run()
    clean(at)
    assert [desk.row("deal", record)["next_step"] for record in both] == ["Call", "Call"]


@pytest.mark.parametrize("role", ["leader", "admin"])
def test_who_may_change_no_deal_is_not_offered_all_of_them(
    desk: Desk, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "A_PAGE", 1)
    assert "deals_bulk_all" not in [button.key for button in clean(at_deals(desk, role)).button]


@pytest.mark.parametrize("selection", [{"rows": [99], "cells": []}, {"rows": [-1], "cells": [[-1, "name"]]}])
def test_rows_that_are_not_there_are_not_ticked(desk: Desk, selection: dict[str, Any]) -> None:
    at = at_deals(desk, "rep")
    at.session_state["deals_table_0"] = {"selection": {"columns": [], **selection}}
    at.run()
    assert "deals_bulk" not in [button.key for button in clean(at).button]


# -- saved views ------------------------------------------------------------------------------------------------------


def test_a_view_is_kept_opened_and_forgotten(desk: Desk) -> None:
    at = at_deals(desk, "rep", stage_type="lost", sort="-amount")
    at.text_input(key="deals_view_name").set_value("丢掉的")
    next(button for button in at.button if button.label == "保存当前视图").click().run()
    view = next(button for button in clean(at).button if button.label == "丢掉的")
    other = at_deals(desk, "rep")
    assert listed(other).isdisjoint({"Buoy"})
    other.button(key=view.key).click().run()
    assert listed(clean(other)) == {"Buoy"}
    assert "丢掉的" not in labels(at_deals(desk, "colleague")), "it is not shared"
    other.button(key=f"{view.key}_forget").click().run()
    assert "丢掉的" not in labels(clean(at_deals(desk, "rep")))


def test_a_manager_shares_a_view_with_the_team(desk: Desk) -> None:
    at = at_deals(desk, "manager", stage_type="won")
    at.text_input(key="deals_view_name").set_value("Ours")
    at.checkbox(key="deals_view_share").check()
    next(button for button in at.button if button.label == "保存当前视图").click().run()
    assert "Ours" in labels(clean(at_deals(desk, "rep")))
    assert "Ours" not in labels(clean(at_deals(desk, "stranger")))
    assert not [box for box in at_deals(desk, "rep").checkbox if box.key == "deals_view_share"]


# -- one deal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deal_shows_facts_path_and_history(desk: Desk, language: Language) -> None:
    at = clean(at_deals(desk, "rep", language, id=deal(desk, "Hoist")))
    assert "Hoist" in at.title[0].value
    assert "60,000" in words(at)
    basics = [f"[{field_label('deal', name, language)}]" for name in FACTS["deal"][0].fields]
    told = next(one.value for one in at.markdown if basics[0] in one.value)
    places = [told.index(name) for name in basics]
    assert places == sorted(places), "the facts of a group are one text, read in their order on a phone too"
    history = at.dataframe[-1].value
    assert translate("detail.history", language) in [tab.label for tab in at.tabs]
    assert "Hoist" in list(history["after"])
    stages = {"zh": ["方案报价", "需求确认"], "en": ["Proposal", "Qualification"]}[language]
    assert [value for value in history["after"] if value in stages] == stages, "the latest first"


def test_a_won_deal_shows_whose_credit_it_is(desk: Desk) -> None:
    at = clean(at_deals(desk, "rep", id=deal(desk, "Crane")))
    credit = at.dataframe[0].value
    assert [list(row) for row in credit.values] == [["rep", "100.0%", "¥100,000.00"]]
    assert translate("entity.deal_credit.many", "zh") in words(at)
    products = translate("entity.deal_product.many", "zh")
    assert products in words(at), "there are none, but the rep may add some"
    assert products not in words(clean(at_deals(desk, "leader", id=deal(desk, "Crane"))))


@pytest.mark.parametrize("forged", ["stranger", "unknown", "<script>"])
def test_a_deal_out_of_reach_is_not_there(desk: Desk, forged: str) -> None:
    record = {"stranger": deal(desk, "Anchor"), "unknown": new_id()}.get(forged, forged)
    for said in ({"id": record}, {"id": record, "edit": "1"}):
        at = at_deals(desk, "rep", **said)
        assert refused(at) == [translate("error.record.not_found", "zh")]
        assert "Anchor" not in words(at)
        at.button(key="deals_back_from_nothing").click().run()
        assert listed(clean(at)), "back on the list"


@pytest.mark.parametrize("role", ["leader", "admin"])
def test_whoever_only_reads_is_offered_nothing_to_do(desk: Desk, role: str) -> None:
    record = deal(desk, "Hoist")
    at = clean(at_deals(desk, role, id=record))
    assert not [button for button in at.button if "_verb_" in str(button.key)]
    assert refused(at_deals(desk, role, id=record, edit="1")) == [translate("error.access.forbidden", "zh")]
    assert refused(at_deals(desk, role, new="1")) == [translate("error.access.forbidden", "zh")]


def test_an_administrator_who_looks_through_a_reps_eyes_only_looks(desk: Desk) -> None:
    record = deal(desk, "Hoist")
    for said in ({}, {"id": record}):
        at = visiting(desk, "admin", PAGE)
        at.session_state["viewing_as"] = desk.people["rep"]
        for name, value in said.items():
            at.query_params[name] = value
        keys = [str(button.key) for button in clean(at.run()).button]
        assert "deals_new" not in keys
        assert not [key for key in keys if "_verb_" in key]
        assert "Rope" not in str([table.value for table in at.dataframe]) + words(at)
    for said in ({"id": record, "edit": "1"}, {"new": "1"}):
        at = visiting(desk, "admin", PAGE)
        at.session_state["viewing_as"] = desk.people["rep"]
        for name, value in said.items():
            at.query_params[name] = value
        assert refused(at.run()) == [translate("error.access.forbidden", "zh")]


def test_support_has_no_deals(desk: Desk) -> None:
    at = at_deals(desk, "support", id=deal(desk, "Hoist"))
    assert refused(at) == [translate("error.access.forbidden", "zh")]
    assert "Hoist" not in words(at)


def test_impossible_verbs_say_why_and_forbidden_ones_are_absent(desk: Desk) -> None:
    at = clean(at_deals(desk, "rep", id=deal(desk, "Crane")))
    verbs = {str(button.key).rpartition("_")[2]: button for button in at.button if "_verb_" in str(button.key)}
    assert set(verbs) == {"update", "log", "advance", "win", "lose", "reopen"}, "a rep neither assigns nor archives"
    assert {name for name, button in verbs.items() if button.disabled} == {"advance", "win", "lose"}
    assert verbs["win"].help == translate(
        "error.verb.not_allowed", "zh", verb="赢单", state="赢单", allowed=["重新打开商机"]
    )


def test_losing_asks_for_the_reason_and_then_does_it(desk: Desk) -> None:
    record = fresh(desk)
    at = at_deals(desk, "rep", id=record)
    at.button(key="deals_verb_lose").click().run()
    do = next(button for button in at.button if str(button.key).endswith("|do"))
    do.click().run()
    assert translate("error.field.required", "zh") in words(clean(at)).replace("\\", "")
    reason = next(box for box in at.selectbox if "lost_reason_id" in str(box.key))
    reason.set_value(lost_reason(desk)).run()
    rival = next(box for box in at.selectbox if "competitor_id" in str(box.key))
    rival.set_value(desk.one("list_value", list="competitor", code="none")["id"]).run()
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    clean(at)
    assert desk.row("deal", record)["stage_type"] == "lost"
    assert desk.row("deal", record)["lost_reason_id"] == lost_reason(desk)


def test_a_verb_that_came_second_shows_what_changed_and_goes_on_from_there(desk: Desk) -> None:
    record = fresh(desk, next_step="Call")
    at = at_deals(desk, "rep", id=record)
    at.button(key="deals_verb_lose").click().run()
    reason = next(box for box in at.selectbox if "lost_reason_id" in str(box.key))
    reason.set_value(lost_reason(desk)).run()
    rival = next(box for box in at.selectbox if "competitor_id" in str(box.key))
    rival.set_value(desk.one("list_value", list="competitor", code="none")["id"]).run()
    desk.do("manager", "deal", "update", record, next_step="Visit")
    button_of(at, "|do").click().run()
    assert [notice.value for notice in clean(at).warning] == [translate("detail.stale", "zh")]
    said = words(at).replace("\\", "")
    step = field_label("deal", "next_step", "zh")
    assert translate("detail.changed_meanwhile", "zh", field=step, before="Call", now="Visit") in said
    assert desk.row("deal", record)["stage_type"] == "open"
    button_of(at, "|do").click().run()
    clean(at)
    row = desk.row("deal", record)
    assert (row["stage_type"], row["lost_reason_id"], row["next_step"]) == ("lost", lost_reason(desk), "Visit")


def test_reopening_asks_why(desk: Desk) -> None:
    record = fresh(desk)
    desk.do("operator", "deal", "win", record)
    at = at_deals(desk, "rep", id=record)
    at.button(key="deals_verb_reopen").click().run()
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    assert refused(at) == [translate("error.verb.needs_why", "zh")]
    next(area for area in at.text_area if str(area.key).endswith("|why")).set_value("客户又来了").run()
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    clean(at)
    assert desk.row("deal", record)["stage_type"] == "open"
    assert "客户又来了" in words(at_deals(desk, "rep", id=record))


# -- the form ---------------------------------------------------------------------------------------------------------


def field(at: AppTest, name: str) -> Any:
    """An input of the form."""
    found = [box for kind in (at.text_input, at.selectbox, at.date_input) for box in kind]
    return next(box for box in found if f"|{name}|" in str(box.key) and "search" not in str(box.key))


def typed(desk: Desk, form: str, **values: Any) -> None:
    """What a browser of the rep sent into a form."""
    drafts.keep(desk.store, desk.actor("rep"), form, {"id": new_id(), "values": values})


def press(at: AppTest, what: str) -> AppTest:
    """One of the form's buttons."""
    return next(button for button in at.button if str(button.key).endswith(f"|{what}")).click().run()


def test_a_deal_is_edited(desk: Desk) -> None:
    record = fresh(desk)
    at = at_deals(desk, "rep", id=record, edit="1")
    field(at, "amount").set_value("12万").run()
    field(at, "probability").set_value("35").run()
    press(at, "save")
    row = desk.row("deal", record)
    assert (row["amount"], row["probability"]) == (Decimal(120_000), Decimal("0.35"))
    assert "edit" not in at.query_params
    assert "120,000" in words(clean(at))


@pytest.mark.parametrize(("language", "says"), [("zh", "不是金额"), ("en", "is not an amount")])
def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_lost(desk: Desk, language: Language, says: str) -> None:
    record = fresh(desk)
    at = at_deals(desk, "rep", language, id=record, edit="1")
    field(at, "amount").set_value("a lot").run()
    field(at, "next_step").set_value("Ring twice").run()
    press(at, "save")
    assert len(refused(at)) == 1
    assert says in words(at)
    assert (field(at, "amount").value, field(at, "next_step").value) == ("a lot", "Ring twice")
    assert desk.row("deal", record)["next_step"] is None


def test_a_required_field_that_is_emptied_is_refused_by_the_store(desk: Desk) -> None:
    record = fresh(desk, name="Named")
    at = at_deals(desk, "rep", id=record, edit="1")
    field(at, "name").set_value("  ").run()
    press(at, "save")
    assert translate("error.field.required", "zh") in words(at)
    assert desk.row("deal", record)["name"] == "Named"


def test_a_forged_reference_is_neither_named_nor_saved(desk: Desk) -> None:
    record = fresh(desk)
    theirs = desk.make("customer", name="Secret Works", owner_id=desk.people["stranger"])
    typed(desk, f"deal:{record}", customer_id=theirs)
    at = at_deals(desk, "rep", id=record, edit="1")
    press(at, "save")
    assert translate("error.reference.not_found", "zh") in words(at)
    assert "Secret" not in str([box.options for box in at.selectbox]) + words(at)
    assert desk.row("deal", record)["customer_id"] is None


def test_a_rep_is_not_asked_for_the_owner_of_a_deal(desk: Desk) -> None:
    at = at_deals(desk, "rep", id=fresh(desk), edit="1")
    assert not [box for box in at.selectbox if "|owner_id|" in str(box.key)]
    manager = clean(at_deals(desk, "manager", id=fresh(desk), edit="1"))
    assert set(field(manager, "owner_id").options) >= {"rep", "colleague"}
    assert "stranger" not in field(manager, "owner_id").options


def test_what_was_typed_survives_a_new_session_and_goes_when_saved(desk: Desk) -> None:
    record = fresh(desk)
    at = at_deals(desk, "rep", id=record, edit="1")
    field(at, "next_step").set_value("Half a tho").run()
    again = clean(at_deals(desk, "rep", id=record, edit="1"))
    assert field(again, "next_step").value == "Half a tho"
    assert any("恢复" in info.value for info in again.info)
    assert field(clean(at_deals(desk, "manager", id=record, edit="1")), "next_step").value == "", "a draft is private"
    press(again, "save")
    assert desk.row("deal", record)["next_step"] == "Half a tho"
    assert drafts.read(desk.store, desk.actor("rep"), f"deal:{record}") is None


def test_a_draft_can_be_thrown_away(desk: Desk) -> None:
    record = fresh(desk)
    at = at_deals(desk, "rep", id=record, edit="1")
    field(at, "next_step").set_value("Never mind").run()
    press(at, "discard")
    again = clean(at_deals(desk, "rep", id=record, edit="1"))
    assert field(again, "next_step").value == ""
    assert not again.info


def test_two_versions_are_shown_side_by_side_and_the_choice_is_saved(desk: Desk) -> None:
    record = fresh(desk, next_step="At first", amount=1000)
    at = at_deals(desk, "rep", id=record, edit="1")
    field(at, "next_step").set_value("Mine").run()
    field(at, "amount").set_value("3000").run()
    desk.do("manager", "deal", "update", record, next_step="Theirs", amount=Decimal(2000), currency="CNY",
            expected_close_on=desk.row("deal", record)["created_on"])  # fmt: skip
    press(at, "save")
    assert desk.row("deal", record)["next_step"] == "Theirs", "nothing is overwritten"
    shown = words(clean(at)).replace("\\", "")
    assert "Theirs" in shown
    assert "Mine" in shown
    assert "manager" in at.warning[0].value
    picks = {str(box.key).split("|")[2]: box for box in at.get("button_group") if "|pick|" in str(box.key)}
    assert set(picks) == {"next_step", "amount"}
    at.session_state[picks["next_step"].key] = "theirs"
    press(at.run(), "conflict_save")
    clean(at)
    row = desk.row("deal", record)
    assert (row["next_step"], row["amount"]) == ("Theirs", Decimal(3000))
    assert row["expected_close_on"] == row["created_on"], "what only the other changed stays"


def test_a_new_deal_is_made_once_however_often_it_is_submitted(desk: Desk) -> None:
    at = clean(at_deals(desk, "rep", new="1"))
    field(at, "name").set_value("Twice").run()
    form = at.session_state["form deal:new"]
    press(at, "save")
    made = desk.one("deal", name="Twice")
    assert (made["id"], made["owner_id"], made["stage_type"]) == (form.record_id, desk.people["rep"], "open")
    assert at.query_params["id"] == [made["id"]] or at.query_params["id"] == made["id"]
    again = at_deals(desk, "rep", new="1")
    field(again, "name").set_value("Twice").run()
    again.session_state["form deal:new"].record_id = made["id"]
    press(again, "save")
    assert desk.one("deal", name="Twice")["version"] == made["version"]


def test_a_new_deal_begins_in_an_open_stage(desk: Desk) -> None:
    offered = field(clean(at_deals(desk, "rep", new="1")), "stage_id").options
    assert offered == ["初步接洽", "需求确认", "方案报价", "商务谈判"]
    won = next(row["id"] for row in desk.store.reference("stage").to_dicts() if row["type"] == "won")
    typed(desk, "deal:new", name="Born won", stage_id=won)
    at = press(at_deals(desk, "rep", new="1"), "save")
    assert not desk.store.find(desk.actor("operator"), "deal", [Condition("name", Operator.EQ, "Born won")]).height
    press(at, "discard")


def test_names_are_shown_as_they_are_and_never_read_as_markup(desk: Desk) -> None:
    record = fresh(desk, name="![x](http://evil/) **Bold** <b>")
    for said in ({"id": record}, {"id": record, "edit": "1"}):
        title = clean(at_deals(desk, "rep", **said)).title[0].value
        assert "\\[x\\]" in title
        assert "\\*\\*Bold" in title


def test_a_deal_for_somebody_else_is_refused(desk: Desk) -> None:
    typed(desk, "deal:new", name="Foisted", owner_id=desk.people["stranger"])
    at = at_deals(desk, "rep", new="1")
    press(at, "save")
    assert refused(at)
    assert "stranger" not in words(at) + str([box.options for box in at.selectbox])
    assert not [row for row in desk.store.find(desk.actor("operator"), "deal")["name"] if row == "Foisted"]


def test_the_numbers_above_the_list_say_what_they_are_of_when_and_whose(desk: Desk) -> None:
    at = at_deals(desk, "rep")
    for metric in at.metric:
        said = metric.proto.help.replace("\\", "")
        assert "时间范围：截至" in said
        assert "数据范围：本人" in said
    assert f"样本数：{at.metric[0].value}" in at.metric[1].proto.help.replace("\\", "")
