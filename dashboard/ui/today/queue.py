"""The queue: what waits, in groups, the most pressing first; one row a thing, opened with one tap."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

import streamlit as st

from dashboard.actions.agenda import Group, Item, Part, agenda
from dashboard.actions.agenda_export import export_agenda
from dashboard.actions.agenda_words import beside, why
from dashboard.actions.exports import files_of
from dashboard.domain.access import Action, Actor
from dashboard.domain.follow_ups import FOLLOWED
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import compact_money
from dashboard.ui import deferred
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import NEW
from dashboard.ui.today import clicks, quick, ways
from dashboard.ui.visit import Visit

FIRST, MORE = 8, 20
"""How many rows of a group are shown, and how many more at each wish."""

ICONS = {
    Group.OVERDUE: ":material/alarm:",
    Group.TODAY: ":material/today:",
    Group.NO_STEP: ":material/help:",
    Group.STALE: ":material/hourglass_bottom:",
    Group.ENDING: ":material/event_busy:",
    Group.LAPSING: ":material/hourglass_disabled:",
    Group.REORDER: ":material/shopping_cart:",
}
COLOURS = {Group.OVERDUE: "red", Group.NO_STEP: "orange", Group.STALE: "orange"}
LINE: dict[str, Any] = {"horizontal": True, "vertical_alignment": "center"}
STACKED: dict[str, Any] = {}
SLUGS = {
    "deal": "deals",
    "lead": "leads",
    "customer": "customers",
    "contract": "contracts",
    "order": "orders",
    "payment_plan": "contracts",
    "obligation": "contracts",
}
"""Where what is not updated in its row, or belongs to something else, is at home."""
KINDS = {
    "deal": ":material/handshake:",
    "task": ":material/task_alt:",
    "contract": ":material/contract:",
    "customer": ":material/apartment:",
    "lead": ":material/person_search:",
    "order": ":material/local_shipping:",
    "obligation": ":material/checklist:",
    "payment_plan": ":material/payments:",
}


def show(visit: Visit, person: str) -> None:
    """The groups that hold anything, or a sentence and a way on."""
    shown = {group: st.session_state.get(slot_of(group, person), FIRST) for group in Group}
    parts, customers, stages = visit.once(("queue", person, shown), lambda: waiting(visit, person, shown))
    if not parts:
        empty(visit, person)
        return
    for part in parts:
        group(visit, part, person, customers, stages)
    downloads(visit, person)


def waiting(
    visit: Visit, person: str, shown: Mapping[Group, int]
) -> tuple[tuple[Part, ...], dict[str, str], dict[str, str]]:
    """The groups, and what the customers and stages in them are called."""
    parts = agenda(visit.desk.store, visit.actor, person, visit.today, shown)
    items = [item for part in parts for item in part.items]
    customers = visit.names("customer", [item.customer_id for item in items if item.customer_id])
    stages = visit.names("stage", [item.stage_id for item in items if item.stage_id])
    return parts, customers, stages


def slot_of(group: Group, person: str) -> str:
    """Where the page remembers how many rows of a group are wanted."""
    return f"today_shown_{group}_{person}"


def group(visit: Visit, part: Part, person: str, customers: dict[str, str], stages: dict[str, str]) -> None:
    """One group with its count, its rows, and the wish for more."""
    title = visit.text(f"today.group.{part.group}")
    st.subheader(f"{ICONS[part.group]} {plain(title)} · {part.n}", anchor=False)
    for item in part.items:
        row(visit, part.group, item, customers, stages)
    left = part.n - len(part.items)
    if left > 0:
        st.button(
            visit.text("today.more", n=min(left, MORE)),
            key=f"today_more_{part.group}",
            type="tertiary",
            icon=":material/expand_more:",
            on_click=want_more,
            args=(slot_of(part.group, person), len(part.items) + MORE),
        )


def want_more(slot: str, rows: int) -> None:
    """Remember that more rows are wanted."""
    st.session_state[slot] = rows


def row(visit: Visit, group: Group, item: Item, customers: dict[str, str], stages: dict[str, str]) -> None:
    """Who, what, why it is here, the amount, and what can be done about it."""
    looks_only = visit.actor.viewer is not None
    updated = item.entity == "deal" and not looks_only
    opened = updated and quick.is_open(item)
    with st.container(
        border=True, gap="small", key=f"today_row_{item.entity}_{item.id}", **(STACKED if opened else LINE)
    ):
        with st.container(**LINE) if opened else nullcontext():
            with st.container(gap=None):  # a bare text would push the button below itself
                st.markdown(f"{title_of(item, customers)}  \n{reasons(visit, group, item, stages)}")
            if updated:
                quick.opener(visit, item)
            else:
                if item.entity in clicks.COMPLETED and not looks_only:
                    quick.completer(visit, item)
                if item.entity in SLUGS:
                    ways.to_record(visit, SLUGS[item.entity], item.contract_id or item.id, visit.text("today.open"))
            if item.entity in FOLLOWED and not looks_only and group in (Group.OVERDUE, Group.TODAY):
                quick.snoozer(visit, item)
        if opened:
            quick.form(visit, item)
            ways.to_record(visit, SLUGS["deal"], item.id, visit.text("today.quick.detail"))


def title_of(item: Item, customers: dict[str, str]) -> str:
    """The customer and the record."""
    name = plain(item.name)
    if item.entity == "customer":
        return f"{KINDS[item.entity]} **{name}**"
    customer = customers.get(item.customer_id or "")
    return f"{KINDS[item.entity]} **{plain(customer)}** · {name}" if customer else f"{KINDS[item.entity]} {name}"


def reasons(visit: Visit, group: Group, item: Item, stages: dict[str, str]) -> str:
    """The amount, why it is here: the pressing reason in its colour, then the rest."""
    today, language = visit.today, visit.language
    told = (why(group, item, today, language), beside(group, item, stages, today, language))
    first, *rest = [word for word in told if word]
    colour = COLOURS.get(group)
    lead = f":small[:{colour}[{plain(first)}]]" if colour else muted(first)
    amount = (
        [] if item.amount is None else [plain(compact_money(item.amount, visit.language, visit.currency)), muted("·")]
    )
    return " ".join([*amount, lead, *(muted(f"· {word}") for word in rest)])


def empty(visit: Visit, person: str) -> None:
    """Nothing waits, or there is nothing at all yet: a sentence and one way on."""
    owned = visit.desk.store.count(visit.actor, "deal", [Condition("owner_id", Operator.EQ, person)])
    with st.container(border=True, key="today_empty"):
        if owned:
            st.markdown(visit.text("today.empty.nothing_due"))
            ways.button(visit, "deals", "today.empty.see_deals", "today_see_deals")
        else:
            st.markdown(visit.text("today.empty.first_day"))
            ways.button(visit, "deals", "today.empty.new_deal", "today_new_deal", {NEW: "1"})


def downloads(visit: Visit, person: str) -> None:
    """The whole queue as a file, for whoever may take deals out."""
    if not visit.actor.grants("deal", Action.EXPORT):
        return
    with st.container(horizontal=True, gap="small", key="today_export"):
        for ending in ("xlsx", "csv"):
            name = f"today-{visit.today.isoformat()}.{ending}"
            label = visit.text("common.export_as", kind=ending.upper())
            deferred.button(visit, label, name, partial(file_of, visit, person, name), f"today_export_{ending}")


def file_of(visit: Visit, person: str, name: str, actor: Actor) -> bytes:
    """The file, for whoever is there when it is asked for."""
    export = export_agenda(visit.desk.store, actor, person, visit.today, visit.language)
    return files_of(export, name)[name]
