"""Record ids of the demo: UUIDv7 text that follows from the seed, so that two runs give the same bytes."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import polars as pl
import pyarrow as pa

from etl.demo.columns import Ints

PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint8).reshape(256, 2)
PLACES = np.array([i for i in range(36) if i not in (8, 13, 18, 23)])
COUNTER_BITS = 24


def seeded_ids(seed: int, entity: str, moments: Ints, first: int = 0) -> pl.Series:
    """One id per moment (microseconds since 1970, ascending): ascending and distinct; `first` numbers the first row.

    48 bits of milliseconds, then a 24-bit row number that keeps the order within a millisecond, then mixed bits.
    """
    count = len(moments)
    number = np.arange(first, first + count, dtype=np.uint64)
    if first + count > 1 << COUNTER_BITS:
        raise OverflowError(f"more than {1 << COUNTER_BITS} rows of {entity}")
    millis = (moments // 1000).astype(np.uint64)
    salt = np.uint64(crc32(f"{seed}/{entity}".encode()) * 0x9E3779B97F4A7C15 % 2**64)
    noise = mixed(number + salt)
    high = (millis << np.uint64(16)) | np.uint64(0x7000) | (number >> np.uint64(12))
    low = np.uint64(0b10 << 62) | ((number & np.uint64(0xFFF)) << np.uint64(50)) | (noise >> np.uint64(14))
    raw = np.empty((count, 2), dtype=">u8")
    raw[:, 0], raw[:, 1] = high, low
    return hyphened(raw.view(np.uint8).reshape(count, 16))


def mixed(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Well spread 64-bit values of neighbouring ones (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def hyphened(raw: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> pl.Series:
    """Sixteen bytes a row as the usual text of 36 characters."""
    count = len(raw)
    letters = np.full((count, 36), ord("-"), dtype=np.uint8)
    letters[:, PLACES] = PAIRS[raw].reshape(count, 32)
    ends = np.arange(count + 1, dtype=np.int32) * 36
    column = pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters))
    return pl.Series("id", column)
