"""Every kind of record, address and role, on records of one's own, of the team, of others, archived and unknown:
answered as the agreed policy says, by an oracle that shares no code with the store.

Whether a change is permitted shows without making it: with a version that nobody has seen it is refused as stale, and
only after it was permitted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dashboard.api.addresses import READ_ONLY, address_of, verbs_of
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.lifecycles import LIFECYCLES
from tests.access import matrix
from tests.access.matrix import ROLES, UNKNOWN, Department, granted
from tests.access.oracle import STATE, Onlooker, Record
from tests.access.telling import Reader
from tests.api.calling import Person

STALE = {"If-Match": '"999"'}
COMMON = {"restore": "archive", "assign": "assign", "claim": "claim", "release": "release", "snooze": "update"}
SEED = 1
MOST = 4  # records of a kind that a person tries to change: one for each answer that may be expected


@pytest.fixture(scope="module")
def department(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    """The organisation in which everything is tried."""
    with matrix.department(bare, tmp_path_factory.mktemp("matrix")) as found:
        yield found


def expected(onlooker: Onlooker, entity: str, row: Record | None, action: str, verb: str = "") -> int:
    """The status of a change that nobody can make, for its version is wrong; of one in a wrong state, that it is so."""
    if not granted(onlooker, entity, action):
        return 403
    if row is None or not onlooker.may(entity, row, "read"):
        return 404
    if onlooker.may(entity, row, action):
        return 412
    step = LIFECYCLES[entity].verb(verb) if entity in LIFECYCLES else None
    fits = step is not None and row[STATE[entity]] in step.sources
    return 409 if not fits and onlooker.may_in_another_state(entity, row, action) else 403


def some(onlooker: Onlooker, entity: str, action: str, verb: str, chance: Random) -> list[Record | None]:
    """A record for each answer that is to be expected, and one that does not exist."""
    rows = chance.sample(onlooker.records[entity], len(onlooker.records[entity]))
    kinds = {expected(onlooker, entity, row, action, verb): row for row in rows}
    return [*list(kinds.values())[:MOST], None]


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_records_show_what_the_policy_shows(department: Department, role: str) -> None:
    person, onlooker, seen = department.person(role), department.onlookers[role], Counter[int]()
    reader = Reader(onlooker)
    for name, entity in RECORDS.items():
        address = f"/{address_of(entity)}"
        rows = onlooker.records[name]
        if not granted(onlooker, name, "read"):
            for path in (address, f"{address}/{rows[0]['id'] if rows else UNKNOWN}", f"{address}/{UNKNOWN}/history"):
                assert person.call("GET", path).status_code == 403, (role, path)
            continue
        readable = {row["id"] for row in rows if onlooker.may(name, row, "read")}
        live = {row["id"] for row in rows if row["archived_at"] is None} & readable
        for archived, ids in (("true", readable), ("false", live), ("only", readable - live)):
            found = person.get(address, limit=500, archived=archived, total="true")
            assert {row["id"] for row in found["items"]} == ids, (role, name, archived)
            assert found["total"] == len(ids)
            assert reader.leaks(json.dumps(found)) == set(), (role, name)
        for row in rows:
            single = person.call("GET", f"{address}/{row['id']}")
            assert single.status_code == (200 if row["id"] in readable else 404), (role, name, row["id"])
            assert reader.leaks(single.text) == set(), (role, name)
            seen[single.status_code] += 1
            if single.status_code == 200:
                shown_as_granted(onlooker, entity, row, single.json())
        assert person.call("GET", f"{address}/{UNKNOWN}").status_code == 404
    assert seen[200] > 20
    assert seen[404] > 20 or role in ("leader", "admin", "support")


def shown_as_granted(onlooker: Onlooker, entity: Entity, row: Record, found: dict[str, Any]) -> None:
    """Hidden fields are absent, masked ones show no more than a few of their letters."""
    for field in entity.all_fields:
        level = onlooker.sees(entity.name, row, field)
        assert (field.name in found) == (level != "hidden"), (entity.name, field.name, level)
        if level == "masked" and row[field.name] is not None:
            value = found[field.name]
            assert value is None or "***" in value, (entity.name, field.name)
        if level == "clear" and field.kind is Kind.TEXT:
            assert found[field.name] == row[field.name], (entity.name, field.name)


@pytest.mark.parametrize("role", ROLES)
def test_histories_open_with_their_records(department: Department, role: str) -> None:
    person, onlooker, chance = department.person(role), department.onlookers[role], Random(SEED)
    for name, entity in RECORDS.items():
        for row in chance.sample(onlooker.records[name], min(2, len(onlooker.records[name]))):
            status = 403 if not granted(onlooker, name, "read") else 200 if onlooker.may(name, row, "read") else 404
            found = person.call("GET", f"/{address_of(entity)}/{row['id']}/history")
            assert found.status_code == status, (role, name, row["id"])
            assert Reader(onlooker).leaks(found.text) == set(), (role, name)


@pytest.mark.parametrize("role", ROLES)
def test_changes_verbs_and_batches_are_permitted_as_the_policy_says(department: Department, role: str) -> None:
    person, onlooker, chance, seen = department.person(role), department.onlookers[role], Random(SEED), Counter[int]()
    before, reader = department.store.revision, Reader(onlooker)
    for name, entity in RECORDS.items():
        if name in READ_ONLY:
            continue
        for method, tail, action in ways(entity):
            for row in some(onlooker, name, action, tail[1:], chance):
                wanted = expected(onlooker, name, row, action, tail[1:])
                found = call(person, entity, method, tail, UNKNOWN if row is None else row["id"])
                assert found.status_code == wanted, (role, method, name, tail, row and row["id"], found.text)
                assert reader.leaks(found.text) == set(), (role, method, name, tail)
                seen[wanted] += 1
    assert department.store.revision == before, "nothing was written"
    assert seen[403] > 50
    assert {404, 412} <= seen.keys()


def ways(entity: Entity) -> Iterator[tuple[str, str, str]]:
    """Method, the end of the address and the right that is needed, for everything that changes a record."""
    yield "PATCH", "", "update"
    yield "DELETE", "", "archive"
    yield "BATCH", ":batch", "update"
    for verb in verbs_of(entity):
        step = LIFECYCLES[entity.name].verb(verb) if entity.name in LIFECYCLES else None
        yield "POST", f"/{verb}", str(step.who) if step else COMMON[verb]


def call(person: Person, entity: Entity, method: str, tail: str, record_id: str) -> Any:
    """One change with a version that nobody has seen."""
    address = f"/{address_of(entity)}"
    if method == "BATCH":
        lines = [{"id": record_id, "version": 999, "values": {}}]
        return person.call("POST", f"{address}{tail}", json={"changes": lines})
    body: dict[str, Any] = {}
    if tail == "/assign":
        owner = next(name for name in ("owner_id", "assignee_id", "author_id", "person_id") if name in entity.by_name)
        body[owner] = None
    more = {} if method == "DELETE" else {"json": body}
    return person.call(method, f"{address}/{record_id}{tail}", STALE, **more)


@pytest.mark.parametrize("role", ROLES)
def test_new_records_are_made_by_those_who_may(department: Department, role: str) -> None:
    person, onlooker = department.person(role), department.onlookers[role]
    for name, entity in RECORDS.items():
        if name in READ_ONLY:
            continue
        found = person.call("POST", f"/{address_of(entity)}", json={"nonsense": 1})
        wanted = 422 if granted(onlooker, name, "create") else 403
        assert found.status_code == wanted, (role, name, found.text)


@pytest.mark.parametrize("role", ROLES)
def test_the_other_addresses_open_to_those_they_are_for(department: Department, role: str) -> None:
    person = department.person(role)
    machine = 200 if role == "admin" else 403
    importer = 403 if role in ("leader", "support") else 415
    for method, path, status in (
        ("GET", "/session", 200),
        ("GET", "/tokens", 200),
        ("GET", "/metrics", 200),
        ("GET", "/audit", machine),
        ("GET", "/ops/metrics", machine),
        ("POST", "/imports", importer),
        ("POST", "/duplicates", 400),
        ("GET", f"/imports/{UNKNOWN}", 403 if importer == 403 else 404),
        ("POST", f"/imports/{UNKNOWN}/commit", 403 if importer == 403 else 404),
        ("POST", f"/imports/{UNKNOWN}/undo", 403 if importer == 403 else 404),
        ("GET", f"/web-forms/{UNKNOWN}/keys", 404 if role == "admin" else 403),
        ("POST", f"/web-forms/{UNKNOWN}/keys", 404 if role == "admin" else 403),
        ("DELETE", f"/web-forms/{UNKNOWN}/keys/{UNKNOWN}", 404 if role == "admin" else 403),
        ("GET", "/login-sessions", 404),
        ("GET", "/credentials", 404),
        ("GET", "/audit-entries", 404),
    ):
        assert person.call(method, path).status_code == status, (role, method, path)
