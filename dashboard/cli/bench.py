"""`bench`: speed and memory against references in the same run."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli import console

SIZES = [100_000, 1_000_000]
IMPORT_ROWS = 1_000_000
PEOPLE, SECONDS = "1,20,50", 7.0


def bench(
    size: Annotated[list[int], typer.Option(help="Deals to measure at; may be repeated.")] = SIZES,
    import_rows: Annotated[int, typer.Option(help="Rows of the measured import.")] = IMPORT_ROWS,
    only: Annotated[list[str], typer.Option(help="records, pages or requests; all by default.")] = [],  # noqa: B006
    pages: Annotated[str, typer.Option(help="Pages to visit, by their address and with commas; all by default.")] = "",
    people: Annotated[str, typer.Option(help="How many people visit a page at once, with commas.")] = PEOPLE,
    seconds: Annotated[float, typer.Option(help="How long they come back to it once everybody is there.")] = SECONDS,
    home: Annotated[Path | None, typer.Option(help="Measure on the demo store of this folder.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Measure speed and memory; medians and ratios. 性能测试。"""
    from dashboard.bench import PARTS, Visits, run

    visits = Visits(tuple(int(many) for many in people.split(",")), tuple(pages.split(",")) if pages else (), seconds)
    say = partial(print, file=sys.stderr)
    with console.refusals():
        found = []
        for row in run(tuple(size), import_rows, only or PARTS, say, visits, home):
            found.append(row)
            against = f" against {row.reference} {row.reference_ms:,.1f}" if row.reference_ms else ""
            say(f"{row.name} @ {row.size:,}: {row.median_ms:,.1f}{against}")
        if as_json:
            console.emit([{**row._asdict(), "ratio": row.ratio} for row in found])
            return
        console.table(
            ("what", "size", "median ms", "reference", "reference ms", "ratio", "aim"),
            [
                (
                    row.name,
                    f"{row.size:,}",
                    f"{row.median_ms:,.1f}",
                    row.reference,
                    f"{row.reference_ms:,.1f}" if row.reference_ms else "",
                    f"{row.ratio:.2f}" if row.ratio else "",
                    row.limit,
                )
                for row in found
            ],
        )
