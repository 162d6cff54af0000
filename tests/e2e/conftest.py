"""A server with a department in it and a browser, one of each for all browser tests of a worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.e2e.driving import CHROMIUM, READY

SERVING = Path(__file__).with_name("serving.py")


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    address: str

    def end_sessions(self, name: str) -> None:
        """End every session of a person, as an administrator would."""
        self.say(f"end {name}")

    def say(self, line: str) -> None:
        """Ask for something and wait until it is done."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == "done"


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
    folder = tmp_path_factory.mktemp("served")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(SERVING), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        port = process.stdout.readline().strip()
        assert port, (folder / "log").read_text()
        found = Served(process, f"http://127.0.0.1:{port}")
        page = browser.new_page()
        page.goto(found.address)
        page.wait_for_function(READY, polling=100)
        page.close()
        yield found
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A Chinese browser that nobody has used."""
    opened = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()
