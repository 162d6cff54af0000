"""What a login survives and what ends it, in a real browser with its real cookie jar."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.i18n import translate
from tests.e2e.driving import PATIENCE_MS, fill_in, inside, log_in, opened, settled, words
from tests.selling import PASSWORD
from tests.served import Served, serve

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

HEARTBEAT = "1"  # seconds


@pytest.fixture(scope="module")
def watched(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose pages look often whether their session still counts."""
    with serve(tmp_path_factory.mktemp("watched"), "--heartbeat", HEARTBEAT) as found:
        yield found


def came_in(context: BrowserContext, served: Served, name: str, path: str = "") -> Page:
    """A page of somebody who has just logged in, once the browser has its cookie."""
    page = opened(context, served.address, path)
    log_in(page, name, PASSWORD)
    return page


def is_inside(page: Page) -> None:
    expect(page.get_by_role("button", name=words("shell.log_out")).first).to_be_attached(timeout=PATIENCE_MS)


def is_outside(page: Page) -> None:
    expect(page.get_by_role("textbox", name=words("login.username"))).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_test_id("stMetric").count() == 0


def sees_the_team(page: Page) -> None:
    expect(page.get_by_role("heading", name="团队", exact=True)).to_be_visible(timeout=PATIENCE_MS)


def test_the_cookie_is_out_of_reach_of_scripts(context: BrowserContext, watched: Served) -> None:
    page = came_in(context, watched, "leader")
    cookie = next(found for found in context.cookies() if found["name"] == "sid")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["value"] not in str(page.evaluate("document.cookie"))
    assert cookie["value"] not in page.content()


def test_a_reload_and_a_deep_link_with_its_query_keep_page_and_login(context: BrowserContext, watched: Served) -> None:
    page = came_in(context, watched, "manager", "team?team_period=last_quarter")
    for _ in range(2):
        page.reload()
        settled(page)
        is_inside(page)
        assert page.url.endswith("/team?team_period=last_quarter")
        sees_the_team(page)
    tab = opened(context, watched.address, "team?team_period=last_year")
    is_inside(tab)
    assert tab.url.endswith("/team?team_period=last_year")


def test_logging_out_in_one_tab_closes_the_other_by_itself(context: BrowserContext, watched: Served) -> None:
    first = inside(context, watched, "leader")
    second = opened(context, watched.address, "team")
    is_inside(second)
    first.get_by_role("button", name=words("shell.log_out")).click()
    is_outside(first)
    is_outside(second)
    for page in (first, second):
        page.reload()
        settled(page)
        is_outside(page)
    assert not [found for found in context.cookies() if found["name"] == "sid"]


def test_the_person_after_logs_in_in_the_same_tab(context: BrowserContext, watched: Served) -> None:
    page = came_in(context, watched, "leader")
    page.get_by_role("button", name=words("shell.log_out")).click()
    is_outside(page)
    settled(page)
    with page.expect_response("**/session/open"):
        log_in(page, "rep", PASSWORD)
    expect(page.get_by_test_id("stSidebar").get_by_text("rep", exact=True)).to_be_attached()
    page.reload()
    settled(page)
    expect(page.get_by_test_id("stSidebar").get_by_text("rep", exact=True)).to_be_attached()


@pytest.mark.parametrize(("verb", "after"), [("disable", "enable"), ("idle", "ready")])
def test_a_session_that_ends_elsewhere_closes_an_idle_page_by_itself(
    context: BrowserContext, watched: Served, verb: str, after: str
) -> None:
    page = inside(context, watched, "stranger")
    watched.say(f"{verb} stranger")
    is_outside(page)
    expect(page.get_by_text(translate("error.access.logged_out", "zh"))).to_be_visible()
    watched.say(f"{after} stranger")


def test_a_restart_of_the_server_keeps_page_and_login(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("restarted")
    with serve(folder) as first:
        page = inside(context, first, "manager", "team?team_period=last_quarter")
        port = first.port
    with serve(folder, "--port", str(port)):
        connected = page.get_by_test_id("stApp")
        expect(connected).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=PATIENCE_MS)
        settled(page)
        page.get_by_text(translate("chart.funnel.amount", "zh"), exact=True).click()
        settled(page)
        is_inside(page)
        # a click before the first run after a reconnect is lost to it, so the address may hold the switch or not
        expect(page).to_have_url(re.compile(r"/team\?team_period=last_quarter(&team_funnel_by=amount)?$"))
        page.reload()
        settled(page)
        is_inside(page)
        sees_the_team(page)


def test_a_one_time_password_is_changed_before_anything_else(context: BrowserContext, watched: Served) -> None:
    watched.say("due other_manager")
    page = opened(context, watched.address, "team")
    page.get_by_role("textbox", name=words("login.username")).fill("other_manager")
    page.get_by_role("textbox", name=words("login.password")).fill(PASSWORD)
    page.get_by_role("textbox", name=words("login.password")).press("Enter")
    expect(page.get_by_role("heading", name=words("account.due_title"))).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    for key, text in (("current", PASSWORD), ("fresh", "a password of my own"), ("again", "a password of my own")):
        page.get_by_role("textbox", name=translate(f"account.{key}", "zh"), exact=True).fill(text)
    with page.expect_response("**/session/open"):
        page.get_by_role("button", name=words("account.save")).click()
    is_inside(page)
    settled(page)
    page.reload()
    settled(page)
    is_inside(page)
    sees_the_team(page)


def test_one_sees_and_ends_ones_other_logins(browser: Browser, context: BrowserContext, watched: Served) -> None:
    elsewhere = browser.new_context(locale="zh-CN")
    other = inside(elsewhere, watched, "head")
    page = came_in(context, watched, "head")
    page.get_by_role("button", name=words("account.open")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(translate("account.here", "zh"))).to_be_visible()
    dialog.get_by_role("button", name=translate("account.end", "zh"), exact=True).click()
    is_outside(other)
    page.reload()
    settled(page)
    page.get_by_role("button", name=words("account.open")).click()
    expect(dialog.get_by_text(translate("account.here", "zh"))).to_be_visible()
    expect(dialog.get_by_role("button", name=translate("account.end", "zh"), exact=True)).to_have_count(0)
    elsewhere.close()


def test_a_new_password_keeps_this_page_and_ends_the_others(
    browser: Browser, context: BrowserContext, watched: Served
) -> None:
    elsewhere = browser.new_context(locale="zh-CN")
    other = inside(elsewhere, watched, "helper")
    page = came_in(context, watched, "helper", "overview")
    page.get_by_role("button", name=words("account.open")).click()
    page.get_by_role("tab", name=words("account.password")).click()
    for key, text in (("current", PASSWORD), ("fresh", "a password of my own"), ("again", "a password of my own")):
        page.get_by_role("textbox", name=translate(f"account.{key}", "zh"), exact=True).fill(text)
    with page.expect_response("**/session/open") as answer:
        page.get_by_role("button", name=words("account.save")).click()
    assert answer.value.status == 204
    expect(page.get_by_text(translate("account.changed", "zh"))).to_be_visible()
    is_outside(other)
    settled(page)
    page.reload()
    settled(page)
    is_inside(page)
    elsewhere.close()


def test_a_browser_that_keeps_no_cookie_is_told_so(context: BrowserContext, watched: Served) -> None:
    page = opened(context, watched.address)
    page.route("**/session/open", lambda route: route.abort())
    fill_in(page, "leader", PASSWORD)
    expect(page.get_by_text(translate("session.unkept", "zh"))).to_be_visible()
    page.reload()
    settled(page)
    is_outside(page)
