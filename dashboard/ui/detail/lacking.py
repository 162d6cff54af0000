"""What a deal still lacks for a move, shown in the dialog of the move with a way to fill it in right there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import streamlit as st

from dashboard.actions import gates
from dashboard.actions.gates import Missing
from dashboard.actions.quick import Asked, Told
from dashboard.domain import notes
from dashboard.domain.entities import Entity
from dashboard.domain.gates import KINDS
from dashboard.domain.ids import new_id
from dashboard.ui.forms import inputs
from dashboard.ui.forms.words import gate_label
from dashboard.ui.markdown import MUST, muted, plain
from dashboard.ui.visit import Visit

GATED = ("advance", "win", "reopen")
TOLD = "told "
"""Before the kind of an interaction that is told in the dialog."""
Draw = Callable[[str], Any]


class Lacking(NamedTuple):
    """What is missing, stage by stage, and what a person typed to fill it in: fields, and what happened by kind."""

    gates: list[Missing]
    values: dict[str, Any]
    told: dict[str, str]


def ask(
    visit: Visit,
    entity: Entity,
    verb: str,
    record: Mapping[str, Any],
    stage_id: str | None,
    name: str,
    held: Mapping[str, Any],
    *,
    asked: tuple[str, ...],
    carried: Asked | None,
) -> Lacking:
    """The stages whose gates are shut, and an input for everything that can be typed.

    asked: fields that the dialog asks anyway; carried: what was entered before the dialog opened.
    """
    if entity.name != "deal" or verb not in GATED:
        return Lacking([], {}, {})
    given = {**record, **{one: value for one, value in entered(carried) if value}}
    spoken = (notes.kind_of(carried.happened),) if carried and carried.happened else ()
    target = stage_id or won_stage(visit)
    found = gates.missing(visit.desk.store, given, verb, target, spoken)
    if not found:
        return Lacking([], {}, {})
    names = visit.names("stage", [one.stage_id for one in found])
    lines = [
        visit.text(
            "gate.line",
            stage=names.get(one.stage_id, ""),
            missing=[gate_label(word, visit.language) for word in (*one.fields, *one.evidence)],
        )
        for one in found
    ]
    st.markdown(muted(visit.text("gate.title"), *lines))
    fields = dict.fromkeys(one for gate in found for one in gate.fields if one not in asked)
    values = {one: field_input(visit, entity, record, one, name, held) for one in fields}
    evidence = list(dict.fromkeys(word for gate in found for word in gate.evidence))
    told = {word: told_input(visit, word, name) for word in evidence if word == "interaction" or word in KINDS}
    elsewhere = [visit.text(f"gate.how.{word}") for word in evidence if word not in told]
    if elsewhere:
        st.markdown(muted(*elsewhere))
    return Lacking(found, values, told)


def entered(carried: Asked | None) -> Iterator[tuple[str, Any]]:
    """What a quick update sets beside the step."""
    if carried:
        yield from (("next_step", carried.next_step), ("next_step_on", carried.next_step_on))


def won_stage(visit: Visit) -> str | None:
    """Where a win leads."""
    rows = visit.desk.store.reference("stage").sort("rank", "id", nulls_last=True).to_dicts()
    return next((row["id"] for row in rows if row["type"] == "won" and row["active"] is not False), None)


def field_input(
    visit: Visit, entity: Entity, record: Mapping[str, Any], field: str, name: str, held: Mapping[str, Any]
) -> Any:
    """A field that a stage requires."""
    slot, problems = f"{name}|{field}|{visit.language}", held["problems"].get(field, ())
    declared = entity.by_name[field]
    return inputs.draw(visit, entity, declared, slot, None, dict(record), None, problems, required=True)


def told_input(visit: Visit, word: str, name: str) -> str:
    """What happened, of the kind that a stage requires."""
    label = visit.text("gate.tell", evidence=gate_label(word, visit.language))
    return st.text_area(plain(label) + MUST, key=f"{name}|{TOLD}{word}", height=72).strip()


def told_of(lacking: Lacking, held: dict[str, Any]) -> tuple[Told, ...]:
    """What was told, under ids that stay the same when the dialog is sent twice."""
    ids = held.setdefault("ids", {})
    return tuple(
        Told(ids.setdefault(word, new_id()), word if word in KINDS else notes.kind_of(text), text)
        for word, text in lacking.told.items()
        if text
    )
