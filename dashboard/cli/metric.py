"""`metric`: one number, or one row for each group, with its population and interval."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from dashboard.actions.measure import as_json
from dashboard.cli import console
from etl.metrics import Question


def metric(  # noqa: PLR0917  (typer reads the options)
    name: Annotated[str, typer.Argument(help="The metric, like win_rate.")],
    by: Annotated[list[str], typer.Option(help="A dimension, like person; may be repeated.")] = [],  # noqa: B006
    since: Annotated[dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Day after the last.")] = None,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What had happened by then.")] = None,
    known_at: Annotated[dt.datetime | None, typer.Option(help="What was known by then (UTC).")] = None,
    where: Annotated[list[str], typer.Option(help="field=value; a comma separates several values.")] = [],  # noqa: B006
    as_: console.AsPerson = None,
    as_json_: console.AsJson = False,
) -> None:
    """Compute a metric over what a person may open. 计算指标。"""
    with console.refusals(), console.opened_desk() as desk:
        actor = console.acting(desk.store, as_)
        question = Question(
            name=name,
            since=since.date() if since else None,
            until=until.date() if until else None,
            by=tuple(by),
            as_of=as_of.date() if as_of else None,
            known_at=known_at,
            where=dict(console.conditions(where)),
            today=desk.store.company.today(),
        )
        content = as_json(desk.store, desk.measure(actor, question), question, actor, console.language())
        if as_json_:
            console.emit(content)
            return
        rows = [shown(row) for row in content["rows"]]
        columns = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
        console.table(columns, [[row[name] for name in columns] for row in rows])
        for note in content["notes"]:
            console.say_note(note)


def shown(row: dict[str, object]) -> dict[str, object]:
    """A row for people: labels instead of ids, ratios with four places."""
    labels = {name.removesuffix("_label"): label for name, label in row.items() if name.endswith("_label")}
    kept = {name: value for name, value in row.items() if not name.endswith("_label")} | labels
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in kept.items()}
