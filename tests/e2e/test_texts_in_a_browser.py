"""Whatever a text looks like, a browser shows it as it is, and makes no link of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dashboard.ui.markdown import UNSEEN
from tests.e2e import texts

PAGE = Path(texts.__file__)
ROOT = PAGE.parents[2]


@pytest.fixture
def address() -> Iterator[str]:
    """A server for the page with the texts, ready."""
    options = ["--server.port=0", "--server.address=127.0.0.1", "--server.headless=true"]
    with subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(PAGE), *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout
        yield next(line.split()[-1] for line in server.stdout if "http://" in line)
        server.kill()  # it holds nothing that is worth a clean end


def test_a_text_is_shown_as_it_is(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    found = texts.texts()
    expect(page.locator(f".st-key-input{len(found) - 1} input")).to_be_visible()
    told = {
        (way, place): page.locator(f".st-key-{way}{place}").first.inner_text().replace(UNSEEN, "").split("\n")
        for place in range(len(found))
        for way in texts.WAYS
    }
    shown = {key: [line.strip() for line in lines if line.strip()] for key, lines in told.items()}
    for place, text in enumerate(found):
        plain = " ".join(text.split())
        assert shown["lines", place] == [f"x {plain}", plain], text
        assert shown["input", place] == [f"{plain} *"], text
        assert {tuple(shown[way, place]) for way in ("paragraph", "title", "button")} == {(plain,)}, text
    assert page.locator("[class*=st-key-] a").count() == 0
    page.close()
