"""`demo`: a made-up department in a new store."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dashboard.cli import console, serve
from dashboard.opening import found_demo
from dashboard.settings import load


def demo(
    deals: Annotated[int, typer.Option(min=50, help="How many deals.")] = serve.DEMO_DEALS,
    seed: Annotated[int, typer.Option(help="The same seed makes the same department.")] = serve.DEMO_SEED,
    as_json: console.AsJson = False,
) -> None:
    """Make a store with a believable department: two years of everything. 生成演示部门。"""
    with console.refusals(), console.progress() as bar:
        started = time.perf_counter()
        task = bar.add_task("demo", total=None)
        store, founded = found_demo(load(), deals, seed, lambda rows: bar.advance(task, rows))
        rows, revision = int(bar.tasks[0].completed), store.revision
        store.close()
    seconds = round(time.perf_counter() - started, 1)
    if as_json:
        console.emit({"deals": deals, "seed": seed, "rows": rows, "revision": revision, "seconds": seconds})
        return
    console.say("cli.demo.made", deals=deals, rows=rows, seconds=seconds)
    console.say("cli.init.recovery", key=founded.recovery_key)
    serve.show_demo_logins()
