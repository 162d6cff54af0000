"""The words a declaration is written in: field kinds, sensitivity, fields and entities."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a value is. Storage type, input, column format, REST schema and import parser follow from it."""

    TEXT = "text"  # one line
    NOTE = "note"  # many lines
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    INTEGER = "integer"
    NUMBER = "number"  # DECIMAL(18,6), unit in Field.unit
    MONEY = "money"  # DECIMAL(18,4), in the record's currency unless Field.unit is "base"
    PRICE = "price"  # DECIMAL(18,6), per unit of a product
    SHARE = "share"  # DECIMAL(9,6), 0 to 1
    DATE = "date"  # a business day in the company zone
    INSTANT = "instant"  # a naive UTC timestamp
    FLAG = "flag"
    CHOICE = "choice"  # one of Field.choices
    TAGS = "tags"  # a JSON list of short texts; of Field.choices when given
    JSON = "json"
    REFERENCE = "reference"  # the id of a record of Field.to
    BINARY = "binary"


SQL_TYPES: dict[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.NOTE: "VARCHAR",
    Kind.EMAIL: "VARCHAR",
    Kind.PHONE: "VARCHAR",
    Kind.URL: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DECIMAL(18,6)",
    Kind.MONEY: "DECIMAL(18,4)",
    Kind.PRICE: "DECIMAL(18,6)",
    Kind.SHARE: "DECIMAL(9,6)",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMP",
    Kind.FLAG: "BOOLEAN",
    Kind.CHOICE: "VARCHAR",
    Kind.TAGS: "VARCHAR",
    Kind.JSON: "VARCHAR",
    Kind.REFERENCE: "VARCHAR",
    Kind.BINARY: "BYTEA",
}


class Sensitivity(StrEnum):
    """How a value is kept and shown: clear; masked on screens for some; encrypted in the store and masked."""

    CLEAR = "clear"
    MASKED = "masked"
    ENCRYPTED = "encrypted"


class Group(StrEnum):
    """The field groups that a grant can hide or mask."""

    BASIC = "basic"
    MONEY = "money"
    PERSONAL = "personal"
    FILE = "file"


