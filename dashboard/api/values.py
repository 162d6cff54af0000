"""Values between JSON and the declaration, strictly: decimals as text, days in ISO 8601, instants with a Z."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from dashboard.domain.casting import DTYPES, SYSTEM_DTYPES
from dashboard.domain.fields import Entity, Field, Kind

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")
DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
WHOLE = 2**63 - 1
PLACES: dict[Kind, int] = {Kind.MONEY: 4, Kind.NUMBER: 6, Kind.PRICE: 6, Kind.SHARE: 6}
"""The decimals that are kept."""
DIGITS: dict[Kind, int] = {Kind.MONEY: 14, Kind.NUMBER: 12, Kind.PRICE: 12, Kind.SHARE: 3}
"""The digits before the point that are kept."""
ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


class Unfit(ValueError):
    """A value that does not fit its field; the code says why. about: what it is about, where that is not its place."""

    def __init__(self, code: str, about: str | None = None) -> None:
        super().__init__(code)
        self.about = about


# -- from JSON --------------------------------------------------------------------------------------------------------


def parsed(field: Field, given: Any) -> Any:
    """A JSON value in the type of its field; null stays null. Raises Unfit."""
    return None if given is None else PARSERS[field.kind](field, given)


def text(_field: Field, given: Any) -> str:
    """A text, as it is."""
    if not isinstance(given, str):
        raise Unfit("field.type")
    return given


def integer(_field: Field, given: Any) -> int:
    """A whole number."""
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) > WHOLE:
        raise Unfit("field.type")
    return given


def decimal(field: Field, given: Any) -> Decimal:
    """A number, written as text or as a JSON number, with no more places than are kept."""
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise Unfit("field.type")
    if isinstance(given, str) and not DECIMAL.fullmatch(given):
        raise Unfit("field.type")
    try:
        value = Decimal(given)
    except InvalidOperation:  # pragma: no cover  (the pattern lets nothing else pass)
        raise Unfit("field.type") from None
    if value and value.adjusted() >= DIGITS[field.kind]:
        raise Unfit("field.too_high" if value > 0 else "field.too_low")
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > PLACES[field.kind]:
        raise Unfit("field.too_precise")
    return value


def day(_field: Field, given: Any) -> dt.date:
    """A day as YYYY-MM-DD."""
    if not isinstance(given, str) or not DAY.fullmatch(given):
        raise Unfit("field.type")
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise Unfit("field.type") from None


def instant(_field: Field | None, given: Any) -> dt.datetime:
    """An instant with Z or an offset, as naive UTC."""
    if not isinstance(given, str) or not INSTANT.fullmatch(given):
        raise Unfit("field.type")
    try:
        return dt.datetime.fromisoformat(given).astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Unfit("field.type") from None


def flag(_field: Field, given: Any) -> bool:
    """True or false."""
    if not isinstance(given, bool):
        raise Unfit("field.type")
    return given


def tags(_field: Field, given: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise Unfit("field.type")
    return given


def structured(_field: Field, given: Any) -> str:
    """Any JSON value, kept as text."""
    return json.dumps(given, ensure_ascii=False, default=number)


def number(value: Any) -> Any:
    """A decimal inside a structured value as JSON writes numbers."""
    if isinstance(value, Decimal):
        found = float(value)
        if math.isfinite(found):
            return found
    raise Unfit("field.type")


def nothing(_field: Field, _given: Any) -> None:
    """What no body may set."""
    raise Unfit("field.not_allowed")


PARSERS: dict[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: text,
    Kind.NOTE: text,
    Kind.EMAIL: text,
    Kind.PHONE: text,
    Kind.URL: text,
    Kind.CHOICE: text,
    Kind.REFERENCE: text,
    Kind.INTEGER: integer,
    Kind.NUMBER: decimal,
    Kind.MONEY: decimal,
    Kind.PRICE: decimal,
    Kind.SHARE: decimal,
    Kind.DATE: day,
    Kind.INSTANT: instant,
    Kind.FLAG: flag,
    Kind.TAGS: tags,
    Kind.JSON: structured,
    Kind.BINARY: nothing,
}


def frame_of(entity: Entity, rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows with the same keys as the rows of a change, in the declared types."""
    names = list(rows[0])
    schema = {
        name: DTYPES[entity.by_name[name].kind] if name in entity.by_name else SYSTEM_DTYPES.get(name, pl.String())
        for name in names
    }
    columns = {name: pl.Series(name, [row[name] for row in rows], dtype=schema[name]) for name in names}
    return pl.DataFrame(columns)


# -- to JSON ----------------------------------------------------------------------------------------------------------


def readable(entity: Entity | None, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose values JSON has a form of; structured values come with `structured_names`."""
    columns = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Decimal):
            columns.append(column.cast(pl.String))
        elif isinstance(dtype, pl.Datetime):
            columns.append(column.dt.to_string(ISO))
        elif dtype == pl.Date:
            columns.append(column.dt.to_string("%Y-%m-%d"))
        elif dtype == pl.Binary:
            columns.append(pl.lit(None, pl.String).alias(name))
    return frame.with_columns(columns) if columns else frame


def structured_names(entity: Entity, names: Iterable[str]) -> list[str]:
    """The columns that hold JSON."""
    return [name for name in names if name in entity.by_name and entity.by_name[name].kind is Kind.JSON]


def opened(value: Any) -> Any:
    """A structured value, read from its text."""
    return None if value is None else json.loads(value)


def plain(entity: Entity | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """One record as JSON has it."""
    structures = structured_names(entity, row) if entity else []
    return {name: opened(value) if name in structures else shown(value) for name, value in row.items()}


def shown(value: Any) -> Any:  # noqa: PLR0911  (one line a kind of value reads best)
    """One value as JSON has it."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dt.datetime():
            return moment(value)
        case dt.date():
            return value.isoformat()
        case bytes():
            return None
        case pl.Series():
            return value.to_list()
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def moment(value: dt.datetime) -> str:
    """A naive UTC instant."""
    return value.isoformat(timespec="microseconds") + "Z"


def dumped(content: Any) -> bytes:
    """JSON as bytes; never NaN."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=shown, allow_nan=False).encode()
