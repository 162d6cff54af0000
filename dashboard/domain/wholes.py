"""What records are added to: a line to its order, a contact to its customer, a file to what it is about."""

from __future__ import annotations

WHOLES: dict[str, tuple[str, ...]] = {
    "contact": ("customer_id",),
    "consent": ("contact_id", "lead_id", "customer_id"),
    "interaction": ("deal_id", "lead_id", "customer_id"),
    "task": ("deal_id", "lead_id", "customer_id"),
    "attachment": ("record_id",),
    "deal": ("customer_id",),
    **dict.fromkeys(("deal_product", "deal_credit", "deal_participant"), ("deal_id",)),
    "contract": ("deal_id", "customer_id"),
    **dict.fromkeys(("contract_clause", "obligation", "payment_plan"), ("contract_id",)),
    "order": ("contract_id", "deal_id", "customer_id"),
    **dict.fromkeys(("order_line", "return", "shipment"), ("order_id",)),
    "shipment_line": ("shipment_id",),
    "payment": ("order_id", "contract_id", "customer_id"),
}
"""By entity: the fields that may name what a record is added to. The first that is filled in counts: an order of a
contract is added to the contract, whatever became of the deal."""

GOING_ON = frozenset({"deal", "contract", "order", "task", "consent"})
"""What goes on when that to which it was added is archived: it has a life of its own, and a consent may be withdrawn at
any time. Everything else stays as it is until the whole is put back."""