class Field(BaseModel):
    """One typed value of an entity. Labels stand in data/locales as `field.<entity>.<name>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    required: bool = False
    by_verb: bool = False  # only verbs and the store set it; a form or a PATCH may not
    at_creation: bool = False  # of those: a new record may bring it
    to: str | None = None
    list: str | None = None  # of the lists of words to choose from: the one that the record pointed at must belong to
    choices: tuple[str, ...] = ()
    unit: str | None = None  # hours, days, percent, base (company currency) …
    default: str | int | bool | None = None
    sensitivity: Sensitivity = Sensitivity.CLEAR
    money: bool = False  # hidden with the amounts although not of a money kind
    file: bool = False  # hidden with the files
    unique: bool = False
    low: float | None = None
    high: float | None = None
    max_length: int | None = None
    searchable: bool = False

    @property
    def group(self) -> Group:
        """The field group a grant speaks of."""
        if self.sensitivity is not Sensitivity.CLEAR:
            return Group.PERSONAL
        if self.file:
            return Group.FILE
        if self.money or self.kind in (Kind.MONEY, Kind.PRICE):
            return Group.MONEY
        return Group.BASIC

    @property
    def is_year(self) -> bool:
        """Whether a whole number is a year, which is never written with separators."""
        return self.kind is Kind.INTEGER and self.name.endswith("_year")

    @property
    def encrypted(self) -> bool:
        """Whether the store holds cipher text and keyed hashes instead of the value."""
        return self.sensitivity is Sensitivity.ENCRYPTED

    @property
    def limit(self) -> int | None:
        """The longest text allowed, in characters."""
        if self.max_length is not None:
            return self.max_length
        return TEXT_LIMITS.get(self.kind)


TEXT_LIMITS: dict[Kind, int] = {
    Kind.TEXT: 200,
    Kind.NOTE: 20_000,
    Kind.EMAIL: 254,
    Kind.PHONE: 40,
    Kind.URL: 2_000,
    Kind.TAGS: 4_000,
    Kind.JSON: 100_000,
}


class Column(BaseModel):
    """One storage column that follows from a declaration."""

    model_config = ConfigDict(frozen=True)

    name: str
    sql_type: str
    nullable: bool = True


class Entity(BaseModel):
    """One kind of record. The table is `plural`, its revision log `plural_history`."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: str
    plural: str
    fields: tuple[Field, ...]
    number: str | None = None  # prefix of the number for people, like C in C-2026-00042
    title: str | None = None  # the field that names a record to a person
    natural_keys: tuple[tuple[str, ...], ...] = ()  # what identifies a record in another system's file
    unique_together: tuple[tuple[str, ...], ...] = ()
    subject: str | None = None  # whose data key encrypts: "id" (the record itself) or a reference field
    customisable: bool = False  # has the JSON column `custom`
    log: bool = False  # append-only rows of the machine itself: no form, no import

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.all_fields}

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """The declared fields, and `custom` where the entity is customisable."""
        custom = (Field(name="custom", kind=Kind.JSON),) if self.customisable else ()
        return self.fields + custom

    @property
    def history(self) -> str:
        """The name of the revision log's table."""
        return f"{self.plural}_history"

    @cached_property
    def value_columns(self) -> tuple[Column, ...]:
        """The columns that hold the record's values: shared by the table and its history."""
        system = SYSTEM_COLUMNS[:1] if self.log else SYSTEM_COLUMNS
        return system + tuple(column for field in self.all_fields for column in columns_of(field))

    @cached_property
    def history_columns(self) -> tuple[Column, ...]:
        """The columns of the revision log: the record after the change, then what the change was."""
        return tuple(c.model_copy(update={"nullable": True}) for c in self.value_columns) + HISTORY_COLUMNS

    @cached_property
    def settable(self) -> tuple[Field, ...]:
        """The fields that a form, a REST body or an import may set."""
        return tuple(field for field in self.all_fields if not field.by_verb or field.at_creation)

    def references(self, entity: str) -> tuple[Field, ...]:
        """The fields that point at records of `entity`."""
        return tuple(field for field in self.all_fields if field.to == entity)


def columns_of(field: Field) -> tuple[Column, ...]:
    """The storage columns of a field: cipher text and a keyed hash where it is encrypted, and of a phone its tail."""
    if not field.encrypted:
        return (Column(name=field.name, sql_type=SQL_TYPES[field.kind]),)
    hashes = ("hash", "tail") if field.kind is Kind.PHONE else ("hash",)
    return (
        Column(name=field.name, sql_type="BYTEA"),
        *(Column(name=f"{field.name}_{part}", sql_type="VARCHAR") for part in hashes),
    )


SYSTEM_COLUMNS: tuple[Column, ...] = (
    Column(name="id", sql_type="VARCHAR", nullable=False),
    Column(name="version", sql_type="BIGINT", nullable=False),
    Column(name="revision", sql_type="BIGINT", nullable=False),
    Column(name="number", sql_type="VARCHAR"),
    Column(name="source", sql_type="VARCHAR"),
    Column(name="external_id", sql_type="VARCHAR"),
    Column(name="created_at", sql_type="TIMESTAMP", nullable=False),
    Column(name="updated_at", sql_type="TIMESTAMP", nullable=False),
    Column(name="archived_at", sql_type="TIMESTAMP"),
    Column(name="merged_into", sql_type="VARCHAR"),
)
"""On every table: identity, optimistic version, the change-set that wrote it, and where it came from."""

HISTORY_COLUMNS: tuple[Column, ...] = (
    Column(name="effective_at", sql_type="TIMESTAMP", nullable=False),
    Column(name="recorded_at", sql_type="TIMESTAMP", nullable=False),
    Column(name="actor_id", sql_type="VARCHAR", nullable=False),
    Column(name="verb", sql_type="VARCHAR", nullable=False),
    Column(name="why", sql_type="VARCHAR"),
    Column(name="changed", sql_type="VARCHAR", nullable=False),
)
"""Only in histories: when it happened, when the system learned it, who, how, why, and which fields it states."""
