"""A grid as a table: where the headers stand, clean cells, and every row that is no record, named by its number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.ingest.delimited import Grid

ROW = "|row"
"""The column that holds a row's number as a spreadsheet counts: the header of a plain file is row 1."""

HEAD_ROWS = 20
BLANKS = " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u3000\ufeff"
TOTALS = r"^(合\s*计|总\s*计|小\s*计|汇\s*总|(grand |sub\s?|sub-)?totals?|sum)\s*[:：]?$"
NEUTRALISED = r"^'([=+\-@＝＋－＠])"  # what exports of this application and others put before a formula
FACTS = {"row": pl.Int64(), "code": pl.String(), "value": pl.String()}


@dataclass(frozen=True)
class Table:
    """One sheet or text file.

    cells: ROW (Int64), then one String column per header, empty cells null; only rows that may be records.
    facts: the other rows with why (`FACTS`): row.blank, row.total, row.too_short, row.too_long, row.duplicate (value:
    the number of the row it repeats). typed: numbers and dates come from a workbook, so a point is a decimal point.
    """

    file: str
    sheet: str | None
    cells: pl.DataFrame
    facts: pl.DataFrame
    header_row: int
    encoding: str | None = None
    delimiter: str | None = None
    typed: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The column names."""
        return tuple(name for name in self.cells.columns if name != ROW)


def table_of(
    file: str,
    sheet: str | None,
    grid: Grid,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    typed: bool = False,
) -> Table:
    """The table in a grid."""
    cells = cleaned(grid.cells)
    at = header_at(cells)
    names = header_names(cells.row(at)) if cells.height else []
    body = cells.select(cells.columns[: len(names)]).slice(at + 1)
    body.columns = names
    body = body.with_row_index(ROW, offset=at + 2).with_columns(pl.col(ROW).cast(pl.Int64))
    widths = grid.widths.slice(at + 1) if grid.widths is not None else None
    facts = facts_of(body, widths)
    return Table(
        file, sheet, body.join(facts, left_on=ROW, right_on="row", how="anti", maintain_order="left"),
        facts, at + 1, encoding, delimiter, typed,
    )  # fmt: skip


def cleaned(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells without blanks around them, without the mark that keeps a formula from running; empty ones null."""
    bare = cells.with_columns(pl.all().str.strip_chars(BLANKS))
    marked = [series.name for series in bare.iter_columns() if series.str.starts_with("'").any()]
    bare = bare.with_columns(pl.col(name).str.replace(NEUTRALISED, "$1") for name in marked)
    return bare.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())


def header_at(cells: pl.DataFrame) -> int:
    """The first row that is filled at least half as wide as the fullest of the first rows: titles above are narrow."""
    filled = [sum(value is not None for value in row) for row in cells.head(HEAD_ROWS).rows()]
    return next((at for at, count in enumerate(filled) if count and 2 * count >= max(filled)), 0)


def header_names(row: tuple[str | None, ...]) -> list[str]:
    """One name per column: those without header are called #1, #2 …, a repeated header gets its number."""
    last = max((at for at, name in enumerate(row) if name is not None), default=-1)
    names: list[str] = []
    for at, name in enumerate(row[: last + 1], start=1):
        base = " ".join(name.split()) if name else f"#{at}"
        again = sum(1 for other in names if other == base or other.startswith(f"{base} ("))
        names.append(f"{base} ({again + 1})" if base in names else base)
    return names


def facts_of(body: pl.DataFrame, widths: pl.DataFrame | None) -> pl.DataFrame:
    """The rows that are no records, each with the first reason that applies."""
    names = [name for name in body.columns if name != ROW]
    if not names or body.height == 0:
        return pl.DataFrame(schema=FACTS)
    blank = pl.all_horizontal(pl.col(names).is_null())
    few = 2 * pl.sum_horizontal(pl.col(names).is_not_null().cast(pl.UInt32)) <= len(names) + 1
    total = pl.coalesce(names).str.to_lowercase().str.contains(TOTALS) & few
    code = pl.when(blank).then(pl.lit("row.blank")).when(total).then(pl.lit("row.total"))
    if widths is not None:
        given, filled = pl.lit(widths["given"]), pl.lit(widths["filled"])
        code = code.when(filled > len(names)).then(pl.lit("row.too_long"))
        code = code.when(given < len(names)).then(pl.lit("row.too_short"))
    facts = body.select(pl.col(ROW).alias("row"), code.alias("code")).filter(pl.col("code").is_not_null())
    facts = facts.with_columns(pl.lit(None, pl.String).alias("value"))
    rest = body.join(facts, left_on=ROW, right_on="row", how="anti", maintain_order="left")
    return pl.concat([facts, duplicates(rest, names)]).sort("row")


def duplicates(body: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The rows that repeat an earlier one cell by cell, with its number."""
    hashes = body.select(pl.struct(names).hash()).to_series()
    alike = body.filter(hashes.is_duplicated())
    first = alike.select(pl.col(ROW), pl.col(ROW).first().over(pl.struct(names)).alias("first"))
    again = first.filter(pl.col(ROW) != pl.col("first"))
    return again.select(
        pl.col(ROW).alias("row"), pl.lit("row.duplicate").alias("code"), pl.col("first").cast(pl.String).alias("value")
    )
