"""An order is made from a deal or a contract, goods leave and arrive, money comes in, duties are done.

Every verb may be sent twice: the second time it finds its own work and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard.actions.derive.order_facts import delivered
from dashboard.actions.records import change, check_seen, row_frame, take
from dashboard.domain import standings
from dashboard.domain.access import Action, Actor
from dashboard.domain.changes import Change, ChangeSet
from dashboard.domain.entities import entity_of
from dashboard.domain.fulfilment import DELIVERY_FACTS
from dashboard.domain.ids import new_id
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.queries import Condition, Operator, Sort, any_of
from dashboard.domain.seeing import seen
from dashboard.errors import Forbidden, Refused, Stale
from dashboard.store import Store

Values = Mapping[str, Any]
Then = Callable[[Any], None] | None
CARRIED: dict[str, dict[str, str]] = {
    "deal": {name: name for name in ("customer_id", "contact_id", "owner_id", "region_id", "currency")},
    "contract": {name: name for name in ("customer_id", "contact_id", "owner_id", "deal_id", "currency")},
}
"""What a new order takes from what it follows from: its field ← the other's."""

LINE_FIELDS = ("product_id", "quantity", "price", "discount", "amount", "rank")
READY = {
    "deal": ("stage_type", "won", "order.deal_not_won"),
    "contract": ("step", "signed", "order.contract_not_signed"),
}
"""When an order may follow: a field, its word, and the refusal otherwise."""


def order_from_deal(
    store: Store,
    actor: Actor,
    deal_id: str,
    order_id: str,
    today: date,
    values: Values | None = None,
    then: Then = None,
    *,
    seen: int | None = None,
    why: str | None = None,
) -> str:
    """A draft order of a won deal with its products; returns its id.

    order_id: made once for each wish, so that a wish that is sent twice makes one order; values: what is to be other
    than in the deal; then: see `Store.apply`; seen: the version of the deal that was on the screen, None for whatever
    it is now. Raises NotFound, Forbidden, Invalid, Stale, Refused (order.deal_not_won).
    """
    return order_from(store, actor, "deal", deal_id, order_id, today, values, then, seen=seen, why=why)


def order_from_contract(
    store: Store,
    actor: Actor,
    contract_id: str,
    order_id: str,
    today: date,
    values: Values | None = None,
    then: Then = None,
    *,
    seen: int | None = None,
    why: str | None = None,
) -> str:
    """A draft order of a signed contract with the products of its deal, else its amount; see `order_from_deal`."""
    return order_from(store, actor, "contract", contract_id, order_id, today, values, then, seen=seen, why=why)


def order_from(
    store: Store,
    actor: Actor,
    entity: str,
    record_id: str,
    order_id: str,
    today: date,
    values: Values | None,
    then: Then,
    *,
    seen: int | None,
    why: str | None,
) -> str:
    """The order of a deal or a contract."""
    with store.engine.lock:  # nobody writes between the look and the write
        if not actor.grants("order", Action.CREATE):
            raise Forbidden("access.forbidden", entity="order", action=str(Action.CREATE))
        origin = store.get(actor, entity, record_id)
        if store.count(actor, "order", [Condition("id", Operator.EQ, order_id)], archived=True):
            return order_id
        check_seen(entity, origin, seen)
        name, word, refusal = READY[entity]
        if origin.get(name) != word or origin["archived_at"] is not None:
            raise Refused(refusal, id=record_id)
        changes = order_changes(store, actor, entity, origin, order_id, today, values or {})
        told = {entity: origin["number"]}
        store.apply(ChangeSet(actor, tuple(changes), why, details=told), then)
        return order_id


def order_changes(
    store: Store, actor: Actor, entity: str, origin: Values, order_id: str, today: date, values: Values
) -> list[Change]:
    """The order and its lines; without lines it has the amount of what it follows from. Prices and amounts of another
    currency are not taken over."""
    row = {name: origin.get(source) for name, source in CARRIED[entity].items()}
    row |= {f"{entity}_id": origin["id"], "ordered_on": today, **values}
    found = products(store, actor, row.get("deal_id"), row.get("currency"))
    if found.is_empty() and "amount" not in row and row.get("currency") == origin.get("currency"):
        row["amount"] = origin.get("amount")
    given = {name: value for name, value in row.items() if value is not None}
    made = [Change("order", "create", row_frame(entity_of("order"), {"id": order_id, **given}))]
    for line in found.to_dicts():
        kept = {name: line[name] for name in LINE_FIELDS if line.get(name) is not None}
        kept |= {"id": new_id(), "order_id": order_id}
        made.append(Change("order_line", "create", row_frame(entity_of("order_line"), kept)))
    return made


