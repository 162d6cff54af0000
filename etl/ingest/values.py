"""From texts to typed values: each field of a record by its kind, each column in one format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from dashboard.domain.casting import DTYPES
from dashboard.domain.fields import Entity, Field, Kind
from dashboard.domain.validation import cast
from etl.ingest import days, numbers
from etl.ingest.lines import Lines, text_of
from etl.ingest.maps import Take, listed
from etl.ingest.times import midnight
from etl.ingest.words import FLAGS, choice_words, replaced, tags

PROBLEMS = {"at": pl.UInt32(), "field": pl.String(), "code": pl.String(), "value": pl.String()}
"""What is wrong with a row: its place among the lines, the field, a code, and the text that was found."""

NUMBERS = frozenset({Kind.MONEY, Kind.PRICE, Kind.NUMBER, Kind.SHARE, Kind.INTEGER})
AMOUNTS = frozenset({Kind.MONEY, Kind.PRICE})


@dataclass
class Reading:
    """How one table is read: the chosen date formats and decimal signs of its columns, and what was asked.

    day_formats: column → format; signs: column → decimal sign; unclear: columns whose amounts can be read in two ways.
    """

    zone: str
    decimal: str | None
    day_formats: Mapping[str, str]
    signs: dict[str, str] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Typed:
    """The values of one field, the currency a sign in it names, and where its text could not be read."""

    values: pl.Series
    bad: pl.Series
    text: pl.Series
    currency: pl.Series | None = None


def typed(entity: Entity, name: str, take: Take, lines: Lines, reading: Reading) -> Typed:
    """One field of a record over all lines. References and long texts stay texts here."""
    declared = entity.by_name[name]
    if take.following:
        return following(declared, take, lines, reading)
    text = text_of(take, lines)
    read = READERS.get(declared.kind, plain)(declared, entity, take, text, lines, reading)
    values = read.values.alias(name)
    if take.times is not None:
        values = (values.cast(pl.Decimal(38, 6)) * take.times).cast(DTYPES[declared.kind], strict=False)
    values = standing_in(entity, declared, take, values, lines)
    return Typed(values.alias(name), read.bad, text, read.currency)


def standing_in(entity: Entity, declared: Field, take: Take, values: pl.Series, lines: Lines) -> pl.Series:
    """Constants, conditions, and what stands in for nothing."""
    frame = values.alias("value").to_frame()
    if take.value is not None:
        frame = frame.with_columns(constant(entity, declared, take.value).alias("value"))
    kept = lines.met(take.when)
    if kept is not None:
        frame = frame.select(pl.when(kept).then("value").alias("value"))
    if take.otherwise is not None:
        frame = frame.select(pl.col("value").fill_null(constant(entity, declared, take.otherwise)))
    return frame["value"]


def constant(entity: Entity, declared: Field, value: object) -> pl.Expr:
    """A constant of a map in the type of its field; a reference stays a text to look up."""
    if declared.kind is Kind.TAGS and not isinstance(value, tuple):
        value = (value,)
    plain_value = list(value) if isinstance(value, tuple) else value
    if declared.kind in (Kind.TEXT, Kind.REFERENCE, Kind.NOTE):
        plain_value = str(value)
    frame = cast(entity, pl.DataFrame({declared.name: [plain_value]}, strict=False))
    return pl.lit(frame[declared.name]).first()


def following(declared: Field, take: Take, lines: Lines, reading: Reading) -> Typed:
    """The next larger value of a column within the rows that agree in others: where a period ends."""
    column = lines.column(take.following or "")
    text = lines.cells[column]
    value = read_days(text, take.key, reading) if declared.kind is Kind.DATE else text
    group = [lines.column(name) for name in listed(take.per)]
    frame = lines.cells.select(group).with_columns(value.alias("value"))
    steps = (
        frame.unique()
        .sort("value")
        .with_columns(
            pl.col("value").shift(-1).over(group).alias("next") if group else pl.col("value").shift(-1).alias("next")
        )
    )
    found = frame.join(steps, on=[*group, "value"], how="left", maintain_order="left", nulls_equal=True)["next"]
    if take.otherwise is not None:
        found = found.fill_null(pl.select(pl.lit(take.otherwise).cast(found.dtype)).item())
    return Typed(found.alias(declared.name), value.is_null() & text.is_not_null(), text)


Reader = Callable[[Field, Entity, Take, pl.Series, Lines, Reading], Typed]


def plain(declared: Field, _entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """A text: on one line unless it is a note."""
    if declared.kind is not Kind.NOTE and text.str.contains(r"\s\s|[\n\t\r\u{a0}\u{3000}]").any():
        text = text.str.replace_all(r"\s+", " ")
    return Typed(text, never(text), text)


def number(declared: Field, _entity: Entity, take: Take, text: pl.Series, lines: Lines, reading: Reading) -> Typed:
    """A number, an amount, a share or a whole number."""
    column = take.key
    sign = reading.decimal or reading.signs.get(column)
    read = numbers.parsed(text, sign or (numbers.POINT if lines.table.typed and not commas(text) else None))
    reading.signs[column] = read.decimal
    if read.unclear and declared.kind in AMOUNTS and sign is None:
        reading.unclear.add(column)
    values = read.values
    if take.unit == "percent" or (declared.kind is Kind.SHARE and declared.unit == "percent"):
        signed = text.str.ends_with("%").fill_null(value=False) | text.str.ends_with("％").fill_null(value=False)
        values = values.to_frame("v").select(pl.when(signed).then("v").otherwise(pl.col("v") / 100))["v"]
    goal = DTYPES[declared.kind]
    if declared.kind is Kind.INTEGER:
        values = values.to_frame("v").select(pl.when(pl.col("v") == pl.col("v").round(0)).then("v"))["v"]
    elif isinstance(goal, pl.Decimal):
        values = values.round(goal.scale, mode="half_away_from_zero")
    values = values.cast(goal, strict=False)
    return Typed(
        values, values.is_null() & text.is_not_null(), text, read.currencies if declared.kind in AMOUNTS else None
    )


def commas(text: pl.Series) -> bool:
    """Whether a workbook holds amounts as texts with a decimal comma after all."""
    return bool(text.str.contains(r",\d{1,2}\D*$").any())


def day(_declared: Field, _entity: Entity, take: Take, text: pl.Series, _lines: Lines, reading: Reading) -> Typed:
    """A business day."""
    values = read_days(text, take.key, reading, take.format)
    return Typed(values, values.is_null() & text.is_not_null(), text)


def read_days(text: pl.Series, column: str, reading: Reading, given: str | None = None) -> pl.Series:
    """The texts of a column as days in its format."""
    chosen = given or reading.day_formats.get(column)
    return days.days(text, chosen) if chosen else pl.repeat(None, text.len(), dtype=pl.Date, eager=True)


def moment(_declared: Field, _entity: Entity, take: Take, text: pl.Series, _lines: Lines, reading: Reading) -> Typed:
    """A day with a time in the company zone, as naive UTC."""
    local = read_days(text, take.key, reading, take.format).cast(pl.Datetime("us")) + days.clock(text)
    values = midnight(local, reading.zone)
    return Typed(values, values.is_null() & text.is_not_null(), text)


def worded(words: Mapping[str, object], dtype: pl.DataType, text: pl.Series) -> Typed:
    """A text that is one of a few words."""
    distinct = text.unique().alias("text").to_frame()
    known = distinct.with_columns(replaced(pl.col("text"), words, dtype).alias("value"))
    joined = text.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left", nulls_equal=True)
    return Typed(joined["value"], joined["value"].is_null() & text.is_not_null(), text)


def flag(_declared: Field, _entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """Yes or no."""
    return worded(FLAGS, pl.Boolean(), text)


def choice(declared: Field, entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """A choice by its word or its label in either language."""
    return worded(choice_words(entity.name, declared), pl.String(), text)


def tag_list(declared: Field, entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """Several tags; of fixed words when there are some."""
    values = text.alias("text").to_frame().select(tags(pl.col("text")).alias("tags"))["tags"]
    if not declared.choices:
        return Typed(values, never(text), text)
    words = choice_words(entity.name, declared)
    known = values.list.eval(replaced(pl.element(), words, pl.String(), pl.element()))
    return Typed(known, never(text), text)


def mail(_declared: Field, _entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """An e-mail address, without the word of a link, in half width."""
    values = text.str.normalize("NFKC").str.replace(r"(?i)^mailto:\s*", "").str.to_lowercase()
    return Typed(values, never(text), text)


def phone(_declared: Field, _entity: Entity, _take: Take, text: pl.Series, _lines: Lines, _reading: Reading) -> Typed:
    """A phone number as written, in half width; one that a spreadsheet took for a number gets its digits back."""
    values = text.str.normalize("NFKC").str.replace(r"^(\d{7,})\.0+$", "$1")
    return Typed(values, never(text), text)


def never(text: pl.Series) -> pl.Series:
    """Nothing is wrong with any text."""
    return pl.repeat(False, text.len(), dtype=pl.Boolean, eager=True)


READERS: dict[Kind, Reader] = {
    **dict.fromkeys(NUMBERS, number),
    Kind.DATE: day,
    Kind.INSTANT: moment,
    Kind.FLAG: flag,
    Kind.CHOICE: choice,
    Kind.TAGS: tag_list,
    Kind.EMAIL: mail,
    Kind.PHONE: phone,
}
