"""The sheet of a deal's products and credits on its page: rows typed, added, moved, removed, saved or refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions.parts import parts_of
from dashboard.domain.access import operator
from dashboard.i18n import translate
from tests.department import Desk
from tests.selling import running, visiting


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, served."""
    with running(shared_desk):
        yield shared_desk


def a_deal(desk: Desk) -> str:
    """An open deal of the rep."""
    return desk.make("deal", owner_id=desk.people["rep"], amount=1000, currency="CNY")


def at_sheet(desk: Desk, who: str, deal: str, part: str) -> AppTest:
    """The sheet as somebody opens it."""
    at = visiting(desk, who, "deals")
    at.query_params["id"], at.query_params["parts"] = deal, part
    return at.run()


def click(at: AppTest, name: str) -> AppTest:
    """Press the button whose key ends so."""
    found = [button for button in at.button if str(button.key).endswith(f"|{name}")]
    return found[0].click().run()


def typed(at: AppTest, kind: str, field: str, *values: Any) -> AppTest:
    """Fill in a field of each row."""
    inputs = [one for one in getattr(at, kind) if f"|{field}|" in str(one.key) and "_search" not in str(one.key)]
    for one, value in zip(inputs, values, strict=True):
        one.set_value(value) if kind == "text_input" else one.select(value)
    return at.run()


def rows(desk: Desk, deal: str, part: str) -> list[dict[str, Any]]:
    """The parts in the store."""
    return parts_of(desk.store, operator(), "deal", deal, part)


def said(at: AppTest) -> str:
    """Every text of the page."""
    return " ".join(str(part.value) for part in (*at.markdown, *at.error, *at.warning)).replace("\\", "")


def test_a_rep_lists_the_products_of_a_deal_and_takes_its_amount_from_them(desk: Desk) -> None:
    deal, product = a_deal(desk), desk.refs["product"]
    at = at_sheet(desk, "rep", deal, "deal_product")
    assert not at.exception
    at = click(typed(at, "selectbox", "product_id", product), "add")
    typed(at, "selectbox", "product_id", product, product)
    typed(at, "text_input", "quantity", "2", "lots")
    at = typed(at, "text_input", "price", "1,000", "0.125")
    assert "合计 ¥2,000.00" in said(at)
    at = click(at, "save")
    assert translate("error.field.not_a_number", "zh", value="lots") in said(at)
    assert not rows(desk, deal, "deal_product")
    at.segmented_control[0].set_value("lines")
    at = click(typed(at, "text_input", "quantity", "2", "1"), "save")
    assert not at.exception
    assert "parts" not in at.query_params, "back on the record"
    assert [row["amount"] for row in rows(desk, deal, "deal_product")] == [2000, Decimal("0.13")]
    assert desk.row("deal", deal)["amount"] == Decimal("2000.13")


def test_what_was_typed_outlives_the_session_and_a_quicker_colleague(desk: Desk) -> None:
    deal, product = a_deal(desk), desk.refs["product"]
    first = desk.make("deal_product", deal_id=deal, quantity=Decimal(1), price=Decimal(10), rank=1)
    at = typed(at_sheet(desk, "rep", deal, "deal_product"), "text_input", "price", "20")
    again = at_sheet(desk, "rep", deal, "deal_product")
    assert [one.value for one in again.text_input if "|price|" in str(one.key)] == ["20"]
    desk.do("manager", "deal_product", "update", first, quantity=Decimal(7))
    other = desk.make("deal_product", deal_id=deal, product_id=product, quantity=Decimal(1), price=Decimal(3), rank=2)
    at = click(again, "save")
    assert "第 1 行由他人修改或新增。" in said(at)
    assert "第 2 行由他人修改或新增。" in said(at)
    at = click(at, "save")
    assert [(row["id"], row["quantity"], row["price"]) for row in rows(desk, deal, "deal_product")] == [
        (first, 7, 20),
        (other, 1, 3),
    ]


