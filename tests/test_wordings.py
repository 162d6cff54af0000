"""Amounts in words, placeholders and differences, held against examples worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain.differences import differences
from dashboard.domain.spelled import amount_in_words
from dashboard.domain.wordings import PLACEHOLDERS, filled, hash_of, wording
from dashboard.i18n import LANGUAGES, has

PARTIES = {"customer": {"name": "A"}, "company": {"name": "B"}}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("1005", "壹仟零伍元整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("0.5", "伍角整"),
        ("0.05", "伍分"),
        ("20000000", "贰仟万元整"),
        ("100000001", "壹亿零壹元整"),
        ("10010000.30", "壹仟零壹万元叁角整"),
        ("50000500", "伍仟万零伍佰元整"),
        ("1000000000000", "壹万亿元整"),
        ("0.005", "壹分"),
    ],
)
def test_an_amount_in_the_characters_of_bills(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), "CNY", "zh") == f"人民币{words}"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zero and 00/100"),
        ("21.4", "twenty-one and 40/100"),
        ("115", "one hundred fifteen and 00/100"),
        ("1234567.89", "one million two hundred thirty-four thousand five hundred sixty-seven and 89/100"),
    ],
)
def test_an_amount_in_english(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), "USD", "en") == f"USD {words}"
    assert amount_in_words(Decimal(1), "CHF", "zh") == "CHF 壹元整"


def test_a_value_is_never_filled_again() -> None:
    blocks, empty, unknown = filled("{{customer.name}}", {"customer.name": "{{company.name}}"})
    assert (blocks, empty, unknown) == ([{"text": "{{company.name}}"}], [], [])


def test_every_placeholder_has_a_name_in_both_languages() -> None:
    assert LANGUAGES
    assert [name for name in PLACEHOLDERS if not has(f"placeholder.{name}")] == []


def said(*clauses: tuple[str, str], body: str = "") -> dict[str, object]:
    """A wording with these clauses."""
    row = {"body": body, "language": "zh", "name": "N", "number": "C-1"}
    return wording(row, [{"title": title, "body": text} for title, text in clauses], {}, [], PARTIES)


def test_clauses_that_came_went_and_changed_are_told_apart() -> None:
    before = said(("价款", "总价一百元。"), ("保密", "三年。"))
    after = said(("价款", "总价二百元。"), ("争议", "法院。"))
    found = {one.title: one for one in differences(before, after)}
    assert {title: one.change for title, one in found.items()} == {
        "@head": "same",
        "价款": "changed",
        "保密": "removed",
        "争议": "added",
    }
    assert [tuple(piece) for piece in found["价款"].pieces] == [
        ("same", "总价"),
        ("removed", "一"),
        ("added", "二"),
        ("same", "百元。"),
    ]


def test_the_same_wording_has_the_same_hash_and_another_has_another() -> None:
    assert hash_of(said(("a", "b"))) == hash_of(said(("a", "b")))
    assert hash_of(said(("a", "b"))) != hash_of(said(("a", "c")))