def orders_of(store: Store, actor: Actor, entity: str, origin: Values) -> pl.DataFrame:
    """The orders that follow from a deal or a contract already, those of a contract's deal too, the latest first."""
    if not actor.grants("order", Action.READ):
        return pl.DataFrame(schema={"id": pl.String, "number": pl.String})
    where = [Condition(f"{entity}_id", Operator.EQ, origin["id"])]
    if entity == "contract" and origin.get("deal_id"):
        where.append(Condition("deal_id", Operator.EQ, origin["deal_id"]))
    latest = [Sort("ordered_on", descending=True)]
    return store.find(actor, "order", [any_of(*where)], sort=latest, fields=["number", "status", "ordered_on"])


def products(store: Store, actor: Actor, deal_id: str | None, currency: object) -> pl.DataFrame:
    """The products of a deal in this currency that the actor may read, in their order."""
    if deal_id is None or not actor.grants("deal_product", Action.READ):
        return pl.DataFrame()
    priced = [Condition("id", Operator.EQ, deal_id), Condition("currency", Operator.EQ, currency)]
    if not store.count(actor, "deal", priced):
        return pl.DataFrame()
    found = store.find(actor, "deal_product", [Condition("deal_id", Operator.EQ, deal_id)])
    return found.filter(pl.col("product_id").is_not_null()).sort("rank", "id", nulls_last=True)


# -- delivery ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shipping:
    """Goods of an order that leave together.

    shipment_id: made once for each wish; quantities: by order line, None for everything that is left; shipped_on: None
    for a shipment that is prepared only; seen: the version of the order that was on the screen, None for any.
    """

    order_id: str
    shipment_id: str
    shipped_on: date | None
    quantities: Mapping[str, Decimal] | None = None
    values: Values = field(default_factory=dict)
    seen: int | None = None
    why: str | None = None


