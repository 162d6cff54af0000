"""The dialogs of an order or a signed contract: which goods leave, what came back, what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from dashboard.actions import orders, records
from dashboard.actions.orders import Shipping
from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.ids import new_id
from dashboard.domain.seeing import seen
from dashboard.errors import Invalid, Problem, SalesDeskError
from dashboard.i18n import number
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import Record, heading_of
from dashboard.ui.detail.verbs import again
from dashboard.ui.forms import inputs
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit, arrive

ASKED = "order_asked"
ENTITIES = {"ship": "shipment", "return": "return", "payment": "payment"}
FIELDS = {
    "ship": ("shipped_on", "carrier", "tracking_number", "promised_on"),
    "return": ("order_line_id", "quantity", "returned_on", "reason_id", "amount", "remark"),
    "payment": ("amount", "paid_on", "method", "bank_reference", "remark"),
}
Values = dict[str, Any]


class Asking(NamedTuple):
    """What is being asked about an order, or another record that is paid; token: the id that its record gets, so that
    two clicks make one."""

    name: str
    record_id: str
    token: str
    about: str


def ask(name: str, record_id: str, about: str = "order") -> None:
    """Open a dialog once the page is drawn."""
    st.session_state[ASKED] = Asking(name, record_id, new_id(), about)


def show_asked_for(visit: Visit, record: Record) -> None:
    """Open the dialog that was asked for; it closes when it is done, dismissed, or another record is opened."""
    asked = st.session_state.get(ASKED)
    if isinstance(asked, Asking) and asked.record_id == record["id"]:
        st.dialog(visit.text(f"order.{asked.name}"), on_dismiss=dismiss)(dialog)(asked)
    else:
        dismiss()


def dismiss() -> None:
    """Forget what was asked for."""
    st.session_state.pop(ASKED, None)


def dialog(asked: Asking) -> None:
    """The inputs and one button. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        record = visit.desk.store.get(visit.actor, asked.about, asked.record_id)
        entity = entity_of(ENTITIES[asked.name])
        held = st.session_state.setdefault(f"held {asked.token}", {"problems": {}, "refusal": None})
        st.markdown(muted(heading_of(entity_of(asked.about), record, visit.language)))
        raw = quantities(visit, asked, held) if asked.name == "ship" else {}
        first = proposed(visit, asked, record)
        for name in FIELDS[asked.name]:
            if name in seen(visit.actor, entity):
                raw[name] = question(visit, asked, name, first.get(name), held)
        if held["refusal"]:
            st.error(plain(held["refusal"]), icon=":material/error:")
        if st.button(visit.text(f"order.{asked.name}"), type="primary", key=f"{asked.token}|do", width="stretch"):
            act(visit, asked, record, raw, held)


def proposed(visit: Visit, asked: Asking, record: Record) -> Values:
    """What the inputs start with."""
    today = visit.today.isoformat()
    days = {"shipped_on": today, "returned_on": today, "paid_on": today, "method": "transfer"}
    due = record.get("due") if asked.about == "order" else still_due(record)
    amount = inputs.as_typed(entity_of("payment").by_name["amount"], due)
    more = {"amount": amount} if asked.name == "payment" else {}
    promised = record.get("promised_on")
    lines = lines_of(visit, asked) if asked.name == "return" else {}
    only = {"order_line_id": next(iter(lines))} if len(lines) == 1 else {}
    return {**days, **more, **only, "promised_on": promised.isoformat() if promised else None}


def still_due(contract: Record) -> Decimal:
    """What of a contract is not paid yet."""
    return Decimal(contract.get("amount") or 0) - Decimal(contract.get("paid") or 0)


def question(visit: Visit, asked: Asking, name: str, first: Any, held: Values) -> Any:
    """One input."""
    entity = entity_of(ENTITIES[asked.name])
    field, slot = entity.by_name[name], f"{asked.token}|{name}|{visit.language}"
    problems = held["problems"].get(name, ())
    if name != "order_line_id":
        return inputs.draw(visit, entity, field, slot, first, {}, None, problems)
    label = inputs.label_of(visit, entity, field, required=False)
    return inputs.from_list(visit, slot, label, lines_of(visit, asked), first)


