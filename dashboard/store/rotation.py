"""New keys for what is encrypted: after each step the store opens, and a rotation that was stopped can be repeated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.store.crypto import KeyRing, write_secret

if TYPE_CHECKING:
    from dashboard.store.store import Store

BATCH = 1_000


def rotate_master(ring: KeyRing, path: Path, fresh: bytes) -> None:
    """Wrap the ring for the master key `fresh` and put that into the file at `path`.

    In between the ring opens with either key, so that a stop at any moment locks nobody out.
    """
    ring.save(path.read_bytes().strip(), fresh)
    write_secret(path, fresh)
    ring.save(fresh)


def rotate_field_key(store: Store, master: bytes) -> int:
    """Put a new field key in use and wrap every data key for it; returns how many were wrapped.

    After a stop the same call finishes what was begun. The ring is on the disk before its new key wraps anything; old
    field keys stay in it, because backups hold data keys that they wrap.
    """
    with store.reading() as cursor:
        finished = store.subjects.stale(cursor) == 0
    if finished:
        store.ring.add("field")
        store.ring.save(master)
    done = 0
    while wrapped := rewrap(store):
        done += wrapped
    return done


def rewrap(store: Store) -> int:
    """Wrap one batch of data keys for the field key in use, in a transaction of its own; returns how many."""
    with store.engine.writing() as cursor:
        return store.subjects.rewrap(cursor, BATCH)
