"""Delimited text as a grid of texts: which delimiter, quoted line breaks, how many fields each record really has."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from dashboard.errors import Refused

DELIMITERS = (",", ";", "\t", "|")
HEAD_RECORDS = 50
HEAD_BYTES = 1_000_000
WIDTHS = {"given": pl.UInt32(), "filled": pl.UInt32()}
QUOTED = b"q"  # stands for a quoted field while separators are counted


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet.

    cells: String columns c0, c1 …, one row a record, empty cells null.
    widths: one row a record: `given` fields, and `filled` ones up to the last that is not empty (both UInt32); None
    where the source gives every row the same width.
    """

    cells: pl.DataFrame
    widths: pl.DataFrame | None


def grid_of(text: bytes, name: str, max_columns: int) -> tuple[Grid, str]:
    """UTF-8 text as a grid, and the delimiter it has. Raises Refused (file.quote_open, file.too_wide)."""
    text = one_line_end(text)
    delimiter = sniffed(text)
    width = max((len(record) for record in head_records(text, delimiter)), default=1)
    if width > max_columns:
        raise Refused("file.too_wide", file=name, columns=width, limit=max_columns)
    masked = unquoted(text, delimiter)
    if masked is None:
        return patiently(text, delimiter, name, max_columns), delimiter
    widths = field_counts(masked, delimiter)
    cells = read_cells(text, delimiter, width, quoted=masked is not text)
    if cells is None or cells.height != widths.height:
        return patiently(text, delimiter, name, max_columns), delimiter
    return Grid(cells, widths), delimiter


def one_line_end(text: bytes) -> bytes:
    """Line ends of old Macs as those of today."""
    return text.replace(b"\r", b"\n") if b"\r" in text and b"\n" not in text else text


def sniffed(text: bytes) -> str:
    """The delimiter that cuts the first records into the same number of fields, as many as possible."""
    return max(DELIMITERS, key=lambda delimiter: regularity(head_records(text, delimiter)))


def regularity(records: list[list[str]]) -> tuple[float, int]:
    """How alike the records are that have several fields, and how many fields most of them have."""
    widths = Counter(len(record) for record in records if record)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return (count / widths.total() if width > 1 else 0.0), width


def head_records(text: bytes, delimiter: str) -> list[list[str]]:
    """The first records."""
    head = text[:HEAD_BYTES].decode("utf-8", errors="ignore")
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return [record for record, _ in zip(reader, range(HEAD_RECORDS), strict=False)]
    except csv.Error:
        return []


def unquoted(text: bytes, delimiter: str) -> bytes | None:
    """The text with a letter in place of each quoted field, so that lines are records; None for irregular quotes."""
    if b'"' not in text:
        return text
    edge = re.escape(delimiter).encode()
    field = re.compile(rb"(?<![^\n" + edge + rb'])"[^"]*(?:""[^"]*)*"(?=[\r\n' + edge + rb"]|\Z)")
    masked = field.sub(QUOTED, text)
    return None if b'"' in masked else masked


def field_counts(masked: bytes, delimiter: str) -> pl.DataFrame:
    """How many fields each line has, and how many up to the last that is not empty."""
    lines = read_cells(masked, "\x01", 1, quoted=False)
    if lines is None:
        return pl.DataFrame(schema=WIDTHS)
    line = pl.col("c0").fill_null("")
    separators = {"given": line, "filled": line.str.strip_chars_end("\r" + delimiter)}
    return lines.select(
        (at.str.count_matches(delimiter, literal=True) + 1).alias(name) for name, at in separators.items()
    )


def read_cells(text: bytes, delimiter: str, width: int, *, quoted: bool) -> pl.DataFrame | None:
    """The cells by Polars; None when it does not accept the text."""
    schema = {f"c{at}": pl.String for at in range(width)}
    try:
        return pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            separator=delimiter,
            quote_char='"' if quoted else None,
            schema=schema,
            missing_columns="insert",
            extra_columns="ignore",
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=schema)
    except pl.exceptions.PolarsError:
        return None


def patiently(text: bytes, delimiter: str, name: str, max_columns: int) -> Grid:
    """The cells by the patient reader of the standard library, for quotes in the middle of a field."""
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error:  # a quote that is never closed swallows the rest of the file
        raise Refused("file.quote_open", file=name, row=len(records) + 1) from None
    width = min(max(map(len, records), default=1), max_columns)
    columns = {f"c{at}": [record[at] if at < len(record) else "" for record in records] for at in range(width)}
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    counts = [(len(record), filled(record)) for record in records]
    return Grid(cells.with_columns(pl.all().replace("", None)), pl.DataFrame(counts, schema=WIDTHS, orient="row"))


def filled(record: list[str]) -> int:
    """How many fields a record has up to the last that is not empty."""
    return max((at for at, value in enumerate(record, start=1) if value.strip()), default=0)
