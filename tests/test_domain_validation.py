"""One set of rules judges every frame of values, one row or a million."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard.domain.casting import DTYPES
from dashboard.domain.entities import ENTITIES
from dashboard.domain.validation import FACTS, PROBLEMS, SEQUENCES, cast, check

TODAY = date(2026, 11, 23)


def problems(
    entity: str, columns: Mapping[str, Sequence[object]], create: bool = True, today: date | None = TODAY
) -> list[tuple[object, ...]]:
    """The problems of a frame as tuples (row, field, code)."""
    return check(ENTITIES[entity], pl.DataFrame(columns), create=create, today=today).rows()


def test_a_complete_record_has_no_problem() -> None:
    found = check(
        ENTITIES["deal"], pl.DataFrame({"name": ["A"], "created_on": [date(2026, 1, 1)], "amount": [Decimal("1.5")]})
    )
    assert_frame_equal(found, pl.DataFrame(schema=PROBLEMS))


def test_a_new_record_needs_its_required_fields_even_without_a_column() -> None:
    assert problems("deal", {"name": ["A", None]}) == [
        (0, "created_on", "field.required"),
        (1, "name", "field.required"),
        (1, "created_on", "field.required"),
    ]


def test_a_change_is_judged_only_by_the_columns_it_has() -> None:
    assert problems("deal", {"amount": [1, 2]}, create=False) == []
    assert problems("deal", {"name": [None]}, create=False) == [(0, "name", "field.required")]


def test_a_required_text_may_not_be_blank() -> None:
    assert problems("team", {"name": [" ", "\u3000", "East"]}) == [
        (0, "name", "field.required"),
        (1, "name", "field.required"),
    ]


def test_a_field_with_a_default_may_be_left_out() -> None:
    assert problems("calendar_day", {"day": [TODAY]}) == []


@pytest.mark.parametrize(
    ("entity", "field", "value", "code"),
    [
        ("team", "name", "x" * 201, "field.too_long"),
        ("team", "name", "a\nb", "field.control"),
        ("team", "name", "a\x00b", "field.control"),
        ("deal", "close_note", "a\x00b", "field.control"),
        ("deal", "amount", "-0.01", "field.too_low"),
        ("deal", "amount", "many", "field.type"),
        ("deal", "amount", "100000000000000", "field.type"),
        ("deal", "probability", "1.01", "field.too_high"),
        ("deal", "currency", "usd", "field.currency"),
        ("deal", "currency", "USDX", "field.too_long"),
        ("deal", "forecast_category", "sure", "field.choice"),
        ("deal", "created_on", "31/12/2025", "field.type"),
        ("deal", "created_on", "2026-11-24", "field.future"),
        ("interaction", "happened_at", "2026-11-25T00:00:00", "field.future"),
        ("person", "roles", '["rep","boss"]', "field.choice"),
        ("person", "roles", "rep", "field.type"),
        ("person", "email", "somebody", "field.email"),
        ("person", "email", "a@b", "field.email"),
        ("person", "phone", "call me", "field.phone"),
        ("person", "weekly_capacity_hours", "169", "field.too_high"),
        ("customer", "website", "javascript:alert(1)", "field.url"),
        ("customer", "website", "file:///etc/passwd", "field.url"),
        ("customer", "employees", "12.5", "field.type"),
        ("customer", "custom", '{"a":', "field.json"),
        ("calendar_day", "working", "perhaps", "field.type"),
        ("interaction", "happened_at", "yesterday", "field.type"),
        ("deal", "owner_id", "x" * 41, "field.type"),
    ],
)
def test_a_value_that_does_not_fit_is_named(entity: str, field: str, value: str, code: str) -> None:
    assert (0, field, code) in problems(entity, {field: [value]}, create=False)


@pytest.mark.parametrize(
    ("entity", "field", "value"),
    [
        ("deal", "close_note", "two\nlines\tand a tab"),
        ("person", "email", "zhang.san+crm@例子.cn"),
        ("person", "phone", "+86 138-0013-8000 转 12"),
        ("person", "phone", "010-62345678"),
        ("customer", "website", "www.example.com/a?b=c"),
        ("customer", "website", "https://例子.中国:8443/"),
        ("customer", "custom", '{"a": [1, null]}'),
        ("customer", "custom", "null"),
        ("person", "roles", '["rep", "manager"]'),
        ("person", "roles", "[]"),
        ("deal", "amount", "99999999999999.9999"),
        ("deal", "probability", "1"),
        ("deal", "created_on", "2026-11-23"),
    ],
)
def test_a_value_that_fits_is_accepted(entity: str, field: str, value: str) -> None:
    assert problems(entity, {field: [value]}, create=False) == []


def test_a_wrong_type_is_not_also_called_missing() -> None:
    assert problems("calendar_day", {"day": ["soon"], "working": [True]}) == [(0, "day", "field.type")]


def test_a_deal_may_not_close_before_it_was_created() -> None:
    days = {"created_on": [date(2026, 2, 2)] * 2, "closed_on": [date(2026, 2, 1), date(2026, 2, 2)]}
    assert problems("deal", days, create=False) == [(0, "closed_on", "field.sequence")]


def test_a_target_period_has_at_least_one_day() -> None:
    days = {"starts_on": [date(2026, 1, 1)], "ends_on": [date(2026, 1, 1)]}
    assert problems("target", days, create=False) == [(0, "ends_on", "field.sequence")]


def test_a_moment_of_today_in_any_zone_is_not_the_future() -> None:
    late = pl.DataFrame({"happened_at": ["2026-11-24T11:59:00"]})  # the last minute of today west of the date line
    assert check(ENTITIES["interaction"], late, create=False, today=TODAY).is_empty()


def test_without_today_the_future_is_not_judged() -> None:
    assert problems("deal", {"created_on": [date(2999, 1, 1)]}, create=False, today=None) == []


def test_rows_keep_their_position_and_order() -> None:
    assert problems("deal", {"amount": [1, -1, 2, -2], "currency": ["CNY", "cny", "CNY", "CNY"]}, create=False) == [
        (1, "amount", "field.too_low"),
        (1, "currency", "field.currency"),
        (3, "amount", "field.too_low"),
    ]


def test_an_empty_frame_has_no_problems() -> None:
    assert check(ENTITIES["deal"], pl.DataFrame({"amount": []}, schema={"amount": pl.String})).height == 0


def test_a_column_of_nulls_fits_any_optional_field() -> None:
    for entity in ENTITIES.values():
        optional = {field.name: [None, None] for field in entity.all_fields if not field.required}
        assert check(entity, pl.DataFrame(optional), create=False).height == 0


def test_cast_gives_the_declared_types_and_leaves_unknown_columns_alone() -> None:
    frame = pl.DataFrame(
        {
            "id": ["1"],
            "amount": [1234.56789],
            "probability": ["0.5"],
            "created_on": ["2026-01-02"],
            "stage_since": ["2026-01-02 03:04:05"],
            "need_tags": ['["a"]'],
            "stage_rank": [2.0],
            "effective_at": [date(2026, 1, 2)],
            "other": [b"x"],
        }
    )
    row = cast(ENTITIES["deal"], frame).row(0, named=True)
    assert row == {
        "id": "1",
        "amount": Decimal("1234.5679"),
        "probability": Decimal("0.500000"),
        "created_on": date(2026, 1, 2),
        "stage_since": datetime(2026, 1, 2, 3, 4, 5),
        "need_tags": ["a"],
        "stage_rank": 2,
        "effective_at": datetime(2026, 1, 2),
        "other": b"x",
    }


@pytest.mark.parametrize(
    ("text", "money"), [("0.00005", "0.0001"), ("-0.00005", "-0.0001"), ("1.23445", "1.2345"), ("1.23455", "1.2346")]
)
def test_money_beyond_its_last_place_is_rounded_half_away_from_zero(text: str, money: str) -> None:
    frame = pl.DataFrame({"amount": [text]})
    assert cast(ENTITIES["deal"], frame)["amount"].to_list() == [Decimal(money)]


def test_every_kind_can_be_cast_from_every_plain_type() -> None:
    given = [
        pl.Series("v", ["x"]),
        pl.Series("v", [1]),
        pl.Series("v", [1.5]),
        pl.Series("v", [True]),
        pl.Series("v", [date(2026, 1, 1)]),
        pl.Series("v", [datetime(2026, 1, 1, 2)]),
        pl.Series("v", [["x"]]),
        pl.Series("v", [Decimal("1.5")]),
        pl.Series("v", [b"x"]),
        pl.Series("v", [None]),
    ]
    for entity in ENTITIES.values():
        for field in entity.all_fields:
            for series in given:
                done = cast(entity, series.alias(field.name).to_frame())
                assert done.schema[field.name] == DTYPES[field.kind]
                check(entity, series.alias(field.name).to_frame(), create=False, today=TODAY)


def test_the_rules_name_fields_that_exist() -> None:
    for name, pairs in SEQUENCES.items():
        assert {f for pair in pairs for f in (pair.first, pair.second)} <= ENTITIES[name].by_name.keys()
    for name, days in FACTS.items():
        assert all(ENTITIES[name].by_name[day].kind.value in ("date", "instant") for day in days)
