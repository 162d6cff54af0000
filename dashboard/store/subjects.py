"""A data key for each person or company whose details are kept: destroying the key erases the details everywhere."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

import duckdb
import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select, update

from dashboard.domain.fields import Entity, Field, Kind
from dashboard.errors import Refused
from dashboard.store import crypto
from dashboard.store.engine_duckdb import one_of, rows, run
from dashboard.store.schema import table_of
from dashboard.store.staging import alteration, insert_rows, staged, types_of

CACHED = 50_000
KEYS = table_of("subject_key")


class Subjects:
    """The data keys of subjects, wrapped in the store, unwrapped in a bounded cache."""

    def __init__(self, ring: crypto.KeyRing) -> None:
        self.ring = ring
        self.cache: OrderedDict[str, AESGCM] = OrderedDict()

    def ensure(self, cursor: duckdb.DuckDBPyConnection, subjects: list[str]) -> dict[str, AESGCM]:
        """The ciphers of subjects, made where there are none, inside the caller's transaction."""
        found = self.existing(cursor, subjects, keep=False)
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in found]
        if missing:
            found |= self.make(cursor, missing)
        return found

    def existing(
        self, cursor: duckdb.DuckDBPyConnection, subjects: Iterable[str], *, keep: bool = True
    ) -> dict[str, AESGCM]:
        """The ciphers of those subjects that have a key; an erased one has none.

        keep: remember them. Not inside a write transaction: a key that is rolled back must not be used again.
        """
        wanted = list(dict.fromkeys(subjects))
        found = {subject: cipher for subject in wanted if (cipher := self.cache.get(subject))}
        absent = [subject for subject in wanted if subject not in found]
        for at in range(0, len(absent), 1000):
            part = absent[at : at + 1000]
            statement = select(KEYS.c.id, KEYS.c.key_id, KEYS.c.wrapped).where(
                one_of(KEYS.c.id, part), KEYS.c.erased_at.is_(None)
            )
            for subject, key_id, wrapped in rows(cursor, statement):
                secret = self.opened(subject, key_id, bytes(wrapped))
                if secret is None:
                    continue  # its details stay closed, and the check says so
                found[subject] = AESGCM(secret)
                if keep:
                    self.remember(subject, found[subject])
        return found

    def opened(self, subject: str, key_id: str, wrapped: bytes) -> bytes | None:
        """A data key; None when the ring does not hold what wraps it, or when it was tampered with."""
        key = self.ring.by_id.get(key_id)
        try:
            return crypto.unseal(key.secret, wrapped, subject.encode()) if key else None
        except InvalidTag:
            return None

    def make(self, cursor: duckdb.DuckDBPyConnection, subjects: list[str]) -> dict[str, AESGCM]:
        """Fresh keys for subjects. Raises Refused (subject.erased) for one whose key was destroyed."""
        current = self.ring.current("field")
        secret = {subject: secrets.token_bytes(crypto.KEY) for subject in subjects}
        wrapped = [crypto.seal(current.secret, secret[subject], subject.encode()) for subject in subjects]
        fresh = pl.DataFrame(
            {"id": subjects, "key_id": [current.key_id] * len(subjects), "wrapped": wrapped, "erased_at": None},
            schema={"id": pl.String, "key_id": pl.String, "wrapped": pl.Binary, "erased_at": pl.Datetime("us")},
        )
        try:
            insert_rows(cursor, KEYS, fresh)
        except duckdb.ConstraintException:  # there is one: it was destroyed
            raise Refused("subject.erased") from None
        return {subject: AESGCM(value) for subject, value in secret.items()}

    def remember(self, subject: str, cipher: AESGCM) -> None:
        """Keep a cipher for a while."""
        self.cache[subject] = cipher
        if len(self.cache) > CACHED:
            self.cache.popitem(last=False)

    def forget(self, subjects: Iterable[str]) -> None:
        """Drop ciphers from the cache."""
        for subject in subjects:
            self.cache.pop(subject, None)

    def stale(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """How many data keys are still wrapped under an older key of the ring."""
        old = (KEYS.c.key_id != self.ring.current("field").key_id, KEYS.c.erased_at.is_(None))
        return int(rows(cursor, select(func.count()).select_from(KEYS).where(*old))[0][0])

    def rewrap(self, cursor: duckdb.DuckDBPyConnection, limit: int) -> int:
        """Wrap up to `limit` data keys, still under an older key of the ring, under the current one. Resumable."""
        current = self.ring.current("field")
        statement = select(KEYS.c.id, KEYS.c.key_id, KEYS.c.wrapped).where(
            KEYS.c.key_id != current.key_id, KEYS.c.erased_at.is_(None)
        )
        stale = rows(cursor, statement.limit(limit))
        opened = [(row[0], self.opened(row[0], row[1], bytes(row[2]))) for row in stale]
        fresh = [(row, current.key_id, crypto.seal(current.secret, key, row.encode())) for row, key in opened if key]
        wrapped = pl.DataFrame(fresh, schema={"id": pl.String, "key_id": pl.String, "wrapped": pl.Binary}, orient="row")
        with staged(cursor, wrapped, types_of(KEYS)) as source:
            run(cursor, alteration(KEYS, source, ("key_id", "wrapped")))
        return len(fresh)

    def erase(self, cursor: duckdb.DuckDBPyConnection, subject: str, moment: datetime) -> None:
        """Destroy the data key of a subject: its personal fields can never be read again, in histories neither."""
        run(cursor, update(KEYS).where(KEYS.c.id == subject).values(wrapped=b"", erased_at=moment))
        self.forget([subject])


def bound(entity: Entity, field: Field, record_id: str) -> bytes:
    """What a cipher text is bound to: it opens in its own row and column only."""
    return f"{entity.name}|{field.name}|{record_id}".encode()


def encrypt(
    cipher: AESGCM, index_key: bytes, entity: Entity, field: Field, record_id: str, value: str | None
) -> tuple[bytes | None, str | None, str | None]:
    """Cipher text, keyed hash, and for phones the keyed hash of the last four digits."""
    if value is None:
        return None, None, None
    nonce = secrets.token_bytes(crypto.NONCE)
    sealed = crypto.FORMAT + nonce + cipher.encrypt(nonce, value.encode(), bound(entity, field, record_id))
    tail = crypto.tail_hash(index_key, value) if field.kind is Kind.PHONE else None
    return sealed, crypto.keyed_hash(index_key, field.kind, value), tail


def decrypt(cipher: AESGCM | None, entity: Entity, field: Field, record_id: str, sealed: bytes | None) -> str | None:
    """The plain text; None when there is none, when its key was destroyed, or when it was tampered with."""
    if sealed is None or cipher is None:
        return None
    raw = bytes(sealed)
    try:
        return cipher.decrypt(
            raw[1 : crypto.NONCE + 1], raw[crypto.NONCE + 1 :], bound(entity, field, record_id)
        ).decode()
    except InvalidTag:
        return None
