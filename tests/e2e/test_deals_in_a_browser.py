"""Deals in a real browser: the board by mouse and keyboard, a form that loses nothing, two people on one record.

A rep of the south and the head of all work here, so that the numbers of the north stay as other tests count them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from dashboard.domain.labels import field_label
from dashboard.i18n import LANGUAGES, Language, translate
from tests.e2e.conftest import Served
from tests.e2e.driving import PATIENCE_MS, inside, settled
from tests.selling import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

REP, HEAD = "stranger", "head"
SERIAL = count(1)
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-GB"}
STAGES: dict[Language, list[str]] = {
    "zh": ["初步接洽", "需求确认", "方案报价", "商务谈判", "赢单", "输单"],
    "en": ["Prospecting", "Qualification", "Proposal", "Negotiation", "Won", "Lost"],
}


def visit(browser: Browser, served: Served, name: str, path: str, language: Language = "zh") -> Page:
    """The deals as somebody sees them in a browser of their own."""
    context = browser.new_context(locale=LOCALES[language], viewport={"width": 1440, "height": 900})
    page = inside(context, served, name, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def text_of(page: Page, key: str, **values: object) -> str:
    """A text in the language that the page speaks."""
    language: Language = "zh" if page.locator("html").get_attribute("lang") == "zh-CN" else "en"
    return translate(key, language, **values)


def box(page: Page, name: str) -> Locator:
    """An input of the form."""
    return page.locator(f"[class*='{name}-'] input:not([type=search])").first


def write(page: Page, name: str, value: str) -> None:
    """Type into an input and leave it; the form keeps it as a draft."""
    box(page, name).fill(value)
    box(page, name).press("Tab")
    expect(page.get_by_text(text_of(page, "form.kept"))).to_be_visible()
    settled(page)


def press(page: Page, key: str) -> None:
    """One of the form's buttons."""
    page.get_by_role("button", name=text_of(page, key), exact=True).click()


def new_deal(page: Page, served: Served) -> tuple[str, str]:
    """A deal made with the form; its name and id."""
    name = f"Chain {next(SERIAL)}"
    page.goto(f"{served.address}/deals?new=1")
    settled(page)
    write(page, "name", name)
    press(page, "common.save")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.wait_for_url(re.compile(r"[?&]id="))
    return name, page.url.rpartition("id=")[2]


def go(page: Page, served: Served, path: str) -> None:
    """Another address in the same browser."""
    page.goto(f"{served.address}/{path}")
    settled(page)


def board(page: Page, served: Served) -> None:
    """The board, drawn."""
    go(page, served, "deals?view=board")
    expect(page.locator(".column")).to_have_count(6, timeout=PATIENCE_MS)


def column(page: Page, place: int) -> Locator:
    """A column of the board by its place."""
    return page.locator(".column").nth(place)


def card(page: Page, record: str) -> Locator:
    """A card of the board."""
    return page.locator(f".card[data-id='{record}']:not(.ghost)")


def drag(page: Page, record: str, place: int) -> None:
    """Take a card with the mouse and let it go over a column."""
    card(page, record).scroll_into_view_if_needed()
    start, goal = card(page, record).bounding_box(), column(page, place).bounding_box()
    assert start
    assert goal
    page.mouse.move(start["x"] + 30, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 40, steps=3)
    page.mouse.move(goal["x"] + 40, goal["y"] + 90, steps=5)
    expect(page.locator(".ghost")).to_have_count(1)
    page.mouse.up()


def expect_in(page: Page, record: str, place: int) -> None:
    """The server has the card in that column."""
    expect(column(page, place).locator(f".card[data-id='{record}'][data-column]:not(.moving)")).to_have_count(1)
    assert card(page, record).get_attribute("data-column") == column(page, place).get_attribute("data-id")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_is_moved_by_mouse_and_by_keyboard(browser: Browser, served: Served, language: Language) -> None:
    page = visit(browser, served, REP, "deals", language)
    _, record = new_deal(page, served)
    board(page, served)
    labels = [column(page, place).get_attribute("aria-label") or "" for place in range(6)]
    assert [label.split(",")[0] for label in labels] == STAGES[language]
    drag(page, record, 2)
    expect(page.locator(".said")).to_contain_text(STAGES[language][2], timeout=PATIENCE_MS)
    expect_in(page, record, 2)
    card(page, record).focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".said")).to_contain_text(STAGES[language][3], timeout=PATIENCE_MS)
    expect_in(page, record, 3)
    expect(card(page, record)).to_be_focused()
    for key in ("Space", "ArrowLeft", "Escape"):
        page.keyboard.press(key)
    expect(page.locator(".said")).to_have_text(translate("board.put_back", language))
    board(page, served)
    expect_in(page, record, 3)
    page.context.close()


