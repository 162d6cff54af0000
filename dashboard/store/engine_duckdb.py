"""DuckDB as the engine: one process, one encrypted file, one writer at a time, a cursor for each call."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
from sqlalchemy import ARRAY, any_, bindparam, false
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import String, TypeEngine

from dashboard.errors import Misconfigured

DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
CRYPTO_EXTENSION = "httpfs"  # carries the OpenSSL that DuckDB needs to write encrypted files
SMALL = 64  # rows up to which parameters are cheaper than an Arrow table


def compiled(statement: ClauseElement) -> tuple[str, list[Any]]:
    """The text of a statement in the dialect that both engines speak, and its positional values."""
    result = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    values = result.params
    return str(result), [values[name] for name in result.positiontup or ()]  # type: ignore[attr-defined]


class Prepared(NamedTuple):
    """A compiled statement whose values are filled in at each run; compiling costs more than running."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any]

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """The positional values: those given by name, else those the statement was built with."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]


def prepare(statement: ClauseElement) -> Prepared:
    """Compile a statement whose `slot`s get their values later."""
    result: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return Prepared(str(result), tuple(result.positiontup or ()), dict(result.params))


def slot(name: str, type_: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """A place in a prepared statement for a value given at each run."""
    return bindparam(name, None, type_=type_ or String())


def one_of(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column is one of some values: texts as one array, because a parameter each costs more than looking."""
    if not values:
        return false()
    if not isinstance(column.type, String):
        return column.in_(list(values))
    return column == any_(bindparam(None, list(values), type_=ARRAY(String())))


class Engine:
    """An attached encrypted file. Readers take a cursor each; `writing` holds the only writer."""

    def __init__(self, path: Path, key: bytes, temporary: Path, allowed: Sequence[Path] = ()) -> None:
        """Open or create the file at `path`.

        Raises Misconfigured (store.locked, store.wrong_key) when another process holds it or the key does not fit.
        """
        self.path = path
        self.lock = threading.RLock()
        self.root = duckdb.connect(":memory:", config=CONFIG)
        temporary.mkdir(parents=True, exist_ok=True)
        self.root.execute(f"LOAD {literal(str(extension_file()))}")
        try:
            self.root.execute(f"ATTACH {literal(str(path))} AS crm (ENCRYPTION_KEY {literal(key.hex())})")
        except duckdb.Error as problem:
            self.root.close()
            raise opening_problem(problem, path) from None
        folders = ", ".join(literal(str(folder.resolve()) + "/") for folder in allowed)
        self.root.execute("SET temp_file_encryption = true")
        self.root.execute(f"SET temp_directory = {literal(str(temporary))}")
        self.root.execute(f"SET allowed_directories = [{folders}]")
        self.root.execute("SET enable_external_access = false")
        self.root.execute("SET preserve_insertion_order = false")
        self.root.execute("SET produce_arrow_string_view = true")
        self.root.execute("SET lock_configuration = true")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for one call or one thread."""
        cursor = self.root.cursor()
        cursor.execute("USE crm")
        return cursor

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The only write transaction: committed at the end, rolled back when anything is raised."""
        with self.lock:
            cursor = self.cursor()
            cursor.execute("BEGIN")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                rollback(cursor)
                raise
            finally:
                cursor.close()

    def checkpoint(self) -> None:
        """Write the log into the file. Never call it while holding a transaction."""
        with self.lock:
            cursor = self.cursor()
            cursor.execute("CHECKPOINT crm")
            cursor.close()

    def close(self) -> None:
        """Checkpoint and close."""
        with self.lock:
            try:
                self.checkpoint()
            finally:
                self.root.close()


def rows(
    cursor: duckdb.DuckDBPyConnection, statement: ClauseElement | str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a statement, as tuples: the quick way for few rows."""
    text, bound = (statement, list(values)) if isinstance(statement, str) else compiled(statement)
    return cursor.execute(text, bound).fetchall() if bound else cursor.execute(text).fetchall()


def frame(
    cursor: duckdb.DuckDBPyConnection, statement: ClauseElement | str, values: Sequence[Any] = ()
) -> pl.DataFrame:
    """All rows of a statement as a Polars frame: the quick way for many rows."""
    text, bound = (statement, list(values)) if isinstance(statement, str) else compiled(statement)
    result = cursor.execute(text, bound) if bound else cursor.execute(text)
    found = pl.from_arrow(result.to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found


def large_frame(cursor: duckdb.DuckDBPyConnection, statement: ClauseElement) -> pl.DataFrame:
    """All rows of a statement without bound values: the engine fills the columns in parallel."""
    text, bound = compiled(statement)
    assert not bound, "a bound value would have every row pass through Python"
    found = pl.from_arrow(cursor.sql(text).to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found


def run(cursor: duckdb.DuckDBPyConnection, statement: ClauseElement | str, values: Sequence[Any] = ()) -> None:
    """Run a statement for its effect."""
    text, bound = (statement, list(values)) if isinstance(statement, str) else compiled(statement)
    if bound:
        cursor.execute(text, bound)
    else:
        cursor.execute(text)


def literal(text: str) -> str:
    """A quoted SQL string, for the few settings that take no bound values."""
    return "'" + text.replace("'", "''") + "'"


def extension_file() -> Path:
    """The extension inside its wheel: nothing is downloaded or copied."""
    folder = Path(str(files(import_module(f"duckdb_extension_{CRYPTO_EXTENSION}"))))
    return folder / "extensions" / f"v{duckdb.__version__}" / f"{CRYPTO_EXTENSION}.duckdb_extension"


def rollback(cursor: duckdb.DuckDBPyConnection) -> None:
    """Roll back, also when the engine has already done so or cannot any more: what led here is what is told."""
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")


def opening_problem(problem: duckdb.Error, path: Path) -> Misconfigured:
    """What a person can do about a file that does not open."""
    text = str(problem)
    if "set lock" in text or "file handle conflict" in text:
        holder = re.search(r"PID (\d+)", text)
        return Misconfigured("store.locked", path=str(path), process=holder.group(1) if holder else "?")
    if "encryption key" in text or "is not encrypted" in text:
        return Misconfigured("store.wrong_key", path=str(path))
    return Misconfigured("store.unreadable", path=str(path), reason=text.splitlines()[0])
