"""Every page as every role sees it, in both languages: the numbers of one's own reach, and nothing beyond it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.domain.access import Role, operator
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.sitemap import PAGES, landing, offered
from dashboard.ui import sessions
from dashboard.ui.languages import NAMES
from tests.department import PEOPLE, TEAMS, Desk
from tests.selling import ROLES, running, sell, visiting

WON = {"rep": "10", "manager": "15", "leader": "23"}
"""What each role has won in its reach, in 万."""

RECORDS = {"Harbour", "Works", "Hoist"}
PRODUCTS = {"SalesDesk", "Maven", "CRM", "AdventureWorks", "Excel"}
SYSTEMS = {"Salesforce", "Zoho", "X", "Education"}
FILES = {"CSV", "XLS", "XLSX", "PDF", "PNG", "JPEG", "Word", "Excel", "PPT"}
NOT_TRANSLATED = {*PEOPLE, *TEAMS, *RECORDS, *NAMES.values(), *PRODUCTS, *FILES, *SYSTEMS, "CNY"}
"""Words in Latin letters that may stand on a Chinese page: names of the test's people, teams and records, of
currencies, products, other systems and kinds of files."""

WITH_NUMBERS = {"overview", "deals", "team"}
"""The pages that show numbers on cards to everybody they are for."""


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department with its sales, served."""
    sell(shared_desk)
    with running(shared_desk):
        yield shared_desk


def said(at: AppTest) -> list[str]:
    """Every text that a run put on the screen, with those inside charts."""
    found: list[str] = []
    for element in [*at.main, *at.sidebar]:
        proto = getattr(element, "proto", None)
        found += texts_of(proto)
    return [text for text in found if text]


def texts_of(proto: Any) -> list[str]:
    """The readable texts of one element."""
    if proto is None:
        return []
    plain = [getattr(proto, name, None) for name in ("label", "body", "help", "placeholder", "alt")]
    options = list(getattr(proto, "options", []))
    words = [getattr(option, "content", option) for option in options]
    return [text for text in (*plain, *words, *chart_texts(proto)) if isinstance(text, str)]


def chart_texts(proto: Any) -> list[str]:
    """The texts of a chart: labels, columns, tooltips."""
    return list(strings(json.loads(proto.spec))) if getattr(proto, "spec", "") else []


