"""Answers to repeated requests: kept for a day under the caller's key, written in the transaction that they tell of.

What is kept is encrypted under a key that follows from the caller's own key, of which only a hash is kept: without
the caller's key nobody reads it again, the store's keys or not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from dashboard.domain.access import operator, system
from dashboard.domain.ids import new_id
from dashboard.store import crypto
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.logins import now
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

KEPT = table_of("kept_answer")
LIFETIME = timedelta(hours=24)
BOUND = b"kept answer"
MACHINES = (operator().person_id, system().person_id)
"""Who is nobody in the department."""


@dataclass(frozen=True)
class Answer:
    """What was answered: the HTTP status, a few headers, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Repeated(Exception):
    """Somebody else answered the same request in the meantime; nothing was written."""


class Requests:
    """The answers that a store keeps for repeated requests."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def kept(self, person_id: str, key: str) -> tuple[str, Answer] | None:
        """The fingerprint of the request that came with this key, and its answer; None for a fresh key."""
        wanted = select(KEPT.c.fingerprint, KEPT.c.status, KEPT.c.answer).where(
            KEPT.c.key_hash == self.name(person_id, key), KEPT.c.answered_at > now() - LIFETIME
        )
        with self.store.reading() as cursor:
            found = rows(cursor, wanted)
        if not found:
            return None
        fingerprint, status, sealed = found[0]
        plain = json.loads(crypto.unseal(self.secret(person_id, key), bytes(sealed), BOUND))
        return fingerprint, Answer(status, plain["headers"], plain["body"].encode())

    def keep(self, cursor: Any, person_id: str, key: str, fingerprint: str, answer: Answer) -> None:
        """Keep an answer inside the caller's transaction. Raises Repeated when the key is taken."""
        name, moment = self.name(person_id, key), now()
        run(cursor, delete(KEPT).where(KEPT.c.answered_at <= moment - LIFETIME))
        if rows(cursor, select(KEPT.c.id).where(KEPT.c.key_hash == name)):
            raise Repeated
        plain = json.dumps({"headers": answer.headers, "body": answer.body.decode()}).encode()
        run(
            cursor,
            insert(KEPT).values(
                id=new_id(),
                person_id=None if person_id in MACHINES else person_id,
                key_hash=name,
                fingerprint=fingerprint,
                answered_at=moment,
                status=answer.status,
                answer=crypto.seal(self.secret(person_id, key), plain, BOUND),
            ),
        )

    def name(self, person_id: str, key: str) -> str:
        """What the store keeps of a key."""
        return hashlib.sha256(f"{person_id}\0{key}".encode()).hexdigest()

    def secret(self, person_id: str, key: str) -> bytes:
        """The key of a kept answer: the caller's own, stretched with one of the store's."""
        return hmac.new(self.store.index_key, f"answer\0{person_id}\0{key}".encode(), hashlib.sha256).digest()
