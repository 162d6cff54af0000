"""The parts of the doors that need no server: names of hosts, cookies, tickets, and how many strangers there may be."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from dashboard.settings import Settings
from dashboard.ui import cookies
from dashboard.ui.connections import ARRIVALS_PER_ADDRESS, STRANGERS, STRANGERS_PER_ADDRESS, Connections
from dashboard.ui.handover import TICKET_SECONDS, Tickets
from dashboard.ui.house import House

SECRET = "A" * 43


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def house() -> House:
    found = House()
    found.settle(Settings(allowed_hosts="sales.example.com, [2001:db8::1]", _env_file=None))
    return found


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8501",
        "127.0.0.1:1",
        "[::1]:80",
        "sales.example.com",
        "sales.example.com.",
        "[2001:db8::1]:80",
    ],
)
def test_a_name_in_the_settings_is_known(house: House, host: str) -> None:
    assert house.knows(host)


@pytest.mark.parametrize(
    "host",
    ["", "example.com", "x.sales.example.com", "sales.example.com:x", "a@localhost", "localhost/x", "[::2]", "["],
)
def test_any_other_name_is_not(house: House, host: str) -> None:
    assert not house.knows(host)


@pytest.mark.parametrize("names", ["http://sales.example.com", "sales.example.com:8501", "a,,b", "*", "a b"])
def test_a_setting_that_is_no_list_of_hosts_is_refused(names: str) -> None:
    with pytest.raises(ValueError, match="allowed_hosts"):
        Settings(allowed_hosts=names, _env_file=None)


@pytest.mark.parametrize(
    ("scheme", "production", "safe"), [("http", False, False), ("wss", False, True), ("ws", True, True)]
)
def test_cookies_are_safe_behind_tls_and_always_in_production(
    house: House, scheme: str, production: bool, safe: bool
) -> None:
    house.production = production
    assert house.is_safe({"type": "http", "scheme": scheme}) is safe


def test_a_cookie_over_a_plain_connection_does_not_count_behind_tls() -> None:
    headers = Headers({"cookie": f"a=b; sid={SECRET}"})
    assert cookies.secret_in(headers, safe=False) == SECRET
    assert cookies.secret_in(headers, safe=True) is None
    assert cookies.secret_in(Headers({"cookie": f"__Host-sid={SECRET}"}), safe=True) == SECRET


@pytest.mark.parametrize("found", ["", SECRET[1:], SECRET + "A", SECRET[1:] + "=", SECRET[1:] + " "])
def test_what_cannot_be_a_secret_is_none(found: str) -> None:
    assert cookies.secret_in(Headers({"cookie": f"sid={found}"}), safe=False) is None


def test_a_ticket_stands_for_its_secret_once_and_for_a_minute() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    used, late = tickets.issue("one"), tickets.issue("two")
    assert tickets.burn(used) == "one"
    assert tickets.burn(used) is None
    clock.now = TICKET_SECONDS
    assert tickets.burn(late) is None
    tickets.issue("three")
    assert len(tickets.waiting) == 1, "what nobody came for is not kept"


def test_strangers_are_limited_by_address_and_in_all() -> None:
    found = Connections(Clock())
    here = [found.admit("1.2.3.4", None) for _ in range(STRANGERS_PER_ADDRESS)]
    assert all(here)
    assert found.admit("1.2.3.4", None) is None
    assert found.admit("1.2.3.4", SECRET), "somebody who logged in is no stranger"
    assert here[0]
    here[0].token = SECRET  # a login makes room
    assert found.admit("1.2.3.4", None)
    others = [found.admit(f"10.0.{number // 50}.0", None) for number in range(STRANGERS)]
    assert sum(other is not None for other in others) == STRANGERS - STRANGERS_PER_ADDRESS


def test_an_address_may_not_come_again_and_again() -> None:
    clock = Clock()
    found = Connections(clock)

    def come() -> bool:
        arrived = found.admit("1.2.3.4", None)
        if arrived:
            found.leave(arrived)
        return arrived is not None

    assert [come() for _ in range(ARRIVALS_PER_ADDRESS + 1)] == [True] * ARRIVALS_PER_ADDRESS + [False]
    clock.now = 1.0
    assert come()


def test_a_pages_memory_belongs_to_one_session() -> None:
    found = Connections(Clock())
    found.bind("page", SECRET)
    assert found.is_bound("page", SECRET)
    assert not found.is_bound("page", "B" * 43)
    assert not found.is_bound("page", None)
    assert not found.is_bound("another page", SECRET)
    found.loosen("page")
    assert not found.is_bound("page", SECRET)
