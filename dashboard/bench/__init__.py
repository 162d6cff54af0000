"""Speed and memory, measured against references in the same run: medians and ratios, never a verdict by the clock."""

from dashboard.bench.pages import Visits
from dashboard.bench.rows import Row
from dashboard.bench.runs import PARTS, run

__all__ = ["PARTS", "Row", "Visits", "run"]
