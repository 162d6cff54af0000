"""Two wordings of a contract beside each other: section by section, the words that came and went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from dashboard.domain.wordings import plain_text

WORD = re.compile(r"[A-Za-z0-9.,%'’-]+|\s+|.", re.DOTALL)
"""Words of an alphabet and numbers stay whole; Chinese is compared sign by sign."""

LONGEST = 40_000  # signs of one section that are compared word by word; a longer one is shown as replaced


class Piece(NamedTuple):
    """Some words: `same`, `added` or `removed`."""

    change: str
    text: str


class Difference(NamedTuple):
    """One section: what it is called, how it changed (same, added, removed, changed), and its words."""

    title: str
    change: str
    pieces: tuple[Piece, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every section of either wording, in the order of the later one; removed ones where they stood."""
    old, new = list(sections(before)), list(sections(after))
    found: list[Difference] = []
    matcher = SequenceMatcher(None, [name for name, _ in old], [name for name, _ in new], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(old[i1:i2], new[j1:j2], strict=True)
            found += [compared(name, text, later) for (name, text), (_, later) in pairs]
            continue
        found += [Difference(name, "removed", (Piece("removed", text),)) for name, text in old[i1:i2]]
        found += [Difference(name, "added", (Piece("added", text),)) for name, text in new[j1:j2]]
    return found


def sections(wording: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parts of a wording by name: the head with parties and terms, the preamble, clauses, the table of lines."""
    yield "@head", "\n".join(head(wording))
    if wording["preamble"]:
        yield "@preamble", plain_text(wording["preamble"])
    for clause in wording["clauses"]:
        yield clause["title"], plain_text(clause["blocks"])
    if wording["lines"]:
        yield "@lines", "\n".join(" · ".join(str(value or "") for value in line.values()) for line in wording["lines"])


def head(wording: Mapping[str, Any]) -> Iterator[str]:
    """The lines that say who agrees on how much and for how long."""
    yield wording["name"]
    for party in ("customer", "company"):
        yield " · ".join(str(value) for value in (wording["parties"].get(party) or {}).values() if value)
    yield from (str(value) for value in (wording["amount"], wording["amount_words"]) if value)
    yield from (f"{name}: {value}" for name, value in wording["terms"].items() if value)


def compared(name: str, before: str, after: str) -> Difference:
    """One section that stands in both."""
    if before == after:
        return Difference(name, "same", (Piece("same", after),))
    if len(before) + len(after) > LONGEST:
        return Difference(name, "changed", (Piece("removed", before), Piece("added", after)))
    old, new = WORD.findall(before), WORD.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(new[j1:j2])))
            continue
        both = (Piece("removed", "".join(old[i1:i2])), Piece("added", "".join(new[j1:j2])))
        pieces += [piece for piece in both if piece.text]
    return Difference(name, "changed", tuple(pieces))
