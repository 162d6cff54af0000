"""What makes another record over REST: the order of a deal or a contract, the shipment of an order, in one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from starlette.responses import Response

from dashboard.actions import orders
from dashboard.actions.orders import Shipping
from dashboard.api import values
from dashboard.api.addresses import address_of
from dashboard.api.bodies import members
from dashboard.api.callers import Caller
from dashboard.api.gates import V1
from dashboard.api.once import Once, responded
from dashboard.api.rendering import etag, record
from dashboard.api.writing import about_of, fields_of, version_seen
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, Problem
from dashboard.store.judging import CREATE
from dashboard.store.records import Reader
from dashboard.store.requests import Answer
from dashboard.store.subjects import Subjects

Then = Callable[[Any], None]
LINES = "lines"
LINE_MEMBERS = {"order_line_id", "quantity"}
MOST = 500
FIXED = {"order": {"deal_id", "contract_id"}, "shipment": {"order_id"}}
"""What the address says already."""


def made(
    caller: Caller, body: bytes, entity: str, make: Callable[[Caller, Mapping[str, Any], str, Then], str]
) -> Response:
    """Make a record with `make` and answer with it, once for each key."""
    once, record_id = Once(caller, body), new_id()

    def work() -> Response:
        store, kept = caller.store, []

        def then(cursor: Any) -> None:
            kept.append(told(caller, entity, record_id, cursor, Reader(Subjects(store.ring), store.index_key)))
            once.keep(cursor, kept[0])

        make(caller, members(caller.request, body), record_id, then)
        return responded(kept[0])

    return once.do(work)


def told(caller: Caller, entity: str, record_id: str, cursor: Any, reader: Reader) -> Answer:
    """The new record as the caller may see it, and where it is."""
    declared = entity_of(entity)
    now = reader.get(cursor, caller.actor, entity, record_id)
    row = record(declared, now, caller.reading)
    place = f"/api{V1}/{address_of(declared)}/{record_id}"
    return Answer(201, {"ETag": etag(row["version"]), "Location": place}, values.dumped(row))


def ordered(way: Callable[..., str], caller: Caller, given: Mapping[str, Any], order_id: str, then: Then) -> str:
    """An order of the deal or contract in the address."""
    store = caller.store
    fields = asked(caller, "order", given)
    seen, why = version_seen(caller, needed=False), about_of(given).get("why")
    return way(store, caller.actor, caller.record_id, order_id, store.company.today(), fields, then, seen=seen, why=why)


def shipped(caller: Caller, given: Mapping[str, Any], shipment_id: str, then: Then) -> str:
    """A shipment of the order in the address: the lines that the body names, else everything that is left."""
    lines = lines_of(given[LINES]) if given.get(LINES) is not None else None
    fields = asked(caller, "shipment", {name: value for name, value in given.items() if name != LINES})
    day = fields.pop("shipped_on", None)
    seen, why = version_seen(caller, needed=False), about_of(given).get("why")
    wanted = Shipping(caller.record_id, shipment_id, day, lines, fields, seen, why)
    return orders.ship(caller.store, caller.actor, wanted, then)


def asked(caller: Caller, entity: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the body gives to the new record. Raises Invalid."""
    wrong = [name for name in given if name in FIXED[entity] or name == "effective_at"]
    if wrong:
        raise Invalid([Problem(None, name, "field.not_allowed", {"field": name}) for name in wrong])
    return fields_of(caller, given, CREATE, entity=entity_of(entity))


def lines_of(given: Any) -> dict[str, Decimal]:
    """How much of each line leaves. Raises Invalid."""
    quantity = entity_of("shipment_line").by_name["quantity"]
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise Invalid([Problem(None, LINES, "field.type", {"field": LINES})])
    found: dict[str, Decimal] = {}
    for place, line in enumerate(given):
        if not isinstance(line, dict) or line.keys() != LINE_MEMBERS or not isinstance(line["order_line_id"], str):
            raise Invalid([Problem(place, LINES, "field.type", {"field": LINES})])
        try:
            amount = values.parsed(quantity, line["quantity"])
        except values.Unfit as wrong:
            raise Invalid([Problem(place, "quantity", str(wrong), {"field": "quantity"})]) from None
        if not isinstance(amount, Decimal) or amount <= 0 or line["order_line_id"] in found:
            raise Invalid([Problem(place, "quantity", "field.too_low", {"field": "quantity"})])
        found[line["order_line_id"]] = amount
    return found


order_of_deal = partial(ordered, orders.order_from_deal)
order_of_contract = partial(ordered, orders.order_from_contract)
MAKERS: dict[tuple[str, str], tuple[str, Callable[[Caller, Mapping[str, Any], str, Then], str]]] = {
    ("deal", "order"): ("order", order_of_deal),
    ("contract", "order"): ("order", order_of_contract),
    ("order", "ship"): ("shipment", shipped),
}
"""By entity and word of the address: what is made, and how."""


def way_of(entity: str, verb: str) -> Callable[[Caller, bytes], Response] | None:
    """What answers the address, or None."""
    found = MAKERS.get((entity, verb))
    if found is None:
        return None
    made_of, make = found
    return lambda caller, body: made(caller, body, made_of, make)
