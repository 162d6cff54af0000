"""What those who run the server ask: is it alive, and how is it doing (Prometheus text)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.callers import Admitted
from dashboard.api.gates import V1
from dashboard.api.values import dumped
from dashboard.jobs import Desk, Running

router = APIRouter()
TEXT = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@router.get("/health")
@router.get(f"{V1}/health")
def health() -> Response:
    """Whether the numbers can be asked for; nothing else, because nobody had to log in."""
    desk = Running.desk
    ready = desk is not None and desk.marts is not None
    body = dumped({"status": "ready" if ready else "starting"})
    return Response(body, 200 if ready else 503, {"Cache-Control": "no-store"}, "application/json")


class Counts:
    """How many requests were answered, and how long they took, since the start."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answered: Counter[tuple[str, str, int]] = Counter()
        self.within: Counter[float] = Counter()
        self.seconds = 0.0

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer."""
        with self.lock:
            self.answered[method, route, status] += 1
            self.seconds += seconds
            self.within.update(bound for bound in BUCKETS if seconds <= bound)

    def lines(self) -> Iterator[str]:
        """Prometheus text."""
        with self.lock:
            answered, within, seconds = self.answered.copy(), self.within.copy(), self.seconds
        yield "# TYPE salesdesk_requests_total counter"
        for (method, route, status), count in sorted(answered.items()):
            yield f'salesdesk_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield "# TYPE salesdesk_request_seconds histogram"
        for bound in BUCKETS:
            yield f'salesdesk_request_seconds_bucket{{le="{bound}"}} {within[bound]}'
        total = sum(answered.values())
        yield f'salesdesk_request_seconds_bucket{{le="+Inf"}} {total}'
        yield f"salesdesk_request_seconds_sum {seconds:.6f}"
        yield f"salesdesk_request_seconds_count {total}"


COUNTS = Counts()


class Counted:
    """Counts every answer by route, never by address, for addresses hold ids; and lets nobody on the way keep any."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def sender(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, sender)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            COUNTS.add(known_method(scope["method"]), route, status, time.perf_counter() - begun)


def known_method(method: str) -> str:
    """A method, or `other`: what a caller makes up is not counted one by one."""
    return method if method in ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS") else "other"


@router.get(f"{V1}/ops/metrics")
def metrics(caller: Admitted) -> Response:
    """Counters and gauges for a monitoring system."""
    lines = [*COUNTS.lines(), *gauges(caller.desk)]
    return Response("\n".join(lines) + "\n", 200, media_type=TEXT)


def gauges(desk: Desk) -> Iterator[str]:
    """How the store and its numbers are."""
    fresh = desk.freshness
    found: dict[str, Any] = {
        "salesdesk_ready": int(desk.marts is not None),
        "salesdesk_store_revision": desk.store.revision,
        "salesdesk_marts_revision": fresh.revision,
        "salesdesk_marts_failed": int(fresh.problem is not None),
    }
    if fresh.refreshed_at is not None:
        age = datetime.now(UTC).replace(tzinfo=None) - fresh.refreshed_at
        found["salesdesk_marts_age_seconds"] = round(age.total_seconds(), 3)
    for name, value in found.items():
        yield f"# TYPE {name} gauge"
        yield f"{name} {value}"
