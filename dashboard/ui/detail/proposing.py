"""What comes after a win: the contract, proposed on the deal's page until there is one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.queries import Condition, Operator
from dashboard.settings import ROOT
from dashboard.ui import rooms
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import Room
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit

CARRIED = ("customer_id", "contact_id")
"""What a contract takes over from its deal in its form."""


def show(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """A way to the form of a contract, for a won deal without one and whoever drafts contracts."""
    entry = ways.entry_of(visit, "contracts")
    wanted = room.entity == "deal" and record.get("stage_type") == "won" and record["archived_at"] is None
    may = visit.actor.viewer is None and visit.actor.grants("contract", Action.CREATE)
    if entry is None or not wanted or not may:
        return
    if visit.desk.store.count(visit.actor, "contract", [Condition("deal_id", Operator.EQ, record["id"])]):
        return
    said = {rooms.NEW: rooms.WHOLE, "deal_id": record["id"]}
    said |= {name: str(record[name]) for name in CARRIED if record.get(name)}
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{room.name}_proposal"):
        st.markdown(f":material/contract: {plain(visit.text('deal_won.no_contract'))}", width="stretch")
        if st.button(visit.text("deal_won.draft"), type="primary", icon=entry.icon, key=f"{room.name}_draft"):
            st.switch_page(ROOT / entry.file, query_params=said)
