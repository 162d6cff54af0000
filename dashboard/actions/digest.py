"""The daily digest by mail: who wants it, and sending it each working day in the morning."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.actions.digest_text import digest_of
from dashboard.actions.mail import letter, mail_server
from dashboard.actions.records import create, take
from dashboard.actions.work_days import calendar_of
from dashboard.domain.access import Actor, system
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Refused
from dashboard.settings import Settings, load
from dashboard.store import Store

REPORT = "digest"
IN_THE_MORNING = time(8, 0)
# -- who wants it -----------------------------------------------------------------------------------------------------


def subscribed(store: Store, actor: Actor) -> dict[str, Any] | None:
    """The actor's subscription, or None."""
    mine = [Condition("person_id", Operator.EQ, actor.person_id), Condition("report", Operator.EQ, REPORT)]
    found = store.find(actor, "subscription", mine, limit=1)
    return found.row(0, named=True) if found.height else None


def subscribe(store: Store, actor: Actor) -> None:
    """From the next working day on; a second time changes nothing. Raises Refused (digest.no_address)."""
    with store.engine.lock:
        if subscribed(store, actor):
            return
        if address_of(store, actor.person_id) is None:
            raise Refused("digest.no_address")
        due = next_morning(store, store.company.today())
        values = {"person_id": actor.person_id, "report": REPORT, "every": "day", "format": "html", "next_due_at": due}
        create(store, actor, "subscription", new_id(), values)


def unsubscribe(store: Store, actor: Actor) -> None:
    """No more of it; a second time changes nothing."""
    with store.engine.lock:
        if found := subscribed(store, actor):
            take(store, actor, "subscription", "archive", found["id"], found["version"])


def address_of(store: Store, person_id: str) -> str | None:
    """Where a person's mail goes."""
    found = store.get(system(), "person", person_id).get("email")
    return str(found) if found else None


def next_morning(store: Store, after: date) -> datetime:
    """The morning of the first working day after a day, as naive UTC."""
    day_then = calendar_of(store).nth(after + timedelta(days=1), 1)
    local = datetime.combine(day_then, IN_THE_MORNING, ZoneInfo(store.company.zone))
    return local.astimezone(UTC).replace(tzinfo=None)


# -- sending ----------------------------------------------------------------------------------------------------------


def send_due(store: Store, today: date, moment: datetime) -> int:
    """Send what is due, and write down the next time of each as soon as it was sent; returns how many went out.

    Without a mail server nothing is sent and nothing is lost: it stays due. Raises smtplib.SMTPException or OSError.
    """
    settings = load()
    due = [
        Condition("report", Operator.EQ, REPORT),
        Condition("active", Operator.EQ, value=True),
        Condition("next_due_at", Operator.LE, moment),
    ]
    rows = store.find(system(), "subscription", due).to_dicts() if settings.smtp_url else []
    if not rows or settings.smtp_url is None:
        return 0
    sent = 0
    with mail_server(settings.smtp_url.get_secret_value()) as server:
        for row in rows:
            if (made := digest_for(store, settings, row, today)) is not None:
                server.send_message(made)
                sent += 1
            values = {"next_due_at": next_morning(store, today)}
            take(store, system(), "subscription", "update", row["id"], row["version"], values)
    return sent


def digest_for(store: Store, settings: Settings, row: dict[str, Any], today: date) -> EmailMessage | None:
    """The mail of one subscription; None for whoever has left, has no address, or has nothing waiting."""
    try:
        actor = store.actor(row["person_id"], REPORT)
    except Forbidden:
        return None
    address = address_of(store, actor.person_id)
    told = digest_of(store, actor, today, settings.public_url) if address else None
    if told is None or address is None:
        return None
    message_id = f"<{row['id']}.{today.isoformat()}@{settings.mail_from.partition('@')[2]}>"
    return letter(settings.mail_from, address, told.subject, told.text, told.html, message_id)
