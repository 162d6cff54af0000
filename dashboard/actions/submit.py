"""The one way in: hand changes to the store with everything that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dashboard.actions.derive import (
    access_rules,
    attachments,
    conversions,
    deals,
    imports,
    lines,
    money,
    people,
    pool_rules,
    saved_views,
    shipments,
)
from dashboard.actions.derive import credits as credit_rows
from dashboard.domain.access import Actor
from dashboard.domain.changes import Applied, Change, ChangeSet
from dashboard.store import Derivation, KeyRing, Store, open_store

DERIVATIONS: dict[str, Derivation] = {
    "lead": conversions.DERIVATION,
    "attachment": attachments.DERIVATION,
    "deal": deals.DERIVATION,
    "deal_product": lines.DERIVATION,
    "deal_credit": credit_rows.DERIVATION,
    "order": money.ORDER,
    "contract": money.CONTRACT,
    "order_line": shipments.ORDER_LINE,
    "shipment": shipments.SHIPMENT,
    "shipment_line": shipments.DERIVATION,
    "payment": money.PAYMENT,
    "person": people.DERIVATION,
    "import_batch": imports.DERIVATION,
    "access_rule": access_rules.DERIVATION,
    "saved_view": saved_views.DERIVATION,
    "pool_rule": pool_rules.DERIVATION,
}
"""What follows from a change, by entity."""


def submit(
    store: Store,
    actor: Actor,
    changes: Sequence[Change],
    why: str | None = None,
    effective_at: datetime | None = None,
    details: dict[str, object] | None = None,
    *,
    takes_back: bool = False,
) -> Applied:
    """Write changes as one change-set, all or nothing.

    Raises Invalid, NotFound, Forbidden, Refused or Stale, and then nothing was written.
    """
    return store.apply(ChangeSet(actor, tuple(changes), why, effective_at, details or {}, takes_back))


def open_desk_store(path: Path, ring: KeyRing, allowed: Sequence[Path] = ()) -> Store:
    """The store with the department's derivations."""
    return open_store(path, ring, DERIVATIONS, allowed)
