"""Who is credited for a won deal, with how much: the parts sum to the deal to the cent, whatever the shares."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions.derive.credits import with_amounts
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from tests.builders import frame_of
from tests.department import Desk

MILLION = 1_000_000


@st.composite
def whole_shares(draw: st.DrawFn) -> list[int]:
    """One to eight shares in millionths that sum to one."""
    cuts = sorted(draw(st.sets(st.integers(1, MILLION - 1), max_size=7)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, MILLION], strict=True)]


def parts_of(shares: list[int], cents: int, deal: str = "deal") -> pl.DataFrame:
    """Credit rows of one deal."""
    return pl.DataFrame(
        {
            "deal_id": [deal] * len(shares),
            "person_id": [f"person {at}" for at in range(len(shares))],
            "share": pl.Series([Decimal(share) / MILLION for share in shares], dtype=pl.Decimal(9, 6)),
            "base_amount": pl.Series([Decimal(cents) / 100] * len(shares), dtype=pl.Decimal(18, 4)),
        }
    )


@given(whole_shares(), st.integers(0, 10**13))
def test_the_parts_sum_to_the_deal_and_none_is_a_cent_off(shares: list[int], cents: int) -> None:
    amounts = with_amounts(parts_of(shares, cents))["amount"].to_list()
    assert sum(amounts) * 100 == cents
    for share, amount in zip(shares, amounts, strict=True):
        assert abs(Fraction(amount) * 100 - Fraction(share * cents, MILLION)) < 1


@given(st.lists(st.tuples(whole_shares(), st.integers(0, 10**9)), min_size=1, max_size=5))
def test_many_deals_at_once_are_split_as_each_alone(deals: list[tuple[list[int], int]]) -> None:
    frames = [parts_of(shares, cents, f"deal {at}") for at, (shares, cents) in enumerate(deals)]
    together = with_amounts(pl.concat(frames))["amount"].to_list()
    assert together == [amount for frame in frames for amount in with_amounts(frame)["amount"]]


def test_thirds_of_a_cent_go_to_the_largest_remainder() -> None:
    amounts = with_amounts(parts_of([333_333, 333_333, 333_334], 10_000))["amount"].to_list()
    assert amounts == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def won(desk: Desk, amount: str = "100", **shares: str) -> str:
    """A won deal of the rep with these shares."""
    deal = desk.make("deal", owner_id=desk.people["rep"], amount=Decimal(amount))
    for person, share in shares.items():
        desk.make("deal_credit", deal_id=deal, person_id=desk.people[person], share=Decimal(share))
    desk.step("operator", "deal", "win", deal, amount=Decimal(amount))
    return deal


def credit(desk: Desk, deal: str, person: str) -> dict[str, object]:
    """What stands on somebody's credit row."""
    return desk.one("deal_credit", deal_id=deal, person_id=desk.people[person])


def test_the_owner_is_credited_where_nobody_else_is(shared_desk: Desk) -> None:
    row = credit(shared_desk, won(shared_desk), "rep")
    assert (row["share"], row["amount"], row["team_id"]) == (1, 100, shared_desk.teams["north"])


def test_each_person_is_credited_in_the_team_of_the_day(shared_desk: Desk) -> None:
    deal = won(shared_desk, "0.05", rep="0.5", stranger="0.5")
    rows = [credit(shared_desk, deal, person) for person in ("rep", "stranger")]
    assert sorted(row["amount"] for row in rows) == [Decimal("0.02"), Decimal("0.03")]  # type: ignore[type-var]
    assert [row["team_id"] for row in rows] == [shared_desk.teams["north"], shared_desk.teams["south"]]


@pytest.mark.parametrize("share", ["0.9", "0.999999"])
def test_shares_that_are_not_whole_are_refused(shared_desk: Desk, share: str) -> None:
    with pytest.raises(Refused) as refusal:
        won(shared_desk, rep=share)
    assert refusal.value.code == "credit.not_whole"


def test_a_deal_without_owner_is_won_without_credit(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(5))
    shared_desk.step("operator", "deal", "win", deal)
    assert (
        shared_desk.store.find(shared_desk.actor("operator"), "deal_credit")
        .filter(pl.col("deal_id") == deal)
        .is_empty()
    )


def test_a_corrected_amount_corrects_the_credit(shared_desk: Desk) -> None:
    deal = won(shared_desk, rep="0.25", colleague="0.75")
    shared_desk.do("operator", "deal", "update", deal, amount=Decimal("10.01"))
    assert [credit(shared_desk, deal, person)["amount"] for person in ("rep", "colleague")] == [
        Decimal("2.50"),
        Decimal("7.51"),
    ]


