"""New keys, whatever happens in between: stopped at any step, nobody is locked out and every detail stays readable."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from dashboard.actions import open_desk_store
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.errors import Misconfigured
from dashboard.settings import ROOT
from dashboard.store import Store, crypto, open_ring, recover_ring, rotation
from dashboard.store.engine_duckdb import rows
from tests.builders import frame_of, valid
from tests.department import MASTER, Desk, open_copy

FRESH = b"a fresh master key, long enough too"
MANY = 1_000
ROTATOR = """
import sys
from pathlib import Path
from dashboard.actions import open_desk_store
from dashboard.store import open_ring, rotation
from tests.department import MASTER
rotation.BATCH = 50
folder = Path(sys.argv[1])
store = open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))
rewrap = rotation.rewrap
def telling(store):
    done = rewrap(store)
    print(done, flush=True)
    return done
rotation.rewrap = telling
rotation.rotate_field_key(store, MASTER)
"""


def reopen(folder: Path, master: bytes = MASTER) -> Store:
    """The store of a folder."""
    return open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", master))


def phones(store: Store) -> list[str]:
    """Every phone number that can be read."""
    return store.find(operator(), "contact", fields=["phone"])["phone"].drop_nulls().to_list()


def wrappers(store: Store) -> set[str]:
    """The field keys that wrap any data key."""
    with store.reading() as cursor:
        return {row[0] for row in rows(cursor, "SELECT DISTINCT key_id FROM subject_keys")}


def with_contacts(desk: Desk, count: int) -> None:
    """Contacts with a phone number each."""
    customer = desk.make("customer")
    records = [valid("contact", customer_id=customer, phone=f"139{at:08d}") for at in range(count)]
    desk.submit("operator", Change("contact", "create", frame_of("contact", *records)))


def test_a_killed_rotation_of_the_field_key_is_finished_by_the_next(template: Path, tmp_path: Path) -> None:
    desk = open_copy(template, tmp_path)
    with_contacts(desk, MANY)
    desk.store.close()
    with subprocess.Popen([sys.executable, "-c", ROTATOR, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as rotator:
        assert rotator.stdout
        for _ in range(5):
            assert rotator.stdout.readline() == b"50\n"
        rotator.kill()
    store = reopen(tmp_path)
    assert len(wrappers(store)) == 2, "it was killed before it had begun or after it had ended"
    assert len(phones(store)) == MANY
    keys = len(store.ring.keys)
    assert 0 < rotation.rotate_field_key(store, MASTER) < MANY
    assert len(store.ring.keys) == keys, "it was finished with the key that was begun"
    store.close()
    store = reopen(tmp_path)
    assert wrappers(store) == {store.ring.current("field").key_id}
    assert len(phones(store)) == MANY
    store.close()


def test_each_rotation_brings_a_new_key_that_new_records_use(desk: Desk, tmp_path: Path) -> None:
    with_contacts(desk, 5)
    first = desk.store.ring.current("field").key_id
    assert rotation.rotate_field_key(desk.store, MASTER) >= 5
    assert rotation.rotate_field_key(desk.store, MASTER) >= 5
    desk.make("contact", phone="13912345678")
    assert first not in wrappers(desk.store)
    assert len(wrappers(desk.store)) == 1
    assert len(open_ring(tmp_path / "keys.json", MASTER).keys) == len(crypto.PURPOSES) + 2
    assert desk.store.check() == []


def test_a_destroyed_data_key_stays_destroyed(desk: Desk) -> None:
    with_contacts(desk, 3)
    gone = desk.store.find(operator(), "contact", limit=1)["id"][0]
    with desk.store.engine.writing() as cursor:
        desk.store.subjects.erase(cursor, gone, desk.row("contact", gone)["updated_at"])
    rotation.rotate_field_key(desk.store, MASTER)
    assert desk.row("contact", gone)["phone"] is None
    assert len(phones(desk.store)) == 2


class Stop(Exception):
    """The process is gone."""


@pytest.mark.parametrize("step", range(4))
def test_a_rotation_of_the_master_key_stopped_at_any_step_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """It replaces a file three times; before, between and after them the key in the key file opens the ring."""
    ring, recovery = crypto.create_ring(tmp_path / "keys.json", MASTER)
    master, replace, replaced = tmp_path / "master.key", Path.replace, list[Path]()
    master.write_bytes(MASTER)

    def replacing(self: Path, target: Path) -> Path:
        """Replace, unless the time has come."""
        if len(replaced) == step:
            raise Stop
        replaced.append(target)
        return replace(self, target)

    with monkeypatch.context() as patch, suppress(Stop):
        patch.setattr(Path, "replace", replacing)
        rotation.rotate_master(ring, master, FRESH)
    assert len(replaced) == step
    opened = open_ring(tmp_path / "keys.json", master.read_bytes())
    assert opened.keys == ring.keys == recover_ring(tmp_path / "keys.json", recovery).keys
    rotation.rotate_master(opened, master, FRESH)
    assert open_ring(tmp_path / "keys.json", FRESH).keys == ring.keys
    with pytest.raises(Misconfigured):
        open_ring(tmp_path / "keys.json", MASTER)


def test_keys_cannot_change_places_in_the_ring(tmp_path: Path) -> None:
    """Each wrapped key is bound to its purpose: one for audits does not open as one for fields."""
    crypto.create_ring(tmp_path / "keys.json", MASTER)
    content = crypto.read_ring(tmp_path / "keys.json")
    first, second = content["keys"][:2]
    first["wrapped"], second["wrapped"] = second["wrapped"], first["wrapped"]
    with pytest.raises(Misconfigured):
        crypto.unwrap(
            content,
            tmp_path / "keys.json",
            lambda entry, tag: crypto.unseal_any(crypto.derive(MASTER, "ring"), entry["wrapped"], tag),
        )


def test_what_is_found_by_its_hash_is_found_after_a_rotation(desk: Desk) -> None:
    with_contacts(desk, 3)
    rotation.rotate_field_key(desk.store, MASTER)
    found = desk.store.find(operator(), "contact").filter(pl.col("phone") == "13900000001")
    assert found.height == 1
