"""Stage entries, step conversion and the funnel, against D1 to D5 of the definitions."""

from __future__ import annotations

import pytest

from tests.mart_book import STAGES, YUAN, Book, keyed, moment, one

OCTOBER = {"since": "10-01", "until": "11-01"}


@pytest.fixture
def five() -> Book:
    """D1 S1→S2→S3, D2 S1→S3 (skips S2), D3 S1→lost, D4 S1, D5 created in S2 →S1→S2."""
    book = Book()
    book.deal("D1", "10-01", "S1", amount=100)
    book.move("D1", "10-02", "S2")
    book.move("D1", "10-03", "S3")
    book.deal("D2", "10-01", "S1", amount=200)
    book.move("D2", "10-02", "S3")
    book.deal("D3", "10-01", "S1", amount=50)
    book.lose("D3", "10-02")
    book.deal("D4", "10-01", "S1", amount=None)
    book.deal("D5", "10-01", "S2", amount=150)
    book.move("D5", "10-02", "S1")
    book.move("D5", "10-03", "S2")
    return book


def test_the_funnel_counts_a_skipped_stage_as_reached(five: Book) -> None:
    assert keyed(five.ask("funnel", **OCTOBER)) == {"S1": 5, "S2": 3, "S3": 2, "won": 0}


def test_the_funnel_says_the_share_of_the_stage_before_and_of_the_first(five: Book) -> None:
    answer = five.ask("funnel", **OCTOBER)
    assert keyed(answer, "of_previous") == {"S1": None, "S2": 0.6, "S3": pytest.approx(2 / 3), "won": 0.0}
    assert keyed(answer, "of_first") == {"S1": 1.0, "S2": 0.6, "S3": 0.4, "won": 0.0}


def test_the_funnel_by_value_uses_the_latest_amounts_and_names_what_has_none(five: Book) -> None:
    five.change("deal", "D1", "10-20", base_amount=300 * YUAN)
    answer = five.ask("funnel", **OCTOBER)
    assert keyed(answer, "amount") == {"S1": 700 * YUAN, "S2": 650 * YUAN, "S3": 500 * YUAN, "won": 0}
    assert keyed(answer, "amount_of_previous")["S3"] == pytest.approx(500 / 650)
    assert answer.notes == (("without_amount", {"n": 1}),)
    assert keyed(five.ask("funnel", **OCTOBER, as_of="10-19"), "amount")["S3"] == 300 * YUAN


def test_the_funnel_shows_what_is_still_open_and_went_no_further(five: Book) -> None:
    answer = five.ask("funnel", **OCTOBER)
    assert keyed(answer, "open") == {"S1": 1, "S2": 1, "S3": 2, "won": 0}  # D4; D5; D1 and D2
    assert keyed(answer, "open_share") == {"S1": 0.2, "S2": pytest.approx(1 / 3), "S3": 1.0, "won": None}


def test_a_lost_deal_stays_at_its_highest_stage_and_a_won_one_reached_them_all(five: Book) -> None:
    five.lose("D1", "10-20")
    five.win("D4", "10-21", base_amount=10 * YUAN)
    assert keyed(five.ask("funnel", **OCTOBER)) == {"S1": 5, "S2": 4, "S3": 3, "won": 1}


def test_the_funnel_is_one_cohort_by_creation(five: Book) -> None:
    five.deal("D6", "11-02", "S3")
    assert keyed(five.ask("funnel", **OCTOBER))["S3"] == 2
    assert keyed(five.ask("funnel", "11-01", "12-01")) == {"S1": 1, "S2": 1, "S3": 1, "won": 0}


def test_the_funnel_of_nobody_has_every_stage_with_nothing_in_it() -> None:
    answer = Book().ask("funnel", **OCTOBER)
    assert keyed(answer) == {"S1": 0, "S2": 0, "S3": 0, "won": 0}
    assert set(keyed(answer, "of_first").values()) == {None}


