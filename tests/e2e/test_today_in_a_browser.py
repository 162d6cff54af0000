"""Today in a real browser: a rep updates a deal, and everybody's numbers follow at once; on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from dashboard.i18n import translate
from tests.e2e.driving import figure_of, inside, settled, words
from tests.e2e.test_in_a_browser import numbers
from tests.served import Served, serve

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

DRAWN = "() => document.querySelector(`[class*='st-key-team_funnel_0'] .js-plotly-plot`)?.data !== undefined"
"""Plotly has drawn the funnel."""

WON = r"""n => {
  const plot = document.querySelector(`[class*='st-key-team_funnel_0'] .js-plotly-plot`);
  const drawn = plot?.data?.find(trace => trace.type === 'bar')?.x;
  const values = JSON.parse(JSON.stringify(drawn?._inputArray ?? drawn ?? {}));
  return values[Object.keys(values).filter(key => /^\d+$/.test(key)).at(-1)] === n;
}"""
"""So many deals stand in the last bar of the funnel, once what a click asked for has come."""

ATTAINED = "本季度赢单 ¥{won}万 / 目标 ¥20万，达成 {share}"


@pytest.fixture(scope="module")
def own(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A department of this file's own, because it wins and loses deals."""
    with serve(tmp_path_factory.mktemp("today")) as found:
        yield found


def text(key: str, **values: object) -> str:
    """A text in Chinese."""
    return translate(key, "zh", **values)


def test_a_quick_update_shows_in_the_own_attainment_and_the_managers_funnel(
    browser: Browser, context: BrowserContext, own: Served
) -> None:
    desk = browser.new_context(locale="zh-CN")
    boss = inside(desk, own, "manager", "team")
    before = funnel(boss)
    page = inside(context, own, "rep")
    expect(page.get_by_text(ATTAINED.format(won=10, share="50.0%"))).to_be_visible()
    row = page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist")
    row.get_by_role("button", name=text("today.quick.open")).click()
    row.get_by_role("textbox", name=text("today.quick.happened")).fill("Signed at noon")
    row.get_by_role("combobox", name=text("today.quick.stage")).click()
    page.get_by_role("option", name="赢单", exact=True).click()
    row.get_by_role("button", name=text("today.quick.save")).click()
    expect(page.get_by_text(ATTAINED.format(won=16, share="80.0%"))).to_be_visible()
    boss.get_by_text(text("chart.funnel.amount"), exact=True).click()
    boss.get_by_text(text("chart.funnel.count"), exact=True).click()
    boss.wait_for_function(WON, arg=2)
    assert before[-1] == 1
    page.get_by_role("button", name=text("common.undo")).click()
    expect(page.get_by_text(ATTAINED.format(won=10, share="50.0%"))).to_be_visible()
    expect(page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist")).to_be_visible()
    desk.close()


def funnel(page: Page) -> list[float]:
    """How many deals reached each stage."""
    page.wait_for_function(DRAWN)
    return numbers(next(trace for trace in figure_of(page, "team_funnel_0")["data"] if trace["type"] == "bar")["x"])


def test_two_quick_clicks_write_one_record(context: BrowserContext, own: Served) -> None:
    page = inside(context, own, "colleague")
    row = page.locator("[class*='st-key-today_row_deal']").filter(has_text="Rope")
    row.get_by_role("button", name=text("today.quick.open")).click()
    row.get_by_role("textbox", name=text("today.quick.happened")).fill("Said once")
    row.get_by_role("button", name=text("today.quick.save")).dblclick()
    expect(page.get_by_role("button", name=text("common.undo"))).to_have_count(1)
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("button", name=text("common.undo")).dblclick()
    expect(page.get_by_role("button", name=text("common.undo"))).to_have_count(0)
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_person_in_the_address_is_one_below_or_nobody(context: BrowserContext, own: Served) -> None:
    page = inside(context, own, "manager", "today")
    box = page.get_by_role("combobox", name=text("today.person"))
    box.click()
    page.get_by_role("option", name="rep", exact=True).click()
    page.wait_for_url("**/today?person=*")
    expect(page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist")).to_be_visible()
    known = page.url
    page.goto(known)
    settled(page)
    expect(page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist")).to_be_visible()
    page.goto(f"{own.address}/today?person=nobody-of-that-id")
    settled(page)
    expect(page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist")).to_have_count(0)
    assert "person" not in page.url


def test_the_queue_can_be_downloaded(context: BrowserContext, own: Served, tmp_path: Path) -> None:
    page = inside(context, own, "rep")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=text("common.export_as", kind="CSV")).click()
    file = tmp_path / "today.csv"
    waiting.value.save_as(file)
    assert "Hoist" in file.read_text("utf-8-sig")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_phone_needs_no_sideways_scrolling_and_the_form_fits(browser: Browser, own: Served, locale: str) -> None:
    phone = ViewportSize(width=390, height=844)
    context = browser.new_context(locale=locale, viewport=phone, is_mobile=True, has_touch=True)
    page = inside(context, own, "rep")
    page.locator("[class*='st-key-today_row_deal']").filter(has_text="Hoist").get_by_role("button").tap()
    save = page.locator("[class*='st-key-today_save']").get_by_role("button")
    save.scroll_into_view_if_needed()
    area = page.get_by_test_id("stMain")
    assert area.evaluate("e => e.scrollWidth <= e.clientWidth")
    labels = ("happened", "next_step", "stage")
    fields = [page.get_by_label(words(f"today.quick.{label}"), exact=False).first for label in labels]
    for field in (*fields, save):
        box = field.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    context.close()
