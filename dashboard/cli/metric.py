"""`metric`: one number, or one row for each group, with its population and interval."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from dashboard.cli import console
from dashboard.domain.labels import dimension_value
from dashboard.opening import today_of
from etl.metrics import Question

Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def metric(
    name: Annotated[str, typer.Argument(help="The metric, like win_rate.")],
    by: Annotated[list[str], typer.Option(help="A dimension, like person; may be repeated.")] = [],  # noqa: B006
    since: Annotated[dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Day after the last.")] = None,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What had happened by then.")] = None,
    known_at: Annotated[dt.datetime | None, typer.Option(help="What was known by then (UTC).")] = None,
    where: Annotated[list[str], typer.Option(help="field=value; a comma separates several values.")] = [],  # noqa: B006
    as_: console.AsPerson = None,
    as_json: console.AsJson = False,
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
            today=today_of(desk.store),
        )
        answer = desk.measure(actor, question)
        content = answer.as_json(scope=actor.name)
        if as_json:
            console.emit(content)
            return
        labels = {dimension: dimension_value(dimension) for dimension in by}
        del labels
        rows = answer.frame.to_dicts()
        console.table(tuple(answer.frame.columns), [tuple(row.values()) for row in rows])
