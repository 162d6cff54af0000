"""The page People and access: who gets it, and what is done there holds in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import access
from dashboard.domain.access import Action, Reach, Role
from dashboard.domain.access_rules import Rule
from dashboard.domain.entities import RECORDS
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.ui.lists import bulk
from tests.department import PEOPLE, Desk
from tests.selling import running, visiting
from tests.test_pages import said, untranslated

PARTS = ("staff", "grants", "reasons")


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """A department of the test's own, served."""
    with running(desk):
        yield desk


def page(desk: Desk, name: str = "admin", part: str = "staff", language: Language = "zh", **query: str) -> AppTest:
    """The page as somebody sees it."""
    at = visiting(desk, name, "people", language)
    at.query_params["people_part"] = part
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def opened(desk: Desk, name: str) -> AppTest:
    """One person, opened from the list by an administrator."""
    return page(desk, id=desk.people[name])


def choose(at: AppTest, key: str, **selection: Any) -> AppTest:
    """Select in a table as a person does."""
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [], **selection}}
    return at.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_whole_and_in_one_language(served: Desk, part: str, language: Language) -> None:
    at = page(served, part=part, language=language)
    assert not at.exception
    assert not at.error
    assert translate("page.people.title", language) in [title.value for title in at.title]
    if language == "zh":
        assert untranslated(said(at)) == set()


@pytest.mark.parametrize("who", ["rep", "manager", "leader", "support"])
def test_it_is_for_administrators_only(served: Desk, who: str) -> None:
    at = page(served, who)
    assert translate("page.people.title", "zh") not in [title.value for title in at.title]
    assert [error.value for error in at.error] == [translate("error.access.forbidden", "zh")]


def test_a_role_is_given_on_the_page(served: Desk) -> None:
    at = opened(served, "rep")
    rep = served.people["rep"]
    at.multiselect(f"people_roles_{rep}_1").set_value(["rep", "support"])
    at.button[[one.label for one in at.button].index(translate("people.save", "zh"))].click().run()
    assert served.actor("rep").roles == (Role.REP, Role.SUPPORT)


def test_whoever_leaves_with_nothing_in_hand_leaves_nothing_to_reassign(served: Desk) -> None:
    told = []
    for _ in range(2):
        at = opened(served, "rep").button(key="people_disable").click().run()
        told.append(" ".join(one.value for one in at.markdown))
        served.make("lead", owner_id=served.people["rep"])
    stays = translate("people.stays", "zh")
    assert [stays in words for words in told] == [False, True]


def test_nobody_gives_themselves_a_role(served: Desk) -> None:
    at = opened(served, "admin")
    at.multiselect(f"people_roles_{served.people['admin']}_1").set_value(["admin", "leader"])
    at.button[[one.label for one in at.button].index(translate("people.save", "zh"))].click().run()
    assert [error.value for error in at.error] == [translate("error.person.own_roles", "zh")]
    assert served.actor("admin").roles == (Role.ADMIN,)


def test_a_grant_is_changed_after_its_preview(served: Desk) -> None:
    served.make("deal", owner_id=served.people["stranger"])
    cell = (list(RECORDS).index("deal"), "read")
    at = choose(page(served, part="grants"), "people_grid_rep_zh", cells=[cell])
    at.multiselect("people_rule_rep_deal_read_reaches").set_value(["own", "all"]).run()
    effects = at.dataframe[1].value
    assert dict(zip(effects["person"], effects["gained"], strict=True)) == {"rep": 1, "colleague": 1, "helper": 1}
    at.button("people_apply").click().run()
    assert access.rules(served.store) == [Rule(Role.REP, "deal", Action.READ, (Reach.OWN, Reach.ALL))]
    at.button("people_return").click().run()
    assert access.rules(served.store) == []


def test_a_forged_reach_is_refused(served: Desk) -> None:
    cell = (list(RECORDS).index("person"), "update")
    at = choose(page(served, part="grants"), "people_grid_manager_zh", cells=[cell])
    at.segmented_control("people_role_zh").set_value("manager").run()
    choose(at, "people_grid_manager_zh", cells=[cell])
    at.multiselect("people_rule_manager_person_update_reaches").set_value(["all"]).run()
    assert [error.value for error in at.error] == [translate("error.access_rule.protected", "zh")]
    assert access.rules(served.store) == []


def test_why_somebody_sees_a_deal_is_said(served: Desk) -> None:
    served.make("deal", owner_id=served.people["rep"], name="Deal of the rep")
    at = page(served, part="reasons")
    at.selectbox("reasons_person").set_value(served.people["manager"])
    at.text_input("reasons_record").set_value("Deal of the rep").run()
    assert translate("people.sees", "zh", name="manager") in [one.value for one in at.markdown]
    at.selectbox("reasons_person").set_value(served.people["stranger"]).run()
    assert translate("people.sees_not", "zh", name="stranger") in [one.value for one in at.markdown]


def test_looking_as_a_rep_shows_their_pages_and_says_so_to_both(served: Desk) -> None:
    at = opened(served, "rep")
    at.button("viewing_begin").click().run()
    assert any(translate("viewing.now", "zh", name="rep") in one.value for one in at.markdown)
    at.button("viewing_end").click().run()
    assert not any(translate("viewing.now", "zh", name="rep") in one.value for one in at.markdown)
    told = visiting(served, "rep")
    assert any("admin" in one.value and "以您的身份" in one.value for one in told.sidebar.markdown)


def names(at: AppTest) -> list[str]:
    """Who is listed."""
    assert not at.error, [error.value for error in at.error]
    return [] if not at.dataframe else pl.from_pandas(at.dataframe[0].value)["name"].to_list()


def test_people_are_found_by_name_username_role_team_and_whether_they_are_active(served: Desk) -> None:
    served.do("operator", "person", "update", served.people["helper"], active=False, username="gone")
    assert sorted(names(page(served, q="manager"))) == ["manager", "other_manager"]
    assert names(page(served, q="gon")) == ["helper"]
    assert sorted(names(page(served, roles="manager,leader"))) == sorted(
        name for name in PEOPLE if {"manager", "leader"} & set(served.row("person", served.people[name])["roles"])
    )
    assert names(page(served, active="no")) == ["helper"]
    assert "helper" not in names(page(served, active="yes"))
    assert "rep" in names(page(served, team_id=served.teams["north"]))
    assert "stranger" not in names(page(served, team_id=served.teams["north"]))
    assert names(page(served, roles="nonsense")) == names(page(served)), "what the address says wrongly is left out"


def test_the_list_of_people_says_its_filters_in_words_and_can_be_taken_out(served: Desk) -> None:
    at = page(served, roles="rep,manager", active="yes")
    chips = [button.label for button in at.button if "_chip_" in str(button.key)]
    assert chips == ["角色：销售代表、销售经理", "启用：是"]
    at.button(key="people_export_csv").click().run()
    assert at.get("download_button")


def test_many_people_join_a_team_together(served: Desk) -> None:
    at = page(served)
    both = (served.people["rep"], served.people["helper"])
    at.session_state["bulk_asked"] = bulk.Asking(both, 1)
    at.run()
    next(box for box in at.selectbox if "team_id" in str(box.key)).set_value(served.teams["south"]).run()
    next(button for button in at.button if str(button.key).endswith("|do")).click().run()
    assert not at.exception
    assert {served.row("person", person)["team_id"] for person in both} == {served.teams["south"]}


def test_a_person_that_is_not_there_is_said_to_be_none(served: Desk) -> None:
    assert [error.value for error in page(served, id="nobody").error] == [translate("error.record.not_found", "zh")]