@contextmanager
def gate(page: Page, served: Served, code: str, *fields: str) -> Iterator[None]:
    """For a while a stage asks for these fields."""
    api = f"{served.address}/api/v1"
    told = page.request.post(f"{api}/session", data={"username": "admin", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {told.json()['token']}"}
    stage = page.request.get(f"{api}/stages?code={code}", headers=headers).json()["items"][0]["id"]

    def ask(wanted: list[str]) -> None:
        seen = {"If-Match": page.request.get(f"{api}/stages/{stage}", headers=headers).headers["etag"]}
        body = {"required_fields": wanted}
        done = page.request.patch(f"{api}/stages/{stage}", headers={**headers, **seen}, data=body)
        assert done.ok, done.text()

    ask([*fields])
    try:
        yield
    finally:
        ask([])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gate_puts_the_card_back_and_names_what_is_missing(
    browser: Browser, served: Served, language: Language
) -> None:
    page = visit(browser, served, REP, "deals", language)
    _, record = new_deal(page, served)
    with gate(page, served, "proposal", "amount"):
        board(page, served)
        drag(page, record, 2)
        missing = translate("error.stage.gate", language, missing=field_label("deal", "amount", language))
        expect(page.locator(".said.refused")).to_have_text(missing, timeout=PATIENCE_MS)
        expect_in(page, record, 0)
        go(page, served, f"deals?id={record}&edit=1")
        write(page, "amount", "1000")
        press(page, "common.save")
        page.wait_for_url(lambda address: "edit=" not in address)
        board(page, served)
        drag(page, record, 2)
        expect(page.locator(".said:not(.refused)")).to_contain_text(STAGES[language][2], timeout=PATIENCE_MS)
        expect_in(page, record, 2)
    page.context.close()


def test_losing_from_the_board_asks_why_and_a_change_of_mind_puts_the_card_back(
    browser: Browser, served: Served
) -> None:
    page = visit(browser, served, REP, "deals")
    _, record = new_deal(page, served)
    board(page, served)
    card(page, record).locator(".menu-button").click()
    page.get_by_role("menuitem", name="移到 输单").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("输单原因")).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="输单").click()
    expect(dialog.get_by_text(translate("error.field.required", "zh"))).to_have_count(2)  # the reason, and to whom
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect_in(page, record, 0)
    page.context.close()


def test_a_move_of_what_somebody_else_moved_springs_back_and_says_so(browser: Browser, served: Served) -> None:
    page = visit(browser, served, REP, "deals")
    _, record = new_deal(page, served)
    board(page, served)
    other = visit(browser, served, HEAD, "deals?view=board")
    expect(other.locator(".column")).to_have_count(6, timeout=PATIENCE_MS)
    drag(other, record, 1)
    expect(other.locator(".said")).to_contain_text("需求确认", timeout=PATIENCE_MS)
    drag(page, record, 3)
    expect(page.locator(".said.refused")).to_have_text(translate("board.stale", "zh"), timeout=PATIENCE_MS)
    expect_in(page, record, 1)
    drag(page, record, 3)
    expect_in(page, record, 3)
    other.context.close()
    page.context.close()


def test_what_was_typed_survives_a_reload(browser: Browser, served: Served) -> None:
    page = visit(browser, served, REP, "deals", "en")
    _, record = new_deal(page, served)
    go(page, served, f"deals?id={record}&edit=1")
    write(page, "next_step", "Half a thought")
    page.reload()
    settled(page)
    expect(box(page, "next_step")).to_have_value("Half a thought")
    expect(page.get_by_text(re.compile("恢复|restored"))).to_be_visible()
    press(page, "common.save")
    expect(page.get_by_text("Half a thought").first).to_be_visible()
    page.context.close()