def lines_of(visit: Visit, asked: Asking) -> dict[str, str]:
    """The lines of the order in words: product and quantity."""
    rows = orders.left_to_ship(visit.desk.store, visit.actor, asked.record_id).to_dicts()
    names = visit.names("product", [row["product_id"] for row in rows])
    words = "order.line"
    return {
        row["id"]: visit.text(words, product=names.get(row["product_id"], ""), n=number(row["ordered"], visit.language))
        for row in rows
    }


def quantities(visit: Visit, asked: Asking, held: Values) -> Values:
    """One input for each line of which something is left: how much of it leaves now."""
    rows = orders.left_to_ship(visit.desk.store, visit.actor, asked.record_id).to_dicts()
    names = visit.names("product", [row["product_id"] for row in rows])
    field, found = entity_of("shipment_line").by_name["quantity"], {}
    for row in rows:
        if row["left"] > 0:
            words = names.get(row["product_id"], visit.text("list.unknown"))
            label = visit.text("order.line_left", product=words, n=number(row["left"], visit.language))
            slot = f"{asked.token}|line {row['id']}"
            if slot not in st.session_state:
                st.session_state[slot] = inputs.as_typed(field, row["left"])
            found[f"line {row['id']}"] = st.text_input(plain(label), key=slot)
            for problem in held["problems"].get(f"line {row['id']}", ()):
                st.markdown(f":small[:red[{plain(problem)}]]")
    return found


def act(visit: Visit, asked: Asking, record: Record, raw: Values, held: Values) -> None:
    """Do it, or say beside the inputs what is wrong."""
    held["problems"], held["refusal"] = {}, None
    try:
        write(visit, asked, record, understood(asked, raw))
    except Invalid as invalid:
        for problem in invalid.problems:
            text = problem_text(problem, visit.language, ENTITIES[asked.name])
            held["problems"].setdefault(str(problem.field), []).append(text)
            if problem.field not in raw:
                held["refusal"] = text
        again()
    except SalesDeskError as problem:
        held["refusal"] = refusal(problem, visit.language, asked.about)
        again()
    dismiss()
    st.rerun()


def understood(asked: Asking, raw: Values) -> Values:
    """The typed values. Raises Invalid with those that are none."""
    entity, quantity = entity_of(ENTITIES[asked.name]), entity_of("shipment_line").by_name["quantity"]
    values: Values = {}
    problems: list[Problem] = []
    for name, typed in raw.items():
        value, problem = inputs.understood(entity.by_name.get(name, quantity), typed)
        if problem:
            problems.append(Problem(None, name, problem.code, problem.values))
        elif value is not None:
            values[name] = value
    problems += [
        Problem(None, field.name, "field.required", {"field": field.name})
        for field in entity.fields
        if field.required and field.name in raw and field.name not in values and field.kind is not Kind.REFERENCE
    ]
    if asked.name == "return" and not problems and not {"quantity", "amount"} & set(values):
        problems.append(Problem(None, "quantity", "return.nothing", {}))
    if problems:
        raise Invalid(problems)
    return values


def write(visit: Visit, asked: Asking, record: Record, values: Values) -> None:
    """Hand it to the store."""
    store, actor = visit.desk.store, visit.actor
    if asked.name == "ship":
        wanted = {name.removeprefix("line "): values.pop(name) for name in list(values) if name.startswith("line ")}
        day = values.pop("shipped_on", None)
        by_line = bool(lines_of(visit, asked))  # without lines the order leaves as a whole
        orders.ship(store, actor, Shipping(record["id"], asked.token, day, wanted if by_line else None, values))
    else:
        more = {"customer_id": record["customer_id"]} if asked.name == "payment" else {}
        records.create(
            store, actor, ENTITIES[asked.name], asked.token, {f"{asked.about}_id": record["id"], **more, **values}
        )
