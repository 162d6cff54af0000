"""The page Rules: every part opens for whoever may read it, and whoever keeps a rule finds its form."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.domain.access import Action
from dashboard.i18n import Language, translate
from dashboard.ui.rules.parts import LIST, PART, PARTS
from tests.department import Desk
from tests.selling import running, visiting


def opened(desk: Desk, name: str, **said: str) -> AppTest:
    """The page at an address."""
    at = visiting(desk, name)
    at._page_hash = calc_hash("rules")
    for key, value in said.items():
        at.query_params[key] = value
    return at.run()


@pytest.fixture(scope="module")
def rule(shared_desk: Desk) -> str:
    """The rule of a team."""
    return shared_desk.make("pool_rule", team_id=shared_desk.teams["north"], entity="lead", max_held=30)


@pytest.mark.parametrize("role", ["rep", "manager", "admin"])
def test_every_part_opens_with_its_records_and_its_forms(shared_desk: Desk, rule: str, role: str) -> None:
    desk = shared_desk
    with running(desk):
        shown = [
            room for part in PARTS.values() for room in part.rooms if desk.actor(role).grants(room.entity, Action.READ)
        ]
        for room in shown:
            at = opened(desk, role, **dict(room.place))
            assert not at.error, [error.value for error in at.error]
            assert not at.exception
            makes = bool(desk.actor(role).grants(room.entity, Action.CREATE))
            new = opened(desk, role, **dict(room.place), new="1")
            assert [error.value for error in new.error] == (
                [] if makes else [translate("error.access.forbidden", "zh")]
            ), room.entity
        at = opened(desk, role, **{PART: "pool", LIST: "pool_rule", "id": rule})
        assert not at.error
        verbs = {button.key.removeprefix("rules_pool_rule_verb_") for button in at.button if "_verb_" in button.key}
        assert verbs == (set() if role == "rep" else {"update", "archive"})


@pytest.mark.parametrize(("language", "name"), [("zh", "方案报价"), ("en", "Proposal")])
def test_a_stage_is_called_as_its_reader_calls_it_and_its_probability_is_a_percentage(
    shared_desk: Desk, language: Language, name: str
) -> None:
    place = {PART: "stages", LIST: "stage"}
    stage = shared_desk.one("stage", label_en="Proposal")["id"]
    with running(shared_desk):
        for more in ({"id": stage}, {"id": stage, "edit": "1"}):
            at = visiting(shared_desk, "admin", "rules", language)
            at.query_params.update({**place, **more})
            assert [title.value for title in at.run().title] == [name]
        at = opened(shared_desk, "admin", **place)
        columns = json.loads(at.dataframe[0].proto.columns)
        assert columns["probability"]["type_config"]["format"] == "percent"


TEAMS_OF = {"manager": ["sales · north"], "head": ["sales", "sales · north", "sales · south"]}


@pytest.mark.parametrize("entity", ["pool_rule", "approval_rule"])
@pytest.mark.parametrize("who", ["manager", "head", "admin"])
def test_a_form_offers_the_teams_whose_rules_one_may_set(shared_desk: Desk, who: str, entity: str) -> None:
    part = {"pool_rule": "pool", "approval_rule": "approvals"}[entity]
    with running(shared_desk):
        at = opened(shared_desk, who, **{PART: part, LIST: entity}, new="1")
        (box,) = [one for one in at.selectbox if "|team_id|" in str(one.key)]
        assert [option for option in box.options if option] == TEAMS_OF.get(who, TEAMS_OF["head"])


def test_a_rule_without_a_team_holds_for_the_whole_company(shared_desk: Desk, rule: str) -> None:
    shared_desk.make("pool_rule", entity="customer", max_held=200)
    with running(shared_desk):
        at = opened(shared_desk, "admin", **{PART: "pool", LIST: "pool_rule"})
    teams = at.dataframe[0].value["team_id"].to_list()
    assert "全公司" in teams
    assert None not in teams
