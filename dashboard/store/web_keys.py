"""The keys with which web forms send leads: told once, kept as hashes, ended by whoever keeps the form."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import func, insert, select, update

from dashboard.domain.access import Action, Actor, system
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.store import audit
from dashboard.store.engine_duckdb import frame, rows, run
from dashboard.store.logins import digest, now
from dashboard.store.rights import allowed
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

KEYS = table_of("web_key")
PREFIX = "sdw_"
"""How a key begins, so that leaked ones are found by search."""
MOST_HELD = 10
FORM = "web_form"


class WebKeys:
    """The keys of a store's web forms."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def issue(self, actor: Actor, form_id: str, then: Callable[[Any, str, str], None] | None = None) -> tuple[str, str]:
        """A new key: its id and its secret, which is told once.

        then: called with cursor, id and secret inside the transaction.
        Raises NotFound, Forbidden, Refused (web_form.too_many_keys).
        """
        actor = self.permitted(actor, form_id)
        secret, key_id = PREFIX + secrets.token_urlsafe(32), new_id()

        def write(cursor: Any) -> None:
            if rows(cursor, select(func.count()).select_from(KEYS).where(*live(form_id)))[0][0] >= MOST_HELD:
                raise Refused("web_form.too_many_keys", limit=MOST_HELD)
            run(cursor, insert(KEYS).values(id=key_id, form_id=form_id, key_hash=digest(secret), opened_at=now()))
            if then:
                then(cursor, key_id, secret)

        self.store.note(actor, [audit.Entry("issue_key", FORM, form_id, 1, None, {"key": key_id})], write)
        return key_id, secret

    def of(self, actor: Actor, form_id: str) -> pl.DataFrame:
        """The keys of a form that still open something, oldest first: id, opened_at. Raises NotFound, Forbidden."""
        self.permitted(actor, form_id)
        wanted = select(KEYS.c.id, KEYS.c.opened_at).where(*live(form_id)).order_by(KEYS.c.id)
        with self.store.reading() as cursor:
            return frame(cursor, wanted)

    def revoke(self, actor: Actor, form_id: str, key_id: str) -> None:
        """End a key. Raises NotFound for one that is not the form's or has ended, Forbidden."""
        actor, mine = self.permitted(actor, form_id), (KEYS.c.id == key_id, *live(form_id))

        def write(cursor: Any) -> None:
            if not rows(cursor, select(KEYS.c.id).where(*mine)):
                raise NotFound("record.not_found", entity=FORM)
            run(cursor, update(KEYS).where(*mine).values(revoked_at=now()))

        self.store.note(actor, [audit.Entry("revoke_key", FORM, form_id, 1, None, {"key": key_id})], write)

    def permitted(self, actor: Actor, form_id: str) -> Actor:
        """The actor as of now, who may change the form. Raises NotFound, Forbidden."""
        actor = self.store.still(actor)
        if not actor.grants(FORM, Action.UPDATE):
            raise Forbidden("access.forbidden", entity=FORM, action=str(Action.UPDATE))
        self.store.get(actor, FORM, form_id)
        if Action.UPDATE not in allowed(self.store, actor, FORM, form_id, [Action.UPDATE]):
            raise Forbidden("access.forbidden", entity=FORM, action=str(Action.UPDATE))
        return actor

    def form_with(self, secret: str) -> dict[str, Any] | None:
        """The form in use that a key belongs to; the same nothing for keys that ended and those that never were.

        The key is looked up by its hash, so the time that takes tells nothing about how much of a guess was right.
        """
        with self.store.reading() as cursor:
            found = rows(cursor, select(KEYS.c.form_id).where(KEYS.c.key_hash == digest(secret), *in_use()))
        form = self.forms([Condition("id", Operator.EQ, found[0][0] if found else "")])
        return form.row(0, named=True) if form.height else None

    def origins(self) -> frozenset[str]:
        """The sites of all forms in use."""
        return frozenset(origin for row in self.forms([])["origins"].drop_nulls().to_list() for origin in row)

    def forms(self, where: list[Condition]) -> pl.DataFrame:
        """The forms in use."""
        return self.store.find(system(), FORM, [*where, Condition("active", Operator.EQ, value=True)])


def in_use() -> tuple[Any, ...]:
    """The condition of keys that have not ended."""
    return (KEYS.c.revoked_at.is_(None),)


def live(form_id: str) -> tuple[Any, ...]:
    """The conditions of a form's keys that still open something."""
    return (KEYS.c.form_id == form_id, *in_use())
