"""The verbs of a record as buttons, and the dialog in which a verb asks what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.actions import quick, records
from dashboard.actions.interactions import ABOUT, LOG
from dashboard.actions.offers import Offer, offers
from dashboard.actions.quick import Asked, Made, Move
from dashboard.domain.access import ownership_of
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.follow_ups import DAY
from dashboard.domain.ids import new_id
from dashboard.domain.labels import field_label, verb_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Invalid, Problem, SalesDeskError, Stale
from dashboard.ui import rooms
from dashboard.ui.boundary import boundary
from dashboard.ui.detail import converting, lacking, talking
from dashboard.ui.detail.values import heading_of, names_in, written
from dashboard.ui.forms import inputs, options
from dashboard.ui.forms.layouts import ASKED_BY_VERB
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import MUST, muted, plain
from dashboard.ui.papers.wording import signed_file
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

ASKED = "verb_asked"
ICONS = {
    "update": "edit",
    "contact": "call",
    "qualify": "verified",
    "convert": "swap_horiz",
    "nurture": "spa",
    "unqualify": "person_off",
    "junk": "delete_sweep",
    "advance": "arrow_forward",
    "win": "emoji_events",
    "lose": "thumb_down",
    "reopen": "undo",
    "draft": "edit_document",
    "amend": "contract_edit",
    "submit": "approval_delegation",
    "withdraw": "undo",
    "approve": "check_circle",
    "reject": "cancel",
    "send": "send",
    "sign": "signature",
    "terminate": "block",
    "confirm": "task",
    "close": "lock",
    "cancel": "cancel",
    "claim": "front_hand",
    "release": "pool",
    "assign": "person_add",
    "snooze": "snooze",
    "log": "forum",
    "archive": "archive",
    "restore": "unarchive",
}
WHY_WELCOME = ("assign", "archive", "restore", "convert", "close")
"""Verbs that may say why without having to."""
OWN: dict[tuple[str, str], ModuleType] = {
    ("lead", "convert"): converting,
    **{(entity, LOG): talking for entity in ABOUT},
}
"""Verbs that make more than one record, with questions of their own: `draw`, `act` and `place` of a module."""
BEFOREHAND = {("contract", "sign"): "detail.sign_needs"}
"""What a verb needs that no single input can say: the text above the inputs."""
TODAY_AT_FIRST = ("closed_on", "signed_on")
STAGE_TYPES = {"advance": "open", "reopen": "open", "win": "won", "lose": "lost"}
WHY = "why"
SNOOZE = "snooze"


class Asking(NamedTuple):
    """A verb that is being asked about: on which record, what is already known, and the record as it was then.

    carried: a quick update of a deal that is written with it; after: what is told of what was written.
    """

    entity: str
    record_id: str
    verb: str
    preset: dict[str, Any]
    carried: Asked | None = None
    after: Callable[[Visit, Made], None] | None = None
    record: dict[str, Any] | None = None


def buttons(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """One button a verb; the impossible ones say why."""
    found = offers(visit.desk.store, visit.actor, room.entity, record)
    usual = usual_next(room, record, found)
    with st.container(horizontal=True, gap="small", key=f"{room.name}_verbs"):
        for offer in found:
            button(visit, room, record, offer, first=offer.verb == usual)


def usual_next(room: Room, record: dict[str, Any], found: tuple[Offer, ...]) -> str | None:
    """The verb that usually comes next, editing where nothing has an order; None when it is not possible."""
    cycle, possible = LIFECYCLES.get(room.entity), {offer.verb for offer in found if offer.refusal is None}
    usual = cycle.next_verb(str(record.get(cycle.field))) if cycle else "update"
    if (room.entity, usual) == ("order", "close") and not is_done(record):
        return None
    return usual if usual in possible else None


def is_done(order: dict[str, Any]) -> bool:
    """Whether everything of an order was delivered and paid, as far as the person may know."""
    return order["delivery_state"] in ("delivered", "returned") and not order.get("due")


def button(visit: Visit, room: Room, record: dict[str, Any], offer: Offer, *, first: bool) -> None:
    """One verb; `first`: the one that usually comes next."""
    edit = offer.verb == "update"
    st.button(
        verb_label(room.entity, offer.verb, visit.language),
        icon=f":material/{ICONS.get(offer.verb, 'play_arrow')}:",
        type="primary" if first else "secondary",
        disabled=offer.refusal is not None,
        help=refusal(offer.refusal, visit.language, room.entity) if offer.refusal else None,
        key=f"{room.name}_verb_{offer.verb}",
        on_click=rooms.open_form if edit else ask,
        args=(room, record["id"]) if edit else (room.entity, record["id"], offer.verb),
    )


def ask(
    entity: str,
    record_id: str,
    verb: str,
    preset: dict[str, Any] | None = None,
    carried: Asked | None = None,
    after: Callable[[Visit, Made], None] | None = None,
) -> None:
    """Open the dialog of a verb once the page is drawn."""
    st.session_state[ASKED] = Asking(entity, record_id, verb, preset or {}, carried, after)


def show_asked_for(visit: Visit, record_id: str | None = None) -> None:
    """Open the dialog that was asked for; it stays open until it is done, dismissed, or another record is opened."""
    asked = st.session_state.get(ASKED)
    if isinstance(asked, Asking) and record_id not in (None, asked.record_id):
        dismiss()
    elif isinstance(asked, Asking):
        record = asked.record or visit.desk.store.get(visit.actor, asked.entity, asked.record_id)
        st.session_state[ASKED] = asked._replace(record=record)
        title = verb_label(asked.entity, asked.verb, visit.language)
        width: Any = "large" if (asked.entity, asked.verb) in OWN else "small"
        st.dialog(title, width=width, on_dismiss=dismiss)(dialog)(asked, record)


def dismiss() -> None:
    """Forget what was asked for."""
    st.session_state.pop(ASKED, None)


def dialog(asked: Asking, record: dict[str, Any]) -> None:
    """What the verb needs to be told. It runs again on its own, so it asks again who is there.

    record: as it was when the dialog was opened. Somebody who was quicker is told of with what changed; what was typed
    stays, and the next click goes on from there.
    """
    with boundary(language_of()):
        visit = arrive()
        entity = entity_of(asked.entity)
        name = f"{asked.verb}|{asked.record_id}|{record['version']}"
        slot = f"verb {name}"
        nothing_yet: dict[str, Any] = {
            "slot": slot,
            "entity": asked.entity,
            "problems": {},
            "refusal": None,
            "now": None,
        }
        held = st.session_state.setdefault(slot, nothing_yet)
        st.markdown(muted(heading_of(entity, record, visit.language)))
        if needs := BEFOREHAND.get((asked.entity, asked.verb)):
            st.markdown(plain(visit.text(needs)))
        if own := OWN.get((asked.entity, asked.verb)):
            values = own.draw(visit, record, name, held)
        else:
            fields = asked_of(entity, asked.verb)
            fields = without_sums(asked, record, fields)
            values = {field: question(visit, entity, asked, record, field, name, held) for field in fields}
            stage_id = values.get("stage_id", asked.preset.get("stage_id"))
            short = lacking.ask(
                visit, entity, asked.verb, record, stage_id, name, held, asked=fields, carried=asked.carried
            )
            values |= short.values
            held["told"] = lacking.told_of(short, held)
        why = reason(visit, asked, name, held)
        if held["refusal"]:
            st.error(plain(held["refusal"]), icon=":material/error:")
        if held["now"]:
            st.warning(plain(visit.text("detail.stale")), icon=":material/call_merge:")
            st.markdown(muted(*changes(visit, entity, record, held["now"])))
        label = verb_label(asked.entity, asked.verb, visit.language)
        if st.button(label, type="primary", key=f"{name}|do", width="stretch"):
            act(visit, entity, asked, held["now"] or record, values, why, held)


def without_sums(asked: Asking, record: dict[str, Any], fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields without an amount that is the sum of lines; nobody types that."""
    summed = asked.entity == "deal" and record.get("amount_from") == "lines"
    return tuple(name for name in fields if not (summed and name == "amount"))


