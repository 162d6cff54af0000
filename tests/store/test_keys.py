"""Keys: what opens the store, what does not, and how they are changed without locking anybody out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.actions import open_desk_store
from dashboard.errors import Misconfigured
from dashboard.store import create_ring, open_ring, recover_ring, rotation
from tests.department import MASTER, Desk, desk_of, new_store

PHONE = "13912345678"


def reopened(folder: Path, master: bytes = MASTER) -> Desk:
    """The department of a folder, opened anew."""
    return desk_of(open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", master)))


def test_the_recovery_key_opens_the_ring_and_another_does_not(tmp_path: Path) -> None:
    ring, recovery = create_ring(tmp_path / "keys.json", MASTER)
    _, other = create_ring(tmp_path / "others.json", MASTER)
    assert recover_ring(tmp_path / "keys.json", recovery.lower()).keys == ring.keys
    for wrong in (other, recovery[:-1], "no key at all"):
        with pytest.raises(Misconfigured):
            recover_ring(tmp_path / "keys.json", wrong)


def test_a_wrong_master_key_or_a_missing_ring_is_said(tmp_path: Path) -> None:
    create_ring(tmp_path / "keys.json", MASTER)
    for path, code in ((tmp_path / "keys.json", "keys.wrong_master"), (tmp_path / "gone.json", "keys.missing")):
        with pytest.raises(Misconfigured) as refusal:
            open_ring(path, b"another master key of some length")
        assert refusal.value.code == code


def test_the_ring_is_readable_by_its_owner_only_and_holds_no_key_in_clear(tmp_path: Path) -> None:
    ring, _ = create_ring(tmp_path / "keys.json", MASTER)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    raw = (tmp_path / "keys.json").read_bytes()
    assert not any(key.secret in raw or key.secret.hex().encode() in raw for key in ring.keys)


def test_a_file_of_another_store_does_not_open(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    ring, _ = create_ring(tmp_path / "others.json", MASTER)
    with pytest.raises(Misconfigured) as refusal:
        open_desk_store(tmp_path / "store.duckdb", ring)
    assert refusal.value.code == "store.wrong_key"


def test_a_second_opening_is_refused_with_a_clear_text(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        reopened(tmp_path)


def test_after_a_rotation_of_the_master_key_only_the_new_one_opens(desk: Desk, tmp_path: Path) -> None:
    contact = desk.make("contact", phone=PHONE)
    path, fresh = tmp_path / "master.key", b"a fresh master key, long enough too"
    path.write_bytes(MASTER)
    rotation.rotate_master(desk.store.ring, path, fresh)
    desk.store.close()
    assert path.read_bytes() == fresh
    with pytest.raises(Misconfigured):
        reopened(tmp_path)
    again = reopened(tmp_path, fresh)
    assert again.row("contact", contact)["phone"] == PHONE
    again.store.close()
