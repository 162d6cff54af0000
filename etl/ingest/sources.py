"""Reading files into tables: what a file is shows in its content, never in its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dashboard.domain.quantities import megabytes
from dashboard.errors import Refused
from etl.ingest.delimited import grid_of
from etl.ingest.encodings import as_utf8
from etl.ingest.tables import Table, table_of
from etl.ingest.workbooks import sheets_of

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".xls")
OTHER_KINDS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"MZ",
    b"\x7fELF",
    b"PAR1",
    b"SQLite format",
)


@dataclass(frozen=True)
class Limits:
    """How much one import may hold."""

    files: int = 100
    file_bytes: int = 512 * 1024**2
    rows: int = 2_000_000
    columns: int = 500
    cells: int = 40_000_000
    parts: int = 5_000
    unpacked_bytes: int = 1024**3


@dataclass(frozen=True)
class Source:
    """One file: its name, without any folder, and its content."""

    name: str
    data: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """The digest of the content."""
        return hashlib.sha256(self.data).hexdigest()


def sources_from(paths: Iterable[Path], limits: Limits | None = None) -> tuple[Source, ...]:
    """The files named, and those directly inside the folders named, in that order.

    Raises Refused: file.missing, file.too_large, file.too_many, file.none.
    """
    bounds = limits or Limits()
    files = [file for path in paths for file in files_at(path)]
    if not files:
        raise Refused("file.none")
    if len(files) > bounds.files:
        raise Refused("file.too_many", files=len(files), limit=bounds.files)
    return tuple(load(file, bounds) for file in files)


def files_at(path: Path) -> list[Path]:
    """A file itself, or the tables in a folder by name."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS and file.is_file())
    return [path]


def load(path: Path, limits: Limits) -> Source:
    """One file. Raises Refused (file.missing, file.too_large)."""
    try:
        if path.stat().st_size > limits.file_bytes:
            raise Refused("file.too_large", file=path.name, limit=megabytes(limits.file_bytes))
        return Source(path.name, path.read_bytes())
    except OSError:
        raise Refused("file.missing", file=path.name) from None


def read(sources: Sequence[Source], limits: Limits | None = None) -> tuple[Table, ...]:
    """Every table of every file. Raises Refused (file.*)."""
    return tuple(table for source in sources for table in tables_in(source, limits or Limits()))


def tables_in(source: Source, limits: Limits) -> Iterator[Table]:
    """The tables of one file: one for text, one a sheet for a workbook."""
    data, name = source.data, source.name
    if len(data) > limits.file_bytes:
        raise Refused("file.too_large", file=name, limit=megabytes(limits.file_bytes))
    if not data.strip():
        raise Refused("file.empty", file=name)
    if data.startswith((ZIP, OLE)):
        for sheet, grid in sheets_of(data, name, limits):
            yield table_of(name, sheet, grid, typed=True)
        return
    if data.startswith(OTHER_KINDS):
        raise Refused("file.kind", file=name)
    text, encoding = as_utf8(data, name)
    grid, delimiter = grid_of(text, name, limits.columns)
    if grid.cells.height > limits.rows:
        raise Refused("file.too_long", file=name, rows=limits.rows, cells=limits.cells)
    yield table_of(name, None, grid, encoding=encoding, delimiter=delimiter)
