"""The parts of a record: all rows of a sheet are one change, once, within one's rights; amounts and shares follow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions.derive.lines import product
from dashboard.actions.parts import Row, parts_of, save_parts
from dashboard.domain.ids import new_id
from dashboard.domain.lines import equal_shares, line_amount
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, SalesDeskError, Stale
from tests.department import Desk

CREDIT, LINE = "deal_credit", "deal_product"


def a_deal(desk: Desk, who: str = "rep", **values: Any) -> str:
    """An open deal of somebody."""
    return desk.make("deal", owner_id=desk.people[who], **{"amount": 1000, **values})


def shown(desk: Desk, deal: str, part: str, who: str = "manager") -> list[dict[str, Any]]:
    """The parts as somebody sees them."""
    return parts_of(desk.store, desk.actor(who), "deal", deal, part)


def save(desk: Desk, deal: str, part: str, rows: list[Row], who: str = "manager", **more: Any) -> Any:
    """Save the rows as somebody who sees the deal as it is now."""
    seen = more.pop("seen", None) or {row["id"]: row["version"] for row in shown(desk, deal, part, "operator")}
    version = more.pop("version", None) or desk.version("deal", deal)
    return save_parts(desk.store, desk.actor(who), "deal", deal, version, part, rows, seen=seen, **more)


def line(desk: Desk, **values: Any) -> Row:
    """A new line."""
    return Row(new_id(), None, {"product_id": desk.refs["product"], "quantity": 1, **values})


def credits_of(desk: Desk, *shares: tuple[str, str]) -> list[Row]:
    """New credits by name."""
    return [Row(new_id(), None, {"person_id": desk.people[who], "share": Decimal(part)}) for who, part in shares]


def test_added_changed_and_removed_rows_are_one_change_set(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    first, second = line(desk, rank=1, price="10"), line(desk, rank=2, price="20")
    save(desk, deal, LINE, [first, second], "rep")
    before, seen = desk.store.revision, shown(desk, deal, LINE)
    kept = Row(first.id, 1, {"quantity": Decimal(3)})
    fresh = line(desk, rank=2, price="1.005", discount="0.1")
    applied = save(desk, deal, LINE, [kept, fresh], "rep")
    assert applied.revision == desk.store.revision == before + 1
    assert [row["amount"] for row in shown(desk, deal, LINE)] == [Decimal(30), Decimal("0.90")]
    assert {row["id"] for row in seen} - {row["id"] for row in shown(desk, deal, LINE)} == {second.id}
    assert save(desk, deal, LINE, [kept, fresh], "rep", seen={first.id: 1, second.id: 1}) is None, "sent twice"
    assert desk.store.revision == before + 1


def test_a_line_comes_to_quantity_times_price_less_discount(shared_desk: Desk) -> None:
    deal = a_deal(shared_desk)
    rows = [
        line(shared_desk, rank=1, quantity="3", price="0.335"),  # 1.005: half away from zero
        line(shared_desk, rank=2, quantity="0.333333", price="99.99", discount="0.125"),
        line(shared_desk, rank=3, quantity="2", price="50", amount="7"),  # what is typed beside a price does not count
        line(shared_desk, rank=4, amount="12.34"),  # without a price it does
    ]
    save(shared_desk, deal, LINE, rows, "rep")
    found = [str(row["amount"]) for row in shown(shared_desk, deal, LINE)]
    assert found == ["1.0100", "29.1600", "100.0000", "12.3400"]
    desk_row = shown(shared_desk, deal, LINE)[2]
    shared_desk.do("rep", LINE, "update", desk_row["id"], price=None)
    assert shown(shared_desk, deal, LINE)[2]["amount"] is None, "what a price made does not outlive it"
    shared_desk.do("rep", LINE, "update", desk_row["id"], price=Decimal(4))
    assert shown(shared_desk, deal, LINE)[2]["amount"] == Decimal(8)
    with pytest.raises(Invalid) as refusal:
        save(shared_desk, deal, LINE, [line(shared_desk, quantity="900000000000", price="900000000000")], "rep")
    assert [(found.row, found.code) for found in refusal.value.problems] == [(0, "field.too_high")]


def test_history_that_is_stated_keeps_its_amounts(shared_desk: Desk) -> None:
    deal = a_deal(shared_desk)
    stated = shared_desk.make(
        LINE, deal_id=deal, quantity=Decimal(3), price=Decimal("0.3333"), amount=Decimal("0.9999")
    )
    derived = shared_desk.make(LINE, deal_id=deal, quantity=Decimal(3), price=Decimal("0.3333"))
    assert shared_desk.row(LINE, stated)["amount"] == Decimal("0.9999")
    assert shared_desk.row(LINE, derived)["amount"] == Decimal(1)


FEW = st.decimals(0, 10**6, places=6)


@given(st.lists(st.tuples(FEW, FEW, st.decimals(0, 1, places=6)), min_size=1, max_size=20))
def test_what_a_sheet_shows_is_what_the_store_writes(lines: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    six = [pl.Series([row[at] for row in lines], dtype=pl.Decimal(18, 6)) for at in range(3)]
    assert product(*six).to_list() == [line_amount(*row) for row in lines]


@given(st.integers(1, 60))
def test_equal_shares_sum_to_one(n: int) -> None:
    shares = equal_shares(n)
    assert sum(shares) == 1
    assert max(shares) - min(shares) <= Decimal("0.000001")


# -- the amount of the deal -------------------------------------------------------------------------------------------


def test_the_amount_of_a_deal_is_typed_or_the_sum_of_its_lines(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    rows = [line(desk, quantity="2", price="100"), line(desk, price="50", discount="0.5")]
    save(desk, deal, LINE, rows, "rep")
    assert desk.row("deal", deal)["amount"] == 1000, "typed, until somebody says otherwise"
    kept = [Row(row.id, 1, {}) for row in rows]
    save(desk, deal, LINE, kept, "rep", parent_values={"amount_from": "lines"})
    assert (desk.row("deal", deal)["amount"], desk.row("deal", deal)["base_amount"]) == (225, 225)
    save(desk, deal, LINE, [Row(rows[0].id, 1, {"quantity": Decimal(1)})], "rep")
    assert desk.row("deal", deal)["amount"] == 100
    with pytest.raises(Refused) as refusal:
        desk.do("rep", "deal", "update", deal, amount=Decimal(999))
    assert refusal.value.code == "deal.amount_from_lines"
    desk.do("rep", "deal", "update", deal, amount=Decimal(999), amount_from="typed")
    assert desk.row("deal", deal)["amount"] == 999
    assert [row["verb"] for row in desk.store.history(desk.actor("rep"), "deal", deal).to_dicts()].count("update") == 4


def test_the_credit_of_a_won_deal_follows_its_lines(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    only = line(desk, quantity="4", price="25")
    save(desk, deal, LINE, [only], "rep", parent_values={"amount_from": "lines"})
    desk.step("rep", "deal", "win", deal, amount=Decimal(100))
    save(desk, deal, LINE, [Row(only.id, 1, {"discount": Decimal("0.1")})], "rep")
    assert desk.row("deal", deal)["base_amount"] == desk.one(CREDIT, deal_id=deal)["amount"] == 90
    with pytest.raises(Refused) as refusal:
        save(desk, deal, LINE, [], "rep")
    assert refusal.value.code == "deal.won_without_amount"


# -- credits ----------------------------------------------------------------------------------------------------------


def test_credits_are_whole_or_refused_open_and_won(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    for wrong in ([("rep", "0.6"), ("colleague", "0.3")], [("rep", "0.6"), ("colleague", "0.6")]):
        with pytest.raises(Refused) as refusal:
            save(desk, deal, CREDIT, credits_of(desk, *wrong))
        assert refusal.value.code == "credit.not_whole"
    assert not shown(desk, deal, CREDIT), "nothing is half written"
    assert "90 %" in str(SalesDeskError("credit.not_whole", share=90.0))
    rows = credits_of(desk, ("rep", "0.6"), ("colleague", "0.4"))
    save(desk, deal, CREDIT, rows)
    desk.step("rep", "deal", "win", deal, amount=Decimal(1000))
    version = {row["id"]: row["version"] for row in shown(desk, deal, CREDIT)}
    save(desk, deal, CREDIT, [Row(rows[0].id, version[rows[0].id], {"share": Decimal(1)})])
    assert [(row["person_id"], row["amount"]) for row in shown(desk, deal, CREDIT)] == [(desk.people["rep"], 1000)]


def test_somebody_whose_credit_was_taken_away_gets_the_same_row_back(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    rows = credits_of(desk, ("rep", "0.5"), ("colleague", "0.5"))
    save(desk, deal, CREDIT, rows)
    save(desk, deal, CREDIT, [Row(rows[0].id, 1, {"share": Decimal(1)})])
    again = [Row(rows[0].id, 2, {"share": Decimal("0.7")}), *credits_of(desk, ("colleague", "0.3"))]
    save(desk, deal, CREDIT, again)
    assert {row["id"]: row["share"] for row in shown(desk, deal, CREDIT)} == {
        rows[0].id: Decimal("0.7"),
        rows[1].id: Decimal("0.3"),
    }
    assert save(desk, deal, CREDIT, again, seen={rows[0].id: 2}) is None, "sent twice"
    verbs = desk.store.history(desk.actor("manager"), CREDIT, rows[1].id)["verb"].to_list()
    assert verbs == ["create", "archive", "restore", "update"]


# -- who, and when ----------------------------------------------------------------------------------------------------


def test_parts_are_changed_within_ones_reach_only(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    for who, error in (("stranger", NotFound), ("colleague", NotFound), ("support", NotFound), ("leader", Forbidden)):
        with pytest.raises(error):
            save(desk, deal, LINE, [line(desk, price="1")], who)
    assert not shown(desk, deal, LINE)


def test_rows_that_somebody_changed_meanwhile_are_stale(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    first = line(desk, price="10")
    save(desk, deal, LINE, [first], "rep")
    seen = {first.id: 1}
    save(desk, deal, LINE, [Row(first.id, 1, {"quantity": Decimal(2)}), line(desk, price="5")], "manager")
    for rows in ([Row(first.id, 1, {"quantity": Decimal(9)})], []):
        with pytest.raises(Stale):
            save(desk, deal, LINE, rows, "rep", seen=seen)
    version = desk.version("deal", deal)
    desk.do("manager", "deal", "update", deal, next_step="Call")
    with pytest.raises(Stale):
        save(desk, deal, LINE, [line(desk)], "rep", version=version)
    assert len(shown(desk, deal, LINE)) == 2


def test_the_same_sheet_from_two_windows_is_written_once(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    rows, before = [line(desk, price="10"), line(desk, price="20")], desk.store.revision
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: save(desk, deal, LINE, rows, "rep", seen={}, version=1), range(4)))
    assert desk.store.revision == before + 1
    other = [line(desk, price="30")]

    def sent(who: str) -> bool:
        try:
            save(desk, deal, LINE, [Row(row.id, 1, {}) for row in rows] + other, who, seen={row.id: 1 for row in rows})
        except Stale:
            return False
        return True

    assert sent("rep")
    other = [line(desk, price="40")]
    assert not sent("manager"), "the other was quicker"


def test_a_refused_row_is_named_and_nothing_is_written(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = a_deal(desk)
    rows = [line(desk, price="10"), line(desk, quantity=Decimal(-1)), Row(new_id(), None, {"quantity": Decimal(1)})]
    with pytest.raises(Invalid) as refusal:
        save(desk, deal, LINE, rows, "rep")
    assert [(found.row, found.field) for found in refusal.value.problems] == [(1, "quantity")]
    assert not shown(desk, deal, LINE)
    twice = credits_of(desk, ("rep", "0.5"), ("rep", "0.5"))
    with pytest.raises(Refused) as taken:
        save(desk, deal, CREDIT, twice)
    assert taken.value.code == "unique.taken"
