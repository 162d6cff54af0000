"""The migrations and every audit run on PostgreSQL as they do here, so that the way there stays open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from dashboard.store import checks, migrate
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import differences, tables
from tests.department import Desk
from tests.store.faults import FAULTS, furnish

URL = "SALES_TEST_POSTGRES_URL"
SCHEMA = f"salesdesk_trial_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""One for each worker: they share a server, and these tests."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(URL not in os.environ, reason=f"{URL} names no PostgreSQL server"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[psycopg.Connection[Any]]:
    """A migrated schema of a PostgreSQL server; it is gone afterwards."""
    with psycopg.connect(os.environ[URL], autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET search_path TO {SCHEMA}")

        @contextmanager
        def transaction() -> Iterator[Any]:
            """One transaction, as a migration wants it."""
            with connection.transaction(), connection.cursor() as cursor:
                yield cursor

        assert [each.number for each in migrate.migrate(transaction)] == [each.number for each in migrate.shipped()]
        assert migrate.migrate(transaction) == []
        yield connection
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture(scope="module")
def moved(server: psycopg.Connection[Any], shared_desk: Desk) -> psycopg.Connection[Any]:
    """The server with all rows of a furnished department."""
    furnish(shared_desk)
    with shared_desk.store.reading() as cursor:
        for name, columns in tables().items():
            names = ", ".join(column.name for column in columns)
            found = rows(cursor, f"SELECT {names} FROM {name}")
            slots = ", ".join(["%s"] * len(columns))
            if found and name != "schema_migrations":
                server.cursor().executemany(f"INSERT INTO {name} ({names}) VALUES ({slots})", found)
    return server


def test_its_tables_are_as_declared(server: psycopg.Connection[Any]) -> None:
    assert differences(server.cursor()) == []
    with server.transaction(force_rollback=True):
        server.execute("ALTER TABLE tasks ADD COLUMN colour VARCHAR")
        assert differences(server.cursor()) == ["unknown: tasks colour VARCHAR True"]


def test_its_primary_keys_and_unique_values_are_those_of_the_migrations(
    server: psycopg.Connection[Any], shared_desk: Desk
) -> None:
    query = """SELECT t.constraint_type, t.table_name, string_agg(k.column_name, ',' ORDER BY k.ordinal_position)
        FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k
        ON k.constraint_name = t.constraint_name AND k.table_name = t.table_name AND k.table_schema = t.table_schema
        WHERE t.table_schema = current_schema() AND t.constraint_type IN ('PRIMARY KEY', 'UNIQUE')
        GROUP BY t.constraint_type, t.table_name, t.constraint_name"""
    with shared_desk.store.reading() as cursor:
        here = set(rows(cursor, query))
    assert set(server.execute(query).fetchall()) == here
    assert len(here) > len(tables())


def test_no_audit_finds_anything_in_what_was_moved(moved: psycopg.Connection[Any]) -> None:
    assert [name for name, query in checks.queries().items() if moved.execute(query).fetchall()] == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_audit_finds_its_fault_there_too(moved: psycopg.Connection[Any], name: str) -> None:
    with moved.transaction(force_rollback=True):
        moved.execute(FAULTS[name])
        assert moved.execute(checks.queries()[name]).fetchall()
