"""Imports run one way, each library stays in its place, and every file says what it is about."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STEPS: tuple[tuple[str, ...], ...] = (
    ("dashboard.errors", "dashboard.settings", "dashboard.i18n"),
    ("dashboard.domain",),
    ("dashboard.sitemap",),  # which pages there are and for whom: a declaration, like the domain
    ("dashboard.store", "etl"),
    ("dashboard.actions",),
    ("dashboard.jobs",),
    ("dashboard.opening",),  # from settings to a running department: for the server and the commands
    ("dashboard.ui", "dashboard.api"),
    ("dashboard.bench",),
    ("pages", "dashboard.app", "dashboard.asgi", "dashboard.cli", "dashboard.__main__"),
)
"""What stands before what. A part knows itself and the steps before its own, never its neighbours."""

NEIGHBOURS = {
    ("dashboard.errors", "dashboard.i18n"): "an error can say what it means",
    ("dashboard.settings", "dashboard.errors"): "a bad setting is an error",
    ("dashboard.cli", "dashboard.asgi"): "`serve` and `run` start the application",
    ("dashboard.__main__", "dashboard.cli"): "python -m dashboard",
}
"""The only imports within a step, with their reason."""

SQL = ("dashboard.store",)
SCREEN = ("dashboard.ui", "dashboard.app", "dashboard.asgi", "pages")
PLACES: dict[str, tuple[str, ...]] = {
    "duckdb": (*SQL, "dashboard.bench"),
    "duckdb_extension_httpfs": SQL,
    "psycopg": SQL,
    "sqlalchemy": SQL,
    "pandas": ("dashboard.bench",),
    "streamlit": (*SCREEN, "dashboard.bench"),
    "streamlit_authenticator": SCREEN,
    "fastapi": ("dashboard.api", "dashboard.asgi"),
}
"""The only parts that may import a library."""

SOURCES = sorted(file for part in ("dashboard", "etl", "pages") for file in (ROOT / part).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name_of(file: Path) -> str:
    """The dotted name of a source file."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(module: str, source: str) -> Iterator[str]:
    """The dotted names that a source imports, wherever in it; `from x import y` counts as x.y."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def within(name: str, part: str) -> bool:
    """Whether a dotted name is `part` or inside it."""
    return name == part or name.startswith(f"{part}.")


def part_of(name: str) -> tuple[int, str] | None:
    """The step and the part that a dotted name belongs to; None for what is not ours and for `dashboard` itself."""
    return next(((step, part) for step, parts in enumerate(STEPS) for part in parts if within(name, part)), None)


def broken_laws(module: str, source: str) -> list[str]:
    """Each import of a source that the law forbids, with the reason."""
    return [f"{module} imports {name}: {why}" for name in imports(module, source) if (why := forbidden(module, name))]


def forbidden(module: str, name: str) -> str | None:
    """Why `module` may not import `name`."""
    if name.startswith("."):
        return "write the whole name"
    places = PLACES.get(name.split(".", maxsplit=1)[0])
    if places and not any(within(module, place) for place in places):
        return f"only {', '.join(places)} may"
    here, there = part_of(module), part_of(name)
    if here is None or there is None or here[1] == there[1]:
        return None
    if there[0] == here[0] and (here[1], there[1]) not in NEIGHBOURS:
        return "a neighbour"
    return "a later step" if there[0] > here[0] else None


def requirement_names(file: str) -> set[str]:
    """The distributions that a requirements file pins, in lower case with dashes."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return {normal(match[1]) for line in lines if (match := re.match(r"([\w.-]+)(?:\[\w+\])?==\S+$", line))}


def normal(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_imports_run_one_way(file: Path) -> None:
    assert broken_laws(name_of(file), file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_every_part_has_its_place_in_the_law(file: Path) -> None:
    assert name_of(file) in {"dashboard", "etl"} or part_of(name_of(file)), "add it to STEPS"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dashboard.domain.fields", "import dashboard.store.records"),
        ("dashboard.domain.fields", "from dashboard import actions"),
        ("dashboard.domain.fields", "def late():\n    from dashboard.store import records"),
        ("etl.marts.funnel", "from dashboard.store.store import Store"),
        ("dashboard.store.marts", "from etl.marts import funnel"),
        ("dashboard.store.marts", "from . import records"),
        ("dashboard.ui.forms", "from dashboard.api.tokens import issue"),
        ("dashboard.errors", "from dashboard.settings import load"),
        ("dashboard.actions.deals", "import duckdb"),
        ("etl.ingest.read", "import sqlalchemy as sa"),
        ("dashboard.api.deals", "import streamlit.components.v2"),
        ("dashboard.ui.tables", "import pandas as pd"),
        ("dashboard.store.store", "from fastapi import HTTPException"),
    ],
)
def test_the_law_notices_a_break(module: str, source: str) -> None:
    assert len(broken_laws(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dashboard.store.records", "import duckdb\nfrom dashboard.domain.fields import Kind"),
        ("dashboard.bench.scan", "import duckdb, pandas"),
        ("dashboard.asgi", "import fastapi, streamlit\nfrom dashboard import __version__"),
        ("pages.deals", "import streamlit as st\nfrom dashboard.ui import tables"),
        ("dashboard.cli.serve", "from dashboard.asgi import app"),
        ("dashboard.errors", "from dashboard.i18n import translate"),
    ],
)
def test_the_law_lets_pass_what_is_right(module: str, source: str) -> None:
    assert broken_laws(module, source) == []


def test_no_pages_folder_stands_beside_the_entry_script() -> None:
    """Streamlit would serve it after a restart, before the login has run once."""
    assert not (ROOT / "dashboard" / "pages").exists()
    assert not [file.name for file in ROOT.glob("*.py")], "an entry script beside pages/ would do the same"


@pytest.mark.parametrize("file", [*SOURCES, *TESTS], ids=name_of)
def test_every_file_says_first_what_it_is_about(file: Path) -> None:
    words = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert words, "start the file with a docstring"
    assert words.splitlines()[0].rstrip().endswith((".", ":", "…")), "one sentence in the first line"


def test_what_the_application_imports_is_pinned() -> None:
    pinned, owners = requirement_names("requirements.txt"), packages_distributions()
    wanted: dict[str, str] = {}
    for file in SOURCES:
        for name in imports(name_of(file), file.read_text(encoding="utf-8")):
            top = name.split(".")[0]
            if top not in {"dashboard", "etl", "pages"} and top not in sys.stdlib_module_names:
                wanted.setdefault(top, name_of(file))
    loose = {top: user for top, user in wanted.items() if not {normal(n) for n in owners.get(top, [])} & pinned}
    loose = {top: user for top, user in loose.items() if not within(user, "dashboard.bench")}
    assert loose == {}, "add these to requirements.txt with the installed version"
