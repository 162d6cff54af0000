"""A server with a department in it and a browser, one of each for all browser tests of a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.e2e.driving import CHROMIUM
from tests.served import Served, serve

__all__ = ["Served"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; without one the browser tests are skipped, unless E2E=required."""
    if CHROMIUM is None:
        if os.environ.get("E2E") == "required":
            pytest.fail("E2E=required, and there is no Chromium: install one or set CHROMIUM")
        pytest.skip("no Chromium was found; E2E=required makes this a failure")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application, ready."""
    with serve(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A Chinese browser that nobody has used."""
    opened = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()
