"""A server that starts: what has to be loaded before the first page is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dashboard import asgi
from dashboard.jobs import Running
from dashboard.ui import passwords
from tests.served import serve


def test_the_login_library_is_loaded_before_the_first_page_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(tmp_path):  # makes the store
        pass
    monkeypatch.setenv("SALES_HOME", str(tmp_path))
    passwords.library.cache_clear()

    async def started() -> bool:
        async with asgi.lifespan(None):
            return Running.desk is not None and passwords.library.cache_info().currsize == 1

    assert asyncio.run(started())
