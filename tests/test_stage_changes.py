"""An administrator renames, reorders and retires stages: what was counted before stays what it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dashboard import jobs
from dashboard.domain.access import operator
from etl.metrics import Answer, Question
from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import company_today

TODAY = company_today()
PAST = TODAY - dt.timedelta(days=2)
"""A day before the stages were changed."""
METRICS = ("funnel", "stage_entered", "step_conversion", "step_conversion_flow")


def moved(desk: Desk) -> None:
    """Four deals: one stays, one is in qualification, one in proposal, one won from proposal."""
    stages = {row["code"]: row["id"] for row in desk.store.reference("stage").to_dicts()}
    for steps, won in (
        ((), False),
        (("qualification",), False),
        (("qualification", "proposal"), False),
        (("proposal",), True),
    ):
        created = {"created_on": TODAY - dt.timedelta(days=20), "effective_at": moment_ago(days=20)}
        deal = desk.make("deal", owner_id=desk.people["rep"], amount=100, **created)
        for place, code in enumerate(steps):
            at = moment_ago(days=15 - place)
            desk.do("operator", "deal", "advance", deal, stage_id=stages[code], effective_at=at)
        if won:
            desk.do(
                "operator", "deal", "win", deal, effective_at=moment_ago(days=4), closed_on=TODAY - dt.timedelta(days=4)
            )


def asked(numbers: jobs.Desk, metric: str, **more: Any) -> list[dict[str, Any]]:
    """The answer over the month that led here."""
    question = Question(metric, by=("stage",), since=TODAY - dt.timedelta(days=30), until=TODAY, today=TODAY, **more)
    answer: Answer = numbers.measure(operator(), question)
    return answer.frame.to_dicts()


def test_renamed_reordered_and_retired_stages_leave_history_as_it_was(desk: Desk) -> None:
    moved(desk)
    numbers = jobs.Desk(desk.store)
    numbers.refresh("start")
    before = {metric: asked(numbers, metric, as_of=PAST) for metric in METRICS}
    entered = {
        metric: asked(numbers, metric) for metric in ("stage_entered", "step_conversion", "step_conversion_flow")
    }
    log = desk.store.facts("deal", ["stage_id", "stage_type", "stage_rank", "stage_since"]).to_dicts()
    changes = {
        "prospecting": {"label_zh": "改名", "label_en": "Renamed"},
        "qualification": {"rank": 3, "probability": 0.9},
        "proposal": {"rank": 2, "required_fields": ["contact_id"], "may_go_back": False},
        "negotiation": {"active": False},
    }
    for code, values in changes.items():
        desk.do("admin", "stage", "update", str(desk.one("stage", code=code)["id"]), **values)
    numbers.refresh("write")
    assert {metric: asked(numbers, metric, as_of=PAST) for metric in METRICS} == before, "a past day"
    for metric, rows in entered.items():  # today: entries keep the type and rank that they had
        now = {row["stage"]: row for row in asked(numbers, metric)}
        assert [now.get(row["stage"]) for row in rows if row["n"]] == [row for row in rows if row["n"]], metric
    reached = [row["value"] for row in asked(numbers, "funnel")]
    assert reached == [
        row["value"] for row in before["funnel"] if row["stage"] != str(desk.one("stage", code="negotiation")["id"])
    ]
    assert desk.store.facts("deal", ["stage_id", "stage_type", "stage_rank", "stage_since"]).to_dicts() == log
    assert desk.store.check() == []
