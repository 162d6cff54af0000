"""A process that writes until it is killed: each line it prints is a write that the store acknowledged."""

from __future__ import annotations

import random
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from dashboard.actions import open_desk_store, submit
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.store import Store, open_ring
from tests.department import MASTER

WRITES = 1_000


def main(folder: Path, seed: int) -> None:
    """Write 1,000 times: new deals, edits, stage moves, wins; tell of each once it is committed."""
    dice = random.Random(seed)
    store = open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))
    owner = store.find(operator(), "person", limit=1)["id"][0]
    stages = store.find(operator(), "stage").filter(pl.col("type") == "open")["id"].to_list()
    deals: list[str] = []
    for count in range(WRITES):
        kind = dice.choice(("create", "update", "update", "advance", "win")) if deals else "create"
        deal = new_id() if kind == "create" else dice.choice(deals)
        text = f"write {count}"
        write(store, kind, deal, text, owner, dice.choice(stages))
        if kind == "create":
            deals.append(deal)
        if kind == "win":
            deals.remove(deal)
        print(store.revision, kind, deal, text, sep="\t", flush=True)
    store.close()


def write(store: Store, kind: str, deal: str, text: str, owner: str, stage: str) -> None:
    """One change-set; the next step of its deal carries the number of the write."""
    extra: dict[str, dict[str, Any]] = {
        "create": {"name": ["A deal"], "owner_id": [owner], "created_on": [date(2026, 1, 5)], "amount": [100]},
        "advance": {"stage_id": [stage]},
        "win": {"closed_on": pl.Series([None], dtype=pl.Date)},
    }
    rows = pl.DataFrame({"id": [deal], "next_step": [text], **extra.get(kind, {})})
    changes = [Change("deal", kind, rows)]
    if kind == "create":  # with whom: personal details, several entities, all in one
        customer = new_id()
        changes[:0] = [
            Change("customer", "create", pl.DataFrame({"id": [customer], "name": [text], "phone": ["13912345678"]})),
            Change(
                "contact",
                "create",
                pl.DataFrame({"customer_id": [customer] * 3, "name": list("ABC"), "phone": ["13912345678"] * 3}),
            ),
        ]
        changes[-1] = Change("deal", kind, rows.with_columns(customer_id=pl.lit(customer)))
    submit(store, operator(), changes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
