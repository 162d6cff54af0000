"""Days as people write them: ISO, day first, month first, with Chinese signs, English months, spreadsheet numbers.

A column has one format. `readings` gives every format that reads all of it; who knows more about the column chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import polars as pl

TRIPLE = (
    r"^(?P<a>\d{1,4})\s*[-/.年]\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,4})\s*日?"
    r"(?:[T ]\s*(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?:Z|[+-]\d{2}:?\d{2})?)?$"
)
COMPACT = r"^(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})$"
SERIAL = r"^\d{1,5}(\.\d+)?$"
DAY_MONTH_YEAR = r"^(?P<a>\d{1,2})[-/ .]*(?P<b>[A-Za-z]{3})[a-z]*\.?[-/ .,]*(?P<c>\d{4}|\d{2})$"
MONTH_DAY_YEAR = r"^(?P<b>[A-Za-z]{3})[a-z]*\.? +(?P<a>\d{1,2}),? +(?P<c>\d{4})$"
EXCEL_BEGINNING = date(1899, 12, 30)
EXCEL_FIRST, EXCEL_LAST = 10_959, 73_050  # 1930 to 2099: smaller and larger numbers are no dates
HALF_WIDTH = pl.col("text").str.normalize("NFKC")
SHORT_YEAR = 2  # digits
CENTURY_PIVOT = 69  # two-digit years: 69 is 1969, 68 is 2068 (POSIX)
MONTHS = {
    name: at
    for at, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


def triple(year: str, month: str, day: str) -> Callable[[], pl.Expr]:
    """A reading of three numbers, each from the part with that name; only the year may have four digits."""

    def reading() -> pl.Expr:
        parts = pl.col("text").str.extract_groups(TRIPLE).struct
        short = pl.lit(value=True)
        for part in {"a", "b", "c"} - {year}:
            short &= parts.field(part).str.len_bytes() <= SHORT_YEAR
        right = parts.field(year).str.len_bytes().is_in([2, 4])
        return pl.when(short & right).then(calendar_day(parts.field(year), parts.field(month), parts.field(day)))

    return reading


def calendar_day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A day of the calendar, or null."""
    number = year.cast(pl.Int32, strict=False)
    century = pl.when(number < CENTURY_PIVOT).then(2000).otherwise(1900)
    full = pl.when(year.str.len_bytes() == SHORT_YEAR).then(number + century).otherwise(number)
    text = pl.concat_str(
        full.cast(pl.String), month.cast(pl.String).str.zfill(2), day.cast(pl.String).str.zfill(2), separator="-"
    )
    return text.str.to_date("%Y-%m-%d", strict=False)


def compact() -> pl.Expr:
    """20261123."""
    parts = pl.col("text").str.extract_groups(COMPACT).struct
    return calendar_day(parts.field("a"), parts.field("b"), parts.field("c"))


def serial() -> pl.Expr:
    """A spreadsheet's number of days since the end of 1899."""
    days = pl.when(pl.col("text").str.contains(SERIAL)).then(pl.col("text").cast(pl.Float64, strict=False).floor())
    plausible = days.is_between(EXCEL_FIRST, EXCEL_LAST)
    return pl.lit(EXCEL_BEGINNING) + pl.duration(days=pl.when(plausible).then(days.cast(pl.Int64)))


def named_month(pattern: str) -> Callable[[], pl.Expr]:
    """20-Oct-16, 20 October 2016 or Oct 20, 2016."""

    def reading() -> pl.Expr:
        parts = pl.col("text").str.extract_groups(pattern).struct
        month = parts.field("b").str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.Int64)
        return calendar_day(parts.field("c"), month, parts.field("a"))

    return reading


FORMATS: Mapping[str, Callable[[], pl.Expr]] = {
    "ymd": triple("a", "b", "c"),
    "dmy": triple("c", "b", "a"),
    "mdy": triple("c", "a", "b"),
    "yyyymmdd": compact,
    "d-month-y": named_month(DAY_MONTH_YEAR),
    "month-d-y": named_month(MONTH_DAY_YEAR),
    "excel": serial,
}
"""The formats by the name that a map, an answer and a result call them."""


def days(texts: pl.Series, name: str) -> pl.Series:
    """The texts as days in one format; null where a text is not of it."""
    distinct = texts.alias("text").to_frame().unique()
    known = distinct.with_columns(distinct.select(HALF_WIDTH).select(FORMATS[name]().alias("day"))["day"])
    return texts.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left")["day"]


def readings(texts: pl.Series) -> tuple[str, ...]:
    """The formats that read every text, those that give the same days only once; for none, the one that reads most.

    Nothing is read when no format reads more than half of the texts.
    """
    distinct = texts.drop_nulls().alias("text").unique().to_frame().select(HALF_WIDTH)
    if distinct.height == 0:
        return ("ymd",)
    read = distinct.select(expression().alias(name) for name, expression in FORMATS.items())
    whole = [name for name in FORMATS if read[name].null_count() == 0]
    if whole:
        return tuple(name for at, name in enumerate(whole) if not any(read[name].equals(read[o]) for o in whole[:at]))
    best = min(FORMATS, key=lambda name: read[name].null_count())
    alike = [name for name in FORMATS if read[name].null_count() == read[best].null_count()]
    return tuple(alike) if 2 * read[best].null_count() < distinct.height else ()


def clock(texts: pl.Series) -> pl.Series:
    """The time of day beside a day, as a duration since midnight; midnight where there is none."""
    time = pl.col("text").str.extract_groups(TRIPLE).struct.field("time").fill_null("0:00")
    full = pl.when(time.str.count_matches(":", literal=True) == 1).then(time + ":00").otherwise(time)
    read = full.str.to_time("%H:%M:%S%.f", strict=False)
    fraction = pl.col("text").str.extract(r"^\d{1,5}(\.\d+)$").cast(pl.Float64, strict=False)
    micros = (fraction * timedelta(days=1).total_seconds()).round() * 1_000_000
    return (
        texts.alias("text")
        .to_frame()
        .select(HALF_WIDTH)
        .select(pl.coalesce(pl.duration(microseconds=micros), read.cast(pl.Duration("us"))).alias("clock"))["clock"]
    )
