"""Which record each row is: its id in the source first, then natural keys; an ambiguous name is never guessed."""

from __future__ import annotations

import polars as pl

from dashboard.domain.fields import Entity, Kind
from dashboard.domain.ids import new_ids
from etl.ingest.words import fold

BETWEEN = "\x1f"


def matched(entity: Entity, rows: pl.DataFrame, records: pl.DataFrame, origin: str) -> pl.DataFrame:
    """The rows' identities, one row each, in order.

    rows: the typed fields, and `external_id` where the map has one. records: see `Pool`. Columns: mark (what makes two
    rows the same record; null when nothing does), id (of the record: a known one or a new one), seen (its version, null
    for a new one), state (of the known one), code (match.ambiguous or null), first (the place of the first row with the
    same identity).
    """
    frame = pl.DataFrame({"at": pl.int_range(rows.height, dtype=pl.UInt32, eager=True)}).with_columns(
        pl.lit(None, pl.String).alias("mark"), pl.lit(None, pl.String).alias("hit"), pl.lit(0, pl.UInt32).alias("hits")
    )
    usable = records.filter(pl.col("state") != "archived")
    for at, key in enumerate(keys_of(entity, rows)):
        if key == ("external_id",):
            mine, theirs = id_keys(rows, records, origin)
        else:
            mine, theirs = natural_keys(entity, key, rows, usable, origin)
        frame = tried(frame, mine, theirs, f"{at}{BETWEEN}")
    return with_ids(frame, records)


def keys_of(entity: Entity, rows: pl.DataFrame) -> list[tuple[str, ...]]:
    """The keys that the rows can be tried by, in order."""
    ids = [("external_id",)] if "external_id" in rows.columns else []
    natural = [key for key in entity.natural_keys if complete(entity, key, rows)]
    aliases = [("aliases",)] if "aliases" in entity.by_name and entity.title in rows.columns else []
    return ids + [key for key in natural if key != ("aliases",)] + aliases


def complete(entity: Entity, key: tuple[str, ...], rows: pl.DataFrame) -> bool:
    """Whether the rows have what a key needs: a required part each, or all parts when none is required."""
    needed = [name for name in key if entity.by_name[name].required] or list(key)
    return all(name in rows.columns for name in needed)


def id_keys(rows: pl.DataFrame, records: pl.DataFrame, origin: str) -> tuple[pl.Series, pl.DataFrame]:
    """The ids of the source, of the rows and of all records that came from it."""
    theirs = records.filter(pl.col("source") == origin, pl.col("external_id").is_not_null())
    return rows["external_id"], theirs.select(pl.col("external_id").alias("key"), "id", "state")


def natural_keys(
    entity: Entity, key: tuple[str, ...], rows: pl.DataFrame, usable: pl.DataFrame, origin: str
) -> tuple[pl.Series, pl.DataFrame]:
    """A natural key of the rows and of the records that may be meant.

    A record that has another id in the same source is another record, whatever its name: it is left out when the rows
    have ids.
    """
    if "external_id" in rows.columns:
        usable = usable.filter((pl.col("source") != origin).fill_null(value=True) | pl.col("external_id").is_null())
    if key == ("aliases",):
        mine = rows.select(fold(pl.col(entity.title or "name")).alias("key"))["key"]
        theirs = usable.explode("aliases").select(fold(pl.col("aliases")).alias("key"), "id", "state")
        return mine, theirs.filter(pl.col("key").is_not_null())
    mine = rows.select(key_text(entity, key, rows.columns).alias("key"))["key"]
    return mine, usable.select(key_text(entity, key, usable.columns).alias("key"), "id", "state").drop_nulls("key")


def key_text(entity: Entity, key: tuple[str, ...], columns: list[str]) -> pl.Expr:
    """The parts of a key as one text; null where a part that must be there is missing."""
    needed = [name for name in key if entity.by_name[name].required] or list(key)
    parts = [part_text(entity, name) if name in columns else pl.lit("") for name in key]
    whole = pl.concat_str([part.fill_null("") for part in parts], separator=BETWEEN)
    return pl.when(pl.all_horizontal(pl.col(needed).is_not_null())).then(whole)


def part_text(entity: Entity, name: str) -> pl.Expr:
    """One part of a key as it is compared."""
    if entity.by_name[name].kind in (Kind.TEXT, Kind.EMAIL, Kind.PHONE):
        return fold(pl.col(name))
    return pl.col(name).cast(pl.String)


def tried(frame: pl.DataFrame, mine: pl.Series, theirs: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """The identities after one more key: rows without a hit so far may get one; the first key a row has is its mark."""
    known = (
        theirs.sort("state")
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("id").first().alias("new_hit"),
            pl.col("id").filter(pl.col("state") == pl.col("state").first()).n_unique().alias("new_hits"),
        )
    )
    found = frame.with_columns(mine.alias("key")).join(
        known, on="key", how="left", maintain_order="left", coalesce=True
    )
    fresh = pl.col("hit").is_null()
    return found.select(
        "at",
        pl.coalesce("mark", pl.lit(prefix) + pl.col("key")).alias("mark"),
        pl.when(fresh).then("new_hit").otherwise("hit").alias("hit"),
        pl.when(fresh).then(pl.col("new_hits").fill_null(0)).otherwise("hits").cast(pl.UInt32).alias("hits"),
    )


def with_ids(frame: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The identities with ids: known ones, and one new id for all rows that are the same new record."""
    known = records.select("id", "version", "state")
    frame = frame.join(known.rename({"id": "hit"}), on="hit", how="left", maintain_order="left")
    frame = frame.with_columns(first_of(frame).alias("first"))
    fresh = new_ids(frame.height)
    ids = pl.DataFrame({"first": pl.int_range(frame.height, dtype=pl.UInt32, eager=True), "fresh": fresh})
    frame = frame.join(ids, on="first", how="left", maintain_order="left")
    return frame.select(
        "mark",
        pl.coalesce("hit", "fresh").alias("id"),
        pl.col("version").alias("seen"),
        "state",
        pl.when(pl.col("hits") > 1).then(pl.lit("match.ambiguous")).alias("code"),
        "first",
    )


def first_of(frame: pl.DataFrame) -> pl.Expr:
    """The place of the first row with the same identity: the same known record, else the same mark."""
    fresh = frame.filter(pl.col("hit").is_null())
    alone = not frame["hit"].drop_nulls().is_duplicated().any() and not fresh["mark"].drop_nulls().is_duplicated().any()
    if alone:
        return pl.col("at")
    same = pl.coalesce(pl.lit("=") + pl.col("hit"), "mark", pl.lit("#") + pl.col("at").cast(pl.String))
    return pl.col("at").first().over(same)
