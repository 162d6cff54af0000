"""The reference rows that the store already has: stages, lists, regions and industries, found by their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from dashboard.errors import Misconfigured
from etl.demo.columns import Floats, Ints, texts


@dataclass(frozen=True)
class Codes:
    """Reference rows of one kind: codes and ids in the same order."""

    codes: tuple[str, ...]
    ids: pl.Series

    def index(self, code: str) -> int:
        """The position of a code, or -1."""
        return self.codes.index(code) if code in self.codes else -1

    def chosen(self, weights: Mapping[str, float], rest: float = 0.0) -> Floats:
        """The weight of each code; `rest` for those not named. Equal weights when none of them is known."""
        found = np.array([weights.get(code, rest) for code in self.codes])
        return found if found.sum() > 0 else np.ones(len(self.codes))


@dataclass(frozen=True)
class Stages:
    """The pipeline: ids and probabilities of the open stages by rank, and the ends."""

    open: pl.Series
    probability: tuple[float, ...]
    won: str
    lost: str


@dataclass(frozen=True)
class Known:
    """What the generator refers to but does not make."""

    stages: Stages
    lists: Mapping[str, Codes]
    regions: Codes
    industries: Codes
    calendar: frozenset[date]
    rates: frozenset[tuple[str, date]]
    products: frozenset[str]


def read(known: Mapping[str, pl.DataFrame]) -> Known:
    """The reference frames by entity name; stage, list_value, region and industry must have rows."""
    missing = [name for name in ("stage", "region", "industry") if name not in known or known[name].is_empty()]
    if missing:
        raise Misconfigured("demo.reference_missing", entities=", ".join(missing))
    values = known.get("list_value", pl.DataFrame({"id": [], "list": [], "code": []}))
    return Known(
        stages(active(known["stage"])),
        {str(key[0]): codes(rows) for key, rows in active(values).group_by("list")},
        codes(known["region"]),
        codes(known["industry"]),
        frozenset(known["calendar_day"]["day"]) if "calendar_day" in known else frozenset(),
        frozenset(known["exchange_rate"].select("currency", "valid_on").iter_rows())
        if "exchange_rate" in known
        else frozenset(),
        frozenset(known["product"]["code"]) if "product" in known else frozenset(),
    )


def active(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in use."""
    return rows.filter(pl.col("active").fill_null(value=True)) if "active" in rows.columns else rows


def codes(rows: pl.DataFrame) -> Codes:
    """Codes and ids, by code, so that the order of the rows in the store does not matter."""
    ordered = rows.sort("code")
    return Codes(tuple(ordered["code"]), ordered["id"])


def stages(rows: pl.DataFrame) -> Stages:
    """The open stages by rank, and the first won and lost stage."""
    started = rows.filter(pl.col("type") == "open").sort("rank", "code")
    ends = {kind: rows.filter(pl.col("type") == kind).sort("code")["id"].to_list() for kind in ("won", "lost")}
    if started.is_empty() or not all(ends.values()):
        raise Misconfigured("demo.reference_missing", entities="stage")
    steps = len(started)
    given = started["probability"].to_list() if "probability" in started.columns else [None] * steps
    probability = tuple(float(p) if p is not None else (n + 1) / (steps + 1) for n, p in enumerate(given))
    return Stages(started["id"], probability, str(ends["won"][0]), str(ends["lost"][0]))


NONE = Codes((), texts([]))


def list_of(known: Known, name: str) -> Codes:
    """The values of a list; empty when there are none."""
    return known.lists.get(name, NONE)


def positions(codes_of: Codes, names: Sequence[str]) -> Ints:
    """The position of each name's code, or -1."""
    return np.array([codes_of.index(name) for name in names], dtype=np.int64)
