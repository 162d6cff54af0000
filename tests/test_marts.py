"""Record states and stage entries from histories: backdated, archived, as of a day, as known at a moment."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from etl.marts import FRAMES, NO_RANK, WON_RANK, Marts, build, view_of
from tests.department import Desk
from tests.mart_book import YUAN, ZONE, Book, day, moment


def entries(book: Book) -> list[tuple[object, ...]]:
    """Stage, whether it is the first entry, and the highest rank after it, of the only deal."""
    return book.marts()["deal_stage"].select(pl.col("stage_id").cast(pl.String), "first", "peak_after").rows()


def amount_of(book: Book, as_of: str | None = None, known_at: str | None = None) -> float | None:
    """The amount of D1 on a day, as known at a moment; None when there is no such deal."""
    view = view_of(book.marts(), as_of and day(as_of), known_at and moment(known_at))  # type: ignore[arg-type]
    deals = view.records("deal").filter(pl.col("id") == "D1")
    return deals["base_amount"][0] / YUAN if deals.height else None


def test_a_deal_created_in_a_later_stage_that_goes_back_enters_three_times() -> None:
    book = Book()
    book.deal("D5", "10-01", "S2")
    book.move("D5", "10-02", "S1")
    book.move("D5", "10-03", "S2")
    assert entries(book) == [("S2", True, 2), ("S1", True, 2), ("S2", False, NO_RANK)]


def test_a_change_that_keeps_the_stage_is_no_entry() -> None:
    book = Book()
    book.deal("D1", "10-01")
    book.change("deal", "D1", "10-02", base_amount=5)
    book.win("D1", "10-03")
    assert entries(book) == [("S1", True, WON_RANK), ("won", True, NO_RANK)]
    assert book.marts()["deal"]["peak"].to_list() == [WON_RANK]


def test_moves_in_the_same_second_keep_the_order_in_which_they_were_written() -> None:
    book = Book()
    book.deal("D1", "10-01 09:00", "S1")
    book.move("D1", "10-01 09:00", "S3")
    book.move("D1", "10-01 09:00", "S2")
    assert entries(book) == [("S1", True, 3), ("S3", True, 2), ("S2", True, NO_RANK)]


def test_a_lost_deal_keeps_its_highest_rank() -> None:
    book = Book()
    book.deal("D1", "10-01")
    book.move("D1", "10-02", "S2")
    book.lose("D1", "10-03")
    assert book.marts()["deal"].select("peak", pl.col("stage_type").cast(pl.String)).rows() == [(2, "lost")]


def test_a_backdated_change_states_only_its_own_fields() -> None:
    book = Book()
    book.deal("D1", "10-01", "S1", amount=100)
    book.change("deal", "D1", "10-10", base_amount=200 * YUAN)
    book.move("D1", "10-05", "S2", recorded="10-12")
    assert amount_of(book, "10-06") == 100  # the late row was written while the amount was 200 already
    assert amount_of(book, "10-11") == 200
    assert book.marts()["deal"].select(pl.col("stage_id").cast(pl.String), "base_amount").rows() == [("S2", 200 * YUAN)]


def test_a_backdated_amount_holds_until_the_next_one_stated() -> None:
    book = Book()
    book.deal("D1", "10-01", amount=100)
    book.move("D1", "10-08", "S2")
    book.change("deal", "D1", "10-05", recorded="10-12", base_amount=150 * YUAN)
    assert amount_of(book, "10-04") == 100
    assert amount_of(book) == 150
    assert amount_of(book, "10-09") == 150
    assert amount_of(book, "10-09", known_at="10-11") == 100


def test_a_field_the_store_derives_is_stated_with_the_one_it_follows() -> None:
    book = Book()
    book.deal("D1", "10-01", amount=100)
    book.change("deal", "D1", "10-10", next_step="call")
    book.write("deal", "D1", "10-05", "10-12", "update", ",amount,", {"base_amount": 300 * YUAN})
    assert amount_of(book) == 300


def test_as_of_yesterday_ignores_what_happened_today() -> None:
    book = Book()
    book.deal("D1", "11-22", amount=100)
    book.change("deal", "D1", "11-23 00:00", base_amount=200 * YUAN)
    assert amount_of(book, "11-22") == 100
    assert amount_of(book, "11-23") == 200
    assert amount_of(book, "11-21") is None


def test_what_was_not_recorded_yet_was_not_known() -> None:
    book = Book()
    book.deal("D1", "11-01", recorded="11-20", amount=100)
    assert amount_of(book, "11-10") == 100
    assert amount_of(book, "11-10", known_at="11-19") is None


def test_an_archived_record_is_there_before_and_gone_after() -> None:
    book = Book()
    book.deal("D1", "10-01")
    book.archive("deal", "D1", "10-10")
    assert amount_of(book, "10-09") == 100
    assert amount_of(book, "10-10") is None
    assert amount_of(book) is None
    book.change("deal", "D1", "10-20", archived_at=None)
    assert amount_of(book) == 100


def test_kept_frames_make_the_same_marts() -> None:
    book = Book()
    book.deal("D1", "10-01")
    marts = book.marts()
    again = Marts.of(marts.frames(), marts.revision, marts.zone)
    assert set(again.frames()) == set(FRAMES)
    assert all(again[name].equals(marts[name]) for name in FRAMES)


def test_marts_of_nothing_have_every_frame() -> None:
    marts = build({}, 0, ZONE)
    assert set(marts.frames()) == set(FRAMES)
    assert all(frame.is_empty() for frame in marts.frames().values())
    assert view_of(marts, day("11-23"), None).records("deal").is_empty()


def test_the_frames_have_the_types_they_are_documented_with() -> None:
    book = Book()
    book.deal("D1", "10-01")
    full, empty = book.marts(), build({}, 0, ZONE)
    for name in FRAMES:
        assert_frame_equal(full[name].clear(), empty[name].clear())


def test_the_largest_amounts_pass_into_the_marts(desk: Desk) -> None:
    """No amount that is accepted may stop everybody's numbers."""
    amount = Decimal("99999999999.99")
    deal = desk.make("deal", owner_id=desk.people["rep"], amount=amount)
    facts = desk.store.facts("deal", ("amount",))
    assert facts.filter(pl.col("id") == deal)["amount"].to_list() == [int(amount * 10_000)]


def test_a_frame_of_the_same_records_is_made_once_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(build({}, 1, "Asia/Shanghai"), None, None)
    mine, theirs = pl.Series([1]), pl.Series([1])
    made: list[str] = []

    def frame(name: str) -> pl.DataFrame:
        made.append(name)
        return pl.DataFrame({"x": [0] * 1000})

    for whose, name in ((mine, "mine"), (mine, "again"), (theirs, "theirs")):
        view.for_whom("records", (whose,), lambda name=name: frame(name))  # type: ignore[misc]
    assert made == ["mine", "theirs"], "equal ids of somebody else are others"
    monkeypatch.setattr("etl.marts.views.MOST_BYTES", 8_000)
    view.for_whom("other", (mine,), lambda: frame("other"))
    assert len(view.narrowed) == 1
