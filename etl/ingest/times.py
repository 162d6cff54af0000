"""Days and local times of the company as the naive UTC moments in which changes take effect."""

from __future__ import annotations

import polars as pl


def midnight(local: pl.Series, zone: str) -> pl.Series:
    """Local days or times as naive UTC; a time that a clock change skips counts an hour later, a doubled one first."""
    stamps = local.cast(pl.Datetime("us")).alias("local").to_frame()
    there = pl.col("local").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (pl.col("local") + pl.duration(hours=1)).dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    )
    utc = pl.coalesce(there, later).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return stamps.select(utc.alias("moment"))["moment"]
