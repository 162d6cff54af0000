"""Pages over the real websocket, with one and with many people, against empty ones and bare ones that draw the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import httpx

from dashboard.bench import drawing
from dashboard.bench.departments import opened
from dashboard.bench.drawn import Drawing, Part, told
from dashboard.bench.rows import Row
from dashboard.bench.visitors import Visitor, together
from dashboard.settings import ROOT
from dashboard.sitemap import PAGES, is_offered

CROWDS = (1, 20, 50)
ALONE_SECONDS, CROWD_SECONDS = 2.0, 7.0
"""How long people come back to a page once everybody is there."""
READY_SECONDS = 120.0
AIM = "≤ 2 and ≤ 1,000 ms"
LOOKS = {"board": ("deals", "view=board")}
"""Other looks of a page, by the name they are measured under: the page and what its address says."""


class Visits(NamedTuple):
    """How pages are visited: by how many people at once, which pages (none: all), for how many seconds each."""

    people: tuple[int, ...] = CROWDS
    pages: tuple[str, ...] = ()
    seconds: float = CROWD_SECONDS


class Server(NamedTuple):
    """A server in a process of its own."""

    port: int
    process: int

    def memory_mb(self) -> float:
        """The memory it holds."""
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024

    def cpu_ms(self) -> float:
        """The CPU time it has taken so far, with threads that have ended."""
        return (
            time.clock_gettime(~self.process << 3 | 2) * 1000
        )  # the clock of another process, see clock_getcpuclockid


@contextmanager
def served(kind: str, home: Path | None = None, drawn: str = "") -> Iterator[Server]:
    """A server of its own. drawn: the folder that says what bare pages draw."""
    settings = {drawing.FOLDER: drawn} if home is None else {"SALES_HOME": str(home)}
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
        yield Server(port, process.pid)
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


def people_of(home: Path, most: int, slugs: Collection[str]) -> dict[str, list[str]]:
    """Session secrets of people who get each page or look, made before the server opens the store. A page that nobody
    gets is left out."""
    with opened(home) as (_, store):
        actors = [store.actor(person) for person in store.reference("person").filter(active=True)["id"].to_list()]
        found: dict[str, list[str]] = {}
        for entry in PAGES:
            offered = [actor for actor in actors if is_offered(entry, actor)]
            for slug in (entry.slug, *(name for name, (page, _) in LOOKS.items() if page == entry.slug)):
                if offered and slug in slugs:
                    found[slug] = [store.logins.open(offered[place % len(offered)]) for place in range(most)]
        return found


def visitor_of(server: Server, slug: str, secret: str, drawing: Drawing | None = None) -> Visitor:
    """Somebody at a page or look of ours."""
    page, query = LOOKS.get(slug, (slug, ""))
    return Visitor(server.port, page, query, cookie=secret, drawing=drawing)


def page_rows(home: Path, size: int, visits: Visits) -> Iterator[Row]:
    """First view and later runs of every page, with the CPU time of a run and the memory that a session takes."""
    secrets = people_of(home, max(1, *visits.people), visits.pages or [*(entry.slug for entry in PAGES), *LOOKS])
    with (
        tempfile.TemporaryDirectory(prefix="salesdesk-drawn-") as folder,
        served("bare", drawn=folder) as bare,
        served("pages", home) as ours,
    ):
        for slug, known in secrets.items():
            seen = drawn_by(ours, slug, known[0])
            (Path(folder) / f"{slug}.json").write_text(json.dumps(seen))
            yield from cpu_rows(ours, bare, slug, known[0], size, seen)
            before = ours.memory_mb()
            for crowd in visits.people:
                stay = ALONE_SECONDS if crowd == 1 else visits.seconds
                here = together([visitor_of(ours, slug, secret) for secret in known[:crowd]], stay)
                there = together([Visitor(bare.port, "", f"page={slug}") for _ in range(crowd)], stay)
                first = [p95_of([one.first for one in visitors]) for visitors in (here, there)]
                yield Row(f"first view of {slug}, {crowd} people, p95", size, first[0], "bare page", first[1], AIM)
                yield Row(f"rerun of {slug}, {crowd} people, p95", size, p95(here), "bare page", p95(there), AIM)
            grown = (ours.memory_mb() - before) / max(1, sum(visits.people))
            yield Row(f"memory of a session at {slug}, MB", size, grown)
        for crowd in visits.people:
            nothing = together([Visitor(bare.port, "") for _ in range(crowd)], visits.seconds)
            yield Row(f"rerun of an empty page, {crowd} people, p95", size, p95(nothing))


def drawn_by(server: Server, slug: str, secret: str) -> Part:
    """What a page draws for a person."""
    drawn = Drawing()
    together([visitor_of(server, slug, secret, drawn)], 0)
    return drawn.page.part()


def cpu_rows(ours: Server, bare: Server, slug: str, secret: str, size: int, seen: Part) -> Iterator[Row]:
    """What one run costs the server, whatever else the machine does; and what the bare page holds."""
    page = cost_of(ours, visitor_of(ours, slug, secret))
    same = cost_of(bare, Visitor(bare.port, "", f"page={slug}"))
    yield Row(f"bare page of {slug} ({told(seen)}), CPU of a run", size, same)
    yield Row(f"rerun of {slug}, CPU", size, page, "bare page", same, "≤ 2")


def cost_of(server: Server, visitor: Visitor) -> float:
    """The CPU time of one run, milliseconds."""
    together([visitor], ALONE_SECONDS / 3)  # the first runs are slower
    visitor.reruns.clear()
    before = server.cpu_ms()
    together([visitor], ALONE_SECONDS)
    return (server.cpu_ms() - before) / (1 + len(visitor.reruns))


def p95(visitors: list[Visitor]) -> float:
    """The 95th percentile of all later runs."""
    return p95_of([taken for visitor in visitors for taken in visitor.reruns])


def p95_of(times: list[float]) -> float:
    """The 95th percentile; of a single one, that."""
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
