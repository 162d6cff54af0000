"""Readings kept until the next write: a page asks the same at every click of every person."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

import polars as pl

from dashboard.domain.access import Actor
from dashboard.domain.queries import Condition

Found = TypeVar("Found")
MOST_BYTES = 128 * 2**20
LARGEST_BYTES = 4 * 2**20  # what is larger is an export or an import, not a page
NOT_A_FRAME_BYTES = 512


class Kept:
    """Readings of one revision by everything they depend on; those of an earlier revision are forgotten.

    A reading may be newer than its revision, when a write ended in between, but never older: the write ends before its
    revision is told. What is kept is given to many, so nobody may change it.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.revision = -1
        self.size = 0
        self.readings: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def once(self, revision: int, key: Hashable, read: Callable[[], Found]) -> Found:
        """The reading of a key at a revision, made at the first use; the one unused for longest goes first."""
        with self.lock:
            if revision > self.revision:
                self.revision = revision
                self.clear()
            if revision == self.revision and (hit := self.readings.get(key)) is not None:
                self.readings.move_to_end(key)
                found: Found = hit[0]
                return found
        made = read()
        size = made.estimated_size() if isinstance(made, pl.DataFrame | pl.Series) else NOT_A_FRAME_BYTES
        with self.lock:
            if revision == self.revision and size <= LARGEST_BYTES and key not in self.readings:
                self.readings[key] = (made, int(size) + NOT_A_FRAME_BYTES)
                self.size += int(size) + NOT_A_FRAME_BYTES
                while self.size > MOST_BYTES:
                    self.size -= self.readings.popitem(last=False)[1][1]
        return made

    def clear(self) -> None:
        """Forget every reading."""
        self.readings.clear()
        self.size = 0


def frozen(value: object) -> Hashable:
    """A value as a part of a key, with its type: 1, 1.0 and True are different questions."""
    match value:
        case Actor():  # can be walked through, but its own hash is quicker
            return value
        case Condition():
            return (value.field, value.op, frozen(value.value))
        case Mapping():
            return tuple((frozen(name), frozen(each)) for name, each in value.items())
        case str() | None:
            return value
        case pl.Series() | Iterable():
            return (type(value).__name__, *(frozen(each) for each in value))
        case _:
            return (type(value).__name__, value)
