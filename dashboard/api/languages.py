"""The language of an answer: the header's, where it names one of ours, else the person's own."""

from __future__ import annotations

from starlette.requests import Request

from dashboard.i18n import DEFAULT, LANGUAGES, Language, negotiate, preference


def language_of(request: Request) -> Language:
    """The language of what this request is answered."""
    header = request.headers.get("accept-language")
    if header and named(header):
        return negotiate(header)
    return next((known for known in LANGUAGES if known == getattr(request.state, "language", None)), DEFAULT)


def named(header: str) -> bool:
    """Whether a header names a language of ours."""
    wanted = [preference(part) for part in header.split(",")]
    return any(quality > 0 and tag.split("-")[0] in LANGUAGES for quality, tag in wanted)
