"""Who comes in with a one-time password sets a new one and does nothing else before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.actions.passwords import LEAST
from dashboard.i18n import translate
from tests.selling import PASSWORD
from tests.served import Served
from tests.web.client import Client, pressed, typed, visiting

FRESH = "a password of my own"


@pytest.fixture
def due(server: Served) -> Iterator[Served]:
    server.say("due admin")
    yield server
    server.say("allow admin")


def change(client: Client, current: str, fresh: str, again: str) -> Client:
    """Fill in and send the form."""
    fields = zip(("current", "fresh", "again"), (current, fresh, again), strict=True)
    states = [typed(client.find("text_input", translate(f"account.{name}", "zh")).id, text) for name, text in fields]
    return client.run(*states, pressed(client.find("button", translate("account.save", "zh")).id))


def test_no_page_opens_before_the_new_password_and_all_do_afterwards(due: Served) -> None:
    with visiting(due.address) as client:
        client.run().log_in("admin", PASSWORD)
        cookie = client.cookie()
        for page in ("", "team"):
            client.run(page=page)
            assert translate("account.due_title", "zh") in client.text
            assert not list(client.of("metric"))
        with visiting(due.address, cookie) as tab:
            assert translate("account.due_title", "zh") in tab.run().text
            change(client, PASSWORD, FRESH, FRESH)
            assert translate("account.due_title", "zh") not in client.text
            assert client.sees_a_page
            assert tab.run().sees_the_login_form, "what came in with the old password is out"
        with visiting(due.address, client.cookie()) as fresh:
            assert fresh.run().sees_a_page


@pytest.mark.parametrize(
    ("current", "fresh", "again", "key"),
    [
        ("a guess", FRESH, FRESH, "password.current"),
        (PASSWORD, FRESH, FRESH + "!", "password.differ"),
        (PASSWORD, PASSWORD, PASSWORD, "password.same"),
        (PASSWORD, "short", "short", "password.short"),
        (PASSWORD, "Password1234", "Password1234", "password.common"),
        (PASSWORD, "I am the Ad-Min!", "I am the Ad-Min!", "password.personal"),
        (PASSWORD, "长" * 25, "长" * 25, "password.long"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(due: Served, current: str, fresh: str, again: str, key: str) -> None:
    with visiting(due.address) as client:
        client.run().log_in("admin", PASSWORD)
        change(client, current, fresh, again)
        told = translate(f"error.{key}", "zh", least=LEAST, most=72)
        assert [alert.body for alert in client.of("alert")] == [told]
        assert translate("account.due_title", "zh") in client.text
