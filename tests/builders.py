"""Valid records of any entity, made from its declaration; a test names only the values that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, cycle
from typing import Any

import polars as pl

from dashboard.domain.access_rules import KEYS
from dashboard.domain.casting import DTYPES, SYSTEM_DTYPES
from dashboard.domain.entities import RECORDS, Entity, Field, entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.wordings import packed, wording

SERIAL = count(1)
"""Makes texts and unique values different from each other."""

FITTING: dict[str, dict[str, Any]] = {
    "shipment_line": {"quantity": Decimal(1)},
    "web_form": {"origins": ["https://www.example.com"]},
    "return": {"quantity": None, "amount": None},  # nothing was shipped yet
    "access_rule": {"action": "merge", "reaches": ["all"]},  # of any entity: a right that nobody uses
}
"""Values of new records that must fit those of other records, or name what there is."""

SUBJECTS = cycle(name for name in RECORDS if name not in KEYS)
"""What rules are about, another one each time."""

DAYS: dict[str, int] = {"ends_on": 30, "promised_on": 30, "due_on": 30, "expected_close_on": 30, "valid_until": 30}
"""Days from today for the fields that lie ahead; every other day is today."""


class Anywhere(dict[str, str]):
    """Something to point at for tests in which nobody looks whether it is there."""

    def __missing__(self, key: str) -> str:
        return "01a00000-0000-7000-8000-000000000000"


def now() -> datetime:
    """The moment, naive UTC as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def today() -> date:
    """A day that is today or yesterday in every zone, so never in the future."""
    return (now() - timedelta(hours=12)).date()


def days_ago(days: int) -> date:
    """A day before `today`."""
    return today() - timedelta(days=days)


def moment_ago(**ago: float) -> datetime:
    """A moment before now, like `moment_ago(hours=3)`."""
    return now() - timedelta(**ago)


def valid(name: str, refs: Mapping[str, str] | None = None, /, *, full: bool = False, **values: Any) -> dict[str, Any]:
    """The plain facts of a valid new record.

    refs: the id to point at, by entity; full: the optional fields too, as far as `refs` knows what they point at;
    values: what the test is about.
    """
    entity, targets = entity_of(name), {} if refs is None else refs
    values = FITTING.get(name, {}) | values
    if name == "contract_version":
        values = {"edition": 1000 + next(SERIAL), "wording": said("Something")} | values
    if name == "access_rule":
        values = {"entity": next(SUBJECTS)} | values
    made = {
        field.name: value_of(field, targets)
        for field in entity.settable
        if field.name not in values and (needed(field) or (full and (field.to is None or field.to in targets)))
    }
    return made | values


def said(text: str) -> str:
    """A wording of a contract as it is kept, with this text at its beginning."""
    row = {"name": "A contract", "number": "C-1", "language": "en", "body": text}
    return packed(wording(row, [], {}, [], {"customer": {}, "company": {}}))


def needed(field: Field) -> bool:
    """Whether a new record must bring a value."""
    return field.required and field.default is None


def value_of(field: Field, refs: Mapping[str, str]) -> Any:
    """A value that fits a field. KeyError when it points at an entity that `refs` does not know."""
    if field.to is not None:
        return refs[field.list] if field.list in refs else refs[field.to]
    if field.default is not None:
        return field.default
    serial = next(SERIAL)
    low = Decimal(str(field.low or 0))
    most = Decimal(str(field.high)) if field.high is not None else low + 1000
    text = f"{field.name} {serial}"
    fitting: dict[Kind, Any] = {
        Kind.EMAIL: f"somebody{serial}@example.com",
        Kind.PHONE: f"138{serial:08d}",
        Kind.URL: f"https://example.com/{serial}",
        Kind.INTEGER: int(min(low + serial % 5, most)),
        Kind.NUMBER: min(low + 1 + serial % 7, most),
        Kind.MONEY: Decimal(serial % 900) + Decimal("100.25"),
        Kind.PRICE: Decimal(serial % 90) + Decimal("1.5"),
        Kind.SHARE: Decimal("0.5"),
        Kind.DATE: today() + timedelta(days=DAYS.get(field.name, 0)) if field.kind is Kind.DATE else None,
        Kind.INSTANT: moment_ago(hours=1),
        Kind.FLAG: True,
        Kind.CHOICE: field.choices[0] if field.choices else None,
        Kind.TAGS: list(field.choices[:1]) or [text],
        Kind.JSON: '{"made": "here"}',
    }
    if field.name == "currency":
        return "CNY"
    if field.kind is Kind.DATE and (field.unique or field.name == "valid_on"):
        return days_ago(serial)
    return fitting.get(field.kind, text[-field.limit :] if field.limit and len(text) > field.limit else text)


def frame_of(name: str, *records: Mapping[str, Any]) -> pl.DataFrame:
    """Records as the rows of a change, in their declared types; every record has the same keys."""
    entity = entity_of(name)
    frame = pl.DataFrame(list(records), schema={key: dtype_of(entity, key) for key in records[0]}, orient="row")
    lost = [key for key in frame.columns if frame[key].null_count() != sum(row[key] is None for row in records)]
    assert not lost, f"these values are not of the declared type: {lost}"
    return frame


def dtype_of(entity: Entity, name: str) -> pl.DataType:
    """The type of a column in a change."""
    return DTYPES[entity.by_name[name].kind] if name in entity.by_name else SYSTEM_DTYPES.get(name, pl.String())


def verb_values(name: str, verb: str, refs: Mapping[str, str], /, **values: Any) -> dict[str, Any]:
    """What a life-cycle verb must be given besides the record."""
    entity, transition = entity_of(name), LIFECYCLES[name].verb(verb)
    assert transition is not None
    found = {"stage_id"} if verb != "advance" else set()  # the others go to the only stage of their type
    wanted = {field for field in transition.needs if field not in found and field not in values}
    return {field: value_of(entity.by_name[field], refs) for field in sorted(wanted)} | values
