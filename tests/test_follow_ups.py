"""Next steps of leads, customers, deals and contracts: they wait for their owner, show when late, can be put off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.actions import bulk, quick
from dashboard.actions.agenda import Group, agenda
from dashboard.actions.offers import offers
from dashboard.domain.access import operator
from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.follow_ups import FOLLOWED, PUT_OFF_DAYS, is_late, later_days
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, Stale
from dashboard.i18n import LANGUAGES, translate
from dashboard.ui.quick import clicks
from tests.department import Desk
from tests.selling import company_today, running, visiting
from tests.waiting import from_today

SOON = from_today(5)
NAMES = {"lead": "company", "customer": "name", "deal": "name", "contract": "name"}


def late(desk: Desk, entity: str, who: str = "rep", name: str = "Late one", days: int = -2, **more: object) -> str:
    """A record of somebody whose next step is over."""
    values = {
        NAMES[entity]: name,
        "owner_id": desk.people[who],
        "next_step": "Call",
        "next_step_on": from_today(days),
    } | more
    return desk.make(entity, **values)


def snooze(desk: Desk, entity: str, record: str, version: int, who: str = "rep", until: dt.date = SOON) -> quick.Made:
    """Put it off as somebody."""
    return quick.snooze(desk.store, desk.actor(who), entity, record, version, until)


@pytest.mark.parametrize("entity", FOLLOWED)
def test_a_next_step_is_put_off_once_and_taken_back(shared_desk: Desk, entity: str) -> None:
    record = late(shared_desk, entity)
    seen = shared_desk.version(entity, record)
    made = snooze(shared_desk, entity, record, seen)
    assert snooze(shared_desk, entity, record, seen) == made, "a double click is one"
    assert shared_desk.row(entity, record)["next_step_on"] == SOON
    last = shared_desk.store.history(operator(), entity, record).row(-1, named=True)
    assert (last["verb"], last["changed"], last["actor_id"]) == ("snooze", ",next_step_on,", shared_desk.people["rep"])
    quick.undo(shared_desk.store, shared_desk.actor("rep"), made)
    assert shared_desk.row(entity, record)["next_step_on"] == from_today(-2)


WAYS = {
    "lead": {"new": (), "contacted": ("contact",), "nurture": ("nurture",), "qualified": ("qualify",)},
    "customer": {"": ()},
    "deal": {"open": ()},
    "contract": {
        "draft": (),
        "in_review": ("submit",),
        "approved": ("submit", "approve"),
        "sent": ("submit", "approve", "send"),
        "signed": ("submit", "approve", "sign"),
    },
}
"""How a record comes to each state in which it is followed up."""


def led(desk: Desk, entity: str, state: str) -> str:
    """A late record of the rep in a state."""
    more = {"amount": 100} if entity == "contract" else {}
    record = late(desk, entity, **more)
    for verb in WAYS[entity][state]:
        desk.step("operator", entity, verb, record)
    return record


def test_the_ways_lead_to_every_state_that_is_followed_up() -> None:
    assert {entity: tuple(ways) for entity, ways in WAYS.items() if ways.keys() != {""}} == {
        entity: states for entity, states in FOLLOWED.items() if states
    }


@pytest.mark.parametrize(("entity", "state"), [(entity, state) for entity in WAYS for state in WAYS[entity]])
def test_owners_say_and_put_off_what_is_next_as_long_as_a_record_is_followed(
    shared_desk: Desk, entity: str, state: str
) -> None:
    record = led(shared_desk, entity, state)
    offered = offers(shared_desk.store, shared_desk.actor("rep"), entity, shared_desk.row(entity, record))
    assert {offer.verb for offer in offered if not offer.refusal} >= {"update", "snooze"}
    shared_desk.do("rep", entity, "update", record, next_step="Renew", next_step_on=from_today(1))
    made = snooze(shared_desk, entity, record, shared_desk.version(entity, record))
    now = shared_desk.row(entity, record)
    assert (now["next_step"], now["next_step_on"]) == ("Renew", SOON)
    quick.undo(shared_desk.store, shared_desk.actor("rep"), made)
    assert shared_desk.row(entity, record)["next_step_on"] == from_today(1)


@pytest.mark.parametrize("state", [state for state in WAYS["contract"] if state != "draft"])
def test_of_a_submitted_contract_its_owner_sets_nothing_else(shared_desk: Desk, state: str) -> None:
    record = led(shared_desk, "contract", state)
    for values in ({"renewal_notice_days": 90}, {"next_step": "Renew", "renewal_notice_days": 90}, {"amount": 1}):
        with pytest.raises((Forbidden, Refused)):
            shared_desk.do("rep", "contract", "update", record, **values)
    assert shared_desk.row("contract", record)["next_step"] == "Call"
    seen = bulk.preview(shared_desk.store, shared_desk.actor("rep"), "contract", [record], {"renewal_notice_days": 9})
    assert (seen.rows.height, seen.beyond) == (0, 1)
    shared_desk.do("manager", "contract", "update", record, renewal_notice_days=90)


def test_no_rule_of_access_opens_the_rest_of_a_submitted_contract(desk: Desk) -> None:
    record = led(desk, "contract", "signed")
    line = {"role": "rep", "entity": "contract", "action": "update", "reaches": ["own"], "shows": "clear"}
    desk.make("access_rule", **line)
    desk.do("rep", "contract", "update", record, next_step="Renew")
    with pytest.raises((Forbidden, Refused)):
        desk.do("rep", "contract", "update", record, renewal_notice_days=90)


def test_the_form_of_a_signed_contract_asks_its_owner_for_the_next_step_alone(desk: Desk) -> None:
    record = led(desk, "contract", "signed")
    asked = {}
    with running(desk):
        for who in ("rep", "manager"):
            at = visiting(desk, who, "contracts", "en")
            at.query_params["id"] = record
            at = at.run()
            assert not at.button(key="contracts_verb_snooze").disabled
            at = at.button(key="contracts_verb_update").click().run()
            assert not at.exception
            asked[who] = set(at.session_state[f"form contract:{record}"].values)
    assert asked["rep"] == {"next_step", "next_step_on"}
    assert asked["manager"] > asked["rep"]


def test_it_goes_to_a_later_day_and_to_nothing_else(shared_desk: Desk) -> None:
    deal = late(shared_desk, "deal")
    for until in (company_today(), from_today(-1)):
        with pytest.raises(Invalid) as refusal:
            snooze(shared_desk, "deal", deal, 1, until=until)
        assert [problem.code for problem in refusal.value.problems] == ["snooze.not_later"]
    with pytest.raises(Invalid):
        shared_desk.do("rep", "deal", "snooze", deal)
    with pytest.raises(Invalid):
        shared_desk.do("rep", "deal", "snooze", deal, next_step_on=SOON, name="Another")
    task = shared_desk.make("task", assignee_id=shared_desk.people["rep"])
    with pytest.raises(Refused):
        shared_desk.do("rep", "task", "snooze", task)
    assert shared_desk.version("deal", deal) == 1


def test_only_whoever_may_update_puts_off(shared_desk: Desk) -> None:
    deal = late(shared_desk, "deal")
    for who, refusal in (("stranger", NotFound), ("leader", Forbidden), ("support", Forbidden)):
        with pytest.raises(refusal):
            snooze(shared_desk, "deal", deal, 1, who)
    snooze(shared_desk, "deal", deal, 1, "manager")
    with pytest.raises(Stale):
        snooze(shared_desk, "deal", deal, 1, until=from_today(6))


def test_of_two_at_once_one_is_told(shared_desk: Desk) -> None:
    deal = late(shared_desk, "deal")

    def put_off(days: int) -> str:
        try:
            snooze(shared_desk, "deal", deal, 1, ("rep", "manager")[days % 2], from_today(days))
        except Stale:
            return "stale"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put_off, (6, 7))) == ["done", "stale"]


def test_due_steps_of_every_kind_wait_for_their_owner(shared_desk: Desk) -> None:
    for entity in FOLLOWED:
        late(shared_desk, entity, "helper", f"Late {entity}")
        late(shared_desk, entity, "helper", f"Due {entity}", days=0)
        late(shared_desk, entity, "helper", f"Later {entity}", days=1)
    over = late(shared_desk, "lead", "helper", "Junk lead")
    shared_desk.step("operator", "lead", "junk", over)
    shown = dict.fromkeys(Group, 50)
    helper = shared_desk.people["helper"]
    parts = agenda(shared_desk.store, shared_desk.actor("manager"), helper, company_today(), shown)
    found = {part.group: {item.name for item in part.items} for part in parts}
    assert found == {
        Group.OVERDUE: {f"Late {entity}" for entity in FOLLOWED},
        Group.TODAY: {f"Due {entity}" for entity in FOLLOWED},
    }


def test_a_record_is_late_only_while_something_can_come_of_it() -> None:
    today = company_today()
    before = today - dt.timedelta(days=1)
    assert is_late("lead", {"status": "new", "next_step_on": before}, today)
    assert not is_late("lead", {"status": "junk", "next_step_on": before}, today)
    assert is_late("customer", {"next_step_on": before}, today)
    assert not is_late("customer", {"next_step_on": today}, today)
    assert not is_late("order", {"next_step_on": before}, today)


def test_one_tap_puts_off_to_a_working_day() -> None:
    friday = dt.date(2026, 11, 27)
    days = later_days(friday, WorkCalendar())
    assert [day.isoformat() for day in days.values()] == ["2026-11-30", "2026-11-30", "2026-12-04", "2026-12-11"]


@pytest.fixture
def served(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A department with late records, served; nobody waits for numbers."""
    monkeypatch.setattr(clicks, "FRESH_SECONDS", 0.0)
    for entity in FOLLOWED:
        late(desk, entity, name=f"Late {entity}")
    with running(desk):
        yield desk


