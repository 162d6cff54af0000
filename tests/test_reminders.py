"""What comes to people by itself: a calendar under a secret address, and a digest by mail from a real mail server."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar
from starlette.testclient import TestClient

from dashboard import jobs
from dashboard.actions import digest
from dashboard.actions.agenda import Group, agenda
from dashboard.actions.scheduled import JOBS, day_of
from dashboard.domain.access import operator
from dashboard.errors import Refused
from dashboard.i18n import translate
from dashboard.store.tokens import Tokens
from tests.api.calling import Api, application
from tests.contracting import sign
from tests.department import Desk
from tests.selling import company_today, running, visiting
from tests.waiting import from_today, make_work

JOB = next(job for job in JOBS if job.name == "digest")


@pytest.fixture
def api(desk: Desk) -> Iterator[Api]:
    """The interface over a department in which things wait for the rep."""
    make_work(desk)
    with running(desk), TestClient(application(), base_url="http://sales.test") as client:
        yield Api(desk, client)


def read(api: Api, address: str) -> httpx.Response:
    """What a calendar program gets, which knows nothing but the address."""
    return api.client.get(address.removeprefix("http://sales.test"))


def entries(api: Api, address: str) -> dict[str, dt.date]:
    """What stands in a calendar: its words and its day."""
    answer = read(api, address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    return {str(event["SUMMARY"]): event["DTSTART"].dt for event in Calendar.from_ical(answer.text).walk("VEVENT")}


def test_a_calendar_has_the_persons_days_and_nobody_elses(api: Api) -> None:
    hers = entries(api, api("rep").call("POST", "/calendar", json={}).json()["address"])
    assert hers["Call · Harbour Works · Late deal"] == from_today(-2)
    assert hers["Meet · Harbour Works · Busy deal"] == from_today(5)
    assert hers["Due: Task · Harbour Works · Later task"] == from_today(3)
    assert hers["Ends: Contract · Harbour Works · Soon over"] == from_today(30)
    assert not any("Colleague" in one or "Lost" in one or "Done" in one or "draft" in one for one in hers)
    desk = api.desk
    soon = desk.one("contract", name="Soon over")["id"]
    desk.do("manager", "contract", "amend", soon, why="longer")
    later = desk.one("contract", amends_id=soon)["id"]
    desk.do("rep", "contract", "update", later, name="Longer", ends_on=from_today(90))
    sign(desk, later)  # another one took its place
    hers = entries(api, api("rep").call("POST", "/calendar", json={}).json()["address"])
    assert hers["Ends: Contract · Harbour Works · Longer"] == from_today(90)
    assert "Ends: Contract · Harbour Works · Soon over" not in hers
    theirs = entries(api, api("colleague").call("POST", "/calendar", json={}).json()["address"])
    assert list(theirs) == ["Call · Harbour Works · Colleague deal"]
    assert entries(api, api("support").call("POST", "/calendar", json={}).json()["address"]) == {}


def test_an_entry_leads_to_its_record_and_reminds_in_the_morning(api: Api) -> None:
    lead = api.desk.make(
        "lead",
        company='Odd, "quoted"; \\ company',
        owner_id=api.desk.people["rep"],
        next_step="Call; then, write",
        next_step_on=company_today(),
    )
    address = api("rep").call("POST", "/calendar", json={}).json()["address"]
    found = Calendar.from_ical(read(api, address).text)
    event = next(one for one in found.walk("VEVENT") if lead in one["UID"])
    assert str(event["SUMMARY"]) == 'Call; then, write · Odd, "quoted"; \\ company'
    assert (str(event["URL"]), event["SEQUENCE"]) == (f"http://sales.test/leads?id={lead}", 1)
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [dt.timedelta(hours=9)]


def test_an_address_ends_with_a_new_one_when_told_to_and_with_its_person(api: Api) -> None:
    rep = api("rep")
    once = {"Idempotency-Key": "one-calendar"}
    first = rep.call("POST", "/calendar", once, json={}).json()["address"]
    assert rep.call("POST", "/calendar", once, json={}).json()["address"] == first, "the request counts once"
    second = rep.call("POST", "/calendar", json={}).json()["address"]
    assert (read(api, first).status_code, read(api, second).status_code) == (404, 200)
    assert rep.get("/calendar")["opened_at"] is not None
    assert rep.call("DELETE", "/calendar").status_code == 204
    assert (read(api, second).status_code, rep.get("/calendar")["opened_at"]) == (404, None)
    third = rep.call("POST", "/calendar", json={}).json()["address"]
    api.desk.submit("operator", change(api.desk, "rep", active=False))
    assert read(api, third).status_code == 404


def test_the_secret_of_a_calendar_opens_nothing_else(api: Api) -> None:
    address = api("rep").call("POST", "/calendar", json={}).json()["address"]
    secret = address.rsplit("/", 1)[1].removesuffix(".ics")
    for path in ("/deals", "/session", "/tokens", "/calendar"):
        answer = api.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401, path
    bearer = api("rep").call("POST", "/tokens", json={"name": "all", "scopes": ["read"]}).json()["token"]
    for other in (bearer, api("rep").secret, "sdc_nobody's", "%00"):
        assert read(api, f"/api/v1/calendar/{other}.ics").status_code == 404, other


def change(desk: Desk, who: str, **values: Any) -> Any:
    """A change of a person."""
    from dashboard.domain.changes import Change
    from tests.builders import frame_of

    return Change("person", "update", frame_of("person", {"id": desk.people[who], **values}))


# -- the digest -------------------------------------------------------------------------------------------------------


class Box:
    """Keeps what a mail server is given."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        """One letter."""
        import email
        from email import policy

        self.letters.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=policy.default)))
        return "250 kept"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A mail server on this machine, named in the settings."""
    kept = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("SALES_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("SALES_MAIL_FROM", "desk@sales.test")
    monkeypatch.setenv("SALES_PUBLIC_URL", "https://sales.test")
    yield kept
    controller.stop()


def send(desk: Desk, moment: dt.datetime) -> int:
    """What the job does at a moment."""
    return JOB.work(desk.store, day_of(moment, desk.store.company.zone), moment)


def due(desk: Desk, who: str = "rep") -> dt.datetime:
    """When somebody's digest is due."""
    return desk.one("subscription", person_id=desk.people[who])["next_due_at"]


def test_a_digest_tells_once_what_waits(desk: Desk, box: Box) -> None:
    make_work(desk)
    desk.make("deal", name="<b>Bold</b>", owner_id=desk.people["rep"], next_step="Call", next_step_on=from_today(-1))
    desk.submit("operator", change(desk, "rep", email="rep@sales.test", language="en"))
    digest.subscribe(desk.store, desk.actor("rep"))
    digest.subscribe(desk.store, desk.actor("rep"))
    first = due(desk)
    assert send(desk, first - dt.timedelta(seconds=1)) == 0, "not before its time"
    assert send(desk, first) == 1
    assert send(desk, first) == 0, "done twice, it is sent once"
    assert due(desk) > first
    [(recipients, letter)] = box.letters
    groups = agenda(desk.store, desk.actor("rep"), desk.people["rep"], first.date(), dict.fromkeys(Group, 99))
    count = sum(part.n for part in groups)
    assert (recipients, letter["From"]) == (["rep@sales.test"], "desk@sales.test")
    assert letter["Subject"].startswith(f"{count} follow-ups wait for you")
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Call" in text
    for name in ("Late deal", "Late task", "Due deal", "Idle deal", "Stale deal", "Soon over"):
        assert name in text
        assert name in html
    assert "Colleague deal" not in text
    assert "<b>Bold</b>" in text
    assert "<b>Bold" not in html
    late = desk.one("deal", name="Late deal")["id"]
    assert f"https://sales.test/deals?id={late}" in text


def test_nobody_gets_one_who_left_stopped_or_has_nothing_waiting(desk: Desk, box: Box) -> None:
    for who in ("rep", "colleague", "stranger"):
        desk.submit("operator", change(desk, who, email=f"{who}@sales.test"))
        digest.subscribe(desk.store, desk.actor(who))
    make_work(desk)
    digest.unsubscribe(desk.store, desk.actor("rep"))
    digest.unsubscribe(desk.store, desk.actor("rep"))
    desk.submit("operator", change(desk, "stranger", active=False))
    late = desk.store.find(operator(), "deal")  # the colleague's only deal is late
    for row in late.filter(late["owner_id"] == desk.people["colleague"]).to_dicts():
        desk.do("operator", "deal", "snooze", row["id"], next_step_on=from_today(40))
    assert send(desk, due(desk, "colleague")) == 0
    assert box.letters == []


def test_one_needs_an_address_and_a_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as refusal:
        digest.subscribe(desk.store, desk.actor("rep"))
    assert refusal.value.text("en") == translate("error.digest.no_address", "en")
    desk.submit("operator", change(desk, "rep", email="rep@sales.test"))
    digest.subscribe(desk.store, desk.actor("rep"))
    before = due(desk)
    monkeypatch.delenv("SALES_SMTP_URL", raising=False)
    assert send(desk, before) == 0
    monkeypatch.setenv("SALES_SMTP_URL", "smtp://127.0.0.1:9")  # nobody listens there
    with pytest.raises(ConnectionRefusedError):
        send(desk, before)
    assert due(desk) == before, "it is sent later"


def test_it_comes_on_working_mornings(desk: Desk) -> None:
    friday = dt.date(2026, 11, 27)
    assert digest.next_morning(desk.store, friday) == dt.datetime(2026, 11, 30, 0, 0), "Monday, 8:00 in Shanghai"
    assert jobs.Running.desk is None


# -- the account ------------------------------------------------------------------------------------------------------


def test_both_are_switched_in_the_account(desk: Desk) -> None:
    with running(desk):
        at = visiting(desk, "rep", language="en").button(key="account").click().run()
        at = at.button(key="calendar_make").click().run()  # here the whole page runs, and the dialog closes
        at = at.button(key="account").click().run()
        [address] = [one.value for one in at.code]
        assert "/api/v1/calendar/sdc_" in address
        at = at.button(key="account").click().run()
        assert not at.code, "it is shown once"
        at = at.button(key="digest_start").click().run().button(key="account").click().run()
        assert translate("error.digest.no_address", "en") in [error.value.replace("\\", "") for error in at.error]
        desk.submit("operator", change(desk, "rep", email="rep@sales.test"))
        at = at.button(key="digest_start").click().run()
        assert not at.error
        assert due(desk)
        at = at.button(key="account").click().run().button(key="digest_stop").click().run()
        assert digest.subscribed(desk.store, desk.actor("rep")) is None
        at.button(key="account").click().run().button(key="calendar_end").click().run()
        assert Tokens(desk.store).feed_of(desk.people["rep"]) is None
