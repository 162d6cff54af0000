"""People at pages: websockets that speak Streamlit's protocol and note how long each run takes to arrive."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

THINK_SECONDS, LONGEST_THINK = 7.0, 10
"""Between two clicks of one person among many: exponential with this mean, at most so many times as long, as in the
benchmark TPC-W."""
ALONE_SECONDS = 0.1
"""Somebody alone hardly thinks: nobody else is waiting."""
KINDS = {"plotly_chart": "charts", "arrow_data_frame": "tables", "metric": "cards", "markdown": "texts"}
PATIENCE_SECONDS = 60.0


@dataclass
class Visitor:
    """One person at one page. Times in milliseconds."""

    port: int
    page: str
    query: str = ""
    cookie: str | None = None
    first: float = 0.0
    reruns: list[float] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)

    async def visit(self, reruns: int, seed: int, think: float, all_there: asyncio.Barrier) -> None:
        """Open the page; once everybody has it, come back to it so many times. think: mean seconds in between."""
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
            await asyncio.sleep(chance.uniform(0, think))
            self.first = await self.run(wire)
            await all_there.wait()
            for _ in range(reruns):
                await asyncio.sleep(min(chance.expovariate(1 / think), LONGEST_THINK * think))
                self.reruns.append(await self.run(wire))

    async def run(self, wire: ClientConnection) -> float:
        """One run of the page, until its last element has come. Raises RuntimeError for one that fails."""
        asked = BackMsg()
        asked.rerun_script.page_name = self.page
        asked.rerun_script.query_string = self.query
        started = time.perf_counter()
        await wire.send(asked.SerializeToString())
        drawn: Counter[str] = Counter()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = ForwardMsg.FromString(await wire.recv(decode=False))
                kind = message.WhichOneof("type")
                if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                    element = message.delta.new_element
                    if element.alert.format == Alert.ERROR:
                        raise RuntimeError(f"{self.page}: {element.alert.body}")
                    drawn[KINDS.get(element.WhichOneof("type"), "other")] += 1
                elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        self.drawn = self.drawn | drawn
        return (time.perf_counter() - started) * 1000


def together(visitors: list[Visitor], reruns: int) -> list[Visitor]:
    """All of them at the same time; returns them with their times."""

    async def all_of_them() -> None:
        think = ALONE_SECONDS if len(visitors) == 1 else THINK_SECONDS
        all_there = asyncio.Barrier(len(visitors))
        await asyncio.gather(*(visitor.visit(reruns, seed, think, all_there) for seed, visitor in enumerate(visitors)))

    asyncio.run(all_of_them())
    return visitors
