"""The same marts by other means on the same file: plain DuckDB SQL, and pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.domain.entities import ENTITIES
from dashboard.domain.fields import Kind
from dashboard.store import Store
from etl.marts import NO_RANK, SOURCES, WON_RANK

HISTORY = """
CREATE OR REPLACE TEMP TABLE {name}_rows AS
SELECT id, row_number() OVER (ORDER BY id) - 1 AS row FROM {history} WHERE changed = '*';
CREATE OR REPLACE TEMP TABLE {name}_mart_history AS
SELECT r.row, h.version, h.effective_at, h.recorded_at, h.changed, h.archived_at IS NOT NULL AS archived, {columns}
FROM {history} h JOIN {name}_rows r USING (id) ORDER BY r.row, h.effective_at, h.version;
CREATE OR REPLACE TEMP TABLE {name}_mart AS
SELECT r.id, h.archived, {names} FROM {name}_mart_history h JOIN {name}_rows r USING (row)
QUALIFY row_number() OVER (PARTITION BY h.row ORDER BY h.effective_at DESC, h.version DESC) = 1 ORDER BY h.row
"""
STAGES = f"""
CREATE OR REPLACE TEMP TABLE deal_mart_stage AS
WITH marked AS (
    SELECT row, stage_id, stage_type, effective_at AS entered_at, version,
        CASE stage_type WHEN 'won' THEN {WON_RANK} WHEN 'lost' THEN {NO_RANK}
            ELSE coalesce(stage_rank, {NO_RANK}) END AS rank,
        lag(stage_id) OVER one AS before, row_number() OVER one AS place
    FROM deal_mart_history WINDOW one AS (PARTITION BY row ORDER BY effective_at, version)
), moved AS (SELECT * FROM marked WHERE place = 1 OR stage_id IS DISTINCT FROM before)
SELECT row, stage_id, stage_type, rank, entered_at, lead(entered_at) OVER one AS left_at,
    row_number() OVER (PARTITION BY row, stage_id ORDER BY entered_at, version) = 1 AS first,
    coalesce(max(rank) OVER (PARTITION BY row ORDER BY entered_at, version
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), {NO_RANK}) AS peak_after
FROM moved WINDOW one AS (PARTITION BY row ORDER BY entered_at, version) ORDER BY row, entered_at, version
"""  # noqa: S608  (two constants)
PROGRESS = """
CREATE OR REPLACE TEMP TABLE deal_mart AS
SELECT d.*, p.peak, p.stage_since FROM deal_mart d JOIN deal_rows r USING (id) JOIN (
    SELECT row, greatest(arg_min(rank, entered_at), max(peak_after)) AS peak,
        max(entered_at) FILTER (left_at IS NULL) AS stage_since
    FROM deal_mart_stage GROUP BY row
) p USING (row) ORDER BY r.row
"""


def duckdb_marts(store: Store) -> int:
    """The marts as tables of the engine itself; returns the number of stage entries."""
    with store.reading() as cursor:
        for name in SOURCES:
            for statement in HISTORY.format(
                name=name, history=ENTITIES[name].history, columns=selected(name), names=", ".join(SOURCES[name])
            ).split(";"):
                cursor.execute(statement)
        cursor.execute(STAGES)
        cursor.execute(PROGRESS)
        return int(cursor.execute("SELECT count(*) FROM deal_mart_stage").fetchone()[0])


def selected(name: str) -> str:
    """The columns of a source as the marts carry them."""
    by_name = ENTITIES[name].by_name
    money = "CAST(CAST(h.{0} AS DECIMAL(38, 4)) * 10000 AS BIGINT) AS {0}"
    return ", ".join(
        money.format(column) if by_name[column].kind is Kind.MONEY else f"h.{column}" for column in SOURCES[name]
    )


def pandas_marts(store: Store) -> int:
    """The marts as pandas frames; returns the number of stage entries."""
    frames: dict[str, pd.DataFrame] = {}
    for name in SOURCES:
        with store.reading() as cursor:
            columns = f"h.id, h.version, h.effective_at, h.recorded_at, h.changed, h.archived_at, {selected(name)}"
            facts = cursor.execute(f"SELECT {columns} FROM {ENTITIES[name].history} h").df()  # noqa: S608
        ids = facts.loc[facts["changed"] == "*", "id"].sort_values().reset_index(drop=True)
        facts["row"] = facts["id"].map(pd.Series(ids.index, index=ids))
        history = facts.sort_values(["row", "effective_at", "version"]).reset_index(drop=True)
        history["archived"] = history["archived_at"].notna()
        frames[f"{name}_history"] = history
        frames[name] = history.groupby("row", sort=True).tail(1).reset_index(drop=True)
    entries = pandas_stages(frames["deal_history"])
    grouped = entries.groupby("row", sort=True)
    first: Any = grouped.head(1).reset_index(drop=True)
    frames["deal"]["peak"] = first[["rank", "peak_after"]].max(axis=1)
    frames["deal"]["stage_since"] = entries.loc[entries["left_at"].isna(), "entered_at"].to_numpy()
    return len(entries)


def pandas_stages(history: pd.DataFrame) -> pd.DataFrame:
    """One row per deal and entry into a stage."""
    entries = history.loc[
        (history["row"] != history["row"].shift()) | (history["stage_id"] != history["stage_id"].shift()),
        ["row", "stage_id", "stage_type", "stage_rank", "effective_at"],
    ].rename(columns={"effective_at": "entered_at"})
    rank = entries["stage_rank"].fillna(NO_RANK)
    rank = rank.mask(entries["stage_type"] == "won", WON_RANK).mask(entries["stage_type"] == "lost", NO_RANK)
    entries["rank"] = rank.astype("int32")
    entries["left_at"] = entries.groupby("row")["entered_at"].shift(-1)
    entries["first"] = ~entries.duplicated(["row", "stage_id"])
    backwards = entries.iloc[::-1]
    highest = backwards.groupby("row")["rank"].cummax().iloc[::-1]
    entries["peak_after"] = highest.groupby(entries["row"]).shift(-1).fillna(NO_RANK).astype("int32")
    return entries.reset_index(drop=True)
