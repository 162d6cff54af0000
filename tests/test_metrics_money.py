"""Pipeline, won amounts and credit, to the cent."""

from __future__ import annotations

import polars as pl
import pytest

from etl.metrics import Population
from tests.mart_book import CENT, YUAN, Book, day, keyed, one

OCTOBER = {"since": "10-01", "until": "11-01"}


def only(*people: str) -> Population:
    """Everybody's deals, the shares of some people."""
    return Population({"deal": None}, pl.Series(people, dtype=pl.String))


@pytest.fixture
def shared() -> Book:
    """One order of 1,000 shared 60/40 across two teams, one of 500 of P1, one of 70 of nobody."""
    book = Book()
    book.person("P1", "North", "east")
    book.person("P2", "South", "west")
    book.deal("D1", "09-01", amount=1000, owner_id="P1")
    book.win("D1", "10-05", {"P1": 600, "P2": 400})
    book.deal("D2", "09-01", amount=500, owner_id="P1")
    book.win("D2", "10-06")
    book.deal("D3", "09-01", amount=70)
    book.win("D3", "10-07")
    return book


def test_a_shared_order_is_counted_once_in_each_total(shared: Book) -> None:
    assert one(shared.ask("credit", **OCTOBER))["value"] == 1500 * YUAN
    assert keyed(shared.ask("credit", **OCTOBER, by=("person",))) == {"P1": 1100 * YUAN, "P2": 400 * YUAN}
    assert keyed(shared.ask("credit", **OCTOBER, by=("team",))) == {"North": 1100 * YUAN, "South": 400 * YUAN}
    assert keyed(shared.ask("credit", **OCTOBER, by=("region",)))["east"] == 1100 * YUAN


def test_n_is_the_number_of_distinct_deals(shared: Book) -> None:
    assert one(shared.ask("credit", **OCTOBER))["n"] == 2
    assert keyed(shared.ask("credit", **OCTOBER, by=("person",)), "n") == {"P1": 2, "P2": 1}


def test_the_won_amount_also_counts_what_nobody_is_credited_with(shared: Book) -> None:
    assert one(shared.ask("won_amount", **OCTOBER))["value"] == 1570 * YUAN
    assert keyed(shared.ask("won_amount", **OCTOBER, by=("person",)))[None] == 70 * YUAN


def test_somebody_sees_the_share_of_the_people_in_scope(shared: Book) -> None:
    assert one(shared.ask("won_amount", **OCTOBER, population=only("P2")))["value"] == 400 * YUAN
    assert one(shared.ask("credit", **OCTOBER, population=only("P1", "P2")))["value"] == 1500 * YUAN
    assert one(shared.ask("credit", **OCTOBER, population=only()))["value"] == 0


def test_only_the_deals_of_the_population_count(shared: Book) -> None:
    few = Population({"deal": pl.Series(["D2"])}, None)
    assert one(shared.ask("won_amount", **OCTOBER, population=few))["value"] == 500 * YUAN
    assert shared.behind("won_amount", **OCTOBER, population=few) == ["D2"]


def test_an_entity_that_the_population_does_not_name_has_no_records(shared: Book) -> None:
    assert one(shared.ask("won_amount", **OCTOBER, population=Population({})))["value"] == 0


def test_what_was_credited_stays_when_people_move(shared: Book) -> None:
    shared.change("person", "P1", "10-20", team_id="South", region_id="west")
    shared.change("deal", "D2", "10-21", owner_id="P2")
    assert keyed(shared.ask("credit", **OCTOBER, by=("team",))) == {"North": 1100 * YUAN, "South": 400 * YUAN}


def test_a_reopened_deal_is_not_won(shared: Book) -> None:
    shared.move("D2", "10-25", "S2", closed_on=None)
    assert one(shared.ask("credit", **OCTOBER))["value"] == 1000 * YUAN
    assert one(shared.ask("credit", **OCTOBER, as_of="10-24"))["value"] == 1500 * YUAN


@pytest.fixture
def pipeline() -> Book:
    """Open deals due in December."""
    book = Book()
    book.person("P1", "North")
    book.person("P2", "South")
    due = {"expected_close_on": "12-10"}
    book.deal("D1", "10-01", "S1", amount=100, probability=0.5, owner_id="P1", **due)
    book.deal("D2", "10-01", "S2", amount=200, owner_id="P1", **due)  # the stage says 0.3
    book.deal("D3", "10-01", "S1", amount=None, probability=0.9, owner_id="P2", **due)
    book.deal("D4", "10-01", "S1", amount=1000, probability=0.9, owner_id="P2", expected_close_on="2027-01-10")
    return book


def test_the_weighted_pipeline_takes_the_stages_probability_where_a_deal_has_none(pipeline: Book) -> None:
    answer = pipeline.ask("weighted_pipeline", "12-01", "2027-01-01")
    assert one(answer)["value"] == (50 + 60) * YUAN
    assert (one(answer)["open"], one(answer)["n"]) == (300 * YUAN, 3)
    assert answer.notes == (("without_amount", {"n": 1}), ("probability_of_stage", {"n": 1}))


def test_what_is_lost_weighs_nothing_and_what_is_won_stands_apart(pipeline: Book) -> None:
    pipeline.lose("D1", "11-01")
    pipeline.win("D2", "12-05")
    row = one(pipeline.ask("weighted_pipeline", "12-01", "2027-01-01"))
    assert (row["value"], row["won"], row["n"]) == (0, 200 * YUAN, 1)


