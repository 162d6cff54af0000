"""What every command shares: language, refusals on stderr with exit code 1, JSON output, the open store."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dashboard.domain.access import Actor, operator
from dashboard.errors import Invalid, Misconfigured, NotFound, Refused, SalesDeskError
from dashboard.i18n import Language, show, translate
from dashboard.jobs import Desk
from dashboard.opening import open_desk, open_existing
from dashboard.settings import load
from dashboard.store import Store

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsPerson = Annotated[str | None, typer.Option("--as", help="Look with the reach of this person (user name).")]
REFUSED, WRONG_USE = 1, 2


@dataclass(frozen=True)
class Place:
    """Where a command runs for somebody at another prompt: what it prints on, their folder and language, the desk."""

    out: TextIO
    err: TextIO
    folder: Path
    language: Language
    desk: Desk


ELSEWHERE: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def at(place: Place) -> Iterator[None]:
    """Run commands there."""
    token = ELSEWHERE.set(place)
    try:
        yield
    finally:
        ELSEWHERE.reset(token)


def out() -> TextIO:
    """Where results are printed."""
    place = ELSEWHERE.get()
    return place.out if place else sys.stdout


def err() -> TextIO:
    """Where reasons are printed."""
    place = ELSEWHERE.get()
    return place.err if place else sys.stderr


def path(typed: Path | str) -> Path:
    """A path as it was meant where it was typed."""
    place = ELSEWHERE.get()
    return place.folder / typed if place else Path(typed)


def language() -> Language:
    """The language of the terminal."""
    if place := ELSEWHERE.get():
        return place.language
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def say(key: str, /, **values: object) -> None:
    """Print a text of data/locales."""
    print(translate(key, language(), **values), file=out())


def warn(text: str) -> None:
    """Print a text on stderr."""
    print(text, file=err())


def say_note(note: Mapping[str, object]) -> None:
    """Print what an answer has to say beside its values."""
    print(translate(f"metric_note.{note['code']}", language(), **dict(note)), file=out())


def emit(content: object) -> None:
    """Print JSON."""
    print(json.dumps(content, ensure_ascii=False, default=str), file=out())


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings."""
    drawn = Table(*columns)
    for row in rows:
        drawn.add_row(*(cell(value) for value in row))
    Console(file=out()).print(drawn)


def cell(value: object) -> str:
    """A value of a table: numbers as they are, for whoever reckons on; yes, no and lists in words."""
    if value is None:
        return ""
    return show(value, language()) if isinstance(value, bool | list | tuple) else str(value)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into its translated reason on stderr and exit code 1."""
    try:
        yield
    except SalesDeskError as refusal:
        print(explained(refusal, language()), file=err())
        raise typer.Exit(REFUSED) from None


def explained(refusal: SalesDeskError, lang: Language) -> str:
    """A refusal with every problem it names, one a line."""
    lines = [refusal.text(lang)]
    if isinstance(refusal, Invalid):
        lines += [f"  {problem.field or ''}: {problem.text(lang)}" for problem in refusal.problems]
    return "\n".join(lines)


@contextmanager
def opened_store() -> Iterator[Store]:
    """The store of this machine; while a server has it open, that server runs the command."""
    if place := ELSEWHERE.get():
        yield place.desk.store
        return
    with handed_on_when_locked():
        store = open_existing(load())
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_desk(*, refreshed: bool = True) -> Iterator[Desk]:
    """The store and its marts, without background work; while a server has it open, that server runs the command."""
    if place := ELSEWHERE.get():
        if refreshed:
            place.desk.refresh("person")
        yield place.desk
        return
    with handed_on_when_locked():
        desk = open_desk(load())
    try:
        if refreshed:
            desk.refresh("person")
        yield desk
    finally:
        desk.keep_snapshot()
        desk.store.close()


@contextmanager
def handed_on_when_locked() -> Iterator[None]:
    """Where the store is in use, ask whoever uses it to run the command. Raises Misconfigured when nobody answers."""
    from dashboard.cli import remote

    try:
        yield
    except Misconfigured as locked:
        code = remote.hand_on(load()) if locked.code == "store.locked" else None
        if code is None:
            raise
        raise typer.Exit(code) from None


def acting(store: Store, username: str | None) -> Actor:
    """The operator, or the person called `username`. Raises NotFound."""
    if username is None:
        return operator()
    return store.actor(person_id(store, username), via="cli")


def person_id(store: Store, username: str) -> str:
    """The id of a person by user name, else by a full name that is unique.

    Raises NotFound, Refused (reference.ambiguous).
    """
    people = store.reference("person")
    for column in ("username", "name"):
        found = people.filter(people[column] == username)["id"].to_list()
        if len(found) > 1:
            raise Refused("reference.ambiguous", value=username, n=len(found))
        if found:
            return str(found[0])
    raise NotFound("record.not_found", entity="person")


def conditions(where: Sequence[str]) -> Mapping[str, list[str]]:
    """`field=value` texts as a mapping; a comma separates several values. Raises Refused (usage.where)."""
    found: dict[str, list[str]] = {}
    for item in where:
        field, equals, values = item.partition("=")
        if not equals or not field:
            raise Refused("usage.where", value=item)
        found.setdefault(field, []).extend(values.split(","))
    return found


def progress() -> Progress:
    """A progress bar on stderr."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
