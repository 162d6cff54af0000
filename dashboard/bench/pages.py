"""Pages over the real websocket, with one and with many people, against an empty page and one that only draws."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import httpx

from dashboard.bench.departments import opened
from dashboard.bench.rows import Row
from dashboard.bench.visitors import KINDS, Visitor, together
from dashboard.settings import ROOT
from dashboard.sitemap import PAGES, is_offered

CROWDS = (1, 20, 50)
RERUNS = {1: 20, 20: 4, 50: 3}
POINTS, ROWS = 12, 50
"""What a chart and a table of the bare page hold."""
READY_SECONDS = 120.0


@contextmanager
def served(kind: str, home: Path | None = None) -> Iterator[tuple[int, int]]:
    """A server of its own: its port and process id."""
    settings = {} if home is None else {"SALES_HOME": str(home)}
    process = subprocess.Popen(  # noqa: S603  (this very interpreter)
        [sys.executable, "-m", "dashboard.bench.serving", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | settings,
    )
    assert process.stdout
    assert process.stdin
    try:
        port = int(process.stdout.readline())
        if home is not None:
            until_ready(port)
        yield port, process.pid
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def until_ready(port: int) -> None:
    """Wait until the numbers can be asked for. Raises TimeoutError."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError


def people_of(home: Path, most: int) -> dict[str, list[str]]:
    """Session secrets of people who get each page, made before the server opens the store."""
    with opened(home) as (_, store):
        actors = [store.actor(person) for person in store.reference("person").filter(active=True)["id"].to_list()]
        found: dict[str, list[str]] = {}
        for entry in PAGES:
            offered = [actor for actor in actors if is_offered(entry, actor)]
            found[entry.slug] = [store.logins.open(offered[place % len(offered)]) for place in range(most)]
        return found


def page_rows(home: Path, size: int, crowds: tuple[int, ...] = CROWDS) -> Iterator[Row]:
    """First view and later runs of every page, with the memory that a session takes."""
    secrets = people_of(home, max(crowds))
    with served("bare") as (bare, _), served("pages", home) as (port, process):
        for entry in PAGES:
            warm = together([Visitor(port, entry.slug, cookie=secrets[entry.slug][0])], 2)[0]
            drawn = warm.drawn
            query = urlencode({kind: drawn[kind] for kind in KINDS.values()} | {"points": POINTS, "rows": ROWS})
            before = memory_kb(process)
            for crowd in crowds:
                ours = together(
                    [Visitor(port, entry.slug, cookie=secret) for secret in secrets[entry.slug][:crowd]], RERUNS[crowd]
                )
                drawing = together([Visitor(bare, "", query) for _ in range(crowd)], RERUNS[crowd])
                yield Row(f"first view of {entry.slug}, {crowd} people, median", size, *pair(ours, drawing, first=True))
                yield Row(
                    f"rerun of {entry.slug}, {crowd} people, p95", size, *pair(ours, drawing), "≤ 2 and ≤ 1,000 ms"
                )
            yield Row(
                f"memory of a session at {entry.slug}, MB", size, (memory_kb(process) - before) / sum(crowds) / 1024
            )
        for crowd in crowds:
            nothing = together([Visitor(bare, "") for _ in range(crowd)], RERUNS[crowd])
            yield Row(f"rerun of an empty page, {crowd} people, p95", size, p95(nothing))


def pair(ours: list[Visitor], drawing: list[Visitor], *, first: bool = False) -> tuple[float, str, float]:
    """Our time, what it is compared with, and its time."""
    if first:
        return median(one.first for one in ours), "bare page", median(one.first for one in drawing)
    return p95(ours), "bare page", p95(drawing)


def p95(visitors: list[Visitor]) -> float:
    """The 95th percentile of all later runs."""
    return p95_of([taken for visitor in visitors for taken in visitor.reruns])


def p95_of(times: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20, method="inclusive")[-1]


def memory_kb(process: int) -> int:
    """The resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS")))
