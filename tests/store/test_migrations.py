"""Migrations run once, in order, whole or not at all; one that was changed or is not known refuses the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.errors import Misconfigured
from dashboard.store import migrate
from dashboard.store.engine_duckdb import Engine, rows
from dashboard.store.migrate import Migration
from dashboard.store.schema import tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty file."""
    opened = Engine(tmp_path / "new.duckdb", b"k" * 32, tmp_path / "tmp")
    yield opened
    opened.close()


def columns(engine: Engine) -> dict[str, list[tuple[str, str, bool]]]:
    """Each table's columns: name, type, whether empty is allowed."""
    query = """SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
               WHERE table_catalog = 'crm' ORDER BY table_name, ordinal_position"""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for table, *column in rows(engine.cursor(), query):
        found.setdefault(table, []).append((column[0], column[1].replace("BLOB", "BYTEA"), column[2]))
    return found


def test_the_migrations_make_exactly_what_is_declared(engine: Engine) -> None:
    migrate.migrate(engine.writing)
    keys = {
        "schema_migrations": ("number",),
        "company_settings": ("name",),
        "number_series": ("entity", "calendar_year"),
        "job_times": ("job",),
    }
    declared = {
        name: sorted(
            (
                c.name,
                c.sql_type,
                c.nullable
                and c.name not in keys.get(name, ("id", "version") if name.endswith("_history") else ("id",)),
            )
            for c in each
        )
        for name, each in tables().items()
    }
    assert {name: sorted(found) for name, found in columns(engine).items()} == declared  # added ones stand last


def test_a_second_run_does_nothing(engine: Engine) -> None:
    assert migrate.migrate(engine.writing)
    assert migrate.migrate(engine.writing) == []


@pytest.mark.parametrize(
    ("shipped", "code"),
    [
        ([Migration(1, "first", "CREATE TABLE a (x BIGINT, y BIGINT);\n")], "migration.changed"),
        ([], "migration.unknown"),
    ],
)
def test_a_changed_or_unknown_migration_refuses(engine: Engine, shipped: list[Migration], code: str) -> None:
    migrate.migrate(engine.writing, [Migration(1, "first", "CREATE TABLE a (x BIGINT);\n")])
    with pytest.raises(Misconfigured) as refusal:
        migrate.migrate(engine.writing, shipped)
    assert (refusal.value.code, refusal.value.values["number"]) == (code, 1)


def test_a_failing_migration_leaves_nothing_of_itself(engine: Engine) -> None:
    good = Migration(1, "good", "CREATE TABLE a (x BIGINT);\n")
    bad = Migration(2, "bad", "CREATE TABLE b (x BIGINT);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(Exception, match="nowhere"):
        migrate.migrate(engine.writing, [good, bad])
    assert set(columns(engine)) == {"schema_migrations", "a"}
    assert [
        m.name for m in migrate.migrate(engine.writing, [good, Migration(2, "bad", "CREATE TABLE b (x BIGINT);\n")])
    ] == ["bad"]


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path) -> None:
    for name in ("0001_first.sql", "0003_third.sql"):
        (tmp_path / name).write_text("SELECT 1;\n", "utf-8")
    with pytest.raises(Misconfigured) as refusal:
        migrate.shipped(tmp_path)
    assert refusal.value.code == "migration.gap"
