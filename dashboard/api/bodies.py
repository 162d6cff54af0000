"""Reading a request's body: bounded in size and depth, valid Unicode, JSON without anything that JSON does not have."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from dashboard.api.problems import BadRequest, TooLarge, WrongType
from dashboard.domain.quantities import megabytes

MOST_BYTES = 1024 * 1024
MOST_BYTES_OF_A_BATCH = 8 * 1024 * 1024
DEEPEST = 20
MEDIA_TYPES = ("application/json", "application/merge-patch+json")


async def small(request: Request) -> bytes:
    """The body of an ordinary request."""
    return await read(request, MOST_BYTES)


async def large(request: Request) -> bytes:
    """The body of a batch."""
    return await read(request, MOST_BYTES_OF_A_BATCH)


async def read(request: Request, most: int) -> bytes:
    """The body, no more of it than is allowed. Raises TooLarge (body.too_large)."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge("body.too_large", limit=megabytes(most))
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge("body.too_large", limit=megabytes(most))
        parts.append(part)
    return b"".join(parts)


def members(request: Request, raw: bytes) -> dict[str, Any]:
    """The members of a JSON object; an empty body has none. Raises BadRequest, WrongType (body.*)."""
    if not raw.strip():
        return {}
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise WrongType("body.media_type", known=list(MEDIA_TYPES))
    content = loaded(raw)
    if not isinstance(content, dict):
        raise BadRequest("body.not_an_object")
    return content


def loaded(raw: bytes) -> Any:
    """JSON, strictly. Raises BadRequest (body.not_json, body.too_deep)."""
    try:
        content = json.loads(
            raw.decode("utf-8"), parse_float=Decimal, parse_constant=refuse, object_pairs_hook=without_twins
        )
    except RecursionError:
        raise BadRequest("body.too_deep", limit=DEEPEST) from None
    except ValueError:  # not JSON, not UTF-8, a number of thousands of digits
        raise BadRequest("body.not_json") from None
    check(content, DEEPEST)
    return content


def refuse(word: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(word)


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members all have names of their own."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice")
    return found


def check(content: Any, depth: int) -> None:
    """Raises BadRequest for what is nested too deeply, and for text that is no Unicode."""
    if depth == 0:
        raise BadRequest("body.too_deep", limit=DEEPEST)
    if isinstance(content, dict):
        for name, value in content.items():
            check_text(name)
            check(value, depth - 1)
    elif isinstance(content, list):
        for value in content:
            check(value, depth - 1)
    elif isinstance(content, str):
        check_text(content)


def check_text(text: str) -> None:
    """Raises BadRequest (body.not_unicode) for half of a surrogate pair, or a NUL."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("body.not_unicode")
