"""A copy of the last revision and the audit head outside the file, so that a file that lost its tail shows.

Two slots of fixed length are written in turn; each carries a checksum, so a torn write leaves the other one. The copy
is written right after each commit, hence it is never ahead of what the file acknowledged.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from dashboard.store.audit import Head

SLOT = 256
PARTS = 4  # sequence, revision, code, checksum


class Anchor:
    """The open anchor file of one store."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.newest = self.slots()[-1][1]

    def slots(self) -> list[tuple[Head | None, int]]:
        """Both slots as (head, position), the newest last; an empty or torn one first."""
        raw = os.pread(self.handle, 2 * SLOT, 0)
        found = [(parse(raw[at : at + SLOT]), at) for at in (0, SLOT)]
        return sorted(found, key=lambda slot: slot[0].sequence if slot[0] else -1)

    def read(self) -> Head | None:
        """The newest whole slot; None when nothing was ever written."""
        return self.slots()[-1][0]

    def write(self, head: Head) -> None:
        """Keep `head`, over the older slot: survives the death of the process at once, of the machine after `sync`."""
        self.newest = SLOT - self.newest
        os.pwrite(self.handle, render(head), self.newest)

    def reset(self, head: Head) -> None:
        """Keep `head` and forget what was later: after a restore."""
        os.ftruncate(self.handle, 0)
        self.write(head)
        self.sync()

    def sync(self) -> None:
        """Wait until the copy is on the disk."""
        os.fsync(self.handle)

    def close(self) -> None:
        """Sync and close."""
        self.sync()
        os.close(self.handle)


def render(head: Head) -> bytes:
    """A slot: the head, its checksum, padded to the slot's length."""
    text = f"{head.sequence} {head.revision} {head.mac}"
    return f"{text} {hashlib.sha256(text.encode()).hexdigest()}\n".encode().ljust(SLOT)


def parse(raw: bytes) -> Head | None:
    """The head in a slot; None when the slot is empty or torn."""
    parts = raw.decode("ascii", "replace").split()
    if len(parts) != PARTS or hashlib.sha256(" ".join(parts[:3]).encode()).hexdigest() != parts[3]:
        return None
    return Head(int(parts[0]), int(parts[1]), parts[2])
