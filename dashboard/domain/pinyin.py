"""How Chinese names sound: syllables without tones, for search and for comparison.

pypinyin reads the single characters; words and surnames with a reading of their own stand in data/reference/names.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from pypinyin import lazy_pinyin

from dashboard.domain.seeds import REFERENCE_FOLDER, read

NAMES = REFERENCE_FOLDER / "names.toml"
CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
LATIN = re.compile(r"[a-z0-9]+")


@cache
def table(name: str) -> Mapping[str, str]:
    """One of the tables of readings: words, characters, surnames."""
    found: dict[str, str] = read(NAMES)["readings"][name]  # type: ignore[call-overload]
    return found


@cache
def special() -> re.Pattern[str]:
    """Words with readings of their own, the longest first."""
    return re.compile("|".join(sorted(map(re.escape, table("words")), key=len, reverse=True)))


@cache
def reading(character: str) -> str:
    """How one character is usually read."""
    return table("characters").get(character) or lazy_pinyin(character)[0]


def syllables(text: str, *, person: bool = False) -> tuple[str, ...]:
    """The syllables of a text in order; Latin words and numbers stand for themselves, letter case aside.

    person: the text is a person's name, so that it begins with a surname.
    """
    text = text.casefold()
    found: list[str] = []
    if person:
        surname = next((text[:n] for n in (2, 1) if text[:n] in table("surnames")), "")
        found += table("surnames")[surname].split() if surname else []
        text = text[len(surname) :]
    at = 0
    for match in special().finditer(text):
        found += [*plainly(text[at : match.start()]), *table("words")[match.group()].split()]
        at = match.end()
    return (*found, *plainly(text[at:]))


def plainly(text: str) -> Iterator[str]:
    """The syllables of a text without special words."""
    for part in re.findall(r"[a-z0-9]+|[^a-z0-9]", text):
        if CHINESE.match(part):
            yield reading(part)
        elif LATIN.fullmatch(part):
            yield part


def spoken(text: str, *, person: bool = False) -> str:
    """The syllables as one word."""
    return "".join(syllables(text, person=person))


def initials(text: str, *, person: bool = False) -> str:
    """The first letter of each syllable."""
    return "".join(part[0] for part in syllables(text, person=person))
