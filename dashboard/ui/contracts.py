"""The room of the contracts: what its list shows first and how it can be narrowed."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import orders
from dashboard.domain.queries import Sort
from dashboard.ui import execution, records
from dashboard.ui.lists.address import EVERY, Asked
from dashboard.ui.markdown import plain
from dashboard.ui.papers import deciding, wording
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

PARTS = {
    "obligation": ("contract_id", "name", "party", "owner_id", "due_on"),
    "payment_plan": ("contract_id", "label", "due_on", "amount", "paid", "state"),
}
"""What is listed of contracts' parts that are overdue; of money nothing for whoever may not see amounts."""


def headline(visit: Visit, room: Room, _asked: Asked) -> None:
    """A button for each kind of parts that are overdue: it lists them."""
    counts = visit.once(("overdue_parts",), lambda: counted(visit))
    if not any(counts.values()):
        return
    with st.container(horizontal=True, gap="small", key=f"{room.name}_late"):
        for entity, n in counts.items():
            told = visit.text("list.standing_n", word=title(visit, entity), n=n)
            if n:
                st.button(
                    f":red[{plain(told)}]",
                    icon=":material/alarm:",
                    key=f"{room.name}_late_{entity}",
                    on_click=records.ask_for,
                    args=(lambda then, entity=entity: overdue(then, entity), title(visit, entity)),
                )


def counted(visit: Visit) -> dict[str, int]:
    """How many parts of each kind are overdue."""
    late = {entity: listed for entity in PARTS for listed in overdue(visit, entity)}
    return {entity: visit.desk.store.count(visit.actor, entity, listed.where) for entity, listed in late.items()}


def title(visit: Visit, entity: str) -> str:
    """What the overdue ones are called."""
    return visit.text(f"execution.overdue.{entity}")


def overdue(visit: Visit, entity: str) -> list[records.Listed]:
    """The parts of an entity that are overdue, as far as the person may see what says so."""
    where = orders.overdue_parts(visit.desk.store, visit.actor, entity, visit.today)
    if where is None:
        return []
    return [records.Listed(entity, tuple(where), PARTS[entity], Sort("due_on"), title(visit, entity))]


ROOM = Room(
    page="contracts",
    entity="contract",
    columns=("number", "name", "customer_id", "owner_id", "step", "amount", "signed_on", "starts_on", "ends_on"),
    filters=("owner_id", "customer_id", "template_id", "base_amount", "valid_until", "signed_on", "ends_on"),
    sort=Sort("number", descending=True),
    tab="step",
    first_tab=EVERY,
    through=("customer_id",),
    bulk=(("owner_id",), ("valid_until",), ("renewal_notice_days",)),
    headline=headline,
    panel=execution.show,
    alerts=("lapsed", "expired"),
    beside=(deciding.show, wording.show),
)
