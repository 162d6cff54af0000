"""Whether a frame of values fits a declaration: one set of rules for forms, REST, imports and the store.

`cast` brings the columns to the declared types; `check` names what does not fit, row by row. Both work on whole
columns, so that one row and a million rows pass through the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import polars as pl

from dashboard.domain.casting import DTYPES, conversions, dtype_of
from dashboard.domain.fields import Entity, Field, Kind

Schema = tuple[tuple[str, pl.DataType], ...]

PROBLEMS = {"row": pl.UInt32(), "field": pl.String(), "code": pl.String()}
"""The frame that `check` gives; row is the position in the frame that was checked, from 0."""

EMAIL = r"^[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\".]+(\.[^@\s<>()\[\],;:\\\".]+)+$"
PHONE = r"^[+＋]?[\d\s().（）\-–—/#*]{3,}(\s*(ext\.?|x|转|分机)\s*\d{1,6})?$"
WEB = r"(?i)^(https?://)?[^\s/:@?#.]+(\.[^\s/:@?#.]+)+(:\d{1,5})?([/?#]\S*)?$"
CURRENCY = r"^[A-Z]{3}$"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
CONTROL_OR_BREAK = r"[\x00-\x1f\x7f\x{2028}\x{2029}]"
SHAPES: dict[Kind, tuple[str, str]] = {
    Kind.EMAIL: ("field.email", EMAIL),
    Kind.PHONE: ("field.phone", PHONE),
    Kind.URL: ("field.url", WEB),
}
TEXTS = frozenset({Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.PHONE, Kind.URL})
ID_LENGTH = 40


@dataclass(frozen=True)
class Before:
    """Two days or moments of one record of which the first may not lie after the second; `strict`: nor on it."""

    first: str
    second: str
    strict: bool = False


SEQUENCES: dict[str, tuple[Before, ...]] = {
    "absence": (Before("starts_on", "ends_on"),),
    "appraisal": (Before("starts_on", "ends_on", strict=True),),
    "consent": (Before("given_on", "withdrawn_on"),),
    "contract": (Before("starts_on", "ends_on"),),
    "deal": (Before("created_on", "closed_on"),),
    "lead": (Before("created_on", "converted_on"),),
    "person": (Before("joined_on", "left_on"),),
    "shipment": (Before("shipped_on", "delivered_on"),),
    "target": (Before("starts_on", "ends_on", strict=True),),
    "task": (Before("created_on", "done_on"),),
    "ticket": (Before("opened_at", "resolved_at"),),
}
"""What must not happen before what."""

FACTS: dict[str, tuple[str, ...]] = {
    "consent": ("given_on", "withdrawn_on"),
    "contract": ("signed_on", "their_signed_on"),
    "customer": ("created_on",),
    "deal": ("created_on", "closed_on"),
    "interaction": ("happened_at",),
    "lead": ("created_on", "converted_on"),
    "obligation": ("done_on",),
    "order": ("ordered_on",),
    "payment": ("paid_on",),
    "rating": ("rated_on",),
    "return": ("returned_on",),
    "shipment": ("shipped_on", "delivered_on"),
    "task": ("created_on", "done_on"),
    "ticket": ("opened_at",),
}
"""Days and moments at which something happened: none of them may lie in the future."""


def cast(entity: Entity, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every known column in its declared type; a value that does not fit becomes null (see `check`)."""
    changes = compiled(Key(entity), tuple(frame.schema.items()), create=False, today=None).casts
    return frame.with_columns(changes) if changes else frame


def check(entity: Entity, frame: pl.DataFrame, *, create: bool = True, today: date | None = None) -> pl.DataFrame:
    """What does not fit, as a frame of `PROBLEMS`: a line per row, field and code in the order of the rows.

    create: the rows are whole new records, so a required field without a column is missing too (unless the declaration
    has a default); otherwise only the given columns are judged, and a required one may not become null. A rule between
    two fields applies when both columns are given. today: facts may not lie after this day; None leaves that rule out.
    The values a problem's text needs (limit, choices) are the declaration's. Columns it does not know are not judged.
    """
    rules = compiled(Key(entity), tuple(frame.schema.items()), create, today)
    if frame.height == 0 or not rules.names:
        return pl.DataFrame(schema=PROBLEMS)
    stage = frame.with_columns(rules.copies) if rules.copies else frame
    masks = stage.select(rules.failures)
    if frame.height == 1:  # reading one row back is quicker than asking each column
        failed = [name for name, hit in zip(rules.names, masks.row(0), strict=True) if hit]
    else:
        failed = [series.name for series in masks.iter_columns() if series.any()]
    return problems_of(masks, failed)


def problems_of(masks: pl.DataFrame, failed: list[str]) -> pl.DataFrame:
    """The rows on which the failed rules fail; a rule's column is named `field|code`."""
    parts = [
        masks[name]
        .arg_true()
        .cast(pl.UInt32)
        .alias("row")
        .to_frame()
        .with_columns(field=pl.lit(name.partition("|")[0]), code=pl.lit(name.partition("|")[2]))
        for name in failed
    ]
    return pl.concat(parts).sort("row", maintain_order=True) if parts else pl.DataFrame(schema=PROBLEMS)


