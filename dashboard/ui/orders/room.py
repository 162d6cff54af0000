"""The room of the orders: what its list shows and can be narrowed by."""

from __future__ import annotations

from dashboard.domain.queries import Sort
from dashboard.ui.orders import panel
from dashboard.ui.rooms import Room

ROOM = Room(
    page="orders",
    entity="order",
    columns=(
        "number",
        "customer_id",
        "owner_id",
        "status",
        "delivery_state",
        "payment_state",
        "total_amount",
        "due",
        "ordered_on",
        "promised_on",
    ),
    filters=(
        "delivery_state",
        "payment_state",
        "owner_id",
        "channel",
        "region_id",
        "base_amount",
        "ordered_on",
        "promised_on",
    ),
    sort=Sort("ordered_on", descending=True),
    tab="status",
    first_tab="confirmed",
    through=("customer_id", "deal_id", "contract_id"),
    bulk=(("owner_id",), ("promised_on",)),
    panel=panel.show,
    alerts=("late",),
)