def test_each_group_has_its_own_funnel() -> None:
    book = Book()
    book.person("P1")
    book.deal("D1", "10-01", "S2", owner_id="P1")
    book.deal("D2", "10-01", "S1")
    answer = book.ask("funnel", **OCTOBER, by=("person",))
    assert keyed(answer) == {
        ("P1", "S1"): 1, ("P1", "S2"): 1, ("P1", "S3"): 0, ("P1", "won"): 0,
        (None, "S1"): 1, (None, "S2"): 0, (None, "S3"): 0, (None, "won"): 0,
    }  # fmt: skip
    assert keyed(answer, "of_previous")[None, "S1"] is None


def test_the_records_behind_a_stage_of_the_funnel_are_those_that_reached_it(five: Book) -> None:
    assert five.behind("funnel", **OCTOBER) == ["D1", "D2", "D3", "D4", "D5"]
    assert five.behind("funnel", **OCTOBER, where={"stage": ["S2"]}) == ["D1", "D2", "D5"]


def test_an_inactive_stage_is_no_step_of_the_funnel(five: Book) -> None:
    five.change("stage", "S2", "10-25", active=False)
    assert keyed(five.ask("funnel", **OCTOBER)) == {"S1": 5, "S3": 2, "won": 0}


def test_a_past_day_has_the_stages_of_that_day() -> None:
    book = Book(stages=False)
    for name, (kind, rank, chance) in STAGES.items():  # set up today, for deals of October
        if name != "S2":
            book.put("stage", name, "11-23 09:00", code=name, type=kind, rank=rank, probability=chance)
    book.put("stage", "S2", "11-23 10:00", code="S2", type="open", rank=2, probability=0.3)
    book.deal("D1", "10-01", "S3", expected_close_on="10-20")
    assert keyed(book.ask("funnel", **OCTOBER, as_of="10-31")) == {"S1": 1, "S3": 1, "won": 0}
    assert keyed(book.ask("funnel", **OCTOBER)) == {"S1": 1, "S2": 1, "S3": 1, "won": 0}
    assert one(book.ask("weighted_pipeline", **OCTOBER, as_of="10-31"))["value"] == 60 * YUAN
    book.deal("D2", "10-02", "S2")
    assert keyed(book.ask("funnel", **OCTOBER, as_of="10-31")) == {"S1": 2, "S2": 2, "S3": 1, "won": 0}


def test_step_conversion_follows_one_cohort(five: Book) -> None:
    answer = five.ask("step_conversion", **OCTOBER)
    assert keyed(answer, "n") == {"S1": 5, "S2": 2, "S3": 2}
    assert keyed(answer, "passed") == {"S1": 3, "S2": 1, "S3": 0}  # D1, D2, D5; D1; none
    assert keyed(answer) == {"S1": 0.6, "S2": 0.5, "S3": 0.0}
    assert keyed(answer, "open") == {"S1": 1, "S2": 1, "S3": 2}  # D4; D5; D1 and D2


def test_step_conversion_counts_what_happened_after_the_window(five: Book) -> None:
    five.win("D4", "11-20", base_amount=10 * YUAN)
    assert keyed(five.ask("step_conversion", **OCTOBER), "passed")["S1"] == 4
    assert keyed(five.ask("step_conversion", **OCTOBER, as_of="11-19"), "passed")["S1"] == 3


def test_a_stage_nobody_entered_has_no_rate_but_a_reason() -> None:
    answer = Book().ask("step_conversion", **OCTOBER)
    assert keyed(answer) == {"S1": None, "S2": None, "S3": None}
    assert set(keyed(answer, "reason").values()) == {"no_entries"}


def test_a_rate_has_its_wilson_interval(five: Book) -> None:
    row = five.ask("step_conversion", **OCTOBER).frame.row(0, named=True)
    assert (row["low"], row["high"]) == (pytest.approx(0.2307, abs=1e-4), pytest.approx(0.8824, abs=1e-4))


