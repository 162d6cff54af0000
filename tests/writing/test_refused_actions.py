"""A refused action leaves every table of the store byte for byte as it was."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import SalesDeskError
from tests.builders import frame_of, moment_ago, valid
from tests.department import Desk
from tests.tables import fingerprints

Attempt = Callable[[Desk], object]


def good() -> Change:
    """A change that is fine by itself; what follows it in the change-set is not."""
    return Change("customer", "create", frame_of("customer", valid("customer", phone="13812345678")))


def too_much() -> pl.DataFrame:
    """A deal of more money than there is."""
    return frame_of("deal", valid("deal")).with_columns(amount=pl.lit("12345678901234567890"))


def owned(desk: Desk, entity: str, person: str, **values: Any) -> str:
    """A record of somebody."""
    return desk.make(entity, owner_id=desk.people[person], **values)


def behind_a_good_one(desk: Desk, who: str, change: Change) -> object:
    """Write a good change and a bad one together."""
    return desk.submit(who, good(), change)


ATTEMPTS: dict[str, tuple[Attempt, Attempt]] = {
    "an invalid value": (
        lambda _: None,
        lambda desk: behind_a_good_one(
            desk, "operator", Change("task", "create", frame_of("task", valid("task", title=" ")))
        ),
    ),
    "a reference to nothing": (
        lambda _: None,
        lambda desk: behind_a_good_one(
            desk, "operator", Change("contact", "create", frame_of("contact", valid("contact", customer_id=new_id())))
        ),
    ),
    "a value that is taken": (
        lambda desk: desk.make("customer", credit_code="TAKEN"),
        lambda desk: behind_a_good_one(
            desk, "operator", Change("customer", "create", frame_of("customer", valid("customer", credit_code="TAKEN")))
        ),
    ),
    "a stale version": (
        lambda desk: desk.do("operator", "customer", "update", desk.make("customer", id="stale"), name="New"),
        lambda desk: behind_a_good_one(
            desk,
            "operator",
            Change("customer", "update", frame_of("customer", {"id": "stale", "version": 1, "name": "x"})),
        ),
    ),
    "an illegal step": (
        lambda desk: desk.step("operator", "deal", "win", owned(desk, "deal", "rep", id="won")),
        lambda desk: desk.step("operator", "deal", "win", "won"),
    ),
    "a moment in the future": (lambda _: None, lambda desk: desk.make("customer", effective_at=moment_ago(days=-1))),
    "a record of another team": (
        lambda desk: owned(desk, "deal", "stranger", id="theirs"),
        lambda desk: desk.do("rep", "deal", "update", "theirs", name="Mine"),
    ),
    "a record for another person": (
        lambda _: None,
        lambda desk: desk.make("deal", who="rep", owner_id=desk.people["stranger"]),
    ),
    "an assignment by a rep": (
        lambda desk: owned(desk, "deal", "rep", id="own"),
        lambda desk: desk.do("rep", "deal", "update", "own", owner_id=desk.people["colleague"]),
    ),
    "a role without the right": (lambda _: None, lambda desk: desk.make("deal", who="leader")),
    "shares that are not whole": (
        lambda desk: desk.make("deal_credit", deal_id=owned(desk, "deal", "rep", id="shared"), share=Decimal("0.4")),
        lambda desk: desk.step("rep", "deal", "win", "shared"),
    ),
    "a currency without rate": (
        lambda _: None,
        lambda desk: desk.make("deal", currency="XAF", amount=Decimal(5)),
    ),
    "a number that does not fit": (
        lambda _: None,
        lambda desk: desk.submit("operator", Change("deal", "create", too_much())),
    ),
    "approving one's own contract": (
        lambda desk: desk.step("operator", "contract", "submit", owned(desk, "contract", "manager", id="paper")),
        lambda desk: desk.step("manager", "contract", "approve", "paper"),
    ),
    "roles for oneself": (
        lambda _: None,
        lambda desk: desk.do("admin", "person", "update", desk.people["admin"], roles=["admin", "manager"]),
    ),
    "the last administrator disabled": (
        lambda _: None,
        lambda desk: desk.do("operator", "person", "update", desk.people["admin"], active=False),
    ),
}


TOLD = ("a value that is taken",)
"""Refusals that tell that there is something out of reach, and are audited for it."""


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_leaves_every_table_as_it_was(shared_desk: Desk, name: str) -> None:
    prepare, attempt = ATTEMPTS[name]
    prepare(shared_desk)
    before, revision = fingerprints(shared_desk.store), shared_desk.store.revision
    with pytest.raises(SalesDeskError):
        attempt(shared_desk)
    changed = {table for table, found in fingerprints(shared_desk.store).items() if found != before[table]}
    assert changed == ({"audit_entries"} if name in TOLD else set())
    assert shared_desk.store.revision == revision


def test_an_unforeseen_failure_leaves_every_table_as_it_was(shared_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprints(shared_desk.store)

    def fail(*_: object) -> None:
        """The disk is full, just before the commit."""
        raise OSError

    monkeypatch.setattr("dashboard.store.audit.insert_rows", fail)
    with pytest.raises(OSError):  # noqa: PT011  (it has no message)
        shared_desk.submit("operator", good())
    assert fingerprints(shared_desk.store) == before


def test_what_was_refused_may_be_written_the_right_way_afterwards(shared_desk: Desk) -> None:
    """The personal details of a refused record must be readable when it comes again with the same id."""
    row = {"id": new_id(), **valid("customer", phone="13812345678")}
    create = Change("customer", "create", frame_of("customer", row))
    update = Change("customer", "update", frame_of("customer", {"id": row["id"], "phone": "13887654321"}))
    bad = Change("task", "create", frame_of("task", valid("task", title=" ")))
    with pytest.raises(SalesDeskError):
        shared_desk.submit("operator", create, update, bad)
    shared_desk.submit("operator", create)
    shared_desk.store.subjects.cache.clear()
    assert shared_desk.row("customer", str(row["id"]))["phone"] == "13812345678"
