"""One measured line."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One measured line: what, at which size, its median, the reference's median, ratio and the limit aimed at."""

    name: str
    size: int
    median_ms: float
    reference: str = ""
    reference_ms: float | None = None
    limit: str = ""

    @property
    def ratio(self) -> float | None:
        """Median over the reference's median."""
        return self.median_ms / self.reference_ms if self.reference_ms else None
