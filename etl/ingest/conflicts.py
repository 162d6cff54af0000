"""Rows that get in the way of others: values that must be unique, the same record twice, stages that end a deal."""

from __future__ import annotations

import polars as pl

from dashboard.domain.fields import Entity, Kind
from etl.ingest.case import Case
from etl.ingest.life import Life
from etl.ingest.pool import Pool
from etl.ingest.prepare import step_column
from etl.ingest.tables import ROW


def blame_conflicts(case: Case, after: pl.DataFrame, pool: Pool) -> None:
    """Note on the case what cannot stand beside other records."""
    blame_taken(case, after, pool)
    if "stage_id" in after.columns and "type" in pool.of("stage").columns:
        closing = pool.of("stage").filter(pl.col("type") != "open")["id"].to_list()
        case.blame(case.new & after["stage_id"].is_in(closing), "stage_id", "step.closed_stage")


def blame_taken(case: Case, after: pl.DataFrame, pool: Pool) -> None:
    """What must be unique is unique, among the known records and within the file."""
    entity = case.rows.entity
    for names in unique_sets(entity):
        if not set(names) & set(case.given.columns) or not set(names) <= set(after.columns) | set(case.before.columns):
            continue
        mine = pl.DataFrame([after[name] if name in after.columns else case.before[name] for name in names])
        mine = mine.with_columns(
            case.identity["id"].alias("mine"), pl.int_range(case.height, dtype=pl.UInt32, eager=True).alias("at")
        )
        theirs = pool.of(entity.name).select(*names, pl.col("id").alias("theirs"))
        firsts = mine.group_by(names, maintain_order=True).agg(pl.col("mine").first().alias("theirs"))
        others = pl.concat([theirs, firsts], how="vertical_relaxed").drop_nulls()
        taken = mine.drop_nulls().join(others, on=list(names), how="inner").filter(pl.col("mine") != pl.col("theirs"))
        failed = pl.int_range(case.height, dtype=pl.UInt32, eager=True).is_in(taken["at"].unique().to_list())
        case.blame(failed, names[-1], "field.taken", mine[names[-1]].cast(pl.String))


def unique_sets(entity: Entity) -> list[tuple[str, ...]]:
    """The fields that must be unique, alone or together."""
    single = [(field.name,) for field in entity.all_fields if field.unique and field.kind is not Kind.BINARY]
    return [*single, *entity.unique_together]


def repeated(case: Case, life: Life) -> tuple[pl.Series, pl.Series]:
    """The later rows that are the same record as an earlier one: those that say the same, and those that do not."""
    at = pl.int_range(case.height, dtype=pl.UInt32, eager=True)
    again = case.identity["first"] != at
    if not again.any():
        return again, again
    said = case.given.hstack(
        [
            series.alias(f"|{k}|{name}")
            for k, fields in enumerate(life.fields)
            for name, series in zip(fields.columns, fields, strict=True)
        ]
    )
    said = said.hstack([case.rows.frame[step_column(k, "|when")] for k in range(len(life.fields))])
    hashes = (
        said.select(pl.struct(pl.all()).hash()).to_series() if said.width else pl.repeat(0, case.height, eager=True)
    )
    equal = hashes == hashes.gather(case.identity["first"])
    return again & equal, again & ~equal


def first_row(case: Case) -> pl.Series:
    """The number of the first row that is the same record."""
    return case.rows.frame[ROW].gather(case.identity["first"]).cast(pl.String)
