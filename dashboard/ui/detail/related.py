"""All around a record: what belongs to a customer, kind by kind, as far as the person may see it."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.labels import entity_label, inside_a_sentence, verb_label
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.domain.seeing import seen
from dashboard.sitemap import is_offered, page_of
from dashboard.store.rights import allowed
from dashboard.ui import rooms, tables
from dashboard.ui.detail import revealing
from dashboard.ui.detail.values import Record, names_in, written
from dashboard.ui.lists.table import LINK
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.tables import NUMBER, NUMBER_PIXELS
from dashboard.ui.visit import Visit

MOST = 50
TALLEST = 420  # pixels


class Kind(NamedTuple):
    """One kind of record around another: what is shown of it, and the order."""

    entity: str
    columns: tuple[str, ...]
    sort: Sort


CONTRACT = Kind(
    "contract",
    ("number", "name", "step", "base_amount", "signed_on", "ends_on"),
    Sort("number", descending=True),
)
ORDER = Kind(
    "order",
    ("number", "status", "delivery_state", "payment_state", "base_amount", "ordered_on", "promised_on"),
    Sort("ordered_on", descending=True),
)
TASK = Kind("task", ("number", "title", "status", "due_on", "assignee_id"), Sort("due_on", descending=True))

AROUND: dict[str, tuple[Kind, ...]] = {
    "deal": (
        CONTRACT,
        ORDER,
        TASK,
    ),
    "customer": (
        Kind("contact", ("name", "job_title", "influence", "phone", "email", "wechat", "remark"), Sort("name")),
        Kind(
            "deal",
            ("number", "name", "stage_id", "base_amount", "expected_close_on", "owner_id"),
            Sort("expected_close_on", descending=True),
        ),
        CONTRACT,
        ORDER,
        Kind(
            "interaction",
            ("happened_at", "kind", "summary", "outcome", "author_id"),
            Sort("happened_at", descending=True),
        ),
        TASK,
        Kind(
            "ticket",
            ("number", "subject", "kind", "priority", "status", "opened_at", "assignee_id"),
            Sort("opened_at", descending=True),
        ),
    ),
}
"""What stands around the records of an entity, by the field `<entity>_id`."""


def show(visit: Visit, room: Room, record: Record) -> None:
    """A tab for each kind that the person may read, with how many there are; only the open one is drawn."""
    entity = room.declared
    kinds = [kind for kind in AROUND.get(entity.name, ()) if visit.actor.grants(kind.entity, Action.READ)]
    if not kinds:
        return
    where = [Condition(f"{entity.name}_id", Operator.EQ, record["id"])]
    counts = [visit.desk.store.count(visit.actor, kind.entity, where) for kind in kinds]
    labels = [
        f"{entity_label(kind.entity, visit.language, many=True)} {count}"
        for kind, count in zip(kinds, counts, strict=True)
    ]
    tabs = st.tabs(labels, key=f"{entity.name}_around_{visit.language}", on_change="rerun")
    for tab, kind, count in zip(tabs, kinds, counts, strict=True):
        if not tab.open:
            continue
        with tab:
            if kind.entity == "contact":
                contacts(visit, kind, record, where)
            elif count:
                table(visit, kind, where)
            else:
                nothing(visit, kind.entity)


def nothing(visit: Visit, entity: str) -> None:
    """There is none yet."""
    many = inside_a_sentence(entity_label(entity, visit.language, many=True))
    st.markdown(muted(visit.text("around.none", records=many)))


def found(visit: Visit, kind: Kind, where: list[Condition]) -> pl.DataFrame:
    """The records, with the columns that the person sees."""
    visible = seen(visit.actor, entity_of(kind.entity))
    fields = [name for name in kind.columns if name in visible]
    rows = visit.desk.store.find(visit.actor, kind.entity, where, sort=[kind.sort], limit=MOST, fields=fields)
    return rows.select("id", *(name for name in kind.columns if name in rows.columns))


def table(visit: Visit, kind: Kind, where: list[Condition]) -> None:
    """The records in words, each with a link where they have a page."""
    rows = found(visit, kind, where)
    shown = tables.readable(visit, kind.entity, rows.drop("id"))
    config: dict[str, Any] = tables.configured(visit, kind.entity, shown.columns)
    page = page_of(kind.entity)
    if page is not None and is_offered(page, visit.actor):
        lead = NUMBER if NUMBER in shown.columns else LINK
        texts = shown[NUMBER] if lead == NUMBER else ["↗"] * shown.height
        links = [f"/{page.slug}?{rooms.ID}={record}#{text}" for record, text in zip(rows["id"], texts, strict=True)]
        shown = pl.DataFrame([pl.Series(lead, links, dtype=pl.String), *shown.drop(lead, strict=False).iter_columns()])
        title = config.get(NUMBER) if lead == NUMBER else visit.text("list.open")
        config[lead] = tables.link(str(title), NUMBER_PIXELS)
    label = entity_label(kind.entity, visit.language, many=True)
    st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        key=f"around_{kind.entity}",
        height=min(TALLEST, tables.HEAD_PIXELS + tables.ROW_PIXELS * shown.height),
        placeholder="",
        alt=label,
    )
    if shown.height == MOST:
        st.markdown(muted(visit.text("detail.latest", n=MOST)))


def contacts(visit: Visit, kind: Kind, record: Record, where: list[Condition]) -> None:
    """The contacts as cards, each with its ways on, and the way to a new one."""
    from dashboard.ui.customers import CONTACTS

    entity, rows = entity_of("contact"), found(visit, kind, where).to_dicts()
    if not rows:
        nothing(visit, "contact")
    for row in rows:
        with st.container(border=True, gap="small", key=f"contact_{row['id']}"):
            head = " · ".join(str(part) for part in (row["name"], row.get("job_title")) if part)
            names = names_in(visit, entity, [row])
            facts = [
                f"{tables.title(visit, 'contact', name, entity.by_name[name])} "
                f"{written(visit, entity, name, row[name], row, names)}"
                for name in kind.columns[2:]
                if row.get(name) not in (None, "", [])
            ]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{plain(head)}**  \n{muted(*facts)}", width="stretch")
                st.button(
                    visit.text("list.open"),
                    icon=":material/person:",
                    key=f"contact_{row['id']}_open",
                    on_click=rooms.open_record,
                    args=(CONTACTS, row["id"]),
                )
            revealing.show(visit, entity, row)
    if visit.actor.grants("contact", Action.CREATE) and may_add(visit, record):
        st.button(
            verb_label("contact", "create", visit.language),
            icon=":material/person_add:",
            key="contact_new",
            on_click=rooms.go,
            args=(CONTACTS,),
            kwargs={rooms.NEW: rooms.WHOLE, "customer_id": record["id"]},
        )


def may_add(visit: Visit, record: Record) -> bool:
    """Whether contacts of this customer may be made: where the customer itself may be changed."""
    rights = allowed(visit.desk.store, visit.actor, "customer", record["id"], [Action.UPDATE])
    return Action.UPDATE in rights and record["archived_at"] is None
