"""What one rehearsal has found so far, and how findings about rows are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from etl.ingest.case import Case
from etl.ingest.conflicts import first_row
from etl.ingest.judge import Rights, Verdict
from etl.ingest.maps import Plan
from etl.ingest.pool import Pool
from etl.ingest.prepare import FILE, SHEET, Settled, sources
from etl.ingest.references import Made, titles
from etl.ingest.rehearsal import REASONS
from etl.ingest.tables import ROW, Table


@dataclass
class Run:
    """What one rehearsal has found so far."""

    tables: Sequence[Table]
    plan: Plan
    pool: Pool
    rights: Rights
    today: date
    zone: str
    settled: Settled = field(default_factory=Settled)
    rows: list[pl.DataFrame] = field(default_factory=list)
    reasons: list[pl.DataFrame] = field(default_factory=list)
    differences: list[pl.DataFrame] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notices: list[tuple[str, dict[str, object]]] = field(default_factory=list)


def called(table: Table) -> str:
    """A table by its file, and its sheet where it is one of several."""
    return table.file if table.sheet is None else f"{table.file} ({table.sheet})"


def name_facts(run: Run) -> None:
    """The rows that are no records, and the files that no part of the map reads."""
    for table in run.tables:
        readers = [record.entity for record in run.plan.record if table in sources(record, run.tables, run.plan)]
        if not readers and not any(record.joins(table.file) for record in run.plan.record):
            run.notices.append(("notice.unused_file", {"file": called(table)}))
        if not readers:
            continue
        place = (pl.lit(table.file).alias("file"), pl.lit(table.sheet, pl.String).alias("sheet"), "row")
        entity = pl.lit(readers[0]).alias("entity")
        outcome = pl.when(pl.col("code") == "row.duplicate").then(pl.lit("duplicate")).otherwise(pl.lit("rejected"))
        nothing = pl.lit(None, pl.String)
        run.rows.append(
            table.facts.select(*place, entity, outcome.alias("outcome"), nothing.alias("key"), nothing.alias("id"))
        )
        run.reasons.append(table.facts.select(*place, entity, nothing.alias("field"), "code", "value"))
    for record in run.plan.record:
        if not record.rows and not sources(record, run.tables, run.plan):
            run.notices.append(("notice.no_file", {"entity": record.entity, "file": record.file}))


def forget(ids: pl.Series, entity: str, pool: Pool) -> None:
    """Records that are not made after all."""
    if ids.len():
        pool.frames[entity] = pool.of(entity).filter(~pl.col("id").is_in(ids.to_list()))
        pool.names.pop(entity, None)


def record_made(run: Run, case: Case, verdict: Verdict, new: Made) -> None:
    """Records that references asked for: only for rows that are written."""
    written = verdict.outcome.is_in(["create", "update"])
    frame = case.rows.frame.filter(written)
    pointers = [frame[name] for name in frame.columns if frame.schema[name] == pl.String]
    used = pl.concat(pointers).unique() if pointers else pl.Series([], dtype=pl.String)
    needed = new.rows["id"].is_in(used.to_list())
    forget(new.rows["id"].filter(~needed), new.entity, run.pool)
    rows = new.rows.filter(needed)
    if rows.height == 0:
        return
    run.changes.append(replace(new, rows=rows).change)
    title = titles(RECORDS[new.entity])[-1]
    run.rows.append(
        rows.select(
            pl.col(FILE).alias("file"),
            pl.col(SHEET).alias("sheet"),
            pl.col(ROW).alias("row"),
            pl.lit(new.entity).alias("entity"),
            pl.lit("create" if new.verb == "create" else "update").alias("outcome"),
            pl.col(title).alias("key"),
            "id",
        )
    )


def placed(case: Case, found: pl.DataFrame) -> pl.DataFrame:
    """Findings about rows, with where the rows stand."""
    frame, at = case.rows.frame, found["at"]
    return found.with_columns(
        frame[FILE].gather(at).alias("file"),
        frame[SHEET].gather(at).alias("sheet"),
        frame[ROW].gather(at).alias("row"),
        pl.lit(case.rows.entity.name).alias("entity"),
    )


def note(run: Run, case: Case, verdict: Verdict) -> None:
    """The outcome of each row, and the reasons of those that are not written."""
    entity, frame = case.rows.entity, case.rows.frame
    names = [frame[name].cast(pl.String) for name in ("external_id", entity.title) if name in frame.columns]
    key = (
        pl.select(pl.coalesce(names)).to_series()
        if names
        else pl.repeat(None, case.height, dtype=pl.String, eager=True)
    )
    run.rows.append(
        pl.DataFrame(
            {
                "file": frame[FILE],
                "sheet": frame[SHEET],
                "row": frame[ROW],
                "entity": pl.repeat(entity.name, case.height, dtype=pl.String, eager=True),
                "outcome": verdict.outcome,
                "key": key,
                "id": case.identity["id"],
            }
        )
    )
    same = verdict.outcome == "duplicate"
    case.blame(same, None, "row.duplicate", first_row(case))
    unsettled = verdict.outcome.is_in(["rejected", "duplicate"])
    problems = (
        pl.concat(case.problems).filter(unsettled.gather(pl.concat(case.problems)["at"])).unique(maintain_order=True)
    )
    run.reasons.append(placed(case, problems).select(list(REASONS)).sort("file", "row", maintain_order=True))
