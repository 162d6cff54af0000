"""The marts as of a day (what had happened) and as known at a moment (what had been recorded)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import polars as pl

from dashboard.domain.periods import end_of
from etl.marts.building import Marts
from etl.marts.histories import FIRST, in_force, standing
from etl.marts.sources import TABLE
from etl.marts.states import derive

KEEPING = threading.Lock()
MOST_VIEWS = 4
"""Each of another day holds frames of its own."""

MOST_BYTES = 128 * 2**20
"""Of the frames that a view keeps for some people's records."""


@dataclass(frozen=True)
class Narrowed:
    """A frame of some people's records. whose: held, so that no other object can take its place."""

    whose: tuple[object, ...]
    frame: pl.DataFrame

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return int(self.frame.estimated_size())


@dataclass(frozen=True)
class View:
    """What had happened before `until` and was recorded by `known_at`; None: everything (naive UTC instants).

    A view that leaves out nothing reads the marts as they are; any other makes the frames from the histories, once.
    """

    marts: Marts
    until: datetime | None = None
    known_at: datetime | None = None
    made: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    narrowed: OrderedDict[Hashable, Narrowed] = field(default_factory=OrderedDict, compare=False, repr=False)

    @property
    def whole(self) -> bool:
        """Whether it leaves out nothing."""
        happened, recorded = self.marts.last_effective_at, self.marts.last_recorded_at
        return (self.until is None or happened is None or happened < self.until) and (
            self.known_at is None or recorded is None or recorded <= self.known_at
        )

    def records(self, entity: str, archived: bool = False) -> pl.DataFrame:
        """One row per record: row (UInt32), id, archived and the columns of the source.

        Without the archived ones, unless they are asked for.
        """
        everything = self.once("records", entity, lambda: self.numbered(entity))
        return everything if archived else self.once("kept", entity, lambda: everything.filter(~pl.col("archived")))

    def reference(self, entity: str) -> pl.DataFrame:
        """Every record of an entity that others refer to, archived ones too: as `records`, and there (Boolean).

        What was only put down later (`there` is false) is as it was put down: a deal of last year keeps its
        customer's industry although the customer was typed in today.
        """
        return self.once("reference", entity, lambda: self.with_later(entity))

    def with_later(self, entity: str) -> pl.DataFrame:
        """The records of the view and, as they began, those that are not in it yet."""
        seen = self.records(entity, archived=True).with_columns(pl.lit(True).alias("there"))
        if self.whole:
            return seen
        begun = self.marts[f"{entity}_history"].filter(FIRST).join(seen, on="row", how="anti", maintain_order="left")
        later = begun.with_columns(self.marts[entity]["id"].gather(begun["row"]), pl.lit(False).alias("there"))
        return pl.concat([seen, later.select(seen.columns)]).sort("row")

    def stage_entries(self) -> pl.DataFrame:
        """One row per deal and entry into a stage: the columns of `deal_stage`, also of archived deals."""
        return self.part("deal_stage", "deal")

    def timeline(self, entity: str) -> pl.DataFrame:
        """One row per record and version in order of what happened, each with the values in force after it."""
        return self.once("timeline", entity, lambda: in_force(TABLE[entity], self.history(entity)))

    def history(self, entity: str) -> pl.DataFrame:
        """The rows of a history that the view leaves in, as they were written."""
        return self.once("history", entity, lambda: self.left_in(self.marts[f"{entity}_history"]))

    def left_in(self, history: pl.DataFrame) -> pl.DataFrame:
        """The rows of a history that had happened and were recorded, but for what is known to be taken back."""
        if self.known_at is not None:
            history = history.filter(pl.col("recorded_at") <= self.known_at)
        history = standing(history)
        return history if self.until is None else history.filter(pl.col("effective_at") < self.until)

    def numbered(self, entity: str) -> pl.DataFrame:
        """Every record there is in the view, with its row in the marts."""
        state = self.part(entity, entity)
        return state.with_row_index("row") if self.whole else self.numbers(entity).to_frame().hstack(state)

    def part(self, name: str, entity: str) -> pl.DataFrame:
        """A frame of the marts, or what follows from the history that the view leaves in."""
        if self.whole:
            return self.marts[name]
        if ("part", name) not in self.made:
            rows = self.numbers(entity)
            ids = self.marts[entity]["id"].gather(rows).alias("id")
            derived = derive(TABLE[entity], self.history(entity), rows.to_frame().with_columns(ids))
            self.made.update({("part", each): frame for each, frame in derived.items()})
        return self.made["part", name]

    def numbers(self, entity: str) -> pl.Series:
        """The rows in the marts of the records that are in the view, in order."""
        return self.once("numbers", entity, lambda: self.history(entity).filter(FIRST).select("row"))["row"]

    def once(self, kind: str, entity: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """A frame that is made at the first use."""
        if (kind, entity) not in self.made:
            self.made[kind, entity] = make()
        return self.made[kind, entity]

    def for_whom(self, kind: str, whose: tuple[object, ...], make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """A frame that is made of the same records for each question of a page.

        whose: the very objects (ids, people) that say which records; what was unused for longest makes room.
        """
        key = (kind, *(id(part) for part in whose))
        with KEEPING:
            found = self.narrowed.get(key)
            if found is not None:
                self.narrowed.move_to_end(key)
                return found.frame
        made = Narrowed(whose, make())
        with KEEPING:
            self.narrowed[key] = made
            while sum(each.size for each in self.narrowed.values()) > MOST_BYTES:
                self.narrowed.popitem(last=False)
        return made.frame


def view_of(marts: Marts, as_of: date | None, known_at: datetime | None) -> View:
    """The marts as of the end of a business day, as known at an instant (naive UTC); None: now.

    Views are kept with the marts: the numbers of a page ask for two or three of them again and again.
    """
    with KEEPING:
        view: View = marts.views.pop((as_of, known_at), None) or View(
            marts, None if as_of is None else end_of(as_of, marts.zone), known_at
        )
        marts.views[as_of, known_at] = view
        while len(marts.views) > MOST_VIEWS:
            marts.views.popitem(last=False)
    return view
