"""Contracts that wait for somebody's decision: their own turn, and that of people for whom they stand in now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dashboard.actions.derive.approvals import OPEN
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, system
from dashboard.domain.approvals import is_decider
from dashboard.domain.changes import Change
from dashboard.domain.queries import Condition, Operator, any_of
from dashboard.store import Store

MOST = 100
FIELDS = ("name", "customer_id", "owner_id", "amount", "currency", "discount", "payment_terms_days", "step")


def waiting_for(store: Store, actor: Actor, today: date) -> list[dict[str, Any]]:
    """The contracts, the longest waiting first: id, number, `since`, the rules of the decision, and FIELDS."""
    if not actor.grants("contract", Action.APPROVE) or not actor.grants("approval_run", Action.READ):
        return []
    me = actor.person_id
    mine = any_of(Condition("person_id", Operator.EQ, me), Condition("deputy_id", Operator.EQ, me))
    asked = [Condition("entity", Operator.EQ, "contract"), Condition("status", Operator.EQ, "pending"), mine]
    runs = store.find(actor, "approval_run", asked, limit=MOST).to_dicts()
    away = absent(store, {run["person_id"] for run in runs if run["person_id"] != me}, today)
    by_record = {run["record_id"]: run for run in runs if run["person_id"] == me or run["person_id"] in away}
    if not by_record:
        return []
    where = [Condition("id", Operator.IN, list(by_record)), Condition("step", Operator.EQ, "in_review")]
    found = store.find(actor, "contract", where, fields=FIELDS, action=Action.APPROVE).to_dicts()
    rows = [
        row | {"since": by_record[row["id"]]["updated_at"], "details": by_record[row["id"]]["details"]} for row in found
    ]
    return sorted(rows, key=lambda row: row["since"])


def absent(store: Store, people: set[str], today: date) -> set[str]:
    """Which of these people are away or decide no more; the decision itself is judged again where it is written."""
    if not people:
        return set()
    rows, staff = store.reference("absence").to_dicts(), store.reference("person").to_dicts()
    away = {row["person_id"] for row in rows if row["starts_on"] <= today <= row["ends_on"]}
    able = {row["id"] for row in staff if is_decider(row["roles"], active=bool(row["active"]))}
    return {one for one in people if one in away or one not in able}


def renew_deputies(store: Store, _today: date, _moment: datetime) -> int:
    """Who stands in for the people whom open decisions name follows from the day; returns how many that changes."""
    asked = [Condition("entity", Operator.EQ, "contract"), Condition("status", Operator.IN, list(OPEN))]
    with store.engine.lock:  # nobody writes between the look and the write
        runs = store.find(system(), "approval_run", asked, fields=["person_id"])
        where = [Condition("id", Operator.IN, runs["person_id"].unique().to_list())]
        people = store.find(system(), "person", where, fields=[]).select("id", "version")
        if people.is_empty():
            return 0
        applied = submit(store, system(), [Change("person", "update", people)], why="machine.deputies")
    return applied.counts.get(("approval_run", "update"), 0)
