"""A record's history in order of what happened, with each change's statements carried forward."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import UNDO
from etl.marts.sources import Source

SAME_RECORD = pl.col("row") == pl.col("row").shift()
"""Whether a row belongs to the record of the row before; null on the very first."""

FIRST = ~SAME_RECORD.fill_null(False)
"""Whether a row is the first of its record."""

ORDER = (
    pl.col("row").cast(pl.Int128) * 2**90
    + pl.col("effective_at").to_physical().cast(pl.Int128) * 2**24
    + pl.col("version").cast(pl.Int128)
)
"""By record, then when it happened, then when it was written: one number sorts faster than three columns."""

SYSTEM = ("row", "version", "effective_at", "recorded_at", "changed", "archived", "takes_back")
"""What a history holds before the columns of its source."""


def history_of(source: Source, facts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The facts of an entity in canonical order.

    rows: `id` and `row` (UInt32, the record's place among the ids in ascending order). Returns one row per record and
    version: row, version (Int32), effective_at, recorded_at, changed (Categorical), archived, takes_back (Boolean), the
    columns of the source as they were written.
    """
    return (
        facts.lazy()
        .join(rows.lazy(), on="id", how="inner")
        .select(
            "row",
            pl.col("version").cast(pl.Int32),
            "effective_at",
            "recorded_at",
            pl.col("changed").cast(pl.Categorical()),
            pl.col("archived_at").is_not_null().alias("archived"),
            (pl.col("verb") == UNDO).alias("takes_back"),
            *(pl.col(name).cast(source.mart_type(name)) for name in source.columns),
        )
        .sort(ORDER)
        .collect()
    )


def standing(history: pl.DataFrame) -> pl.DataFrame:
    """The rows without those that another of the rows takes back: what a change-set wrote right before an undo.

    The undo itself stays: it holds the record as it is. A creation stays too: undoing it archives the record.
    """
    if not history["takes_back"].any():
        return history
    undone = history.filter(pl.col("row").is_in(history.filter("takes_back")["row"].unique().implode()))
    change = pl.struct("row", "recorded_at").rle_id()  # what one change-set wrote shares its moment
    changes = (
        undone.select("row", "version", "recorded_at", "takes_back")
        .sort("row", "version")
        .with_columns(change.alias("change"))
    )
    heads = changes.group_by("change", maintain_order=True).first()
    followed = (pl.col("row") == pl.col("row").shift(-1)) & pl.col("takes_back").shift(-1)
    gone = changes.join(heads.filter(followed), on="change", how="semi").filter(pl.col("version") > 1)
    return history.join(gone, on=["row", "version"], how="anti", maintain_order="left")


def in_force(source: Source, history: pl.DataFrame) -> pl.DataFrame:
    """The same rows, each with the values in force after it: a change states only the fields it names.

    A row was written as the whole record after it, so it can be used as it is where each version follows the one
    before. Only where something was recorded afterwards (a later version happened earlier, or a view leaves out the
    version before) each field takes the value of the last row that states it.
    """
    late = SAME_RECORD & (pl.col("version") != pl.col("version").shift() + 1)
    found = history.lazy().filter(late).select("row").unique().collect()
    if found.is_empty():
        return history
    corrected = history.join(found, on="row", how="semi", maintain_order="left")
    others = history.join(found, on="row", how="anti", maintain_order="left")
    return others.merge_sorted(carried(source, corrected), key="row")


def carried(source: Source, history: pl.DataFrame) -> pl.DataFrame:
    """Every field of every row taken from the last row of the same record that states it."""
    kinds = history["changed"].unique().cast(pl.String).to_list()
    stated_by = {"archived": ("archived_at",), **{name: source.stated_by(name) for name in source.columns}}
    return history.with_columns(
        pl.col(name).gather(last_stating([kind for kind in kinds if states(kind, names)]))
        for name, names in stated_by.items()
    )


def states(changed: str, names: tuple[str, ...]) -> bool:
    """Whether a change with this `changed` says anything about one of the names."""
    return changed == "*" or any(f",{name}," in changed for name in names)


def last_stating(kinds: list[str]) -> pl.Expr:
    """The position of the last row up to here whose `changed` is one of `kinds`; a first row states everything."""
    stating = pl.col("changed").cast(pl.String).is_in(kinds) | FIRST
    return pl.when(stating).then(pl.int_range(pl.len())).forward_fill()
