"""The one way in: hand changes to the store with everything that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from dashboard.actions.derive import (
    access_rules,
    approvals,
    attachments,
    contracts,
    conversions,
    deals,
    imports,
    lines,
    listed,
    order_parts,
    orders,
    payments,
    people,
    pool_rules,
    pool_runs,
    saved_views,
    stages,
    web_forms,
)
from dashboard.actions.derive import credits as credit_rows
from dashboard.domain.access import Actor, system
from dashboard.domain.changes import Applied, Change, ChangeSet
from dashboard.store import Derivation, KeyRing, Store, open_store

DERIVATIONS: dict[str, Derivation] = {
    "web_form": web_forms.DERIVATION,
    "lead": conversions.DERIVATION,
    "customer": pool_runs.CUSTOMER,
    "attachment": attachments.DERIVATION,
    "stage": stages.DERIVATION,
    "list_value": listed.DERIVATION,
    "deal_product": lines.DERIVATION,
    "deal": deals.DERIVATION,  # its gates look at amounts that follow from lines
    "deal_credit": credit_rows.DERIVATION,
    "order_line": order_parts.ORDER_LINE,
    "shipment": order_parts.SHIPMENT,
    "shipment_line": order_parts.SHIPMENT_LINE,
    "return": order_parts.RETURN,
    "payment": payments.DERIVATION,
    "order": orders.DERIVATION,
    "obligation": payments.OBLIGATION,
    "payment_plan": payments.PAYMENT_PLAN,
    "contract": contracts.DERIVATION,
    "contract_clause": contracts.CLAUSE,
    "absence": approvals.ABSENCE,
    "person": people.DERIVATION,
    "import_batch": imports.DERIVATION,
    "access_rule": access_rules.DERIVATION,
    "saved_view": saved_views.DERIVATION,
    "pool_rule": pool_rules.DERIVATION,
}
"""What follows from a change, by entity; what hangs together is settled in this order: orders before contracts."""


def submit(
    store: Store,
    actor: Actor,
    changes: Sequence[Change],
    why: str | None = None,
    effective_at: datetime | None = None,
    details: dict[str, object] | None = None,
    *,
    takes_back: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Applied:
    """Write changes as one change-set, all or nothing. progress: told how many rows were written just now.

    Raises Invalid, NotFound, Forbidden, Refused or Stale, and then nothing was written.
    """
    change_set = ChangeSet(actor, tuple(changes), why, effective_at, details or {}, takes_back)
    return store.apply(change_set, progress=progress)


def open_desk_store(path: Path, ring: KeyRing, allowed: Sequence[Path] = ()) -> Store:
    """The store with the department's derivations; what a migration taught it to derive is derived for every record."""
    store = open_store(path, ring, DERIVATIONS, allowed)
    for name in store.migrated:
        for entity in TAUGHT.get(name, ()):
            settle_all(store, entity)
    return store


TAUGHT = {"fulfilment": ("order", "contract")}
"""Entities whose states are derived since a migration."""


def settle_all(store: Store, entity: str) -> None:
    """Settle every record of an entity anew."""
    rows = store.find(system(), entity, fields=[]).select("id", "version")
    if rows.height:
        submit(store, system(), [Change(entity, "update", rows)], why="machine.derived_anew")
