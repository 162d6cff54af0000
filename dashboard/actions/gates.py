"""What a deal still lacks for a move, so that it can be shown and filled in before the move is tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from dashboard.domain import gates
from dashboard.domain.access import system
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import NotFound, Refused
from dashboard.store import Store

FROM = ("advance", "win")
"""The verbs that pass only what lies ahead of where the deal stands."""


class Missing(NamedTuple):
    """What one stage on the way requires and the deal does not have: fields, and evidence."""

    stage_id: str
    fields: list[str]
    evidence: list[str]


def missing(
    store: Store, deal: Mapping[str, Any], verb: str, stage_id: str | None, told: Iterable[str] = ()
) -> list[Missing]:
    """Stage by stage what is missing for a verb that leads to a stage; nothing when the way is free.

    told: kinds of interactions that are written together with the move.
    """
    stages = {row["id"]: with_lists(row) for row in store.reference("stage").to_dicts()}
    target = stages.get(stage_id or "")
    if target is None or target["type"] == "lost":
        return []
    standing = stages.get(str(deal.get("stage_id"))) if verb in FROM else None
    passed = gates.passed(stages.values(), standing, target)
    _, words = gates.wanted(passed)
    there = gates.evidence_of(lookup_in(store), [deal["id"]], words)
    spoken = {*told, *(("interaction",) if told else ())}
    found = []
    for stage in passed:
        fields, evidence = gates.wanted([stage])
        lacking = [name for name in fields if gates.is_empty(deal.get(name))]
        unseen = [word for word in evidence if word not in spoken and deal["id"] not in there[word]]
        if lacking or unseen:
            found.append(Missing(stage["id"], lacking, unseen))
    return found


def refusals(store: Store, deals: pl.DataFrame, stage_id: str) -> dict[str, Refused]:
    """Why deals cannot be taken to an open stage, by id; of the others nothing.

    deals: id, stage_id, stage_type and every field that a gate may ask. Raises NotFound (stage.unknown).
    """
    stages = {row["id"]: with_lists(row) for row in store.reference("stage").to_dicts()}
    target = stages.get(stage_id)
    if target is None or target["type"] != "open" or target["active"] is False:
        raise NotFound("stage.unknown")
    rows = deals.to_dicts()
    ways = {row["id"]: gates.passed(stages.values(), stages.get(row["stage_id"]), target) for row in rows}
    words = dict.fromkeys(word for way in ways.values() for word in gates.wanted(way)[1])
    there = gates.evidence_of(lookup_in(store), [row["id"] for row in rows], words)
    found: dict[str, Refused] = {}
    for row in rows:
        fields, evidence = gates.wanted(ways[row["id"]])
        lacking = [name for name in fields if gates.is_empty(row.get(name))]
        lacking += [word for word in evidence if row["id"] not in there[word]]
        here = stages.get(row["stage_id"])
        if row["stage_type"] != "open":
            found[row["id"]] = Refused("stage.closed")
        elif here and here["may_go_back"] is False and gates.rank_of(target) < gates.rank_of(here):
            found[row["id"]] = Refused("stage.no_way_back")
        elif lacking:
            found[row["id"]] = Refused("stage.gate", entity="deal", missing=lacking)
    return found


def with_lists(row: dict[str, Any]) -> dict[str, Any]:
    """A stage with its lists read; a reference row holds them as the store keeps them."""
    lists = ("required_fields", "required_evidence")
    return row | {name: json.loads(row[name]) if isinstance(row[name], str) else row[name] or [] for name in lists}


def lookup_in(store: Store) -> gates.Lookup:
    """Live rows, whoever may read them: the write path counts them all."""

    def lookup(entity: str, key: str, values: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        return store.find(system(), entity, [Condition(key, Operator.IN, values.to_list())], fields=[key, *columns])

    return lookup
