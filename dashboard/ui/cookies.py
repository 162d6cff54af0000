"""The session cookie: the secret of a login session, out of reach of scripts and of other sites."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

NAME = "sid"
SAFE_NAME = "__Host-sid"  # a browser takes it only over TLS, for this very host and every path
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def name(*, safe: bool) -> str:
    """What the cookie is called, behind TLS and on a plain connection."""
    return SAFE_NAME if safe else NAME


def secret_in(headers: Headers, *, safe: bool) -> str | None:
    """What could be the secret of a session; anything else is as good as nothing."""
    found = cookie_parser("; ".join(headers.getlist("cookie"))).get(name(safe=safe), "")
    return found if SECRET.fullmatch(found) else None


def written(secret: str, seconds: int, *, safe: bool) -> str:
    """The Set-Cookie header that keeps the secret for a while."""
    parts = [f"{name(safe=safe)}={secret}", "Path=/", f"Max-Age={seconds}", "HttpOnly", "SameSite=Strict"]
    return "; ".join([*parts, "Secure"] if safe else parts)


def expired(*, safe: bool) -> str:
    """The Set-Cookie header that removes it."""
    return written("", 0, safe=safe)
