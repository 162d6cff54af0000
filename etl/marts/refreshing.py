"""Bringing marts up to date with the facts that came since: only the touched records are made anew."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from etl.marts.building import Marts
from etl.marts.histories import ORDER, history_of, standing
from etl.marts.sources import TABLE, Source
from etl.marts.states import derive

FEW = 64
"""Up to so many runs of touched records are cut out and put in by slices, without copying the rest."""

MAX_CHUNKS = 32


def refresh(marts: Marts, delta: Mapping[str, pl.DataFrame], revision: int) -> Marts:
    """The marts at `revision`. delta: by entity, the facts since `marts.revision`; facts it has already are ignored.

    The result equals `build` over all facts, row for row.
    """
    parts = dict(marts.parts)
    for name, facts in delta.items():
        fresh = facts.filter(pl.col("revision") > marts.revision)
        if not fresh.is_empty():
            parts.update(refreshed(TABLE[name], parts, fresh))
    return Marts(parts, revision, marts.zone)


def refreshed(source: Source, parts: Mapping[str, pl.DataFrame], facts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """One entity's frames with the touched records replaced and the new ones put in their place."""
    name = source.entity
    touched = places(parts[name]["id"], facts["id"].unique().sort())
    by_row = {each: renumbered(parts[each], touched) for each in parts_by_row(name)}
    history = by_row[f"{name}_history"]
    rows = touched.select("row", "id")
    part = pl.concat([rows_of(history, rows["row"]), history_of(source, facts, rows)]).sort(ORDER)
    made = derive(source, standing(part), rows)
    return {
        name: spliced(parts[name], made[name], "id"),
        f"{name}_history": spliced(history, part, "row"),
        **{each: spliced(by_row[each], made[each], "row") for each in made if each != name},
    }


def parts_by_row(name: str) -> tuple[str, ...]:
    """The frames of an entity whose rows point at the records by number."""
    return (f"{name}_history", "deal_stage") if name == "deal" else (f"{name}_history",)


def places(ids: pl.Series, touched: pl.Series) -> pl.DataFrame:
    """Where the touched records stand, in order of their ids.

    id; old (UInt32: its row, or that of the next record, before); new (Boolean: not there before); row (UInt32: its row
    once all new records are in).
    """
    found = pl.DataFrame({"id": touched, "old": ids.search_sorted(touched).cast(pl.UInt32)})
    there = ids.gather(found["old"].clip(0, max(len(ids) - 1, 0))) if len(ids) else pl.Series(dtype=pl.String)
    known = (found["old"] < len(ids)) & (there == touched) if len(ids) else pl.Series([False] * len(touched))
    is_new = (~known).alias("new")
    before = is_new.cast(pl.UInt32).cum_sum() - is_new.cast(pl.UInt32)
    return found.with_columns(is_new, (found["old"] + before).alias("row"))


def renumbered(frame: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    """A frame whose rows moved down by as many new records as now stand before them."""
    inserted = touched.filter("new")["old"]
    if inserted.is_empty() or frame.is_empty() or int(inserted[0]) > int(frame["row"][-1]):
        return frame
    moved = inserted.search_sorted(frame["row"], side="right").cast(pl.UInt32)
    return frame.with_columns(pl.col("row") + moved)


def rows_of(frame: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """The rows of some records out of a frame sorted by `row`."""
    found = runs(frame["row"], keys, keys)
    if found.height > FEW:
        return frame.join(keys.to_frame(), on="row", how="semi", maintain_order="left")
    slices = (frame.slice(low, high - low) for low, high in found.select("low", "high").iter_rows())
    return pl.concat([frame.clear(), *slices])


def runs(column: pl.Series, keys: pl.Series, part: pl.Series) -> pl.DataFrame:
    """Where ascending keys stand in two sorted columns, keys that follow each other in the first taken together.

    low, high: from where to where in `column`; start, end: the same keys in `part` (UInt32).
    """
    sides = pl.DataFrame(
        {
            "low": column.search_sorted(keys, side="left"),
            "high": column.search_sorted(keys, side="right"),
            "start": part.search_sorted(keys, side="left"),
            "end": part.search_sorted(keys, side="right"),
        }
    )
    gap = (pl.col("low") > pl.col("high").shift()).fill_null(True)
    grouped = sides.group_by(gap.cum_sum().alias("run"), maintain_order=True)
    return grouped.agg(pl.first("low"), pl.last("high"), pl.first("start"), pl.last("end")).drop("run")


def spliced(frame: pl.DataFrame, part: pl.DataFrame, key: str) -> pl.DataFrame:
    """`frame` with all rows of the keys in `part` replaced by those of `part`; both are sorted by `key`."""
    keys = part[key].unique(maintain_order=True)
    found = runs(frame[key], keys, part[key])
    if found.height > FEW:
        rest = frame.join(keys.to_frame(), on=key, how="anti", maintain_order="left")
        return rest.merge_sorted(part, key=key)
    pieces, done = [frame.clear()], 0
    for low, high, start, end in found.iter_rows():
        pieces += [frame.slice(done, low - done), part.slice(start, end - start)]
        done = high
    whole = pl.concat([piece for piece in (*pieces, frame.slice(done)) if not piece.is_empty()], rechunk=False)
    return whole.rechunk() if whole.n_chunks() > MAX_CHUNKS else whole
