"""Identities that every metric keeps: totals, funnels, scope, as of a day, as known at a moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dashboard.domain.metrics import METRICS
from dashboard.domain.periods import end_of
from dashboard.domain.statistics import largest_remainder
from etl.metrics import Answer, Population, Question, compute
from tests.mart_book import CENT, TODAY, YUAN, ZONE, Book, later

PEOPLE: dict[str, tuple[str | None, str | None]] = {
    "P1": ("North", "east"),
    "P2": ("South", "west"),
    "P3": (None, None),
}
FIRST = "2026-09-01"
WINDOW = (date(2026, 9, 1), date(2027, 1, 1))
MONEY = ("credit", "won_amount", "open_pipeline")

DEAL = st.fixed_dictionaries(
    {
        "created": st.integers(0, 40),
        "stage": st.sampled_from(["S1", "S2", "S3"]),
        "cents": st.none() | st.integers(0, 10**6),
        "owner": st.sampled_from([*PEOPLE, None]),
        "shares": st.lists(st.integers(1, 9), max_size=3),
        "products": st.lists(st.none() | st.integers(0, 999), max_size=3),
        "moves": st.lists(st.sampled_from(["S1", "S2", "S3", "won", "lost", "archive", "owner", "cents"]), max_size=5),
        "late": st.booleans(),
    }
)
DEALS = st.lists(DEAL, min_size=1, max_size=8)
Deals = list[dict[str, Any]]


def book_of(deals: Deals, keep: set[str] | None = None) -> Book:
    """A department with these deals (or those of them to keep), targets, tasks and ratings."""
    book = Book()
    for home in ("North", "South"):
        book.put("team", home, "2020-01-01")
        book.target(f"T{home}", "10-01", "2027-01-01", 9000, team_id=home)
    for person, (team, region) in PEOPLE.items():
        book.person(person, team, region)
        book.target(f"T{person}", "10-01", "2027-01-01", 5000, person_id=person)
    for i, deal in enumerate(deals):
        if keep is None or f"D{i}" in keep:
            tell(book, f"D{i}", deal)
    book.change("person", "P1", "10-15", team_id="South")
    return book


def tell(book: Book, id: str, deal: dict[str, Any]) -> None:
    """One deal's story: two days between the changes, credits and products at its start."""
    on, amount = deal["created"], None if deal["cents"] is None else deal["cents"] / 100
    book.deal(
        id, later(FIRST, on), deal["stage"], amount, owner_id=deal["owner"], expected_close_on=later(FIRST, on + 60)
    )
    total, holders = sum(deal["shares"]), list(PEOPLE)
    for person, share in zip(holders, deal["shares"], strict=False):
        book.credit(id, person, later(FIRST, on), None, round(share / total, 6))
    for product, money in enumerate(deal["products"]):
        line = {"deal_id": id, "product_id": "AB"[product % 2], "amount": money and money * YUAN}
        book.put("deal_product", f"{id}{product}", later(FIRST, on), **line)
    for step, move in enumerate(deal["moves"], start=1):
        happened, recorded = later(FIRST, on + 2 * step), later(FIRST, on + 2 * step + (3 if deal["late"] else 0))
        change(book, id, move, happened, recorded, deal)


