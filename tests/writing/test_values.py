"""What a value may be: each rule of the declaration is held by the write path, for one row and for many."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Field, Kind
from dashboard.errors import Invalid
from tests.builders import Anywhere, frame_of, needed, valid
from tests.department import Desk

WRONG: dict[Kind, tuple[object, str]] = {
    Kind.INTEGER: ("seven", "field.type"),
    Kind.NUMBER: ("1.2.3", "field.type"),
    Kind.MONEY: ("1e99", "field.type"),
    Kind.PRICE: ("free", "field.type"),
    Kind.SHARE: ("half", "field.type"),
    Kind.DATE: ("2026-02-30", "field.type"),
    Kind.INSTANT: ("yesterday", "field.type"),
    Kind.FLAG: ("perhaps", "field.type"),
    Kind.TAGS: ("{not a list", "field.type"),
    Kind.CHOICE: ("no such word", "field.choice"),
    Kind.EMAIL: ("not an address", "field.email"),
    Kind.PHONE: ("call me", "field.phone"),
    Kind.URL: ("not a page", "field.url"),
    Kind.JSON: ("{", "field.json"),
}
FIELDS = [(name, field) for name, entity in RECORDS.items() for field in entity.settable if field.kind in WRONG]
REQUIRED = [(name, field) for name, entity in RECORDS.items() for field in entity.settable if needed(field)]


def codes(desk: Desk, name: str, frame: pl.DataFrame) -> list[tuple[int | None, str | None, str]]:
    """Row, field and code of everything wrong with new records."""
    with pytest.raises(Invalid) as refusal:
        desk.submit("operator", Change(name, "create", frame))
    return [(problem.row, problem.field, problem.code) for problem in refusal.value.problems]


def named(value: Any) -> str:
    """A parameter's name in the report."""
    return value.name if isinstance(value, Field) else str(value)


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=named)
def test_a_value_of_the_wrong_kind_is_refused_and_never_becomes_nothing(
    shared_desk: Desk, name: str, field: Field
) -> None:
    value, code = WRONG[field.kind]
    frame = frame_of(name, valid(name, Anywhere())).with_columns(pl.lit(value).alias(field.name))
    assert (0, field.name, code) in codes(shared_desk, name, frame)


@pytest.mark.parametrize(("name", "field"), REQUIRED, ids=named)
def test_a_required_value_is_neither_absent_nor_empty_nor_removed(shared_desk: Desk, name: str, field: Field) -> None:
    whole = frame_of(name, valid(name, Anywhere()))
    missing = [(0, field.name, "field.required")]
    assert codes(shared_desk, name, whole.drop(field.name)) == missing
    assert (
        codes(shared_desk, name, whole.with_columns(pl.lit(None, whole.schema[field.name]).alias(field.name)))
        == missing
    )
    record = shared_desk.make(name)
    with pytest.raises(Invalid):
        shared_desk.do("operator", name, "update", record, **{field.name: None})


def test_every_row_at_fault_is_named(shared_desk: Desk) -> None:
    rows = [valid("customer", phone=phone) for phone in ("13800001111", "call me", "13800001112", "me too")]
    found = codes(shared_desk, "customer", frame_of("customer", *rows))
    assert found == [(1, "phone", "field.phone"), (3, "phone", "field.phone")]


def test_a_value_at_the_end_of_its_range_fits(shared_desk: Desk) -> None:
    for score in (1, 5):
        shared_desk.make("rating", score=score)
    assert (
        codes(shared_desk, "rating", frame_of("rating", valid("rating", Anywhere(), score=0)))[0][2] == "field.too_low"
    )
    assert (
        codes(shared_desk, "rating", frame_of("rating", valid("rating", Anywhere(), score=6)))[0][2] == "field.too_high"
    )


def test_defaults_fill_what_is_absent_or_empty(shared_desk: Desk) -> None:
    absent, empty = shared_desk.make("task"), shared_desk.make("task", priority=None)
    assert {shared_desk.row("task", record)["priority"] for record in (absent, empty)} == {"normal"}


def test_text_keeps_quotes_and_marks_of_every_language(shared_desk: Desk) -> None:
    name = """O'Brien "销售" \\ 北京; DROP TABLE customers; -- % _ 😀"""
    record = shared_desk.make("customer", name=name, aliases=[name, "\\", '"'])
    after = shared_desk.row("customer", record)
    assert (after["name"], after["aliases"]) == (name, [name, "\\", '"'])