def changes(visit: Visit, entity: Entity, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What somebody changed meanwhile, field by field: as it was, and as it is."""
    fields = [field.name for field in entity.fields if before.get(field.name) != now.get(field.name)]
    names = names_in(visit, entity, (before, now))
    return [
        visit.text(
            "detail.changed_meanwhile",
            field=field_label(entity.name, name, visit.language),
            before=written(visit, entity, name, before.get(name), before, names),
            now=written(visit, entity, name, now.get(name), now, names),
        )
        for name in fields
    ]


def asked_of(entity: Entity, verb: str) -> tuple[str, ...]:
    """The fields that a verb asks."""
    if (entity.name, verb) in ASKED_BY_VERB:
        return ASKED_BY_VERB[entity.name, verb]
    if verb == "assign":
        return ownership_of(entity).people[:1]
    if verb == SNOOZE:
        return (DAY,)
    cycle = LIFECYCLES.get(entity.name)
    step = cycle.verb(verb) if cycle else None
    return step.needs if step else ()


def question(
    visit: Visit,
    entity: Entity,
    asked: Asking,
    record: dict[str, Any],
    name: str,
    dialog_name: str,
    held: dict[str, Any],
) -> Any:
    """One input of the dialog."""
    field, needed = entity.by_name[name], required(entity, asked.verb, name)
    first = asked.preset.get(name, inputs.as_typed(field, record.get(name)))
    if name in TODAY_AT_FIRST and first is None:
        first = visit.today.isoformat()
    if name == "our_signer_id" and first is None:
        first = visit.actor.person_id
    slot, problems = f"{dialog_name}|{name}|{visit.language}", held["problems"].get(name, ())
    if name == "stage_id":
        return stage(visit, entity, asked, record, slot, first, problems)
    if name == "signed_file_id":
        return inputs.from_list(
            visit, slot, inputs.label_of(visit, entity, field, required=needed), signed_file(visit, record), first
        )
    return inputs.draw(visit, entity, field, slot, first, {}, record.get(name), problems, required=needed)


def stage(
    visit: Visit, entity: Entity, asked: Asking, record: dict[str, Any], slot: str, first: Any, problems: list[str]
) -> Any:
    """The stages that the verb can lead to; the next one is proposed."""
    field = entity.by_name["stage_id"]
    rows = {row["id"]: row for row in visit.desk.store.reference("stage").to_dicts()}
    names = options.listed(visit, entity, field)
    names = {
        key: name
        for key, name in names.items()
        if rows[key]["type"] == STAGE_TYPES[asked.verb] and key != record.get("stage_id")
    }
    rank = record.get("stage_rank") or 0
    ahead = [key for key in names if (rows[key]["rank"] or 0) > rank] if asked.verb == "advance" else []
    first = first if first in names else next(iter(ahead or names), None)
    label = inputs.label_of(visit, entity, field, required=True)
    chosen = inputs.from_list(visit, slot, label, names, first)
    for problem in problems:
        st.markdown(f":small[:red[{plain(problem)}]]")
    return chosen


def required(entity: Entity, verb: str, name: str) -> bool:
    """Whether the verb cannot do without a field."""
    cycle = LIFECYCLES.get(entity.name)
    step = cycle.verb(verb) if cycle else None
    return verb in ("assign", SNOOZE, "confirm") or (step is not None and name in step.needs)


def reason(visit: Visit, asked: Asking, name: str, held: dict[str, Any]) -> str | None:
    """Why, where the verb must or may say so."""
    must = records.needs_why(asked.entity, asked.verb)
    if not must and asked.verb not in WHY_WELCOME:
        return None
    words = visit.text("detail.why")
    text = st.text_area(words + MUST if must else words, key=f"{name}|why", height=80)
    for problem in held["problems"].get(WHY, ()):
        st.markdown(f":small[:red[{plain(problem)}]]")
    return (text or "").strip() or None


def act(
    visit: Visit,
    entity: Entity,
    asked: Asking,
    record: dict[str, Any],
    raw: dict[str, Any],
    why: str | None,
    held: dict[str, Any],
) -> None:
    """Do it, or say beside the inputs what is missing."""
    held["problems"], held["refusal"] = {}, None
    own = OWN.get((asked.entity, asked.verb))
    try:
        if own:
            own.act(visit, record, raw, why)
        else:
            values = understood(entity, asked, raw, record)
            write(visit, asked, int(record["version"]), values, why, held)
    except Invalid as invalid:
        if own:
            own.place(visit, invalid, held)
            again()
        for problem in invalid.problems:
            text = problem_text(problem, visit.language, asked.entity)
            if problem.field in raw:
                held["problems"].setdefault(problem.field, []).append(text)
            else:
                held["refusal"] = refusal(Invalid([problem]), visit.language, asked.entity)
        again()
    except Stale:
        held["now"] = visit.desk.store.get(visit.actor, asked.entity, asked.record_id)
        again()
    except SalesDeskError as problem:
        held["refusal"] = refusal(problem, visit.language, asked.entity)
        again()
    st.session_state.pop(held["slot"], None)
    dismiss()
    st.rerun()


def write(
    visit: Visit, asked: Asking, version: int, values: dict[str, Any], why: str | None, held: dict[str, Any]
) -> None:
    """Hand it to the store; what was entered or told with it is one change with the verb."""
    store, actor, told = visit.desk.store, visit.actor, held.get("told", ())
    if asked.carried is None and not told:
        records.take(store, actor, asked.entity, asked.verb, asked.record_id, version, values, why)
        return
    form = asked.carried or Asked(asked.record_id, version, held.setdefault("token", new_id()))
    move = Move(asked.verb, values.pop("stage_id", asked.preset.get("stage_id")))
    made = quick.update(store, actor, replace(form, version=version, move=move, values=values, told=told, why=why))
    if asked.after:
        asked.after(visit, made)


def again() -> None:
    """Draw the dialog again: alone where it ran alone, else with its page."""
    context = get_script_run_ctx()
    st.rerun(scope="fragment" if context is not None and context.fragment_ids_this_run else "app")


def understood(entity: Entity, asked: Asking, raw: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """The typed values of the dialog; a required one that is empty is said at once, an unchanged one is left out."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, typed in raw.items():
        value, problem = inputs.understood(entity.by_name[name], typed)
        if problem is None and value is None and required(entity, asked.verb, name):
            problem = Problem(None, name, "field.required", {"field": name})
        if problem:
            problems.append(problem)
        elif value is not None or record.get(name) is not None:
            values[name] = value
    if problems:
        raise Invalid(problems)
    return {name: value for name, value in values.items() if name != "amount" or value != record.get("amount")}
