"""The second step of a login: codes of an authenticator app that count once, and recovery codes.

The secret of the app is kept under the data key of its person, so it is erased with them; recovery codes are kept as
hashes. What was counted is written down before anybody is let in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyotp
from sqlalchemy import delete, func, insert, select, update

from dashboard.domain.access import Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.errors import Refused
from dashboard.store import audit
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import table_of
from dashboard.store.subjects import decrypt, encrypt

if TYPE_CHECKING:
    from dashboard.store.store import Store

LOGIN_CODE = entity_of("login_code")
CODES, RECOVERY = table_of("login_code"), table_of("recovery_code")
STEP_SECONDS = 30
DRIFT = 1
"""Steps before and after this one that count too: clocks go wrong."""

RECOVERY_CODES = 10
GROUP = 4
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
RECOVERY_CHARACTERS = 16  # of 32: 80 bits


class Codes:
    """The second steps of a store. A person has one app at a time, or none."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.clock = clock

    def since(self, person_id: str) -> datetime | None:
        """Since when somebody is asked for a code; None for whoever is not."""
        with self.store.reading() as cursor:
            found = rows(cursor, select(CODES.c.turned_on_at).where(CODES.c.person_id == person_id))
        return found[0][0] if found else None

    def left(self, person_id: str) -> int:
        """How many recovery codes somebody still has."""
        unused = (RECOVERY.c.person_id == person_id, RECOVERY.c.used_at.is_(None))
        with self.store.reading() as cursor:
            return int(rows(cursor, select(func.count()).select_from(RECOVERY).where(*unused))[0][0])

    def turn_on(self, person: Actor, secret: str, code: str) -> list[str]:
        """Ask for codes of the app that holds this secret from now on; returns the recovery codes, never shown again.

        code: what the app shows, so that nobody is locked out by an app that was not set up.
        Raises Refused (codes.wrong, codes.on).
        """
        step = step_of(secret, code, self.clock())
        if step is None:
            raise Refused("codes.wrong")
        if self.since(person.person_id) is not None:
            raise Refused("codes.on")
        fresh = [recovery_code() for _ in range(RECOVERY_CODES)]

        def write(cursor: Any) -> None:
            row_id, cipher = new_id(), self.store.subjects.ensure(cursor, [person.person_id])[person.person_id]
            field = LOGIN_CODE.by_name["sealed"]
            sealed, _, _ = encrypt(cipher, self.store.index_key, LOGIN_CODE, field, row_id, secret)
            kept = {"sealed": sealed, "last_step": step, "turned_on_at": self.clock()}
            run(cursor, insert(CODES).values(id=row_id, person_id=person.person_id, **kept))
            for one in fresh:
                values = {"person_id": person.person_id, "code_hash": hashed(person.person_id, one)}
                run(cursor, insert(RECOVERY).values(id=new_id(), **values))

        self.store.note(person, [audit.Entry("turn_on_codes", "person", person.person_id, 1)], write)
        return fresh

    def turn_off(self, actor: Actor, person_id: str) -> None:
        """Ask somebody for no code any more; nothing for whoever is not asked."""
        if self.since(person_id) is None:
            return

        def write(cursor: Any) -> None:
            for table in (CODES, RECOVERY):
                run(cursor, delete(table).where(table.c.person_id == person_id))

        verb = "turn_off_codes" if actor.person_id == person_id else "reset_codes"
        self.store.note(actor, [audit.Entry(verb, "person", person_id, 1)], write)

    def accepts(self, person_id: str, code: str) -> bool:
        """Whether a code counts for somebody; then it never counts again."""
        given = bare(code)
        return self.accepts_app(person_id, given) or self.accepts_recovery(person_id, given)

    def accepts_app(self, person_id: str, code: str) -> bool:
        """Whether it is a code of the app, later than the last one that counted."""
        mine = CODES.c.person_id == person_id
        with self.store.engine.writing() as cursor:
            found = rows(cursor, select(CODES.c.id, CODES.c.sealed, CODES.c.last_step).where(mine))
            if not found:
                return False
            row_id, sealed, last = found[0]
            cipher = self.store.subjects.existing(cursor, [person_id], keep=False).get(person_id)
            secret = decrypt(cipher, LOGIN_CODE, LOGIN_CODE.by_name["sealed"], row_id, sealed)
            step = step_of(secret, code, self.clock()) if secret else None
            if step is None or step <= last:
                return False
            run(cursor, update(CODES).where(mine).values(last_step=step))
        return True

    def accepts_recovery(self, person_id: str, code: str) -> bool:
        """Whether it is a recovery code that was not used yet."""
        mine = (RECOVERY.c.code_hash == hashed(person_id, code), RECOVERY.c.used_at.is_(None))
        with self.store.reading() as cursor:
            if not rows(cursor, select(RECOVERY.c.id).where(*mine)):
                return False
        used: list[bool] = []

        def write(cursor: Any) -> None:
            used.extend(True for _ in rows(cursor, select(RECOVERY.c.id).where(*mine)))
            run(cursor, update(RECOVERY).where(*mine).values(used_at=self.clock()))

        entry = audit.Entry("use_recovery_code", "person", person_id, 1)
        self.store.note(self.store.actor(person_id), [entry], write)
        return bool(used)


def fresh_secret() -> str:
    """A secret for an app: 160 bits in Base32; RFC 4226, section 4."""
    return pyotp.random_base32()


def address_of(secret: str, username: str, issuer: str) -> str:
    """What an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """The step whose code this is, near a moment (naive UTC); None for any other text. RFC 6238."""
    given = bare(code)
    if not re.fullmatch(r"[0-9]{6}", given, re.ASCII):
        return None
    now = int(moment.replace(tzinfo=UTC).timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret, interval=STEP_SECONDS)
    near = [now, *(now + side * far for far in range(1, DRIFT + 1) for side in (-1, 1))]
    right = [step for step in near if hmac.compare_digest(app.generate_otp(step), given)]
    return max(right, default=None)


def recovery_code() -> str:
    """A code to be written down, in groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_CHARACTERS))
    return "-".join(letters[at : at + GROUP] for at in range(0, RECOVERY_CHARACTERS, GROUP))


def bare(code: str) -> str:
    """A code as it counts: without blanks and dashes, in capitals."""
    return re.sub(r"[\s-]", "", code).upper()


def hashed(person_id: str, code: str) -> str:
    """What is kept of a recovery code: 80 random bits need no salt and no slow hash."""
    return hashlib.sha256(f"{person_id}|{bare(code)}".encode()).hexdigest()
