"""Passwords and login sessions: rows that no page, list or export ever shows."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from dashboard.domain.access import Actor
from dashboard.domain.ids import new_id
from dashboard.errors import Forbidden
from dashboard.store import audit
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

CREDENTIALS = table_of("credential")
SESSIONS = table_of("login_session")
PEOPLE = table_of("person")
IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=7)


class Logins:
    """Credentials and sessions of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def credentials(self, username: str) -> tuple[str, str, str] | None:
        """Person id, name and password hash of an active person who may log in; None otherwise."""
        joined = select(PEOPLE.c.id, PEOPLE.c.name, CREDENTIALS.c.password_hash).join(
            CREDENTIALS, CREDENTIALS.c.person_id == PEOPLE.c.id
        )
        active = joined.where(
            PEOPLE.c.username == username.strip().lower(), PEOPLE.c.active, PEOPLE.c.archived_at.is_(None)
        )
        with self.store.reading() as cursor:
            found = rows(cursor, active)
        return found[0] if found else None

    def set_password(self, actor: Actor, person_id: str, password_hash: str, *, must_change: bool = False) -> None:
        """Store a password hash and end every session of the person."""
        moment = now()

        def write(cursor: object) -> None:
            run(cursor, delete(CREDENTIALS).where(CREDENTIALS.c.person_id == person_id))  # type: ignore[arg-type]
            run(
                cursor,  # type: ignore[arg-type]
                insert(CREDENTIALS).values(
                    id=new_id(),
                    person_id=person_id,
                    password_hash=password_hash,
                    must_change=must_change,
                    changed_at=moment,
                ),
            )
            self.revoke(cursor, person_id, moment, "password")

        self.store.note(actor, [audit.Entry("set_password", "person", person_id, 1)], write)

    def open(self, actor: Actor, address: str | None = None, agent: str | None = None) -> str:
        """A new session: returns its secret, of which the store keeps only a hash."""
        token, moment = secrets.token_urlsafe(32), now()

        def write(cursor: object) -> None:
            run(
                cursor,  # type: ignore[arg-type]
                insert(SESSIONS).values(
                    id=new_id(),
                    person_id=actor.person_id,
                    token_hash=digest(token),
                    opened_at=moment,
                    seen_at=moment,
                    idle_until=moment + IDLE,
                    valid_until=moment + LIFETIME,
                    address=address,
                    agent=agent,
                ),
            )

        self.store.note(actor, [audit.Entry("log_in", "person", actor.person_id, 1)], write)
        return token

    def actor(self, token: str, via: str = "page") -> Actor:
        """Whose session it is, as of now. Raises Forbidden (access.logged_out) when it ended or never was."""
        moment = now()
        wanted = select(SESSIONS.c.person_id).where(
            SESSIONS.c.token_hash == digest(token),
            SESSIONS.c.revoked_at.is_(None),
            SESSIONS.c.idle_until > moment,
            SESSIONS.c.valid_until > moment,
        )
        with self.store.reading() as cursor:
            found = rows(cursor, wanted)
        if not found:
            raise Forbidden("access.logged_out")
        return self.store.actor(found[0][0], via)

    def close(self, actor: Actor, token: str) -> None:
        """End one session."""

        def write(cursor: object) -> None:
            ended = update(SESSIONS).where(SESSIONS.c.token_hash == digest(token), SESSIONS.c.revoked_at.is_(None))
            run(cursor, ended.values(revoked_at=now(), revoked_why="logout"))  # type: ignore[arg-type]

        self.store.note(actor, [audit.Entry("log_out", "person", actor.person_id, 1)], write)

    def revoke(self, cursor: object, person_id: str, moment: datetime, why: str) -> None:
        """End every session of a person, inside the caller's transaction."""
        ended = update(SESSIONS).where(SESSIONS.c.person_id == person_id, SESSIONS.c.revoked_at.is_(None))
        run(cursor, ended.values(revoked_at=moment, revoked_why=why))  # type: ignore[arg-type]


def digest(token: str) -> str:
    """What the store keeps of a session's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def now() -> datetime:
    """The moment, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
