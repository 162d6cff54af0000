"""REST under a steady load: lists, single records and saves, 20 requests a second, against a bare answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from dashboard.bench.departments import opened
from dashboard.bench.pages import p95_of, served
from dashboard.bench.rows import Row
from dashboard.domain.access import Role
from dashboard.domain.queries import Condition, Operator

A_SECOND = 20
SECONDS = 15
LISTED = 50
"""Records on a page of a list."""


class Caller(NamedTuple):
    """A rep: the secret of a session, and an open deal with its version."""

    secret: str
    deal: str
    versions: Iterator[int]


def request_rows(home: Path, size: int) -> Iterator[Row]:
    """The 95th percentile of each kind of request while all three kinds arrive."""
    callers = callers_of(home)
    with served("pages", home) as server:
        port, before = server.port, server.memory_mb()
        steady(port, callers, 3)  # the first calls of a process are slower
        ours = steady(port, callers, SECONDS)
        grown = server.memory_mb() - before
    with served("plain") as server:
        bare = steady(server.port, callers, SECONDS)
    for kind, times in ours.items():
        reference = p95_of(bare[kind])
        yield Row(f"REST {kind}, {A_SECOND} requests a second, p95", size, p95_of(times), "bare answer", reference)
    yield Row(f"memory of {A_SECOND * (SECONDS + 3)} requests, MB", size, grown)


def callers_of(home: Path) -> list[Caller]:
    """Reps with an open deal each, logged in before the server opens the store."""
    with opened(home) as (_, store):
        people = [store.actor(one) for one in store.reference("person").filter(active=True)["id"].to_list()]
        stages = store.reference("stage").filter(type="open")["id"].to_list()
        found: list[Caller] = []
        for rep in [person for person in people if Role.REP in person.roles][:A_SECOND]:
            where = [Condition("owner_id", Operator.EQ, rep.person_id), Condition("stage_id", Operator.IN, stages)]
            deal, version = store.find(rep, "deal", where, limit=1).select("id", "version").row(0)
            found.append(Caller(store.logins.open(rep), deal, itertools.count(version)))
        return found


def steady(port: int, callers: list[Caller], seconds: int) -> dict[str, list[float]]:
    """Send A_SECOND requests a second, answered or not, one kind after the other; milliseconds of each by kind."""
    times: dict[str, list[float]] = defaultdict(list)

    async def one(client: httpx.AsyncClient, at: int) -> None:
        caller = callers[at // 3 % len(callers)]
        kind = ("list", "get", "save")[at % 3]
        headers = {"Authorization": f"Bearer {caller.secret}"}
        address = "/api/v1/deals" if kind == "list" else f"/api/v1/deals/{caller.deal}"
        started = time.perf_counter()
        if kind == "save":
            version = next(caller.versions)
            headers["If-Match"] = f'"{version}"'
            found = await client.patch(address, headers=headers, json={"next_step": f"call {version}"})
        else:
            found = await client.get(address, headers=headers, params={"limit": LISTED} if kind == "list" else {})
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