def change(book: Book, id: str, move: str, happened: str, recorded: str, deal: dict[str, Any]) -> None:
    """One step of the story; a deal that is closed is reopened by entering an open stage."""
    if move == "archive":
        book.archive("deal", id, happened, recorded)
    elif move == "owner":
        book.change("deal", id, happened, recorded, owner_id="P2")
    elif move == "cents":
        book.change("deal", id, happened, recorded, base_amount=1234 * CENT)
    elif move == "lost":
        book.lose(id, happened)
    elif move == "won":
        cents, shares = (book.now["deal", id]["base_amount"] or 0) // CENT, deal["shares"]
        first = {person: cents // (len(shares) + 1) for person in list(PEOPLE)[1 : len(shares)]}
        whole = {**first, "P1": cents - sum(first.values())} if shares else None
        book.win(id, happened, whole and {person: part / 100 for person, part in whole.items()})
    else:
        book.move(id, happened, move, closed_on=None)


def ask(book: Book, name: str, population: Population | None = None, **more: Any) -> Answer:
    """A metric over the whole window."""
    question = Question(name, *WINDOW, **{"today": TODAY, **more})
    return compute(question, book.marts(), population or Population.everything(METRICS[name]))


@given(DEALS)
def test_money_has_the_same_total_however_it_is_grouped(deals: Deals) -> None:
    book = book_of(deals)
    for name in MONEY:
        total = ask(book, name).frame["value"].item()
        for by in ("person", "team", "region", "product", "month", "customer"):
            assert ask(book, name, by=(by,)).frame["value"].sum() == total, (name, by)


@given(DEALS)
def test_the_lines_of_a_deal_sum_to_its_amount_to_the_cent(deals: Deals) -> None:
    book = book_of(deals)
    state = book.marts()["deal"].filter(~pl.col("archived"))
    for deal, kind, amount in state.select("id", "stage_type", "base_amount").rows():
        name = {"won": "won_amount", "open": "open_pipeline"}.get(kind)
        alone = Population({"deal": pl.Series([deal])})
        assert name is None or ask(book, name, alone).frame["value"].item() == (amount or 0)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_people_teams_and_the_company_are_credited_with_the_same_total(cents: int, shares: list[int]) -> None:
    book = book_of([])
    parts = dict(zip(PEOPLE, largest_remainder(cents, shares), strict=False))
    book.deal("D1", "10-01", amount=cents / 100, owner_id="P1")
    book.win("D1", "10-05", {person: part / 100 for person, part in parts.items()})
    for by in ((), ("person",), ("team",), ("region",)):
        assert ask(book, "credit", by=by).frame["value"].sum() == cents * CENT


@given(DEALS)
def test_the_shares_of_all_people_sum_to_the_total(deals: Deals) -> None:
    book = book_of(deals)
    for name in ("credit", "open_pipeline"):
        by_person = ask(book, name, by=("person",)).frame.filter(pl.col("person").is_not_null())
        for person, value in by_person.select("person", "value").iter_rows():
            own = ask(book, name, Population({"deal": None}, pl.Series([person])))
            assert own.frame["value"].item() == value


@given(DEALS)
def test_a_funnel_narrows_and_starts_with_the_whole_cohort(deals: Deals) -> None:
    frame = ask(book_of(deals), "funnel").frame
    assert frame["value"].is_sorted(descending=True)
    assert frame["amount"].is_sorted(descending=True)
    assert frame["value"][0] == frame["n"][0]
    assert frame.filter(pl.col("open") > pl.col("value")).is_empty()


@given(DEALS)
def test_who_entered_a_stage_passed_it_or_is_open_or_stopped_there(deals: Deals) -> None:
    book = book_of(deals)
    steps = ask(book, "step_conversion").frame
    entered = ask(book, "stage_entered").frame.filter(pl.col("stage").is_in(steps["stage"].implode()))
    assert steps["n"].to_list() == entered["value"].to_list()
    assert steps.filter(pl.col("passed") + pl.col("open") > pl.col("n")).is_empty()


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=10)
@given(DEALS, st.sets(st.integers(0, 7)))
def test_a_scope_gives_what_its_records_alone_give(name: str, deals: Deals, kept: set[int]) -> None:
    ids = {f"D{i}" for i in kept if i < len(deals)}
    population = Population({**dict.fromkeys(METRICS[name].entities), "deal": pl.Series(sorted(ids), dtype=pl.String)})
    scoped, alone = ask(book_of(deals), name, population), ask(book_of(deals, ids), name)
    assert_frame_equal(scoped.frame, alone.frame)
    assert scoped.notes == alone.notes


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=10)
@given(DEALS, st.integers(0, 60), st.booleans())
def test_a_past_day_is_seen_as_if_nothing_had_happened_since(name: str, deals: Deals, days: int, known: bool) -> None:
    book, past = book_of(deals), book_of(deals)
    on = date.fromisoformat(FIRST) + timedelta(days=days)
    limit: datetime = end_of(on, ZONE)
    column = "recorded_at" if known else "effective_at"
    past.rows = {entity: [row for row in rows if row[column] < limit] for entity, rows in past.rows.items()}
    asked: dict[str, Any] = {"known_at": limit - timedelta(seconds=1)} if known else {"as_of": on}
    seen = ask(book, name, **asked)
    then = ask(past, name, **(asked if not known else {}))
    assert_frame_equal(seen.frame, then.frame)
    assert seen.notes == then.notes
