"""The copy of revision and audit head outside the file: a file that lost its tail, or is another one, does not open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboard.actions import open_desk_store, submit
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.errors import Misconfigured
from dashboard.store import Store, open_ring
from dashboard.store.anchor import SLOT, Anchor, parse, render
from dashboard.store.audit import START, Head
from tests.builders import frame_of, valid
from tests.department import MASTER, Desk, found_department, open_copy


def reopen(folder: Path) -> Store:
    """Open the store of a folder."""
    return open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))


def refused(folder: Path) -> str:
    """Why the store of a folder does not open."""
    with pytest.raises(Misconfigured) as refusal:
        reopen(folder)
    return refusal.value.code


def heads(count: int) -> list[Head]:
    """Some ends of a chain."""
    return [Head(at, at, f"{at:064d}") for at in range(1, count + 1)]


def test_a_store_opens_with_the_copy_that_belongs_to_it(desk: Desk, tmp_path: Path) -> None:
    desk.make("customer")
    head = desk.store.head
    desk.store.close()
    again = reopen(tmp_path)
    assert (again.head, again.anchor.read()) == (head, head)
    again.close()


def test_an_older_file_does_not_open_beside_a_newer_copy(template: Path, tmp_path: Path) -> None:
    desk = open_copy(template, tmp_path)
    desk.store.close()
    old = (tmp_path / "store.duckdb").read_bytes()
    newer = reopen(tmp_path)
    submit(newer, operator(), [Change("customer", "create", frame_of("customer", valid("customer")))])
    newer.close()
    (tmp_path / "store.duckdb").write_bytes(old)
    assert refused(tmp_path) == "store.behind"


def test_the_file_of_another_store_does_not_open_beside_the_copy(template: Path, tmp_path: Path) -> None:
    other, mine = tmp_path / "other", tmp_path / "mine"
    for folder in (other, mine):
        folder.mkdir()
        found_department(folder)
    (mine / "store.anchor").write_bytes((other / "store.anchor").read_bytes())
    assert refused(mine) == "store.behind"


@pytest.mark.parametrize("damage", ["removed", "empty", "noise"])
def test_without_a_copy_a_store_with_records_does_not_open(template: Path, tmp_path: Path, damage: str) -> None:
    open_copy(template, tmp_path).store.close()
    path = tmp_path / "store.anchor"
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else os.urandom(2 * SLOT))
    assert refused(tmp_path) == "store.unanchored"


def test_a_copy_that_is_one_commit_behind_is_brought_up_to_date(template: Path, tmp_path: Path) -> None:
    """The process may die between the commit and the writing of the copy."""
    desk = open_copy(template, tmp_path)
    behind = (tmp_path / "store.anchor").read_bytes()
    desk.make("customer")
    head = desk.store.head
    desk.store.close()
    (tmp_path / "store.anchor").write_bytes(behind)
    again = reopen(tmp_path)
    assert again.anchor.read() == head
    again.close()


def test_the_newest_slot_counts_and_the_older_one_is_written_next(tmp_path: Path) -> None:
    first = Anchor(tmp_path / "anchor")
    one, two, three = heads(3)
    first.write(one)
    first.write(two)
    first.close()
    again = Anchor(tmp_path / "anchor")
    assert again.read() == two
    again.write(three)
    kept = {parse(part) for part in ((tmp_path / "anchor").read_bytes()[at : at + SLOT] for at in (0, SLOT))}
    assert kept == {two, three}
    again.close()


def test_a_torn_slot_leaves_the_other_one(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    kept = Anchor(path)
    one, two = heads(2)
    kept.write(one)
    kept.write(two)
    kept.close()
    whole = path.read_bytes()
    at = whole.index(two.mac.encode())
    path.write_bytes(whole[:at] + b"\x00" * 32 + whole[at + 32 :])
    torn = Anchor(path)
    assert torn.read() == one
    torn.close()


def test_after_a_restore_the_copy_starts_again(tmp_path: Path) -> None:
    kept = Anchor(tmp_path / "anchor")
    for head in heads(5):
        kept.write(head)
    kept.reset(heads(2)[-1])
    assert kept.read() == heads(2)[-1]
    kept.close()


def test_a_slot_is_its_head_or_nothing() -> None:
    head = Head(7, 3, START)
    assert parse(render(head)) == head
    assert len(render(head)) == SLOT
    assert [parse(raw) for raw in (b"", b"\xff" * SLOT, render(head)[:-200], b"7 3 x y" + render(head)[7:])] == [
        None
    ] * 4


def test_only_its_owner_reads_the_copy(desk: Desk, tmp_path: Path) -> None:
    assert desk.store.revision > 0
    assert (tmp_path / "store.anchor").stat().st_mode & 0o077 == 0
