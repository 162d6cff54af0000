"""Stages of many records' lives put in an order in which a change-set may state them.

A verb's rows go into one change; a record's own steps must follow each other. Each record's steps are laid on a
repeating row of verbs, every step on the first free place after the one before it, so that a whole department's
histories fit into a few dozen changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo.clock import Clock
from etl.demo.columns import Flags, Ints

Columns = Callable[[Ints], dict[str, pl.Series]]


def nothing(_: Ints) -> dict[str, pl.Series]:
    """The columns of a verb that states nothing but itself."""
    return {}


@dataclass(frozen=True)
class Steps:
    """Every use of one verb: which record, at which tick, and the columns of chosen rows. `closing` verbs come last.

    why: the reason that all of them have.
    """

    verb: str
    record: Ints
    tick: Ints
    columns: Columns = nothing
    closing: bool = False
    why: str | None = None


def changes(
    entity: str, ids: pl.Series, clock: Clock, kinds: Sequence[Steps], first: int, last: int
) -> Iterator[Change]:
    """The steps of the records first ≤ number < last as changes, in an order that keeps each record's own order."""
    kind, row, record, tick = gathered(kinds, first, last)
    place = places(kind, record, tick, np.array([k.closing for k in kinds]))
    order = np.argsort(place, kind="stable")
    edges = np.flatnonzero(np.diff(place[order])) + 1
    for part in np.split(order, edges):
        if len(part):
            steps, rows = kinds[kind[part[0]]], row[part]
            frame = {
                "id": ids.gather(record[part]),
                "effective_at": clock.instants(tick[part]),
                **steps.columns(rows),
            }
            yield Change(entity, steps.verb, pl.DataFrame(frame), steps.why)


def gathered(kinds: Sequence[Steps], first: int, last: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Kind, row within the kind, record and tick of all steps of these records, sorted by record, tick and kind."""
    chosen = [np.flatnonzero((k.record >= first) & (k.record < last)) for k in kinds]
    kind = np.concatenate([np.full(len(rows), number) for number, rows in enumerate(chosen)])
    row = np.concatenate(chosen)
    record = np.concatenate([k.record[rows] for k, rows in zip(kinds, chosen, strict=True)])
    tick = np.concatenate([k.tick[rows] for k, rows in zip(kinds, chosen, strict=True)])
    order = np.lexsort((kind, tick, record))
    return kind[order], row[order], record[order], tick[order]


def places(kind: Ints, record: Ints, tick: Ints, closing: Flags) -> Ints:
    """The place of each step in the row of verbs; the last step of a record, when closing, stands at the very end."""
    width, count = len(closing), len(kind)
    if count == 0:
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, record[1:] != record[:-1]])
    ordinal = np.arange(count) - np.repeat(starts, np.diff(np.r_[starts, count]))
    final = np.r_[ordinal[1:] == 0, True]
    place = np.empty(count, dtype=np.int64)
    place[starts] = kind[starts]
    for turn in range(1, int(ordinal.max()) + 1):
        at = np.flatnonzero(ordinal == turn)
        before = place[at - 1] + 1
        place[at] = before + (kind[at] - before) % width
    end = (int(place.max()) // width + 1) * width
    return np.where(final & closing[kind], end + kind, place)
