"""The gates of the stages: what a deal must have before it enters one, and which gates a move passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any

import polars as pl

FIELDS = (
    "customer_id",
    "contact_id",
    "amount",
    "expected_close_on",
    "probability",
    "forecast_category",
    "need_tags",
    "source_id",
    "region_id",
    "competitor_id",
    "next_step",
    "next_step_on",
)
"""The fields of a deal that a stage may require."""

KINDS = ("call", "visit", "meeting", "demo")
"""Kinds of interactions that a stage may require."""
EVIDENCE = ("interaction", *KINDS, "products", "file", "contract", "signed_contract")
"""What must have happened, or be there, beside the fields."""

Stage = Mapping[str, Any]
Lookup = Callable[[str, str, pl.Series, tuple[str, ...]], pl.DataFrame]
"""Live rows of an entity whose key is among values, with columns."""

DEAL = "deal_id"
SOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "interaction": ("interaction", ("kind",)),
    **dict.fromkeys(KINDS, ("interaction", ("kind",))),
    "products": ("deal_product", ()),
    "file": ("attachment", ("sha256",)),
    "contract": ("contract", ("step",)),
    "signed_contract": ("contract", ("step",)),
}
"""Where each piece of evidence is found, and what is read of it."""
COUNTS: dict[str, pl.Expr] = {
    "file": pl.col("sha256").is_not_null(),
    **{kind: pl.col("kind") == kind for kind in KINDS},
    "contract": pl.col("step") != "terminated",
    "signed_contract": pl.col("step") == "signed",
}
"""Which rows count as evidence; of the others every one."""


def rank_of(stage: Stage) -> float:
    """How far a stage is on the way: won is the end of it, lost is none."""
    ends = {"won": inf, "lost": -inf}
    return ends.get(stage["type"], stage["rank"] if stage["rank"] is not None else -inf)


def passed(stages: Iterable[Stage], standing: Stage | None, target: Stage) -> list[Stage]:
    """The stages whose gates a move passes: the target's, and those of every stage in use that it skips.

    standing: where the deal is now, None when it comes from outside the way. Going back passes none.
    """
    here, there = -inf if standing is None else rank_of(standing), rank_of(target)
    if there < here:
        return []
    in_use = (one for one in stages if one["type"] == "open" and one["active"] is not False)
    between = [one for one in in_use if here < rank_of(one) < there]
    return [*sorted(between, key=rank_of), target]


def wanted(gates: Iterable[Stage]) -> tuple[list[str], list[str]]:
    """The fields and the evidence that gates require together."""
    fields = dict.fromkeys(name for gate in gates for name in gate["required_fields"] or ())
    evidence = dict.fromkeys(word for gate in gates for word in gate["required_evidence"] or ())
    return [name for name in fields if name in FIELDS], [word for word in evidence if word in EVIDENCE]


def is_empty(value: Any) -> bool:
    """Whether a field says nothing."""
    return value is None or value in ("", [], "[]")


def evidence_of(lookup: Lookup, deals: Sequence[str], words: Iterable[str]) -> dict[str, set[str]]:
    """For each word the deals that have such evidence."""
    ids = pl.Series("id", list(deals), dtype=pl.String)
    read: dict[str, pl.DataFrame] = {}
    found = {}
    for word in words:
        entity, columns = SOURCES[word]
        if entity not in read:
            read[entity] = lookup(entity, DEAL, ids, columns)
        rows = read[entity].filter(COUNTS[word]) if word in COUNTS else read[entity]
        found[word] = set(rows[DEAL])
    return found
