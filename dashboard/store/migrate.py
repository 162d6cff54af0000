"""Numbered SQL migrations with checksums, each in one transaction; a changed or unknown one refuses to start."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from dashboard.errors import Misconfigured

FOLDER = Path(__file__).resolve().parents[2] / "data" / "migrations"
NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    checksum VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    PRIMARY KEY (number)
)"""


class Cursor(Protocol):
    """What a migration needs of either engine."""

    def execute(self, statement: str, /) -> Any:
        """Run one statement."""

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""


@dataclass(frozen=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, line ends aside."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The statements of the file, comments aside."""
        bare = re.sub(r"^\s*--.*$", "", self.text, flags=re.MULTILINE)
        return [part.strip() for part in bare.split(";\n") if part.strip().strip(";")]


def shipped(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of this version, in order, without gaps."""
    found = [
        Migration(int(match[1]), match[2], path.read_text("utf-8"))
        for path in sorted(folder.glob("*.sql"))
        if (match := NAME.fullmatch(path.name))
    ]
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise Misconfigured("migration.gap", folder=str(folder))
    return found


def applied(cursor: Cursor) -> dict[int, tuple[str, str]]:
    """What this store has run: number → name, checksum."""
    cursor.execute(LEDGER)
    cursor.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
    return {int(number): (str(name), str(checksum)) for number, name, checksum in cursor.fetchall()}


def pending(cursor: Cursor, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations still to run.

    Raises Misconfigured: migration.unknown when the store has one that this version does not know (it was written by
    a newer version), migration.changed when one was edited after it ran.
    """
    done, known = applied(cursor), {migration.number: migration for migration in migrations}
    for number, (name, checksum) in done.items():
        if number not in known:
            raise Misconfigured("migration.unknown", number=number, name=name)
        if known[number].checksum != checksum:
            raise Misconfigured("migration.changed", number=number, name=name)
    return [migration for migration in migrations if migration.number not in done]


def migrate(
    transaction: Callable[[], AbstractContextManager[Cursor]], migrations: Sequence[Migration] | None = None
) -> list[Migration]:
    """Run what is pending, one transaction each; returns what ran."""
    with transaction() as cursor:
        todo = pending(cursor, shipped() if migrations is None else migrations)
    for migration in todo:
        with transaction() as cursor:
            for statement in migration.statements:
                cursor.execute(statement)
            now = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
            cursor.execute(
                "INSERT INTO schema_migrations (number, name, checksum, applied_at) "  # noqa: S608  (own file names)
                f"VALUES ({migration.number}, '{migration.name}', '{migration.checksum}', TIMESTAMP '{now}')"
            )
    return todo
