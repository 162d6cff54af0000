"""The room of the leads: what its list shows."""

from __future__ import annotations

from dashboard.domain.queries import Sort
from dashboard.ui.lists.address import EVERY
from dashboard.ui.rooms import Room

ROOM = Room(
    page="leads",
    entity="lead",
    columns=(
        "number",
        "company",
        "person_name",
        "phone",
        "status",
        "source_id",
        "level",
        "owner_id",
        "next_step",
        "next_step_on",
    ),
    filters=(
        "owner_id",
        "source_id",
        "industry_id",
        "region_id",
        "level",
        "need_tags",
        "timing",
        "created_on",
        "next_step_on",
    ),
    sort=Sort("created_on", descending=True),
    tab="status",
    first_tab=EVERY,
    bulk=(("owner_id",), ("level",), ("next_step", "next_step_on"), ("industry_id",), ("region_id",), ("source_id",)),
)
