"""The typed rows of one record of a map, over all its files: one column per field, where they stand, what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from etl.ingest.formats import Chosen, Question, choose
from etl.ingest.lines import Lines, lines_of, text_of
from etl.ingest.maps import Constant, Plan, Record, Step, Take
from etl.ingest.numbers import POINT
from etl.ingest.tables import FACTS, ROW, Table
from etl.ingest.values import PROBLEMS, Reading, read_days, typed
from etl.ingest.words import folded

FILE, SHEET, BORN, SIGN = "|file", "|sheet", "|born", "|sign"
PLACE = (FILE, SHEET, ROW)


@dataclass
class Settled:
    """What earlier records of a map found out about the files: formats by file and sheet, then column."""

    days: dict[tuple[str, str | None], dict[str, str]] = field(default_factory=dict)
    formats: dict[tuple[str, str], Chosen] = field(default_factory=dict)
    questions: dict[tuple[str, str], Question] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """The rows of one record of a map.

    frame: PLACE, BORN (the day a record came to be, where the map says so), `external_id` where the map has an id, one
    column per field (references still texts), SIGN (currency that a sign named) and the columns of `step_column`;
    problems: see `values.PROBLEMS`, `at` being the row's position.
    """

    record: Record
    entity: Entity
    frame: pl.DataFrame
    problems: pl.DataFrame


def step_column(at: int, name: str) -> str:
    """The column that holds a field of the step at a place; the names "when" and "at" with a bar are the step's own."""
    return f"|step{at}|{name}"


def prepared(record: Record, tables: Sequence[Table], plan: Plan, zone: str, today: date, settled: Settled) -> Rows:
    """The typed rows of a record of a map."""
    entity = RECORDS[record.entity]
    frames, problems, height = [], [pl.DataFrame(schema=PROBLEMS)], 0
    record = with_own_columns(record) if record.rows else record
    for table in sources(record, tables, plan):
        lines = lines_of(table, record, tables, plan.empty)
        frame, found = typed_rows(record, entity, lines, plan, zone, today, settled)
        frames.append(frame)
        problems.append(found.with_columns(pl.col("at") + height))
        height += frame.height
    rows = pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame()
    return Rows(record, entity, rows, pl.concat(problems))


def sources(record: Record, tables: Sequence[Table], plan: Plan) -> list[Table]:
    """The tables a record is read from: those of its files, or the rows in the map itself."""
    if record.rows:
        return [inline(record.rows, plan.name)]
    fitting = [table for table in tables if record.reads(table.file)]
    return [table for table in fitting if record.sheet is None or folded(table.sheet or "") == folded(record.sheet)]


def inline(rows: Sequence[Mapping[str, Constant]], name: str) -> Table:
    """Rows that stand in a map as a table of texts."""
    columns = {
        column: [written(row.get(column)) for row in rows] for column in dict.fromkeys(c for row in rows for c in row)
    }
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    numbers = pl.Series(ROW, range(1, cells.height + 1), dtype=pl.Int64)
    return Table(f"{name}.toml", None, cells.insert_column(0, numbers), pl.DataFrame(schema=FACTS), 0, typed=True)


def written(value: Constant | None) -> str | None:
    """A constant as a file would have it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def with_own_columns(record: Record) -> Record:
    """A record whose rows stand in the map: their columns fill the fields of the same name."""
    names = dict.fromkeys(name for row in record.rows for name in row)
    fields = {name: Take(column=name) for name in names} | record.fields
    return record.model_copy(update={"fields": fields})


def typed_rows(
    record: Record, entity: Entity, lines: Lines, plan: Plan, zone: str, today: date, settled: Settled
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of one table: typed columns, and what could not be read."""
    place = (lines.table.file, lines.table.sheet)
    known = settled.days.setdefault(place, {})
    reading, questions = choose(record, lines, plan, zone, today, known)
    height = lines.cells.height
    columns = [
        pl.repeat(lines.table.file, height, dtype=pl.String, eager=True).alias(FILE),
        pl.repeat(lines.table.sheet, height, dtype=pl.String, eager=True).alias(SHEET),
        lines.cells[ROW],
    ]
    problems: list[pl.DataFrame] = []
    signs: list[pl.Series] = []
    for column, name, take in columns_to_read(record):
        read = typed(entity, name, take, lines, reading)
        columns.append(read.values.alias(column))
        problems.append(unreadable(read.bad, read.text, name, lines, condition_of(record, column)))
        signs += [read.currency] if read.currency is not None else []
    columns += own_columns(record, lines, reading)
    columns.append(
        pl.select(pl.coalesce([*signs, lines.nothing()]).alias(SIGN))[SIGN] if signs else lines.nothing().alias(SIGN)
    )
    remember(lines, reading, questions, known, settled)
    return pl.DataFrame(columns), pl.concat([pl.DataFrame(schema=PROBLEMS), *problems])


