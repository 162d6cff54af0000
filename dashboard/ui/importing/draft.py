"""An import in preparation: files, map, answers and rehearsal. It lives in the page's memory and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

import polars as pl
import streamlit as st

from dashboard.errors import Refused
from etl.ingest import Limits, Plan, Rehearsal, Source, Table

SLOT = "import_draft"
MEGABYTE = 1024**2
FILE_MB, TOTAL_MB = 25, 100
LIMITS = Limits(files=20, file_bytes=FILE_MB * MEGABYTE, rows=500_000, unpacked_bytes=512 * MEGABYTE)
"""Of one import through the page; larger ones go through the command line."""

LONGEST_NAME = 120
ODD = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""What a file's name may not bring along: control characters, and those that turn the direction of writing."""


class Uploaded(Protocol):
    """A file as the browser sent it."""

    name: str
    size: int

    def getvalue(self) -> bytes:
        """Its content."""


@dataclass
class Draft:
    """What was chosen so far.

    turn: counts the imports of this session, so that each begins with empty inputs; content: what the rows are, an
    entity or `preset:NAME`; chosen: by table and header, the field that a column fills ("" for none).
    """

    turn: int = 0
    step: int = 1
    sources: tuple[Source, ...] = ()
    tables: tuple[Table, ...] = ()
    content: str = ""
    chosen: dict[tuple[int, str], str] = field(default_factory=dict)
    plan: Plan | None = None
    answers: dict[str, str] = field(default_factory=dict)
    rehearsal: Rehearsal | None = None
    told: dict[str, pl.DataFrame] = field(default_factory=dict)  # the lines of the report by language


def current() -> Draft:
    """The import that this session prepares."""
    draft = st.session_state.get(SLOT)
    if not isinstance(draft, Draft):
        draft = st.session_state[SLOT] = Draft()
    return draft


def fresh() -> Draft:
    """Begin anew; nothing of the files stays."""
    draft = st.session_state[SLOT] = Draft(turn=current().turn + 1)
    return draft


def back_to(step: int) -> None:
    """Go back to an earlier step; what it led to is forgotten."""
    draft = current()
    draft.step = step
    draft.rehearsal, draft.told, draft.answers = None, {}, {}


def sources_of(files: Iterable[Uploaded]) -> tuple[Source, ...]:
    """The files with harmless names, each name once. Raises Refused: file.none, file.too_many, upload.*."""
    found = list(files)
    if not found:
        raise Refused("file.none")
    if len(found) > LIMITS.files:
        raise Refused("file.too_many", files=len(found), limit=LIMITS.files)
    names: list[str] = []
    for file in found:
        names.append(name_once(harmless(file.name), names))
        if file.size > LIMITS.file_bytes:
            raise Refused("upload.too_large", file=names[-1], limit=FILE_MB)
    if sum(file.size for file in found) > TOTAL_MB * MEGABYTE:
        raise Refused("upload.too_much", limit=TOTAL_MB)
    return tuple(Source(name, file.getvalue()) for name, file in zip(names, found, strict=True))


def harmless(name: str) -> str:
    """A file's name without folders and odd characters, not too long; its ending stays."""
    bare = ODD.sub("", PurePosixPath(name.replace("\\", "/")).name).strip() or "file"
    return bare if len(bare) <= LONGEST_NAME else f"{bare[: LONGEST_NAME - 8]}…{bare[-7:]}"


def name_once(name: str, taken: list[str]) -> str:
    """The name, with a number where another file has it already."""
    path, at, found = PurePosixPath(name), 2, name
    while found.casefold() in {one.casefold() for one in taken}:
        found, at = f"{path.stem} ({at}){path.suffix}", at + 1
    return found
