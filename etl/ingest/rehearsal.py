"""What a dry run found: the outcome of every row with its reasons, and the change-set that a commit would write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from dashboard.domain.changes import Change
from etl.ingest.formats import Chosen, Question
from etl.ingest.judge import OUTCOMES
from etl.ingest.maps import Plan

ROWS = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "outcome": pl.String(),
    "key": pl.String(),
    "id": pl.String(),
}
REASONS = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "field": pl.String(),
    "code": pl.String(),
    "value": pl.String(),
}
DIFFERENCES = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
ALIKE = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "reason": pl.String(),
    "score": pl.Int64(),
    "like_entity": pl.String(),
    "like_id": pl.String(),
    "like_number": pl.String(),
    "like_title": pl.String(),
    "like_row": pl.Int64(),
}
OUTCOME = pl.Enum(list(OUTCOMES))


@dataclass(frozen=True)
class Rehearsal:
    """What an import would do.

    rows: one line per row and entity (`ROWS`; outcome one of OUTCOMES); reasons: why rows are rejected or duplicates
    (`REASONS`); differences: the fields that updates change (`DIFFERENCES`); formats: how columns were read; questions:
    what a person has to answer first, then `changes` is empty; notices: (code, values) about whole files; changes: the
    change-set; content_sha256: of the plan and the files; alike: the new records that may exist already, or that look
    like another row: by id, or by row (`ALIKE`).
    """

    plan: Plan
    currency: str  # the company's
    files: tuple[tuple[str, str], ...]
    rows: pl.DataFrame
    reasons: pl.DataFrame
    differences: pl.DataFrame
    formats: tuple[Chosen, ...]
    questions: tuple[Question, ...]
    notices: tuple[tuple[str, dict[str, object]], ...]
    changes: tuple[Change, ...] = field(repr=False)
    content_sha256: str
    alike: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ALIKE))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each entity have which outcome."""
        found: dict[str, dict[str, int]] = {}
        grouped = self.rows.group_by("entity", "outcome", maintain_order=True).len()
        for entity, outcome, count in grouped.rows():
            found.setdefault(entity or "", dict.fromkeys(OUTCOMES, 0))[outcome] = count
        return found

    @property
    def total(self) -> dict[str, int]:
        """How many rows have which outcome."""
        counts = self.counts.values()
        return {outcome: sum(count[outcome] for count in counts) for outcome in OUTCOMES}


def content_digest(plan: Plan, files: Sequence[tuple[str, str]]) -> str:
    """One digest of a map and the contents of files, whatever the files are called."""
    parts = [plan.model_dump_json(), *sorted(digest for _, digest in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
