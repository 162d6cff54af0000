"""A store with a random organisation in it, and each of its people as the store and as the oracle know them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard.actions import open_desk_store
from dashboard.domain.access import Actor
from dashboard.store import Store, open_ring
from tests.access import golden
from tests.access.oracle import Onlooker
from tests.access.organisations import organisation, plant, plant_past
from tests.department import MASTER

People = list[tuple[Actor, Onlooker]]


@contextmanager
def planted(bare: Path, seed: int, *, past: bool = False) -> Iterator[tuple[Store, People]]:
    """The store, a copy of the empty one in the folder `bare`, and everybody in it."""
    records = organisation(seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(bare, folder, dirs_exist_ok=True)
        store = open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))
        try:
            plant(store, records)
            if past:
                plant_past(store, records, seed)
            policy = golden.agreed()
            yield store, [(store.actor(row["id"]), Onlooker(records, row, policy)) for row in records["person"]]
        finally:
            store.close()
