"""A customer all around, its contacts, and what of them is masked: as each role sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import files
from dashboard.actions.reveal import reveal
from dashboard.errors import Forbidden, Invalid, NotFound
from dashboard.i18n import translate
from tests.contracting import PDF
from tests.department import Desk
from tests.selling import running, visiting
from tests.test_leads_page import clean, field, press, words

PHONE = "13812345678"


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(scope="module")
def customer(shared_desk: Desk) -> str:
    """A customer of the rep's with something of everything."""
    made = shared_desk.make(
        "customer", name="北京远航重工有限公司", owner_id=shared_desk.people["rep"], annual_revenue=7654321
    )
    shared_desk.make("contact", customer_id=made, name="单晓华", job_title="采购经理", phone=PHONE)
    shared_desk.make("deal", customer_id=made, name="Crane", amount=4321, owner_id=shared_desk.people["rep"])
    shared_desk.make("order", customer_id=made, amount=4321, owner_id=shared_desk.people["rep"])
    shared_desk.make("ticket", customer_id=made, subject="Rust")
    shared_desk.make("interaction", customer_id=made, summary="Talked about rust", author_id=shared_desk.people["rep"])
    return made


def at_customers(desk: Desk, who: str, /, **said: str) -> AppTest:
    """The page with these parts in its address."""
    at = visiting(desk, who, "customers")
    for name, value in said.items():
        at.query_params[name] = value
    return at.run()


def tabs(at: AppTest) -> list[str]:
    """What the tabs are called."""
    return [tab.label for tab in at.tabs]


def everything(at: AppTest) -> str:
    """Everything that the browser gets."""
    texts = [str(element.proto) for element in [*at.main, *at.sidebar] if getattr(element, "proto", None) is not None]
    return "\n".join([*texts, *(str(table.value.to_dict("records")) for table in at.dataframe)])


def test_a_customer_is_shown_all_around(desk: Desk, customer: str) -> None:
    at = clean(at_customers(desk, "rep", id=customer))
    around = ["联系人 1", "商机 1", "合同 0", "订单 1", "互动记录 1", "任务 0", "服务工单 1"]
    assert [label for label in tabs(at) if label in around] == around
    assert "单晓华" in words(at)
    assert PHONE in words(at), "one's own contacts are clear"
    assert not [box for box in at.get("popover") if "reveal" in str(box.proto)]


def test_support_sees_the_customer_without_a_single_amount(desk: Desk, customer: str) -> None:
    at = clean(at_customers(desk, "support", id=customer))
    shown = [label.split()[0] for label in tabs(at)]
    assert "商机" not in shown
    assert {"联系人", "订单", "互动记录", "服务工单"} <= set(shown)
    text = everything(at)
    assert "7654321" not in text.replace(",", "")
    assert "4321" not in text.replace(",", "")
    assert PHONE not in text
    assert "138****5678" in words(at)


def test_what_is_out_of_reach_is_not_there(desk: Desk) -> None:
    theirs = desk.make("customer", name="别人的客户", owner_id=desk.people["stranger"])
    at = at_customers(desk, "rep", id=theirs)
    assert [error.value for error in at.error] == [translate("error.record.not_found", "zh")]


def test_contacts_are_made_and_edited_from_their_customer(desk: Desk, customer: str) -> None:
    at = clean(at_customers(desk, "rep", id=customer))
    at.button(key="contact_new").click().run()
    assert field(clean(at), "customer_id").value == customer
    field(at, "name").set_value("单 晓华").run()
    assert translate("likeness.person", "zh") in words(clean(at)), "the same person is there already"
    field(at, "name").set_value("尉迟明").run()
    field(at, "email").set_value("ming@yh.example").run()
    press(at, "|save")
    made = desk.one("contact", name="尉迟明")
    assert (made["customer_id"], made["email"]) == (customer, "ming@yh.example")
    again = clean(at_customers(desk, "rep", customers_of="contacts", id=made["id"], edit="1"))
    field(again, "job_title").set_value("总工程师").run()
    press(again, "|save")
    assert desk.row("contact", made["id"])["job_title"] == "总工程师"


