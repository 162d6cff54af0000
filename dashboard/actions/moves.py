"""Moving a deal to a stage: which verb that is, and what it still has to be told."""

from __future__ import annotations

from typing import Any

from dashboard.actions.records import take
from dashboard.domain.access import Actor
from dashboard.errors import NotFound, Refused
from dashboard.store import Store

VERBS = {("open", "open"): "advance", ("open", "won"): "win", ("open", "lost"): "lose"}
"""The verb that leads from one type of stage to another; out of a closed stage it is always `reopen`."""


def verb_to(store: Store, deal: dict[str, Any], stage_id: str) -> str:
    """The verb that takes a deal to a stage. Raises NotFound (stage.unknown), Refused (stage.same, stage.closed)."""
    stages = {row["id"]: row for row in store.reference("stage").to_dicts()}
    stage = stages.get(stage_id)
    if stage is None or stage["active"] is False:
        raise NotFound("stage.unknown")
    if deal["stage_id"] == stage_id:
        raise Refused("stage.same")
    if deal["stage_type"] == "open":
        return VERBS["open", stage["type"]]
    if stage["type"] != "open":
        raise Refused("stage.closed")
    return "reopen"


def advance(store: Store, actor: Actor, deal_id: str, version: int, stage_id: str) -> None:
    """Take an open deal to another open stage. Raises what `submit` raises."""
    take(store, actor, "deal", "advance", deal_id, version, {"stage_id": stage_id})
