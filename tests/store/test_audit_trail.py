"""The audit trail tells who did what; a changed, removed, inserted or cut-off entry shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.actions import open_desk_store
from dashboard.domain.changes import Change
from dashboard.store import audit, open_ring, soundness
from dashboard.store.engine_duckdb import frame, rows
from tests.builders import frame_of, valid
from tests.department import MASTER, Desk, desk_of

TAMPERING = {
    "an entry was changed": "UPDATE audit_entries SET actor_id = 'somebody else' WHERE sequence = 3",
    "its reason was added": "UPDATE audit_entries SET why = 'made up' WHERE sequence = 3",
    "its moment was moved": "UPDATE audit_entries SET recorded_at = recorded_at - INTERVAL 1 DAY WHERE sequence = 3",
    "one was removed": "DELETE FROM audit_entries WHERE sequence = 3",
    "one was removed and the rest renumbered": (
        "DELETE FROM audit_entries WHERE sequence = 3; "
        "UPDATE audit_entries SET sequence = -sequence + 1 WHERE sequence > 3; "
        "UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0"
    ),
    "one was inserted": (
        "INSERT INTO audit_entries SELECT 'fake', sequence + 1, revision, recorded_at, actor_id, via, verb, entity, "
        "record_id, records, why, details, mac, mac FROM audit_entries ORDER BY sequence DESC LIMIT 1"
    ),
    "two changed places": (
        "UPDATE audit_entries SET sequence = 1000 WHERE sequence = 3; "
        "UPDATE audit_entries SET sequence = 3 WHERE sequence = 4; "
        "UPDATE audit_entries SET sequence = 4 WHERE sequence = 1000"
    ),
    "the tail was cut off": "DELETE FROM audit_entries WHERE sequence > 4",
    "all was removed": "DELETE FROM audit_entries",
}


def last(desk: Desk, count: int = 1) -> list[dict[str, object]]:
    """The last entries."""
    with desk.store.reading() as cursor:
        found = frame(cursor, f"SELECT * FROM audit_entries ORDER BY sequence DESC LIMIT {count}")
    return found.reverse().to_dicts()


def test_an_entry_says_who_did_what_to_what_by_which_way_and_why(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    shared_desk.step("rep", "deal", "lose", deal)
    entry = last(shared_desk)[0]
    told = {name: entry[name] for name in ("actor_id", "via", "verb", "entity", "record_id", "records", "why")}
    assert told == {
        "actor_id": shared_desk.people["rep"],
        "via": "page",
        "verb": "lose",
        "entity": "deal",
        "record_id": deal,
        "records": 1,
        "why": "as agreed",
    }
    assert '"lost_reason_id"' in str(entry["details"])


def test_every_change_of_a_change_set_has_its_entry_in_one_revision(shared_desk: Desk) -> None:
    changes = [Change(name, "create", frame_of(name, valid(name))) for name in ("customer", "task")]
    applied = shared_desk.submit("operator", *changes)
    assert [(entry["entity"], entry["revision"]) for entry in last(shared_desk, 2)] == [
        ("customer", applied.revision),
        ("task", applied.revision),
    ]


def test_values_of_fields_are_not_repeated_in_the_trail(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", phone="13912345678")
    shared_desk.do("operator", "customer", "update", record, phone="13987654321")
    assert "139" not in str(last(shared_desk)[0]["details"])


def test_a_login_is_part_of_the_chain_and_no_change_set(shared_desk: Desk) -> None:
    before = shared_desk.store.head
    token = shared_desk.store.logins.open(shared_desk.actor("rep"))
    assert shared_desk.store.logins.actor(token).person_id == shared_desk.people["rep"]
    after = shared_desk.store.head
    assert (after.sequence, after.revision) == (before.sequence + 1, before.revision)
    assert last(shared_desk)[0]["verb"] == "log_in"


def test_an_untouched_trail_is_whole(desk: Desk) -> None:
    desk.make("customer", name="销售 'quoted'")
    with desk.store.reading() as cursor:
        assert audit.broken(cursor, desk.store.audit_key) is None
        assert audit.broken(cursor, b"another key") == 1


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_shows(desk: Desk, name: str) -> None:
    for _ in range(3):
        desk.make("customer")
    with desk.store.engine.writing() as cursor:
        for statement in TAMPERING[name].split("; "):
            cursor.execute(statement)
    with desk.store.reading() as cursor:
        inside, outside = audit.head(cursor), desk.store.anchor.read()
        found = list(soundness.chain_findings(cursor, desk.store.audit_key, inside, outside))
    assert found


def test_an_entry_signed_in_another_timeline_does_not_fit_into_this_one(desk: Desk) -> None:
    """Its own code is right, as after a restore of an older state; but what follows was chained to another one."""
    for _ in range(3):
        desk.make("customer")
    with desk.store.engine.writing() as cursor:
        entry = frame(cursor, "SELECT * FROM audit_entries WHERE sequence = 3").row(0, named=True)
        other = audit.code(desk.store.audit_key, {**entry, "why": "otherwise"})
        cursor.execute(f"UPDATE audit_entries SET why = 'otherwise', mac = '{other}' WHERE sequence = 3")
        assert audit.broken(cursor, desk.store.audit_key) == 4


def test_a_trail_that_was_cut_off_is_noticed_although_the_rest_is_whole(desk: Desk) -> None:
    for _ in range(3):
        desk.make("customer")
    with desk.store.engine.writing() as cursor:
        cursor.execute(TAMPERING["the tail was cut off"])
        assert audit.broken(cursor, desk.store.audit_key) is None
        inside = audit.head(cursor)
    assert desk.store.anchor.read() != inside


def test_entries_follow_each_other_after_reopening(desk: Desk, tmp_path: Path) -> None:
    desk.make("customer")
    desk.store.close()
    again = desk_of(open_desk_store(tmp_path / "store.duckdb", open_ring(tmp_path / "keys.json", MASTER)))
    again.make("customer")
    with again.store.reading() as cursor:
        assert audit.broken(cursor, again.store.audit_key) is None
        assert rows(cursor, "SELECT count(*) FROM audit_entries")[0][0] == again.store.head.sequence
    again.store.close()
