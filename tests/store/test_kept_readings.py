"""Readings kept until the next write: never older than the store, never somebody else's, never beyond their measure."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.domain.queries import Condition, Operator, any_of
from dashboard.store import kept
from dashboard.store.kept import Kept, frozen
from tests.department import Desk


def test_a_write_shows_at_the_next_reading(desk: Desk) -> None:
    deal = desk.make("deal", name="Before", owner_id=desk.people["rep"])
    rep, where = desk.actor("rep"), [Condition("id", Operator.EQ, deal)]

    def read() -> tuple[list[str], int, dict[str, str]]:
        names = desk.store.find(rep, "deal", where, fields=["name"])["name"].to_list()
        return names, desk.store.count(rep, "deal", where), desk.store.labels("deal", [deal], "en")

    assert read() == read() == (["Before"], 1, {deal: "Before"})
    desk.do("rep", "deal", "update", deal, name="After")
    assert read() == (["After"], 1, {deal: "After"})
    desk.do("operator", "deal", "archive", deal)
    assert read()[:2] == ([], 0)


def test_the_same_question_of_another_person_has_another_answer(desk: Desk) -> None:
    deal = desk.make("deal", name="Own", owner_id=desk.people["rep"])
    where = [Condition("id", Operator.EQ, deal)]
    assert desk.store.count(desk.actor("rep"), "deal", where) == 1
    assert desk.store.count(desk.actor("stranger"), "deal", where) == 0


def test_a_role_that_was_taken_away_opens_nothing_that_was_kept(desk: Desk) -> None:
    desk.make("deal", name="Colleague's", owner_id=desk.people["colleague"])
    seen = desk.store.find(desk.actor("manager"), "deal")
    assert "Colleague's" in seen["name"].to_list()
    desk.do("operator", "person", "update", desk.people["manager"], roles=["support"])
    assert (
        "name" not in desk.store.find(desk.actor("manager"), "deal").columns
        or desk.store.find(desk.actor("manager"), "deal").is_empty()
    )


def test_a_reading_is_made_once_a_revision() -> None:
    readings, made = Kept(), []

    def read() -> int:
        made.append(len(made))
        return made[-1]

    assert [readings.once(1, "a", read), readings.once(1, "a", read), readings.once(1, "b", read)] == [0, 0, 1]
    assert readings.once(2, "a", read) == 2
    assert readings.once(1, "a", read) == 3, "a reader that is behind is answered, and leaves nothing"
    assert readings.once(2, "a", read) == 2


def test_what_was_refused_is_asked_again() -> None:
    readings, problems = Kept(), [ValueError("no")]

    def read() -> int:
        if problems:
            raise problems.pop()
        return 1

    with pytest.raises(ValueError, match="no"):
        readings.once(1, "a", read)
    assert readings.once(1, "a", read) == 1


def test_large_readings_are_not_kept_and_old_ones_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = Kept()
    large = pl.DataFrame({"x": [0] * kept.LARGEST_BYTES})
    assert readings.once(1, "large", lambda: large) is large
    assert not readings.readings
    monkeypatch.setattr(kept, "MOST_BYTES", 3 * kept.NOT_A_FRAME_BYTES * 2)
    for key in ("a", "b", "c"):
        readings.once(1, key, lambda: 1)
    readings.once(1, "a", lambda: 1)  # used again: "b" is now the one unused for longest
    readings.once(1, "d", lambda: 1)
    assert list(readings.readings) == ["c", "a", "d"]
    assert readings.size == 3 * kept.NOT_A_FRAME_BYTES * 2


def test_questions_that_differ_in_anything_differ_as_keys() -> None:
    questions = [
        Condition("a", Operator.EQ, 1),
        Condition("a", Operator.EQ, 1.0),
        Condition("a", Operator.EQ, value=True),
        Condition("a", Operator.EQ, "1"),
        Condition("a", Operator.NE, 1),
        Condition("b", Operator.EQ, 1),
        Condition("a", Operator.IN, [1, 2]),
        Condition("a", Operator.IN, [2, 1]),
        Condition("a", Operator.IN, [[1], 2]),
        any_of(Condition("a", Operator.IN, ["x"])),
        any_of(Condition("a", Operator.IN, ["x", "y"])),
    ]
    assert len({frozen(question) for question in questions}) == len(questions)
    assert len({frozen([question]) for question in questions}) == len(questions)


def test_questions_with_other_needs_share_the_ids_where_the_same_rules_show_them(desk: Desk) -> None:
    desk.make("deal", name="Own", owner_id=desk.people["rep"], amount=5)
    rep, store = desk.actor("rep"), desk.store
    both = [store.ids(rep, "deal", needs=needs) for needs in (("amount",), ("stage_type", "closed_on"))]
    assert both[0] is both[1]
    assert store.people_in_scope(rep) is store.people_in_scope(rep)
