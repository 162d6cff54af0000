"""Records as JSON objects: hidden fields absent, masked ones masked, the version also as ETag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from dashboard.api.values import opened, plain, readable, structured_names
from dashboard.domain.entities import Entity
from dashboard.domain.fields import SYSTEM_COLUMNS
from dashboard.domain.follow_ups import STEP
from dashboard.domain.labels import stored_text
from dashboard.domain.standings import STANDING, STANDINGS, standing_of
from dashboard.i18n import Language
from dashboard.store.listing import Page

ALWAYS = ("id", "version")
SYSTEM = tuple(column.name for column in SYSTEM_COLUMNS)


class Reading(NamedTuple):
    """How somebody reads records: on which day, and in which language what the machine wrote is said."""

    today: date
    language: Language


def items(entity: Entity, page: Page, reading: Reading, fields: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a page as somebody reads them; fields: only these, besides id and version."""
    frame = readable(entity, page.rows)
    if fields is not None:
        frame = frame.select([name for name in frame.columns if name in fields or name in ALWAYS])
    elif entity.number is None:
        frame = frame.drop("number")
    rows = frame.to_dicts()
    for name in structured_names(entity, frame.columns):
        for row in rows:
            row[name] = opened(row[name])
    leave_out(rows, page.hidden)
    if entity.name in STANDINGS and (fields is None or STANDING in fields):
        seen = page.rows.to_dicts()
        leave_out(seen, page.hidden)
        rows = [
            row | {STANDING: standing_of(entity.name, one, reading.today)} for row, one in zip(rows, seen, strict=True)
        ]
    return [in_words(row, reading.language) for row in rows]


def leave_out(rows: list[dict[str, Any]], hidden: Mapping[str, Iterable[bool]]) -> None:
    """Take from each row what it hides."""
    for name, away in hidden.items():
        for row, hides in zip(rows, away, strict=True):
            if hides:
                row.pop(name, None)


def record(entity: Entity, row: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """One record as the store gives it to somebody, and how it stands."""
    found = plain(entity, row)
    if entity.number is None:
        found.pop("number", None)
    if entity.name in STANDINGS:
        found[STANDING] = standing_of(entity.name, row, reading.today)
    return in_words(found, reading.language)


def in_words(row: dict[str, Any], language: Language, *more: str) -> dict[str, Any]:
    """The row with the texts that the machine may have written in the reader's language: a next step, and others."""
    return row | {name: stored_text(row[name], language) for name in (STEP, *more) if row.get(name)}


def etag(version: int) -> str:
    """A version as an entity tag."""
    return f'"{version}"'
