"""Which date format each column of a table has: one that reads every value and keeps the entity's own rules.

A file has one format: a column that leaves several open takes the one that another column needs, and columns that leave
several open take the same. Exactly one left is used and named in the result; otherwise a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from math import prod

import polars as pl

from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.validation import check
from etl.ingest import days
from etl.ingest.lines import Lines, text_of
from etl.ingest.maps import Plan, Record, Take
from etl.ingest.values import Reading, typed
from etl.ingest.words import folded

DAYS = (Kind.DATE, Kind.INSTANT)
RULES = ("field.sequence", "field.future")
MOST_COMBINATIONS = 256


@dataclass(frozen=True)
class Question:
    """What a person has to say before a file can be imported.

    code: question.date_format or question.decimal; options: what may be answered for the column.
    """

    code: str
    file: str
    column: str
    options: tuple[str, ...]
    sample: str | None = None


@dataclass(frozen=True)
class Chosen:
    """How a column was read: a date format or a decimal sign."""

    file: str
    column: str
    kind: str
    format: str


def choose(
    record: Record, lines: Lines, plan: Plan, zone: str, today: date, settled: Mapping[str, str]
) -> tuple[Reading, list[Question]]:
    """How the day columns of a record are read, and what remains unclear.

    settled: the formats that earlier records of the map chose for columns of this table.
    """
    entity = RECORDS[record.entity]
    known = {folded(column): word for column, word in plan.dates.items()}
    options: dict[str, tuple[str, ...]] = {}
    for take in day_takes(record, entity):
        if take.format:
            continue
        fixed = settled.get(take.key) or known.get(folded(take.key))
        options[take.key] = (fixed,) if fixed else days.readings(text_of(take, replace(lines, cells=lines.whole)))
    reading = Reading(zone, plan.decimal, {column: words[0] for column, words in options.items() if words})
    if all(len(words) <= 1 for words in options.values()):
        return reading, []
    fitting = list(keeping_rules(record, entity, lines, reading, options, today))
    if len(fitting) == 1:
        return replace(reading, day_formats=fitting[0]), []
    return reading, [
        Question("question.date_format", lines.table.file, column, words, first_text(lines, column))
        for column, words in options.items()
        if words and len({formats[column] for formats in fitting} or words) > 1
    ]


def day_takes(record: Record, entity: Entity) -> Iterator[Take]:
    """Everything in a record that reads a day from a column."""
    takes = [take for name, take in record.every_field() if entity.by_name[name].kind in DAYS]
    takes += [take for take in (record.at, *(step.at for step in record.steps)) if take is not None]
    yield from (take for take in takes if take.column is not None or take.following is not None)


def keeping_rules(
    record: Record,
    entity: Entity,
    lines: Lines,
    reading: Reading,
    options: Mapping[str, tuple[str, ...]],
    today: date,
) -> Iterator[dict[str, str]]:
    """The combinations of formats under which no row breaks a rule of the entity."""
    for formats in combinations(options):
        fields = day_fields(record, entity, lines, replace(reading, day_formats=formats))
        broken = check(entity, fields, create=False, today=today)
        if not broken["code"].is_in(RULES).any():
            yield formats


def combinations(options: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """The formats that the columns of one file may have together."""
    needed = {words[0] for words in options.values() if len(words) == 1}
    columns = {
        column: tuple(word for word in words if word in needed) or words for column, words in options.items() if words
    }
    open_ = [set(words) for words in columns.values() if len(words) > 1]
    common = set.intersection(*open_) if open_ else set()
    if prod(map(len, columns.values())) > MOST_COMBINATIONS:
        return
    for words in product(*columns.values()):
        formats = dict(zip(columns, words, strict=True))
        if not common or len({formats[column] for column, words in columns.items() if len(words) > 1}) == 1:
            yield formats


def day_fields(record: Record, entity: Entity, lines: Lines, reading: Reading) -> pl.DataFrame:
    """The day fields of a record and of its steps, as they would be."""
    columns = {
        name: typed(entity, name, take, lines, reading).values
        for name, take in record.fields.items()
        if entity.by_name[name].kind in DAYS
    }
    for step in record.steps:
        happened = lines.met(step.when)
        for name, take in step.fields.items():
            if entity.by_name[name].kind in DAYS:
                values = typed(entity, name, take, lines, reading).values
                if happened is not None:
                    values = values.to_frame(name).select(pl.when(happened).then(name).alias(name))[name]
                columns[name] = values.to_frame(name).select(pl.coalesce(columns.get(name, values), name).alias(name))[
                    name
                ]
    return pl.DataFrame(columns)


def first_text(lines: Lines, column: str) -> str | None:
    """A text of the column, so that a person sees what the question is about."""
    if folded(column) not in lines.names:
        return None
    texts = lines.whole[lines.names[folded(column)]].drop_nulls()
    return str(texts[0]) if texts.len() else None
