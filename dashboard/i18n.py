"""Two languages: the texts of data/locales, and how numbers, money and days are written in each."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "en"  # for a visitor whose browser names neither language

FOLDER = Path(__file__).parents[1] / "data" / "locales"
LOCALES: dict[Language, Locale] = {"zh": Locale.parse("zh_Hans_CN"), "en": Locale.parse("en")}
COMPACT_UNITS: dict[Language, tuple[int, ...]] = {"zh": (10**12, 10**8, 10**4), "en": (10**12, 10**9, 10**6, 10**3)}
SEPARATORS: dict[Language, str] = {"zh": "、", "en": ", "}
PLACEHOLDER = re.compile(r"\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}")
"""A value, or one of two words by it: {n}, {n|row|rows}."""
ABSOLUTE_AFTER_DAYS = 7
WRITTEN = 20_000
"""How many numbers and days are remembered as they are written: a page shows the same ones at every click."""

Number = int | float | Decimal


class MissingText(UserWarning):
    """A key without text, or a text whose placeholder got no value: an error in the tests, a warning in service."""


def translate(key: str, language: Language, /, **values: object) -> str:
    """The text of `key` with each `{name}` replaced by `show(values["name"])`, each `{name|one|many}` by a word.

    Placeholders are names only: nothing is evaluated and no attribute is read. A missing key is shown as it is, a
    missing value as its placeholder; both warn with MissingText.
    """
    text = texts(language).get(key)
    if text is None:
        warnings.warn(f"no {language} text for {key!r}", MissingText, stacklevel=2)
        return key
    if not (named := placeholders(text)):
        return text
    if missing := named - values.keys():
        warnings.warn(f"{key!r} needs values for {sorted(missing)}", MissingText, stacklevel=2)
    return PLACEHOLDER.sub(lambda found: filled(found, values, language), text)


def filled(found: re.Match[str], values: Mapping[str, object], language: Language) -> str:
    """What stands for one placeholder."""
    name, one, many = found.groups()
    if name not in values:
        return found[0]
    return show(values[name], language) if one is None else one if values[name] in (1, "1") else many


def has(key: str) -> bool:
    """Whether every language has a text for `key`."""
    return all(key in texts(language) for language in LANGUAGES)


def keys(language: Language) -> frozenset[str]:
    """All keys of a language."""
    return frozenset(texts(language))


@cache
def placeholders(text: str) -> frozenset[str]:
    """The names that a text wants values for."""
    return frozenset(found[1] for found in PLACEHOLDER.finditer(text))


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Every text of a language by dotted key, read once from its TOML files."""
    return read(FOLDER / language)


def read(folder: Path) -> dict[str, str]:
    """The texts of all TOML files of a folder; ValueError when a key stands twice or holds no text."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        for key, text in flattened(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in found or not isinstance(text, str):
                raise ValueError(f"{file}: {key} must be one text that stands in one file only")
            found[key] = text
    return found


def flattened(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested tables as pairs of dotted key and value."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def negotiate(accept_language: str | None) -> Language:
    """The best language for an Accept-Language header (RFC 9110, 12.5.4)."""
    wanted = [preference(part) for part in (accept_language or "").split(",")]
    for quality, tag in sorted(wanted, key=lambda pair: -pair[0]):
        for language in LANGUAGES:
            if quality > 0 and tag.split("-")[0] == language:
                return language
    return DEFAULT


def language_named(word: str | None) -> Language:
    """The language of this name; the usual one for whoever has named none."""
    return next((language for language in LANGUAGES if language == word), DEFAULT)


def preference(part: str) -> tuple[float, str]:
    """The weight and tag of one part of an Accept-Language header; an unreadable weight counts as 0."""
    tag, _, weight = part.partition(";")
    found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
    quality = float(found[1]) if found else float(not weight)
    return quality, tag.strip().lower()


def show(value: object, language: Language) -> str:  # noqa: PLR0911 - one line a kind of value reads best
    """A value inside a sentence. Years, codes and numbers of records are texts and stay as they are."""
    match value:
        case None:
            return translate("common.nothing", language)
        case bool():
            return translate("common.yes" if value else "common.no", language)
        case Enum():
            return show(value.value, language)
        case int() | float() | Decimal():
            return number(value, language)
        case dt.date():  # an instant too: whoever wants its time converts it with `instant` first
            return day(value, language)
        case list() | tuple() | set() | frozenset():
            return SEPARATORS[language].join(show(item, language) for item in value)
        case _:
            return str(value)


@lru_cache(WRITTEN, typed=True)
def number(value: Number, language: Language, decimals: int | None = None) -> str:
    """1,234.5; with `decimals` exactly so many places, else up to three."""
    pattern = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    return numbers.format_decimal(exact(value), pattern, locale=LOCALES[language])


@lru_cache(WRITTEN, typed=True)
def compact_number(value: Number, language: Language) -> str:
    """1234.6万 in Chinese, 12.3M in English: one decimal at most."""
    return numbers.format_compact_decimal(stepped(value, language), locale=LOCALES[language], fraction_digits=1)


@lru_cache(WRITTEN, typed=True)
def money(value: Number, language: Language, currency: str) -> str:
    """An amount to the cent: ¥1,234,567.50 in Chinese, CN¥1,234,567.50 in English. `currency` is an ISO 4217 code."""
    return numbers.format_currency(exact(value), currency, locale=LOCALES[language])


@lru_cache(WRITTEN, typed=True)
def compact_money(value: Number, language: Language, currency: str) -> str:
    """An amount for a card or an axis: ¥1234.6万 in Chinese, CN¥12.3M in English."""
    rounded = stepped(value, language)
    return numbers.format_compact_currency(rounded, currency, locale=LOCALES[language], fraction_digits=1)


@lru_cache(WRITTEN, typed=True)
def percent(share: Number, language: Language) -> str:
    """A share of 0 to 1 as a percentage with one decimal: 12.3%."""
    return numbers.format_percent(exact(share), "#,##0.0%", locale=LOCALES[language])


@lru_cache(WRITTEN, typed=True)
def day(value: dt.date, language: Language) -> str:
    """2026年11月23日 in Chinese, Nov 23, 2026 in English."""
    return dates.format_date(value, "medium", locale=LOCALES[language])


def near_day(value: dt.date, today: dt.date, language: Language) -> str:
    """A day as people say it: today, tomorrow, in 3 days, 6 days ago; written out when more than a week away."""
    distance = (value - today).days
    if words := NEAREST.get(distance):
        return translate(words, language)
    if abs(distance) > ABSOLUTE_AFTER_DAYS:
        return day(value, language)
    return translate("common.in_days" if distance > 0 else "common.days_ago", language, n=abs(distance))


NEAREST: dict[int, str] = {-1: "common.yesterday", 0: "common.today", 1: "common.tomorrow"}


def instant(value: dt.datetime, language: Language, zone: str) -> str:
    """A naive UTC instant as date, hours and minutes in the time zone `zone`: 2026年11月23日 09:02."""
    local = value.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))
    return f"{day(local, language)} {local:%H:%M}"


def exact(value: Number) -> Decimal:
    """A number as a decimal; a float by its shortest text, so that 0.1 stays 0.1."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def stepped(value: Number, language: Language) -> Decimal:
    """A number rounded to one decimal of its unit, so that 99,999,999 is written 1亿 and not 10000万."""
    amount = exact(value)
    unit = next((Decimal(unit) for unit in COMPACT_UNITS[language] if abs(amount) >= unit), Decimal(1))
    return (amount / unit).quantize(Decimal("0.1")) * unit
