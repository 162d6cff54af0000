"""Errors as RFC 9457 problem details in the caller's language: a code, a text, and what is wrong with each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.languages import language_of
from dashboard.api.values import dumped, plain
from dashboard.domain.entities import entity_of
from dashboard.errors import Invalid, Problem, SalesDeskError, Stale, text_of
from dashboard.i18n import Language, translate

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
STATUSES: dict[int, str] = {404: "api.no_such_address", 405: "api.no_such_method"}
"""What Starlette refuses before anything of ours runs, by status."""
FIELDS = ("field", "code", "detail", "row")


class BadRequest(SalesDeskError):
    """The request cannot be read; `problems` says which parts of it."""

    status = 400

    def __init__(self, code: str, /, problems: Iterable[Problem] = (), **values: object) -> None:
        self.problems = tuple(problems)
        super().__init__(code, **values)


class Unauthenticated(SalesDeskError):
    """It is not clear who asks."""

    status = 401


class TooLarge(SalesDeskError):
    """The request is larger than the limit."""

    status = 413


class WrongType(SalesDeskError):
    """The body is of a kind that is not read here."""

    status = 415


class PreconditionMissing(SalesDeskError):
    """The caller must say which version it saw."""

    status = 428


class TooMany(SalesDeskError):
    """Too many tries; `seconds` says when to come back."""

    status = 429

    def __init__(self, code: str, /, seconds: int, **values: object) -> None:
        self.seconds = seconds
        super().__init__(code, **values)


class Unavailable(SalesDeskError):
    """The server is still getting ready."""

    status = 503


class Reused(SalesDeskError):
    """The same idempotency key came with another request."""

    status = 422


HEADERS: dict[int, dict[str, str]] = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
"""What goes with a status."""


def install(app: FastAPI) -> None:
    """Answer every error as a problem."""
    app.add_exception_handler(SalesDeskError, refused)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, unexpected)


def refused(request: Request, error: Exception) -> Response:
    """An error that was raised on purpose."""
    assert isinstance(error, SalesDeskError)
    status = error.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
        return unexpected(request, error)
    language = language_of(request)
    more: dict[str, Any] = {}
    if problems := getattr(error, "problems", ()):
        more["errors"] = [field_problem(problem, language) for problem in problems[:MOST_ERRORS]]
    if isinstance(error, Stale):
        more |= both_versions(error)
    if (place := error.values.get("place")) is not None:
        more["change"] = place
    headers = dict(HEADERS.get(status, {}))
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    return problem(status, error.code, error.text(language), language, more, headers)


def field_problem(found: Problem, language: Language) -> dict[str, Any]:
    """What is wrong with one value."""
    row = {} if found.row is None else {"row": found.row}
    return {"field": found.field, "code": found.code, "detail": found.text(language), **row}


def both_versions(error: Stale) -> dict[str, Any]:
    """What the caller saw and wrote, and what stands there now."""
    values: Mapping[str, Any] = error.values
    entity = entity_of(str(values["entity"])) if "entity" in values else None
    return {side: plain(entity, values[side]) for side in ("mine", "theirs") if isinstance(values.get(side), dict)}


def unrouted(request: Request, error: Exception) -> Response:
    """An address or a method that does not exist."""
    assert isinstance(error, HTTPException)
    language = language_of(request)
    key = STATUSES.get(error.status_code, "api.refused")
    headers = dict(error.headers or {})
    return problem(error.status_code, key, translate(f"error.{key}", language), language, {}, headers)


def unexpected(request: Request, error: Exception) -> Response:
    """Anything else: the caller gets no details. The server logs where it happened, without the values around it."""
    log.error("rest.failed", path=request.url.path, problem=type(error).__name__)
    language = language_of(request)
    return problem(500, "unexpected", text_of("unexpected", {}, language), language, {}, {})


def problem(
    status: int, code: str, detail: str, language: Language, more: Mapping[str, Any], headers: Mapping[str, str]
) -> Response:
    """The answer."""
    title = translate(f"api.status.{status}", language) if status in TITLED else HTTPStatus(status).phrase
    content = {"type": f"urn:salesdesk:problem:{code}", "title": title, "status": status, "code": code}
    body = dumped({**content, "detail": detail, **more})
    return Response(body, status, {"Content-Language": language, **headers}, MEDIA_TYPE)


TITLED = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503})


def as_bad_query(error: Invalid) -> BadRequest:
    """What the store says about a list's filters, as a fault of the request."""
    return BadRequest("query.invalid", error.problems)
