"""`bench`: speed and memory against references in the same run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dashboard.cli import console

SIZES = [100_000, 1_000_000]
IMPORT_ROWS = 1_000_000


def bench(
    size: Annotated[list[int], typer.Option(help="Deals to measure at; may be repeated.")] = SIZES,
    import_rows: Annotated[int, typer.Option(help="Rows of the measured import.")] = IMPORT_ROWS,
    only: Annotated[list[str], typer.Option(help="records or pages; both by default.")] = [],  # noqa: B006  (typer reads it)
    as_json: console.AsJson = False,
) -> None:
    """Measure speed and memory; medians and ratios. 性能测试。"""
    from dashboard.bench import PARTS, run

    with console.refusals():
        found = []
        for row in run(tuple(size), import_rows, only or PARTS, lambda text: print(text, file=sys.stderr)):
            found.append(row)
            against = f" against {row.reference} {row.reference_ms:,.1f}" if row.reference_ms else ""
            print(f"{row.name} @ {row.size:,}: {row.median_ms:,.1f}{against}", file=sys.stderr)
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
