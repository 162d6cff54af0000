"""What a list asks for in its address: filters, order, fields, search, archived ones, and the day it is seen as of."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dashboard.api import values
from dashboard.api.callers import Caller
from dashboard.api.cursors import Place
from dashboard.api.problems import BadRequest
from dashboard.domain import standings
from dashboard.domain.access import Visibility
from dashboard.domain.entities import Entity
from dashboard.domain.fields import SYSTEM_COLUMNS, Field, Kind
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.errors import Problem
from dashboard.store import listing
from dashboard.store.listing import Moment, Wanted
from dashboard.store.scope import scope_of

DEFAULT_LIMIT, MOST = 50, 500
MOST_SORTED, MOST_LISTED, LONGEST = 5, 500, 500
OPTIONS = ("limit", "cursor", "sort", "q", "fields", "archived", "as_of", "known_at", "total", "standing")
"""The words that are no fields."""

SUFFIXES: dict[str, Operator] = {
    "gte": Operator.GE,
    "lte": Operator.LE,
    "gt": Operator.GT,
    "lt": Operator.LT,
    "ne": Operator.NE,
    "in": Operator.IN,
    "like": Operator.LIKE,
    "null": Operator.NULL,
}
ORDERED = frozenset(
    {Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.IN, Operator.NULL}
)
TEXTUAL = ORDERED | {Operator.LIKE}
NAMED = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NULL})
OPERATORS: dict[Kind, frozenset[Operator]] = {
    **dict.fromkeys((Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.PHONE, Kind.URL), TEXTUAL),
    **dict.fromkeys((Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PRICE, Kind.SHARE, Kind.DATE, Kind.INSTANT), ORDERED),
    **dict.fromkeys((Kind.CHOICE, Kind.REFERENCE, Kind.FLAG), NAMED),
    Kind.TAGS: frozenset({Operator.EQ, Operator.LIKE, Operator.NULL}),
    Kind.JSON: frozenset({Operator.NULL}),
    Kind.BINARY: frozenset(),
}
"""How values of each kind can be compared."""
HASHED = frozenset({Operator.EQ, Operator.IN, Operator.NULL})
"""How encrypted values can be compared."""

SYSTEM_KINDS = {"VARCHAR": Kind.TEXT, "BIGINT": Kind.INTEGER, "TIMESTAMP": Kind.INSTANT}
SYSTEM: dict[str, Field] = {
    column.name: Field(name=column.name, kind=SYSTEM_KINDS[column.sql_type]) for column in SYSTEM_COLUMNS
}
"""What every record has besides its fields."""


def single(caller: Caller, known: Iterable[str] | None = None) -> dict[str, str]:
    """The parameters, each once; `known`: no others. Raises BadRequest (query.*)."""
    found: dict[str, str] = {}
    problems = []
    for name, value in caller.request.query_params.multi_items():
        if name in found:
            problems.append(Problem(None, name, "query.twice", {"field": name}))
        if "\0" in value or "\0" in name:
            problems.append(Problem(None, name, "field.control"))
        if known is not None and name not in known:
            problems.append(Problem(None, name, "query.unknown"))
        found[name] = value
    if problems:
        raise BadRequest("query.invalid", problems)
    return found


def wanted(caller: Caller, place: Place) -> Wanted:
    """What a list of records asks for. Raises BadRequest (query.invalid) with every fault."""
    given, faults = single(caller), Faults()
    entity = caller.entity
    conditions = [
        condition
        for name, value in given.items()
        if name not in OPTIONS
        for condition in faults.noting(name, lambda name=name, value=value: [filtered(caller, name, value)])
    ]
    sort = faults.noting("sort", lambda: sorting(caller, entity, given.get("sort")))
    moment = faults.noting("as_of", lambda: [moment_of(caller, given)])
    conditions += faults.noting("standing", lambda: standing(caller, given))
    found = Wanted(
        where=conditions,
        search=faults.one("q", lambda: text(given.get("q"))),
        sort=sort,
        fields=read(caller, entity, words(given.get("fields"))),
        archived=faults.one("archived", lambda: archived(given.get("archived"))),
        after=place.after,
        offset=place.offset,
        limit=faults.one("limit", lambda: limit(given.get("limit"))) or DEFAULT_LIMIT,
        moment=moment[0] if moment else None,
    )
    faults.tell()
    return found


class Faults:
    """What is wrong with the parameters of one request."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def noting(self, name: str, read: Any) -> list[Any]:
        """What `read` gives; nothing where it finds a fault."""
        try:
            return list(read())
        except values.Unfit as wrong:
            about = wrong.about or name.partition("__")[0]
            self.problems.append(Problem(None, name, str(wrong), {"field": about}))
            return []

    def one(self, name: str, read: Any) -> Any:
        """What `read` gives; None where it finds a fault."""
        found = self.noting(name, lambda: [read()])
        return found[0] if found else None

    def tell(self) -> None:
        """Raises BadRequest with all of them."""
        if self.problems:
            raise BadRequest("query.invalid", self.problems)


