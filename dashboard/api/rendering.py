"""Records as JSON objects: hidden fields absent, masked ones masked, the version also as ETag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.api.values import opened, plain, readable, structured_names
from dashboard.domain.entities import Entity
from dashboard.domain.fields import SYSTEM_COLUMNS
from dashboard.store.listing import Page

ALWAYS = ("id", "version")
SYSTEM = tuple(column.name for column in SYSTEM_COLUMNS)


def items(entity: Entity, page: Page, fields: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a page; fields: only these, besides id and version."""
    frame = readable(entity, page.rows)
    if fields is not None:
        frame = frame.select([name for name in frame.columns if name in fields or name in ALWAYS])
    elif entity.number is None:
        frame = frame.drop("number")
    rows = frame.to_dicts()
    for name in structured_names(entity, frame.columns):
        for row in rows:
            row[name] = opened(row[name])
    for name, away in page.hidden.items():
        if name in frame.columns:
            for row, hides in zip(rows, away, strict=True):
                if hides:
                    del row[name]
    return rows


def record(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """One record as the store gives it."""
    found = plain(entity, row)
    if entity.number is None:
        found.pop("number", None)
    return found


def etag(version: int) -> str:
    """A version as an entity tag."""
    return f'"{version}"'
