"""What an import test needs: a little known world without a store, and files made of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboard.domain.casting import DTYPES
from dashboard.domain.entities import RECORDS
from etl.ingest import Plan, Rehearsal, Rights, Source, load_plan, rehearse
from etl.ingest.pool import SYSTEM

TODAY = date(2026, 11, 23)
ZONE = "Asia/Shanghai"
STAGES: list[dict[str, Any]] = [
    {"id": "new", "code": "new", "label_en": "New", "label_zh": "新", "type": "open", "rank": 1},
    {"id": "talk", "code": "talk", "label_en": "Talk", "label_zh": "谈", "type": "open", "rank": 2},
    {"id": "won", "code": "won", "label_en": "Won", "label_zh": "赢", "type": "won", "rank": 99},
    {"id": "lost", "code": "lost", "label_en": "Lost", "label_zh": "输", "type": "lost"},
]


@dataclass
class Book:
    """Known records by entity, as rows with any of the columns."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    currency: str = "CNY"
    undone: frozenset[int] = frozenset()

    def records(self, entity: str, fields: Sequence[str]) -> pl.DataFrame:
        """The records as a store gives them."""
        schema = SYSTEM | {name: DTYPES[RECORDS[entity].by_name[name].kind] for name in fields}
        rows = [{"version": 1, "revision": 1, **row} for row in self.rows.get(entity, ())]
        return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")

    def addresses(self) -> pl.DataFrame:
        """The e-mail of people."""
        return self.records("person", ("email",)).select("id", "email")


def book(**rows: list[dict[str, Any]]) -> Book:
    """A known world; an id that is not given is the record's place."""
    return Book({name: [{"id": f"{name}-{at}", **row} for at, row in enumerate(group)] for name, group in rows.items()})


def file(text: str, name: str = "file.csv") -> Source:
    """A text file."""
    return Source(name, text.encode())


def plan(text: str) -> Plan:
    """A map."""
    return load_plan(text, "test")


def run(
    files: Source | str, map_: Plan | str, known: Book | None = None, rights: Rights | None = None, today: date = TODAY
) -> Rehearsal:
    """A rehearsal."""
    sources = [file(files)] if isinstance(files, str) else [files]
    return rehearse(sources, plan(map_) if isinstance(map_, str) else map_, known or Book(), today, ZONE, rights)


def outcomes(rehearsal: Rehearsal, entity: str | None = None) -> dict[int, str]:
    """Row number → outcome."""
    rows = rehearsal.rows if entity is None else rehearsal.rows.filter(pl.col("entity") == entity)
    return dict(rows.select("row", "outcome").sort("row").iter_rows())


def reasons(rehearsal: Rehearsal) -> set[tuple[int, str | None, str]]:
    """Row number, field and code of every reason."""
    return set(rehearsal.reasons.select("row", "field", "code").iter_rows())


def written(rehearsal: Rehearsal, entity: str, verb: str = "create") -> list[dict[str, Any]]:
    """The rows of the changes of a kind, without those fields that every test sees."""
    return [
        {name: value for name, value in row.items() if name != "version"}
        for change in rehearsal.changes
        if (change.entity, change.verb) == (entity, verb)
        for row in change.rows.iter_rows(named=True)
    ]


def china(day: date) -> datetime:
    """Midnight in China as naive UTC."""
    before = date.fromordinal(day.toordinal() - 1)
    return datetime(before.year, before.month, before.day, 16)