def filtered(caller: Caller, name: str, value: str) -> Condition:
    """One filter. Raises Unfit."""
    bare, _, suffix = name.rpartition("__")
    operator = SUFFIXES.get(suffix) if bare else None
    field = visible(caller, bare if operator else name)
    operator = operator or Operator.EQ
    if field.encrypted and operator not in HASHED:
        raise values.Unfit("field.not_comparable")
    if operator not in OPERATORS[field.kind]:
        raise values.Unfit("query.operator")
    if operator is Operator.NULL:
        return Condition(field.name, operator, truth(value))
    if operator is Operator.IN:
        parts = value.split(",")
        if len(parts) > MOST_LISTED:
            raise values.Unfit("query.too_many")
        return Condition(field.name, operator, [from_text(field, part) for part in parts])
    if field.kind is Kind.TAGS:
        return Condition(
            field.name, Operator.LIKE, json.dumps(value, ensure_ascii=False) if operator is Operator.EQ else value
        )
    return Condition(field.name, operator, value if operator is Operator.LIKE else from_text(field, value))


def standing(caller: Caller, given: Mapping[str, str]) -> list[Condition]:
    """What holds for the records that stand so today, or on the past day that is asked for. Raises Unfit."""
    word, entity = given.get("standing"), caller.entity.name
    if word is None:
        return []
    if word not in standings.STANDINGS.get(entity, {}):
        raise values.Unfit("field.choice")
    for name in standings.fields_of(entity, word):
        visible(caller, name)
    return standings.conditions(entity, word, day_of(caller, given))


def day_of(caller: Caller, given: Mapping[str, str]) -> dt.date:
    """The day that records are seen on: today, or the past one that is asked for. Raises Unfit."""
    as_of = given.get("as_of")
    return values.day(SYSTEM["id"], as_of) if as_of else caller.store.company.today()


def read(caller: Caller, entity: Entity, fields: list[str] | None) -> list[str] | None:
    """The fields to read for those that an answer is to hold; how a record stands follows from others."""
    if fields is None or standings.STANDING not in fields or entity.name not in standings.STANDINGS:
        return fields
    scope, words = scope_of(caller.actor, entity), sorted(standings.told_by(entity.name))
    seen = [name for name in words if scope.best(entity.by_name[name]) is not Visibility.HIDDEN]
    return [name for name in fields if name != standings.STANDING] + seen


def visible(caller: Caller, name: str) -> Field:
    """A field that some record shows the caller in clear, or a system column. Raises Unfit (field.unknown)."""
    if name in SYSTEM:
        return SYSTEM[name]
    field = caller.entity.by_name.get(name)
    if field is None or scope_of(caller.actor, caller.entity).best(field) is not Visibility.CLEAR:
        raise values.Unfit("field.unknown", name)
    return field