def test_moves_of_one_second_pass_the_stage() -> None:
    book = Book()
    book.deal("D1", "10-01 09:00", "S1")
    book.move("D1", "10-01 09:00", "S2")
    assert keyed(book.ask("step_conversion", **OCTOBER)) == {"S1": 1.0, "S2": 0.0, "S3": None}
    assert keyed(book.ask("step_conversion_flow", **OCTOBER)) == {"S1": 1.0, "S2": 0.0, "S3": None}


def test_a_stage_entered_again_is_counted_once_and_the_stage_of_creation_counts(five: Book) -> None:
    assert keyed(five.ask("stage_entered", **OCTOBER)) == {"S1": 5, "S2": 2, "S3": 2, "won": 0, "lost": 1}
    assert five.behind("stage_entered", **OCTOBER, where={"stage": ["S2"]}) == ["D1", "D5"]


def test_entries_are_grouped_by_the_company_day() -> None:
    book = Book()
    book.deal("D1", "10-31 23:59", "S1")
    book.deal("D2", "11-01 00:00", "S1")
    assert keyed(book.ask("stage_entered", by=("month",), where={"stage": ["S1"]})) == {
        ("2026-10-01", "S1"): 1,
        ("2026-11-01", "S1"): 1,
    }
    assert keyed(book.ask("stage_entered", **OCTOBER))["S1"] == 1


def test_the_flow_counts_who_was_there_and_moved_within_the_window() -> None:
    book = Book()
    book.deal("D1", "09-01", "S1")
    book.move("D1", "10-05", "S2")  # was there, moved inside
    book.deal("D2", "09-01", "S1")
    book.move("D2", "11-05", "S2")  # was there, moved afterwards
    book.deal("D3", "08-01", "S1")
    book.move("D3", "09-05", "S2")  # was no longer in S1
    book.deal("D4", "10-10", "S2")
    book.move("D4", "10-11", "S1")  # went back: not further
    answer = book.ask("step_conversion_flow", **OCTOBER)
    assert keyed(answer, "n") == {"S1": 3, "S2": 3, "S3": 0}
    assert keyed(answer, "passed") == {"S1": 1, "S2": 0, "S3": 0}
    assert keyed(book.ask("step_conversion", **OCTOBER), "n") == {"S1": 1, "S2": 2, "S3": 0}


def test_a_deal_that_was_twice_in_a_stage_is_counted_once_in_the_flow() -> None:
    book = Book()
    book.deal("D1", "09-01", "S1")
    book.move("D1", "10-05", "S2")
    book.move("D1", "10-08", "S1")
    answer = book.ask("step_conversion_flow", **OCTOBER)
    assert (keyed(answer, "n")["S1"], keyed(answer, "passed")["S1"]) == (1, 1)


def test_a_stay_that_ended_when_the_window_began_is_outside() -> None:
    book = Book()
    book.deal("D1", "09-01", "S1")
    book.move("D1", "10-01 00:00", "S2")
    assert keyed(book.ask("step_conversion_flow", **OCTOBER), "n") == {"S1": 0, "S2": 1, "S3": 0}


def test_an_archived_deal_is_in_no_number_from_then_on(five: Book) -> None:
    five.archive("deal", "D1", "10-20")
    assert keyed(five.ask("funnel", **OCTOBER)) == {"S1": 4, "S2": 2, "S3": 1, "won": 0}
    assert keyed(five.ask("funnel", **OCTOBER, as_of="10-19"))["S1"] == 5
    assert keyed(five.ask("stage_entered", **OCTOBER))["S1"] == 4


def test_a_deal_with_two_products_is_counted_in_each_but_once_in_all(five: Book) -> None:
    for product in ("A", "B"):
        five.put("deal_product", f"D1/{product}", "10-01", deal_id="D1", product_id=product, amount=50 * YUAN)
    assert keyed(five.ask("funnel", **OCTOBER, by=("product",)))["A", "S3"] == 1
    assert keyed(five.ask("funnel", **OCTOBER, where={"product": ["A", "B"]}))["S1"] == 1
    assert keyed(five.ask("stage_entered", **OCTOBER, where={"product": ["A", "B"]}))["S1"] == 1


