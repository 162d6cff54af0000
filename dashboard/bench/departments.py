"""Stores to measure on: the demo department of a given size, in a folder that goes with the run or is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.jobs import Desk
from dashboard.opening import found_demo, open_existing
from dashboard.settings import Settings
from dashboard.store import Store

SEED = 7


@contextmanager
def department(deals: int, kept: Path | None = None) -> Iterator[Path]:
    """The folder of a demo department of `deals` deals, closed. kept: one that is there already, and stays."""
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="salesdesk-bench-") as folder:
        store, _ = found_demo(settings_of(Path(folder)), deals, SEED)
        store.close()
        yield Path(folder)


@contextmanager
def opened(home: Path) -> Iterator[tuple[Desk, Store]]:
    """A desk over the department in a folder, its background work not begun."""
    store = open_existing(settings_of(home))
    try:
        yield Desk(store), store
    finally:
        store.close()


def settings_of(home: Path) -> Settings:
    """The settings of a folder, whatever the environment says."""
    return Settings(_env_file=None, home=home)