def test_no_contact_is_added_once_its_customer_is_archived(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"])
    at = clean(at_customers(desk, "rep", id=customer))
    at.button(key="contact_new").click().run()
    desk.do("operator", "customer", "archive", customer)
    field(at, "name").set_value("端木言").run()
    press(at, "|save")
    assert translate("error.record.whole_archived", "zh") in [error.value for error in at.error]
    desk.do("operator", "customer", "restore", customer)
    press(at, "|save")
    assert desk.one("contact", name="端木言")["customer_id"] == customer


def test_a_contact_of_an_archived_customer_stays_as_it_is_and_says_why(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"])
    contact = desk.make("contact", customer_id=customer)
    desk.do("operator", "customer", "archive", customer)
    at = clean(at_customers(desk, "manager", customers_of="contacts", id=contact))
    found = {name: at.button(key=f"customers_contact_verb_{name}") for name in ("update", "archive")}
    assert {(one.disabled, one.help) for one in found.values()} == {
        (True, translate("error.record.whole_archived", "zh"))
    }


def test_the_files_of_an_archived_customer_are_fetched_and_stay(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"])
    file = files.attach(desk.store, desk.actor("rep"), "customer", customer, "Drawing.pdf", PDF)
    for offered in (True, False):
        at = clean(at_customers(desk, "manager", id=customer))
        assert "Drawing" in everything(at)
        assert (f"file_archive_{file}" in {button.key for button in at.button}) is offered
        desk.do("operator", "customer", "archive", customer)


def test_lists_find_customers_and_contacts_by_initials(desk: Desk, customer: str) -> None:
    assert "北京远航重工有限公司" in everything(clean(at_customers(desk, "rep", q="yhzg")))
    assert "单晓华" in everything(clean(at_customers(desk, "rep", customers_of="contacts", q="sxh")))
    assert "北京远航重工有限公司" not in everything(clean(at_customers(desk, "rep", q="qqqq")))
    assert "单晓华" in everything(clean(at_customers(desk, "rep", customers_of="contacts", q="138 1234 5678")))
    for who, text in (("rep", "13812340000"), ("support", PHONE), ("leader", PHONE)):
        found = everything(clean(at_customers(desk, who, customers_of="contacts", q=text)))
        assert "单晓华" not in found, "who reads it masked does not find it by guessing"


# -- masked details ---------------------------------------------------------------------------------------------------


def noted(desk: Desk) -> list[tuple[Any, ...]]:
    """What the audit says of details that were shown."""
    with desk.store.reading() as cursor:
        cursor.execute("SELECT actor_id, entity, record_id, why FROM audit_entries WHERE verb = 'reveal'")
        return list(cursor.fetchall())


def test_support_reveals_a_detail_with_a_reason_and_the_audit_knows(desk: Desk, customer: str) -> None:
    contact = desk.one("contact", customer_id=customer, name="单晓华")["id"]
    support = desk.actor("support")
    with pytest.raises(Invalid):
        reveal(desk.store, support, "contact", contact, "phone", " a ")
    assert noted(desk) == [], "without a reason nothing is shown"
    assert reveal(desk.store, support, "contact", contact, "phone", "call back about W-12") == PHONE
    assert noted(desk) == [(support.person_id, "contact", contact, "call back about W-12")]


def test_others_reveal_nothing(desk: Desk, customer: str) -> None:
    contact = desk.one("contact", customer_id=customer, name="单晓华")["id"]
    before = noted(desk)
    for who in ("leader", "admin", "rep", "manager"):
        with pytest.raises(Forbidden):
            reveal(desk.store, desk.actor(who), "contact", contact, "phone", "curiosity")
    for name in ("stranger",):
        with pytest.raises(NotFound):
            reveal(desk.store, desk.actor(name), "contact", contact, "phone", "curiosity")
    with pytest.raises(Invalid):
        reveal(desk.store, desk.actor("support"), "customer", customer, "annual_revenue", "curiosity")
    assert noted(desk) == before


def test_the_page_offers_to_reveal_what_is_masked(desk: Desk, customer: str) -> None:
    assert translate("reveal.title", "zh") in everything(clean(at_customers(desk, "support", id=customer)))
    for who in ("leader", "rep"):
        assert translate("reveal.title", "zh") not in everything(clean(at_customers(desk, who, id=customer)))
