"""Lists, counts, single records and ids agree with the policy, record by record, in random organisations."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Field, Group, Kind
from dashboard.domain.queries import masked
from dashboard.errors import NotFound
from dashboard.store import Store
from tests.access import golden
from tests.access.oracle import Onlooker, Record
from tests.access.organisations import organisation
from tests.access.planted import planted

EXAMPLES = settings(settings.get_profile(settings.get_current_profile_name()), max_examples=10)
SEEDS = st.integers(0, 2**32)
ACTIONS = tuple(str(action) for action in Action)


@EXAMPLES
@given(SEEDS)
def test_the_store_agrees_with_the_policy_record_by_record(bare: Path, seed: int) -> None:
    with planted(bare, seed) as (store, people):
        chance = Random(seed)
        actor, onlooker = chance.choice(people)
        lists_hold_what_may_be_read(store, actor, onlooker)
        each_record_opens_or_is_not_there(store, actor, onlooker, chance)
        fields_are_shown_as_granted(store, actor, onlooker)
        for actor, onlooker in people:
            people_are_oneself_and_those_below(store, actor, onlooker)
            actions_cover_what_they_are_granted_for(store, actor, onlooker, chance)


def lists_hold_what_may_be_read(store: Store, actor: Actor, onlooker: Onlooker) -> None:
    """find and count, with and without what is archived, for every entity."""
    for entity, rows in onlooker.records.items():
        readable = {row["id"] for row in rows if onlooker.may(entity, row, "read")}
        live = {row["id"] for row in rows if row["archived_at"] is None} & readable
        assert ids(store.find(actor, entity, archived=True)) == readable, entity
        assert ids(store.find(actor, entity)) == live, entity
        assert store.count(actor, entity) == len(live), entity


def each_record_opens_or_is_not_there(store: Store, actor: Actor, onlooker: Onlooker, chance: Random) -> None:
    """get, for some records of every kind."""
    rows = [(entity, row) for entity, rows in onlooker.records.items() for row in rows]
    for entity, row in chance.sample(rows, 30):
        assert opens(store, actor, entity, row) == onlooker.may(entity, row, "read"), (entity, row["id"])


def actions_cover_what_they_are_granted_for(store: Store, actor: Actor, onlooker: Onlooker, chance: Random) -> None:
    """ids, which the write path, export and metrics go by, for some of the actions."""
    for _ in range(12):
        entity, action = chance.choice(list(RECORDS)), chance.choice(ACTIONS)
        rows = onlooker.records[entity]
        covered = {row["id"] for row in rows if onlooker.may(entity, row, action)}
        found = store.ids(actor, entity, Action(action))
        assert ({row["id"] for row in rows} if found is None else set(found)) == covered, (entity, action)


def fields_are_shown_as_granted(store: Store, actor: Actor, onlooker: Onlooker) -> None:
    """Clear, masked or hidden, in lists and single records alike."""
    for entity in ("customer", "contact", "lead", "contract", "order", "order_line", "payment", "person"):
        seen = {row["id"]: row for row in store.find(actor, entity, archived=True).iter_rows(named=True)}
        for row in onlooker.records[entity]:
            if row["id"] not in seen:
                continue
            single = store.get(actor, entity, row["id"])
            for field in RECORDS[entity].all_fields:
                if field.group is Group.BASIC and field.name != "name":
                    continue
                level = onlooker.sees(entity, row, field)
                assert seen[row["id"]].get(field.name) == shown(field, row[field.name], level), (entity, field.name)
                assert (field.name in single) == (level != "hidden"), (entity, field.name, level)


def shown(field: Field, value: Any, level: str) -> Any:
    """What is left of a value."""
    text = field.kind in (Kind.TEXT, Kind.PHONE, Kind.EMAIL)
    return {"clear": value, "masked": masked(field.kind, value) if text else None, "hidden": None}[level]


def people_are_oneself_and_those_below(store: Store, actor: Actor, onlooker: Onlooker) -> None:
    """Whose results somebody sees; everybody's for those who read every deal."""
    found = store.people_in_scope(actor)
    below = {row["id"] for row in onlooker.records["person"] if onlooker.reaches("below", row["id"])}
    assert {"leader", "admin"} & set(onlooker.person["roles"]) if found is None else set(found) == below


def ids(frame: pl.DataFrame) -> set[str]:
    """The records of a list; none stands there twice."""
    assert frame["id"].is_unique().all()
    return set(frame["id"])


def opens(store: Store, actor: Actor, entity: str, row: Record) -> bool:
    """Whether somebody gets a record by its id."""
    try:
        return bool(store.get(actor, entity, row["id"])["id"] == row["id"])
    except NotFound:
        return False


@pytest.mark.parametrize("seed", range(3))
def test_the_oracle_can_tell_a_difference(seed: int) -> None:
    """A policy that grants more would show: the oracle goes by the agreed table."""
    records, wider = organisation(seed), golden.agreed()
    wider["rep"]["deal"] = {"all": "read"}
    for person in records["person"]:
        person["roles"] = ["rep"]
        strict, loose = Onlooker(records, person, golden.agreed()), Onlooker(records, person, wider)
        assert all(loose.may("deal", row, "read") for row in records["deal"])
        assert not all(strict.may("deal", row, "update") for row in records["deal"]) or len(records["deal"]) < 3
