"""Where a list goes on: signed for one person and one question, so that nobody reads on in another's list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from dashboard.api.callers import Caller
from dashboard.api.problems import BadRequest
from dashboard.errors import Problem

CODE = 16  # bytes of the signature
FREE = ("cursor", "limit")
"""What may change from page to page."""


class Place(NamedTuple):
    """Where a page begins: behind an id, or after so many rows."""

    after: str | None = None
    offset: int = 0


def cursor_of(caller: Caller, place: Place) -> str:
    """A place as an opaque word."""
    content = json.dumps([place.after, place.offset], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(signature(caller, content) + content).decode().rstrip("=")


def place_of(caller: Caller) -> Place:
    """The place that the request asks for; the beginning without a cursor. Raises BadRequest (query.cursor)."""
    word = caller.request.query_params.get("cursor")
    if word is None:
        return Place()
    try:
        raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        code, content = raw[:CODE], raw[CODE:]
        if not hmac.compare_digest(code, signature(caller, content)):
            raise ValueError
        found: Any = json.loads(content)
        return Place(*found)
    except (ValueError, TypeError, binascii.Error):
        raise BadRequest("query.invalid", [Problem(None, "cursor", "query.cursor")]) from None


def signature(caller: Caller, content: bytes) -> bytes:
    """The code of a place in one person's answer to one question."""
    asked = sorted((name, value) for name, value in caller.request.query_params.multi_items() if name not in FREE)
    parts = ("cursor", caller.actor.person_id, caller.request.url.path, urlencode(asked))
    key = hmac.new(caller.store.index_key, "\0".join(parts).encode(), hashlib.sha256).digest()
    return hmac.new(key, content, hashlib.sha256).digest()[:CODE]
