"""Converting a lead on its page: found customers are proposed, and the way leads from each record to the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import LANGUAGES, Language, translate
from tests.department import Desk
from tests.selling import running, visiting
from tests.test_conversion import a_colleagues_customer, lead_of
from tests.test_pages import said, untranslated


@pytest.fixture(scope="module", autouse=True)
def served(shared_desk: Desk) -> Iterator[None]:
    """The department, served."""
    with running(shared_desk):
        yield


def page(desk: Desk, name: str, slug: str, record: str, language: Language = "zh") -> AppTest:
    """A record's page as somebody sees it."""
    at = visiting(desk, name, slug, language)
    at.query_params["id"] = record
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    """A page without an exception."""
    assert not at.exception
    return at


def by_end(found: Any, ending: str) -> Any:
    """The widget whose key ends like this."""
    return next(one for one in found if str(one.key).endswith(ending))


def stranger(desk: Desk, company: str) -> str:
    """A lead of somebody whose phone and e-mail nobody else has."""
    return lead_of(desk, company=company, phone=None, email=None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_customer_and_a_deal(shared_desk: Desk, language: Language) -> None:
    desk, lead = shared_desk, stranger(shared_desk, f"{language} Zephyr Turbines")
    at = page(desk, "rep", "leads", lead, language)
    by_end(at.button, "_verb_convert").click().run()
    clean(at)
    if language == "zh":
        assert untranslated(said(at)) <= untranslated(said(page(desk, "rep", "leads", lead, language)))
    by_end(at.text_input, f"customer|name|{language}").set_value("").run()
    by_end(at.button, "|do").click().run()
    assert desk.row("lead", lead)["status"] == "new", "what is missing is said, and nothing written"
    by_end(at.text_input, f"customer|name|{language}").set_value(f"Group of {language}").run()
    by_end(at.text_input, f"deal|amount|{language}").set_value("9.5万").run()
    by_end(at.button, "|do").click().run()
    clean(at)
    now = desk.row("lead", lead)
    assert (now["status"], desk.row("customer", now["customer_id"])["name"]) == ("converted", f"Group of {language}")
    assert desk.row("deal", now["deal_id"])["amount"] == 95_000
    linked = {
        slug: [link.proto.query_string for link in page(desk, "rep", slug, record, language).get("page_link")]
        for slug, record in (("leads", lead), ("customers", now["customer_id"]), ("deals", now["deal_id"]))
    }
    assert {f"id={now['customer_id']}", f"id={now['deal_id']}"} <= set(linked["leads"])
    assert f"id={lead}" in linked["customers"]
    assert f"id={lead}" in linked["deals"]


def test_a_found_customer_is_proposed_and_taken(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = desk.make("customer", name="Mistral", owner_id=desk.people["rep"])
    lead = stranger(desk, "Mistral")
    at = page(desk, "rep", "leads", lead)
    by_end(at.button, "_verb_convert").click().run()
    assert [one.value.replace("\\", "") for one in clean(at).info] == [
        translate("conversion.found", "zh", name="Mistral", reason=translate("likeness.same", "zh"))
    ]
    by_end(at.checkbox, "|with_deal").uncheck().run()
    by_end(at.button, "|do").click().run()
    clean(at)
    now = desk.row("lead", lead)
    assert (now["customer_id"], now["deal_id"]) == (customer, None)


def test_somebody_who_was_quicker_is_told_of(shared_desk: Desk) -> None:
    desk, lead = shared_desk, stranger(shared_desk, "Sirocco")
    at = page(desk, "rep", "leads", lead)
    by_end(at.button, "_verb_convert").click().run()
    desk.do("manager", "lead", "update", lead, need="Ten pumps")
    by_end(at.button, "|do").click().run()
    assert [told.value for told in at.warning] == [translate("detail.stale", "zh")]
    by_end(at.button, "|do").click().run()
    assert desk.row("lead", lead)["status"] == "converted"


def test_a_colleague_sees_who_added_a_contact_to_the_customer_and_why(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = a_colleagues_customer(desk, name="Levanter")
    lead = stranger(desk, "Levanter")
    at = page(desk, "rep", "leads", lead)
    by_end(at.button, "_verb_convert").click().run()
    by_end(at.button, "|do").click().run()
    clean(at)
    now = desk.row("lead", lead)
    assert now["customer_id"] == customer
    assert desk.row("contact", now["contact_id"])["customer_id"] == customer
    line = next(
        one.value for one in page(desk, "colleague", "customers", customer).markdown if "person_add" in one.value
    )
    seen = line.replace("\\", "")
    assert desk.row("person", desk.people["rep"])["name"] in seen
    assert desk.row("contact", now["contact_id"])["name"] in seen
    assert now["number"] in seen