def from_text(field: Field, value: str) -> Any:
    """A value in an address in the type of its field. Raises Unfit."""
    match field.kind:
        case Kind.INTEGER:
            return whole(value)
        case Kind.FLAG:
            return truth(value)
        case Kind.INSTANT:
            return values.instant(field, value.replace(" ", "+"))  # a plus that was not escaped
        case Kind.NUMBER | Kind.MONEY | Kind.PRICE | Kind.SHARE:
            return comparable(field, value)
        case _:
            return values.parsed(field, value)


def comparable(field: Field, value: str) -> Decimal:
    """A number to compare with. Raises Unfit."""
    found = values.decimal(field, value)
    assert isinstance(found, Decimal)
    return found


def whole(value: str) -> int:
    """A whole number. Raises Unfit."""
    bare = value.removeprefix("-")
    if not (bare.isascii() and bare.isdigit()) or len(bare) > len(str(values.WHOLE)) or int(bare) > values.WHOLE:
        raise values.Unfit("field.type")
    return int(value)


def truth(value: str) -> bool:
    """true or false. Raises Unfit."""
    if value not in ("true", "false"):
        raise values.Unfit("field.type")
    return value == "true"


def text(value: str | None) -> str | None:
    """A search, not empty. Raises Unfit."""
    if value is None:
        return None
    if not value.strip() or len(value) > LONGEST:
        raise values.Unfit("query.search")
    return value.strip()


def sorting(caller: Caller, entity: Entity, value: str | None) -> list[Sort]:
    """The order: names, a minus in front of what descends. Raises Unfit."""
    found = []
    for word in words(value) or ():
        field = visible(caller, word.removeprefix("-"))
        if field.encrypted:
            raise values.Unfit("field.not_comparable", field.name)
        if Operator.LT not in OPERATORS[field.kind] and field.kind not in (Kind.CHOICE, Kind.REFERENCE, Kind.FLAG):
            raise values.Unfit("query.operator")
        found.append(Sort(field.name, descending=word.startswith("-")))
    if len(found) > MOST_SORTED or len({item.field for item in found}) < len(found):
        raise values.Unfit("query.too_many")
    return found


def words(value: str | None) -> list[str] | None:
    """Names separated by commas."""
    return None if value is None else [word for word in value.split(",") if word]


def archived(value: str | None) -> bool | None:
    """Which records: live ones (false), only archived ones (only), or both (true). Raises Unfit."""
    known: dict[str | None, bool | None] = {None: False, "false": False, "true": None, "only": True}
    if value not in known:
        raise values.Unfit("query.archived")
    return known[value]


def limit(value: str | None) -> int:
    """How many. Raises Unfit."""
    found = DEFAULT_LIMIT if value is None else whole(value)
    if not 1 <= found <= MOST:
        raise values.Unfit("query.limit")
    return found


def moment_of(caller: Caller, given: Mapping[str, str]) -> Moment | None:
    """The past day that is asked for. Raises Unfit."""
    as_of, known_at = given.get("as_of"), given.get("known_at")
    if as_of is None and known_at is None:
        return None
    zone = caller.store.company.zone
    happened = None if as_of is None else end_of_day(values.day(SYSTEM["id"], as_of), zone)
    return Moment(happened, None if known_at is None else known(known_at, zone))


def known(value: str, zone: str) -> dt.datetime:
    """An instant, or the end of a day. Raises Unfit."""
    if values.DAY.fullmatch(value):
        return end_of_day(values.day(SYSTEM["id"], value), zone)
    return values.instant(None, value.replace(" ", "+"))


def end_of_day(day: dt.date, zone: str) -> dt.datetime:
    """The last moment of a business day, naive UTC. Raises Unfit for a day at the end of time."""
    try:
        return listing.end_of_day(day, zone)
    except OverflowError:
        raise values.Unfit("field.type") from None
