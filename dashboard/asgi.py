"""The application as one ASGI app: the pages, the REST interface, and the desk that lives as long as the server."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
import structlog
from starlette.middleware import Middleware

from dashboard.api.app import mounted
from dashboard.errors import Misconfigured
from dashboard.jobs import Desk, Running
from dashboard.opening import open_desk
from dashboard.settings import ROOT, load
from dashboard.ui import handover, warming, whole_clicks
from dashboard.ui.doors import Doors
from dashboard.ui.house import HOUSE
from dashboard.ui.web import Document

log = structlog.get_logger()

STOP_SECONDS = 2.0  # what the warm-up and the jobs get each, once the server stops


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open the desk before the first request; close it after the last, whatever happens in between."""
    try:
        settings = load()
        HOUSE.settle(settings)
        whole_clicks.settle()
        desk = await asyncio.to_thread(open_desk, settings)
    except Misconfigured as problem:
        log.error("start.refused", code=problem.code, reason=str(problem))
        raise
    await asyncio.to_thread(warming.load_libraries)
    Running.desk = desk  # before the first browser comes back with its cookie
    begun = asyncio.create_task(asyncio.to_thread(begin, desk))
    try:
        yield
    finally:
        Running.desk = None
        desk.stopping.set()
        await asyncio.wait([begun], timeout=STOP_SECONDS)
        await asyncio.to_thread(desk.stop, STOP_SECONDS)
        await asyncio.to_thread(desk.store.close)


def begin(desk: Desk) -> None:
    """Bring the numbers up to date and make the first click as quick as the later ones; people may log in meanwhile."""
    try:
        desk.start()
        warming.warm(desk)
    except Exception as problem:  # noqa: BLE001  (the server stays up: pages say what they can)
        log.error("start.failed", problem=f"{type(problem).__name__}: {problem}")
    gc.collect()
    gc.freeze()  # what was loaded so far is never looked at again by the collector


app = st.App(
    ROOT / "dashboard" / "app.py",
    routes=[mounted(), *handover.ROUTES],
    middleware=[Middleware(Doors), Middleware(Document)],
    lifespan=lifespan,
)
