"""What a contract says, for whoever may read it: a draft as it would be saved now, others as they were submitted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.actions.derive.papers import wordings_of
from dashboard.domain.access import Action, Actor
from dashboard.domain.differences import Difference, differences
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.domain.wordings import hash_of
from dashboard.errors import Forbidden, NotFound
from dashboard.store import Store, Transaction

NEEDED = "body"
"""Whoever may not read this of a contract reads none of its wording."""


@dataclass(frozen=True)
class Paper:
    """A wording of a contract. edition: None for a draft that says something else than its last saved wording."""

    contract: Mapping[str, Any]
    wording: dict[str, Any]
    sha256: str
    edition: int | None
    is_last: bool


def paper_of(store: Store, actor: Actor, contract_id: str, edition: int | None = None) -> Paper:
    """What a contract says now, or said in an edition. Raises NotFound, Forbidden."""
    contract = readable(store, actor, contract_id)
    saved = editions(store, actor, contract_id)
    last = saved[0] if saved else None
    if edition is not None:
        found = next((one for one in saved if one["edition"] == edition), None)
        if found is None:
            raise NotFound("record.not_found", entity="contract_version")
        return kept(contract, found, is_last=found is last)
    if contract["step"] != "draft" and last is not None:
        return kept(contract, last, is_last=True)
    said = as_of_now(store, actor, contract_id)
    sha256 = hash_of(said)
    number = last["edition"] if last is not None and last["sha256"] == sha256 else None
    return Paper(contract, said, sha256, number, is_last=True)


def readable(store: Store, actor: Actor, contract_id: str) -> dict[str, Any]:
    """The contract, for somebody who may read its wording. Raises NotFound, Forbidden."""
    contract = store.get(actor, "contract", contract_id)
    if NEEDED not in contract:
        raise Forbidden("access.forbidden", entity="contract_version", action=str(Action.READ))
    return contract


def kept(contract: Mapping[str, Any], row: Mapping[str, Any], *, is_last: bool) -> Paper:
    """A saved wording."""
    return Paper(contract, json.loads(row["wording"]), row["sha256"], row["edition"], is_last)


def editions(store: Store, actor: Actor, contract_id: str) -> list[dict[str, Any]]:
    """The saved wordings that the person may read, the latest first."""
    where = [Condition("contract_id", Operator.EQ, contract_id)]
    return store.find(actor, "contract_version", where, sort=[Sort("edition", descending=True)]).to_dicts()


def compared(store: Store, actor: Actor, contract_id: str, before: int, after: int | None = None) -> list[Difference]:
    """How a wording differs from an earlier one, section by section. Raises NotFound, Forbidden."""
    old, new = (paper_of(store, actor, contract_id, edition) for edition in (before, after))
    return differences(old.wording, new.wording)


def as_of_now(store: Store, actor: Actor, contract_id: str) -> dict[str, Any]:
    """What a draft would say if it were saved now."""
    with store.reading() as cursor:
        looking = Transaction(
            cursor=cursor,
            actor=actor,
            revision=store.revision,
            moment=datetime.now(UTC).replace(tzinfo=None),
            zone=ZoneInfo(store.company.zone),
            currency=store.company.currency,
            effective_at=None,
            why=None,
            counts={},
            entries=[],
            details={},
        )
        found = wordings_of(looking, pl.Series([contract_id], dtype=pl.String))
    return found[contract_id]
