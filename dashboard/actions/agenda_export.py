"""A person's agenda as a file: everything that waits, also what the page has not shown yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import polars as pl

from dashboard.actions.agenda import Group, Item, agenda
from dashboard.actions.exports.collect import Export, allow, made, note
from dashboard.domain.access import Action, Actor
from dashboard.domain.labels import entity_label, field_label, stored_text
from dashboard.errors import Forbidden
from dashboard.i18n import Language, translate
from dashboard.store import Store, naming

MOST_EXPORTED = 10_000


def export_agenda(store: Store, actor: Actor, person_id: str, today: date, language: Language) -> Export:
    """The whole agenda as rows, and note it in the audit trail. Raises Forbidden, Refused (export.*)."""
    if not actor.grants("deal", Action.EXPORT):
        raise Forbidden("access.forbidden", entity="deal", action=str(Action.EXPORT))
    parts = agenda(store, actor, person_id, today, dict.fromkeys(Group, MOST_EXPORTED), Action.EXPORT)
    items = [(part.group, item) for part in parts for item in part.items]
    allow(store, actor, "deal", len(items), None)
    names = {
        entity: naming.names(store, actor, entity, [getattr(item, f"{entity}_id") for _, item in items], language)
        for entity in ("customer", "stage")
    }
    rows = [dict(columns(group, item, names, language)) for group, item in items]
    schema = {name: pl.Decimal(18, 4) if name == "amount" else pl.Date if name == "due_on" else None for name in TITLES}
    frame = pl.DataFrame(rows, schema={name: dtype or pl.String for name, dtype in schema.items()})
    about = {
        "title": translate("page.today.title", language),
        "scope": translate(
            "export.all_records", language, name=store.labels("person", [person_id], language).get(person_id, "")
        ),
        **made(store, actor, frame.height, language),
    }
    note(store, actor, "agenda", frame.height, about)
    titles = {name: title(language) for name, title in TITLES.items()}
    return Export("agenda", frame, titles, about, language, store.company.zone)


TITLES: dict[str, Callable[[Language], str]] = {
    "group": lambda language: translate("today.export.group", language),
    "entity": lambda language: translate("import.line.entity", language),
    "customer": lambda language: entity_label("customer", language),
    "name": lambda language: field_label("deal", "name", language),
    "due_on": lambda language: field_label("task", "due_on", language),
    "next_step": lambda language: field_label("deal", "next_step", language),
    "stage": lambda language: field_label("deal", "stage_id", language),
    "amount": lambda language: field_label("deal", "amount", language),
}


def columns(
    group: Group, item: Item, names: Mapping[str, Mapping[str, str]], language: Language
) -> Iterator[tuple[str, object]]:
    """One line of the export."""
    yield "group", translate(f"today.group.{group}", language)
    yield "entity", entity_label(item.entity, language)
    yield "customer", names["customer"].get(item.customer_id or "")
    yield "name", item.name
    yield "due_on", item.due_on
    yield "next_step", item.text and stored_text(item.text, language)
    yield "stage", names["stage"].get(item.stage_id or "")
    yield "amount", item.amount
