"""Import maps: a small TOML language that says how files become records. The shipped ones stand in data/presets.

```toml
name = "shop"                       # what the import is called; also the source that ids of the files belong to
currency = "USD"                    # of amounts without a currency of their own
effective_from = 2020-01-01         # since when records count that have no day of their own
decimal = ","                       # the decimal sign of all numbers, where a file leaves it open
empty = ["Select", "n/a"]           # texts that mean: nothing

[dates]                             # formats of columns, where a file leaves them open: ymd dmy mdy yyyymmdd excel …
order_date = "dmy"

[aliases.product]                   # other names of a record, known to every reference and kept with the record
GTXPro = "GTX Pro"

[[record]]                          # in the order in which records are to be made
entity = "team"
file = "sales_teams*.csv"           # a name or pattern, or several; `sheet = "…"` for one sheet of a workbook
distinct = true                     # one record per distinct combination of the columns used
fields.name = "manager"             # a field takes the text of a column …
fields.region_id = "region"         # … and a reference looks it up: by id of the source, natural key, alias, number

[[record]]
entity = "customer"
file = ["accounts.csv", "accounts_2*.csv"]
id = "account_id"                   # what the record is called in the source; makes a second import an update
join = [{ file = "cities.csv", on = { city = "code" } }]             # adds columns, called "cities.name" …
[record.fields]
name = { column = ["account", "account_id"] }                        # the first that is filled
address = { text = "{cities.name}[, {street}]" }  # a template; a part in brackets stands where its columns are filled
industry_id = { column = "sector", values = { tec = "technology" }, create = true }  # value → value; made when missing
annual_revenue = { column = "revenue", times = 1_000_000 }

[[record]]
entity = "deal"
file = "deals.csv"
id = "deal_id"
when = { kind = ["sale", "rent"], owner = true }  # rows in which a column has one of these texts, or any (false: none)
[record.fields]
name = "title"
customer_id = "account_id"
currency = { value = "EUR" }                                         # a constant
created_on = { column = "opened", otherwise = 2020-12-31, keep = true }  # what stands in for nothing; stated only once
amount = { column = "value", when = { stage = "open" } }             # only in these rows

[[record.steps]]                    # what happened to the record afterwards, in order
verb = "lose"
when = { stage = "lost" }
at = "closed"                       # the day it took effect; default: the first day that the step states
fields.closed_on = "closed"
fields.lost_reason_id = { value = "unknown", within = { list = "lost_reason" } }  # among records with this value only

[[record]]
entity = "target"
file = "quotas.csv"
[record.fields]
level = { value = "person" }
person_id = "who"
starts_on = "from"
ends_on = { following = "from", per = "who", otherwise = 2014-07-01 }  # the next value of the same person
amount = "quota"
```

Further words: `existing = "keep"` leaves records alone that are there already. `rows = [{ code = "a" }]` instead of
`file` gives the rows in the map itself; their columns fill the fields of the same name. `at = "column"` says when
records came to be that have no day of their own. `format = "dmy"` and `unit = "percent"` say how one column is written.
`optional = true` says that a file may lack a column. `find = ["name"]` limits a look-up to these fields;
`create = { roles = ["rep"] }` gives what else a made record needs.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Entity, Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Refused
from etl.ingest.days import FORMATS

PRESETS = Path(__file__).resolve().parents[2] / "data" / "presets"

Text = str | tuple[str, ...]
Condition = dict[str, str | bool | tuple[str, ...]]
Constant = bool | int | Decimal | date | str | tuple[str, ...]
DateFormat = Literal["ymd", "dmy", "mdy", "yyyymmdd", "d-month-y", "month-d-y", "excel"]


class Part(BaseModel):
    """A piece of a map: unknown words are refused, because they are slips of the pen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Take(Part):
    """Where the value of a field comes from; see the module's text."""

    column: Text | None = None
    text: str | None = None
    value: Constant | None = None
    following: str | None = None
    per: Text = ()
    values: dict[str, str] = {}
    when: Condition = {}
    otherwise: Constant | None = None
    times: Decimal | None = None
    format: DateFormat | None = None
    unit: Literal["percent"] | None = None
    find: tuple[str, ...] = ()
    within: dict[str, str] = {}
    create: bool | dict[str, Any] = False
    keep: bool = False
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def short(cls, given: Any) -> Any:
        """A bare text is a column, several are columns of which the first that is filled counts."""
        return {"column": given} if isinstance(given, str | list) else given

    @model_validator(mode="after")
    def one_origin(self) -> Self:
        """A value comes from exactly one place; `otherwise` alone is none."""
        origins = [name for name in ("column", "text", "value", "following") if getattr(self, name) is not None]
        if len(origins) != 1:
            raise ValueError("a field needs exactly one of column, text, value, following")
        return self

    @property
    def key(self) -> str:
        """What the column is called in formats and questions."""
        return " / ".join(listed(self.column or self.following or self.text or ""))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, without those of its condition."""
        named = (self.column,) if isinstance(self.column, str) else self.column or ()
        return (
            *named,
            *template_names(self.text or ""),
            *((self.following, *listed(self.per)) if self.following else ()),
        )


class Step(Part):
    """One verb of the life of a record."""

    verb: str
    when: Condition = {}
    at: Take | None = None
    fields: dict[str, Take] = {}


class Join(Part):
    """Columns of another file, called `file.column` after its name without ending; on: own column → column there."""

    file: str
    on: dict[str, str]


class Record(Part):
    """How rows of a file become records of one entity."""

    entity: str
    file: Text = ()
    sheet: str | None = None
    rows: tuple[dict[str, Constant], ...] = ()
    id: Take | None = None
    distinct: bool = False
    when: Condition = {}
    join: tuple[Join, ...] = ()
    existing: Literal["update", "keep"] = "update"
    at: Take | None = None
    fields: dict[str, Take] = {}
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def sound(self) -> Self:
        """Entity, fields and verbs exist; the rows come from somewhere."""
        entity = RECORDS.get(self.entity)
        if entity is None:
            raise ValueError(f"no entity {self.entity}")
        if bool(self.file) == bool(self.rows):
            raise ValueError("needs either file or rows")
        cycle = LIFECYCLES.get(self.entity)
        for step in self.steps:
            if cycle is None or cycle.verb(step.verb) is None:
                raise ValueError(f"no verb {step.verb} of {self.entity}")
        for name, take in self.every_field():
            check_field(entity, name, take)
        return self

    def every_field(self) -> Iterator[tuple[str, Take]]:
        """The fields of the record and of its steps."""
        yield from self.fields.items()
        for step in self.steps:
            yield from step.fields.items()

    def takes(self) -> Iterator[Take]:
        """Everything that reads columns."""
        yield from (take for _, take in self.every_field())
        yield from (take for take in (self.id, self.at, *(step.at for step in self.steps)) if take is not None)

    def reads(self, file: str) -> bool:
        """Whether the rows come from a file of this name."""
        return any(fnmatch.fnmatchcase(file.casefold(), pattern.casefold()) for pattern in listed(self.file))

    def joins(self, file: str) -> bool:
        """Whether columns of a file of this name are added."""
        return any(join.file.casefold() == file.casefold() for join in self.join)


class Plan(Part):
    """A whole import."""

    name: str = Field(max_length=80)
    source: str | None = None
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    effective_from: date | None = None
    decimal: Literal[".", ","] | None = None
    empty: tuple[str, ...] = ()
    dates: dict[str, DateFormat] = {}
    aliases: dict[str, dict[str, str]] = {}
    record: tuple[Record, ...]

    @property
    def origin(self) -> str:
        """The source that ids of the files belong to."""
        return self.source or self.name

    def answered(self, answers: Mapping[str, str]) -> Plan:
        """The plan with what a person said to its questions: column → date format, and `decimal` → sign."""
        decimal = answers.get("decimal", self.decimal)
        days = {column: word for column, word in answers.items() if column != "decimal"}
        if unknown := [word for word in days.values() if word not in FORMATS]:
            raise Refused("map.date_format", format=unknown[0], formats=list(FORMATS))
        return Plan.model_validate(
            self.model_dump(exclude_unset=True) | {"dates": self.dates | days, "decimal": decimal}
        )


def check_field(entity: Entity, name: str, take: Take) -> None:
    """Whether a field exists and its look-up names fields of the entity it points at."""
    field = entity.by_name.get(name)
    if field is None:
        raise ValueError(f"no field {name} of {entity.name}")
    target = RECORDS.get(field.to or "")
    if (take.create or take.find or take.within) and target is None:
        raise ValueError(f"{name} is no reference")
    more = take.create if isinstance(take.create, dict) else {}
    unknown = [word for word in (*take.find, *take.within, *more) if target and word not in target.by_name]
    if unknown:
        raise ValueError(f"no field {unknown[0]} of {target.name if target else name}")
    if take.times is not None and field.kind not in (Kind.MONEY, Kind.NUMBER, Kind.PRICE, Kind.INTEGER, Kind.SHARE):
        raise ValueError(f"{name} is no number")


def listed(text: Text) -> tuple[str, ...]:
    """One text or several, as several."""
    return (text,) if isinstance(text, str) else tuple(text)


def template_names(text: str) -> tuple[str, ...]:
    """The columns named in a template."""
    return tuple(part.partition("}")[0] for part in text.split("{")[1:])


def load_plan(text: str, name: str) -> Plan:
    """A map from its TOML text. Raises Refused (map.syntax, map.invalid) with the place and the problem."""
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as problem:
        raise Refused("map.syntax", map=name, problem=str(problem)) from None
    try:
        return Plan.model_validate({"name": name, **given})
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused("map.invalid", map=name, place=place, problem=first["msg"]) from None


def preset(name: str, folder: Path = PRESETS) -> Plan:
    """A shipped map by its name. Raises Refused (map.unknown)."""
    known = preset_names(folder)
    if name not in known:
        raise Refused("map.unknown", map=name, maps=known)
    return load_plan((folder / f"{name}.toml").read_text(encoding="utf-8"), name)


def preset_names(folder: Path = PRESETS) -> list[str]:
    """The shipped maps."""
    return sorted(file.stem for file in folder.glob("*.toml"))
