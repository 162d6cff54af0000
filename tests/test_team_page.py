"""What Team says about what is still open: weighted pipeline by stage, cover, workload, the way to a person's day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions.workload import late_steps, workload
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.ui import records
from dashboard.ui.filters import Standpoint
from dashboard.ui.team import still_open
from tests.department import Desk
from tests.selling import company_today, running, sell, this_quarter, visiting
from tests.test_pages import said
from tests.waiting import from_today


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department with its sales and some tasks, served."""
    sell(shared_desk)
    for who, hours, days in (
        ("rep", 6, -1),
        ("rep", None, 3),
        ("rep", 50, 7),
        ("colleague", 30, 6),
        ("stranger", 9, 0),
    ):
        shared_desk.make("task", assignee_id=shared_desk.people[who], effort_hours=hours, due_on=from_today(days))
    done = shared_desk.make("task", assignee_id=shared_desk.people["rep"], effort_hours=90, due_on=from_today(0))
    shared_desk.do("operator", "task", "complete", done, done_on=company_today())
    for who, capacity in (("rep", 40), ("colleague", 20)):
        shared_desk.do("operator", "person", "update", shared_desk.people[who], weekly_capacity_hours=capacity)
    step = {"next_step": "Call", "next_step_on": from_today(-1)}
    for entity, who in (("lead", "rep"), ("lead", "rep"), ("customer", "rep"), ("contract", "colleague")):
        shared_desk.make(entity, owner_id=shared_desk.people[who], **step)
    shared_desk.make("lead", owner_id=shared_desk.people["rep"], next_step="Call", next_step_on=from_today(0))
    shared_desk.make("lead", owner_id=shared_desk.people["stranger"], **step)
    for name in ("Hoist", "Buoy"):  # the second one is lost
        shared_desk.do("operator", "deal", "update", shared_desk.one("deal", name=name)["id"], **step)
    with running(shared_desk):
        yield shared_desk


def hours(desk: Desk, who: str, *teams: str) -> dict[str, tuple[float, float | None, int, int]]:
    """By name: hours due, capacity, tasks, deals."""
    found = workload(desk.store, desk.actor(who), company_today(), [desk.teams[team] for team in teams])
    names = {key: name for name, key in desk.people.items()}
    return {names[person]: rest for person, *rest in found.rows()}  # type: ignore[misc]


def test_the_workload_is_what_is_due_within_a_week(desk: Desk) -> None:
    assert hours(desk, "manager") == {"rep": [7.0, 40.0, 2, 1], "colleague": [30.0, 20.0, 1, 1]}


def test_the_workload_is_that_of_the_people_in_scope(desk: Desk) -> None:
    assert set(hours(desk, "head")) == {"rep", "colleague", "stranger"}
    assert set(hours(desk, "leader")) == {"rep", "colleague", "stranger"}
    assert set(hours(desk, "leader", "south")) == {"stranger"}
    assert set(hours(desk, "other_manager")) == {"stranger"}
    assert set(hours(desk, "rep")) == {"rep"}
    assert hours(desk, "support") == {}


