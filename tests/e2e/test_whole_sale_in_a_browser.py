"""One sale through the pages, by the rep and the manager, and the same over REST: nobody can tell them apart after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from dashboard.domain.fulfilment import FOLLOWING
from dashboard.domain.labels import choice_label, entity_label, verb_label
from dashboard.i18n import translate
from tests import whole_sale
from tests.api.calling import Person
from tests.e2e.driving import PATIENCE_MS, figure_of, inside, settled
from tests.e2e.test_deals_in_a_browser import card, expect_in
from tests.e2e.test_in_a_browser import numbers
from tests.selling import PASSWORD, company_today
from tests.served import Served, serve
from tests.whole_sale import LINES, OWN_TARGET, PARTS, PHONE, TEMPLATE, TOTAL, People, Sale

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::ResourceWarning")]

COMPANY = "Orchard Bottling"
NEEDS = {"authority": "decides", "timing": "now"}

ATTAINED = ("本季度赢单 ¥10.2万 / 目标 ¥20万，达成 50.8%", "本季度赢单 ¥10.3万 / 目标 ¥20万，达成 51.5%")
"""What Today tells the rep after one sale and after both."""


def text(key: str, **values: object) -> str:
    """A text in Chinese."""
    return translate(key, "zh", **values)


# -- how a page is used ------------------------------------------------------------------------------------------------


@dataclass
class Seat:
    """Somebody of the department at a browser of their own."""

    page: Page
    address: str

    def go(self, path: str) -> None:
        """Another address."""
        self.page.goto(f"{self.address}{path}")
        settled(self.page)

    def open(self, sale: Sale, entity: str) -> None:
        """The page of a record of the sale."""
        self.go(f"/{PARTS[entity]}?id={sale.ids[entity]}")

    def shows(self, place: str) -> None:
        """The page of some record has come."""
        expect(self.keyed(f"{place}_verbs")).to_be_visible(timeout=PATIENCE_MS)
        settled(self.page)

    @property
    def shown(self) -> str:
        """The id of the record that the page shows."""
        return self.page.url.partition("id=")[2].partition("&")[0]

    def keyed(self, key: str) -> Locator:
        """What stands under a key; where the key goes on, its beginning does."""
        return self.page.locator(f"[class*='st-key-{key}']").first

    def press(self, key: str) -> None:
        """A button by its key."""
        self.keyed(key).get_by_role("button").click()
        settled(self.page)

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    def take(self, place: str, entity: str, verb: str, **typed: str) -> None:
        """A verb of the record that the page shows, through its dialog."""
        self.press(f"{place}_verb_{verb}")
        self.answer(verb_label(entity, verb, "zh"), **typed)

    def answer(self, button: str, **typed: str) -> None:
        """Fill in the dialog and send it; it closes when that went well."""
        for name, value in typed.items():
            write(self.dialog, name, value)
        self.dialog.get_by_role("button", name=button, exact=True).click()
        expect(self.dialog).to_have_count(0, timeout=PATIENCE_MS)
        settled(self.page)


def box(area: Locator, name: str, place: int = 0) -> Locator:
    """The input of a field, whose key names it, once its page stands; place: of one that is there several times."""
    found = area.locator(f"[class*='-{name}-'] :is(input, textarea):not([type=search])").nth(place)
    expect(found).to_be_attached(timeout=PATIENCE_MS)
    settled(area.page)
    return found


def write(area: Locator, name: str, value: str, place: int = 0) -> None:
    """Type into an input and leave it."""
    field = box(area, name, place)
    field.fill(value)
    field.press("Tab")
    settled(area.page)


def write_day(area: Locator, name: str, day: dt.date) -> None:
    """Type a day, part by part, as the keyboard does."""
    area.locator(f"[class*='-{name}-']").get_by_role("spinbutton").first.focus()
    area.page.keyboard.type(f"{day:%Y%m%d}")
    area.page.keyboard.press("Escape")  # the calendar that opened with it
    settled(area.page)


def choose(area: Locator, name: str, option: str, place: int = 0) -> None:
    """Choose from the list of an input and leave it."""
    field = box(area, name, place)
    field.click()
    area.page.get_by_role("option", name=option).first.click()
    field.press("Tab")
    settled(area.page)


# -- the steps ---------------------------------------------------------------------------------------------------------


def claim(rep: Seat, sale: Sale) -> None:
    """The lead of the web, out of the pool."""
    rep.go("/pool")
    card = rep.page.locator("[class*='st-key-pool_card_']").filter(has_text=sale.name)
    expect(card).to_contain_text("139****")
    card.get_by_role("button", name=text("action.claim")).click()
    rep.press("pool_done_open")
    expect(rep.page.get_by_role("heading", level=1)).to_contain_text(sale.name)
    expect(rep.page.get_by_text(PHONE["pages"]).first).to_be_visible()
    sale.ids["lead"] = rep.shown


def qualify(rep: Seat, sale: Sale) -> None:
    """What the customer needs, then two steps of the lead."""
    rep.open(sale, "lead")
    rep.press("leads_verb_update")
    form = rep.keyed("leads_form")
    choose(form, "need_tags", "首次采购")
    write(form, "budget", TOTAL)
    for name, word in NEEDS.items():
        choose(form, name, choice_label("lead", name, word, "zh"))
    form.get_by_role("button", name=text("common.save"), exact=True).click()
    rep.shows("leads")
    rep.take("leads", "lead", "contact")
    rep.take("leads", "lead", "qualify")


def convert(rep: Seat, sale: Sale) -> None:
    """The lead becomes a customer with a deal."""
    rep.press("leads_verb_convert")
    write(rep.dialog, "deal-name", f"{sale.name} deal")
    rep.answer(verb_label("lead", "convert", "zh"))
    made = sale.people.rep.get(sale.at("lead"))
    sale.ids |= {name: made[f"{name}_id"] for name in ("customer", "deal", "contact")}


def fill_lines(rep: Seat, sale: Sale) -> None:
    """What the deal is about; its amount is the sum of that."""
    rep.open(sale, "deal")
    rep.press("parts_deal_product_edit")
    sheet = rep.keyed("deals_sheet")
    product = sale.people.rep.get("/products", limit=1)["items"][0]["name"]
    for place, (quantity, price) in enumerate(LINES):
        if place:  # the first row is there
            sheet.get_by_role("button", name=text("sheet.add", part="")).click()
        choose(sheet, "product_id", product, place)
        write(sheet, "quantity", quantity, place)
        write(sheet, "price", price, place)
    sheet.get_by_text(choice_label("deal", "amount_from", "lines", "zh")).click()
    sheet.get_by_role("button", name=text("common.save"), exact=True).click()
    rep.shows("deals")


def lead_through_stages(rep: Seat, sale: Sale) -> None:
    """Two stages on the board by the keyboard, the last one and the win on the deal's page."""
    rep.go("/deals?view=board")
    expect(card(rep.page, sale.ids["deal"])).to_be_visible(timeout=PATIENCE_MS)
    for place in (1, 2):
        card(rep.page, sale.ids["deal"]).focus()
        for key in ("Space", "ArrowRight", "Space"):
            rep.page.keyboard.press(key)
        expect_in(rep.page, sale.ids["deal"], place)
    rep.open(sale, "deal")
    rep.take("deals", "deal", "advance")
    rep.take("deals", "deal", "win")


