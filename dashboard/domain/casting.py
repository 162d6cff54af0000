"""Bringing a frame's columns to the types its declaration gives; what does not fit becomes null."""

from __future__ import annotations

from datetime import time

import polars as pl

from dashboard.domain.fields import SYSTEM_COLUMNS, Entity, Kind

DTYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.NOTE: pl.String(),
    Kind.EMAIL: pl.String(),
    Kind.PHONE: pl.String(),
    Kind.URL: pl.String(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Decimal(18, 6),
    Kind.MONEY: pl.Decimal(18, 4),
    Kind.PRICE: pl.Decimal(18, 6),
    Kind.SHARE: pl.Decimal(9, 6),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us"),
    Kind.FLAG: pl.Boolean(),
    Kind.CHOICE: pl.String(),
    Kind.TAGS: pl.List(pl.String()),
    Kind.JSON: pl.String(),
    Kind.REFERENCE: pl.String(),
    Kind.BINARY: pl.Binary(),
}
"""The type of a field's column in a change-set."""

SYSTEM_TYPES: dict[str, pl.DataType] = {"BIGINT": pl.Int64(), "TIMESTAMP": pl.Datetime("us"), "VARCHAR": pl.String()}
SYSTEM_DTYPES: dict[str, pl.DataType] = {
    **{column.name: SYSTEM_TYPES[column.sql_type] for column in SYSTEM_COLUMNS},
    "effective_at": pl.Datetime("us"),
}
"""The types of the columns that every record has, and of the moment a change took effect."""

TEXT_LIST = r'^\s*\[\s*("([^"\\]|\\.)*"\s*(,\s*"([^"\\]|\\.)*"\s*)*)?\]\s*$'
SPARE_PLACES = 6  # kept until the rounding, so that text of more places rounds once and half away from zero


def dtype_of(entity: Entity, name: str) -> pl.DataType | None:
    """The declared type of a column, or None for a column that the declaration does not know."""
    field = entity.by_name.get(name)
    return DTYPES[field.kind] if field else SYSTEM_DTYPES.get(name)


def conversions(entity: Entity, schema: dict[str, pl.DataType]) -> dict[str, pl.Expr]:
    """One expression for each column whose type is not the declared one; columns unknown to it are left alone."""
    wanted = ((name, dtype, dtype_of(entity, name)) for name, dtype in schema.items())
    return {
        name: converted(pl.col(name), dtype, goal).alias(name)
        for name, dtype, goal in wanted
        if goal is not None and dtype != goal
    }


def converted(  # noqa: PLR0911  (a table of what becomes what reads best as one line each)
    column: pl.Expr, dtype: pl.DataType, goal: pl.DataType
) -> pl.Expr:
    """A column in the type `goal`: never a guess, null where the value does not say exactly that."""
    if dtype == pl.Null:
        return column.cast(goal)
    if isinstance(goal, pl.Decimal) and (dtype.is_numeric() or dtype == pl.String):
        return as_decimal(column, dtype, goal)
    if dtype == pl.String:
        return from_text(column, goal)
    if goal == pl.Boolean and dtype.is_integer():
        return pl.when(column.is_in([0, 1])).then(column == 1)
    if goal == pl.Int64 and dtype.is_numeric():
        return column.cast(goal, strict=False) if dtype.is_integer() else whole(column)
    if goal == pl.Date and isinstance(dtype, pl.Datetime):
        return pl.when(column.dt.time() == time(0)).then(column.dt.date())
    if same_family(dtype, goal):
        return column.cast(goal, strict=False)
    return pl.lit(None, dtype=goal)


def as_decimal(column: pl.Expr, dtype: pl.DataType, goal: pl.Decimal) -> pl.Expr:
    """A decimal, rounded half away from zero at its last place."""
    if dtype.is_integer():
        return column.cast(goal, strict=False)
    wide = column.cast(pl.Decimal(38, goal.scale + SPARE_PLACES), strict=False)
    return wide.round(goal.scale, mode="half_away_from_zero").cast(goal, strict=False)


def whole(column: pl.Expr) -> pl.Expr:
    """A number without a broken part as an integer."""
    return pl.when(column == column.round(0)).then(column).cast(pl.Int64, strict=False)


def from_text(column: pl.Expr, goal: pl.DataType) -> pl.Expr:
    """ISO text as a day or an instant, a JSON list as tags, true/false/1/0 as a flag, digits as a number."""
    if goal == pl.Date:
        return column.str.to_date("%Y-%m-%d", strict=False)
    if isinstance(goal, pl.Datetime):
        return column.str.replace(" ", "T", literal=True).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"
        )
    if isinstance(goal, pl.List):
        return pl.when(column.str.contains(TEXT_LIST)).then(column).str.json_decode(goal)
    if goal == pl.Boolean:
        return column.str.to_lowercase().replace_strict(
            {"true": True, "1": True, "false": False, "0": False}, default=None
        )
    if goal == pl.Binary:
        return pl.lit(None, dtype=goal)
    return column.cast(goal, strict=False)


def same_family(dtype: pl.DataType, goal: pl.DataType) -> bool:
    """Whether a plain cast keeps what the value says."""
    if goal == pl.String:
        return isinstance(dtype, pl.Categorical | pl.Enum)
    if isinstance(goal, pl.Datetime):
        return isinstance(dtype, pl.Datetime | pl.Date)
    return isinstance(goal, pl.List) and isinstance(dtype, pl.List) and dtype.inner in (pl.String, pl.Null)
