"""What can go wrong, as a code and values; the edge translates it, nothing below prints it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from dashboard.i18n import Language, translate


class SalesDeskError(Exception):
    """The base of every error this application raises on purpose.

    code: a dotted key, also of the texts in data/locales under `error.`; values: what the text fills in;
    status: the HTTP meaning; change: which change of a change-set was refused.
    """

    status: ClassVar[int] = 500
    change: int | None = None

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def text(self, language: Language) -> str:
        """What went wrong and what to do next."""
        return text_of(self.code, self.values, language)

    def __str__(self) -> str:
        return self.text("en")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one value: its row (position from 0; None for one record), its field, a code and values."""

    row: int | None
    field: str | None
    code: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)

    def text(self, language: Language) -> str:
        """What is wrong with the value; whoever shows it names the row and the field beside it."""
        return text_of(self.code, self.values, language)


class Invalid(SalesDeskError):
    """Values that do not fit the declaration; `problems` names each of them."""

    status = 422

    def __init__(self, problems: Iterable[Problem], **values: object) -> None:
        self.problems = tuple(problems)
        super().__init__("record.invalid", **{"n": len(self.problems), **values})

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"{place_of(found)}{found.text('en')}" for found in self.problems)])


class NotFound(SalesDeskError):
    """There is no such record, or none that the person may know of."""

    status = 404


class Forbidden(SalesDeskError):
    """The person may see it but not do this."""

    status = 403


class Refused(SalesDeskError):
    """A rule says no; the text says which, and what to do instead."""

    status = 409


class Limited(SalesDeskError):
    """Somebody asked too often; the text says when it goes on."""

    status = 429


class Stale(SalesDeskError):
    """Somebody changed the record since it was read; values hold `mine` and `theirs`."""

    status = 412


class Misconfigured(SalesDeskError):
    """The application cannot start like this."""

    status = 500


def text_of(code: str, values: dict[str, object], language: Language) -> str:
    """The text of a code in one language."""
    return translate(f"error.{code}", language, **values)


def place_of(problem: Problem) -> str:
    """Where a problem is, in front of its English text; rows are counted from 1 there."""
    row = "" if problem.row is None else f"row {problem.row + 1}, "
    return f"{row}{problem.field}: " if problem.field else row
