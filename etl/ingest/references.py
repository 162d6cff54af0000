"""References of rows: texts become ids of records; what the map may create is created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.ids import new_ids
from dashboard.domain.validation import cast, check
from etl.ingest.maps import Take
from etl.ingest.pool import Pool, names_of, resolve
from etl.ingest.prepare import PLACE, Rows, columns_to_read
from etl.ingest.values import PROBLEMS
from etl.ingest.words import fold, folded

SEEN = ("id", "version")


@dataclass(frozen=True)
class Made:
    """Records that a reference asked for: one row each with id, fields, and the place of the row that asked.

    verb: "create", or "restore" for those that the undoing of an import archived (with the version that they have).
    """

    entity: str
    rows: pl.DataFrame
    verb: str = "create"

    @property
    def change(self) -> Change:
        """The records as they are written."""
        return Change(
            self.entity, self.verb, self.rows.drop(PLACE) if self.verb == "create" else self.rows.select(SEEN)
        )


def reference_columns(rows: Rows, own: bool) -> Iterator[tuple[str, str, Take]]:
    """Column, field and origin of the references; own: to records of the same entity, else to others."""
    for column, name, take in columns_to_read(rows.record):
        declared = rows.entity.by_name[name]
        if declared.kind is Kind.REFERENCE and (declared.to == rows.entity.name) is own:
            yield column, name, take


def resolved(rows: Rows, pool: Pool, may_create: Callable[[str], bool], *, own: bool) -> tuple[Rows, list[Made]]:
    """The rows with ids in place of the texts of their references, and the records made for them."""
    frame, problems, made = rows.frame, [rows.problems], []
    for column, name, take in reference_columns(rows, own):
        target = rows.entity.by_name[name].to or ""
        texts = frame[column]
        found = resolve(texts, target, pool, take, pool.plan.aliases.get(target, {}))
        unknown = found.filter(pl.col("code") == "reference.unknown")["text"]
        if take.create and unknown.len() and may_create(target):
            back = brought_back(rows, column, unknown, RECORDS[target], take, pool)
            made += [back] if back.rows.height else []
            unknown = unknown.filter(~unknown.is_in(back.rows["text"].to_list()))
            if unknown.len():
                new = made_for(rows, column, unknown, RECORDS[target], take)
                pool.add(target, pooled(new.rows, new.rows.columns))
                made.append(new)
            found = resolve(texts, target, pool, take, pool.plan.aliases.get(target, {}))
        joined = texts.alias("text").to_frame().join(found, on="text", how="left", maintain_order="left")
        problems.append(missing(joined, name, frame, column))
        frame = frame.with_columns(joined["id"].alias(column))
    return Rows(rows.record, rows.entity, frame, pl.concat(problems)), made


def missing(joined: pl.DataFrame, name: str, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows whose text names no record, or several; a step that did not happen states nothing."""
    failed = joined["code"].is_not_null()
    happened = column.rpartition("|")[0] + "|" + "|when"
    if column.startswith("|step") and happened in frame.columns:
        failed &= frame[happened]
    at = failed.arg_true().cast(pl.UInt32)
    picked = joined[at]
    return (
        pl.DataFrame({"at": at})
        .hstack(picked)
        .select("at", pl.lit(name).alias("field"), pl.col("code"), pl.col("text").alias("value"))
        if at.len()
        else pl.DataFrame(schema=PROBLEMS)
    )


def made_for(rows: Rows, column: str, texts: pl.Series, target: Entity, take: Take) -> Made:
    """New records for the texts that name none: as little as the declaration needs, and what the map adds."""
    keyed = texts.alias("text").to_frame().with_columns(fold(pl.col("text")).alias("key"))
    once = keyed.unique("key", keep="first", maintain_order=True).select("text")
    first = rows.frame.select(*PLACE, pl.col(column).alias("text")).unique("text", keep="first", maintain_order=True)
    placed = once.join(first, on="text", how="left", maintain_order="left")
    extra = take.create if isinstance(take.create, dict) else {}
    fields = dict.fromkeys(titles(target), pl.col("text")) | {
        name: pl.lit(value) if not isinstance(value, list | tuple) else pl.lit(pl.Series([list(value)])).first()
        for name, value in {**take.within, **extra}.items()
    }
    frame = placed.with_columns(new_ids(placed.height)).with_columns(
        expression.alias(name) for name, expression in fields.items()
    )
    made = cast(target, frame.drop("text"))
    unfit = check(target, made.drop(PLACE))["row"].unique()
    return Made(
        target.name, made.filter(~pl.int_range(made.height, dtype=pl.UInt32, eager=True).is_in(unfit.to_list()))
    )


def brought_back(rows: Rows, column: str, texts: pl.Series, target: Entity, take: Take, pool: Pool) -> Made:
    """Records of these names that the undoing of an import archived: they come back instead of being made again."""
    gone = pool.of(target.name).filter(pl.col("state") == "undone")
    for name, text in take.within.items():
        gone = gone.filter(fold(pl.col(name)) == folded(text))
    gone = gone.with_columns(pl.lit("live").alias("state"))
    names = names_of(target, gone).filter(pl.col("field").is_in(titles(target))).unique("key", keep="first")
    wanted = texts.alias("text").to_frame().with_columns(fold(pl.col("text")).alias("key"))
    found = wanted.join(names.select("key", "id"), on="key").unique("id", keep="first", maintain_order=True)
    pool.add(target.name, gone.join(found, on="id", how="semi").with_columns(pl.col("version") + 1))
    first = rows.frame.select(*PLACE, pl.col(column).alias("text")).unique("text", keep="first", maintain_order=True)
    known = gone.select("id", "version", *titles(target)).with_columns(pl.col("version").cast(pl.Int64))
    return Made(target.name, found.select("text", "id").join(first, on="text").join(known, on="id"), "restore")


def titles(target: Entity) -> list[str]:
    """The fields that a bare name fills."""
    if "label_zh" in target.by_name:
        return ["code", "label_zh", "label_en"]
    return [target.title] if target.title in target.by_name else []


def pooled(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Records that were made here as the pool keeps them."""
    return rows.select(name for name in columns if name not in PLACE).with_columns(
        pl.lit(1, pl.Int64).alias("version"),
        pl.lit("live").alias("state"),
        pl.lit(value=True).alias("made"),
    )