class Key:
    """An entity as a key of a cache: by identity, because hashing a whole declaration costs more than a check."""

    __slots__ = ("entity",)

    def __init__(self, entity: Entity) -> None:
        self.entity = entity

    def __hash__(self) -> int:
        return id(self.entity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other.entity is self.entity


@dataclass(frozen=True)
class Rules:
    """What is done with frames of one schema: casts; copies of what was given; a true-where-it-fails column a rule."""

    casts: tuple[pl.Expr, ...]
    copies: tuple[pl.Expr, ...]
    names: tuple[str, ...]
    failures: tuple[pl.Expr, ...]


GIVEN = "|given"  # suffix of the column that keeps a value as it was given
EVERY_ROW = pl.int_range(pl.len()) >= 0


@lru_cache(maxsize=2048)
def compiled(key: Key, schema: Schema, create: bool, today: date | None) -> Rules:
    """The rules for frames of this schema."""
    changes = conversions(key.entity, dict(schema))
    tests: dict[str, pl.Expr] = {}
    for field, code, test in failures(key.entity, dict(schema), create, today):
        name, failed = f"{field}|{code}", test.fill_null(value=False)
        tests[name] = tests[name] | failed if name in tests else failed
    kept = [pl.col(name).alias(f"{name}{GIVEN}") for name in changes]
    named = tuple(test.alias(name) for name, test in tests.items())
    return Rules(tuple(changes.values()), (*changes.values(), *kept), tuple(tests), named)


def failures(
    entity: Entity, given: dict[str, pl.DataType], create: bool, today: date | None
) -> Iterator[tuple[str, str, pl.Expr]]:
    """Field, code and test of every rule that frames with these columns must pass."""
    for name, dtype in given.items():
        if dtype_of(entity, name) not in (None, dtype):
            yield name, "field.type", pl.col(f"{name}{GIVEN}").is_not_null() & pl.col(name).is_null()
    for field in entity.all_fields:
        if field.name in given:
            converted = DTYPES[field.kind] != given[field.name]
            yield from ((field.name, code, test) for code, test in value_rules(field, converted))
        elif create and field.required and field.default is None:
            yield field.name, "field.required", EVERY_ROW
    yield from pair_rules(entity, given)
    if today is not None:
        yield from (
            (name, "field.future", pl.col(name) >= after(entity.by_name[name], today))
            for name in FACTS.get(entity.name, ())
            if name in given
        )


def after(field: Field, today: date) -> date:
    """From when on a fact lies in the future: tomorrow, or for a moment, whose zone is another one, surely then."""
    if field.kind is Kind.INSTANT:
        return datetime.combine(today + timedelta(days=2), time())
    return today + timedelta(days=1)


def pair_rules(entity: Entity, given: dict[str, pl.DataType]) -> Iterator[tuple[str, str, pl.Expr]]:
    """The rules between two fields of a record."""
    for pair in SEQUENCES.get(entity.name, ()):
        if pair.first in given and pair.second in given:
            first, second = pl.col(pair.first), pl.col(pair.second)
            yield pair.second, "field.sequence", second <= first if pair.strict else second < first


def value_rules(field: Field, converted: bool) -> Iterator[tuple[str, pl.Expr]]:
    """Code and test of what one value of the field must be; `converted`: it was given in another type."""
    value = pl.col(field.name)
    if field.required:
        yield "field.required", pl.col(f"{field.name}{GIVEN}" if converted else field.name).is_null()
    if field.kind in TEXTS:
        yield from text_rules(field, value)
    elif field.kind is Kind.REFERENCE:
        yield "field.type", value.str.len_bytes() > ID_LENGTH
    elif field.kind is Kind.CHOICE:
        yield "field.choice", ~value.is_in(list(field.choices))
    elif field.kind is Kind.TAGS:
        yield from tag_rules(field, value)
    elif field.kind is Kind.JSON:
        yield "field.json", value.str.json_path_match("$").is_null() & value.is_not_null() & (value != "null")
        yield "field.too_long", value.str.len_chars() > limit(field)
    if field.low is not None:
        yield "field.too_low", value < plain(field.low)
    if field.high is not None:
        yield "field.too_high", value > plain(field.high)


def text_rules(field: Field, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    """Not blank when required, not too long, of the shape of its kind, else without control characters."""
    if field.required:
        yield "field.required", value.str.contains(r"^\s*$")
    yield "field.too_long", value.str.len_chars() > limit(field)
    if field.kind in SHAPES:
        code, shape = SHAPES[field.kind]
        yield code, ~value.str.contains(shape)
    elif field.name == "currency":
        yield "field.currency", ~value.str.contains(CURRENCY)
    else:
        yield "field.control", value.str.contains(CONTROL if field.kind is Kind.NOTE else CONTROL_OR_BREAK)


def tag_rules(field: Field, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    """Of the fixed words when there are some; not too long all together; no control characters."""
    if field.choices:
        yield "field.choice", value.list.set_difference(list(field.choices)).list.len() > 0
    text = value.list.join("")
    yield "field.too_long", text.str.len_chars() > limit(field)
    yield "field.control", text.str.contains(CONTROL_OR_BREAK)


def limit(field: Field) -> int:
    """The longest text the field takes, in characters."""
    return field.limit or 200


def plain(bound: float) -> int | float:
    """A whole bound as an integer, so that decimals are compared exactly."""
    return int(bound) if float(bound).is_integer() else bound
