"""The dialog in which a lead becomes a customer: a found one or a new one, whom to talk to, and perhaps a deal."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.actions.conversion import Asked, Found, Part, convert, likely
from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.labels import entity_label
from dashboard.errors import Invalid, Limited, Problem
from dashboard.ui.forms import inputs, options
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

Raw = dict[str, Any]
Held = dict[str, Any]

NEW, FOUND = "new", "found"
SURE = 100
"""How sure a likeness is that is taken unless the person says otherwise."""
ASKED: dict[str, tuple[str, ...]] = {
    "customer": ("name", "credit_code"),
    "contact": ("name", "job_title"),
    "deal": ("name", "amount", "stage_id", "expected_close_on", "owner_id"),
}
"""What is asked of each new record; the rest is carried over without a word."""


def draw(visit: Visit, lead: Raw, slot: str, held: Held) -> Raw:
    """The questions; returns what was typed: `customer`, `contact`, `deal` and the ids of records that are there."""
    st.markdown(muted(visit.text("conversion.carried")))
    found = proposed(visit, lead)
    for one in found:
        reason = visit.text(f"likeness.{one.reason}", share=one.score)
        st.info(plain(visit.text("conversion.found", name=one.name, reason=reason)), icon=":material/person_search:")
    typed: Raw = {}
    kind = one_of(visit, f"{slot}|kind", FOUND if found and found[0].score == SURE else NEW)
    if kind == NEW:
        typed |= part(visit, "customer", slot, held, {"name": lead["company"]})
    else:
        first = found[0].customer_id if found else None
        typed["customer_id"] = known(visit, "customer_id", slot, held, first, {})
    typed |= contact(visit, lead, slot, held, typed.get("customer_id") if kind == FOUND else None)
    if st.checkbox(visit.text("conversion.with_deal"), value=True, key=f"{slot}|with_deal"):
        typed |= part(visit, "deal", slot, held, deal_of(visit, lead))
    return typed


def proposed(visit: Visit, lead: Raw) -> list[Found]:
    """The customers that may be the lead's; none where no more may be asked at present."""
    try:
        return likely(visit.desk.store, visit.actor, lead)
    except Limited:
        return []


def one_of(visit: Visit, key: str, first: str) -> str:
    """A new customer, or one that is there."""
    labels = {word: visit.text(f"conversion.{word}_customer") for word in (NEW, FOUND)}
    slot = f"{key}|{visit.language}"
    if slot not in st.session_state:
        st.session_state[slot] = first
    title = entity_label("customer", visit.language)
    chosen = st.segmented_control(title, list(labels), format_func=labels.__getitem__, key=slot, required=True)
    return FOUND if chosen == FOUND else NEW


def contact(visit: Visit, lead: Raw, slot: str, held: Held, customer_id: str | None) -> Raw:
    """Whom to talk to: a contact that the customer has, or a new one."""
    st.markdown(f"**{plain(entity_label('contact', visit.language))}**")
    chosen = None
    if customer_id:
        within = {"customer_id": customer_id}
        chosen = known(visit, "contact_id", f"{slot}|{customer_id}", held, None, within, required=False)
        st.markdown(muted(visit.text("conversion.contact_help")))
    if chosen:
        return {"contact_id": chosen}
    return part(visit, "contact", slot, held, {"name": lead["person_name"], "job_title": lead["job_title"]})


def deal_of(visit: Visit, lead: Raw) -> Raw:
    """What a deal starts with: in the first stage, for the lead's owner."""
    deal = entity_of("deal")
    return {
        "name": lead["company"],
        "amount": inputs.as_typed(deal.by_name["amount"], lead.get("budget")),
        "stage_id": next(iter(options.listed(visit, deal, deal.by_name["stage_id"])), None),
        "owner_id": lead["owner_id"] or visit.actor.person_id,
    }


def part(visit: Visit, name: str, slot: str, held: Held, first: Raw) -> Raw:
    """The inputs of one new record."""
    entity, values = entity_of(name), {}
    asked = [one for one in ASKED[name] if one != "owner_id" or visit.actor.grants(name, Action.ASSIGN)]
    for at in range(0, len(asked), 2):
        for place, field in zip(st.columns(2), asked[at : at + 2], strict=False):
            with place:
                problems = held["problems"].get(f"{name}.{field}", ())
                key = f"{slot}|{name}|{field}|{visit.language}"
                needed = field == "name" and name != "contact"
                values[field] = inputs.draw(
                    visit, entity, entity.by_name[field], key, first.get(field), {}, None, problems, required=needed
                )
    return {name: values}


def known(
    visit: Visit, name: str, slot: str, held: Held, first: str | None, values: Raw, *, required: bool = True
) -> Any:
    """A record that is there, searched in the store."""
    lead = entity_of("lead")
    key, problems = f"{slot}|{name}|{visit.language}", held["problems"].get(name, ())
    return inputs.draw(visit, lead, lead.by_name[name], key, first, values, None, problems, required=required)


def act(visit: Visit, lead: Raw, typed: Raw, why: str | None) -> None:
    """Convert. Raises what `convert` raises."""
    problems: list[Problem] = []
    parts = {name: understood(name, typed[name], problems) for name in ASKED if name in typed}
    if "customer_id" in typed and not typed["customer_id"]:
        problems.append(Problem(None, "customer_id", "field.required", {"field": "customer_id"}))
    if problems:
        raise Invalid(problems)
    contact = parts.get("contact", {})
    asked = Asked(
        lead["id"],
        lead["version"],
        Part(typed.get("customer_id"), parts.get("customer", {})),
        Part(typed.get("contact_id"), {name: value for name, value in contact.items() if value is not None}),
        Part(None, parts["deal"]) if "deal" in parts else None,
        why,
    )
    convert(visit.desk.store, visit.actor, asked, visit.today)


def understood(name: str, raw: Raw, problems: list[Problem]) -> Raw:
    """The typed values of one record; what is wrong or missing is added to `problems`."""
    entity, values = entity_of(name), {}
    for field, text in raw.items():
        values[field], wrong = inputs.understood(entity.by_name[field], text)
        if wrong is None and field == "name" and name != "contact" and not values[field]:
            wrong = Problem(None, field, "field.required", {"field": field})
        if wrong:
            problems.append(Problem(None, f"{name}.{field}", wrong.code, wrong.values))
    return values


def place(visit: Visit, invalid: Invalid, held: Held) -> None:
    """Put each problem beside its input; what belongs to none stands below them."""
    for problem in invalid.problems:
        entity, _, field = (problem.field or "").rpartition(".")
        if field in ASKED.get(entity, ()) or problem.field in ("customer_id", "contact_id"):
            text = problem_text(problem, visit.language, entity or "lead")
            held["problems"].setdefault(problem.field, []).append(text)
        else:
            named = Problem(None, field or None, problem.code, problem.values)
            held["refusal"] = refusal(Invalid([named]), visit.language, entity or "lead")
