"""The reference data that a new store starts with, read from data/reference."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from dashboard.domain.casting import DTYPES
from dashboard.domain.entities import ENTITIES, Entity
from dashboard.domain.ids import new_ids

REFERENCE_FOLDER = Path(__file__).resolve().parents[2] / "data" / "reference"

Row = dict[str, Any]


def seed_frames(folder: Path = REFERENCE_FOLDER) -> dict[str, pl.DataFrame]:
    """The rows to create, by entity: stage, list_value, industry, region.

    Columns: the entity's fields that the files state, in their declared types, in the order to show. A parent stands in
    `parent` by its code, and comes before its children. There is no `id`: see `with_ids`.
    """
    return {
        "stage": frame_of("stage", read(folder / "stages.toml")["stage"]),
        "list_value": frame_of("list_value", list_rows(read(folder / "lists.toml"))),
        "industry": frame_of("industry", read(folder / "industries.toml")["industry"]),
        "region": frame_of("region", read(folder / "regions.toml")["region"]),
    }


class Template(NamedTuple):
    """A contract template with its clauses: title, category and body of each, in their order."""

    name: str
    language: str
    body: str
    clauses: tuple[tuple[str, str, str], ...]


def templates(folder: Path = REFERENCE_FOLDER) -> tuple[Template, ...]:
    """The contract templates that a new store starts with."""
    return tuple(
        Template(
            row["name"],
            row["language"],
            row["body"].strip(),
            tuple((clause["title"], clause["category"], clause["body"].strip()) for clause in row["clause"]),
        )
        for row in read(folder / "wordings.toml")["template"]
    )


def template_frames(found: tuple[Template, ...]) -> dict[str, pl.DataFrame]:
    """Templates and clauses as rows to create, with ids that hang together."""
    ids = new_ids(len(found))
    clauses = [
        (ids[at], one.language, title, category, body, rank)
        for at, one in enumerate(found)
        for rank, (title, category, body) in enumerate(one.clauses, start=1)
    ]
    columns = ("template_id", "language", "title", "category", "body", "rank")
    return {
        "contract_template": pl.DataFrame(
            {
                "name": [one.name for one in found],
                "language": [one.language for one in found],
                "body": [one.body for one in found],
            }
        ).with_columns(ids),
        "clause": pl.DataFrame(clauses, schema=columns, orient="row").with_columns(new_ids(len(clauses))),
    }


def with_ids(frame: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The rows of one entity with their ids, as a Change takes them: `parent` becomes `parent_id`.

    Raises KeyError when a parent's code is not in the frame.
    """
    rows = frame.with_columns(ids.alias("id"))
    if "parent" not in frame.columns:
        return rows
    id_of: dict[str | None, str | None] = {None: None, **dict(rows.select("code", "id").iter_rows())}
    parents = [id_of[code] for code in frame["parent"]]
    return rows.drop("parent").with_columns(pl.Series("parent_id", parents, dtype=pl.String))


def read(path: Path) -> dict[str, list[Row]]:
    """The tables of one file; broken numbers as Decimal."""
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def list_rows(lists: dict[str, list[Row]]) -> Iterable[Row]:
    """Every value of every list, with its list and its place in it."""
    for name, values in lists.items():
        for rank, value in enumerate(values, start=1):
            yield {"list": name, **value, "rank": rank}


def frame_of(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    """The rows with the declared types; a flag that a row leaves out takes its default."""
    entity, rows = ENTITIES[name], list(rows)
    columns = dict.fromkeys(column for row in rows for column in row)
    schema = {column: dtype_in(entity, column) for column in columns}
    defaults = {column: entity.by_name[column].default for column in columns if column in entity.by_name}
    return pl.DataFrame([{**defaults, **row} for row in rows], schema=schema, strict=True)


def dtype_in(entity: Entity, column: str) -> pl.DataType:
    """The type of a column; KeyError for a word that the entity does not know."""
    if column == "parent" and "parent_id" in entity.by_name:
        return pl.String()
    return DTYPES[entity.by_name[column].kind]