def test_weighted_amounts_are_rounded_to_the_cent_before_they_are_added() -> None:
    book = Book()
    for deal in ("D1", "D2"):
        book.deal(deal, "10-01", amount=0.01, probability=0.5, expected_close_on="12-10")
    row = one(book.ask("weighted_pipeline", "12-01", "2027-01-01"))
    assert row["value"] == 2 * CENT  # half a cent each, away from zero


def test_the_open_pipeline_has_count_and_value(pipeline: Book) -> None:
    row = one(pipeline.ask("open_pipeline"))
    assert (row["value"], row["n"], row["without_amount"]) == (1300 * YUAN, 4, 1)
    assert one(pipeline.ask("open_pipeline", "12-01", "2027-01-01"))["n"] == 3
    assert keyed(pipeline.ask("open_pipeline", by=("stage",)), "n") == {"S1": 3, "S2": 1}


def test_an_open_deal_is_split_by_its_credit_rows(pipeline: Book) -> None:
    pipeline.change("deal", "D1", "10-02", base_amount=100 * YUAN + CENT)
    pipeline.credit("D1", "P1", "10-02", None, 0.5)
    pipeline.credit("D1", "P2", "10-02", None, 0.5)
    by_person = keyed(pipeline.ask("open_pipeline", "12-01", "2027-01-01", by=("person",)))
    assert by_person == {"P1": 250 * YUAN + CENT, "P2": 50 * YUAN}
    assert one(pipeline.ask("open_pipeline", "12-01", "2027-01-01"))["value"] == 300 * YUAN + CENT
    assert one(pipeline.ask("open_pipeline", "12-01", "2027-01-01", population=only("P2")))["value"] == 50 * YUAN


def test_the_funnel_by_value_takes_the_share_of_the_people_in_scope(pipeline: Book) -> None:
    pipeline.credit("D1", "P1", "10-02", None, 0.6)
    pipeline.credit("D1", "P2", "10-02", None, 0.4)
    answer = pipeline.ask("funnel", **OCTOBER, population=only("P2"))
    assert keyed(answer, "amount")["S1"] == (40 + 1000) * YUAN
    assert keyed(answer)["S1"] == 4


def test_money_by_product_is_split_by_the_lines_and_sums_to_the_whole(pipeline: Book) -> None:
    for product, amount in (("A", 30), ("B", 70)):
        pipeline.put("deal_product", f"D1{product}", "10-01", deal_id="D1", product_id=product, amount=amount * YUAN)
    for product in ("A", "C", "E"):
        pipeline.put("deal_product", f"D2{product}", "10-01", deal_id="D2", product_id=product, amount=None)
    by_product = keyed(pipeline.ask("open_pipeline", "12-01", "2027-01-01", by=("product",)))
    third = 66 * YUAN + 66 * CENT  # of 200; the two odd cents go to the first products
    assert by_product == {"A": 30 * YUAN + third + CENT, "B": 70 * YUAN, "C": third + CENT, "E": third, None: 0}
    assert one(pipeline.ask("open_pipeline", where={"product": ["B"]}))["value"] == 70 * YUAN


def test_the_industry_is_the_customers() -> None:
    book = Book()
    book.put("customer", "K1", "09-01", industry_id="steel")
    book.deal("D1", "10-01", customer_id="K1", source_id="fair")
    assert keyed(book.ask("open_pipeline", by=("industry", "customer", "source"))) == {
        ("steel", "K1", "fair"): 100 * YUAN
    }
    assert book.behind("open_pipeline", where={"industry": ["glass"]}) == []
    assert book.behind("open_pipeline", where={"lost_reason": [""]}) == ["D1"]


RUN = {"since": "11-02", "until": "11-30"}  # twenty working days from a Monday on


def won_on(*days: str) -> Book:
    """Deals of 100, won on these days."""
    book = Book()
    book.person("P1", "North")
    for i, on in enumerate(days):
        book.deal(f"D{i}", "09-01", owner_id="P1")
        book.win(f"D{i}", on)
    return book


def test_the_run_rate_projects_the_working_days() -> None:
    row = one(won_on("11-03", "11-05").ask("run_rate", **RUN, as_of="11-06"))
    assert (row["value"], row["days_so_far"], row["days"], row["won"]) == (800 * YUAN, 5, 20, 200 * YUAN)


def test_on_the_first_working_day_one_day_has_passed() -> None:
    row = one(won_on("11-02").ask("run_rate", **RUN, as_of="11-02"))
    assert (row["value"], row["days_so_far"]) == (2000 * YUAN, 1)


def test_a_period_that_has_not_started_has_no_run_rate() -> None:
    row = one(won_on().ask("run_rate", "12-01", "2027-01-01"))
    assert (row["value"], row["reason"]) == (None, "not_started")


def test_before_the_first_working_day_there_is_no_pace() -> None:
    row = one(won_on().ask("run_rate", "11-01", "12-01", as_of="11-01"))  # a Sunday
    assert (row["value"], row["reason"]) == (None, "no_working_day_yet")


def test_a_period_that_is_over_ends_at_what_was_won() -> None:
    assert one(won_on("10-09").ask("run_rate", "10-01", "11-01"))["value"] == 100 * YUAN


def test_the_companys_calendar_counts_its_own_days() -> None:
    book = won_on("11-03")
    book.put("calendar_day", "C1", "2020-01-01", day=day("11-07"), working=True)  # a Saturday
    assert one(book.ask("run_rate", **RUN, as_of="11-08"))["days_so_far"] == 6
