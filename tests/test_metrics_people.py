"""Satisfaction, task completion and the performance score of a person."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.errors import Refused
from etl.metrics import Population
from tests.mart_book import Book, keyed, one

QUARTER = {"since": "10-01", "until": "2027-01-01"}


def rated(**scores: tuple[int, int]) -> Book:
    """Per person so many good ratings of so many."""
    book = Book()
    for person, (good, n) in scores.items():
        book.person(person, "North")
        for i in range(n):
            book.rate(person, 5 if i < good else 3, "10-10")
    return book


def test_many_good_ratings_rank_above_a_few_perfect_ones() -> None:
    answer = rated(P1=(3, 3), P2=(45, 50)).ask("csat", **QUARTER, by=("person",))
    assert answer.frame["person"].to_list() == ["P2", "P1"]
    assert keyed(answer) == {"P2": 0.9, "P1": 1.0}
    assert keyed(answer, "low") == {"P2": pytest.approx(0.786, abs=5e-4), "P1": pytest.approx(0.439, abs=5e-4)}
    assert keyed(answer, "enough") == {"P2": True, "P1": False}


def test_a_rating_of_four_is_satisfied_and_of_three_is_not() -> None:
    book = Book()
    for score in (3, 4):
        book.rate("P1", score, "10-10")
    assert one(book.ask("csat", **QUARTER))["value"] == 0.5


def test_a_rating_counts_for_the_team_the_person_was_in_that_day() -> None:
    book = rated(P1=(1, 1))
    book.rate("P1", 5, "10-19")
    book.change("person", "P1", "10-20 00:00", team_id="South")
    book.rate("P1", 5, "10-21")
    assert keyed(book.ask("csat", **QUARTER, by=("team",)), "n") == {"North": 2, "South": 1}


def test_nobody_rated_is_no_zero() -> None:
    row = one(Book().ask("csat", **QUARTER))
    assert (row["value"], row["n"], row["reason"]) == (None, 0, "no_ratings")


def test_late_work_counts_half_and_a_task_without_effort_one_hour() -> None:
    book = Book()
    book.task("T1", "10-01", "P1", "10-10", hours=4)
    book.done("T1", "10-10")
    book.task("T2", "10-01", "P1", "10-10", hours=2)
    book.done("T2", "10-11")
    book.task("T3", "10-01", "P1", "10-10")
    book.task("T4", "10-01", "P1", "10-10", hours=100)
    book.change("task", "T4", "10-05", status="cancelled")
    answer = book.ask("task_completion", **QUARTER, by=("person",))
    assert keyed(answer) == {"P1": pytest.approx(5 / 7)}
    assert keyed(answer, "hours") == {"P1": 7.0}
    assert answer.notes == (("without_effort", {"n": 1}),)
    assert book.behind("task_completion", **QUARTER) == ["T1", "T2", "T3"]


def test_moving_the_due_date_after_the_period_began_helps_nobody() -> None:
    book = Book()
    book.task("T1", "09-01", "P1", "10-10", hours=1)
    book.change("task", "T1", "10-09", due_on="10-30")
    book.done("T1", "10-20")
    assert one(book.ask("task_completion", **QUARTER))["value"] == 0.5
    assert one(book.ask("task_completion", "10-15", "11-01"))["value"] == 1.0  # in force when that period began


def test_a_due_date_moved_out_of_the_period_before_it_began_is_out() -> None:
    book = Book()
    book.task("T1", "09-01", "P1", "10-10")
    book.change("task", "T1", "09-20", due_on="2027-02-01")
    assert one(book.ask("task_completion", **QUARTER))["reason"] == "no_tasks"


def test_a_task_created_later_has_the_due_date_of_its_creation_or_the_first_it_was_given() -> None:
    book = Book()
    book.task("T1", "10-05", "P1", "10-10")
    book.change("task", "T1", "10-06", due_on="2027-02-01")
    book.task("T2", "10-05", "P1", None)
    book.change("task", "T2", "10-07", due_on="10-12")
    book.change("task", "T2", "10-08", due_on="2027-02-01")
    assert book.behind("task_completion", **QUARTER) == ["T1", "T2"]


def appraised(good: int = 45, n: int = 50) -> Book:
    """Attainment 0.90, satisfaction 45 of 50, completion 0.80."""
    book = rated(P1=(good, n))
    book.target("G1", **QUARTER, amount=200, person_id="P1")
    book.deal("D1", "09-01", amount=180, owner_id="P1")
    book.win("D1", "10-05")
    book.task("T1", "10-01", "P1", "10-10", hours=8)
    book.done("T1", "10-09")
    book.task("T2", "10-01", "P1", "10-10", hours=2)
    return book


def test_the_score_worked_by_hand() -> None:
    row = one(appraised().ask("performance_score", **QUARTER))
    assert (row["attainment"], row["sales_result"]) == (pytest.approx(0.9), pytest.approx(75.0))
    assert row["satisfaction"] == pytest.approx(78.6, abs=0.05)
    assert row["task_completion"] == pytest.approx(80.0)
    assert row["value"] == pytest.approx(76.7, abs=0.05)
    assert (row["n"], row["missing"], row["ratings"], row["tasks"]) == (3, [], 50, 2)


def test_four_ratings_are_too_few_and_the_missing_component_is_named() -> None:
    row = one(appraised(4, 4).ask("performance_score", **QUARTER))
    assert (row["satisfaction"], row["missing"], row["n"]) == (None, ["satisfaction"], 2)
    assert row["value"] == pytest.approx((0.6 * 75 + 0.2 * 80) / 0.8)


def test_attainment_counts_up_to_120_percent() -> None:
    book = appraised()
    book.deal("D2", "09-01", amount=900, owner_id="P1")
    book.win("D2", "10-06")
    assert one(book.ask("performance_score", **QUARTER))["sales_result"] == 100.0


def test_other_weights_are_taken_and_a_component_without_weight_is_not_missing() -> None:
    row = one(appraised(0, 0).ask("performance_score", **QUARTER, weights={"sales_result": 50, "task_completion": 50}))
    assert (row["value"], row["missing"]) == (pytest.approx(77.5), [])


@pytest.mark.parametrize(
    "weights",
    [
        {"sales_result": 60, "satisfaction": 20, "task_completion": 10},
        {"sales_result": 120, "satisfaction": -20},
        {"charm": 100},
        {},
    ],
)
def test_weights_that_do_not_sum_to_100_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(Refused, match="100"):
        appraised().ask("performance_score", **QUARTER, weights=weights)


def test_somebody_without_any_component_has_no_score() -> None:
    book = Book()
    book.person("P9")
    row = one(book.ask("performance_score", **QUARTER, where={"person": ["P9"]}))
    assert (row["value"], row["n"], row["reason"]) == (None, 0, "no_component")
    assert row["missing"] == ["sales_result", "satisfaction", "task_completion"]


def test_only_the_people_in_scope_have_a_score() -> None:
    book = appraised()
    book.person("P2", "South")
    book.rate("P2", 5, "10-10")
    entities = ("deal", "target", "rating", "task")
    population = Population(dict.fromkeys(entities), pl.Series(["P2"]))
    assert list(keyed(book.ask("performance_score", **QUARTER, population=population))) == ["P2"]
    assert list(keyed(book.ask("performance_score", **QUARTER, where={"team": ["North"]}))) == ["P1"]
    assert book.behind("performance_score", **QUARTER) == ["P1", "P2"]


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    book = appraised()
    known = book.ask("performance_score", **QUARTER, as_of="10-20").frame
    book.done("T2", "10-21")
    again = book.ask("performance_score", **QUARTER, as_of="10-20").frame
    assert known.write_json() == again.write_json()
    assert one(book.ask("performance_score", **QUARTER))["task_completion"] == pytest.approx(90.0)
