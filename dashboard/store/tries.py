"""Tries to log in: how many a name from an address, and an address alone, may have at a time.

Kept in the store, so that a restart forgives nothing, and only for as long as they count, so that nobody is locked out
for good by a stranger. Names and addresses stand there as keyed hashes: what people type by mistake into the field for
the name is often a password.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, insert, select

from dashboard.domain.access import system
from dashboard.domain.ids import new_id
from dashboard.store import audit
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

TRIES = table_of("login_try")
WINDOW = timedelta(minutes=15)
PER_NAME = 5
PER_ADDRESS = 100  # a company may come from one address


def now() -> datetime:
    """The moment, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


class Tries:
    """The tries of a store. Names that do not exist count like those that do."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = now) -> None:
        self.store = store
        self.clock = clock

    def begin(self, name: str, address: str) -> int:
        """Count a try and return 0; where there were too many already, count nothing and return the minutes to wait.

        The first try that is not let through is audited, the next ones leave no trace: nobody can fill the store.
        """
        moment, pair, place = self.clock(), self.hashed("pair", name, address), self.hashed("address", address)
        with self.store.engine.writing() as cursor:
            run(cursor, delete(TRIES).where(TRIES.c.tried_at <= moment - WINDOW))
            limits = ((TRIES.c.pair_hash == pair, PER_NAME), (TRIES.c.address_hash == place, PER_ADDRESS))
            waits = [wait(cursor, whose, most, moment) for whose, most in limits]
            told = any(
                rows(cursor, select(TRIES.c.id).where(whose, TRIES.c.refused).limit(1))
                for (whose, _), left in zip(limits, waits, strict=True)
                if left
            )
            if not told:
                values = {"pair_hash": pair, "address_hash": place, "tried_at": moment, "refused": any(waits)}
                run(cursor, insert(TRIES).values(id=new_id(), **values))
        if any(waits) and not told:
            self.note("log_in_throttled", name, address)
        return math.ceil(max(waits) / 60)

    def failed(self, name: str, address: str) -> None:
        """Note that a try was wrong; there are at most as many as the limits let through."""
        self.note("log_in_failed", name, address)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the tries of somebody who knew the password; the address keeps its other ones."""
        with self.store.engine.writing() as cursor:
            run(cursor, delete(TRIES).where(TRIES.c.pair_hash == self.hashed("pair", name, address)))

    def note(self, verb: str, name: str, address: str) -> None:
        """An audit entry that says from where and, when there is somebody of that name, about whom."""
        person_id = self.store.logins.person_named(name)
        entry = audit.Entry(verb, "person", person_id, int(person_id is not None), details={"address": address})
        self.store.note(system().model_copy(update={"via": "page"}), [entry])

    def hashed(self, *parts: str) -> str:
        """A keyed hash of what was typed."""
        content = "\0".join(("login_try", *parts)).encode()
        return hmac.new(self.store.index_key, content, hashlib.sha256).hexdigest()


def wait(cursor: Any, whose: ColumnElement[bool], most: int, moment: datetime) -> float:
    """The seconds until another try is allowed; 0 for at once."""
    counted = select(TRIES.c.tried_at).where(whose, TRIES.c.refused.is_(False))
    latest = rows(cursor, counted.order_by(TRIES.c.tried_at.desc()).limit(most))
    return (latest[-1][0] + WINDOW - moment).total_seconds() if len(latest) == most else 0.0
