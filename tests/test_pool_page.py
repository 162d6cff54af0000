"""The pool as people use it: cards with one tap, what is told to whoever was slower, the table of a manager."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import exports, people, pool
from dashboard.domain.pool import POOL
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.ui.pool import returning
from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import running, visiting


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served; its team has a rule."""
    shared_desk.make("pool_rule", team_id=shared_desk.teams["north"], entity="lead", max_claims_a_day=3, max_held=40,
                     cool_down_days=7, recycle_after_days=15, warn_before_days=20)  # fmt: skip
    with running(shared_desk):
        yield shared_desk


def opened(desk: Desk, who: str, page: str = "pool", language: str = "en", /, **said: str) -> AppTest:
    """A page with these parts in its address."""
    at = visiting(desk, who, page, language)
    for name, value in said.items():
        at.query_params[name] = value
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    """The run, once it is sure that nothing went wrong."""
    assert not at.error, [error.value for error in at.error]
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """What a page says in texts."""
    return "\n".join(element.value for element in at.markdown)


def keys(at: AppTest, start: str) -> set[str]:
    """The records whose buttons stand on the page."""
    return {button.key.removeprefix(start) for button in at.button if button.key and button.key.startswith(start)}


def in_pool(desk: Desk, **values: Any) -> str:
    """A lead in the pool of the team."""
    return desk.make("lead", pool_team_id=desk.teams["north"], **values)


def test_a_rep_claims_with_one_tap_and_sees_the_details_from_then_on(desk: Desk) -> None:
    lead, other = in_pool(desk, company="Crane Works", phone="13800001234"), in_pool(desk, company="Winch Works")
    south = desk.make("lead", pool_team_id=desk.teams["south"], company="Anchor Works")
    at = opened(desk, "rep", q="Works")
    assert keys(at, "pool_claim_") == {lead, other}
    assert south not in keys(at, "pool_claim_")
    assert "138\\*\\*\\*\\*1234" in words(at)
    assert "1–2 of 2 leads.]" in words(at), "cards have a button, no row to click"
    assert "You may claim 3 more today (0 of 3)" in words(at)
    at.button(key=f"pool_claim_{lead}").click().run()
    clean(at)
    assert desk.row("lead", lead)["owner_id"] == desk.people["rep"]
    assert keys(at, "pool_claim_") == {other}
    assert "You may claim 2 more today (1 of 3)" in words(at)
    at.button(key="pool_done_open").click().run()
    assert "13800001234" in words(clean(at))


def test_whoever_is_slower_is_told_that_a_colleague_has_it(desk: Desk) -> None:
    lead = in_pool(desk, company="Contested Works")
    at = opened(desk, "colleague", q="Contested")
    pool.claim(desk.store, desk.actor("rep"), "lead", lead)
    at.button(key=f"pool_claim_{lead}").click().run()
    assert [error.value for error in at.error] == [translate("error.pool.claimed", "en")]
    assert keys(at, "pool_claim_") == set()
    assert desk.people["rep"] not in words(at)


def test_what_one_gave_back_is_for_the_colleagues_first_and_the_card_says_until_when(desk: Desk) -> None:
    lead = desk.make("lead", owner_id=desk.people["rep"], company="Buoy Works")
    pool.release(desk.store, desk.actor("rep"), "lead", lead, 1, "no budget there")
    at = opened(desk, "rep", q="Buoy")
    assert at.button(key=f"pool_claim_{lead}").disabled
    assert "You had this last" in words(at)
    assert "no budget there" in words(at)
    assert not opened(desk, "colleague", q="Buoy").button(key=f"pool_claim_{lead}").disabled


def test_leaders_and_administrators_read_masked_and_claim_nothing(desk: Desk) -> None:
    lead = in_pool(desk, company="Rope Works", phone="13800005678")
    for who in ("leader", "admin"):
        at = opened(desk, who, q="Rope")
        assert (keys(at, "pool_open_"), keys(at, "pool_claim_")) == ({lead}, set())
        assert "138\\*\\*\\*\\*5678" in words(at)


def test_the_cards_are_taken_out_by_whoever_may_take_out_what_is_in_the_pool(desk: Desk) -> None:
    in_pool(desk, company="Takeaway")
    for who, offered in (("rep", False), ("manager", True), ("leader", True)):
        at = clean(opened(desk, who, q="Takeaway"))
        assert bool(keys(at, "pool_lead_export")) is offered, who
        assert bool(keys(clean(opened(desk, who, q="Takeaway", as_of="2020-01-31")), "pool_lead_export")) is offered
    at.button(key="pool_lead_export_csv").click().run()
    assert [button.label for button in clean(at).get("download_button")] == ["Download 1 row"]


