"""Columns of a change-set made from NumPy arrays: picked texts, amounts, shares, values that are sometimes absent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]


def texts(values: Sequence[str | None]) -> pl.Series:
    """A String series of a word list."""
    return pl.Series("text", values, dtype=pl.String)


def pick(options: pl.Series | Sequence[str | None], index: Ints) -> pl.Series:
    """The option at each index; a negative index gives null."""
    source = options if isinstance(options, pl.Series) else texts(options)
    if len(index) == 0 or index.min() >= 0:
        return source.gather(index)
    wanted = pl.Series(index).to_frame("at").select(pl.when(pl.col("at") >= 0).then(pl.col("at")))["at"]
    return source.gather(wanted)


def only(values: pl.Series, mask: Flags) -> pl.Series:
    """The values where the mask holds, else null."""
    frame = pl.DataFrame({"value": values, "mask": pl.Series(mask)})
    return frame.select(pl.when(pl.col("mask")).then(pl.col("value")))["value"]


def cents(amounts: Ints) -> pl.Series:
    """Amounts given in cents, as DECIMAL(18,4)."""
    frame = pl.DataFrame({"cents": pl.Series(amounts).cast(pl.Decimal(38, 4))})
    return frame.select((pl.col("cents") * pl.lit(Decimal("0.01"))).cast(pl.Decimal(18, 4)))["cents"]


def decimals(values: Floats, places: int) -> pl.Series:
    """Numbers as decimals of `places` digits after the point."""
    return pl.Series(np.round(values, places)).cast(pl.Decimal(18, places))


def joined(*parts: pl.Series | str) -> pl.Series:
    """Texts put together row by row; a null part gives null."""
    columns = {f"c{i}": part for i, part in enumerate(parts) if isinstance(part, pl.Series)}
    pieces = [pl.col(f"c{i}") if isinstance(part, pl.Series) else pl.lit(part) for i, part in enumerate(parts)]
    return pl.DataFrame(columns).select(pl.concat_str(pieces).alias("text"))["text"]


def numbered(values: Ints, width: int) -> pl.Series:
    """Whole numbers as text, padded with zeros."""
    return pl.Series(values).cast(pl.String).str.zfill(width)


def lists(options: Sequence[Sequence[str]], index: Ints) -> pl.Series:
    """The list of texts at each index; a negative index gives null."""
    return pick(pl.Series("tags", [list(option) for option in options], dtype=pl.List(pl.String)), index)


def weighted(dice: np.random.Generator, weights: Sequence[float] | Floats, count: int) -> Ints:
    """`count` draws of an index with these weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(edges, dice.random(count) * edges[-1], side="right")
    index: Ints = np.minimum(drawn, len(edges) - 1).astype(np.int64)
    return index


def any_of(dice: np.random.Generator, options: int, count: int) -> Ints:
    """`count` draws of an index below `options`, each equally likely; -1 when there is nothing to draw."""
    return dice.integers(0, options, count) if options else np.full(count, -1, dtype=np.int64)


def ascending(ticks: Ints) -> tuple[Ints, Ints]:
    """The order that sorts ticks, and each row's new number in it."""
    order = np.argsort(ticks, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return order, rank


def often(dice: np.random.Generator, share: float, count: int) -> Flags:
    """`count` draws of a yes that comes with this probability."""
    return dice.random(count) < share


def nobody(count: int) -> pl.Series:
    """`count` empty texts."""
    return pl.Series([None] * count, dtype=pl.String)


def pick_numbers(options: Ints, index: Ints) -> Ints:
    """The number at each index; -1 where the index is negative."""
    return np.append(options, -1)[index]