def test_a_manager_splits_the_credit(desk: Desk) -> None:
    deal = a_deal(desk)
    at = at_sheet(desk, "manager", deal, "deal_credit")
    assert not [button for button in at.button if str(button.key).endswith("|discard")], "nothing is typed yet"
    at = click(typed(at, "text_input", "share", "60"), "add")
    at = typed(at, "selectbox", "person_id", desk.people["rep"], desk.people["colleague"])
    at = click(typed(at, "text_input", "share", "60", "30"), "save")
    assert "各人的份额合计应为 100%，现为 90%。" in said(at)
    assert not rows(desk, deal, "deal_credit")
    at = click(at, "split")
    at = click(at, "save")
    assert {row["person_id"]: row["share"] for row in rows(desk, deal, "deal_credit")} == {
        desk.people["rep"]: Decimal("0.5"),
        desk.people["colleague"]: Decimal("0.5"),
    }
    at = click(at_sheet(desk, "manager", deal, "deal_credit"), "sheet.remove")
    at = click(typed(at, "text_input", "share", "100"), "save")
    assert len(rows(desk, deal, "deal_credit")) == 1


def test_a_rep_shares_the_credit_with_any_active_colleague_by_name(desk: Desk) -> None:
    deal, gone = a_deal(desk), desk.make("person", name="Gone", username="gone-by-now")
    desk.do("operator", "person", "update", gone, active=False)
    at = click(at_sheet(desk, "rep", deal, "deal_credit"), "add")
    names = [one for one in at.selectbox if "|person_id|" in str(one.key)]
    active = desk.store.find(operator(), "person").filter("active")["name"].to_list()
    assert {name for name in names[-1].options if name in active} == set(active)
    assert "Gone" not in names[-1].options
    at = typed(at, "selectbox", "person_id", desk.people["rep"], desk.people["stranger"])
    click(typed(at, "text_input", "share", "75", "25"), "save")
    assert {row["person_id"]: row["share"] for row in rows(desk, deal, "deal_credit")} == {
        desk.people["rep"]: Decimal("0.75"),
        desk.people["stranger"]: Decimal("0.25"),
    }


@pytest.mark.parametrize("who", ["leader", "support", "stranger"])
def test_whoever_may_not_change_the_deal_gets_no_sheet(desk: Desk, who: str) -> None:
    at = at_sheet(desk, who, a_deal(desk), "deal_product")
    assert at.error or at.exception
    assert not [button for button in at.button if str(button.key).endswith("|save")]


def test_a_row_in_which_nothing_was_typed_is_dropped(desk: Desk) -> None:
    deal = a_deal(desk)
    at = click(click(at_sheet(desk, "rep", deal, "deal_product"), "add"), "add")
    for name, value in (("quantity", "2"), ("price", "5")):
        _, second, _ = (one for one in at.text_input if f"|{name}|" in str(one.key))
        second.set_value(value)
    [one for one in at.selectbox if "|product_id|" in str(one.key)][1].select(desk.refs["product"])
    at = click(at.run(), "save")
    assert not at.error
    assert "parts" not in at.query_params, "saved and left"
    assert [(row["quantity"], row["price"]) for row in rows(desk, deal, "deal_product")] == [(2, 5)]


def test_a_sheet_in_which_nothing_stands_saves_nothing_and_is_no_draft(desk: Desk) -> None:
    contract = desk.make("contract", owner_id=desk.people["rep"])
    at = visiting(desk, "rep", "contracts")
    at.query_params["id"], at.query_params["parts"] = contract, "payment_plan"
    at = click(at.run(), "add")
    assert not [button for button in at.button if str(button.key).endswith("|discard")], "nothing is kept"
    at = click(at, "save")
    assert not at.error
    assert "parts" not in at.query_params
    assert parts_of(desk.store, operator(), "contract", contract, "payment_plan") == []


def test_of_two_people_of_one_name_the_chosen_one_gets_the_credit(desk: Desk) -> None:
    twins = [desk.make("person", name="Twin", username=f"twin-{at}", team_id=desk.teams["north"]) for at in range(3)]
    for twin in twins:
        deal = a_deal(desk)
        click(typed(at_sheet(desk, "manager", deal, "deal_credit"), "selectbox", "person_id", twin), "save")
        assert [row["person_id"] for row in rows(desk, deal, "deal_credit")] == [twin]
