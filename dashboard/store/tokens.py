"""Bearer tokens: short sessions of programs that logged in, and personal access tokens with scopes and an end."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import func, insert, or_, select, update

from dashboard.domain.access import Actor
from dashboard.domain.ids import new_id
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.store import audit
from dashboard.store.engine_duckdb import frame, rows, run
from dashboard.store.logins import SESSIONS, TOKENS, digest, now

if TYPE_CHECKING:
    from dashboard.store.store import Store

PREFIX = "sdt_"
"""How a personal access token begins, so that leaked ones are found by search."""
FEED_PREFIX, FEED = "sdc_", "calendar"
"""How the secret of a calendar's address begins, and its only scope: it opens that calendar and nothing else."""
SESSION_LIFETIME = timedelta(hours=1)
USED_EVERY = timedelta(minutes=10)  # how exactly the last use is noted: a write a call would cost more than the call
MOST_HELD = 50
FEED_SCOPES = f'["{FEED}"]'
SHOWN = ("id", "name", "scopes", "opened_at", "valid_until", "used_at")


@dataclass(frozen=True)
class Held:
    """Whose token it is, and what it may be used for."""

    token_id: str
    person_id: str
    scopes: tuple[str, ...]


class Tokens:
    """The tokens of a store; it keeps only a hash of each secret."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def open_session(self, actor: Actor, address: str | None, agent: str | None) -> tuple[str, datetime]:
        """A session for a program, and when it ends; it ends earlier with every other session of the person."""
        secret, moment = secrets.token_urlsafe(32), now()
        until = moment + SESSION_LIFETIME

        def write(cursor: Any) -> None:
            run(
                cursor,
                insert(SESSIONS).values(
                    id=new_id(),
                    person_id=actor.person_id,
                    token_hash=digest(secret),
                    opened_at=moment,
                    seen_at=moment,
                    idle_until=until,
                    valid_until=until,
                    address=address,
                    agent=agent,
                ),
            )

        self.store.note(actor, [audit.Entry("log_in", "person", actor.person_id, 1)], write)
        return secret, until

    def issue(
        self,
        actor: Actor,
        name: str,
        scopes: Sequence[str],
        valid_until: datetime | None,
        then: Callable[[Any, str, str], None] | None = None,
        by: Actor | None = None,
        prefix: str = PREFIX,
    ) -> tuple[str, str]:
        """A new token of an actor: its id and its secret, which is told once. Raises Refused (token.too_many).

        then: called with cursor, id and secret inside the transaction; by: who made it, if not the actor.
        """
        secret, token_id = prefix + secrets.token_urlsafe(32), new_id()

        def write(cursor: Any) -> None:
            if rows(cursor, select(func.count()).select_from(TOKENS).where(*live(actor.person_id)))[0][0] >= MOST_HELD:
                raise Refused("token.too_many", limit=MOST_HELD)
            words = pl.Series([list(scopes)], dtype=pl.List(pl.String))
            run(
                cursor,
                insert(TOKENS).values(
                    id=token_id,
                    person_id=actor.person_id,
                    name=name,
                    token_hash=digest(secret),
                    scopes='["' + '","'.join(words[0].to_list()) + '"]',
                    opened_at=now(),
                    valid_until=valid_until,
                ),
            )
            if then:
                then(cursor, token_id, secret)

        details: dict[str, object] = {
            "person_id": actor.person_id,
            "scopes": list(scopes),
            "valid_until": valid_until.isoformat() if valid_until else None,
        }
        self.store.note(by or actor, [audit.Entry("issue_token", "token", token_id, 1, None, details)], write)
        return token_id, secret

    def issue_feed(self, actor: Actor, then: Callable[[Any, str], None] | None = None) -> str:
        """A new secret for the address of the actor's calendar, in place of an earlier one.

        then: called with cursor and secret inside the transaction.
        """

        def ended(cursor: Any, token_id: str, secret: str) -> None:
            others = (*live(actor.person_id), TOKENS.c.scopes == FEED_SCOPES, TOKENS.c.id != token_id)
            run(cursor, update(TOKENS).where(*others).values(revoked_at=now()))
            if then:
                then(cursor, secret)

        return self.issue(actor, FEED, [FEED], None, ended, prefix=FEED_PREFIX)[1]

    def feed_of(self, person_id: str) -> dict[str, Any] | None:
        """The person's calendar address, its secret aside; None when there is none."""
        found = self.of(person_id).filter(pl.col("scopes") == [FEED])
        return found.row(0, named=True) if found.height else None

    def reader_of_feed(self, secret: str) -> str:
        """Whose calendar a secret opens: the person's id. Raises Forbidden (access.logged_out)."""
        held = self.holder(secret)
        if held.scopes != (FEED,):
            raise Forbidden("access.logged_out")
        return held.person_id

    def of(self, person_id: str) -> pl.DataFrame:
        """The tokens of a person that still open something, oldest first: SHOWN, scopes as a list."""
        wanted = select(*(TOKENS.c[name] for name in SHOWN)).where(*live(person_id)).order_by(TOKENS.c.id)
        with self.store.reading() as cursor:
            return frame(cursor, wanted).with_columns(pl.col("scopes").str.json_decode(pl.List(pl.String)))

    def revoke(self, actor: Actor, person_id: str, token_id: str) -> None:
        """End a token of a person. Raises NotFound for one that is not theirs or has ended."""
        mine = (TOKENS.c.id == token_id, *live(person_id))

        def write(cursor: Any) -> None:
            if not rows(cursor, select(TOKENS.c.id).where(*mine)):
                raise NotFound("record.not_found", entity="token")
            run(cursor, update(TOKENS).where(*mine).values(revoked_at=now()))

        self.store.note(actor, [audit.Entry("revoke_token", "token", token_id, 1)], write)

    def holder(self, secret: str) -> Held:
        """Whose token it is. Raises Forbidden (access.logged_out) when it ended or never was."""
        moment = now()
        wanted = select(TOKENS.c.id, TOKENS.c.person_id, TOKENS.c.scopes, TOKENS.c.used_at).where(
            TOKENS.c.token_hash == digest(secret), TOKENS.c.revoked_at.is_(None), not_over(moment)
        )
        with self.store.reading() as cursor:
            found = rows(cursor, wanted)
        if not found:
            raise Forbidden("access.logged_out")
        token_id, person_id, scopes, used_at = found[0]
        if used_at is None or moment - used_at > USED_EVERY:
            self.note_use(token_id, moment)
        words = pl.Series([scopes], dtype=pl.String).str.json_decode(pl.List(pl.String))[0]
        return Held(token_id, person_id, tuple(words.to_list()))

    def note_use(self, token_id: str, moment: datetime) -> None:
        """Write down that a token is in use; while the store is busy writing, at a later use."""
        lock = self.store.engine.lock
        if lock.acquire(blocking=False):
            try:
                with self.store.engine.writing() as cursor:
                    run(cursor, update(TOKENS).where(TOKENS.c.id == token_id).values(used_at=moment))
            finally:
                lock.release()


def live(person_id: str) -> tuple[Any, ...]:
    """The conditions of a person's tokens that still open something."""
    return (TOKENS.c.person_id == person_id, TOKENS.c.revoked_at.is_(None), not_over(now()))


def not_over(moment: datetime) -> Any:
    """Whether a token's time is not over."""
    return or_(TOKENS.c.valid_until.is_(None), TOKENS.c.valid_until > moment)
