"""Stores to measure on: the demo department of a given size, in a folder that goes with the run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.jobs import Desk
from dashboard.opening import found_demo
from dashboard.settings import Settings
from dashboard.store import Store

SEED = 7


@contextmanager
def department(deals: int) -> Iterator[tuple[Desk, Store]]:
    """A desk over a demo department of `deals` deals, its background work not begun."""
    with tempfile.TemporaryDirectory(prefix="salesdesk-bench-") as folder:
        settings = Settings(_env_file=None, home=Path(folder))
        store, _ = found_demo(settings, deals, SEED)
        try:
            yield Desk(store), store
        finally:
            store.close()
