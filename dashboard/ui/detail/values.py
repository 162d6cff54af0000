"""A record's values in words: names instead of ids, labels instead of codes, amounts with their currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dashboard.domain.entities import Entity
from dashboard.domain.fields import Field, Kind
from dashboard.domain.follow_ups import STEP
from dashboard.domain.labels import choice_label, stored_text
from dashboard.i18n import Language, day, instant, money, number, percent, show
from dashboard.ui.forms import options
from dashboard.ui.visit import Visit

Record = Mapping[str, Any]


def heading_of(entity: Entity, record: Record, language: Language) -> str:
    """What a record is called, its number first; what has a name in each language, by that of the reader."""
    title = label if (label := f"label_{language}") in entity.by_name else entity.title or "number"
    parts = [record.get("number") if title != "number" else None, record.get(title)]
    return " · ".join(str(part) for part in parts if part)


def names_in(visit: Visit, entity: Entity, rows: Iterable[Record]) -> dict[str, str]:
    """What the records are called that these rows point at, one look-up for each kind."""
    wanted: dict[str, set[str]] = {}
    fields = [field for field in entity.all_fields if field.to]
    for row in rows:
        for field in fields:
            if (value := row.get(field.name)) is not None:
                wanted.setdefault(str(field.to), set()).add(value)
    found: dict[str, str] = {}
    for target, ids in wanted.items():
        found |= visit.names(target, sorted(ids))
    return found


def written(
    visit: Visit,
    entity: Entity,
    name: str,
    value: Any,
    record: Record | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """A value in words; record: where its currency stands; names: of what it may point at."""
    field = entity.by_name.get(name)
    if value is None or value == []:
        return visit.text("common.nothing")
    if field is None:
        return moment(visit, value) if isinstance(value, dt.datetime) else show(value, visit.language)
    if field.to:
        return (names or {}).get(value, visit.text("list.unknown"))
    return plain_value(visit, entity, field, value, record or {})


def plain_value(visit: Visit, entity: Entity, field: Field, value: Any, record: Record) -> str:  # noqa: PLR0911
    """A value that stands for itself."""
    if field.is_year:
        return str(value)
    match field.kind:
        case Kind.MONEY | Kind.PRICE:
            currency = visit.currency if field.unit == "base" else record.get("currency") or visit.currency
            return money(Decimal(str(value)), visit.language, currency)
        case Kind.SHARE:
            return percent(value, visit.language)
        case Kind.DATE:
            return day(value, visit.language)
        case Kind.INSTANT:
            return moment(visit, value)
        case Kind.CHOICE:
            return choice_label(entity.name, field.name, value, visit.language) if value in field.choices else value
        case Kind.TAGS:
            words = options.tag_names(visit, entity, field)
            return show([words.get(word, word) for word in value], visit.language)
        case Kind.NUMBER | Kind.INTEGER:
            plain = number(value, visit.language)
            return (
                visit.text("detail.with_unit", n=plain, unit=visit.text(f"unit.{field.unit}")) if field.unit else plain
            )
        case _:
            return show(stored_text(value, visit.language) if field.name == STEP else value, visit.language)


def moment(visit: Visit, value: dt.datetime) -> str:
    """A moment on the company's clock."""
    return instant(value, visit.language, visit.desk.store.company.zone)
