"""Orders delivered on the promised day: worked by hand, and beside plain SQL over the tables of a store."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboard.actions import orders
from dashboard.actions.measure import measure, records
from dashboard.domain.ids import new_id
from etl.metrics import Question
from tests.builders import days_ago
from tests.department import Desk
from tests.mart_book import Book, day, keyed, one
from tests.selling import running

QUARTER = {"since": "10-01", "until": "2027-01-01"}
NAME = "delivery_on_time"


def promised(book: Book, order: str, promised_on: str | None, state: str, *arrived: str, **values: str) -> None:
    """An order with a shipment for each day of an arrival; "-" is one that is under way."""
    book.put("order", order, "09-01", status="confirmed", promised_on=promised_on, delivery_state="none", owner_id="P1")
    for at, when in enumerate(arrived):
        there = None if when == "-" else day(when)
        book.put("shipment", f"{order}-{at}", "10-01", order_id=order, delivered_on=there)
    book.change("order", order, "10-01", delivery_state=state, **values)


def quarter() -> Book:
    """Of seven orders that count three were on time, two late, two are missing; TODAY is 23 November."""
    book = Book()
    book.person("P1", "North", "east")
    book.person("P2", "South", "west")
    promised(book, "O1", "10-10", "delivered", "10-10")
    promised(book, "O2", "10-10", "delivered", "10-05", "10-09")
    promised(book, "O3", "10-10", "delivered", "10-05", "10-11")  # its last part is late
    promised(book, "O4", "11-20", "delivered", "11-22", owner_id="P2")
    promised(book, "O5", "11-22", "partial", "11-01", "-")  # overdue
    promised(book, "O6", "10-31", "none", owner_id="P2")  # overdue
    promised(book, "O7", "11-01", "returned", "10-30", owner_id="P2")  # arrived, then came back
    promised(book, "N1", "11-23", "shipped", "-")  # today is not over
    promised(book, "N2", "12-20", "none")
    promised(book, "N3", None, "delivered", "10-20")  # nothing was promised
    promised(book, "N4", "10-10", "none", status="cancelled")
    promised(book, "N5", "10-10", "none", status="draft")
    promised(book, "N6", "09-10", "delivered", "10-02")  # promised in another quarter
    promised(book, "N7", "10-10", "partial", "10-05", status="closed")  # closed without the rest: nobody waits for it
    return book


def test_the_share_is_what_arrived_in_time_of_what_arrived_or_should_have() -> None:
    answer = quarter().ask(NAME, **QUARTER)
    row = one(answer)
    assert (row["n"], row["on_time"], row["late"], row["open"]) == (7, 3, 2, 2)
    assert row["value"] == pytest.approx(3 / 7)
    assert (row["low"], row["high"]) == (pytest.approx(0.1582, abs=1e-4), pytest.approx(0.7495, abs=1e-4))
    assert answer.notes == (("without_promise", {"n": 1}),)
    assert quarter().behind(NAME, **QUARTER) == ["O1", "O2", "O3", "O4", "O5", "O6", "O7"]


def test_it_is_told_by_person_team_region_and_month() -> None:
    book = quarter()
    assert keyed(book.ask(NAME, **QUARTER, by=("person",)), "n") == {"P1": 4, "P2": 3}
    assert keyed(book.ask(NAME, **QUARTER, by=("team",))) == {"North": 0.5, "South": pytest.approx(1 / 3)}
    assert keyed(book.ask(NAME, **QUARTER, by=("region",)), "on_time") == {"east": 2, "west": 1}
    assert keyed(book.ask(NAME, **QUARTER, by=("month",)), "n") == {"2026-10-01": 4, "2026-11-01": 3}


def test_a_promise_becomes_late_on_the_day_after_it() -> None:
    book = quarter()
    assert book.behind(NAME, **QUARTER, today=day("11-24")) == ["N1", "O1", "O2", "O3", "O4", "O5", "O6", "O7"]
    assert "O5" not in book.behind(NAME, **QUARTER, today=day("11-22"))


def test_as_of_a_day_nothing_had_arrived_that_arrived_later() -> None:
    book = Book()
    book.put("order", "O", "09-01", status="confirmed", promised_on="10-10", delivery_state="none")
    book.put("shipment", "S", "10-05", order_id="O")
    book.change("order", "O", "10-05", delivery_state="shipped")
    book.change("shipment", "S", "10-12", delivered_on="10-12")
    book.change("order", "O", "10-12", delivery_state="delivered")
    assert one(book.ask(NAME, **QUARTER, as_of="10-09"))["n"] == 0
    assert one(book.ask(NAME, **QUARTER, as_of="10-11"))["open"] == 1
    assert one(book.ask(NAME, **QUARTER))["late"] == 1


def test_nothing_due_is_no_zero() -> None:
    row = one(Book().ask(NAME, **QUARTER))
    assert (row["value"], row["n"], row["reason"]) == (None, 0, "no_deliveries")


SQL = """
    WITH there AS (SELECT order_id, max(delivered_on) AS last FROM shipments WHERE archived_at IS NULL GROUP BY 1),
    judged AS (
        SELECT o.owner_id, o.promised_on, t.last FROM orders o LEFT JOIN there t ON t.order_id = o.id
        WHERE o.archived_at IS NULL AND o.status IN ('confirmed', 'closed') AND o.promised_on IS NOT NULL
          AND (o.delivery_state = 'delivered'
               OR o.status = 'confirmed' AND o.delivery_state IN ('none', 'partial', 'shipped')
                  AND o.promised_on < $1))
    SELECT owner_id, count(*), count(*) FILTER (last <= promised_on), count(*) FILTER (last IS NULL)
    FROM judged GROUP BY 1"""


def test_it_is_what_plain_sql_finds_in_the_tables_for_everybody(desk: Desk) -> None:
    today = desk.store.company.today()
    for who in ("rep", "colleague", "stranger"):
        customer = desk.make("customer", owner_id=desk.people[who])
        for at, (due, arrives) in enumerate([(9, 9), (9, 5), (9, 12), (9, None), (-5, None), (None, 3), (-5, 1)]):
            sell_one(desk, customer, who, at, due, arrives)
    with running(desk) as served, desk.store.reading() as cursor:
        found = {row[0]: row[1:] for row in cursor.execute(SQL, [today]).fetchall()}
        assert served.marts
        question = Question(NAME, by=("person",), today=today)
        seen = {"leader": {"rep", "colleague", "stranger"}, "manager": {"rep", "colleague"}, "rep": {"rep"}}
        for who, people in {**seen, "support": seen["leader"]}.items():
            answer = measure(desk.store, served.marts, desk.actor(who), question)
            told = {row["person"]: (row["n"], row["on_time"], row["open"]) for row in answer.frame.to_dicts()}
            assert told == {desk.people[name]: found[desk.people[name]] for name in people}, who
        assert found[desk.people["rep"]] == (5, 3, 1)
        entity, ids = records(desk.store, served.marts, desk.actor("rep"), question)
        assert (entity, ids.len()) == ("order", 5)


def sell_one(desk: Desk, customer: str, who: str, at: int, due: int | None, arrives: int | None) -> None:
    """A confirmed order, promised so many days ago, of which everything arrived so many days ago."""
    values = {} if due is None else {"promised_on": days_ago(due)}
    owner = desk.people[who]
    order = desk.make("order", customer_id=customer, owner_id=owner, ordered_on=days_ago(30), amount=at + 1, **values)
    desk.step("operator", "order", "confirm", order)
    if arrives is not None:
        asked = orders.Shipping(order, new_id(), days_ago(20))
        orders.ship(desk.store, desk.actor("operator"), asked)
        arrived: dt.date = days_ago(arrives)
        desk.do("operator", "shipment", "update", asked.shipment_id, delivered_on=arrived)
