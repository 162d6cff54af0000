"""Attached files: encrypted, named by what is in them, in a folder beside the store; the rows say which there are.

A file's name is a keyed hash of its content (HMAC-SHA256), so the same content is kept once and a listing of the
folder tells nothing. Its content is sealed (AES-256-GCM) and bound to that name. Both keys follow from the store's own
key (HKDF-SHA256), so they are wrapped, recovered and backed up with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from dashboard.errors import Refused
from dashboard.store.checks import Finding
from dashboard.store.crypto import derive, seal, unseal, write_secret
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import history_of

FOLDER = "files"
BIND = b"salesdesk file "


class Kept(NamedTuple):
    """A content that is on the disk: its own hash, its size, and whether this call put it there."""

    sha256: str
    size_bytes: int
    fresh: bool


class Files:
    """The folder of one store."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self.folder = folder
        self.naming, self.sealing = derive(secret, "file names"), derive(secret, "files")

    def keep(self, content: bytes) -> Kept:
        """Put a content on the disk, whole or not at all."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path_of(sha256)
        fresh = not path.exists()
        if fresh:
            write_secret(path, seal(self.sealing, content, BIND + path.name.encode()))
        return Kept(sha256, len(content), fresh)

    def read(self, sha256: str) -> bytes:
        """A content by its hash. Raises Refused (attachment.missing, attachment.damaged)."""
        path = self.path_of(sha256)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise Refused("attachment.missing") from None
        try:
            content = unseal(self.sealing, sealed, BIND + path.name.encode())
        except InvalidTag:
            raise Refused("attachment.damaged") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Refused("attachment.damaged")
        return content

    def drop(self, sha256: str) -> None:
        """Take a content away that no row names."""
        self.path_of(sha256).unlink(missing_ok=True)

    def path_of(self, sha256: str) -> Path:
        """Where a content stands."""
        name = hmac.new(self.naming, sha256.encode(), hashlib.sha256).hexdigest()
        return self.folder / name[:2] / name

    def findings(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
        """Contents that rows name but that are gone or damaged, and files that no row names."""
        wanted = named(cursor)
        faults = [sha256 for sha256 in sorted(wanted) if not self.opens(sha256)]
        if faults:
            yield Finding("files", len(faults), faults[0])
        if orphans := list(self.orphans(wanted)):
            yield Finding("files_without_row", len(orphans), orphans[0].name)

    def opens(self, sha256: str) -> bool:
        """Whether a content is there and what it was."""
        try:
            self.read(sha256)
        except Refused:
            return False
        return True

    def orphans(self, wanted: set[str]) -> Iterator[Path]:
        """Files that no row names: left by a stop between the file and its row."""
        known = {self.path_of(sha256) for sha256 in wanted}
        for path in sorted(self.folder.glob("*/*")):
            if path not in known:
                yield path

    def tidy(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """Remove what no row names; only while nobody writes. Returns how many files went."""
        orphans = list(self.orphans(named(cursor)))
        for path in orphans:
            path.unlink()
        return len(orphans)


def named(cursor: duckdb.DuckDBPyConnection) -> set[str]:
    """The hashes of all contents that some row names or named: histories keep theirs."""
    log = history_of("attachment")
    return {row[0] for row in rows(cursor, select(log.c.sha256).where(log.c.sha256.is_not(None)).distinct())}