def columns_to_read(record: Record) -> list[tuple[str, str, Take]]:
    """Column, field and origin of every value."""
    own = [(name, name, take) for name, take in record.fields.items()]
    steps = [
        (step_column(at, name), name, take)
        for at, step in enumerate(record.steps)
        for name, take in step.fields.items()
    ]
    return own + steps


def condition_of(record: Record, column: str) -> Step | None:
    """The step a column belongs to: what it says counts only where the step happened."""
    found = [step for at, step in enumerate(record.steps) if column.startswith(step_column(at, ""))]
    return found[0] if found else None


def own_columns(record: Record, lines: Lines, reading: Reading) -> list[pl.Series]:
    """The id, the day of birth, and which steps happened when."""
    columns = []
    if record.id is not None:
        columns.append(text_of(record.id, lines).alias("external_id"))
    if record.at is not None:
        columns.append(day_of(record.at, lines, reading).alias(BORN))
    for at, step in enumerate(record.steps):
        happened = lines.met(step.when)
        always = pl.repeat(True, lines.cells.height, dtype=pl.Boolean, eager=True)
        columns.append((always if happened is None else happened).alias(step_column(at, "|when")))
        day = step.at or first_day(record, step)
        columns.append((day_of(day, lines, reading) if day else lines.nothing(pl.Date)).alias(step_column(at, "|at")))
    return columns


def first_day(record: Record, step: Step) -> Take | None:
    """Without `at`, a step took effect on the first day it states."""
    entity = RECORDS[record.entity]
    return next((take for name, take in step.fields.items() if entity.by_name[name].kind is Kind.DATE), None)


def day_of(take: Take, lines: Lines, reading: Reading) -> pl.Series:
    """A day that belongs to no field."""
    if take.value is not None:
        return lines.nothing(pl.Date).fill_null(pl.lit(take.value, pl.Date))
    values = read_days(text_of(take, lines), take.key, reading, take.format)
    return values if take.otherwise is None else values.fill_null(pl.lit(take.otherwise, pl.Date))


def unreadable(bad: pl.Series, text: pl.Series, name: str, lines: Lines, step: Step | None) -> pl.DataFrame:
    """The rows whose text is no value of the field."""
    happened = lines.met(step.when) if step else None
    counted = bad if happened is None else bad & happened
    at = counted.arg_true().cast(pl.UInt32)
    return pl.DataFrame({"at": at, "value": text.gather(at)}).select(
        "at", pl.lit(name).alias("field"), pl.lit("field.type").alias("code"), pl.col("value").cast(pl.String)
    )


def remember(
    lines: Lines, reading: Reading, questions: list[Question], known: dict[str, str], settled: Settled
) -> None:
    """Keep the chosen formats for the records after this one, and for the result."""
    file = lines.table.file
    asked = {question.column for question in questions}
    for column, word in reading.day_formats.items():
        if column not in asked:
            known[column] = word
            settled.formats[file, column] = Chosen(file, column, "date", word)
    for column, sign in reading.signs.items():
        if sign != POINT:
            settled.formats.setdefault((file, column), Chosen(file, column, "number", sign))
    questions = questions + [
        Question("question.decimal", file, column, (".", ",")) for column in sorted(reading.unclear)
    ]
    for question in questions:
        settled.questions[file, question.column] = question
