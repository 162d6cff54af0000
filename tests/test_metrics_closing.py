"""Win rates and the sales cycle."""

from __future__ import annotations

from tests.mart_book import Book, keyed, later, one

OCTOBER = {"since": "10-01", "until": "11-01"}


def closings(won: int, lost: int, duplicates: int = 0) -> Book:
    """Deals of September that closed on 5 October."""
    book = Book()
    book.put("list_value", "price", "2020-01-01", list="lost_reason", code="price", counts=True)
    book.put("list_value", "duplicate", "2020-01-01", list="lost_reason", code="duplicate", counts=False)
    for i in range(won + lost + duplicates):
        book.deal(f"D{i:03}", "09-01")
        if i < won:
            book.win(f"D{i:03}", "10-05")
        else:
            book.lose(f"D{i:03}", "10-05", "price" if i < won + lost else "duplicate")
    return book


def test_the_win_rate_is_won_of_won_and_lost() -> None:
    row = one(closings(won=3, lost=1).ask("win_rate", **OCTOBER))
    assert (row["value"], row["n"], row["won"], row["lost"]) == (0.75, 4, 3, 1)


def test_a_duplicate_is_no_loss_and_is_said_so() -> None:
    answer = closings(won=3, lost=1, duplicates=2).ask("win_rate", **OCTOBER)
    assert (one(answer)["value"], one(answer)["excluded"]) == (0.75, 2)
    assert answer.notes == (("excluded_losses", {"n": 2}),)


def test_only_duplicates_leave_no_rate_but_a_reason() -> None:
    row = one(closings(won=0, lost=0, duplicates=1).ask("win_rate", **OCTOBER))
    assert (row["value"], row["n"], row["low"], row["reason"]) == (None, 0, None, "nothing_closed")


def test_a_reason_put_down_later_is_known_for_an_earlier_loss() -> None:
    book = Book()
    book.deal("D1", "09-01")
    book.put("list_value", "twice", "11-01", list="lost_reason", code="twice", counts=False)
    book.lose("D1", "10-05", "twice")
    assert one(book.ask("win_rate", **OCTOBER, as_of="10-10"))["excluded"] == 1


def test_a_loss_without_reason_counts() -> None:
    book = Book()
    book.deal("D1", "09-01")
    book.lose("D1", "10-05")
    assert one(book.ask("win_rate", **OCTOBER))["n"] == 1


def test_the_win_rate_goes_by_close_date_and_the_records_behind_it_are_those_that_count() -> None:
    book = closings(won=1, lost=1, duplicates=1)
    assert one(book.ask("win_rate", "09-01", "10-01"))["n"] == 0
    assert one(book.ask("win_rate", "10-05", "10-06"))["n"] == 2
    assert book.behind("win_rate", **OCTOBER) == ["D000", "D001"]


def test_a_closed_deal_stays_with_the_owner_and_team_it_closed_with() -> None:
    book = Book()
    book.person("P1", "North")
    book.person("P2", "South")
    book.deal("D1", "09-01", owner_id="P1")
    book.win("D1", "10-05")
    book.deal("D2", "09-01", owner_id="P1")
    book.change("person", "P1", "10-10", team_id="South")
    book.change("deal", "D1", "10-11", owner_id="P2")
    assert keyed(book.ask("win_rate", **OCTOBER, by=("person", "team"))) == {("P1", "North"): 1.0}
    assert keyed(book.ask("open_pipeline", by=("team",)), "n") == {"South": 1}
    assert keyed(book.ask("open_pipeline", by=("team",), as_of="10-09"), "n") == {"North": 1}


def test_the_win_rate_by_creation_counts_open_deals_and_marks_young_cohorts() -> None:
    book = Book()
    for i in range(10):  # September: nine won after 30 days, one open
        book.deal(f"A{i}", "09-01")
        if i < 9:
            book.win(f"A{i}", "10-01")
    for i in range(4):  # November: one won, three open
        book.deal(f"B{i}", "11-01")
    book.win("B0", "11-02")
    answer = book.ask("win_rate_created", by=("month",))
    assert keyed(answer) == {"2026-09-01": 0.9, "2026-11-01": 0.25}
    assert keyed(answer, "open_share") == {"2026-09-01": 0.1, "2026-11-01": 0.75}
    assert keyed(answer, "matured") == {"2026-09-01": True, "2026-11-01": False}
    assert answer.notes == (("not_matured", {"n": 1}),)


def test_a_cohort_is_young_until_it_is_older_than_nine_of_ten_cycles() -> None:
    book = Book()
    for i in range(11):  # won after 0, 10, … 100 days: nine of ten within 90
        book.deal(f"A{i:02}", "06-01")
        book.win(f"A{i:02}", later("06-01", 10 * i))
    book.deal("B", "08-20")
    asked = {"since": "08-20", "until": "08-21"}
    assert one(book.ask("win_rate_created", **asked, as_of=later("08-20", 90)))["matured"] is False
    assert one(book.ask("win_rate_created", **asked, as_of=later("08-20", 91)))["matured"] is True


def test_a_cohort_with_nothing_open_is_matured() -> None:
    book = Book()
    book.deal("D1", "11-20")
    book.lose("D1", "11-21")
    assert one(book.ask("win_rate_created", "11-01", "12-01"))["matured"] is True


def test_the_cycle_is_the_median_with_the_mean_beside_it() -> None:
    book = Book()
    for i, days in enumerate((10, 20, 60)):
        book.deal(f"D{i}", "08-01")
        book.win(f"D{i}", later("08-01", days))
    row = one(book.ask("sales_cycle_days", "08-01", "11-01"))
    assert (row["value"], row["mean"], row["n"]) == (20.0, 30.0, 3)


def test_a_deal_reopened_and_won_again_lasts_from_first_creation_to_last_close() -> None:
    book = Book()
    book.deal("D1", "08-01")
    book.win("D1", "08-11")
    book.move("D1", "08-20", "S2", closed_on=None)
    book.win("D1", "10-01")
    assert one(book.ask("sales_cycle_days", **OCTOBER))["value"] == 61.0
    assert one(book.ask("sales_cycle_days", "08-01", "09-01"))["reason"] == "nothing_won"
    assert one(book.ask("sales_cycle_days", "08-01", "09-01", as_of="08-15"))["value"] == 10.0
