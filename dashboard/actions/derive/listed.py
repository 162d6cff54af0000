"""The values of lists: one that records hold stays in its list, and a tag goes by the code it has."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.entities import ENTITIES
from dashboard.domain.entities.reference import TAG_LISTS
from dashboard.errors import Invalid, Problem
from dashboard.store import Derivation, Transaction

LISTED = "list_value"
FIELDS = [(entity, field) for entity in ENTITIES.values() for field in entity.all_fields]


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are.

    Raises Invalid (list_value.used) for a value that leaves its list although it was used, (list_value.tagged) for one
    that gets another code although records have it as a tag.
    """
    rows = change.rows
    if change.verb == "update":
        moved, coded = (altered(rows, current, name) for name in ("list", "code"))
        refuse(rows, pointed_at(open_, moved) or tagged(open_, moved), "list", "list_value.used")
        refuse(rows, tagged(open_, coded), "code", "list_value.tagged")
    return rows, []


def altered(rows: pl.DataFrame, current: pl.DataFrame, name: str) -> pl.DataFrame:
    """The values, as they were, that get another list or code."""
    return current.filter(rows[name].ne_missing(current[name])) if name in rows.columns else current.clear()


def refuse(rows: pl.DataFrame, value: str | None, name: str, code: str) -> None:
    """Raise Invalid for a value, if there is one."""
    if value is not None:
        raise Invalid((Problem(rows["id"].to_list().index(value), name, code),))


def pointed_at(open_: Transaction, values: pl.DataFrame) -> str | None:
    """The first of some values that a record ever pointed at; None for none."""
    if values.is_empty():
        return None
    pointing = [(entity.name, field.name) for entity, field in FIELDS if field.to == LISTED]
    return next((used[0] for entity, name in pointing if (used := open_.used(entity, name, values["id"]))), None)


def tagged(open_: Transaction, values: pl.DataFrame) -> str | None:
    """The first of some values that a record ever had as a tag; None for none."""
    for value, of, code in values.select("id", "list", "code").iter_rows():
        holding = [(entity.name, field.name) for entity, field in FIELDS if TAG_LISTS.get(field.name) == of]
        if any(open_.tagged(entity, name, code) for entity, name in holding):
            return str(value)
    return None


DERIVATION = Derivation(reads=("list", "code"), apply=derive)
