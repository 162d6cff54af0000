"""Refreshed marts equal built ones, and every view equals what a plain reading of the histories says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from etl.marts import FRAMES, Marts, View, refresh, refreshing
from etl.marts.sources import TABLE
from tests.mart_book import STAGES, ZONE, Book, stage_fields

START = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)
TRACKED = ("stage_id", "stage_type", "owner_id", "base_amount", "closed_on")

TAKEN_BACK: dict[str, Any] = {}
"""What was changed last is taken back."""

CHANGES = st.one_of(
    st.sampled_from(sorted(STAGES)).map(stage_fields),
    st.integers(0, 9).map(lambda amount: {"base_amount": amount}),
    st.sampled_from(["P1", "P2", None]).map(lambda person: {"owner_id": person}),
    st.booleans().map(lambda gone: {"archived_at": START if gone else None}),
    st.just(TAKEN_BACK),
)
STEPS = st.lists(
    st.tuples(st.sampled_from("ABCDEFGH"), st.integers(0, 6), st.booleans(), CHANGES), min_size=1, max_size=40
)
Steps = list[tuple[str, int, bool, dict[str, Any]]]


def book_of(steps: Steps, book: Book | None = None, clock: int = 0) -> Book:
    """A book of deals: each step changes one (or creates it), now or up to some hours before."""
    book = book or Book()
    for deal, hours, late, values in steps:
        clock += 1 + hours
        recorded = START + clock * HOUR
        rows = [row for row in book.rows["deal"] if row["id"] == deal]
        if not rows:
            book.put(
                "deal", deal, recorded, created_on=recorded.date(), **{**stage_fields("S1"), "base_amount": 1, **values}
            )
            continue
        if not values:
            if rows[-1]["verb"] == "update":
                book.take_back("deal", deal, recorded)
            continue
        happened = max(recorded - 5 * HOUR, rows[0]["effective_at"]) if late else recorded
        book.change("deal", deal, happened, recorded, **values)
    return book


def expected(book: Book, until: datetime | None, known_at: datetime | None) -> list[dict[str, Any]]:
    """The state of each deal, read row by row from its history: the last word on each field."""
    states: list[dict[str, Any]] = []
    for deal in sorted({row["id"] for row in book.rows["deal"]}):
        rows = [
            row
            for row in book.rows["deal"]
            if row["id"] == deal and (known_at is None or row["recorded_at"] <= known_at)
        ]
        gone = {row["version"] - 1 for row in rows if row["verb"] == "undo"}
        standing = [row for row in rows if row["version"] not in gone]
        rows = [row for row in standing if until is None or row["effective_at"] < until]
        state: dict[str, Any] = {}
        visited: list[str] = []
        for row in sorted(rows, key=lambda row: (row["effective_at"], row["revision"], row["version"])):
            stated = row if row["changed"] == "*" else {k: row[k] for k in row["changed"].strip(",").split(",")}
            state = {**state, **{k: stated[k] for k in (*TRACKED, "archived_at") if k in stated}}
            visited.append(state["stage_id"])
        if state:
            archived = state.pop("archived_at") is not None
            ranks = [10**6 if stage == "won" else STAGES[stage][1] or -1 for stage in visited]
            states.append({"id": deal, "archived": archived, **state, "peak": max(ranks)})
    return states


def seen(view: View) -> list[dict[str, Any]]:
    """The same from a view."""
    deals = view.records("deal", archived=True).select("id", "archived", *TRACKED, "peak")
    return deals.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()


@given(STEPS)
def test_the_marts_hold_the_last_word_on_every_field(steps: Steps) -> None:
    book = book_of(steps)
    assert seen(View(book.marts())) == expected(book, None, None)


@given(STEPS, st.integers(0, 200), st.integers(0, 200))
def test_any_view_holds_what_had_happened_and_was_known(steps: Steps, happened: int, recorded: int) -> None:
    book = book_of(steps)
    until, known_at = START + happened * HOUR, START + recorded * HOUR
    for view_until, view_known in ((until, None), (None, known_at), (until, known_at)):
        assert seen(View(book.marts(), view_until, view_known)) == expected(book, view_until, view_known)


@given(STEPS)
def test_the_fast_path_equals_the_general_one(steps: Steps) -> None:
    marts = book_of(steps).marts()
    slow = Unhurried(marts.parts, marts.revision, marts.zone)
    fast, general = View(marts), View(slow, datetime(2100, 1, 1), datetime(2100, 1, 1))
    assert fast.whole
    assert not general.whole
    for entity in TABLE:
        assert_frame_equal(fast.records(entity), general.records(entity))
    assert_frame_equal(fast.stage_entries(), general.stage_entries())


class Unhurried(Marts):
    """Marts whose last fact lies after every view, so that a view must be made from the histories."""

    last_effective_at = datetime(9999, 12, 31)


@pytest.mark.parametrize("few", [0, 3, 64], ids=["joined", "mixed", "sliced"])
@given(STEPS, st.lists(STEPS, min_size=1, max_size=2))
def test_refreshed_marts_equal_built_ones(few: int, steps: Steps, more: list[Steps]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refreshing, "FEW", few)
        patch.setattr(refreshing, "MAX_CHUNKS", 4)
        book = book_of(steps)
        marts, clock = book.marts(), 400
        for batch in more:
            since = book.revision
            book_of(batch, book, clock)
            clock += 400
            marts = refresh(marts, book.facts(since), book.revision)
            whole = book.marts()
            for name in FRAMES:
                assert_frame_equal(marts[name], whole[name])
            assert (marts.revision, marts.zone) == (book.revision, ZONE)


def test_a_refresh_ignores_facts_it_has_already() -> None:
    book = book_of([("A", 0, False, {"base_amount": 5}), ("B", 0, False, {"base_amount": 6})])
    marts = book.marts()
    again = refresh(marts, book.facts(), book.revision)
    assert all(again[name].equals(marts[name]) for name in FRAMES)


def test_the_frames_before_a_refresh_stay_as_they_were() -> None:
    book = book_of([("A", 0, False, {"base_amount": 5}), ("C", 0, False, {"base_amount": 6})])
    marts = book.marts()
    before = {name: frame.clone() for name, frame in marts.frames().items()}
    since = book.revision
    book_of([("B", 0, False, {"base_amount": 7}), ("A", 0, True, stage_fields("S2"))], book, 50)
    refresh(marts, book.facts(since), book.revision)
    assert all(marts[name].equals(before[name]) for name in FRAMES)
