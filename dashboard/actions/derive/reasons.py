"""Why a record ended: a reason that says little of itself comes with a note."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from dashboard.domain.access import Role
from dashboard.errors import Invalid, Problem
from dashboard.store import Transaction

MACHINES = {Role.OPERATOR, Role.SYSTEM}


class Reason(NamedTuple):
    """Where an entity keeps its reason and the note to it."""

    field: str
    note: str


def check_reason(open_: Transaction, kept: Reason, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Invalid (reason.needs_note). What an import states of the past needs no note."""
    if kept.field not in rows.columns:
        return
    values = open_.lookup("list_value", "id", rows[kept.field], ("needs_note",))
    known = rows.select(id=kept.field).join(values, on="id", how="left", maintain_order="left")
    said = next((frame[kept.note] for frame in (rows, current) if kept.note in frame.columns), None)
    silent = (
        said.fill_null("").str.strip_chars() == "" if said is not None else pl.repeat(True, rows.height, eager=True)
    )
    lacking = (known["needs_note"].fill_null(value=False) & silent).arg_true()
    if lacking.len() and not MACHINES & set(open_.actor.roles):
        raise Invalid((Problem(lacking[0], kept.note, "reason.needs_note", {"field": kept.note}),))
