"""The rows of a table that a record of a map is about: joined, filtered, distinct; the texts its fields take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.errors import Refused
from etl.ingest.maps import Condition, Record, Take, listed
from etl.ingest.tables import ROW, Table
from etl.ingest.words import fold, folded, replaced

EMPTY = ("N/A", "n/a", "#N/A", "NULL", "null", "(空)", "（空）")
"""Texts that mean nothing in any file."""

LOOSE = " ,;，；、"
"""What is taken off both ends of a filled template."""


@dataclass(frozen=True)
class Lines:
    """The rows of one table for one record of a map.

    cells: ROW and the texts of the table, with the columns of joined files as "file.column"; names: folded header →
    column; whole: the same before any condition, for what holds of a column as a whole.
    """

    table: Table
    cells: pl.DataFrame
    whole: pl.DataFrame
    names: Mapping[str, str]
    empty: tuple[str, ...]

    def column(self, name: str) -> str:
        """The column of a header, compared folded. Raises Refused (map.no_column)."""
        found = self.names.get(folded(name))
        if found is None:
            raise Refused("map.no_column", file=self.table.file, column=name, columns=list(self.table.headers))
        return found

    def text(self, name: str) -> pl.Series:
        """The texts of a column."""
        return self.cells[self.column(name)]

    def nothing(self, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
        """A column of nulls."""
        return pl.repeat(None, self.cells.height, dtype=dtype, eager=True)

    def filled(self, column: str) -> pl.Expr:
        """A column of `cells`, null where its text means nothing."""
        return pl.when(~pl.col(column).is_in(list(self.empty))).then(pl.col(column))

    def met(self, condition: Condition) -> pl.Series | None:
        """Which rows meet every part of a condition; None when there is no part."""
        if not condition:
            return None
        parts = [part_met(self.filled(self.column(name)), wanted) for name, wanted in condition.items()]
        return self.cells.select(pl.all_horizontal(parts).fill_null(value=False).alias("met"))["met"]


def lines_of(table: Table, record: Record, tables: Sequence[Table], empty: tuple[str, ...]) -> Lines:
    """The rows of a table that a record of a map is about."""
    cells = table.cells
    for join in record.join:
        cells = joined(cells, table, join.file, join.on, tables)
    names = {folded(name): name for name in cells.columns if name != ROW}
    lines = Lines(table, cells, cells, names, (*EMPTY, *empty))
    kept = lines.met(record.when)
    chosen = cells if kept is None else cells.filter(kept)
    if record.distinct:
        used = list(dict.fromkeys(lines.column(name) for name in used_columns(record) if folded(name) in names))
        chosen = chosen.filter(~pl.all_horizontal(pl.col(used).is_null()))
        chosen = chosen.unique(used, keep="first", maintain_order=True)
    return Lines(table, chosen, cells, names, lines.empty)


def used_columns(record: Record) -> list[str]:
    """The columns that make the records of a map: without those of its conditions."""
    return [name for take in record.takes() for name in take.columns]


def joined(
    cells: pl.DataFrame, table: Table, file: str, on: Mapping[str, str], tables: Sequence[Table]
) -> pl.DataFrame:
    """The cells beside the columns of another file. Raises Refused (map.no_file, map.no_column, map.join_many)."""
    other = next((candidate for candidate in tables if folded(candidate.file) == folded(file)), None)
    if other is None:
        raise Refused("map.no_file", file=file)
    stem = other.file.rpartition(".")[0]
    missing = [
        (t.file, name)
        for t, name in (*((table, n) for n in on), *((other, n) for n in on.values()))
        if name not in t.cells.columns and name not in cells.columns
    ]
    if missing:
        raise Refused("map.no_column", file=missing[0][0], column=missing[0][1])
    right = other.cells.drop(ROW).select(pl.all().name.prefix(f"{stem}."))
    keys = [f"{stem}.{name}" for name in on.values()]
    if right.select(keys).drop_nulls().is_duplicated().any():
        raise Refused("map.join_many", file=file, columns=list(on.values()))
    return cells.join(right, left_on=list(on), right_on=keys, how="left", maintain_order="left", coalesce=False)


def part_met(text: pl.Expr, wanted: str | bool | tuple[str, ...]) -> pl.Expr:
    """One part of a condition: any text (True), none (False), or one of the given texts."""
    if isinstance(wanted, bool):
        return text.is_not_null() if wanted else text.is_null()
    return fold(text).is_in([folded(word) for word in listed(wanted)])


def text_of(take: Take, lines: Lines) -> pl.Series:
    """The text that a field takes from each row, before it is read as a value; null where there is none.

    Constants and what stands in for nothing are no texts of the file: see `values`.
    """
    if take.text is not None:
        text = filled_template(take.text, lines)
    elif take.column is not None:
        columns = present(take, lines)
        if not columns:
            return lines.nothing()
        several = len(columns) > 1  # a lone column is looked at below
        text = (
            lines.cells.select(pl.coalesce(map(lines.filled, columns))).to_series()
            if several
            else lines.cells[columns[0]]
        )
    else:
        return lines.nothing()
    text = without(text.alias("text"), lines.empty)
    return exchanged(text, take.values) if take.values else text


def present(take: Take, lines: Lines) -> list[str]:
    """The columns of a take that the file has: at least one of them, unless they are optional."""
    wanted = listed(take.column or ())
    found = [lines.names[folded(name)] for name in wanted if folded(name) in lines.names]
    return found or ([] if take.optional else [lines.column(wanted[0])])


def filled_template(template: str, lines: Lines) -> pl.Series:
    """A template with the texts of its columns; a part in brackets stands only where all its columns are filled.

    What is empty leaves no double blanks and no lone commas behind.
    """
    pieces = [piece for part in template.split("[") for piece in bracketed(part)]
    parts = [expression for text, optional in pieces for expression in piece_of(text, lines, optional=optional)]
    joined_text = pl.concat_str(parts).str.replace_all(r"\s+", " ").str.strip_chars(LOOSE)
    return lines.cells.select(pl.when(joined_text != "").then(joined_text).alias("text"))["text"]


def bracketed(part: str) -> list[tuple[str, bool]]:
    """The text behind an opening bracket as its optional piece and the rest."""
    inner, closed, rest = part.partition("]")
    return [(inner, True), (rest, False)] if closed else [(part, False)]


def piece_of(text: str, lines: Lines, *, optional: bool) -> list[pl.Expr]:
    """A piece of a template: fixed text, and columns in braces."""
    parts: list[pl.Expr] = []
    columns: list[pl.Expr] = []
    for piece in text.split("{"):
        name, brace, rest = piece.partition("}")
        if brace:
            columns.append(lines.filled(lines.column(name)))
            parts += [columns[-1].fill_null(""), pl.lit(rest)]
        else:
            parts.append(pl.lit(name))
    if not optional or not columns:
        return parts
    return [
        pl.when(pl.all_horizontal(column.is_not_null() for column in columns))
        .then(pl.concat_str(parts))
        .otherwise(pl.lit(""))
    ]


def without(text: pl.Series, empty: tuple[str, ...]) -> pl.Series:
    """The texts with null in place of those that mean nothing."""
    hits = text.is_in(list(empty))
    return text.set(hits, None) if hits.any() else text


def exchanged(text: pl.Series, words: Mapping[str, str]) -> pl.Series:
    """The texts with words exchanged; an empty text means nothing."""
    distinct = text.unique().alias("text").to_frame()
    new = distinct.with_columns(replaced(pl.col("text"), words, pl.String(), pl.col("text")).alias("new"))
    new = new.with_columns(pl.when(pl.col("new") != "").then("new").alias("new"))
    return (
        text.alias("text").to_frame().join(new, on="text", how="left", maintain_order="left", nulls_equal=True)["new"]
    )
