"""Speed and memory, measured against references in the same run: medians and ratios, never a verdict by the clock."""

from dashboard.bench.runs import Row, run

__all__ = ["Row", "run"]
