"""Gates in the write path: a deal that a person moves forward has what every stage on its way requires.

They are looked at when the change-set ends, so that what is filled in or told with the move counts. What an import or
the operator states is history and passes no gate.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from dashboard.domain import gates
from dashboard.domain.gates import Stage
from dashboard.errors import Refused
from dashboard.store import Transaction

MOVES = "moves of deals"
COLUMNS = ("code", "type", "rank", "active", "may_go_back", "required_fields", "required_evidence")
GATED = ("create", "advance", "win", "reopen")


def stages_of(open_: Transaction) -> dict[str, Stage]:
    """The stages by id, their lists read."""
    rows = open_.rows_of("stage", COLUMNS).to_dicts()
    return {row["id"]: {**row, **{name: listed(row[name]) for name in COLUMNS[-2:]}} for row in rows}


def listed(text: str | None) -> list[str]:
    """A list as the store keeps it."""
    return json.loads(text) if text else []


def note(open_: Transaction, verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Refuse a way back that a stage does not allow; remember the other moves for the end of the change-set."""
    if open_.stating or verb not in GATED:
        return
    stages = stages_of(open_)
    before = current["stage_id"] if verb in ("advance", "win") else [None] * rows.height
    for record, stage, standing in zip(rows["id"], rows["stage_id"], before, strict=True):
        here, there = stages.get(standing), stages.get(stage)
        if there is None:
            continue
        if here and here["may_go_back"] is False and gates.rank_of(there) < gates.rank_of(here):
            raise Refused("stage.no_way_back", id=record)
        passed = gates.passed(stages.values(), here, there)
        fields, evidence = gates.wanted(passed)
        if fields or evidence:
            open_.pending.setdefault(MOVES, []).append((record, fields, evidence))


def settle(open_: Transaction) -> None:
    """Raises Refused (stage.gate) for the first deal that lacks something, with all that it lacks."""
    moves = open_.pending.get(MOVES, [])
    if not moves:
        return
    ids = [record for record, _, _ in moves]
    names = tuple(dict.fromkeys(name for _, fields, _ in moves for name in fields))
    rows = {row["id"]: row for row in open_.lookup("deal", "id", pl.Series(ids), names).to_dicts()}
    words = dict.fromkeys(word for _, _, evidence in moves for word in evidence)
    there = gates.evidence_of(open_.lookup, ids, words)
    for record, fields, evidence in moves:
        row: dict[str, Any] = rows.get(record, {})
        missing = [name for name in fields if gates.is_empty(row.get(name))]
        missing += [word for word in evidence if record not in there[word]]
        if missing:
            raise Refused("stage.gate", entity="deal", id=record, missing=missing)
