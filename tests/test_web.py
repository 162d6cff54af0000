"""What wraps every answer: the language of the document, the headers, the closed doors."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dashboard.ui.doors import Doors
from dashboard.ui.web import HEADERS, Document

PAGE = b'<!DOCTYPE html><html lang="en"><body>' + b"x" * 100


def asked(wrapped: Any, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    given = {"host": "localhost", **(headers or {})}
    raw = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
    with ThreadPoolExecutor(1) as beside:  # the browser tests keep a loop running in the tests' own thread
        beside.submit(asyncio.run, wrapped(scope, receive, send)).result()
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def serving(kind: str, *parts: bytes, **headers: str) -> Any:
    """An application that answers these bytes."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        length = {"content-length": str(sum(map(len, parts)))}
        raw = [
            (k.replace("_", "-").encode(), v.encode()) for k, v in {"content-type": kind, **length, **headers}.items()
        ]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        for place, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": place < len(parts) - 1})

    return app


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"accept-language": "zh-CN,zh;q=0.9"}, "zh-CN"),
        ({"accept-language": "de, en;q=0.5"}, "en"),
        ({"accept-language": "en", "cookie": "a=b; language=zh"}, "zh-CN"),
        ({"accept-language": "en", "cookie": "language=xx"}, "en"),
        ({"cookie": "broken cookie\x01"}, "en"),
    ],
)
def test_a_page_says_its_language(headers: dict[str, str], language: str) -> None:
    _, found, body = asked(Document(serving("text/html; charset=utf-8", PAGE)), headers=headers)
    assert f'<html lang="{language}">'.encode() in body
    assert found["content-length"] == str(len(body))
    assert "Cookie" in found["vary"]


@pytest.mark.parametrize("path", ["/no-such-page", "/team/more", "/home"])
def test_an_address_that_is_no_page_leads_to_the_root(path: str) -> None:
    status, found, body = asked(Document(serving("text/html", PAGE)), path)
    assert (status, found["location"], body) == (307, "/", b"")


@pytest.mark.parametrize("path", ["/", "/team", "/team/", "/api/docs"])
def test_a_page_stays_at_its_address_and_steps_from_the_root_are_not_kept(path: str) -> None:
    page = PAGE.replace(b"<body>", b"<head></head><body>")
    status, _, body = asked(Document(serving("text/html", page)), path)
    assert status == 200
    assert (b"history.replaceState" in body) == (not path.startswith("/api"))


def test_a_page_in_pieces_arrives_whole() -> None:
    _, found, body = asked(Document(serving("text/html", PAGE, b"more", b"end")), headers={"accept-language": "zh"})
    assert body == PAGE.replace(b'"en"', b'"zh-CN"') + b"moreend"
    assert "content-length" not in found


@pytest.mark.parametrize(("kind", "headers"), [("application/json", {}), ("text/html", {"content_encoding": "gzip"})])
def test_anything_else_passes_as_it_is(kind: str, headers: dict[str, str]) -> None:
    _, found, body = asked(Document(serving(kind, PAGE, **headers)), headers={"accept-language": "zh"})
    assert body == PAGE
    assert "vary" not in found


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/team/_stcore/metrics/"])
def test_the_servers_own_counters_are_closed(path: str) -> None:
    status, _, _ = asked(Doors(serving("text/plain", b"sessions 12")), path)
    assert status == 404


def test_every_answer_carries_the_headers() -> None:
    status, found, _ = asked(Doors(serving("text/html", PAGE)))
    assert status == 200
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= found.items()
