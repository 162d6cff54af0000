"""Exports of every kind of record and of every number by every role: what leaves is what the policy lets leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import polars as pl
import pytest

from dashboard.actions.agenda_export import export_agenda
from dashboard.actions.exports import ENDINGS, Export, export_answer, export_records, files_of
from dashboard.domain.access import REFERENCE
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.metrics import DIMENSIONS, METRICS
from dashboard.errors import Forbidden
from dashboard.jobs import Running
from etl.metrics import Question
from tests.access.matrix import ROLES, Department, granted
from tests.access.oracle import Onlooker, Record
from tests.access.telling import Reader
from tests.builders import today
from tests.test_exports import cells

EVER = {"since": today().replace(year=2010), "until": today().replace(year=today().year + 1), "today": today()}

FOR_EVERYBODY = {None, *REFERENCE.split()}
"""What dimensions lead to that everybody may read."""


def text_of(export: Export, endings: Iterable[str] = ENDINGS) -> str:
    """Everything that a reader finds in any of the files."""
    words = []
    for ending in endings:
        for name, content in files_of(export, f"out{ending}").items():
            if name.endswith(".xlsx"):
                words.append(str(cells(content)))
            elif name.endswith(".parquet"):
                words.append(str(pl.read_parquet(content).rows()))
            else:
                words.append(content.decode())
    return "\n".join(words)


@pytest.mark.parametrize("role", ROLES)
def test_records_leave_as_the_policy_says(department: Department, role: str) -> None:
    actor, onlooker, seen = department.actor(role), department.onlookers[role], Counter[str]()
    reader = Reader(onlooker)
    for name, entity in RECORDS.items():
        if not granted(onlooker, name, "export"):
            with pytest.raises(Forbidden):
                export_records(department.store, actor, name, "en", archived=True)
            seen["refused"] += 1
            continue
        for archived in (True, False):
            export = export_records(department.store, actor, name, "en", archived=archived)
            rows = {
                row["id"]: row
                for row in onlooker.records[name]
                if onlooker.may(name, row, "export") and (archived or row["archived_at"] is None)
            }
            assert set(export.frame["id"]) == rows.keys(), (role, name)
            assert reader.leaks(text_of(export)) == set(), (role, name)
            for shown in export.frame.iter_rows(named=True):
                seen.update(shown_as_granted(onlooker, entity, rows[shown["id"]], shown))
    assert seen["refused"]
    assert seen["clear"] > 100 or role in ("leader", "support")


def shown_as_granted(onlooker: Onlooker, entity: Entity, row: Record, shown: Record) -> Counter[str]:
    """No field shows more than a page does; counts how the fields were shown."""
    levels = Counter[str]()
    for field in entity.all_fields:
        level, value = onlooker.sees(entity.name, row, field), shown.get(field.name)
        levels[level] += 1
        if level == "hidden":
            assert value is None, (entity.name, field.name)
        if level == "masked" and value is not None:
            assert "***" in value, (entity.name, field.name)
    return levels


@pytest.mark.parametrize("role", ROLES)
def test_numbers_leave_for_whom_they_are_and_tell_of_nothing_else(department: Department, role: str) -> None:
    actor, reader, rows = department.actor(role), Reader(department.onlookers[role]), 0
    desk = Running.desk
    assert desk
    for metric in METRICS.values():
        for by in ((), *((name,) for name in metric.dimensions if DIMENSIONS[name].entity not in FOR_EVERYBODY)):
            question = Question(metric.name, by=by, **EVER)
            if metric.family not in actor.families:
                with pytest.raises(Forbidden):
                    desk.measure(actor, question)
                continue
            export = export_answer(department.store, actor, desk.measure(actor, question), question, "en")
            assert reader.leaks(text_of(export, (".json", ".csv"))) == set(), (role, metric.name, by)
            rows += export.frame.height
    assert rows or role == "admin"


@pytest.mark.parametrize("role", ROLES)
def test_a_days_work_leaves_for_whom_it_is(department: Department, role: str) -> None:
    actor, onlooker = department.actor(role), department.onlookers[role]
    reader = Reader(onlooker)
    for person in onlooker.records["person"]:
        if not granted(onlooker, "deal", "export"):
            with pytest.raises(Forbidden):
                export_agenda(department.store, actor, person["id"], today(), "en")
            continue
        export = export_agenda(department.store, actor, person["id"], today(), "en")
        assert reader.leaks(text_of(export)) == set(), (role, person["id"])
