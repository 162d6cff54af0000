"""Searches over REST, suggestions in forms and records behind numbers, by every role: nothing is found beyond reach."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from dashboard import jobs
from dashboard.api.addresses import address_of
from dashboard.domain.access import METRIC_FAMILIES, Family, Role
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.metrics import METRICS
from dashboard.i18n import translate
from dashboard.ui.forms import options
from dashboard.ui.visit import Visit
from tests.access.matrix import ROLES, UNKNOWN, Department, granted, one_of_each
from tests.access.oracle import Onlooker
from tests.access.telling import Reader
from tests.builders import today

UNNAMED = translate("list.unknown", "en")
EVER = {"from": "2010-01-01", "to": f"{today().year + 1}-01-01"}
COMPUTES = {
    "rep": {"sales", "delivery"},
    "manager": {"sales", "service", "delivery"},
    "leader": {"sales", "service", "delivery"},
    "support": {"service", "delivery"},
    "admin": {"health"},
}
"""The families of numbers of each role, as the policy agrees them."""


def containing(onlooker: Onlooker, entity: Entity, text: str) -> set[str]:
    """The readable records in whose number, or in a clear field that a search looks into, a text stands."""
    fields = [field for field in entity.all_fields if field.searchable]
    found = set()
    for row in onlooker.records[entity.name]:
        if onlooker.may(entity.name, row, "read"):
            places = [str(row[field.name]) for field in fields if onlooker.sees(entity.name, row, field) == "clear"]
            places += [row["id"]] if entity.number else []
            if any(text in place for place in places):
                found.add(row["id"])
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_search_finds_what_may_be_read_and_nothing_else(department: Department, role: str) -> None:
    person, onlooker, seen = department.person(role), department.onlookers[role], Counter[str]()
    reader = Reader(onlooker)
    for name, entity in RECORDS.items():
        address = f"/{address_of(entity)}"
        for kind, row in {**one_of_each(onlooker, name), "unknown": {"id": UNKNOWN}}.items():
            asked = {"q": row["id"], "archived": "true", "limit": 500, "total": "true"}
            answer = person.call("GET", address, params=asked)
            assert answer.status_code in statuses(onlooker, entity), (role, name)
            if answer.status_code == 200:
                found, wanted = answer.json(), containing(onlooker, entity, row["id"])
                assert {item["id"] for item in found["items"]} == wanted, (role, name, kind)
                assert found["total"] == len(wanted)
                seen[kind] += len(wanted)
            assert reader.leaks(answer.text) == set(), (role, name, kind)
    assert seen["foreign"] == seen["unknown"] == 0
    assert sum(seen.values()) > 10


def statuses(onlooker: Onlooker, entity: Entity) -> set[int]:
    """What a search may be answered with: 400 where nothing can be searched."""
    if not granted(onlooker, entity.name, "read"):
        return {403}
    searched = bool(entity.number) or any(field.searchable for field in entity.all_fields)
    hides = any("only" in what for what in onlooker.policy[onlooker.person["roles"][0]].get(entity.name, {}))
    return {200} if searched and not hides else {200, 400}


@pytest.mark.parametrize("role", ROLES)
def test_the_records_behind_a_number_are_those_that_may_be_read(department: Department, role: str) -> None:
    person, onlooker, behind = department.person(role), department.onlookers[role], 0
    reader = Reader(onlooker)
    for metric in METRICS.values():
        for path in (f"/metrics/{metric.name}", f"/metrics/{metric.name}/records"):
            answer = person.call("GET", path, params=EVER | ({"limit": 500} if "records" in path else {}))
            assert answer.status_code == (200 if metric.family in COMPUTES[role] else 403), (role, path, answer.text)
            assert reader.leaks(answer.text) == set(), (role, path)
            if answer.status_code == 200 and "records" in path:
                behind += len(readable_ones(onlooker, metric.needs, answer.json()))
    assert behind or role == "admin"


def readable_ones(onlooker: Onlooker, needs: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """The ids behind a number, each of which may be read with all that the number needs of it."""
    entity = next(entity for entity in RECORDS.values() if address_of(entity) == found["entity"])
    rows = {row["id"]: row for row in onlooker.records[entity.name]}
    ids = [item["id"] for item in found["items"]]
    for record in ids:
        assert onlooker.may(entity.name, rows[record], "read"), (entity.name, record)
        for name in needs.get(entity.name, ()):
            assert onlooker.sees(entity.name, rows[record], entity.by_name[name]) == "clear", (entity.name, name)
    assert found["total"] == len(ids)
    return ids


def test_each_role_computes_the_numbers_that_were_agreed() -> None:
    agreed = {Role(role): {Family(word) for word in words} for role, words in COMPUTES.items()}
    assert {role: METRIC_FAMILIES[role] for role in agreed} == agreed


@pytest.mark.parametrize("role", ROLES)
def test_forms_suggest_what_may_be_read(department: Department, role: str) -> None:
    onlooker, actor, suggested = department.onlookers[role], department.actor(role), 0
    reader, desk = Reader(onlooker), jobs.current()
    visit = Visit(desk, actor, "en", today(), "light")
    for entity in RECORDS.values():
        for field in (field for field in entity.all_fields if field.to in RECORDS):
            names = options.listed(visit, entity, field) | options.found(visit, field, "of", {})
            assert reader.leaks(str(names)) == set(), (role, entity.name, field.name)
            suggested += len(names)
            for row in onlooker.records[str(field.to)]:
                label = options.label(visit, field, row["id"], None)
                assert reader.leaks(label) == set(), (role, entity.name, field.name)
                assert label == UNNAMED or onlooker.may(str(field.to), row, "read")
    assert suggested > 20
