"""What is known about a record, in groups; fields that are hidden from the person are not there at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.domain.entities import Entity
from dashboard.domain.labels import field_label
from dashboard.ui.detail.values import Record, written
from dashboard.ui.forms.layouts import FACTS, Group, typed
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

QUIET = frozenset({"background", "closing", "outcome", "signing", "amendment"})
"""Groups that show filled fields only."""


def show(visit: Visit, entity: Entity, record: Record, names: Mapping[str, str]) -> None:
    """The groups, each as one text of label and value."""
    for group in groups_of(entity):
        shown = [name for name in group.fields if name in record]
        shown = [name for name in shown if group.name not in QUIET or filled(record.get(name))]
        if shown:
            st.subheader(visit.text(f"form_group.{group.name}"), anchor=False)
            with st.container(key=f"facts_{group.name}"):  # side by side where there is room: see web.py
                st.markdown("\n\n".join(line(visit, entity, name, record, names) for name in shown))


def groups_of(entity: Entity) -> tuple[Group, ...]:
    """The groups by hand, else all fields as declared."""
    every = tuple(field.name for field in entity.all_fields if typed(field))
    return FACTS.get(entity.name, (Group("basics", every),))


def filled(value: Any) -> bool:
    """Whether there is something to show."""
    return value is not None and value != []


def line(visit: Visit, entity: Entity, name: str, record: Record, names: Mapping[str, str]) -> str:
    """One fact."""
    words = written(visit, entity, name, record.get(name), record, names)
    return f"{muted(field_label(entity.name, name, visit.language))}  \n{plain(words)}"