def test_reopened_after_a_win_the_highest_stage_so_far_is_still_won() -> None:
    book = Book()
    book.deal("D1", "10-01")
    book.win("D1", "10-02")
    book.move("D1", "10-03", "S2", closed_on=None)
    assert keyed(book.ask("funnel", **OCTOBER))["won"] == 1
    assert one(book.ask("win_rate_created", **OCTOBER))["won"] == 0


# -- taken back -------------------------------------------------------------------------------------------------------


@pytest.fixture
def taken_back() -> Book:
    """T1 in S1 is moved to S3 by mistake on 10-05 and taken back on 10-07; T2 in S1 is won on 10-05 and taken back."""
    book = Book()
    for deal in ("T1", "T2"):
        book.deal(deal, "10-01", "S1", amount=100)
    book.move("T1", "10-05", "S3")
    book.take_back("deal", "T1", recorded="10-07")
    book.win("T2", "10-05")
    book.take_back("deal", "T2", recorded="10-07")
    return book


def test_a_stage_that_was_entered_and_taken_back_counts_nowhere(taken_back: Book) -> None:
    assert keyed(taken_back.ask("funnel", **OCTOBER)) == {"S1": 2, "S2": 0, "S3": 0, "won": 0}
    assert keyed(taken_back.ask("stage_entered", **OCTOBER, by=("stage",)))["S3"] == 0
    assert keyed(taken_back.ask("step_conversion", **OCTOBER, by=("stage",), where={"stage": ["S1"]})) == {"S1": 0.0}
    flow = taken_back.ask("step_conversion_flow", **OCTOBER, by=("stage",))
    assert (keyed(flow)["S1"], keyed(flow, "n")) == (0.0, {"S1": 2, "S2": 0, "S3": 0})
    entered = taken_back.marts()["deal"]
    assert entered["stage_since"].to_list() == [moment("10-01")] * 2, "they have been there all the time"


def test_what_was_taken_back_stays_in_what_was_known_before(taken_back: Book) -> None:
    before, after = {**OCTOBER, "known_at": "10-06"}, {**OCTOBER, "known_at": "10-07"}
    assert keyed(taken_back.ask("funnel", **before)) == {"S1": 2, "S2": 2, "S3": 2, "won": 1}
    assert keyed(taken_back.ask("funnel", **after)) == {"S1": 2, "S2": 0, "S3": 0, "won": 0}
    assert keyed(taken_back.ask("funnel", **OCTOBER, as_of="10-06")) == {"S1": 2, "S2": 0, "S3": 0, "won": 0}, (
        "as known now it had not happened on any day"
    )
    assert keyed(taken_back.ask("funnel", **before, as_of="10-04")) == {"S1": 2, "S2": 0, "S3": 0, "won": 0}


def test_a_deal_may_reach_a_stage_after_a_move_to_it_was_taken_back(taken_back: Book) -> None:
    taken_back.move("T1", "10-20", "S3")
    answer = taken_back.ask("stage_entered", "10-10", "11-01", by=("stage",))
    assert keyed(answer)["S3"] == 1
    assert keyed(taken_back.ask("funnel", **OCTOBER)) == {"S1": 2, "S2": 1, "S3": 1, "won": 0}
    taken_back.take_back("deal", "T1", recorded="10-21")
    assert keyed(taken_back.ask("funnel", **OCTOBER)) == {"S1": 2, "S2": 0, "S3": 0, "won": 0}


def test_moving_back_by_hand_is_no_taking_back(taken_back: Book) -> None:
    taken_back.move("T1", "10-20", "S3")
    taken_back.move("T1", "10-20", "S1")
    assert keyed(taken_back.ask("funnel", **OCTOBER)) == {"S1": 2, "S2": 1, "S3": 1, "won": 0}
