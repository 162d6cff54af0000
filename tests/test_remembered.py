"""What pages keep for the next click: never older than the records, never somebody else's, and not without end."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboard import jobs
from dashboard.errors import Forbidden
from dashboard.ui import answers
from dashboard.ui.answers import REMEMBERED, Remembered
from dashboard.ui.visit import Visit
from tests.department import Desk
from tests.selling import running

TODAY = dt.date(2026, 11, 2)


def visit_of(desk: Desk, opened: jobs.Desk, who: str, day: dt.date = TODAY) -> Visit:
    """Somebody at a page on a day."""
    return Visit(opened, desk.actor(who), "en", day, "light")


def test_a_thing_is_made_once_for_each_person_and_day_until_a_record_changes(desk: Desk) -> None:
    made: list[str] = []
    with running(desk) as opened:

        def ask(who: str, key: tuple[object, ...] = ("rows", {"team": ["a"]}), day: dt.date = TODAY) -> int:
            return visit_of(desk, opened, who, day).once(key, lambda: made.append(who) or len(made))

        assert [ask("rep"), ask("rep"), ask("manager"), ask("manager")] == [1, 1, 2, 2]
        assert ask("rep", ("rows", {"team": ["b"]})) == 3
        assert ask("rep", day=TODAY + dt.timedelta(days=1)) == 4
        desk.make("deal", name="New", owner_id=desk.people["rep"])
        assert ask("rep") == 5, "a write makes everything anew"
        opened.refresh("write")
        assert ask("rep") == 6, "and so do new numbers"


def test_what_was_refused_is_asked_again(desk: Desk) -> None:
    def refuse() -> None:
        raise Forbidden("access.forbidden")

    with running(desk) as opened:
        visit = visit_of(desk, opened, "rep")
        with pytest.raises(Forbidden):
            visit.once(("x",), refuse)
        assert visit.once(("x",), lambda: 1) == 1


def test_what_was_read_while_a_write_ended_is_not_kept(desk: Desk) -> None:
    with running(desk) as opened:
        visit = visit_of(desk, opened, "rep")

        def read_during_a_write() -> str:
            visit_of(desk, opened, "colleague").once(("y",), lambda: desk.make("lead", company="Late"))
            visit_of(desk, opened, "colleague").once(("y",), lambda: "after")
            return "before"

        assert visit.once(("x",), read_during_a_write) == "before"
        assert visit.once(("x",), lambda: "after") == "after"


def test_the_thing_unused_for_longest_goes_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 2)
    kept = Remembered()
    with running(desk) as opened:
        made = [kept.once(opened, key, object) for key in ("a", "b")]
        assert kept.once(opened, "a", lambda: None) is made[0]
        kept.once(opened, "c", lambda: None)
        assert kept.once(opened, "a", lambda: None) is made[0]
        assert kept.once(opened, "b", lambda: "anew") == "anew"
    assert REMEMBERED is not kept
