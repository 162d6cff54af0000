"""The values of lists: one that records hold stays in its list."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.entities import ENTITIES
from dashboard.domain.entities.reference import TAG_LISTS
from dashboard.errors import Invalid, Problem
from dashboard.store import Derivation, Transaction

LISTED = "list_value"


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are. Raises Invalid (list_value.used) for a value that leaves its list although it was used."""
    rows = change.rows
    if change.verb == "update" and "list" in rows.columns:
        moved = current.filter(rows["list"].ne_missing(current["list"]))
        if moved.height and (used := held(open_, moved)):
            place = rows["id"].to_list().index(used)
            raise Invalid((Problem(place, "list", "list_value.used"),))
    return rows, []


def held(open_: Transaction, values: pl.DataFrame) -> str | None:
    """The first of some values of lists that a record ever pointed at, or had as a tag; None for none."""
    fields = [(entity.name, field) for entity in ENTITIES.values() for field in entity.all_fields]
    for entity, field in fields:
        if field.to == LISTED and (used := open_.used(entity, field.name, values["id"])):
            return used[0]
    for value, of, code in values.select("id", "list", "code").iter_rows():
        if any(TAG_LISTS.get(field.name) == of and open_.tagged(entity, field.name, code) for entity, field in fields):
            return str(value)
    return None


DERIVATION = Derivation(reads=("list", "code"), apply=derive)
