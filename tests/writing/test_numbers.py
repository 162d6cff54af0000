"""Numbers for people, like D-2026-00042: without gaps, also after refusals and with eight writers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.errors import Invalid
from tests.builders import frame_of, valid
from tests.department import Desk


def series(desk: Desk, entity: str) -> list[int]:
    """The running numbers of an entity's records, in order."""
    numbers = desk.store.find(desk.actor("operator"), entity, archived=True)["number"].to_list()
    return sorted(int(number.rsplit("-", 1)[1]) for number in numbers)


@pytest.mark.parametrize("name", [name for name, entity in RECORDS.items() if entity.number])
def test_a_number_has_prefix_year_and_five_digits(shared_desk: Desk, name: str) -> None:
    prefix, year, digits = shared_desk.row(name, shared_desk.make(name))["number"].split("-")
    assert (prefix, len(digits)) == (RECORDS[name].number, 5)
    assert int(year) in {date.today().year, date.today().year + 1}  # noqa: DTZ011  (around midnight of New Year's Eve)


def test_entities_without_numbers_have_none(shared_desk: Desk) -> None:
    assert shared_desk.row("contact", shared_desk.make("contact"))["number"] is None


def test_a_refused_change_set_gives_its_numbers_back(desk: Desk) -> None:
    desk.make("task")
    rows = frame_of("task", *[valid("task") for _ in range(3)])
    bad = frame_of("task", valid("task", title=" "))
    with pytest.raises(Invalid):
        desk.submit("operator", Change("task", "create", rows), Change("task", "create", bad))
    desk.make("task")
    assert series(desk, "task") == [1, 2]


def test_many_rows_and_many_writers_leave_no_gap(desk: Desk) -> None:
    def write(count: int) -> None:
        """Some tasks in one change-set; every third set is refused."""
        rows = [valid("task") for _ in range(count)]
        if count % 3 == 0:
            rows[-1]["title"] = " "
        try:
            desk.submit("operator", Change("task", "create", frame_of("task", *rows)))
        except Invalid:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(1, 25)))
    written = sum(count for count in range(1, 25) if count % 3)
    assert series(desk, "task") == list(range(1, written + 1))
