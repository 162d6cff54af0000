"""How a browser is driven through the application: open, log in, wait until nothing moves."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from dashboard.i18n import LANGUAGES, translate
from tests.served import Served

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # a busy machine is no fault of a page

QUIET = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app !== null && app.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('[data-stale="true"]') === null
    && document.querySelector('[data-testid="stSkeleton"]') === null
    && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(e => e.querySelector('.main-svg'));
}"""
"""Streamlit has run, nothing is stale, every chart is drawn."""


def opened(context: BrowserContext, address: str, path: str = "") -> Page:
    """A page of the application, once it stands still."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/{path}")
    settled(page)
    return page


def inside(context: BrowserContext, served: Served, name: str, path: str = "") -> Page:
    """A page of somebody who is logged in, without the way through the form, which other tests go."""
    context.add_cookies([{"name": "sid", "value": served.cookie(name), "url": served.address, "sameSite": "Strict"}])
    return opened(context, served.address, path)


def settled(page: Page) -> None:
    """Wait until the page stands still."""
    page.wait_for_function(QUIET, timeout=PATIENCE_MS)


def words(key: str, **values: object) -> Any:
    """A text in either language, as a pattern for locators."""
    import re

    return re.compile("|".join(re.escape(translate(key, language, **values)) for language in LANGUAGES))


def fill_in(page: Page, username: str, password: str) -> None:
    """Send the login form."""
    page.get_by_role("textbox", name=words("login.username")).fill(username)
    page.get_by_role("textbox", name=words("login.password")).fill(password)
    page.get_by_role("textbox", name=words("login.password")).press("Enter")


def log_in(page: Page, username: str, password: str) -> None:
    """Log in and wait for the first page; whoever leaves before the cookie has come is a stranger again."""
    with page.expect_response("**/session/open") as answer:
        fill_in(page, username, password)
    assert answer.value.status == 204, "the browser has its cookie"
    expect(page.get_by_role("button", name=words("shell.log_out"))).to_be_attached(timeout=PATIENCE_MS)
    settled(page)


def figure_of(page: Page, key: str) -> dict[str, Any]:
    """What Plotly really drew for a chart: its data and layout."""
    found = page.locator(f"[class*='st-key-{key}'] .js-plotly-plot").first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return dict(json.loads(found.evaluate("e => JSON.stringify({data: e.data, layout: e.layout})")))


READY = "() => fetch('/api/health').then(answer => answer.ok)"
"""The server has its numbers."""


def click_bar(page: Page, key: str, place: int) -> None:
    """Click a bar of a chart by its place; Plotly listens above the bars, so the mouse goes where the bar is."""
    bar = page.locator(f"[class*='st-key-{key}_'] .bars .point path").nth(place)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