def strings(value: Any) -> list[str]:
    """The texts that people read in a figure."""
    if isinstance(value, dict):
        kept = {
            key: value[key]
            for key in ("data", "layout", "name", "text", "hovertext", "ticktext", "annotations")
            if key in value
        }
        axes = {key: value[key] for key in value if key.startswith(("xaxis", "yaxis")) and isinstance(value[key], dict)}
        return [text for part in (*kept.values(), *axes.values()) for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def untranslated(texts: list[str]) -> set[str]:
    """Words in Latin letters that are neither a name nor part of markup."""
    bare = [
        re.sub(
            r":material/\w+:|:(?:small|gray|orange|red|primary|green|blue)(?:-badge)?\b|<[^>]*>|`[^`]*`|&\w+;",
            " ",
            text,
        )
        for text in texts
        if "<script" not in text
    ]
    words = {word for text in bare for word in re.findall(r"[A-Za-z][A-Za-z_]{2,}", text)}
    return words - NOT_TRANSLATED


def shown(at: AppTest) -> list[str]:
    """The values on the cards."""
    return [metric.value for metric in at.metric]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_is_whole_and_in_one_language(desk: Desk, role: str, language: Language) -> None:
    for entry in offered(desk.actor(role)):
        at = visiting(desk, role, entry.slug, language)
        assert not at.error, [error.value for error in at.error]
        assert not at.exception
        assert [title.value for title in at.title] == [translate(f"page.{entry.slug}.title", language)]
        assert shown(at) or entry.slug not in WITH_NUMBERS, "a page without numbers"
        assert not [text for text in said(at) if re.search(r"\b(metric|chart|page|field|filter)\.\w+\.?\w*\b", text)]
        if language == "zh":
            assert untranslated(said(at)) == set()


def test_a_person_of_each_role_is_offered_these_pages(desk: Desk) -> None:
    seen = {role: [entry.slug for entry in offered(desk.actor(role))] for role in ROLES}
    assert seen == {
        "rep": ["today", "overview", "leads", "pool", "customers", "deals", "contracts", "orders", "imports", "rules"],
        "manager": [
            "today",
            "overview",
            "leads",
            "pool",
            "customers",
            "deals",
            "contracts",
            "orders",
            "team",
            "imports",
            "rules",
        ],
        "leader": ["overview", "leads", "pool", "customers", "deals", "contracts", "orders", "team", "rules"],
        "support": ["overview", "customers", "contracts", "orders", "rules"],
        "admin": [
            "overview",
            "leads",
            "pool",
            "customers",
            "deals",
            "contracts",
            "orders",
            "imports",
            "rules",
            "people",
        ],
    }
    assert {Role(role) for role in ROLES} == set(Role) - {Role.OPERATOR, Role.SYSTEM}


def test_whoever_only_looks_through_anothers_eyes_is_offered_no_page_to_act_on(desk: Desk) -> None:
    manager = desk.actor("manager")
    looking = manager.model_copy(update={"viewer": desk.people["admin"]})
    assert {entry.slug for entry in offered(manager)} - {entry.slug for entry in offered(looking)} == {"imports"}


LANDING = {"rep": "today", "manager": "team", "leader": "overview", "support": "overview", "admin": "people"}
"""The page that each role opens the application with."""


def title_of(slug: str) -> str:
    """What a page is called."""
    return translate(f"page.{slug}.title", "zh")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_lands_on_its_own_page_which_has_one_address(desk: Desk, role: str) -> None:
    found = landing(desk.actor(role))
    assert found
    assert found.slug == LANDING[role]
    assert [title.value for title in visiting(desk, role).title] == [title_of(LANDING[role])]
    assert [title.value for title in visiting(desk, role, found.slug).title] == [title_of(LANDING[role])]


def test_with_several_roles_the_first_declared_one_says_where_one_lands(desk: Desk) -> None:
    def lands(*roles: Role) -> str | None:
        found = landing(desk.actor("rep").model_copy(update={"roles": roles}))
        return found.slug if found else None

    assert lands(Role.REP, Role.MANAGER) == "team"
    assert lands(Role.ADMIN, Role.REP) == "today"
    assert lands(Role.MANAGER, Role.LEADER) == "overview"
    assert lands() is None


def test_the_root_leads_on_without_what_its_address_said(desk: Desk) -> None:
    at = visiting(desk, None)
    at.session_state["session_token"] = desk.store.logins.open(desk.actor("manager"))
    at.query_params["person"] = "somebody"
    at.run()
    assert [title.value for title in at.title] == [title_of("team")]
    assert "person" not in at.query_params


def test_a_refusal_leads_to_where_one_lands(desk: Desk) -> None:
    at = visiting(desk, "manager", "people")
    assert [error.value for error in at.error] == [translate("error.access.forbidden", "zh")]
    link = at.main.get("page_link")[0].proto
    assert (link.page, link.label) == ("team", translate("shell.go_to", "zh", page=title_of("team")))


@pytest.mark.parametrize(("role", "won"), WON.items())
def test_the_overview_adds_up_the_own_reach_only(desk: Desk, role: str, won: str) -> None:
    assert shown(visiting(desk, role, "overview"))[0] == f"¥{won}万"


@pytest.mark.parametrize(("role", "attained"), [("rep", "50.0%"), ("manager", "60.0%"), ("leader", "46.0%")])
def test_the_target_is_the_own_one_the_teams_or_the_companys(desk: Desk, role: str, attained: str) -> None:
    assert shown(visiting(desk, role, "overview"))[1] == attained


def test_a_managers_cards_hold_the_teams_numbers(desk: Desk) -> None:
    won, attained, weighted, coverage, win_rate, _cycle = shown(visiting(desk, "manager", "team"))
    assert (won, attained) == ("¥15万", "60.0%")
    assert weighted == "¥3.2万"  # 60,000 × 50 % in proposal + 20,000 × 10 % in prospecting
    assert coverage == "0.8 倍"  # 80,000 open of the 100,000 that are missing
    assert win_rate == "66.7%"  # 2 won, 1 lost


@pytest.mark.parametrize("role", ["rep", "support", "admin"])
def test_the_team_page_shows_nothing_to_whom_it_is_not_for(desk: Desk, role: str) -> None:
    at = visiting(desk, role, "team")
    assert [error.value for error in at.error] == [translate("error.access.forbidden", "zh")]
    assert shown(at) == []
    assert not at.get("plotly_chart")
    assert not {"colleague", "stranger"} & {word for text in said(at) for word in re.findall(r"\w+", text)}


def test_a_rep_reads_no_colleague_anywhere(desk: Desk) -> None:
    texts = " ".join(said(visiting(desk, "rep", "overview")))
    assert "colleague" not in texts
    assert "stranger" not in texts


def test_a_manager_reads_nobody_of_another_team(desk: Desk) -> None:
    for page in ("overview", "team"):
        texts = " ".join(said(visiting(desk, "manager", page)))
        assert "colleague" in texts or page == "overview"
        assert "stranger" not in texts


def test_support_sees_no_money(desk: Desk) -> None:
    at = visiting(desk, "support", "overview")
    assert shown(at)[0] == "80.0%"  # four of five ratings are 4 or 5
    assert "¥" not in " ".join([*said(at), *shown(at)])


def test_the_administrator_sees_the_jobs_and_no_sales(desk: Desk) -> None:
    at = visiting(desk, "admin", "overview")
    assert translate("health.runs", "zh") in [title.value for title in at.subheader]
    assert not at.get("plotly_chart")
    assert "¥" not in " ".join([*said(at), *shown(at)])


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.slug)
def test_nobody_sees_a_page_without_a_login(desk: Desk, entry: Any) -> None:
    at = visiting(desk, None, entry.slug)
    assert [field.label for field in at.text_input] == [
        translate(f"login.{name}", "zh") for name in ("username", "password")
    ]
    assert shown(at) == []
    assert not at.get("plotly_chart")


