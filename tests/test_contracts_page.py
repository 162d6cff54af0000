"""Contracts as each role sees them: what a contract says, its gaps, who decides, the dialogs, what waits on Today."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.ui.markdown import plain
from tests.builders import days_ago
from tests.contracting import approved, clauses, contract, deal_of, house, runs, sign, template
from tests.department import Desk
from tests.selling import running, visiting

PAGE = "contracts"


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    house(shared_desk)
    with running(shared_desk):
        yield shared_desk


def at_contracts(desk: Desk, who: str, language: Language = "zh", /, **said: str) -> AppTest:
    """The page with these parts in its address."""
    at = visiting(desk, who, PAGE, language)
    for name, value in said.items():
        at.query_params[name] = value
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    """The run, once it is sure that nothing went wrong."""
    assert not at.error, [error.value for error in at.error]
    assert not at.exception
    return at


def everything(at: AppTest) -> str:
    """Everything that a browser gets."""
    return "\n".join(str(element.proto) for element in at.main if getattr(element, "proto", None) is not None)


def drafted(desk: Desk, body: str = "{{customer.name}} buys.") -> str:
    """A draft of the rep from a template."""
    deal = deal_of(desk)
    customer = desk.row("deal", deal)["customer_id"]
    made = template(desk, body, (("Price", "It costs {{contract.amount}}."),))
    return contract(desk, deal_id=deal, customer_id=customer, template_id=made, name="Cranes")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_shows_what_it_says_and_names_its_gaps(desk: Desk, language: Language) -> None:
    record = drafted(desk, "{{customer.name}} {{customer.credit_code}} {{nonsense}}")
    at = at_contracts(desk, "rep", language, id=record)
    said = everything(at)
    assert "Harbour Works" in said
    warnings = " ".join(part.value for part in at.warning)
    assert translate("placeholder.customer.credit_code", language) in warnings.replace("\\", "")
    assert "nonsense" in warnings
    assert translate("wording.title", language) in [part.value for part in at.subheader]


def test_support_sees_number_state_and_dates_only(desk: Desk) -> None:
    record = drafted(desk)
    at = at_contracts(desk, "support")
    assert not {"name", "amount", "owner_id", "body"} & set(at.dataframe[0].value.columns)
    at = at_contracts(desk, "support", id=record)
    said = everything(at)
    for secret in ("2401", "2,401", "Cranes", "Harbour Works buys"):
        assert secret not in said
    assert translate("files.title", "zh") not in [part.value for part in at.subheader]


def test_clauses_are_changed_as_a_sheet_of_rows(desk: Desk) -> None:
    record = drafted(desk)
    at = at_contracts(desk, "rep", id=record, parts="contract_clause")
    slot = next(area for area in at.text_area if "It costs" in (area.value or ""))
    slot.set_value("It costs {{contract.amount}}, tax included.").run()
    save = next(button for button in at.button if str(button.key).endswith("|save"))
    clean(save.click().run())
    assert clauses(desk, record)[0]["body"] == "It costs {{contract.amount}}, tax included."


def test_a_clause_keeps_its_words_beside_one_of_another_template_with_the_same_title(desk: Desk) -> None:
    record = drafted(desk)
    template(desk, "Somebody else's paper.", (("Price", "Other words of another paper."),))
    at = at_contracts(desk, "rep", id=record, parts="contract_clause")
    slot = next(area for area in at.text_area if "It costs" in (area.value or ""))
    clean(slot.set_value("It costs {{contract.amount}}, tax included.").run())
    assert [area.value for area in at.text_area] == ["It costs {{contract.amount}}, tax included."]
    (chosen,) = [one for one in at.selectbox if "|clause_id|" in str(one.key)]
    assert len(set(chosen.options)) == len(chosen.options)


def test_the_named_manager_finds_it_on_today_and_on_team_and_decides(desk: Desk) -> None:
    record = drafted(desk)
    for who in ("manager", "rep"):
        assert f"waiting_{record}" not in everything(clean(visiting(desk, who, "today")))
    desk.do("rep", "contract", "submit", record)
    for page in ("today", "team"):
        assert "Cranes" in everything(clean(visiting(desk, "manager", page)))
    assert translate("deciding.waiting", "zh") not in everything(clean(visiting(desk, "rep", "today")))
    at = at_contracts(desk, "manager", id=record)
    labels = {button.key for button in at.button}
    assert {"contracts_verb_approve", "contracts_verb_reject"} <= labels
    assert "contracts_verb_approve" not in {button.key for button in at_contracts(desk, "head", id=record).button}
    at.button(key="contracts_verb_approve").click().run()
    do = next(button for button in at.button if str(button.key).endswith("|do"))
    clean(do.click().run())
    assert desk.row("contract", record)["step"] == "approved"
    assert runs(desk, record) == [("manager", "approved")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_signature_says_beforehand_what_it_needs(desk: Desk, language: Language) -> None:
    record = approved(desk)
    at = clean(at_contracts(desk, "rep", language, id=record).button(key="contracts_verb_sign").click().run())
    assert plain(translate("detail.sign_needs", language)) in {element.value for element in at.markdown}


def test_a_form_for_a_deal_begins_with_what_the_deal_says(desk: Desk) -> None:
    deal = deal_of(desk)
    at = at_contracts(desk, "rep", new="1", deal_id=deal)
    form = at.session_state["form contract:new"]
    assert form.values["deal_id"] == deal
    assert form.values["customer_id"] == desk.row("deal", deal)["customer_id"]
    assert form.values["name"] == "Two cranes"


def test_overdue_payments_and_duties_are_listed_for_whoever_may_see_them(desk: Desk) -> None:
    record = contract(desk, name="Late cranes")
    for label, days in (("First part", 3), ("Second part", -3)):
        desk.make("payment_plan", contract_id=record, label=label, due_on=days_ago(days), amount=4711)
    desk.make("obligation", contract_id=record, name="Install", party="us", due_on=days_ago(2))
    key = "contracts_late_payment_plan"
    assert key not in {button.key for button in at_contracts(desk, "rep").button}, "nothing is owed before a signature"
    sign(desk, record)
    for who in ("rep", "manager"):
        at = clean(at_contracts(desk, who).button(key=key).click().run())
        said = " ".join(str(frame.value) for frame in at.dataframe[1:])
        assert ("First part" in said, "Second part" in said) == (True, False), who
        assert "4711" in said
        at = clean(at_contracts(desk, who).button(key="contracts_late_obligation").click().run())
        assert "Install" in " ".join(str(frame.value) for frame in at.dataframe[1:])
    for who in ("support", "stranger"):
        at = at_contracts(desk, who)
        assert key not in {button.key for button in at.button}
        assert "4711" not in everything(at)
    desk.do("manager", "contract", "terminate", record, why="The customer closed down.")
    assert not {key, "contracts_late_obligation"} & {button.key for button in at_contracts(desk, "rep").button}


def test_an_advance_is_recorded_on_the_contract_before_there_is_an_order(desk: Desk) -> None:
    record = drafted(desk)
    amount = desk.row("contract", record)["amount"]
    assert "contract_payment" not in {button.key for button in at_contracts(desk, "rep", id=record).button}
    sign(desk, record)
    for who in ("support", "leader", "stranger"):
        at = visiting(desk, who, PAGE)
        at.query_params["id"] = record
        assert "contract_payment" not in {button.key for button in at.run().button}, who
    at = at_contracts(desk, "rep", id=record)
    at.button(key="contract_payment").click().run()
    for typed, paid in (("99999999", 0), ("1000", 1000)):
        (box,) = [one for one in at.text_input if "|amount|" in str(one.key)]
        box.set_value(typed).run()
        next(button for button in at.button if str(button.key).endswith("|do")).click().run()
        assert desk.row("contract", record)["paid"] == paid
        assert bool(at.error) == (paid == 0), "more than the contract is worth is refused"
    at.button(key="contract_payment").click().run()
    (box,) = [one for one in at.text_input if "|amount|" in str(one.key)]
    assert box.value == str(amount - 1000).removesuffix(".0000"), "what is still due is proposed"


def test_an_amendment_and_what_it_amends_are_called_so_where_one_leads_to_the_other(desk: Desk) -> None:
    record = drafted(desk)
    sign(desk, record)
    desk.do("manager", "contract", "amend", record, why="more cranes")
    draft = desk.one("contract", amends_id=record)["id"]
    for one, word in ((record, "变更后合同"), (draft, "变更自合同")):
        found = at_contracts(desk, "manager", id=one).get("page_link")
        links = [link.proto.label.replace("\\", "") for link in found]
        assert [link for link in links if link.startswith(f"{word} C-")], links
