"""Every error that the code can raise has a text in both languages, and gives that text the values it needs."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import errors, i18n
from dashboard.domain import wordings
from dashboard.errors import Forbidden, Invalid, Misconfigured, NotFound, Problem, Refused, SalesDeskError, Stale

ROOT = Path(__file__).parents[1]
SOURCES = sorted(file for part in ("dashboard", "etl", "pages") for file in (ROOT / part).rglob("*.py"))
RAISED = {cls.__name__ for cls in SalesDeskError.__subclasses__()} - {"Invalid"}
FAMILIES = {key.split(".")[1] for key in i18n.keys("en") if re.match(r"error\.\w+\.\w+$", key)}


OTHERS = {*wordings.PLACEHOLDERS, *wordings.TABLES, "contract.typ"}
"""What looks like a code and is none: what templates of contracts fill in, a file."""


def constants(file: Path) -> Iterator[str]:
    """The strings of a source file that look like an error code of a known family."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value not in OTHERS and isinstance(node.value, str):
            family, _, rest = node.value.partition(".")
            if family in FAMILIES and re.fullmatch(r"[a-z_]+", rest):
                yield node.value


def raised(file: Path) -> Iterator[tuple[str, set[str]]]:
    """The code of each error that a source file makes, and the names of its values, where both can be read off."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        names = {keyword.arg for keyword in node.keywords}
        if node.func.id in RAISED and node.args and isinstance(node.args[0], ast.Constant) and None not in names:
            yield str(node.args[0].value), {name for name in names if name}
        if node.func.id == "Problem" and len(node.args) in (3, 4) and isinstance(node.args[2], ast.Constant):
            values = node.args[3] if len(node.args) == 4 else ast.Dict(keys=[], values=[])
            if isinstance(values, ast.Dict):
                yield str(node.args[2].value), {str(key.value) for key in values.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_error_code_has_a_text(file: Path) -> None:
    codes = {*constants(file), *(code for code, _ in raised(file))}
    assert sorted(code for code in codes if not i18n.has(f"error.{code}") and not i18n.has(code)) == []


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_error_gives_its_text_the_values_it_needs(file: Path) -> None:
    lacking = {
        code: missing
        for code, given in raised(file)
        if (missing := i18n.placeholders(i18n.texts("en").get(f"error.{code}", "")) - given - {"n"})
    }
    assert lacking == {}


def test_the_reader_of_the_sources_sees_something() -> None:
    seen = dict(raised(ROOT / "dashboard" / "settings.py"))
    assert seen["setting.conflict"] == {"first", "second"}
    assert "setting.invalid" in set(constants(ROOT / "dashboard" / "settings.py"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid([Problem(None, "amount", "field.required")]), 422),
        (NotFound("record.not_found"), 404),
        (Forbidden("access.forbidden"), 403),
        (Refused("verb.needs_why"), 409),
        (Stale("record.stale", mine={"version": 1}, theirs={"version": 2}), 412),
        (Misconfigured("keys.bad_recovery"), 500),
    ],
)
def test_an_error_has_a_status_and_a_text(error: SalesDeskError, status: int) -> None:
    assert error.status == status
    assert error.text("en") == i18n.translate(f"error.{error.code}", "en", **error.values)
    assert error.text("zh") != error.text("en")


def test_a_value_may_be_called_code() -> None:
    assert Refused("action.refused", code="R7").values == {"code": "R7"}


def test_problems_are_listed_with_their_place_counted_from_one() -> None:
    error = Invalid([Problem(0, "amount", "field.required"), Problem(None, None, "record.twice")])
    assert str(error).splitlines() == [
        "2 entries cannot be accepted.",
        "row 1, amount: Fill this in.",
        "The same record stands here more than once. Keep one row of each.",
    ]


@pytest.mark.parametrize(
    "error", [Refused("verb.unknown", verb="win"), Invalid([Problem(3, "amount", "field.required")], rows=1)]
)
def test_an_error_survives_a_copy(error: SalesDeskError) -> None:
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert vars(twin) == vars(error)
        assert str(twin) == str(error)


def test_every_subclass_is_one_of_the_known_kinds() -> None:
    assert {cls.__name__ for cls in SalesDeskError.__subclasses__() if cls.__module__ == errors.__name__} == {
        "Invalid", "NotFound", "Forbidden", "Refused", "Limited", "Stale", "Misconfigured",
    }  # fmt: skip
