"""Repeated requests: an Idempotency-Key makes a POST count once, for a day and for one person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from dashboard.api.callers import Caller
from dashboard.api.problems import BadRequest, Reused
from dashboard.errors import Problem, SalesDeskError
from dashboard.store.requests import Answer, Repeated, Requests

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
JSON = "application/json"


class Once:
    """One request that counts once when its caller says so."""

    def __init__(self, caller: Caller, body: bytes) -> None:
        self.caller = caller
        self.key = caller.request.headers.get("idempotency-key")
        if self.key is not None and not KEY.fullmatch(self.key):
            raise BadRequest("request.invalid", [Problem(None, HEADER, "request.idempotency_key")])
        asked = (caller.request.method, str(caller.request.url.path), caller.request.headers.get("if-match", ""))
        self.fingerprint = hashlib.sha256("\0".join(asked).encode() + b"\0" + body).hexdigest()

    def do(self, work: Callable[[], Response]) -> Response:
        """The kept answer of the same request, else what `work` answers. Raises Reused (request.reused).

        Somebody may send the same at the same time and be first: then what `work` was refused is done already.
        """
        if self.key is None:
            return work()
        kept = self.kept()
        if kept is not None:
            return kept
        try:
            return work()
        except (Repeated, SalesDeskError):
            kept = self.kept()
            if kept is None:
                raise
            return kept

    def kept(self) -> Response | None:
        """The answer that was given before."""
        assert self.key is not None
        found = Requests(self.caller.store).kept(self.caller.actor.person_id, self.key)
        if found is None:
            return None
        fingerprint, answer = found
        if fingerprint != self.fingerprint:
            raise Reused("request.reused")
        return responded(answer, {REPLAYED: "true"})

    def keep(self, cursor: Any, answer: Answer) -> None:
        """Keep an answer inside the transaction that it tells of."""
        if self.key is not None:
            requests = Requests(self.caller.store)
            requests.keep(cursor, self.caller.actor.person_id, self.key, self.fingerprint, answer)

    def keep_later(self, answer: Answer) -> Response:
        """Keep an answer of something that wrote nothing, or whose repetition changes nothing."""
        if self.key is not None:
            with self.caller.store.engine.writing() as cursor:
                self.keep(cursor, answer)
        return responded(answer)


def responded(answer: Answer, more: dict[str, str] | None = None) -> Response:
    """An answer as it is sent."""
    media_type = JSON if answer.body else None
    return Response(answer.body, answer.status, {**answer.headers, **(more or {})}, media_type)
