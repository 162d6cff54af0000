"""Both languages say the same, and write numbers, money and days in their own way."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import i18n
from dashboard.i18n import LANGUAGES, Language, MissingText, texts, translate

ZH: Language = "zh"
EN: Language = "en"
TODAY = dt.date(2026, 11, 23)


def test_both_languages_have_the_same_keys() -> None:
    assert i18n.keys(ZH) ^ i18n.keys(EN) == frozenset()
    assert "error.record.stale" in i18n.keys(ZH)


def test_both_languages_have_the_same_files() -> None:
    names = [{file.name for file in (i18n.FOLDER / language).iterdir()} for language in LANGUAGES]
    assert names[0] == names[1]


def test_a_text_has_the_same_placeholders_in_both_languages() -> None:
    different = [
        key
        for key in i18n.keys(ZH) & i18n.keys(EN)
        if i18n.placeholders(texts(ZH)[key]) != i18n.placeholders(texts(EN)[key])
    ]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_braces_hold_a_name_and_nothing_else(language: Language) -> None:
    odd = [key for key, text in texts(language).items() if re.search(r"[{}]", i18n.PLACEHOLDER.sub("", text))]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_ends_in_a_blank(language: Language) -> None:
    assert [key for key, text in texts(language).items() if not text or text != text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_keep_a_calm_voice(language: Language) -> None:
    loud = re.compile(r"[!!]|successful|成功地", re.IGNORECASE)
    assert [key for key, text in texts(language).items() if loud.search(text)] == []


def test_a_placeholder_takes_its_value() -> None:
    assert translate("error.keys.missing", EN, path="/srv/keyring.json").startswith("The key ring /srv/keyring.json")
    assert translate("error.record.invalid", ZH, n=12345) == "有 12,345 处内容无法接受。"


def test_a_value_may_be_called_key_or_language() -> None:
    assert translate("common.yes", EN, key=1, language=2) == "Yes"


def test_a_value_is_never_a_template() -> None:
    text = translate("error.verb.not_allowed", EN, verb="{state.__class__}", state="{allowed}", allowed="none")
    assert text.startswith("{state.__class__} is not possible in state {allowed}.")


def test_a_missing_text_is_an_error_here_and_the_key_in_service() -> None:
    with pytest.raises(MissingText, match=r"no zh text for 'no\.such\.key'"):
        translate("no.such.key", ZH)
    with pytest.warns(MissingText):
        assert translate("no.such.key", ZH) == "no.such.key"


@pytest.mark.parametrize(("n", "text"), [(0, "in 0 days"), (1, "in 1 day"), (2, "in 2 days"), (1_000, "in 1,000 days")])
def test_one_of_something_is_not_called_many(n: int, text: str) -> None:
    assert translate("common.in_days", EN, n=n) == text


def test_a_missing_value_is_an_error_here_and_its_placeholder_in_service() -> None:
    with pytest.raises(MissingText, match="needs values for"):
        translate("error.verb.unknown", EN)
    with pytest.warns(MissingText):
        assert translate("error.verb.unknown", EN) == "There is no action called {verb}."


def test_a_key_stands_in_one_file_only(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[common]\nyes = "Yes"\n')
    (tmp_path / "b.toml").write_text('[common]\nyes = "Yep"\n')
    with pytest.raises(ValueError, match=r"b\.toml: common\.yes"):
        i18n.read(tmp_path)


def test_a_text_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[common]\nyes = 1\n")
    with pytest.raises(ValueError, match=r"common\.yes must be one text"):
        i18n.read(tmp_path)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW", "zh"),
        ("zh_CN", "en"),  # not a language tag
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR, fr;q=0.9, zh;q=0.2, en;q=0.1", "zh"),
        ("en;q=0.5, zh;q=0.7", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=high", "en"),
        ("de, *;q=0.5", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_first_visit_follows_the_browser(header: str | None, language: Language) -> None:
    assert i18n.negotiate(header) == language


@given(st.text())
def test_no_header_breaks_the_first_visit(header: str) -> None:
    assert i18n.negotiate(header) in LANGUAGES


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("12345678", "¥1234.6万", "CN¥12.3M"),
        ("123456789012", "¥1234.6亿", "CN¥123.5B"),
        ("99999999", "¥1亿", "CN¥100M"),  # 10000万 is never written
        ("999960", "¥100万", "CN¥1M"),
        ("12345", "¥1.2万", "CN¥12.3K"),
        ("9999", "¥9999", "CN¥10K"),
        ("-12345678", "-¥1234.6万", "-CN¥12.3M"),
        ("0", "¥0", "CN¥0"),
    ],
)
def test_compact_money_counts_in_wan_and_yi_or_in_thousands_and_millions(amount: str, zh: str, en: str) -> None:
    assert i18n.compact_money(Decimal(amount), ZH, "CNY") == zh
    assert i18n.compact_money(Decimal(amount), EN, "CNY") == en


def test_money_is_written_to_the_cent() -> None:
    assert i18n.money(Decimal("1234567.5"), ZH, "CNY") == "¥1,234,567.50"
    assert i18n.money(Decimal("1234567.5"), EN, "CNY") == "CN¥1,234,567.50"
    assert i18n.money(Decimal("-0.5"), EN, "USD") == "-$0.50"


def test_numbers() -> None:
    assert i18n.number(1234567, ZH) == "1,234,567"
    assert i18n.number(Decimal("1234.5678"), EN) == "1,234.568"
    assert i18n.number(0.1, EN, decimals=2) == "0.10"
    assert i18n.number(1234.5, ZH, decimals=0) == "1,234"
    assert i18n.compact_number(23456, ZH) == "2.3万"
    assert i18n.compact_number(23456, EN) == "23.5K"


def test_a_percentage_has_one_decimal() -> None:
    assert i18n.percent(0.1234, ZH) == "12.3%"
    assert i18n.percent(Decimal(1), EN) == "100.0%"


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        (0, "今天", "today"),
        (1, "明天", "tomorrow"),
        (-1, "昨天", "yesterday"),
        (3, "3天后", "in 3 days"),
        (-7, "7天前", "7 days ago"),
        (8, "2026年12月1日", "Dec 1, 2026"),
        (-8, "2026年11月15日", "Nov 15, 2026"),
    ],
)
def test_a_day_near_today_is_said_and_a_far_one_is_written(days: int, zh: str, en: str) -> None:
    assert i18n.near_day(TODAY + dt.timedelta(days=days), TODAY, ZH) == zh
    assert i18n.near_day(TODAY + dt.timedelta(days=days), TODAY, EN) == en


def test_an_instant_is_shown_in_the_company_zone() -> None:
    late = dt.datetime(2026, 11, 22, 17, 2)
    assert i18n.instant(late, ZH, "Asia/Shanghai") == "2026年11月23日 01:02"
    assert i18n.instant(late, EN, "America/New_York") == "Nov 22, 2026 12:02"


class Step(StrEnum):
    """A word with a code."""

    DRAFT = "draft"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (None, "–", "–"),
        (True, "是", "Yes"),
        (1234, "1,234", "1,234"),
        ("2026", "2026", "2026"),
        (Step.DRAFT, "draft", "draft"),
        (TODAY, "2026年11月23日", "Nov 23, 2026"),
        (["a", 1000], "a、1,000", "a, 1,000"),
        (Path("/srv"), "/srv", "/srv"),
    ],
)
def test_a_value_inside_a_sentence(value: object, zh: str, en: str) -> None:
    assert (i18n.show(value, ZH), i18n.show(value, EN)) == (zh, en)


def test_compact_numbers_keep_their_meaning() -> None:
    """What is printed, read back, is within half of its last printed place of what was given."""

    @given(st.decimals(min_value=Decimal(0), max_value=Decimal(10) ** 13, places=2))
    def check(amount: Decimal) -> None:
        printed = re.fullmatch(r"([\d.]+)(万亿|亿|万)?", i18n.compact_number(amount, ZH))
        assert printed
        unit = {None: 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}[printed[2]]
        assert abs(Decimal(printed[1]) * unit - amount) <= unit * Decimal("0.05")

    check()
