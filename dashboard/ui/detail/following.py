"""How far a record is delivered, paid or fulfilled follows from others: nobody edits it, and that is how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.domain.access import Action
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fulfilment import CAUSES, FOLLOWING
from dashboard.domain.labels import entity_label, field_label, inside_a_sentence
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import show
from dashboard.store.revisions import written_then
from dashboard.ui.detail.values import Record, written
from dashboard.ui.visit import Visit

UPDATE = "update"
Causes = Mapping[int, list[str]]


def follows(entity: Entity, row: Mapping[str, Any]) -> bool:
    """Whether a change only says what followed from other records."""
    changed = set(row["changed"])
    return row["verb"] == UPDATE and bool(changed) and changed <= FOLLOWING.get(entity.name, frozenset())


def causes(visit: Visit, entity: Entity, record: Record, past: pl.DataFrame) -> Causes:
    """Revision → the records that were written with it and that the person may read, like "shipment S-2026-00001"."""
    revisions = [row["revision"] for row in past.to_dicts() if follows(entity, row)]
    found: dict[int, list[str]] = {}
    for name, key in CAUSES.get(entity.name, {}).items() if revisions else ():
        if key in entity_of(name).by_name and visit.actor.grants(name, Action.READ):
            here = [Condition(key, Operator.EQ, record["id"])]
            label = inside_a_sentence(entity_label(name, visit.language))
            for revision, title in written_then(visit.desk.store, visit.actor, name, here, revisions):
                found.setdefault(revision, []).append(f"{label} {title}")
    return found


def told(visit: Visit, entity: Entity, row: Mapping[str, Any], because: Causes) -> str:
    """What became of the record, and by what, in words."""
    became = [
        visit.text(
            "detail.became",
            field=field_label(entity.name, name, visit.language),
            value=inside_a_sentence(written(visit, entity, name, row[name], row)),
        )
        for name in row["changed"]
    ]
    by = because.get(row["revision"])
    return visit.text("detail.became_by", became=became, causes=by) if by else show(became, visit.language)