def test_a_past_day_of_the_pool_is_a_table_without_a_claim(desk: Desk) -> None:
    in_pool(desk, company="Came today")
    assert keys(clean(opened(desk, "rep", q="Came today")), "pool_claim_")
    then = clean(opened(desk, "rep", q="Came today", as_of="2020-01-31"))
    assert not keys(then, "pool_claim_")
    assert "Jan 31, 2020" in words(then)


def test_a_manager_gives_many_to_somebody_and_finds_what_was_left_behind(desk: Desk) -> None:
    lead = in_pool(desk, company="Hoist Works")
    at = opened(desk, "manager", "pool", "zh", q="Hoist", pool_look="table")
    assert at.dataframe[0].value["company"].to_list() == ["Hoist Works"]
    gone = desk.make("person", name="Gone", team_id=desk.teams["north"], roles=["rep"], active=True)
    left = desk.make("lead", owner_id=gone, company="Left Works")
    desk.do("operator", "person", "update", gone, active=False)
    at = opened(desk, "manager", pool_shelf="left")
    assert at.dataframe[0].value["company"].to_list() == ["Left Works"]
    desk.do("manager", "lead", "assign", left, owner_id=desk.people["colleague"])
    desk.do("manager", "lead", "assign", lead, owner_id=desk.people["colleague"])
    assert desk.row("lead", lead)[POOL] is None
    assert not opened(desk, "manager", pool_shelf="left").dataframe


def test_deals_contracts_and_orders_of_people_who_are_gone_are_found_and_given_to_somebody(desk: Desk) -> None:
    gone = desk.make("person", name="Gone too", team_id=desk.teams["north"], roles=["rep"], active=True)
    customer = desk.make("customer", owner_id=desk.people["rep"])
    records = {
        entity: desk.make(entity, owner_id=gone, customer_id=customer) for entity in ("deal", "contract", "order")
    }
    lost, cancelled = desk.make("deal", owner_id=gone), desk.make("order", owner_id=gone)
    desk.step("operator", "deal", "lose", lost)
    desk.step("operator", "order", "cancel", cancelled)
    for entity in records:
        assert not clean(opened(desk, "manager", pool_of=entity)).dataframe, "the owner is still there"
    desk.do("operator", "person", "update", gone, active=False)
    assert people.in_hand(desk.store, desk.actor("manager"), gone) == {
        "lead": 0, "customer": 0, "deal": 1, "contract": 1, "order": 1, "task": 0,
    }  # fmt: skip
    for entity, record in records.items():
        number = desk.row(entity, record)["number"]
        for who in ("manager", "admin"):
            at = clean(opened(desk, who, pool_of=entity))
            assert [link.partition("#")[2] for link in at.dataframe[0].value["number"]] == [number], (who, entity)
        assert not clean(opened(desk, "other_manager", pool_of=entity)).dataframe, "not theirs to give"
        assert "Gone too" in words(clean(opened(desk, "manager", pool_of=entity, id=record))), "it opens here"
        desk.do("manager", entity, "assign", record, owner_id=desk.people["colleague"])
        assert not clean(opened(desk, "manager", pool_of=entity)).dataframe
    for who in ("rep", "leader"):
        at = clean(opened(desk, who, pool_of="deal"))
        assert translate("pool.left_help", "en") not in words(at), "whoever gives nothing away sees the pool alone"


def test_a_record_says_why_it_is_in_the_pool_or_when_it_goes_back_there(desk: Desk) -> None:
    lead = desk.make("lead", owner_id=desk.people["rep"], company="Slow Works")
    at = opened(desk, "rep", "leads", id=lead)
    assert at.warning[0].value.startswith("Goes back to the pool")
    assert "Slow Works" in "\n".join(link.proto.label for link in opened(desk, "rep", "today").get("page_link"))
    at.button(key="leads_verb_release").click().run()
    at.text_area[0].input("they never answer").run()
    next(button for button in at.button if button.key and button.key.endswith("|do")).click().run()
    assert desk.row("lead", lead)[POOL] == desk.teams["north"]
    at = opened(desk, "colleague", "pool", pool_of="lead", id=lead)
    assert "they never answer" in words(at)
    assert "claim" in keys(at, "pool_lead_verb_")


