"""Company names taken apart, and whether two of them may be the same company.

A Chinese company is called place + brand + line of business + legal form, like 北京 + 恒通 + 物流 + 有限公司. Two names
are compared without place and form, letter case, width, brackets and punctuation; and by ear. Similarity alone would
find any two companies of one city and form alike (rapidfuzz, `ratio`), so it comes last and is strict.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from dashboard.domain.pinyin import CHINESE, NAMES, spoken
from dashboard.domain.seeds import REFERENCE_FOLDER, read

LEAST_BRAND = 2  # characters: what is left when a place or a form is taken off is a name only from here on
CLOSE = 85
LONG_ENOUGH = {True: 4, False: 6}
"""Characters from which spelling alone may tell: Chinese, and other."""
BRACKETED = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
DISTRICT = re.compile(r"^[\u4e00-\u9fff]{1,3}?[区县]")
NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十零〇百]")


class Alike(StrEnum):
    """In what two names are alike."""

    SAME = "same"  # but for place, form and spelling
    SIMILAR = "similar"  # the same brand, or nearly the same spelling
    SOUND = "sound"  # spoken alike


class Parts(NamedTuple):
    """A company name without place and form: its brand, and its line of business."""

    brand: str
    line: tuple[str, ...]
    chinese: bool

    @property
    def core(self) -> str:
        """Both together: what is compared first."""
        return ("" if self.chinese else " ").join((self.brand, *self.line))

    @property
    def sound(self) -> str:
        """The core as it is spoken."""
        return spoken(self.core)


class Words(NamedTuple):
    """The words of company names in one kind of script, each the longest first."""

    places: tuple[str, ...]
    forms: tuple[str, ...]
    lines: tuple[str, ...]
    trades: Mapping[str, int]  # which line of business a word is of; 0 for those that say nothing
    branches: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def longest_first(words: Iterable[str]) -> tuple[str, ...]:
    """Words in the order in which they are looked for."""
    return tuple(sorted(dict.fromkeys(words), key=lambda word: (-len(word), word)))


def words_of(said: Mapping[str, Any], places: Iterable[str]) -> Words:
    """The words of one part of the file."""
    trades = {word: trade for trade, words in enumerate(said["lines"]) for word in words}
    more = (longest_first(said.get(key, ())) for key in ("branches", "ends"))
    return Words(
        longest_first([*places, *said["lands"]]), longest_first(said["forms"]), longest_first(trades), trades, *more
    )


@cache
def chinese_words() -> Words:
    """Those of Chinese names."""
    said: Mapping[str, Any] = read(NAMES)
    regions = read(REFERENCE_FOLDER / "regions.toml")["region"]
    return words_of(said["zh"], [*(row["label_zh"] for row in regions), *said["zh"]["cities"]])


@cache
def other_words() -> Words:
    """Those of names in Latin letters."""
    said: Mapping[str, Any] = read(NAMES)
    regions = read(REFERENCE_FOLDER / "regions.toml")["region"]
    cities = [spoken(city) for city in said["zh"]["cities"]]
    return words_of(said["en"], [*(row["label_en"].casefold() for row in regions), *cities])


@lru_cache(maxsize=20_000)
def parts(name: str) -> Parts:
    """A company name taken apart; what is nothing but place and form stays as it is."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if CHINESE.search(text):
        return chinese_parts(text)
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=\w)[.'’](?=\w)", "", text))
    return other_parts(words)


def chinese_parts(text: str) -> Parts:
    """Of a Chinese name, in the folded spelling."""
    text = BRACKETED.sub(lambda found: "" if says_nothing(bare(found.group(1))) else found.group(1), text)
    name = bare(text)
    stem = without_forms(name)
    stem = without_places(stem) or stem or name
    brand, line = stem, tuple[str, ...]()
    while cut := ending(brand, chinese_words().lines):
        brand, line = brand.removesuffix(cut), (cut, *line)
    if len(brand) < LEAST_BRAND or brand in chinese_words().lines:  # 上海汽车: the place belongs to the brand
        return Parts(without_forms(name) or name, (), chinese=True)
    return Parts(brand, line, chinese=True)


def bare(text: str) -> str:
    """Letters and digits only."""
    return re.sub(r"[\W_]+", "", text)


def says_nothing(text: str) -> bool:
    """Whether the content of brackets is a place or a form, so that it says nothing of who it is."""
    words = chinese_words()
    return not text or text in words.forms or not place_off(text)


def place_off(text: str) -> str:
    """The text without one place in front, its suffix included."""
    words = chinese_words()
    place = next((word for word in words.places if text.startswith(word)), None)
    if place is None:
        return text
    rest = text[len(place) :]
    end = next((word for word in words.ends if rest.startswith(word)), "")
    rest = rest[len(end) :]
    district = DISTRICT.match(rest) if end == "市" else None
    return rest[district.end() :] if district and len(rest) - district.end() >= LEAST_BRAND else rest


def without_places(text: str) -> str:
    """The text without the places in front, as long as a name is left."""
    while len(rest := place_off(text)) >= LEAST_BRAND and rest != text:
        text = rest
    return text


def without_forms(text: str) -> str:
    """The text without legal forms at its end, and without the branch that it may be."""
    words = chinese_words()
    if branch := ending(text, words.branches):
        text = text.removesuffix(branch)
        for place in words.places:
            for end in ("", *words.ends):
                if text.endswith(place + end) and len(text) > len(place + end):
                    return without_forms(text.removesuffix(place + end))
    while form := ending(text, words.forms):
        text = text.removesuffix(form)
    return text


def ending(text: str, words: tuple[str, ...]) -> str | None:
    """The word that a text ends with, where something is left in front of it."""
    return next((word for word in words if text.endswith(word) and len(text) - len(word) >= LEAST_BRAND), None)


def other_parts(words: list[str]) -> Parts:
    """Of a name in Latin letters, word by word."""
    known = other_words()
    kept = [word for word in words if word not in known.forms] or words
    while len(kept) > 1 and kept[0] in known.places:
        kept = kept[1:]
    while len(kept) > 1 and kept[-1] in known.places:
        kept = kept[:-1]
    at = len(kept)
    while at > 1 and kept[at - 1] in known.lines:
        at -= 1
    return Parts(" ".join(kept[:at]), tuple(kept[at:]), chinese=False)


def alike(one: Parts, other: Parts) -> tuple[Alike, int] | None:
    """In what two names are alike, and how much (0 to 100); None for those of two companies."""
    if not one.core or not other.core:
        return None
    if bare(one.core) == bare(other.core):
        return Alike.SAME, 100
    if numerals(one.core) != numerals(other.core):  # 中铁一局 and 中铁二局 are two
        return None
    if one.brand == other.brand:
        return (Alike.SIMILAR, 95) if lines_agree(one.line, other.line) else None
    if one.chinese and other.chinese and one.sound == other.sound:
        return Alike.SOUND, 90
    return nearly(one, other)


def nearly(one: Parts, other: Parts) -> tuple[Alike, int] | None:
    """Whether the brands are spelled nearly alike; short ones never are."""
    if one.chinese != other.chinese or not lines_agree(one.line, other.line):
        return None
    if min(len(one.brand), len(other.brand)) < LONG_ENOUGH[one.chinese]:
        return None
    score = int(fuzz.ratio(one.brand, other.brand))
    return (Alike.SIMILAR, score) if score >= CLOSE else None


def lines_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lines of business may be those of one company: one says nothing, or they meet."""
    trades = {**chinese_words().trades, **other_words().trades}
    first, second = ({trades[word] for word in line} - {0} for line in (one, other))
    return not first or not second or bool(first & second)


def numerals(text: str) -> Counter[str]:
    """The numbers in a name."""
    return Counter(NUMERALS.findall(text))
