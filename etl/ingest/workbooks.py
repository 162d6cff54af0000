"""Excel workbooks as grids of texts: cells as their values, sheets in order, guarded against files that explode."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import fastexcel
import polars as pl

from dashboard.errors import Refused
from etl.ingest.delimited import Grid

if TYPE_CHECKING:
    from etl.ingest.sources import Limits

CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
LONGEST_TEXT = 32_767  # of one cell, says Excel
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


def sheets_of(data: bytes, name: str, limits: Limits) -> Iterator[tuple[str, Grid]]:
    """The visible sheets that hold something, by name. Raises Refused (file.*)."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        guard(data, name, limits)
    try:
        book = fastexcel.read_excel(data)
        sheets = [book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string") for sheet in book.sheet_names]
    except fastexcel.FastExcelError:
        raise Refused("file.workbook", file=name) from None
    for sheet in sheets:
        if sheet.visible == "visible" and sheet.width and sheet.height:
            bounded(name, sheet.width, sheet.height, limits)
            yield sheet.name, Grid(cells_of(sheet), None)


def cells_of(sheet: fastexcel.ExcelSheet) -> pl.DataFrame:
    """The cells as text; an error value keeps its sign, so that it is named and not taken for an empty cell."""
    batch, errors = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(batch).cast(pl.String)
    cells.columns = [f"c{at}" for at in range(cells.width)]
    columns: dict[int, dict[int, str]] = {}
    for error in errors.errors if errors else ():
        row, column = error.offset_position
        columns.setdefault(column, {})[row] = sign_of(error.detail)
    for column, signs in columns.items():
        marked = cells[f"c{column}"].scatter(list(signs), list(signs.values()))
        cells = cells.with_columns(marked)
    return cells


def sign_of(detail: str) -> str:
    """What Excel shows for an error."""
    found = re.search(r"Error\((\w+)\)", detail)
    return ERRORS.get(found[1], "#ERROR!") if found else "#ERROR!"


def guard(data: bytes, name: str, limits: Limits) -> None:
    """Refuse archives that unpack to too much, sheets whose corner cell makes them immense, and endless texts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > limits.parts or unpacked > limits.unpacked_bytes:
                raise Refused("file.bomb", file=name)
            for part in parts:
                if part.filename.startswith("xl/worksheets/sheet"):
                    guard_sheet(read_part(archive, part), name, limits)
                elif part.filename == "xl/sharedStrings.xml" and part.file_size > LONGEST_TEXT:
                    guard_texts(read_part(archive, part), name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise Refused("file.workbook", file=name) from None


def read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """One part, never more of it than its entry promises."""
    with archive.open(part) as stream:
        return stream.read(part.file_size + 1)[: part.file_size]


def guard_sheet(xml: bytes, name: str, limits: Limits) -> None:
    """A reader makes room for every cell up to the last row and column, so one cell in the far corner is a bomb."""
    columns, last_row = set(), 0
    for found in CELL.finditer(xml):
        columns.add(found[1])
        last_row = max(last_row, int(found[2]))
    last_column = max(map(column_number, columns), default=0)
    bounded(name, last_column, last_row, limits)


def bounded(name: str, columns: int, rows: int, limits: Limits) -> None:
    """That a sheet is no larger than may be. Raises Refused (file.too_wide, file.too_long)."""
    if columns > limits.columns:
        raise Refused("file.too_wide", file=name, columns=columns, limit=limits.columns)
    if rows > limits.rows or columns * rows > limits.cells:
        raise Refused("file.too_long", file=name, rows=limits.rows, cells=limits.cells)


def column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def guard_texts(xml: bytes, name: str) -> None:
    """A shared text is copied into each cell that points at it, so an endless one is a bomb too."""
    if any(len(text) > 4 * LONGEST_TEXT for text in re.split(rb"</(?:\w+:)?si>", xml)):
        raise Refused("file.bomb", file=name)
