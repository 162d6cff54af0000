"""The machine's own command line: a secret beside the store, good for calls from this machine only."""

from __future__ import annotations

import hmac
import ipaddress
import secrets

from starlette.requests import Request


class Secret:
    """The secret of this process; None: no command line is let in."""

    value: str | None = None


def make() -> str:
    """A new secret, in force until the process ends."""
    Secret.value = secrets.token_urlsafe(32)
    return Secret.value


def is_operator(secret: str, request: Request) -> bool:
    """Whether a call comes from this machine with the secret, and not through a proxy."""
    if Secret.value is None or not hmac.compare_digest(secret.encode(), Secret.value.encode()):
        return False
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return not forwarded and request.client is not None and loopback(request.client.host)


def loopback(host: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