@dataclass(frozen=True)
class Seen:
    """Records as one person may read them."""

    store: Store
    actor: Actor

    def lookup(self, entity: str, key: str, values: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        """Records whose `key` is among the values."""
        wanted = values.drop_nulls().unique().to_list()
        fields = list(dict.fromkeys((*columns, *(() if key == "id" else (key,)))))
        return self.store.find(self.actor, entity, [Condition(key, Operator.IN, wanted)], fields=fields)


def progress(store: Store, actor: Actor, order_id: str) -> dict[str, Decimal]:
    """What the delivery state of an order follows from: quantities ordered, shipped, delivered, returned."""
    found = delivered(Seen(store, actor), pl.Series("id", [order_id]))
    return found.select(DELIVERY_FACTS).row(0, named=True)


def left_to_ship(store: Store, actor: Actor, order_id: str) -> pl.DataFrame:
    """The lines of an order with what is in no shipment yet: id, product_id, ordered, left."""
    seen = Seen(store, actor)
    lines = seen.lookup("order_line", "order_id", pl.Series([order_id]), ("product_id", "quantity", "rank"))
    lines = lines.sort("rank", "id", nulls_last=True)
    shipments = seen.lookup("shipment", "order_id", pl.Series([order_id]), ())
    parts = seen.lookup("shipment_line", "shipment_id", shipments["id"], ("order_line_id", "quantity"))
    whole = shipments.height > parts["shipment_id"].n_unique()  # one without lines carries everything
    sums = parts.group_by("order_line_id").agg(gone=pl.col("quantity").sum())
    found = lines.join(sums, left_on="id", right_on="order_line_id", how="left", maintain_order="left")
    nothing = pl.lit(Decimal(0))
    left = pl.max_horizontal(pl.col("quantity") - pl.col("gone").fill_null(nothing), nothing)
    return found.select("id", "product_id", ordered="quantity", left=nothing if whole else left)


def ship(store: Store, actor: Actor, asked: Shipping, then: Then = None) -> str:
    """A shipment with its lines in one change-set; sent again it is the one that was made. Returns its id.

    Raises NotFound, Forbidden, Invalid, Stale, Refused: order.nothing_to_ship, shipment.not_confirmed,
    shipment.too_much.
    """
    with store.engine.lock:  # what is left is still left when it is written
        if not actor.grants("shipment", Action.CREATE):
            raise Forbidden("access.forbidden", entity="shipment", action=str(Action.CREATE))
        order = store.get(actor, "order", asked.order_id)
        if store.count(actor, "shipment", [Condition("id", Operator.EQ, asked.shipment_id)], archived=True):
            return asked.shipment_id
        check_seen("order", order, asked.seen)
        if order["status"] not in OPEN:
            raise Refused("shipment.not_confirmed", id=order["id"], state=order["status"], entity="order")
        row = {"id": asked.shipment_id, "order_id": order["id"], "promised_on": order["promised_on"]}
        row |= {"shipped_on": asked.shipped_on, **asked.values}
        row = {name: value for name, value in row.items() if value is not None}
        changes = [Change("shipment", "create", row_frame(entity_of("shipment"), row))]
        parts = loaded(store, actor, asked)
        changes += [Change("shipment_line", "create", row_frame(entity_of("shipment_line"), part)) for part in parts]
        store.apply(ChangeSet(actor, tuple(changes), asked.why), then)
        return asked.shipment_id


OPEN = ("confirmed", "closed")


def loaded(store: Store, actor: Actor, asked: Shipping) -> list[dict[str, Any]]:
    """The lines of the shipment: as asked, else everything that is left. Raises Refused (order.nothing_to_ship)."""
    left = left_to_ship(store, actor, asked.order_id)
    wanted = asked.quantities
    if wanted is None:
        wanted = dict(left.select("id", "left").iter_rows())
    parts = [
        {"id": new_id(), "shipment_id": asked.shipment_id, "order_line_id": line, "quantity": quantity}
        for line, quantity in wanted.items()
        if quantity > 0
    ]
    if not parts and (left.height or nothing_left(store, actor, asked.order_id)):
        raise Refused("order.nothing_to_ship", id=asked.order_id)
    return parts


def nothing_left(store: Store, actor: Actor, order_id: str) -> bool:
    """Whether an order without lines has its one shipment already."""
    return store.count(actor, "shipment", [Condition("order_id", Operator.EQ, order_id)]) > 0


def send(store: Store, actor: Actor, shipment_id: str, version: int, day: date) -> None:
    """A prepared shipment leaves; told again, nothing changes. Raises what `change` raises."""
    change(store, actor, "shipment", shipment_id, version, {"shipped_on": day})


def deliver(store: Store, actor: Actor, shipment_id: str, version: int, day: date) -> None:
    """A shipment arrived; told again, nothing changes. Raises what `change` raises, Refused (shipment.not_sent)."""
    shipment = store.get(actor, "shipment", shipment_id)
    if shipment["shipped_on"] is None:
        raise Refused("shipment.not_sent", id=shipment_id)
    if shipment["delivered_on"] != day:
        change(store, actor, "shipment", shipment_id, version, {"delivered_on": day})


# -- life cycle and duties --------------------------------------------------------------------------------------------


def step(
    store: Store,
    actor: Actor,
    verb: str,
    order_id: str,
    version: int,
    values: Values | None = None,
    why: str | None = None,
) -> None:
    """Confirm, close or cancel an order as it was seen; sent twice by the same person it is done once.

    Raises what `take` raises.
    """
    try:
        take(store, actor, "order", verb, order_id, version, values, why)
    except (Stale, Refused):
        if not stepped(store, actor, verb, order_id, version):
            raise


def stepped(store: Store, actor: Actor, verb: str, order_id: str, version: int) -> bool:
    """Whether the same person took this very step from the version that was seen, and it still stands."""
    cycle = LIFECYCLES["order"].verb(verb)
    order = store.get(actor, "order", order_id)
    log = store.history(actor, "order", order_id).filter(pl.col("version") == version + 1)
    mine = log.filter((pl.col("actor_id") == actor.person_id) & (pl.col("verb") == verb))
    return cycle is not None and mine.height == 1 and order["status"] == cycle.target


def complete_obligation(store: Store, actor: Actor, obligation_id: str, version: int, day: date | None) -> None:
    """A duty is done on a day, or, with None, is open again after all; told again, nothing changes.

    Raises what `change` raises.
    """
    change(store, actor, "obligation", obligation_id, version, {"done_on": day})


def overdue_parts(store: Store, actor: Actor, entity: str, today: date) -> list[Condition] | None:
    """Which obligations or planned payments are overdue; None for whoever may not see what says so.

    Money is owed under signed contracts that no later one replaced, duties until one ended early or was replaced.
    """
    if not standings.fields_of(entity, "overdue") | {"contract_id"} <= seen(actor, entity_of(entity)).keys():
        return None
    late = standings.conditions(entity, "overdue", today)
    owed = store.find(actor, entity, late, fields=["contract_id"])["contract_id"].unique().to_list()
    binding = standings.BINDING if entity == "obligation" else (standings.SIGNED, standings.IN_PLACE)
    contracts = store.find(actor, "contract", [Condition("id", Operator.IN, owed), *binding], fields=[])["id"].to_list()
    return [*late, Condition("contract_id", Operator.IN, contracts)]
