"""`check` finds what is wrong, each audit its own fault, and nothing in a store that is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.store import checks, migrate
from dashboard.store.engine_duckdb import rows
from tests.department import Desk
from tests.store.faults import FAULTS, furnish

SPOILED: dict[str, str] = {
    "schema": "ALTER TABLE tasks ADD COLUMN colour VARCHAR",
    "data_keys": "UPDATE subject_keys SET key_id = 'f0000000000'",
}
"""What is found by looking, not by a query."""


@pytest.fixture(scope="module")
def furnished(shared_desk: Desk) -> Desk:
    """A department with a record of everything."""
    furnish(shared_desk)
    return shared_desk


@pytest.fixture
def cursor(furnished: Desk) -> Iterator[Any]:
    """A cursor in a transaction that comes to nothing."""
    with furnished.store.reading() as opened:
        opened.execute("BEGIN")
        yield opened
        opened.execute("ROLLBACK")


def test_a_store_that_is_as_it_should_be_passes(furnished: Desk) -> None:
    assert furnished.store.check() == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_audit_finds_its_fault(cursor: Any, name: str) -> None:
    query = checks.queries()[name]
    assert rows(cursor, query) == []
    cursor.execute(FAULTS[name])
    assert rows(cursor, query)


def test_every_file_and_every_kind_of_audit_is_tried() -> None:
    kinds = {name if (checks.FOLDER / f"{name}.sql").exists() else kind(name) for name in checks.queries()}
    tried = {name if (checks.FOLDER / f"{name}.sql").exists() else kind(name) for name in FAULTS}
    assert kinds == tried


def kind(name: str) -> str:
    """The family of an audit that follows from the declarations."""
    first, _, rest = name.partition("_")
    return f"{first}_{rest.rsplit('_', 1)[-1]}" if first == "history" else first


@pytest.mark.parametrize("name", SPOILED)
def test_what_no_query_sees_is_found_as_well(desk: Desk, name: str) -> None:
    desk.make("customer", phone="13912345678")
    with desk.store.engine.writing() as cursor:
        cursor.execute(SPOILED[name])
    desk.store.subjects.cache.clear()
    assert name in {finding.check for finding in desk.store.check()}


def test_a_finding_names_the_audit_the_rows_and_the_first_of_them(cursor: Any, tmp_path: Path) -> None:
    cursor.execute("UPDATE tasks SET title = NULL")
    found = {finding.check: finding for finding in checks.run_all(cursor)}
    assert set(found) == {"value_task_title", "history_task_lost", "history_task_ahead"}
    tasks = rows(cursor, "SELECT id FROM tasks ORDER BY id")
    assert found["value_task_title"].rows == len(tasks)
    assert found["value_task_title"].first in {str(row) for row in tasks}
    assert migrate.shipped()[0].number == 1
