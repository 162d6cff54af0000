"""The room of the customers: what its list shows."""

from __future__ import annotations

from dashboard.domain.queries import Sort
from dashboard.ui.rooms import Room

ROOM = Room(
    page="customers",
    entity="customer",
    columns=("number", "name", "level", "industry_id", "region_id", "owner_id", "next_step", "next_step_on"),
    filters=("owner_id", "level", "industry_id", "region_id", "source_id", "need_tags", "next_step_on"),
    sort=Sort("name"),
    bulk=(("owner_id",), ("level",), ("industry_id",), ("region_id",), ("next_step", "next_step_on")),
)