def draft(rep: Seat, sale: Sale) -> None:
    """The contract that the won deal proposes, in the words of the template."""
    rep.press("deals_draft")
    form = rep.keyed("contracts_form")
    write(form, "name", f"{sale.name} contract")
    expect(box(form, "amount")).to_have_value("1501")  # of the deal
    form.get_by_role("button", name=text("common.save"), exact=True).click()
    rep.shows("contracts")
    sale.ids["contract"] = rep.shown
    rep.press("contracts_verb_draft")
    choose(rep.dialog, "template_id", TEMPLATE["name"])
    rep.answer(verb_label("contract", "draft", "zh"))
    wording = rep.keyed("wording_text")
    expect(wording).to_contain_text(f"{sale.name} and Northern Machines agree on {sale.name} deal.")
    rep.take("contracts", "contract", "submit")


def approve(manager: Seat, sale: Sale) -> None:
    """The manager finds the contract among what waits and agrees."""
    manager.go("/team")
    waiting = manager.page.locator("[class*='st-key-waiting_']").filter(has_text=sale.name)
    waiting.get_by_role("link", name=text("deciding.open")).click()
    manager.shows("contracts")
    manager.take("contracts", "contract", "approve")


def sign(rep: Seat, sale: Sale) -> None:
    """Sent, and accepted by both sides in the application."""
    rep.open(sale, "contract")
    rep.take("contracts", "contract", "send")
    rep.take("contracts", "contract", "sign", their_signer="Li Zhe", their_evidence="e-mail")


