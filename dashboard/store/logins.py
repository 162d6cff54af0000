"""Passwords and login sessions: rows that no page, list or export ever shows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from dashboard.domain.access import Actor
from dashboard.domain.ids import new_id
from dashboard.errors import Forbidden, NotFound
from dashboard.store import audit
from dashboard.store.codes import Codes
from dashboard.store.engine_duckdb import frame, prepare, rows, run, slot
from dashboard.store.schema import table_of
from dashboard.store.tries import Tries

if TYPE_CHECKING:
    from dashboard.store.store import Store

CREDENTIALS = table_of("credential")
SESSIONS = table_of("login_session")
TOKENS = table_of("token")
PEOPLE = table_of("person")
IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
"""How often the use of a session is written down."""

ADDRESS_MOST, AGENT_MOST = 80, 300  # characters that are kept

BY_TOKEN = prepare(
    select(
        SESSIONS.c.id,
        SESSIONS.c.person_id,
        SESSIONS.c.seen_at,
        SESSIONS.c.idle_until,
        SESSIONS.c.valid_until,
        CREDENTIALS.c.must_change,
    )
    .join(CREDENTIALS, CREDENTIALS.c.person_id == SESSIONS.c.person_id, isouter=True)
    .where(SESSIONS.c.token_hash == slot("token_hash"), SESSIONS.c.revoked_at.is_(None))
)


class Session(NamedTuple):
    """What is known of a session that was not ended."""

    id: str
    person_id: str
    seen_at: datetime
    idle_until: datetime
    valid_until: datetime
    must_change: bool | None

    def lasts(self, moment: datetime) -> bool:
        """Whether it still counts."""
        return moment < self.idle_until and moment < self.valid_until


class Logins:
    """Credentials and sessions of a store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] | None = None) -> None:
        self.store = store
        self.clock = clock or now
        self.tries = Tries(store)
        self.codes = Codes(store, self.clock)
        self.remembered: dict[str, Session] = {}  # by hash of the token; `forget` after every write that ends one

    # -- passwords ------------------------------------------------------------------------------------------------

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

    def username_of(self, person_id: str) -> str | None:
        """The name with which somebody logs in."""
        with self.store.reading() as cursor:
            found = rows(cursor, select(PEOPLE.c.username).where(PEOPLE.c.id == person_id))
        return found[0][0] if found else None

    def person_named(self, username: str) -> str | None:
        """The id of whoever has this user name, active or not."""
        with self.store.reading() as cursor:
            found = rows(cursor, select(PEOPLE.c.id).where(PEOPLE.c.username == username.strip().lower()))
        return str(found[0][0]) if found else None

    def set_password(self, actor: Actor, person_id: str, password_hash: str, *, must_change: bool = False) -> None:
        """Store a password hash; every session and every access token of the person ends."""
        moment = self.clock()

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
            self.revoke(cursor, SESSIONS.c.person_id == person_id, "password")
            held = update(TOKENS).where(TOKENS.c.person_id == person_id, TOKENS.c.revoked_at.is_(None))
            run(cursor, held.values(revoked_at=moment))  # type: ignore[arg-type]

        self.store.note(actor, [audit.Entry("set_password", "person", person_id, 1)], write)
        self.forget()

    # -- sessions -------------------------------------------------------------------------------------------------

    def open(self, actor: Actor, address: str | None = None, agent: str | None = None) -> str:
        """A new session: returns its secret, of which the store keeps only a hash."""
        token, moment = secrets.token_urlsafe(32), self.clock()

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
                    address=(address or "")[:ADDRESS_MOST] or None,
                    agent=(agent or "")[:AGENT_MOST] or None,
                ),
            )

        self.store.note(actor, [audit.Entry("log_in", "person", actor.person_id, 1)], write)
        return token

    def actor(self, token: str, via: str = "page", *, used: bool = True) -> Actor:
        """Whose session it is, as of now; `used`: somebody is at work, so it goes on for another while.

        Raises Forbidden: access.logged_out when it ended or never was, access.disabled, access.password_due when the
        password must be changed first.
        """
        session = self.session(token)
        if session.must_change:
            raise Forbidden("access.password_due")
        if used:
            self.prolong(session)
        return self.store.actor(session.person_id, via)

    def owner(self, token: str) -> Actor:
        """Whose session it is, even when the password must be changed first."""
        return self.store.actor(self.session(token).person_id)

    def lasts(self, token: str) -> bool:
        """Whether the session counts at this moment."""
        try:
            self.owner(token)
        except Forbidden:
            return False
        return True

    def session(self, token: str) -> Session:
        """The session of a token. Raises Forbidden (access.logged_out) when it ended or never was."""
        key, remembered = digest(token), self.remembered  # a write in between replaces it, and this one is void
        found = remembered.get(key)
        if found is None:
            with self.store.reading() as cursor:
                read = rows(cursor, BY_TOKEN.text, BY_TOKEN.bound({"token_hash": key}))
            if not read:
                raise Forbidden("access.logged_out")
            found = remembered[key] = Session(*read[0])
        if not found.lasts(self.clock()):
            remembered.pop(key, None)
            raise Forbidden("access.logged_out")
        return found

    def prolong(self, session: Session) -> None:
        """Write down now and then that a session is in use; while the store is busy writing, somewhat later."""
        moment = self.clock()
        if moment - session.seen_at < SEEN_EVERY or not self.store.engine.lock.acquire(blocking=False):
            return
        try:
            seen = update(SESSIONS).where(SESSIONS.c.id == session.id, SESSIONS.c.revoked_at.is_(None))
            with self.store.engine.writing() as cursor:
                run(cursor, seen.values(seen_at=moment, idle_until=moment + IDLE))
        finally:
            self.store.engine.lock.release()
        self.forget()

    def close(self, actor: Actor, token: str) -> None:
        """End one session."""

        def write(cursor: object) -> None:
            self.revoke(cursor, SESSIONS.c.token_hash == digest(token), "logout")

        self.store.note(actor, [audit.Entry("log_out", "person", actor.person_id, 1)], write)
        self.forget()

    def own(self, token: str) -> pl.DataFrame:
        """The open sessions of whoever has this one: id, opened_at, seen_at, address, agent, current.

        This one first, then the others, latest first.
        """
        here, moment = self.session(token), self.clock()
        columns = (SESSIONS.c[name] for name in ("id", "opened_at", "seen_at", "address", "agent"))
        wanted = select(*columns).where(
            SESSIONS.c.person_id == here.person_id,
            SESSIONS.c.revoked_at.is_(None),
            SESSIONS.c.idle_until > moment,
            SESSIONS.c.valid_until > moment,
        )
        with self.store.reading() as cursor:
            found = frame(cursor, wanted.order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.id.desc()))
        marked = found.with_columns(current=pl.col("id") == here.id)
        return marked.sort("current", descending=True, maintain_order=True)

    def end(self, token: str, session_id: str | None = None) -> None:
        """End another session of whoever has this one, or all others. Raises NotFound for somebody else's."""
        here = self.session(token)
        others = (SESSIONS.c.person_id == here.person_id, SESSIONS.c.id != here.id, SESSIONS.c.revoked_at.is_(None))
        wanted = others if session_id is None else (*others, SESSIONS.c.id == session_id)
        with self.store.reading() as cursor:
            found = [row[0] for row in rows(cursor, select(SESSIONS.c.id).where(*wanted))]
        if session_id is not None and not found:
            raise NotFound("record.not_found")
        if not found:
            return

        def write(cursor: object) -> None:
            self.revoke(cursor, SESSIONS.c.id.in_(found), "ended")

        entry = audit.Entry("end_sessions", "person", here.person_id, len(found))
        self.store.note(self.store.actor(here.person_id), [entry], write)
        self.forget()

    def end_of_the_disabled(self, cursor: object) -> None:
        """End the sessions of everybody who may not log in any more, inside the caller's transaction."""
        gone = select(PEOPLE.c.id).where(or_(PEOPLE.c.active.is_(False), PEOPLE.c.archived_at.is_not(None)))
        self.revoke(cursor, SESSIONS.c.person_id.in_(gone), "disabled")

    def revoke(self, cursor: object, which: ColumnElement[bool], why: str) -> None:
        """End sessions, inside the caller's transaction; `forget` when it is committed."""
        ended = update(SESSIONS).where(which, SESSIONS.c.revoked_at.is_(None))
        run(cursor, ended.values(revoked_at=self.clock(), revoked_why=why))  # type: ignore[arg-type]

    def forget(self) -> None:
        """Read every session anew from now on."""
        self.remembered = {}


def digest(token: str) -> str:
    """What the store keeps of a session's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def now() -> datetime:
    """The moment, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
