"""A person's days as a calendar (RFC 5545): next steps, tasks, and contracts that end, as far as the person may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
from icalendar import Alarm, Calendar, Event

from dashboard.domain import standings
from dashboard.domain.access import Actor, Visibility
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, FOLLOWED, STEP, followed
from dashboard.domain.labels import entity_label, stored_text
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.seeing import seen
from dashboard.i18n import Language, translate
from dashboard.sitemap import page_of
from dashboard.store import Store, naming

BACK_DAYS, AHEAD_DAYS = 60, 400
"""How far a calendar reaches from today."""
REMINDED_AFTER = timedelta(hours=9)
"""When of its day a thing is reminded of."""
PRODUCT = "-//SalesDesk//SalesDesk//EN"


def address_of(base: str, secret: str) -> str:
    """Where a calendar program finds a calendar. base: the address of the server."""
    return f"{base}/api/v1/calendar/{secret}.ics"


class Kind(NamedTuple):
    """One kind of entry. entity; owner: whose it is; day, text: its fields; where: which records count."""

    entity: str
    owner: str
    day: str
    text: str
    where: tuple[Condition, ...] = ()


STEPS = tuple(Kind(entity, "owner_id", DAY, STEP, tuple(followed(entity))) for entity in FOLLOWED)
KINDS: dict[str, tuple[Kind, ...]] = {
    "step": STEPS,
    "task": (Kind("task", "assignee_id", "due_on", "title", (Condition("status", Operator.EQ, "open"),)),),
    "ending": (Kind("contract", "owner_id", "ends_on", "name", (standings.SIGNED, standings.IN_PLACE)),),
}
"""What stands in a calendar, by the key of its words."""


def calendar(store: Store, actor: Actor, language: Language, today: date, base: str) -> bytes:
    """The calendar as text. base: the address of the server, for links to the records."""
    name = f"{translate('app.name', language)} · {actor.name}"
    found = Calendar.new(prodid=PRODUCT, name=name, refresh_interval=timedelta(hours=1))
    for word, kinds in KINDS.items():
        for kind in kinds:
            for row, title in titled(store, actor, kind, dated(store, actor, kind, today), language):
                found.add_component(event(word, kind, row, title, language, base))
    return bytes(found.to_ical())


def dated(store: Store, actor: Actor, kind: Kind, today: date) -> pl.DataFrame:
    """The person's own records of a kind whose day is near enough."""
    declared = entity_of(kind.entity)
    shown = {name for name, how in seen(actor, declared).items() if how is Visibility.CLEAR}
    if not {kind.owner, kind.day, kind.text, *(one.field for one in kind.where)} <= shown:
        return pl.DataFrame()
    where = [
        Condition(kind.owner, Operator.EQ, actor.person_id),
        Condition(kind.day, Operator.GE, today - timedelta(days=BACK_DAYS)),
        Condition(kind.day, Operator.LE, today + timedelta(days=AHEAD_DAYS)),
        *kind.where,
    ]
    fields = {kind.day, kind.text, declared.title or kind.text, "customer_id"} & shown
    return store.find(actor, kind.entity, where, fields=sorted(fields))


def titled(
    store: Store, actor: Actor, kind: Kind, rows: pl.DataFrame, language: Language
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each record with what it is called: its customer, as far as that may be known, and its title."""
    title = entity_of(kind.entity).title or kind.text
    ids: Sequence[str] = rows["customer_id"].drop_nulls().to_list() if "customer_id" in rows.columns else []
    customers = naming.names(store, actor, "customer", ids, language)
    for row in rows.to_dicts():
        parts = (customers.get(row.get("customer_id") or ""), row.get(title))
        yield row, " · ".join(part for part in parts if part)


def event(word: str, kind: Kind, row: dict[str, Any], title: str, language: Language, base: str) -> Event:
    """One entry of a whole day, with its reminder and the way to the record."""
    day = row[kind.day]
    said = row[kind.text] if word == "step" else None
    label = stored_text(said, language) or translate(
        f"calendar_feed.{word}", language, entity=entity_label(kind.entity, language)
    )
    summary = f"{label} · {title}" if title else label
    entry = page_of(kind.entity)
    made = Event.new(
        uid=f"{word}-{kind.entity}-{row['id']}@salesdesk",
        summary=summary,
        start=day,
        end=day + timedelta(days=1),
        sequence=row["version"],
        last_modified=row["updated_at"].replace(tzinfo=UTC) if isinstance(row.get("updated_at"), datetime) else None,
        url=f"{base}/{entry.slug}?id={row['id']}" if entry else None,
    )
    made.add("transp", "TRANSPARENT")
    made.add_component(reminder(summary))
    return made


def reminder(summary: str) -> Alarm:
    """In the morning of the day."""
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("trigger", REMINDED_AFTER)
    made.add("description", summary)
    return made