def test_two_people_on_one_record_lose_nothing(browser: Browser, served: Served) -> None:
    page = visit(browser, served, REP, "deals")
    _, record = new_deal(page, served)
    go(page, served, f"deals?id={record}&edit=1")
    write(page, "next_step", "Mine")
    other = visit(browser, served, HEAD, f"deals?id={record}&edit=1")
    write(other, "next_step", "Theirs")
    press(other, "common.save")
    expect(other.get_by_text("Theirs").first).to_be_visible()
    press(page, "common.save")
    expect(page.get_by_text(text_of(page, "conflict.save"))).to_be_visible(timeout=PATIENCE_MS)
    for words in ("Mine", "Theirs", HEAD):
        expect(page.get_by_text(words).first).to_be_visible()
    page.get_by_text(text_of(page, "conflict.take_mine"), exact=True).click()
    press(page, "conflict.save")
    expect(page.get_by_role("tab").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Mine").first).to_be_visible()
    for one in (page, other):
        one.context.close()


def test_a_double_click_saves_once(browser: Browser, served: Served) -> None:
    page = visit(browser, served, REP, "deals?new=1")
    write(page, "name", "Clicked twice")
    page.get_by_role("button", name="保存", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Clicked twice")
    go(page, served, "deals?q=Clicked")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("1")
    page.context.close()


def test_a_click_in_the_table_opens_the_record_and_the_way_back_finds_the_list(
    browser: Browser, served: Served
) -> None:
    page = visit(browser, served, REP, "deals")
    name, record = new_deal(page, served)
    go(page, served, f"deals?q={name.replace(' ', '+')}&stage_type=all")
    grid = page.get_by_test_id("stDataFrame").locator("canvas").first
    area = grid.bounding_box()
    assert area
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + 58)  # the first row
    page.wait_for_url(f"**/deals?id={record}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_role("button", name="商机", exact=True).click()
    page.wait_for_url(re.compile("stage_type=all"))
    settled(page)
    expect(page.get_by_role("searchbox")).to_have_value(name)
    page.context.close()


def test_the_table_opens_nothing_by_itself_when_the_keyboard_comes_to_it(browser: Browser, served: Served) -> None:
    page = visit(browser, served, REP, "deals")
    name, record = new_deal(page, served)
    go(page, served, f"deals?q={name.replace(' ', '+')}")
    page.get_by_test_id("stDataFrame").get_by_role("button").last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_focused()
    settled(page)
    assert "id=" not in page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/deals?id={record}")
    page.context.close()


class Finger:
    """A real finger: touchStart, touchMove and touchEnd as a screen sends them."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


AT_REST = """e => new Promise(done => {
  let [last, same] = [e.scrollLeft, 0];
  const look = () => {
    same = e.scrollLeft === last ? same + 1 : 0;
    last = e.scrollLeft;
    if (same < 15) requestAnimationFrame(look); else done();
  };
  look();
})"""
"""Comes back once the board has not moved for a quarter of a second."""


def test_a_finger_that_rests_takes_a_card_to_another_column_and_one_that_wipes_scrolls(
    browser: Browser, served: Served
) -> None:
    phone = ViewportSize(width=390, height=844)
    context = browser.new_context(locale=LOCALES["zh"], viewport=phone, is_mobile=True, has_touch=True)
    page = inside(context, served, REP, "deals")
    _, record = new_deal(page, served)
    board(page, served)
    touch, columns, ghost = Finger(page), page.locator(".columns"), page.locator(".ghost")
    card(page, record).scroll_into_view_if_needed()
    start = card(page, record).bounding_box()
    assert start
    x, y = start["x"] + 120, start["y"] + 30
    touch("touchStart", x, y)
    for step in range(1, 8):
        touch("touchMove", x - 40 * step, y)
    touch("touchEnd")
    page.wait_for_function("e => e.scrollLeft > 50", arg=columns.element_handle())
    expect(ghost).to_have_count(0)
    columns.evaluate(AT_REST)  # a finger that comes down while the board still slides only stops it
    columns.evaluate("e => { e.scrollLeft = 0 }")
    columns.evaluate(AT_REST)
    settled(page)
    expect(column(page, 0)).to_be_in_viewport(ratio=0.9)
    start = card(page, record).bounding_box()
    assert start
    x, y = start["x"] + 120, start["y"] + 30
    touch("touchStart", x, y)
    expect(ghost).to_have_count(1)
    touch("touchMove", x + 20, y + 5)
    touch("touchMove", 375, y + 5)  # at the side the board scrolls under a finger that rests
    page.wait_for_function("e => e.getBoundingClientRect().left < 120", arg=column(page, 2).element_handle())
    touch("touchMove", 300, y + 5)
    expect(column(page, 2)).to_have_class(re.compile("over"))
    touch("touchEnd")
    expect(page.locator(".said")).to_contain_text(STAGES["zh"][2], timeout=PATIENCE_MS)
    expect_in(page, record, 2)
    expect(ghost).to_have_count(0)
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, served: Served, language: Language) -> None:
    phone = ViewportSize(width=390, height=844)
    context: BrowserContext = browser.new_context(
        locale=LOCALES[language], viewport=phone, is_mobile=True, has_touch=True
    )
    page = inside(context, served, REP, "deals")
    _, record = new_deal(page, served)
    for path in ("deals", "deals?view=board", f"deals?id={record}", f"deals?id={record}&edit=1", "deals?new=1"):
        go(page, served, path)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
