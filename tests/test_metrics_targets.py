"""Attainment and coverage: targets of people, teams and the company."""

from __future__ import annotations

import pytest

from tests.mart_book import YUAN, Book, keyed, one

QUARTER = {"since": "10-01", "until": "2027-01-01"}


@pytest.fixture
def book() -> Book:
    """A quarter's target of 200 for P1, who won 150 and has 100 open due in it."""
    book = Book()
    book.put("team", "All", "2020-01-01")
    book.put("team", "North", "2020-01-01", parent_id="All")
    book.put("team", "South", "2020-01-01", parent_id="All")
    book.person("P1", "North")
    book.person("P2", "South")
    book.target("T1", **QUARTER, amount=200, person_id="P1")
    book.deal("D1", "09-01", amount=150, owner_id="P1")
    book.win("D1", "10-05")
    book.deal("D2", "09-01", amount=100, owner_id="P1", expected_close_on="12-20")
    book.deal("D3", "09-01", amount=900, owner_id="P1", expected_close_on="2027-01-01")
    return book


def test_attainment_is_won_of_target(book: Book) -> None:
    row = one(book.ask("attainment", **QUARTER, by=("person",)))
    assert (row["person"], row["value"], row["won"], row["target"]) == ("P1", 0.75, 150 * YUAN, 200 * YUAN)


def test_coverage_is_what_is_open_of_what_is_missing(book: Book) -> None:
    row = one(book.ask("coverage", **QUARTER, by=("person",)))
    assert (row["value"], row["open"], row["remaining"]) == (2.0, 100 * YUAN, 50 * YUAN)


def test_once_the_target_is_met_there_is_nothing_to_cover(book: Book) -> None:
    book.deal("D4", "09-01", amount=50, owner_id="P1")
    book.win("D4", "10-06")
    row = one(book.ask("coverage", **QUARTER, by=("person",)))
    assert (row["value"], row["reason"]) == (None, "target_met")
    assert one(book.ask("attainment", **QUARTER, by=("person",)))["value"] == 1.0


def test_a_target_of_zero_or_none_is_no_target(book: Book) -> None:
    book.target("T2", **QUARTER, amount=0, person_id="P2")
    book.person("P3", "South")
    book.deal("D5", "09-01", amount=70, owner_id="P3")
    book.win("D5", "10-06")
    answer = book.ask("attainment", **QUARTER, by=("person",))
    assert keyed(answer) == {"P1": 0.75, "P2": None, "P3": None}
    assert keyed(answer, "reason") == {"P1": None, "P2": "no_target", "P3": "no_target"}
    assert keyed(answer, "won")["P3"] == 70 * YUAN


def test_a_teams_target_is_its_own_and_its_members_sum_is_shown_beside_it(book: Book) -> None:
    book.target("T2", **QUARTER, amount=300, team_id="North")
    book.target("T3", **QUARTER, amount=100, person_id="P2")
    row = one(book.ask("attainment", **QUARTER, by=("team",)))
    assert (row["team"], row["value"], row["target"]) == ("North", 0.5, 300 * YUAN)
    assert (row["members_target"], row["members_attainment"]) == (200 * YUAN, 0.75)


def test_a_team_counts_the_teams_under_it(book: Book) -> None:
    book.target("T2", **QUARTER, amount=300, team_id="All")
    book.target("T3", **QUARTER, amount=100, person_id="P2")
    book.deal("D4", "09-01", amount=60, owner_id="P2")
    book.win("D4", "10-06")
    answer = book.ask("attainment", **QUARTER, by=("team",), where={"team": ["All"]})
    assert (one(answer)["won"], one(answer)["members_target"]) == (210 * YUAN, 300 * YUAN)


def test_members_are_those_of_the_end_of_the_period(book: Book) -> None:
    book.target("T2", "07-01", "10-01", 100, person_id="P1")
    book.target("T3", "07-01", "10-01", 500, team_id="North")
    book.change("person", "P1", "10-02", team_id="South")
    row = one(book.ask("attainment", "07-01", "10-01", by=("team",)))
    assert (row["team"], row["members_target"]) == ("North", 100 * YUAN)
    assert keyed(book.ask("attainment", "07-01", "10-01", by=("person", "team"))) == {("P1", "North"): 0.0}


def test_the_company_has_its_own_target_too(book: Book) -> None:
    book.target("T2", **QUARTER, amount=1500)
    book.deal("D4", "09-01", amount=600, owner_id="P2")
    book.win("D4", "10-06")
    row = one(book.ask("attainment", **QUARTER))
    assert (row["value"], row["members_target"]) == (0.5, 200 * YUAN)


def test_without_a_company_target_the_targets_of_people_are_summed_and_it_is_said(book: Book) -> None:
    book.target("T2", **QUARTER, amount=100, person_id="P2")
    answer = book.ask("attainment", **QUARTER)
    assert one(answer)["value"] == 0.5
    assert answer.notes == (("targets_of_people", {}),)
    asked = book.ask("attainment", **QUARTER, where={"level": ["company"]})
    assert (one(asked)["value"], one(asked)["reason"]) == (None, "no_target")


def test_of_a_year_and_its_quarters_only_the_longest_that_fits_counts(book: Book) -> None:
    book.target("T2", "01-01", "2027-01-01", 1000, person_id="P1")
    book.target("T3", "07-01", "10-01", 100, person_id="P1")
    assert keyed(book.ask("attainment", **QUARTER, by=("person",)), "target") == {"P1": 200 * YUAN}
    assert keyed(book.ask("attainment", "01-01", "2027-01-01", by=("person",)), "target") == {"P1": 1000 * YUAN}
    assert keyed(book.ask("attainment", "07-01", "2027-01-01", by=("person",)), "target") == {"P1": 300 * YUAN}
    assert keyed(
        book.ask("attainment", "01-01", "2027-01-01", by=("quarter",), where={"person": ["P1"]}), "target"
    ) == {
        "2026-07-01": 100 * YUAN,
        "2026-10-01": 200 * YUAN,
    }
    assert keyed(book.ask("attainment", by=("person", "period")), "won")["P1", "2026-01-01"] == 150 * YUAN


def test_a_window_inside_a_target_has_none(book: Book) -> None:
    assert keyed(book.ask("attainment", "10-01", "11-01", by=("person",)), "reason") == {"P1": "no_target"}


def test_a_period_is_half_open(book: Book) -> None:
    for deal, on in (("D4", "2027-01-01"), ("D5", "12-31")):
        book.deal(deal, "09-01", amount=10, owner_id="P1")
        book.win(deal, on)
    assert one(book.ask("attainment", **QUARTER, by=("person",)))["won"] == 160 * YUAN


def test_a_shared_deal_counts_with_the_credited_part(book: Book) -> None:
    book.deal("D4", "09-01", amount=100, owner_id="P2")
    book.win("D4", "10-06", {"P1": 50, "P2": 50})
    assert one(book.ask("attainment", **QUARTER, by=("person",), where={"person": ["P1"]}))["value"] == 1.0
    assert book.behind("attainment", **QUARTER, where={"person": ["P1"]}) == ["D1", "D4"]
