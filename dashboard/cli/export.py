"""`export`: records of an entity, or the answer of a metric, as a file with its definition, scope and day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from dashboard.actions.exports import Export, export_answer, export_records, write
from dashboard.cli import console
from dashboard.domain.access import Actor
from dashboard.domain.entities import ENTITIES, RECORDS, entity_of
from dashboard.domain.metrics import METRICS
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Refused
from dashboard.jobs import Desk
from etl.metrics import Question


def export(
    name: Annotated[str, typer.Argument(help="An entity like deal, or a metric like win_rate.")],
    to: Annotated[Path, typer.Option(help="The file: .csv, .xlsx, .parquet or .json.")],
    where: Annotated[list[str], typer.Option(help="field=value; a comma separates several values.")] = [],  # noqa: B006
    by: Annotated[list[str], typer.Option(help="A dimension of a metric; may be repeated.")] = [],  # noqa: B006
    since: Annotated[dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[
        dt.datetime | None, typer.Option("--to-day", formats=["%Y-%m-%d"], help="Day after the last.")
    ] = None,
    as_: console.AsPerson = None,
    as_json: console.AsJson = False,
) -> None:
    """Write what a person may export to a file. 导出。"""
    with console.refusals(), console.opened_desk() as desk:
        actor = console.acting(desk.store, as_)
        if name in METRICS:
            question = Question(
                name,
                since=since.date() if since else None,
                until=until.date() if until else None,
                by=tuple(by),
                where=dict(console.conditions(where)),
                today=desk.store.company.today(),
            )
            found = export_answer(desk.store, actor, desk.measure(actor, question), question, console.language())
        else:
            found = records(desk, actor, name, where)
        write(found, console.path(to))
        if as_json:
            console.emit({"file": str(to), "rows": found.frame.height})
        else:
            console.say("cli.export.done", rows=found.frame.height, file=str(to))


def records(desk: Desk, actor: Actor, name: str, where: list[str]) -> Export:
    """The records of an entity. Raises Refused (export.unknown)."""
    if name not in RECORDS and name not in {entity.plural for entity in ENTITIES.values()}:
        raise Refused("export.unknown", name=name)
    wanted = [Condition(field, Operator.IN, values) for field, values in console.conditions(where).items()]
    return export_records(desk.store, actor, entity_of(name).name, console.language(), wanted)