def test_late_ones_show_in_lists_and_are_put_off_on_today(served: Desk) -> None:
    pages = {"leads": "lead", "customers": "customer", "deals": "deal", "contracts": "contract"}
    for page, entity in pages.items():
        other = late(served, entity, name="Not late", days=3)
        for language in LANGUAGES:
            at = visiting(served, "rep", page, language)
            button = at.button(key=f"{page}_overdue")
            assert translate("list.overdue_n", language, n=1) in button.label.replace("\\", "")
        at = button.click().run()
        chip = at.button(key=f"{page}_chip_overdue")
        assert (chip.label, at.query_params["overdue"]) == (translate("list.overdue", "en"), "1")
        assert len(at.dataframe[0].value) == 1
        assert served.row(entity, other)["next_step_on"] > company_today()
    lead = served.one("lead", company="Late lead")["id"]
    at = visiting(served, "rep", "today", "en")
    menu = at.menu_button(key=f"today_snooze_lead_{lead}")
    words = [translate(f"today.snooze.{word}", "en", day="").strip(" ·") for word in PUT_OFF_DAYS]
    assert [option.split(" · ")[0] for option in menu.options] == words
    at = menu.click_index(2).run()
    assert not at.error
    assert served.row("lead", lead)["next_step_on"] >= from_today(7)
    undo = next(button for button in at.button if button.key.startswith("today_undo_lead"))
    assert not undo.click().run().error
    assert served.row("lead", lead)["next_step_on"] == from_today(-2)
