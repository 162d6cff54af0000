"""Record ids: UUIDv7 text (RFC 9562), so that ids sort by the moment they were made."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID

import numpy as np
import polars as pl


def new_id() -> str:
    """One id."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(UUID(int=value))


def new_ids(count: int) -> pl.Series:
    """`count` distinct ids in ascending order, as a String series named id."""
    millis = time.time_ns() // 1_000_000
    # 48 bits of milliseconds, then a 26-bit counter split over rand_a and the head of rand_b keeps the order.
    raw = np.frombuffer(os.urandom(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    raw[:, :6] = np.frombuffer(millis.to_bytes(6, "big"), dtype=np.uint8)
    step = (np.arange(count, dtype=np.uint64) + np.uint64(int.from_bytes(os.urandom(2), "big"))).astype(np.uint64)
    raw[:, 6] = 0x70 | ((step >> np.uint64(22)) & np.uint64(0x0F)).astype(np.uint8)
    raw[:, 7] = ((step >> np.uint64(14)) & np.uint64(0xFF)).astype(np.uint8)
    raw[:, 8] = 0x80 | ((step >> np.uint64(8)) & np.uint64(0x3F)).astype(np.uint8)
    raw[:, 9] = (step & np.uint64(0xFF)).astype(np.uint8)
    text = pl.Series("id", [row.hex() for row in map(bytes, raw)], dtype=pl.String)
    frame = text.to_frame()
    return frame.select(
        pl.concat_str(
            [
                pl.col("id").str.slice(0, 8),
                pl.col("id").str.slice(8, 4),
                pl.col("id").str.slice(12, 4),
                pl.col("id").str.slice(16, 4),
                pl.col("id").str.slice(20, 12),
            ],
            separator="-",
        ).alias("id")
    )["id"]