def test_cards_table_and_export_begin_with_what_waits_longest(desk: Desk) -> None:
    names = [f"Lined up {at} Works" for at in range(3)]
    leads = [in_pool(desk, company=name) for name in names]
    desk.do("manager", "lead", "update", leads[0], need="A crane")  # there first, changed last
    at = opened(desk, "manager", q="Lined up")
    claims = [str(button.key) for button in at.button if str(button.key).startswith("pool_claim_")]
    assert claims == [f"pool_claim_{lead}" for lead in leads]
    table = opened(desk, "manager", "pool", "en", pool_look="table", q="Lined up")
    assert table.dataframe[0].value["company"].to_list() == names
    for sort, wanted in (("-company", names[::-1]), ("updated_at", [*names[1:], names[0]])):
        other = opened(desk, "manager", "pool", "en", pool_look="table", q="Lined up", sort=sort)
        assert other.dataframe[0].value["company"].to_list() == wanted
    table.button(key="pool_lead_export_csv").click().run()
    assert [button.label for button in clean(table).get("download_button")] == ["Download 3 rows"]
    where = [Condition("id", Operator.IN, leads)]
    waiting = pool.waiting(desk.store, desk.actor("manager"), "lead", where)
    found = exports.export_records(desk.store, desk.actor("manager"), "lead", "en", where, order=waiting)
    assert found.frame["company"].to_list() == names


def test_beside_the_rules_stands_what_goes_back_when_and_why(desk: Desk) -> None:
    desk.make("lead", owner_id=desk.people["rep"], company="Preview Works")
    at = opened(desk, "manager", "rules")
    tables = [table.value for table in at.dataframe if "Preview Works" in str(table.value.to_dict())]
    assert len(tables) == 1
    assert "no contact for 15 days" in str(tables[0].to_dict())
    others = [table.value.to_dict() for table in opened(desk, "other_manager", "rules").dataframe]
    assert "Preview Works" not in str(others)


def test_what_goes_back_is_listed_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "LISTED", 2)
    for at in range(3):
        desk.make("lead", owner_id=desk.people["rep"], company=f"Paged Works {at}")
    page, seen = opened(desk, "manager", "rules"), set()
    count = going_back(page)
    while not (later := page.button(key="pool_preview_lead_later")).disabled:
        seen |= listed(page)
        clean(later.click().run())
    assert len(seen | listed(page)) == count
    assert all(f"Paged Works {at}" in str(seen | listed(page)) for at in range(3))


def going_back(at: AppTest) -> int:
    """How many leads the page says go back."""
    return int(re.search(r"Rows 1–2 of (\d+)", words(at).replace("\\", ""))[1])  # type: ignore[index]


def listed(at: AppTest) -> set[str]:
    """The leads in the table of what goes back."""
    return {name for table in at.dataframe if "Lead" in table.value for name in table.value["Lead"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_back_from_a_record_says_pool_and_leads_there(desk: Desk, language: Language) -> None:
    lead = in_pool(desk, company=f"Returning {language}")
    at = opened(desk, "rep", "pool", language, q=f"Returning {language}")
    at = clean(at.button(key=f"pool_open_{lead}").click().run())
    back = at.button(key="pool_lead_back")
    assert back.label == translate("page.pool.title", language)
    clean(back.click().run())
    assert [title.value for title in at.title] == [translate("page.pool.title", language)]
    assert keys(at, "pool_claim_") == {lead}, "the list as it was left"
    at = opened(desk, "rep", "pool", language, pool_of="lead", id=lead)  # by a link
    clean(at.button(key="pool_lead_back").click().run())
    assert [title.value for title in at.title] == [translate("page.pool.title", language)]


def test_what_waits_longest_stands_first_and_another_order_can_be_asked_for(desk: Desk) -> None:
    late = in_pool(desk, company="Queue A", effective_at=moment_ago(days=1))
    first = in_pool(desk, company="Queue C", effective_at=moment_ago(days=9))
    second = in_pool(desk, company="Queue B", effective_at=moment_ago(days=5))
    for changed in (first, late):
        desk.do("operator", "lead", "update", changed, need="cranes")  # a change is no return to the pool

    def shown(**said: str) -> list[str]:
        at = opened(desk, "rep", q="Queue", **said)
        return [str(b.key).removeprefix("pool_claim_") for b in at.button if str(b.key).startswith("pool_claim_")]

    assert shown() == [first, second, late]
    assert shown(sort="company") == [late, second, first]
    assert shown(sort="-company") == [first, second, late]
