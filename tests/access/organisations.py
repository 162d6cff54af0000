"""Random organisations: people with several roles, a tree of teams, and records of every entity hanging on them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl

from dashboard.domain.access import Role
from dashboard.domain.casting import DTYPES
from dashboard.domain.entities import RECORDS, Entity, Field
from dashboard.domain.fields import Kind
from dashboard.store import Store
from dashboard.store.schema import history_of, table_of
from dashboard.store.staging import insert_rows
from dashboard.store.store import Remembered
from dashboard.store.values import stored
from tests.access.oracle import Record, Records
from tests.builders import now, said, today

ROLES = tuple(str(role) for role in Role if role not in (Role.OPERATOR, Role.SYSTEM))
MANY = {
    "person": 6,
    "team": 4,
    "customer": 4,
    "deal": 5,
    "deal_credit": 5,
    "lead": 4,
    "ticket": 3,
    "contract": 4,
    "order": 4,
}
FEW = 2
AS_DELIVERED: tuple[Record, ...] = tuple(
    {"role": "rep", "entity": entity, "action": "read", "reaches": ["all"], "shows": "delivered"}
    for entity in ("stage", "region")
)
OFTEN_EMPTY = {"owner_id", "assignee_id", "author_id"}


def organisation(seed: int, times: int = 1) -> Records:
    """Records of every entity; the same seed gives the same organisation. times: how much larger than usual."""
    chance = Random(seed)
    counts = {name: chance.randint(times, times * MANY.get(name, FEW)) for name in RECORDS}
    ids = {name: [f"{name}-{at}" for at in range(count)] for name, count in counts.items()}
    made = {name: [record(chance, RECORDS[name], row, ids) for row in ids[name]] for name in RECORDS}
    return {name: unlike(RECORDS[name], rows) for name, rows in made.items()}


def unlike(entity: Entity, rows: list[Record]) -> list[Record]:
    """The records without those whose values must be unique together and are not."""
    for fields in entity.unique_together:
        first = {tuple(row[field] for field in fields): row["id"] for row in reversed(rows)}
        rows = [row for row in rows if first[tuple(row[field] for field in fields)] == row["id"]]
    return rows


def record(chance: Random, entity: Entity, record_id: str, ids: dict[str, list[str]]) -> Record:
    """One record with random values and references."""
    row: Record = {field.name: value(chance, field, record_id, ids) for field in entity.all_fields}
    if entity.name == "team":
        at = ids["team"].index(record_id)
        row["parent_id"] = chance.choice([None, *ids["team"][:at]])
    if entity.name == "person":
        row |= {"roles": sorted(chance.sample(ROLES, chance.choice((1, 1, 2, 3)))), "active": True}
    if entity.name == "contract_version":
        row["wording"] = said(f"wording of {record_id}")
    if entity.name == "access_rule":  # one that changes nothing: what is granted is the oracle's, as delivered
        row |= AS_DELIVERED[ids["access_rule"].index(record_id) % len(AS_DELIVERED)]
    gone = chance.random() < 0.15 and entity.name not in ("team", "person")
    return {"id": record_id, "archived_at": now() if gone else None, **row}


def value(chance: Random, field: Field, record_id: str, ids: dict[str, list[str]]) -> Any:
    """A value of a field; what hangs on people is often empty, and what must be unique tells the record."""
    if field.to is not None:
        empty = [None] * (2 if field.name in OFTEN_EMPTY else 1)
        return chance.choice([*empty, *ids[field.to]])
    text = f"{field.name} of {record_id}"
    random: dict[Kind, Any] = {
        Kind.EMAIL: f"{record_id}@example.com",
        Kind.PHONE: f"1380000{chance.randint(1000, 9999)}",
        Kind.CHOICE: chance.choice(field.choices) if field.choices else None,
        Kind.DATE: today() - timedelta(days=chance.randint(0, 3000)),
        Kind.INSTANT: now(),
        Kind.FLAG: chance.random() < 0.5,
        Kind.TAGS: [text],
        Kind.JSON: f'["{text}"]',
        Kind.INTEGER: chance.randint(1, 5),
        Kind.SHARE: Decimal(1),
    }
    for kind in (Kind.NUMBER, Kind.MONEY, Kind.PRICE):
        random[kind] = Decimal(chance.randint(1, 99))
    return random.get(field.kind, text)


def plant(store: Store, records: Records) -> None:
    """Put the records into the tables of an empty store as they are, for what may be read depends on nothing else."""
    with store.engine.writing() as cursor:
        for name, rows in records.items():
            insert_rows(cursor, table_of(name), in_storage(store, cursor, name, rows))
    store.remembered = Remembered()


def plant_past(store: Store, records: Records, seed: int) -> None:
    """Give each record a history: once it was otherwise, then it became what it is."""
    chance = Random(f"past of {seed}")
    ids = {name: [row["id"] for row in rows] for name, rows in records.items()}
    with store.engine.writing() as cursor:
        for name, rows in records.items():
            before = [record(chance, RECORDS[name], row["id"], ids) | {"archived_at": None} for row in rows]
            fields = ",".join(RECORDS[name].by_name)
            told = (("create", "*", before, 60), ("update", f",{fields},archived_at,", rows, 30))
            for version, (verb, changed, stated, days) in enumerate(told, start=1):
                stamps = {"verb": verb, "changed": changed, "actor_id": "operator", "version": version}
                moment = pl.lit(now() - timedelta(days=days), pl.Datetime("us"))
                log = in_storage(store, cursor, name, stated).with_columns(
                    *(pl.lit(value).alias(key) for key, value in stamps.items()),
                    effective_at=moment,
                    recorded_at=moment,
                )
                insert_rows(cursor, history_of(name), log)


def in_storage(store: Store, cursor: Any, name: str, rows: list[Record]) -> pl.DataFrame:
    """Records as the columns of their table."""
    entity, moment = RECORDS[name], pl.lit(now(), pl.Datetime("us"))
    schema = {"id": pl.String(), "archived_at": pl.Datetime("us")}
    schema |= {field.name: DTYPES[field.kind] for field in entity.all_fields}
    frame = stored(cursor, store.subjects, store.index_key, entity, pl.DataFrame(rows, schema=schema, orient="row"))
    number = pl.col("id") if entity.number else pl.lit(None, pl.String)
    return frame.with_columns(version=1, revision=0, number=number, created_at=moment, updated_at=moment)