def order(rep: Seat, sale: Sale) -> None:
    """The order that follows from the contract, promised for today."""
    rep.press("contracts_order")
    rep.shows("orders")
    sale.ids["order"] = rep.shown
    rep.press("orders_verb_confirm")
    write_day(rep.dialog, "promised_on", company_today())
    rep.answer(verb_label("order", "confirm", "zh"))


def ship(rep: Seat, _sale: Sale) -> None:
    """Four of the first line, then the rest; each part arrives."""
    for part in ("4", None):
        rep.press("order_ship")
        for place, quantity in enumerate([part, "0"] if part else []):
            rep.dialog.locator("[class*='-line-'] input").nth(place).fill(quantity or "")
        rep.answer(text("order.ship"), carrier="SF")
        rep.press("shipment_deliver_")
    expect(rep.keyed("order_progress")).to_contain_text(choice_label("order", "delivery_state", "delivered", "zh"))


def pay(rep: Seat, sale: Sale) -> None:
    """Two payments; then nothing is due and the contract is fulfilled."""
    for amount in ("500", "1001"):
        rep.press("order_payment")
        rep.answer(text("order.payment"), amount=amount)
    expect(rep.keyed("order_progress")).to_contain_text(choice_label("order", "payment_state", "paid", "zh"))
    expect(rep.page.locator("[class*='st-key-order_payment']")).to_have_count(0)
    rep.open(sale, "contract")
    expect(rep.keyed("contract_execution")).to_contain_text(text("standing.contract.fulfilled"))


STEPS = (claim, qualify, convert, fill_lines, lead_through_stages, draft, approve, sign, order, ship, pay)
"""The way of a sale; the manager goes the one step that is not the rep's."""


# -- the same over REST, and what both come to -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A department of this file's own, because its numbers grow."""
    with serve(tmp_path_factory.mktemp("sale")) as found:
        yield found


def logged_in(client: httpx.Client, name: str) -> Person:
    """Somebody with the token of a login."""
    found = client.post("/api/v1/session", json={"username": name, "password": PASSWORD})
    assert found.status_code == 201, found.text
    return Person(client, found.json()["token"])


def people_of(client: httpx.Client) -> People:
    """Those who take part."""
    everybody = {name: logged_in(client, name) for name in ("rep", "manager", "admin")}
    about = {name: person.get("/session") for name, person in everybody.items()}
    ids = {name: one["person_id"] for name, one in about.items()}
    return People(**everybody, north=about["rep"]["team_id"], ids=ids)