def test_the_amount_of_a_won_deal_cannot_be_removed(shared_desk: Desk) -> None:
    with pytest.raises(Refused) as refusal:
        shared_desk.do("operator", "deal", "update", won(shared_desk), amount=None)
    assert refusal.value.code == "deal.won_without_amount"


def test_reopening_takes_the_money_back_and_leaves_the_shares(shared_desk: Desk) -> None:
    deal = won(shared_desk, rep="0.25", colleague="0.75")
    shared_desk.step("operator", "deal", "reopen", deal)
    row = credit(shared_desk, deal, "colleague")
    assert (row["share"], row["amount"], row["team_id"]) == (Decimal("0.75"), None, None)
    shared_desk.step("operator", "deal", "win", deal, amount=Decimal(200))
    assert credit(shared_desk, deal, "colleague")["amount"] == 150


def test_a_deal_that_is_won_again_by_its_next_owner_is_theirs(shared_desk: Desk) -> None:
    deal = won(shared_desk)
    before = credit(shared_desk, deal, "rep")
    shared_desk.step("operator", "deal", "reopen", deal)
    shared_desk.do("manager", "deal", "assign", deal, owner_id=shared_desk.people["colleague"])
    shared_desk.step("colleague", "deal", "win", deal, amount=Decimal(200))
    row = shared_desk.one("deal_credit", deal_id=deal)
    assert (row["person_id"], row["share"], row["amount"]) == (shared_desk.people["colleague"], 1, 200)
    shared_desk.step("operator", "deal", "reopen", deal)
    shared_desk.do("manager", "deal", "assign", deal, owner_id=shared_desk.people["rep"])
    shared_desk.step("rep", "deal", "win", deal, amount=Decimal(300))
    row = shared_desk.one("deal_credit", deal_id=deal)
    assert (row["id"], row["amount"]) == (before["id"], 300)


def test_shares_may_be_moved_in_one_go_after_the_win(shared_desk: Desk) -> None:
    deal = won(shared_desk, rep="0.5", colleague="0.5")
    rows = [
        {"id": credit(shared_desk, deal, person)["id"], "share": Decimal(share)}
        for person, share in (("rep", "0.2"), ("colleague", "0.8"))
    ]
    shared_desk.submit("operator", *(Change("deal_credit", "update", frame_of("deal_credit", row)) for row in rows))
    assert [credit(shared_desk, deal, person)["amount"] for person in ("rep", "colleague")] == [20, 80]


def test_a_correction_leaves_the_credit_in_the_team_of_the_win(shared_desk: Desk) -> None:
    person = shared_desk.make("person", roles=["rep"], team_id=shared_desk.teams["north"])
    deal = shared_desk.make("deal", owner_id=person, amount=Decimal(10))
    shared_desk.step("operator", "deal", "win", deal, amount=Decimal(10))
    shared_desk.do("operator", "person", "update", person, team_id=shared_desk.teams["south"])
    shared_desk.do("operator", "deal", "update", deal, amount=Decimal(20))
    row = shared_desk.one("deal_credit", deal_id=deal)
    assert (row["amount"], row["team_id"]) == (20, shared_desk.teams["north"])


def test_a_credit_that_was_taken_away_and_comes_back_is_one_row(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"], amount=Decimal(100))
    taken = shared_desk.make("deal_credit", deal_id=deal, person_id=shared_desk.people["rep"], share=Decimal("0.5"))
    shared_desk.do("operator", "deal_credit", "archive", taken)
    shared_desk.step("operator", "deal", "win", deal, amount=Decimal(100))
    row = credit(shared_desk, deal, "rep")
    assert (row["id"], row["share"], row["amount"]) == (taken, 1, 100)


def more_share(desk: Desk, _deal: str, row: str) -> None:
    """Give one of them more."""
    desk.do("operator", "deal_credit", "update", row, share=Decimal("0.6"))


def taken_away(desk: Desk, _deal: str, row: str) -> None:
    """Take one of them away."""
    desk.do("operator", "deal_credit", "archive", row)


def another(desk: Desk, deal: str, _row: str) -> None:
    """Credit somebody else too."""
    desk.make("deal_credit", deal_id=deal, person_id=desk.people["stranger"], share=Decimal("0.1"))


@pytest.mark.parametrize("change", [more_share, taken_away, another])
def test_shares_of_a_won_deal_stay_whole(shared_desk: Desk, change: Callable[[Desk, str, str], None]) -> None:
    """Whatever is done to the credit of a won deal afterwards, its parts sum to it, or it is refused."""
    deal = won(shared_desk, rep="0.5", colleague="0.5")
    row = str(credit(shared_desk, deal, "rep")["id"])
    with pytest.raises(Refused) as refusal:
        change(shared_desk, deal, row)
    assert refusal.value.code == "credit.not_whole"