def test_a_session_that_was_ended_loses_the_page_at_the_next_click(desk: Desk) -> None:
    at = visiting(desk, "colleague", "overview")
    assert shown(at)
    desk.store.logins.set_password(operator(), desk.people["colleague"], "anything")  # ends every session
    at.run()
    assert shown(at) == []
    assert [notice.value for notice in at.info] == [translate("error.access.logged_out", "zh")]


def test_a_role_that_was_taken_away_counts_at_the_next_click(desk: Desk) -> None:
    at = visiting(desk, "other_manager", "team")
    assert shown(at)
    desk.do("operator", "person", "update", desk.people["other_manager"], roles=["rep"])
    at.run()
    assert shown(at) == []
    assert at.error


def test_logging_out_ends_the_session_and_empties_the_page(desk: Desk) -> None:
    at = visiting(desk, "rep", "overview")
    token = at.session_state[sessions.TOKEN]
    at.button(key="log_out").click().run()
    assert sessions.TOKEN not in at.session_state
    assert at.text_input
    with pytest.raises(Exception, match="ended"):
        desk.store.logins.actor(token)


def test_the_language_can_be_changed_on_any_page(desk: Desk) -> None:
    at = visiting(desk, "leader", "team")
    at.session_state["language"] = "en"
    at.run()
    assert [title.value for title in at.title] == ["Team"]
    assert "This quarter" in [box.format_func(box.value) for box in at.selectbox]


def test_a_failed_refresh_is_said_with_what_is_kept(desk: Desk) -> None:
    running_desk = jobs.current()
    before = running_desk.freshness
    running_desk.freshness = jobs.Freshness(before.revision, before.refreshed_at, "ValueError: broken")
    try:
        at = visiting(desk, "leader", "overview")
        assert [warning.value for warning in at.warning]
        assert "ValueError" not in " ".join(warning.value for warning in at.warning)
        assert shown(at)
    finally:
        running_desk.freshness = before


def test_what_nobody_expected_shows_a_code_and_no_trace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_anything: object) -> None:
        raise RuntimeError("secret inner words")

    monkeypatch.setattr(jobs.Desk, "measure", broken)
    monkeypatch.setattr("dashboard.ui.answers.REMEMBERED.state", None)
    at = visiting(desk, "leader", "overview")
    assert [error.value for error in at.error] == [translate("error.unexpected", "zh")]
    assert "secret" not in " ".join(said(at))
    assert not at.exception


def test_the_filters_narrow_the_numbers(desk: Desk) -> None:
    at = visiting(desk, "leader", "team")
    at.selectbox(key="team_team_zh").select(desk.teams["south"]).run()
    assert shown(at)[0] == "¥8万"
    at.selectbox(key="team_period_zh").select("last_quarter").run()
    assert shown(at)[0] == "¥0"
    assert translate("empty.win_rate", "zh") in " ".join(said(at))


def test_the_records_behind_a_number_are_those_of_the_own_reach(desk: Desk) -> None:
    at = visiting(desk, "manager", "team")
    at.button(key="team_card_won_amount_records").click().run()
    table = at.dataframe[-1].value
    assert sorted(table["name"]) == ["Crane", "Winch"]
    deals = [desk.one("deal", name=name) for name in table["name"]]
    assert list(table["number"]) == [f"/deals?id={deal['id']}#{deal['number']}" for deal in deals]
    assert set(table["owner_id"]) == {"rep", "colleague"}


def test_the_tickets_behind_a_count_are_listed(desk: Desk) -> None:
    desk.make("ticket", subject="Pump leaks", assignee_id=desk.people["support"])
    desk.step("operator", "ticket", "wait", desk.make("ticket", subject="Pump waits"))
    at = visiting(desk, "support", "overview")
    at.button(key="service_waiting_records").click().run()
    assert not at.error
    assert at.dataframe[-1].value["subject"].to_list() == ["Pump waits"]


def test_an_empty_department_reads_as_sentences(template: Any, tmp_path: Any) -> None:
    from tests.department import open_copy

    kept = jobs.Running.desk
    empty = open_copy(template, tmp_path)
    try:
        with running(empty):
            at = visiting(empty, "leader", "team")
            assert not at.error
            assert not at.get("plotly_chart")
            for name in ("attainment", "performance", "win_rate"):
                assert translate(f"empty.{name}", "zh") in " ".join(said(at)).replace("\\", "")
    finally:
        empty.store.close()
        jobs.Running.desk = kept