def seated(browser: Browser, served: Served, name: str) -> Seat:
    """Somebody at a Chinese browser."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    return Seat(inside(context, served, name), served.address)


def sold_on_pages(rep: Seat, manager: Seat, people: People, key: str) -> Sale:
    """The whole way, each step by whoever does it."""
    sale = Sale(people, COMPANY)
    whole_sale.asked_on_the_web(people, key, COMPANY, PHONE["pages"])
    for step in STEPS:
        step(manager if step is approve else rep, sale)
    return sale


def drawn(manager: Seat, served: Served) -> dict[str, list[float]]:
    """What the charts of Team draw once the numbers are there: deals by stage, and the attainment of each person."""
    served.count()
    manager.go("/team")
    funnel = [one for one in figure_of(manager.page, "team_funnel_0")["data"] if one["type"] == "bar"]
    attained = [one for one in figure_of(manager.page, "team_attainment_0")["data"] if one.get("customdata")]
    return {"funnel": numbers(funnel[0]["x"]), "attained": numbers(attained[0]["x"])}


def look_on_a_phone(browser: Browser, served: Served, sale: Sale) -> None:
    """Nothing lies over the buttons that edit the parts of the deal."""
    phone = ViewportSize(width=390, height=844)
    context = browser.new_context(locale="zh-CN", viewport=phone, is_mobile=True, has_touch=True)
    page = inside(context, served, "rep", f"deals?id={sale.ids['deal']}")
    lines = page.locator(".st-key-parts_deal_product_table")
    expect(lines.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE_MS)
    expect(lines.get_by_test_id("stElementToolbar")).to_be_hidden()
    context.close()


def time_line(manager: Seat, sale: Sale, entity: str) -> list[str]:
    """What the page of a record says was done to it, oldest first."""
    manager.open(sale, entity)
    events = manager.page.get_by_role("tabpanel").filter(has_text=verb_label(entity, "create", "zh"))
    return list(reversed(events.locator("strong").all_inner_texts()))


def told_words(sale: Sale, entity: str) -> list[str]:
    """What the page is to say: each step, what followed from other records as such, and the contact of a customer."""
    rows = sale.people.rep.get(f"{sale.at(entity)}/history", limit=100)["items"]
    follows = FOLLOWING.get(entity, frozenset())
    words = [
        translate("detail.followed", "zh")
        if row["verb"] == "update" and set(row["changed"]) <= follows
        else verb_label(entity, row["verb"], "zh")
        for row in rows
    ]
    contact = f"{entity_label('contact', 'zh')} · {verb_label('contact', 'create', 'zh')}"
    return [*words, contact] if entity == "customer" else words


def test_a_sale_through_the_pages_and_one_over_rest_come_to_the_same(browser: Browser, own: Served) -> None:
    rep, manager = (seated(browser, own, name) for name in ("rep", "manager"))
    with httpx.Client(base_url=own.address, timeout=PATIENCE_MS / 1000) as client:
        people = people_of(client)
        key = whole_sale.prepared(people)
        charts, counts = [drawn(manager, own)], [whole_sale.measured(people)]
        sales = []
        ways = (lambda: sold_on_pages(rep, manager, people, key), lambda: whole_sale.sell(people, key))
        for way, attained in zip(ways, ATTAINED, strict=True):
            sales.append(way())
            charts.append(drawn(manager, own))
            counts.append(whole_sale.measured(people))
            rep.go("/today")
            expect(rep.page.get_by_text(attained)).to_be_visible(timeout=PATIENCE_MS)
        assert whole_sale.standing(sales[0]) == whole_sale.standing(sales[1])
        told = whole_sale.histories(sales[0])
        assert told == whole_sale.histories(sales[1]), "the forms need not one step more"
        more = [whole_sale.grown(before, after) for before, after in pairwise(counts)]
        assert more[0] == more[1]
        assert (more[0]["won"], more[0]["attained"]) == (float(TOTAL), float(TOTAL) / OWN_TARGET)
        assert [chart["funnel"] for chart in charts] == [[4, 3, 2, 1, 1], [5, 4, 3, 2, 2], [6, 5, 4, 3, 3]]
        assert [chart["attained"] for chart in charts] == [[1, 0.5], [1, 0.507505], [1, 0.51501]]
        for entity in told:
            words = told_words(sales[0], entity)
            assert time_line(manager, sales[0], entity) == time_line(manager, sales[1], entity) == words
        look_on_a_phone(browser, own, sales[0])
    for seat in (rep, manager):
        seat.page.context.close()
