"""The application in a real browser: log in, look, switch, click, log out."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, ViewportSize, expect

from dashboard.domain.access import Role, operator
from dashboard.i18n import translate
from dashboard.sitemap import PAGES, is_offered
from tests.e2e.conftest import Served
from tests.e2e.driving import click_bar, figure_of, fill_in, inside, log_in, opened, settled, words
from tests.selling import PASSWORD, ROLES

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FIRST_CARD = {"rep": "¥10万", "manager": "¥15万", "leader": "¥23万", "support": "80.0%", "admin": ":"}
"""A part of what the first card of each role's overview says."""

LANDING = {"rep": "today", "manager": "team", "leader": "overview", "support": "overview", "admin": "people"}
"""The page that each role opens the application with."""


LOCAL = "data:image/svg+xml"
"""What the picture in the browser's tab begins with."""


@pytest.mark.parametrize("role", ROLES)
def test_each_role_logs_in_lands_on_its_own_page_and_sees_its_own_numbers(
    context: BrowserContext, served: Served, role: str
) -> None:
    page = opened(context, served.address, "?person=nobody")
    log_in(page, role, PASSWORD)
    for _ in range(2):
        expect(page).to_have_url(f"{served.address}/{LANDING[role]}")
        expect(page).to_have_title(f"{translate(f'page.{LANDING[role]}.title', 'zh')} · {translate('app.name', 'zh')}")
        page.goto(served.address)
        settled(page)
    page.locator("[data-testid='stSidebarNavLink'][href$='/overview']").click()
    expect(page.get_by_role("heading", name="概览")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text(FIRST_CARD[role])


def test_no_step_back_leads_to_the_root_again(context: BrowserContext, served: Served) -> None:
    before = f"{served.address}/api/health"
    page = context.new_page()
    page.goto(before)
    page.goto(served.address)
    settled(page)
    with page.expect_response("**/session/open"):
        log_in(page, "manager", PASSWORD)
    for _ in range(2):  # after the login, and with the cookie
        page.wait_for_url("**/team")
        settled(page)
        page.locator("[data-testid='stSidebarNavLink'][href$='/deals']").click()
        page.wait_for_url("**/deals")
        settled(page)
        page.go_back()
        page.wait_for_url("**/team")
        expect(page.get_by_role("heading", name="团队", exact=True)).to_be_visible()
        page.go_back()
        page.wait_for_url(before)
        page.goto(served.address)


def test_every_page_arrives_in_the_visitors_language(context: BrowserContext, served: Served) -> None:
    for path in ("", *(entry.slug for entry in PAGES)):
        answer = context.request.get(
            f"{served.address}/{path}", headers={"Accept-Language": "zh-CN", "Accept": "text/html"}
        )
        assert '<html lang="zh-CN"' in answer.text()


def test_an_address_that_is_no_page_leads_to_where_one_lands(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "manager", "no-such-page?x=1")
    expect(page).to_have_url(f"{served.address}/team")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_wrong_password_and_an_unknown_name_look_alike(context: BrowserContext, served: Served) -> None:
    shown = []
    for name in ("rep", "nobody-of-that-name"):
        page = opened(context, served.address)
        fill_in(page, name, "not the password")
        expect(page.get_by_text(translate("login.wrong", "zh"))).to_be_visible()
        settled(page)
        shown.append(page.get_by_test_id("stMain").inner_text())
        page.close()
    assert shown[0] == shown[1]


def test_the_page_that_was_asked_for_survives_the_login(context: BrowserContext, served: Served) -> None:
    page = opened(context, served.address, "team?team_period=last_quarter")
    log_in(page, "manager", PASSWORD)
    assert page.url.endswith("/team?team_period=last_quarter")
    expect(page.get_by_role("heading", name="团队", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="期间")).to_have_value("上季度")


def test_the_address_of_a_page_that_is_not_for_a_rep_shows_nothing_of_it(
    context: BrowserContext, served: Served
) -> None:
    page = inside(context, served, "rep", "team")
    expect(page.get_by_text(translate("error.access.forbidden", "zh"))).to_be_visible()
    assert page.get_by_test_id("stMetric").count() == 0
    assert "colleague" not in page.content()
    assert page.locator("[data-testid='stSidebarNavLink'][href$='/team']").count() == 0


def test_the_charts_are_drawn_with_the_right_numbers(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "manager", "team")
    funnel = next(trace for trace in figure_of(page, "team_funnel_0")["data"] if trace["type"] == "bar")
    assert numbers(funnel["x"]) == [4, 3, 2, 1, 1]
    bars = [trace for trace in figure_of(page, "team_attainment_0")["data"] if trace.get("customdata")]
    assert numbers(bars[0]["x"]) == [1.0, 0.5]  # the colleague 50,000 of 50,000, the rep 100,000 of 200,000
    width = page.locator("[class*='st-key-team_funnel_0'] .bars path").first.bounding_box()
    assert width
    assert width["width"] > 50


def numbers(values: object) -> list[float]:
    """The numbers of an axis, which Plotly keeps as an array or as an object of numbered values."""
    if isinstance(values, dict):
        inner = values.get("_inputArray", values)
        return [inner[key] for key in sorted((key for key in inner if key.isdigit()), key=int)]
    assert isinstance(values, list)
    return [float(value) for value in values]


def test_a_click_on_a_bar_opens_the_records_behind_it(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "manager", "team")
    for _ in range(2):  # the same bar can be clicked again
        settled(page)
        click_bar(page, "team_funnel", 2)
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("共 2 条商机")).to_be_visible()  # Hoist and Winch reached the proposal
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_nothing_lies_over_the_records_that_were_asked_for_at_a_number(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "manager", "team")
    page.locator("[class*='st-key-team_card_won_amount_help'] button").first.click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("button", name=words("explain.records")).click()
    expect(page.get_by_test_id("stDialog").get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
    expect(body).to_have_count(0)


def test_a_box_closes_although_its_button_was_quicker_than_the_server(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "manager", "team")
    page.evaluate(AT_ONCE, [words("explain.records").pattern, "[class*='st-key-team_card_won_amount_help'] button"])
    expect(page.get_by_test_id("stDialog").get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


AT_ONCE = """([label, opener]) => new Promise(done => {
  document.querySelector(opener).click();
  const press = () => {
    const body = document.querySelector('[data-testid=stPopoverBody]');
    const button = body && [...body.querySelectorAll('button')].find(one => new RegExp(label).test(one.textContent));
    if (button) { button.click(); done(); } else requestAnimationFrame(press);
  };
  press();
})"""
"""Opens a box and presses its button before the server can have heard of the first click."""


def test_logging_out_leaves_nothing_behind(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "leader", "team")
    page.get_by_role("button", name=words("shell.log_out")).click()
    expect(page.get_by_role("textbox", name=words("login.username"))).to_be_visible()
    settled(page)
    assert page.get_by_test_id("stMetric").count() == 0
    page.reload()
    settled(page)
    expect(page.get_by_role("textbox", name=words("login.username"))).to_be_visible()


def test_the_language_changes_on_the_login_page_and_inside(context: BrowserContext, served: Served) -> None:
    page = opened(context, served.address)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    log_in(page, "leader", PASSWORD)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_role("heading", name="概览")).to_be_visible()
    expect(page.get_by_role("combobox", name="期间")).to_have_value("本季度")


def test_the_first_visit_follows_the_browser(browser: Browser, served: Served) -> None:
    for locale, lang, button in (("en-GB", "en", "Log in"), ("zh-TW", "zh-CN", "登录")):
        context = browser.new_context(locale=locale)
        answer = context.request.get(served.address, headers={"Accept-Language": locale})
        assert f'<html lang="{lang}"' in answer.text()
        expect(opened(context, served.address).get_by_role("button", name=button)).to_be_visible()
        context.close()


def test_no_english_hint_lies_over_what_is_typed(context: BrowserContext, served: Served) -> None:
    page = opened(context, served.address)
    page.get_by_role("textbox", name=words("login.username")).press_sequentially("rep")
    expect(page.get_by_text("Press Enter")).to_be_hidden()
    page = inside(context, served, "rep", "deals")
    page.locator("[class*='st-key-deals_views'] button").click()
    page.locator("[class*='st-key-deals_view_name'] input").press_sequentially("Mine")
    expect(page.get_by_text("Press Enter")).to_be_hidden()


def test_a_session_that_is_ended_loses_the_page_at_the_next_click(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "other_manager", "team")
    served.end_sessions("other_manager")
    page.get_by_text(translate("chart.funnel.amount", "zh"), exact=True).click()
    expect(page.get_by_text(translate("error.access.logged_out", "zh"))).to_be_visible()
    assert page.get_by_test_id("stMetric").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_primary_button_can_be_read(browser: Browser, served: Served, theme: Literal["light", "dark"]) -> None:
    context = browser.new_context(color_scheme=theme)
    button = opened(context, served.address).locator("[data-testid^='stBaseButton-primary']").first
    assert contrast(button) >= 4.5
    page = inside(context, served, "admin", "people")
    page.get_by_role("button", name=words("people.invite")).click()
    assert contrast(page.get_by_role("dialog").locator("[data-testid^='stBaseButton-primary']")) >= 4.5
    context.close()


def test_no_number_of_a_card_is_cut_off(browser: Browser, served: Served) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    values = inside(context, served, "leader", "overview").get_by_test_id("stMetricValue")
    expect(values).to_have_count(6)
    for value in values.all():
        assert value.evaluate(
            "e => { e.querySelector('p').textContent = 'CN¥888.8K'; return e.scrollWidth <= e.clientWidth"
            " && e.firstElementChild.scrollWidth <= e.firstElementChild.clientWidth }"
        )
    context.close()


PIXELS = """e => [getComputedStyle(e.querySelector('p')).color, getComputedStyle(e).backgroundColor].map(colour => {
  const brush = new OffscreenCanvas(1, 1).getContext('2d');
  brush.fillStyle = colour;
  brush.fillRect(0, 0, 1, 1);
  return [...brush.getImageData(0, 0, 1, 1).data];
})"""
"""The colours of a button's text and ground as they are drawn, from 0 to 255."""


def contrast(button: Locator) -> float:
    """How far the text stands out from its ground; WCAG 2.2."""
    text, ground = (luminance(colour) for colour in button.evaluate(PIXELS))
    return (max(text, ground) + 0.05) / (min(text, ground) + 0.05)


def luminance(colour: list[int]) -> float:
    """The relative luminance of a colour; WCAG 2.2."""
    shares = (part / 255 for part in colour[:3])
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("path", ["", "team"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, served: Served, path: str) -> None:
    phone = ViewportSize(width=390, height=844)
    context = browser.new_context(locale="zh-CN", viewport=phone, is_mobile=True, has_touch=True)
    page = inside(context, served, "leader", path)
    area = page.get_by_test_id("stMain")
    assert area.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for chart in page.get_by_test_id("stPlotlyChart").all():
        box = chart.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    context.close()


def test_the_overview_fits_one_screen(context: BrowserContext, served: Served) -> None:
    page = inside(context, served, "leader")
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollHeight <= e.clientHeight")


@pytest.mark.parametrize("role", ROLES)
def test_no_page_asks_for_anything_elsewhere(context: BrowserContext, served: Served, role: str) -> None:
    page = inside(context, served, role)
    hosts: set[str] = set()
    refused: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    for slug in first_offered_to(role):
        page.goto(f"{served.address}/{slug}")
        settled(page)
        icon = page.locator("link[rel='shortcut icon']").get_attribute("href")
        assert str(icon).startswith(LOCAL)
    assert {host for host in hosts if host} <= {urlsplit(served.address).netloc}
    assert refused == []


def first_offered_to(role: str) -> list[str]:
    """The pages that nobody of the roles before is offered: each page is opened once."""
    actors = [operator().model_copy(update={"roles": (Role(name),)}) for name in ROLES]
    by_page = {
        entry.slug: [name for name, one in zip(ROLES, actors, strict=True) if is_offered(entry, one)] for entry in PAGES
    }
    assert all(by_page.values()), "every page is for somebody"
    return [slug for slug, names in by_page.items() if names[0] == role]


def test_a_login_fetches_nothing_from_elsewhere_and_doors_are_closed(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    hosts: set[str] = set()
    page.on("response", lambda answer: hosts.add(urlsplit(answer.url).netloc))
    page.goto(served.address)
    settled(page)
    log_in(page, "leader", PASSWORD)
    assert {host for host in hosts if host} == {urlsplit(served.address).netloc}
    assert context.request.get(f"{served.address}/_stcore/metrics").status == 404
    health = context.request.get(f"{served.address}/api/health")
    assert health.json() == {"status": "ready"}
    assert health.headers["x-content-type-options"] == "nosniff"
