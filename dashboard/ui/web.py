"""What wraps every answer of the server: the document that carries the pages, and a few headers."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.i18n import LANGUAGES, Language, negotiate
from dashboard.sitemap import PAGES
from dashboard.ui.languages import COOKIE, TAGS

HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
}
"""Streamlit's own page needs the inline scripts and styles, and blob: for the scripts of our components; nothing is
loaded from elsewhere."""

PRIVATE = ("/media/", "/session/", "/_stcore/upload_file/")
YEAR_SECONDS = 365 * 24 * 3600

API, HTML = "/api/", "text/html"
PLACES = frozenset({"", *(entry.slug for entry in PAGES)})
FIXED, HEAD = b'<html lang="en"', b"<head>"

NO_WAY_BACK_TO_THE_ROOT = b"""<script>
history.pushState = ((push) => function (...entry) {
  return (location.pathname === "/" ? history.replaceState : push).apply(history, entry);
})(history.pushState);
</script>"""
"""The root only leads on to another page, so it leaves no step in the browser's history: going back to it would lead
on again, and nobody would get out."""

READABLE_ON_PRIMARY = b"""<style>
button[data-testid^="stBaseButton-primary"]:enabled, [data-testid="stMultiSelectTagsContainer"] [role="group"] > span {
  color: oklch(from currentcolor calc((0.6 - l) * 999) 0 0);
}
</style>"""
"""Streamlit writes white on the primary colour, which in the dark theme is too bright for that (4.5:1): there it is
black. The text around tells the theme, also in dialogs, which do not know the colour scheme of the page."""

WHOLE_NUMBERS = b"""<style>
div[data-testid="stMetric"] { container-type: inline-size; }
div[data-testid="stMetricValue"] { font-size: min(1.6rem, 16cqw); }
</style>"""
"""Streamlit cuts off a number that is wider than its card: in a narrow card it is smaller."""

NO_TOOLS_UNDER_A_FINGER = b"""<style>
@media (hover: none) { [class*="st-key-parts_"] [data-testid="stElementToolbar"] { display: none; } }
</style>"""
"""Where nothing hovers, a table always shows its tools: over the button that edits a record's parts."""

FACTS_ABREAST = b"""<style>
[class*="st-key-facts_"] [data-testid="stMarkdownContainer"] {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
  column-gap: 1rem;
  overflow-wrap: anywhere;
}
</style>"""
"""Columns of Streamlit would be read one after the other on a phone, and the facts out of order."""

OURS = NO_WAY_BACK_TO_THE_ROOT + READABLE_ON_PRIMARY + WHOLE_NUMBERS + NO_TOOLS_UNDER_A_FINGER + FACTS_ABREAST


def headers_of(path: str, *, safe: bool) -> dict[str, str]:
    """The headers of an answer; what belongs to a person is kept by nobody on the way, nor by the browser."""
    found = HEADERS | ({"Strict-Transport-Security": f"max-age={YEAR_SECONDS}"} if safe else {})
    return found | ({"Cache-Control": "no-store"} if path.startswith(PRIVATE) else {})


def with_headers(send: Send, headers: dict[str, str]) -> Send:
    """Adds headers to what is sent; a page itself is never kept."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(scope=message)
            found.update(headers)
            if found.get("content-type", "").startswith("text/html"):
                found["Cache-Control"] = "no-store"
        await send(message)

    return sender


class Document:
    """The HTML page that carries every page of ours: Streamlit serves it in English at any address.

    It gets the visitor's language and our script; an address that is no page leads to the root.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; only a whole HTML page that is not compressed is touched, so a browser gets pages like that."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        wanted = f'<html lang="{TAGS[language_asked(asked)]}"'.encode()
        ours = not scope["path"].startswith(API)
        lost = ours and scope["path"].strip("/") not in PLACES
        start: Message | None = None
        over = False

        async def sender(message: Message) -> None:
            nonlocal start, over
            if over:
                return
            if message["type"] == "http.response.start":
                start = message
                if is_page(message):
                    return
            elif start is not None and is_page(start):
                body = message.get("body", b"")
                if lost and FIXED in body:
                    over = True
                    await RedirectResponse("/")(scope, receive, send)
                    return
                body = body.replace(FIXED, wanted, 1)
                message = {**message, "body": body.replace(HEAD, HEAD + OURS, 1) if ours else body}
                headers = MutableHeaders(scope=start)
                headers["vary"] = "Accept-Language, Cookie"
                del headers["etag"], headers["last-modified"]
                if message.get("more_body"):
                    del headers["content-length"]
                else:
                    headers["content-length"] = str(len(message["body"]))
                await send(start)
                start = None
            await send(message)

        inner = {**scope, "headers": list(scope["headers"])}
        if ours and HTML in asked.get("accept", ""):
            del MutableHeaders(scope=inner)["accept-encoding"]
        await self.app(inner, receive, sender)


def is_page(start: Message) -> bool:
    """Whether an answer is an HTML page that can be read as it is."""
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith(HTML) and "content-encoding" not in headers


def language_asked(headers: Headers) -> Language:
    """The language of the cookie, else of Accept-Language."""
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in LANGUAGES:
        return cast("Language", chosen.value)
    return negotiate(headers.get("accept-language"))
