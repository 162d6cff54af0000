"""REST under a steady load: 20 requests a second of each mix of kinds, against a bare answer."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from dashboard.bench.departments import opened
from dashboard.bench.kinds import MIXES, Ask, Making, open_deals
from dashboard.bench.pages import p95_of, served
from dashboard.bench.rows import Row
from dashboard.domain.access import Role

A_SECOND = 20
SECONDS, WARM_UP = 15, 3


class Caller(NamedTuple):
    """A rep: the secret of a session, and what they ask by kind."""

    secret: str
    asks: dict[str, Iterator[Ask]]


def request_rows(home: Path, size: int) -> Iterator[Row]:
    """The 95th percentile of each kind of request while all kinds of its mix arrive."""
    mixes = [callers_of(home, mix) for mix in MIXES]
    with served("pages", home) as server:
        port, before = server.port, server.memory_mb()
        for callers in mixes:
            steady(port, callers, WARM_UP)  # the first calls of a process are slower
        ours = [steady(port, callers, SECONDS) for callers in mixes]
        grown = server.memory_mb() - before
    with served("plain") as server:
        bare = [steady(server.port, callers_of(home, mix), SECONDS) for mix in MIXES]
    for times, plain in zip(ours, bare, strict=True):
        for kind, taken in times.items():
            reference = p95_of(plain[kind])
            yield Row(f"REST {kind}, {A_SECOND} requests a second, p95", size, p95_of(taken), "bare answer", reference)
    yield Row(f"memory of {len(MIXES) * A_SECOND * (SECONDS + WARM_UP)} requests, MB", size, grown)


def callers_of(home: Path, mix: dict[str, Making]) -> list[Caller]:
    """Reps who work on deals, with what they will ask, logged in before the server opens the store."""
    with opened(home) as (_, store):
        people = [store.actor(one) for one in store.reference("person").filter(active=True)["id"].to_list()]
        reps = [one for one in people if Role.REP in one.roles and len(open_deals(store, one)) > 1][:A_SECOND]
        turns = A_SECOND * (SECONDS + WARM_UP) // (len(reps) * len(mix)) + 2
        return [
            Caller(store.logins.open(rep), {kind: make(store, rep, turns) for kind, make in mix.items()})
            for rep in reps
        ]


def steady(port: int, callers: list[Caller], seconds: int) -> dict[str, list[float]]:
    """Send A_SECOND requests a second, answered or not, one kind after the other; milliseconds of each by kind."""
    times: dict[str, list[float]] = defaultdict(list)

    async def one(client: httpx.AsyncClient, at: int) -> None:
        kinds = list(callers[0].asks)
        caller, kind = callers[at // len(kinds) % len(callers)], kinds[at % len(kinds)]
        ask = next(caller.asks[kind])
        headers = {"Authorization": f"Bearer {caller.secret}", **ask.headers}
        started = time.perf_counter()
        found = await client.request(ask.method, f"/api/v1/{ask.address}", headers=headers, json=ask.body)
        if found.status_code != httpx.codes.OK:
            raise RuntimeError(f"{kind}: {found.status_code} {found.text}")
        times[kind].append((time.perf_counter() - started) * 1000)

    async def all_of_them() -> None:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=60) as client, asyncio.TaskGroup() as group:
            started = time.perf_counter()
            for at in range(seconds * A_SECOND):
                await asyncio.sleep(max(0.0, started + at / A_SECOND - time.perf_counter()))
                group.create_task(one(client, at))

    asyncio.run(all_of_them())
    return times
