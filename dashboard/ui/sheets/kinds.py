"""The kinds of parts: what is shown of each, what a row asks, and what the rows must come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.domain.access import Action
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.lines import equal_shares, line_amount
from dashboard.domain.orders import reason_needed
from dashboard.domain.queries import Condition, Operator
from dashboard.ui.visit import Visit

Typed = Mapping[str, Any]
"""The values of a row as they are understood: numbers as Decimal; what is not understood is missing."""


@dataclass(frozen=True)
class Part:
    """One kind of part.

    entity: of its rows; shown: the columns of its table; asked: what a row of the sheet asks, in order, nothing where
    there is no sheet; total: the field whose sum stands below the rows; whole: what that sum must be; amount: what
    `total` of a row comes to where it follows from the others; fills: values that a chosen one brings with it, by the
    field that is chosen; first: the rows that are proposed when there are none; split: values for `total` that share
    `whole` out evenly; switch: a choice of the parent that is set above the rows; right: what a person must be allowed
    to do with the parent; states: those of the parent in which its parts may change, none for every state; ordered:
    rows can be moved; reason: whether the parent's parts change only with a reason.
    """

    entity: str
    shown: tuple[str, ...]
    asked: tuple[str, ...] = ()
    total: str | None = None
    whole: Decimal | None = None
    amount: Callable[[Typed], Decimal | None] | None = None
    fills: Mapping[str, Callable[[Visit, Typed, str], Typed]] | None = None
    first: Callable[[Visit, Typed], list[dict[str, Any]]] | None = None
    split: Callable[[int], list[Decimal]] | None = None
    switch: str | None = None
    right: Action = Action.UPDATE
    states: tuple[str, ...] = ()
    ordered: bool = False
    reason: Callable[[Typed], bool] | None = None

    @property
    def declared(self) -> Entity:
        """The declaration of its rows."""
        return entity_of(self.entity)


def price_of_product(visit: Visit, record: Typed, product_id: str) -> Typed:
    """The list price, where the product has one in the record's currency."""
    found = visit.desk.store.find(visit.actor, "product", [Condition("id", Operator.EQ, product_id)])
    if found.is_empty() or "list_price" not in found.columns:
        return {}
    row = found.row(0, named=True)
    own = record.get("currency") or visit.currency
    return {"price": row["list_price"]} if (row["currency"] or visit.currency) == own and row["list_price"] else {}


def text_of_clause(visit: Visit, _record: Typed, clause_id: str) -> Typed:
    """Title and body of a clause of the library, to be changed at will."""
    found = visit.desk.store.find(visit.actor, "clause", [Condition("id", Operator.EQ, clause_id)])
    return found.select("title", "body").row(0, named=True) if found.height else {}


def amount_of_line(row: Typed) -> Decimal | None:
    """Quantity × price less discount."""
    return line_amount(row.get("quantity"), row.get("price"), row.get("discount"))


def owner_alone(_visit: Visit, record: Typed) -> list[dict[str, Any]]:
    """The whole credit for the owner."""
    return [{"person_id": record["owner_id"], "share": Decimal(1)}] if record.get("owner_id") else []


UNSIGNED = ("draft", "in_review", "approved", "sent")
"""The steps before the signature."""
PARTS: dict[str, tuple[Part, ...]] = {
    "deal": (
        Part(
            entity="deal_product",
            shown=("product_id", "quantity", "price", "discount", "amount"),
            asked=("product_id", "quantity", "price", "discount"),
            total="amount",
            amount=amount_of_line,
            fills={"product_id": price_of_product},
            switch="amount_from",
            states=("open", "won"),
            ordered=True,
        ),
        Part(
            entity="deal_credit",
            shown=("person_id", "share", "amount"),
            asked=("person_id", "share"),
            total="share",
            whole=Decimal(1),
            first=owner_alone,
            split=equal_shares,
        ),
        Part(entity="deal_participant", shown=("person_id", "part"), asked=("person_id", "part")),
    ),
    "contract": (
        Part(
            entity="contract_clause",
            shown=("title",),
            asked=("clause_id", "title", "body"),
            fills={"clause_id": text_of_clause},
            states=("draft",),
            ordered=True,
        ),
        Part(
            entity="obligation",
            shown=("name", "party", "owner_id", "due_on", "done_on"),
            asked=("name", "party", "owner_id", "due_on"),
            states=(*UNSIGNED, "signed"),
        ),
        Part(
            entity="payment_plan",
            shown=("label", "due_on", "amount", "paid", "state"),
            asked=("label", "due_on", "amount"),
            total="amount",
            states=UNSIGNED,
            ordered=True,
        ),
    ),
    "order": (
        Part(
            entity="order_line",
            shown=("product_id", "quantity", "price", "discount", "amount"),
            asked=("product_id", "quantity", "price", "discount"),
            total="amount",
            amount=amount_of_line,
            fills={"product_id": price_of_product},
            states=("draft", "confirmed"),
            ordered=True,
            reason=reason_needed,
        ),
        Part(entity="shipment", shown=("shipped_on", "delivered_on", "carrier", "tracking_number", "promised_on")),
        Part(entity="return", shown=("returned_on", "quantity", "amount", "reason_id", "remark")),
        Part(entity="payment", shown=("paid_on", "amount", "method", "remark")),
    ),
}
"""The parts of an entity, in the order of its page."""


def kind_of(parent: str, part: str) -> Part | None:
    """The kind of this name, or None."""
    return next((kind for kind in PARTS.get(parent, ()) if kind.entity == part), None)