def chart(at: AppTest, key: str) -> dict[str, Any]:
    """The bars of a chart, as the page draws them."""
    found = [element.proto for element in at.get("plotly_chart") if f"-{key}_" in element.proto.id]
    assert len(found) == 1, [element.proto.id for element in at.get("plotly_chart")]
    traces = json.loads(found[0].spec)["data"]
    return next(trace for trace in traces if trace["type"] == "bar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_open_stands_on_the_page_of_a_manager(desk: Desk, language: Language) -> None:
    at = visiting(desk, "manager", "team", language)
    assert not at.error
    titles = [title.value for title in at.subheader]
    for name in ("weighted", "cover", "workload"):
        assert any(title.startswith(translate(f"chart.{name}.title", language)) for title in titles)
    people = {desk.people["rep"], desk.people["colleague"]}
    assert set(chart(at, "team_workload")["customdata"]) == people
    assert chart(at, "team_cover")["customdata"] == [desk.people["rep"]]  # the colleague reached the target
    stages = desk.store.labels("stage", chart(at, "team_weighted")["customdata"], "en")
    assert list(stages.values()) == ["Prospecting", "Proposal"]


def test_a_click_on_a_persons_bar_opens_that_persons_day(desk: Desk) -> None:
    at = visiting(desk, "manager", "team")
    at.session_state["team_day_wanted"] = desk.people["rep"]
    at.run()
    assert [title.value for title in at.title] == [translate("page.today.title", "zh")]
    assert at.selectbox(key="person_zh").value == desk.people["rep"]


def test_a_list_leads_there_too_and_only_to_people_below(desk: Desk) -> None:
    at = visiting(desk, "manager", "team")
    box = at.selectbox(key="team_day_zh")
    assert "stranger" not in box.options
    box.select(desk.people["colleague"])
    at.button(key="team_day_open").click().run()
    assert [title.value for title in at.title] == [translate("page.today.title", "zh")]
    assert "Rope" in " ".join(said(at))


def test_whoever_has_no_such_page_is_offered_no_way_to_it(desk: Desk) -> None:
    at = visiting(desk, "leader", "team")
    assert not at.error
    assert "team_day_open" not in [button.key for button in at.button]
    at.session_state["team_day_wanted"] = desk.people["rep"]
    at.run()
    assert [title.value for title in at.title] == [translate("page.team.title", "zh")]


def test_of_a_past_day_the_workload_says_that_it_is_todays(desk: Desk) -> None:
    at = visiting(desk, "leader", "team")
    at.date_input(key="team_as_of").set_value(from_today(-40)).run()
    assert translate("team_work.of_today", "zh") in " ".join(said(at)).replace("\\", "")


def late(desk: Desk, who: str, *teams: str) -> dict[str, tuple[int, ...]]:
    """By name: leads, customers, deals and contracts whose next step is overdue, and their sum."""
    found = late_steps(desk.store, desk.actor(who), company_today(), [desk.teams[team] for team in teams])
    names = {key: name for name, key in desk.people.items()}
    counts = found.select("person", "lead", "customer", "deal", "contract", "late")
    return {names[person]: tuple(rest) for person, *rest in counts.rows()}


def test_overdue_next_steps_are_counted_for_each_person_in_scope(desk: Desk) -> None:
    north = {"rep": (2, 1, 1, 0, 4), "colleague": (0, 0, 0, 1, 1)}
    assert late(desk, "manager") == north
    assert late(desk, "leader") == {**north, "stranger": (1, 0, 0, 0, 1)}
    assert late(desk, "leader", "south") == {"stranger": (1, 0, 0, 0, 1)}
    assert late(desk, "rep") == {"rep": north["rep"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_records_behind_a_persons_overdue_steps_are_listed_kind_by_kind(desk: Desk, language: Language) -> None:
    at = visiting(desk, "manager", "team", language)
    assert chart(at, "team_late")["customdata"] == [desk.people["rep"], desk.people["colleague"]]
    assert chart(at, "team_late")["text"] == ["4", "1"]
    at.session_state[records.ASKED] = (still_open.late_behind(seen_by(desk), desk.people["rep"]), "rep")
    at.run()
    assert not at.error
    assert [len(frame.value) for frame in at.dataframe] == [2, 1, 1]  # leads, customers, deals


def test_all_overdue_steps_are_listed_from_what_the_chart_means(desk: Desk) -> None:
    at = visiting(desk, "manager", "team")
    at.button(key="team_late_records").click().run()
    assert not at.error
    assert sum(frame.value.shape[0] for frame in at.dataframe) == 5
    assert "stranger" not in " ".join(str(frame.value) for frame in at.dataframe)


def seen_by(desk: Desk) -> Standpoint:
    """What the filters of the page say at first."""
    today = company_today()
    return Standpoint(today, today, this_quarter(), None, (), {})


def test_the_tasks_behind_the_workload_are_listed_and_what_is_counted_is_explained(desk: Desk) -> None:
    at = visiting(desk, "manager", "team")
    [told] = [one.value for one in at.markdown if translate("team_work.help", "zh")[:8] in one.value]
    for part in ("时间范围：截至", "数据范围：本团队及下级团队", "样本数：3"):
        assert part in told.replace("\\", "")
    at.button(key="team_workload_records").click().run()
    assert not at.error
    assert at.dataframe[-1].value["effort_hours"].fillna(0).to_list() == [6, 0, 30], (
        "two of the rep, one of the colleague"
    )
