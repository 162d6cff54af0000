"""What the server knows of its own place: under which names it is reached, and whether behind TLS."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from dashboard.settings import LOOPBACK, Settings

TLS = ("https", "wss")


class House:
    """Set by the server when it starts."""

    def __init__(self) -> None:
        self.production = False
        self.hosts = frozenset(LOOPBACK)

    def settle(self, settings: Settings) -> None:
        """Take what the settings say."""
        self.production, self.hosts = settings.production, settings.hosts

    def is_safe(self, scope: Scope) -> bool:
        """Whether cookies go over TLS only: behind it, and always in production."""
        return self.production or scope.get("scheme") in TLS

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server."""
        try:
            parts = urlsplit(f"//{host}")
            _ = parts.port  # raises for what is no number
        except ValueError:
            return False
        name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
        return parts.netloc == host and name.lower().rstrip(".") in self.hosts

    def is_own_page(self, headers: Headers) -> bool:
        """Whether the page that asks came from here: its origin is the host that it asks."""
        origin, host = headers.get("origin"), headers.get("host")
        return origin is not None and urlsplit(origin).netloc == host and headers.get("sec-fetch-site") in OWN_PAGE

    def refusal_of_a_post(self, request: Request) -> Response | None:
        """The answer to a post that no page of ours made."""
        return None if self.is_own_page(request.headers) else PlainTextResponse("Forbidden", status_code=403)


OWN_PAGE = (None, "same-origin")
"""What a browser says of a request by a page of ours; an old browser says nothing."""

HOUSE = House()
