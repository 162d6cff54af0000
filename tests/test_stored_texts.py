"""Texts of the machine: kept as codes with values, read by everybody in their own language; others stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions.calendar_feed import calendar
from dashboard.actions.conversion import Asked, convert
from dashboard.actions.exports import export_records, files_of
from dashboard.domain.labels import coded, stored_text
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, Language
from tests.builders import today
from tests.department import Desk
from tests.selling import running, visiting
from tests.test_conversion import lead_of
from tests.test_customers_page import everything as sent

STEP = coded("web.known", by=["phone", "company"])
SAID: dict[str, str] = {
    "zh": "请先核对身份：电话、公司名称在系统中已存在",
    "en": "Look who this is: phone, company name is known already",
}


def everything(at: AppTest) -> str:
    """What the browser gets, without the signs that keep a text from being markup."""
    return sent(at).replace("\\", "")


@pytest.fixture(scope="module", autouse=True)
def served(shared_desk: Desk) -> Iterator[None]:
    """The department, served."""
    with running(shared_desk):
        yield


@pytest.fixture(scope="module")
def lead(shared_desk: Desk) -> str:
    """A lead of the rep's whose next step the machine wrote."""
    return lead_of(shared_desk, company="Aeolus", next_step=STEP, next_step_on=today())


@pytest.mark.parametrize(
    ("text", "english"),
    [
        (STEP, SAID["en"]),
        (coded("conversion.lead", lead="L-1 X"), "Converted from lead L-1 X"),
        (coded("conversion.lead_because", lead="L-1 {by}", said='"so"'), 'Converted from lead L-1 {by}: "so"'),
        ("pool.no_contact 30", "no contact for 30 days"),
        ("machine.undone", "taken back"),
        ("Converted from lead L-1 X: because", "Converted from lead L-1 X: because"),
        ("look at web.known", "look at web.known"),
        ("web.unheard_of 5", "web.unheard_of 5"),
        ("web.known", "web.known"),
        ("web.known {by", "web.known {by"),
        ('web.known {"by": broken}', 'web.known {"by": broken}'),
        ('web.known {"to": 1}', 'web.known {"to": 1}'),
        (None, ""),
    ],
)
def test_a_text_of_the_machine_is_read_in_words_and_any_other_as_it_is(text: str | None, english: str) -> None:
    assert stored_text(text, "en") == english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "more"), [("leads", {"q": "Aeolus", "leads_cols": "company,next_step"}), ("today", {})]
)
def test_lists_and_today_say_it_in_the_readers_language(
    shared_desk: Desk, lead: str, page: str, more: dict[str, str], language: Language
) -> None:
    at = visiting(shared_desk, "rep", page, language)
    for name, value in more.items():
        at.query_params[name] = value
    seen = everything(at.run())
    assert "web.known" not in seen
    assert SAID[language] in seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_and_its_form_say_it_and_saving_the_form_keeps_it(
    shared_desk: Desk, lead: str, language: Language
) -> None:
    desk = shared_desk
    at = visiting(desk, "rep", "leads", language)
    at.query_params["id"] = lead
    seen = everything(at.run())
    assert "web.known" not in seen
    assert SAID[language] in seen
    form = visiting(desk, "rep", "leads", language)
    form.query_params["id"], form.query_params["edit"] = lead, "1"
    form.run()
    assert SAID[language] in [one.value for one in form.text_input]
    title = next(one for one in form.text_input if "|job_title|" in str(one.key))
    title.set_value(f"Buyer {language}").run()
    next(button for button in form.button if str(button.key).endswith("|save")).click().run()
    row = desk.row("lead", lead)
    assert (row["job_title"], row["next_step"]) == (f"Buyer {language}", STEP)


@pytest.mark.parametrize("language", LANGUAGES)
def test_calendars_and_exports_say_it(shared_desk: Desk, lead: str, language: Language) -> None:
    desk = shared_desk
    told = calendar(desk.store, desk.actor("rep"), language, today(), "https://x").decode().replace("\r\n ", "")
    assert SAID[language] in told.replace("\\,", ",")
    here = [Condition("id", Operator.EQ, lead)]
    export = export_records(desk.store, desk.actor("rep"), "lead", language, here, (), ["company", "next_step"])
    assert SAID[language] in files_of(export, "leads.csv")["leads.csv"].decode("utf-8-sig")


def test_a_conversion_says_where_from_in_the_readers_language_whoever_made_it(shared_desk: Desk) -> None:
    desk = shared_desk
    lead = lead_of(desk, company="Notos")
    deal = convert(desk.store, desk.actor("rep"), Asked(lead, 1, why="a quote"), today()).customer_id
    number = desk.row("lead", lead)["number"]
    for language, words in (("zh", f"由线索 {number} Notos 转化：a quote"), ("en", f"lead {number} Notos: a quote")):
        at = visiting(desk, "rep", "customers", language)  # type: ignore[arg-type]
        at.query_params["id"] = deal
        assert words in everything(at.run())
