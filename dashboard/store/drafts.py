"""Forms that are not saved yet: one row for each person and form, sealed under the person's data key."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, insert, select, update

from dashboard.domain.access import Actor
from dashboard.store import crypto
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.schema import table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

DRAFTS = table_of("draft")
KEPT = timedelta(days=30)
LARGEST = 200_000  # bytes


@dataclass(frozen=True)
class Draft:
    """What was typed, and when it was last kept."""

    content: dict[str, Any]
    saved_at: datetime


def keep(store: Store, actor: Actor, form: str, content: dict[str, Any]) -> None:
    """Keep what was typed; one that is too large, or of somebody who only looks, is not kept.

    Raises Forbidden (access.disabled).
    """
    actor, moment = store.still(actor), datetime.now(UTC).replace(tzinfo=None)
    plain = json.dumps(content, ensure_ascii=False).encode()
    if len(plain) > LARGEST:
        return
    draft_id = id_of(actor, form)
    with store.engine.writing() as cursor:
        cipher = store.subjects.ensure(cursor, [actor.person_id])[actor.person_id]
        nonce = secrets.token_bytes(crypto.NONCE)
        sealed = crypto.FORMAT + nonce + cipher.encrypt(nonce, plain, draft_id.encode())
        run(cursor, delete(DRAFTS).where(DRAFTS.c.person_id == actor.person_id, DRAFTS.c.saved_at < moment - KEPT))
        if rows(cursor, select(DRAFTS.c.id).where(DRAFTS.c.id == draft_id)):
            run(cursor, update(DRAFTS).where(DRAFTS.c.id == draft_id).values(payload=sealed, saved_at=moment))
        else:
            values = {"id": draft_id, "person_id": actor.person_id, "form": form, "payload": sealed, "saved_at": moment}
            run(cursor, insert(DRAFTS).values(values))


def read(store: Store, actor: Actor, form: str) -> Draft | None:
    """What this person last typed into a form; None when there is nothing, or when it does not open any more."""
    draft_id = id_of(actor, form)
    with store.reading() as cursor:
        found = rows(cursor, select(DRAFTS.c.payload, DRAFTS.c.saved_at).where(DRAFTS.c.id == draft_id))
        cipher = store.subjects.existing(cursor, [actor.person_id]).get(actor.person_id) if found else None
    if not found or cipher is None:
        return None
    sealed = bytes(found[0][0])
    try:
        plain = cipher.decrypt(sealed[1 : crypto.NONCE + 1], sealed[crypto.NONCE + 1 :], draft_id.encode())
    except InvalidTag:
        return None
    return Draft(json.loads(plain), found[0][1])


def drop(store: Store, actor: Actor, form: str) -> None:
    """Forget what was typed."""
    with store.engine.writing() as cursor:
        run(cursor, delete(DRAFTS).where(DRAFTS.c.id == id_of(actor, form)))


def id_of(actor: Actor, form: str) -> str:
    """The row of a person and form: each pair has one."""
    return hashlib.sha256(f"{actor.person_id}|{form}".encode()).hexdigest()[:40]
