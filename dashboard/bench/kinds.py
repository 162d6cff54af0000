"""What is asked of REST while it is measured: one function a kind of request, that prepares the store and then asks.

A new kind is a line in MIXES and a function that yields requests for one rep.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import polars as pl

from dashboard.actions import submit
from dashboard.domain.access import Actor, operator
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_ids
from dashboard.domain.queries import Condition, Operator
from dashboard.store import Store

LISTED = 50
"""Records on a page of a list."""
SAVED = 20
"""Deals of one rep that are saved in turn."""
MANY = 1_000_000


class Ask(NamedTuple):
    """One request."""

    method: str
    address: str
    headers: dict[str, str] = {}  # noqa: RUF012  (nobody writes into it)
    body: dict[str, Any] | None = None


def listing(_store: Store, _rep: Actor, _n: int) -> Iterator[Ask]:
    """A page of the rep's deals."""
    return itertools.repeat(Ask("GET", f"deals?limit={LISTED}"))


def getting(store: Store, rep: Actor, _n: int) -> Iterator[Ask]:
    """The rep's open deals, one after the other."""
    return itertools.cycle([Ask("GET", f"deals/{deal}") for deal, _ in open_deals(store, rep)])


def saving(store: Store, rep: Actor, _n: int) -> Iterator[Ask]:
    """A next step for one deal after the other, at the version that each has by then."""
    deals = open_deals(store, rep)[::2]  # read now: the store is closed when it is measured
    seen = ((deal, version + turn) for turn in itertools.count() for deal, version in deals)
    return (Ask("PATCH", f"deals/{deal}", {"If-Match": f'"{at}"'}, {"next_step": f"call {at}"}) for deal, at in seen)


def quickly(store: Store, rep: Actor, _n: int) -> Iterator[Ask]:
    """What happened and the next step of one deal after the other, as one change."""
    others = open_deals(store, rep)[1::2]  # not those that are saved at the version that was seen
    deals = enumerate(itertools.cycle(others))
    said = ((deal, {"happened": f"They called {turn}", "next_step": f"offer {turn}"}) for turn, (deal, _) in deals)
    return (Ask("POST", f"deals/{deal}/quick", body=body) for deal, body in said)


def open_deals(store: Store, rep: Actor) -> list[tuple[str, int]]:
    """Some of the rep's open deals and their versions: so many that no save meets the one before it."""
    stages = store.reference("stage").filter(type="open")["id"].to_list()
    where = [Condition("owner_id", Operator.EQ, rep.person_id), Condition("stage_id", Operator.IN, stages)]
    return store.find(rep, "deal", where, limit=SAVED).select("id", "version").rows()


def claiming(store: Store, rep: Actor, n: int) -> Iterator[Ask]:
    """A lead out of the pool of the rep's team, a new one each time; the rules are asked, and allow many."""
    rules = store.find(operator(), "pool_rule", fields=["max_held"]).select("id", "version")
    limits = rules.with_columns(pl.lit(MANY).alias("max_held"), pl.lit(MANY).alias("max_claims_a_day"))
    leads = pl.DataFrame({"id": new_ids(n)}).with_columns(
        pl.format("Pooled company {}", pl.int_range(n)).alias("company"),
        pl.lit(rep.team_id).alias("pool_team_id"),
        pl.lit(store.company.today()).alias("created_on"),
    )
    submit(store, operator(), [Change("pool_rule", "update", limits), Change("lead", "create", leads)])
    return iter([Ask("POST", f"leads/{lead}/claim", body={}) for lead in leads["id"]])


def ordering(store: Store, rep: Actor, _n: int) -> Iterator[Ask]:
    """Freight for one draft order of three lines after the other: what follows from it is worked out anew."""
    product, ids = store.find(operator(), "product", fields=[], limit=1)["id"][0], new_ids(SAVED)
    today = store.company.today()
    customer = store.find(rep, "customer", [Condition("owner_id", Operator.EQ, rep.person_id)], fields=[], limit=1)
    orders = pl.DataFrame({"id": ids}).with_columns(
        pl.lit(today).alias("ordered_on"),
        pl.lit(rep.person_id).alias("owner_id"),
        pl.lit(customer["id"][0] if customer.height else None, pl.String).alias("customer_id"),
    )
    lines = pl.DataFrame({"order_id": [order for order in ids for _ in range(3)]}).with_columns(
        new_ids(SAVED * 3).alias("id"), product_id=pl.lit(product), quantity=pl.lit("2"), price=pl.lit("19.99")
    )
    submit(store, operator(), [Change("order", "create", orders), Change("order_line", "create", lines)])
    mine = [Condition("id", Operator.IN, ids.to_list())]
    return freights(dict(store.find(rep, "order", mine).select("id", "version").rows()))


def freights(versions: dict[str, int]) -> Iterator[Ask]:
    """Another freight for one order after the other, at the version that each has by then."""
    for turn in itertools.count():
        for order, version in versions.items():
            seen = version + turn
            yield Ask("PATCH", f"orders/{order}", {"If-Match": f'"{seen}"'}, {"freight": f"{seen}.50"})


def approving(store: Store, rep: Actor, n: int) -> Iterator[Ask]:
    """A contract of the rep, submitted before and decided now by whoever is named, a new one each time."""
    contracts = pl.DataFrame({"id": new_ids(n)}).with_columns(
        pl.format("Contract {}", pl.int_range(n)).alias("name"),
        pl.lit(store.find(operator(), "customer", limit=1)["id"][0]).alias("customer_id"),
        pl.lit(rep.person_id).alias("owner_id"),
        pl.lit("We supply what is listed.").alias("body"),
        pl.lit(100).alias("amount"),
    )
    made = [Change("contract", "create", contracts), Change("contract", "submit", contracts.select("id"))]
    submit(store, operator(), made)
    where = [Condition("record_id", Operator.EQ, contracts["id"][0]), Condition("status", Operator.EQ, "pending")]
    named = store.find(operator(), "approval_run", where)["person_id"][0]
    said = {"Authorization": f"Bearer {store.logins.open(store.actor(named))}"}
    return iter([Ask("POST", f"contracts/{one}/approve", said, {"decision_note": "fine"}) for one in contracts["id"]])


Making = Callable[[Store, Actor, int], Iterator[Ask]]
MIXES: tuple[dict[str, Making], ...] = (
    {"list": listing, "get": getting, "save": saving},
    {"claim": claiming},
    {"order": ordering},
    {"approve": approving},
    {"quick update": quickly},
)
"""What arrives at the same time, by name; each mix has a time of its own."""
