"""People at pages: websockets that speak Streamlit's protocol and note how long each run takes to arrive."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboard.bench.drawn import Drawing

THINK_SECONDS, LONGEST_THINK = 7.0, 10
"""Between two clicks of one person among many: exponential with this mean, at most so many times as long, as in the
benchmark TPC-W."""
ARRIVING_SECONDS = 0.14
"""Between two people that arrive: fifty within seven seconds."""
ALONE_SECONDS = 0.1
"""Somebody alone hardly thinks: nobody else is waiting."""
PATIENCE_SECONDS = 60.0


@dataclass
class Visitor:
    """One person at one page. Times in milliseconds; drawing: what the first run drew, when that is wanted."""

    port: int
    page: str
    query: str = ""
    cookie: str | None = None
    first: float = 0.0
    reruns: list[float] = field(default_factory=list)
    drawing: Drawing | None = None

    async def visit(self, begin: float, seconds: float, think: float, seed: int, all_there: asyncio.Barrier) -> None:
        """Open the page `begin` seconds from now; once everybody has it, come back to it again and again for so many
        seconds. think: mean seconds in between."""
        chance = random.Random(seed)  # noqa: S311  (think times)
        address = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": f"sid={self.cookie}"} if self.cookie else {}
        async with connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=Origin(address),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Accept-Language": "zh-CN", **headers},
            max_size=None,
            open_timeout=PATIENCE_SECONDS,
        ) as wire:
            await asyncio.sleep(begin)
            self.first = await self.run(wire)
            await all_there.wait()
            end = time.perf_counter() + seconds
            while time.perf_counter() + (pause := pause_of(chance, think)) < end:
                await asyncio.sleep(pause)
                self.reruns.append(await self.run(wire))

    async def run(self, wire: ClientConnection) -> float:
        """One run of the page, until its last element has come. Raises RuntimeError for one that fails."""
        asked = BackMsg()
        asked.rerun_script.page_name = self.page
        asked.rerun_script.query_string = self.query
        started = time.perf_counter()
        await wire.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = ForwardMsg.FromString(await wire.recv(decode=False))
                kind = message.WhichOneof("type")
                if kind == "delta" and message.delta.new_element.alert.format == Alert.ERROR:
                    raise RuntimeError(f"{self.page}: {message.delta.new_element.alert.body}")
                if self.drawing is not None and not self.first:
                    self.drawing.read(message)
                if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return (time.perf_counter() - started) * 1000


def pause_of(chance: random.Random, think: float) -> float:
    """How long somebody thinks this time."""
    return min(chance.expovariate(1 / think), LONGEST_THINK * think)


def together(visitors: list[Visitor], seconds: float) -> list[Visitor]:
    """All of them at the same time, for so many seconds once everybody is there; returns them with their times."""

    async def all_of_them() -> None:
        many, chance = len(visitors), random.Random(len(visitors))  # noqa: S311
        think, within = (ALONE_SECONDS, 0.0) if many == 1 else (THINK_SECONDS, ARRIVING_SECONDS * many)
        all_there = asyncio.Barrier(many)
        await asyncio.gather(
            *(
                visitor.visit(chance.uniform(0, within), seconds, think, seed, all_there)
                for seed, visitor in enumerate(visitors)
            )
        )

    asyncio.run(all_of_them())
    return visitors
