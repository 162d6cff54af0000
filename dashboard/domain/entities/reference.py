"""What the department sells and the lists it classifies by."""

from dashboard.domain import gates
from dashboard.domain.declare import (
    choice,
    currency,
    day,
    flag,
    integer,
    number,
    price,
    ref,
    share,
    tags,
    text,
)
from dashboard.domain.fields import Entity, Field


def labels() -> tuple[Field, Field]:
    """What an administrator calls a reference row, in both languages."""
    return (
        text("label_zh", required=True, max_length=80, searchable=True),
        text("label_en", required=True, max_length=80, searchable=True),
    )


PRODUCT = Entity(
    name="product",
    plural="products",
    title="name",
    natural_keys=(("code",), ("name",), ("aliases",)),
    customisable=True,
    fields=(
        text("name", required=True, searchable=True),
        text("code", max_length=64, unique=True),
        text("family"),
        text("unit_label", max_length=20),
        price("list_price"),
        currency(),
        tags("aliases"),
        flag("active", default=True),
    ),
)

STAGE = Entity(
    name="stage",
    plural="stages",
    title="label_en",
    natural_keys=(("code",), ("label_en",), ("label_zh",)),
    fields=(
        text("code", required=True, max_length=64, unique=True),
        *labels(),
        choice("type", "open", "won", "lost", required=True),
        integer("rank", low=0),
        share("probability"),
        tags("required_fields", *gates.FIELDS),
        tags("required_evidence", *gates.EVIDENCE),
        flag("may_go_back", default=True),
        integer("stale_days", unit="days", low=1),
        flag("active", default=True),
    ),
)

LIST_VALUE = Entity(
    name="list_value",
    plural="list_values",
    title="label_en",
    natural_keys=(("list", "code"), ("list", "label_en"), ("list", "label_zh")),
    unique_together=(("list", "code"),),
    fields=(
        choice("list", "lost_reason", "lead_reason", "source", "need", "competitor", "return_reason", required=True),
        text("code", required=True, max_length=64),
        *labels(),
        integer("rank", low=0),
        flag("counts", default=True),  # a lost reason that does not count stays out of the win rate
        flag("needs_note"),
        flag("active", default=True),
    ),
)

TAG_LISTS: dict[str, str] = {"need_tags": "need"}
"""By field of tags: the list whose codes it holds."""

INDUSTRY = Entity(
    name="industry",
    plural="industries",
    title="label_en",
    natural_keys=(("code",), ("label_en",), ("label_zh",)),
    fields=(text("code", required=True, max_length=64, unique=True), *labels(), ref("parent_id", "industry")),
)

REGION = Entity(
    name="region",
    plural="regions",
    title="label_en",
    natural_keys=(("code",), ("label_en",), ("label_zh",)),
    fields=(text("code", required=True, max_length=64, unique=True), *labels(), ref("parent_id", "region")),
)

EXCHANGE_RATE = Entity(
    name="exchange_rate",
    plural="exchange_rates",
    natural_keys=(("currency", "valid_on"),),
    unique_together=(("currency", "valid_on"),),
    fields=(
        currency(required=True),
        day("valid_on", required=True),
        number("rate", required=True, low=0, unit="base per unit"),
    ),
)

CALENDAR_DAY = Entity(
    name="calendar_day",
    plural="calendar_days",
    title="day",
    natural_keys=(("day",),),
    fields=(
        day("day", required=True, unique=True),
        flag("working", required=True),
        text("label"),
        flag("provisional"),
    ),
)

ENTITIES = (PRODUCT, STAGE, LIST_VALUE, INDUSTRY, REGION, EXCHANGE_RATE, CALENDAR_DAY)
