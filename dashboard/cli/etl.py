"""`etl`: refresh the marts."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.cli import console


def etl(
    full: Annotated[bool, typer.Option("--full", help="Rebuild from all facts instead of the changes since.")] = False,
    as_json: console.AsJson = False,
) -> None:
    """Refresh what the charts are drawn from. 刷新统计数据。"""
    with console.refusals():
        with console.opened_desk(refreshed=False) as desk:
            desk.refresh("person", full=full)
            last = desk.store.logs.recent(1).row(0, named=True)
            frames = {name: frame.height for name, frame in desk.marts.frames().items()} if desk.marts else {}
        if as_json:
            console.emit({"run": last, "marts": frames})
        else:
            console.table(("mart", "rows"), list(frames.items()))
            console.say("cli.etl.done", revision=last["revision"], ms=last["duration_ms"])
        if desk.freshness.problem:
            console.say("cli.etl.failed", problem=desk.freshness.problem)
            raise typer.Exit(console.REFUSED)
