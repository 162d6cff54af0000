"""What is measured, one function a question."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import polars as pl

from dashboard.actions import submit
from dashboard.actions.measure import measure
from dashboard.bench.departments import department, opened
from dashboard.bench.pages import Visits, page_rows
from dashboard.bench.references import duckdb_marts, pandas_marts
from dashboard.bench.requests import request_rows
from dashboard.bench.rows import Row
from dashboard.bench.timing import median_ms, peak_memory_mb
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.entities import ENTITIES
from dashboard.domain.ids import new_id, new_ids
from dashboard.domain.queries import Condition, Operator
from dashboard.jobs import Desk, refreshed
from dashboard.opening import DEMO_LOGINS
from dashboard.store import Store
from dashboard.store.schema import table_of
from etl.metrics import Question

RUNS = 5
SAVES = 200
PARTS = ("records", "pages", "requests")


def run(
    sizes: tuple[int, ...],
    import_rows: int,
    parts: Collection[str],
    say: Callable[[str], None],
    visits: Visits = Visits(),  # noqa: B008  (cannot change)
    kept: Path | None = None,
) -> Iterator[Row]:
    """Measure at each size; yields rows as they come. parts: of PARTS; pages and requests are measured at the smallest
    size. kept: the folder of a demo department that is kept."""
    for size in sizes:
        started = time.perf_counter()
        with department(size, kept) as home:
            yield Row("demo department made", size, (time.perf_counter() - started) * 1000, limit="10 min at 1,000,000")
            say(f"measuring at {size:,} deals")
            if "records" in parts:
                with opened(home) as (desk, store):
                    yield from etl_rows(desk, store, size)
                    yield from save_rows(store, size)
                    if size == max(sizes):
                        yield import_row(store, import_rows)
                yield Row("peak memory of the process, MB", size, peak_memory_mb())
            if "pages" in parts and size == min(sizes):
                yield from page_rows(home, size, visits)
            if "requests" in parts and size == min(sizes):
                yield from request_rows(home, size)


def etl_rows(desk: Desk, store: Store, size: int) -> Iterator[Row]:
    """Full ETL against the same marts by DuckDB SQL and pandas; incremental refresh up to a chart's data."""
    runs = RUNS if size <= 100_000 else 3  # noqa: PLR2004
    full = median_ms(lambda: refreshed(store, None), runs)
    yield Row("full ETL", size, full, "DuckDB SQL", median_ms(lambda: duckdb_marts(store), runs), "≤ 1.0")
    yield Row("full ETL", size, full, "pandas", median_ms(lambda: pandas_marts(store), 1, 0), "≤ 0.2")
    desk.refresh("person", full=True)
    leader = store.actor(person_named(store, DEMO_LOGINS["leader"]))
    question = Question("funnel", since=None, until=None, today=store.company.today())
    edit = editor(store)

    def write_and_read() -> None:
        """The part after the write: refresh the marts and compute the funnel."""
        desk.marts, _ = refreshed(store, desk.marts)
        assert desk.marts is not None
        measure(store, desk.marts, leader, question)

    taken = []
    for _ in range(RUNS):
        edit()
        taken.append(median_ms(write_and_read, 1, 0))
    yield Row("one write to the funnel's data", size, sorted(taken)[RUNS // 2], limit="≤ 1,000 ms")


def save_rows(store: Store, size: int) -> Iterator[Row]:
    """One form save against a raw insert and commit of such a row into the same encrypted file."""
    save = median_ms(editor(store), SAVES, 20)
    yield Row("form save", size, save, "raw insert + commit", median_ms(raw_inserter(store), SAVES, 20), "≤ 5")


def editor(store: Store) -> Callable[[], object]:
    """A rep saves the edit form of one of their open deals."""
    rep = store.actor(person_named(store, DEMO_LOGINS["rep"]))
    stages = store.reference("stage").filter(type="open")["id"].to_list()
    held = [Condition("stage_id", Operator.IN, stages), Condition("owner_id", Operator.EQ, rep.person_id)]
    row = store.find(rep, "deal", held, limit=1).row(0, named=True)
    versions = itertools.count(row["version"])
    steps = itertools.count()

    def save() -> None:
        """Two fields and the version that was seen."""
        values = {
            "id": [row["id"]],
            "version": [next(versions)],
            "next_step": [f"call {next(steps)}"],
            "next_step_on": [store.company.today() + dt.timedelta(days=1)],
        }
        submit(store, rep, [Change("deal", "update", pl.DataFrame(values))])

    return save


def raw_inserter(store: Store) -> Callable[[], object]:
    """A whole deal row inserted and committed by hand, past every rule; the rows are removed by the caller's folder."""
    table = table_of("deal")
    names = [column.name for column in table.c]
    with store.reading() as cursor:
        template = list(cursor.execute("SELECT * FROM deals LIMIT 1").fetchone())
    text = f"INSERT INTO raw_deals VALUES ({', '.join(f'${at + 1}' for at in range(len(names)))})"  # noqa: S608
    with store.engine.writing() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS raw_deals AS SELECT * FROM deals LIMIT 0")
        cursor.execute("ALTER TABLE raw_deals ADD PRIMARY KEY (id)")

    def insert() -> None:
        """One row, one transaction."""
        with store.engine.writing() as cursor:
            cursor.execute(text, [new_id(), *template[1:]])

    return insert


def import_row(store: Store, rows: int) -> Row:
    """An import of `rows` new deals through the write path against a raw Arrow insert of the same rows."""
    owner = person_named(store, DEMO_LOGINS["rep"])
    frame = pl.DataFrame({"id": new_ids(rows)}).with_columns(
        pl.format("Imported deal {}", pl.int_range(rows)).alias("name"),
        pl.lit(owner).alias("owner_id"),
        pl.lit("bench").alias("source"),
        pl.format("B-{}", pl.int_range(rows)).alias("external_id"),
        pl.lit(store.company.today()).alias("created_on"),
        (pl.int_range(rows) % 100_000).cast(pl.Decimal(18, 4)).alias("amount"),
    )
    started = time.perf_counter()
    submit(store, operator(), [Change("deal", "create", frame)])
    took = (time.perf_counter() - started) * 1000
    columns = [column.name for column in ENTITIES["deal"].value_columns]
    with store.engine.writing() as cursor:
        cursor.execute("CREATE TABLE raw_import AS SELECT * FROM deals LIMIT 0")
        cursor.execute("ALTER TABLE raw_import ADD PRIMARY KEY (id)")
        written = cursor.execute("SELECT * FROM deals WHERE source = 'bench'").to_arrow_table()
    started = time.perf_counter()
    with store.engine.writing() as cursor:
        cursor.register("arrow_rows", written)
        cursor.execute(f"INSERT INTO raw_import SELECT {', '.join(columns)} FROM arrow_rows")  # noqa: S608
    raw = (time.perf_counter() - started) * 1000
    return Row("import", rows, took, "raw Arrow insert", raw, "≤ 20")


def person_named(store: Store, username: str) -> str:
    """The id of a person by user name."""
    return str(store.reference("person").filter(pl.col("username") == username)["id"][0])
