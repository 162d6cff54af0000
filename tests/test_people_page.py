"""The page People and access: who gets it, and what is done there holds in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import access
from dashboard.domain.access import Action, Reach, Role, operator
from dashboard.domain.access_rules import Rule
from dashboard.domain.entities import RECORDS
from dashboard.i18n import LANGUAGES, Language, translate
from tests.department import Desk
from tests.selling import running, visiting
from tests.test_pages import said, untranslated

PARTS = ("staff", "grants", "reasons")


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """A department of the test's own, served."""
    with running(desk):
        yield desk


def page(desk: Desk, name: str = "admin", part: str = "staff", language: Language = "zh") -> AppTest:
    """The page as somebody sees it."""
    at = visiting(desk, name, "people", language)
    at.query_params["people_part"] = part
    return at.run()


def choose(at: AppTest, key: str, **selection: Any) -> AppTest:
    """Select in a table as a person does."""
    at.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [], **selection}}
    return at.run()


def row_of(desk: Desk, name: str) -> int:
    """Where somebody stands in the table of people."""
    people = desk.store.find(operator(), "person").sort("active", "name", descending=[True, False])
    return int(people["name"].to_list().index(name))


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
    at = choose(page(served), "people_table_zh", rows=[row_of(served, "rep")])
    rep = served.people["rep"]
    at.multiselect(f"people_roles_{rep}_1").set_value(["rep", "support"])
    at.button[[one.label for one in at.button].index(translate("people.save", "zh"))].click().run()
    assert served.actor("rep").roles == (Role.REP, Role.SUPPORT)


def test_nobody_gives_themselves_a_role(served: Desk) -> None:
    at = choose(page(served), "people_table_zh", rows=[row_of(served, "admin")])
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
    at = choose(page(served), "people_table_zh", rows=[row_of(served, "rep")])
    at.button("viewing_begin").click().run()
    assert any(translate("viewing.now", "zh", name="rep") in one.value for one in at.markdown)
    at.button("viewing_end").click().run()
    assert not any(translate("viewing.now", "zh", name="rep") in one.value for one in at.markdown)
    told = visiting(served, "rep")
    assert any("admin" in one.value and "以您的身份" in one.value for one in told.sidebar.markdown)


def test_people_are_found_by_name(served: Desk) -> None:
    at = page(served)
    at.text_input("people_q").set_value("manager").run()
    assert sorted(pl.from_pandas(at.dataframe[0].value)["name"]) == ["manager", "other_manager"]
