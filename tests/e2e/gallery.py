"""Pictures of every page for every role, language, theme and width, to be looked at: not part of the tests.

    python tests/e2e/gallery.py http://127.0.0.1:8501 /tmp/shots [--only ROLE ...] [--quick]

It needs a running demo server; it logs in with the demo logins.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboard.domain.access import Role, operator
from dashboard.opening import DEMO_LOGINS, DEMO_PASSWORD
from dashboard.sitemap import landing, offered
from tests.e2e.driving import CHROMIUM, log_in, opened, settled

SIDEBAR_GONE = "() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0"
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
LOCALES = {"zh": "zh-CN", "en": "en-US"}


class Shot(NamedTuple):
    """What a picture shows."""

    role: str
    language: str
    theme: str
    width: str


def main() -> None:
    """Take the pictures."""
    asked = arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shot in shots(asked.only, asked.quick):
            context = context_of(browser, shot, asked.address)
            take(context, asked.address, shot, asked.folder)
            context.close()
        browser.close()


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(DEMO_LOGINS), choices=list(DEMO_LOGINS))
    parser.add_argument("--quick", action="store_true", help="zh light and en dark only")
    return parser.parse_args()


def shots(roles: list[str], quick: bool) -> Iterator[Shot]:
    """Every combination, or two of them."""
    for role, width in product(roles, WIDTHS):
        looks = [("zh", "light"), ("en", "dark")] if quick else product(LOCALES, ("light", "dark"))
        for language, theme in looks:
            yield Shot(role, language, theme, width)


def context_of(browser: Browser, shot: Shot, address: str) -> BrowserContext:
    """A browser of that language, theme and width."""
    width, height = WIDTHS[shot.width]
    context = browser.new_context(
        locale=LOCALES[shot.language],
        color_scheme="dark" if shot.theme == "dark" else "light",
        viewport={"width": width, "height": height},
        has_touch=shot.width == "phone",
        is_mobile=shot.width == "phone",
    )
    context.add_cookies([{"name": "language", "value": shot.language, "url": address}])
    return context


def take(context: BrowserContext, address: str, shot: Shot, folder: Path) -> None:
    """The login page and every page of a role."""
    page = opened(context, address)
    picture(page, folder / f"login-{shot.language}-{shot.theme}-{shot.width}.png")
    log_in(page, DEMO_LOGINS[shot.role], DEMO_PASSWORD)
    for place, slug in enumerate(pages_of(shot.role)):
        if place:
            if shot.width == "phone":
                page.get_by_test_id("stExpandSidebarButton").click()
            page.locator(f"[data-testid='stSidebarNavLink'][href$='/{slug}']").click()
            page.wait_for_url(f"**/{slug}*")
            settled(page)
            if shot.width == "phone":
                page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
                page.wait_for_function(SIDEBAR_GONE)
        picture(page, folder / f"{slug}-{shot.role}-{shot.language}-{shot.theme}-{shot.width}.png")


def pages_of(role: str) -> list[str]:
    """The pages of a role by address, first where it lands."""
    actor = operator().model_copy(update={"roles": (Role(role),)})
    first = landing(actor)
    assert first, "every role lands somewhere"
    return list(dict.fromkeys([first.slug, *(entry.slug for entry in offered(actor))]))


def picture(page: Page, file: Path) -> None:
    """The whole page; warns when it is wider than the screen."""
    settled(page)
    area = page.get_by_test_id("stMain")
    sizes = area.evaluate("e => [e.scrollWidth, e.clientWidth, e.scrollHeight, e.clientHeight]")
    if sizes[0] > sizes[1]:
        sys.stderr.write(f"{file.name}: {sizes[0]} px wide on a screen of {sizes[1]}\n")
    view = page.viewport_size
    assert view is not None
    page.set_viewport_size({"width": view["width"], "height": max(view["height"], sizes[2])})
    settled(page)
    page.screenshot(path=file)
    page.set_viewport_size(view)


if __name__ == "__main__":
    main()
