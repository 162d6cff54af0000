"""Leads from the first call on: captured once, followed up step by step, closed with a reason."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import records
from dashboard.domain.ids import new_id
from dashboard.domain.labels import choice_label
from dashboard.errors import Invalid, NotFound, Refused, SalesDeskError, Stale
from dashboard.i18n import LANGUAGES, Language, translate
from tests.department import Desk
from tests.selling import running, visiting

PAGE = "leads"


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


def at_leads(desk: Desk, who: str, /, **said: str) -> AppTest:
    """The page with these parts in its address."""
    at = visiting(desk, who, PAGE)
    for name, value in said.items():
        at.query_params[name] = value
    return at.run()


def clean(at: AppTest) -> AppTest:
    """The run, once it is sure that nothing went wrong."""
    assert not at.error, [error.value for error in at.error]
    assert not at.exception
    return at


def field(at: AppTest, name: str) -> Any:
    """The input of a field of the form or the dialog."""
    found = [*at.text_input, *at.text_area, *at.selectbox]
    return next(widget for widget in found if f"|{name}|" in str(widget.key) and not str(widget.key).endswith("search"))


def press(at: AppTest, end: str) -> AppTest:
    """Click the button whose key ends like this."""
    return next(button for button in at.button if str(button.key).endswith(end)).click().run()


def words(at: AppTest) -> str:
    """Every text of the page."""
    texts = [str(part.value) for part in (*at.markdown, *at.title, *at.subheader, *at.error)]
    return " ".join(texts).replace("\\", "")


def reason(desk: Desk, code: str, of: str = "lead_reason") -> str:
    """A reason by its code."""
    return str(desk.one("list_value", list=of, code=code)["id"])


def lead(desk: Desk, who: str = "rep", **values: Any) -> str:
    """A lead of somebody."""
    return desk.make("lead", owner_id=desk.people[who], **values)


# -- capture ----------------------------------------------------------------------------------------------------------


def test_a_lead_is_captured_in_one_short_form_and_made_once(desk: Desk) -> None:
    at = clean(at_leads(desk, "rep"))
    at.button(key="leads_new").click().run()
    assert at.query_params["new"] == "quick"
    assert not [widget for widget in at.selectbox if "|level|" in str(widget.key)], "a short form is short"
    field(at, "company").set_value("晨光机电有限公司").run()
    press(at, "|save")
    lacking = translate("error.form.one_of", "zh", fields=["电话", "邮箱"])
    assert lacking in words(at), "somebody has to be reached"
    field(at, "person_name").set_value("周敏").run()
    field(at, "phone").set_value("138 0013 8000").run()
    held = at.session_state["form lead:new"].record_id
    press(at, "|save")
    clean(at)
    made = desk.one("lead", company="晨光机电有限公司")
    assert (made["id"], made["phone"], made["status"]) == (held, "138 0013 8000", "new")
    assert (made["owner_id"], made["created_on"] is not None) == (desk.people["rep"], True)
    again = {"company": "晨光机电有限公司", "created_on": made["created_on"], "owner_id": desk.people["rep"]}
    records.create(desk.store, desk.actor("rep"), "lead", held, again)
    assert desk.one("lead", company="晨光机电有限公司")["version"] == 1, "sent twice, made once"


def test_what_was_typed_in_short_stands_in_the_whole_form(desk: Desk) -> None:
    at = at_leads(desk, "colleague", new="quick")
    field(at, "company").set_value("Harbour Lights").run()
    press(at, "|whole")
    assert at.query_params["new"] == "1"
    assert field(clean(at), "company").value == "Harbour Lights"
    assert field(at, "level")


WAY = ("new", "contacted", "nurture", "qualified", "converted")


# -- the way of a lead ------------------------------------------------------------------------------------------------


def test_a_lead_goes_its_way_and_the_history_says_who_when_and_why(desk: Desk) -> None:
    record, rep = lead(desk), desk.people["rep"]
    for verb in ("contact", "nurture", "qualify"):
        desk.do("rep", "lead", verb, record)
    desk.do("rep", "lead", "unqualify", record, reason_id=reason(desk, "other"), reason_note="Their plant closed")
    row = desk.row("lead", record)
    assert (row["status"], row["reason_note"]) == ("unqualified", "Their plant closed")
    with pytest.raises(Refused, match="Give a reason"):
        desk.do("manager", "lead", "reopen", record)
    desk.do("manager", "lead", "reopen", record, why="The plant opens again")
    row = desk.row("lead", record)
    assert (row["status"], row["reason_id"], row["reason_note"]) == ("new", None, None)
    told = desk.store.history(desk.actor("manager"), "lead", record).rows(named=True)
    assert [line["verb"] for line in told] == ["create", "contact", "nurture", "qualify", "unqualify", "reopen"]
    assert {line["actor_id"] for line in told[1:5]} == {rep}
    assert (told[-1]["actor_id"], told[-1]["why"]) == (desk.people["manager"], "The plant opens again")
    assert set(told[4]["changed"].strip(",").split(",")) == {"status", "reason_id", "reason_note"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "field.required"),
        ({"reason_id": "other"}, "reason.needs_note"),
        ({"reason_id": "other", "reason_note": "  "}, "reason.needs_note"),
        ({"reason_id": "website"}, "reference.wrong_list"),
    ],
)
@pytest.mark.parametrize("verb", ["unqualify", "junk"])
def test_a_lead_is_not_closed_without_a_reason_that_says_something(
    desk: Desk, verb: str, values: dict[str, str], code: str
) -> None:
    record = lead(desk)
    said = dict(values)
    if word := said.get("reason_id"):
        said["reason_id"] = reason(desk, word, "source" if word == "website" else "lead_reason")
    with pytest.raises(Invalid) as refusal:
        desk.do("rep", "lead", verb, record, **said)
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert desk.row("lead", record)["status"] == "new"


def test_a_verb_is_refused_by_state_role_reach_and_version(desk: Desk) -> None:
    record, theirs = lead(desk), lead(desk, "stranger")
    with pytest.raises(Refused, match="is not possible"):
        desk.do("rep", "lead", "reopen", record, why="no reason")
    with pytest.raises(NotFound):
        desk.do("rep", "lead", "contact", theirs)
    with pytest.raises(SalesDeskError):
        desk.do("support", "lead", "contact", record)
    with pytest.raises(SalesDeskError):
        desk.do("leader", "lead", "contact", record)
    seen = desk.version("lead", record)
    desk.do("rep", "lead", "contact", record)
    with pytest.raises(Stale):
        records.take(desk.store, desk.actor("rep"), "lead", "qualify", record, seen)
    assert desk.row("lead", record)["status"] == "contacted"


def test_of_two_who_close_a_lead_together_one_is_told(desk: Desk) -> None:
    record, outcome, start = lead(desk), [], threading.Barrier(2)

    def close(who: str, verb: str) -> None:
        start.wait()
        try:
            values = {"reason_id": reason(desk, "no_need")}
            records.take(desk.store, desk.actor(who), "lead", verb, record, 1, values)
            outcome.append(verb)
        except (Stale, Refused) as problem:
            outcome.append(problem.code)

    both = [threading.Thread(target=close, args=pair) for pair in (("rep", "junk"), ("manager", "unqualify"))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    won = [one for one in outcome if one in ("junk", "unqualify")]
    assert (len(won), len(outcome)) == (1, 2)
    assert desk.row("lead", record)["version"] == 2


def test_the_usual_next_verb_stands_out_and_the_path_shows_where_a_lead_stands(desk: Desk) -> None:
    record = lead(desk, company=f"Path {new_id()[-6:]}")
    for verb, usual in ((None, "contact"), ("contact", "qualify"), ("qualify", "convert")):
        if verb:
            desk.do("rep", "lead", verb, record)
        at = clean(at_leads(desk, "rep", id=record))
        assert [str(b.key).rpartition("_")[2] for b in at.button if primary(b)] == [usual]
    path = next(html for html in at.get("html") if "<ol" in str(html.proto.body)).proto.body
    assert 'aria-current="step"' in path
    assert [word for word in ("新线索", "已联系", "合格", "已转化") if word not in path] == []
    assert "培育中" not in path, "it was skipped"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_that_was_skipped_does_not_stand_on_the_path(desk: Desk, language: Language) -> None:
    skipping, nurtured = lead(desk), lead(desk)
    for record, verbs in ((skipping, ("contact", "qualify")), (nurtured, ("contact", "nurture", "qualify"))):
        for verb in verbs:
            desk.step("rep", "lead", verb, record)
    found = []
    for record in (skipping, nurtured):
        at = visiting(desk, "rep", "leads", language)
        at.query_params["id"] = record
        body = next(html for html in clean(at.run()).get("html") if "<ol" in str(html.proto.body)).proto.body
        words = [choice_label("lead", "status", word, language) for word in WAY]
        found.append([word for word, told in zip(WAY, words, strict=True) if f">{told}<" in body])
    assert found == [[word for word in WAY if word != "nurture"], [*WAY]]


def primary(button: Any) -> bool:
    """Whether a button of a record's verbs stands out."""
    return "_verb_" in str(button.key) and button.proto.type == "primary"


def test_closing_a_lead_asks_for_the_reason_and_its_note(desk: Desk) -> None:
    record = lead(desk)
    at = clean(at_leads(desk, "rep", id=record))
    at.button(key="leads_verb_junk").click().run()
    field(at, "reason_id").set_value(reason(desk, "other")).run()
    press(at, "|do")
    assert translate("error.reason.needs_note", "zh") in words(clean(at))
    field(at, "reason_note").set_value("试用账号").run()
    press(at, "|do")
    row = desk.row("lead", record)
    assert (row["status"], row["reason_note"]) == ("junk", "试用账号")


# -- duplicates while typing ------------------------------------------------------------------------------------------


def test_likely_duplicates_appear_while_typing_and_lead_to_their_records(desk: Desk) -> None:
    mine = desk.make("customer", name="北京远景智能科技有限公司", owner_id=desk.people["rep"])
    theirs = desk.make("customer", name="远方的公司", owner_id=desk.people["stranger"])
    desk.make("contact", customer_id=theirs, name="远方的人", phone="13511112222")
    at = clean(at_leads(desk, "rep", new="quick"))
    assert translate("likeness.title", "zh") not in words(at)
    field(at, "company").set_value("远景智能(上海)").run()
    assert "北京远景智能科技有限公司" in words(clean(at))
    assert translate("likeness.similar", "zh", share=95) in words(at)
    assert [link.proto.query_string for link in at.get("page_link")] == [f"id={mine}"]
    field(at, "company").set_value("远方的公司").run()
    field(at, "phone").set_value("135-1111-2222").run()
    said = words(clean(at))
    assert translate("likeness.elsewhere", "zh", field="电话") in said
    assert "远方的人" not in said
    assert not at.get("page_link")
