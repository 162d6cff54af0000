"""Marts on disk: each frame as an encrypted Parquet file, a manifest last, so that a torn snapshot is no snapshot."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import polars as pl
from cryptography.exceptions import InvalidTag

from dashboard.store import crypto

MANIFEST = "manifest"


def save(folder: Path, key: bytes, frames: dict[str, pl.DataFrame], revision: int) -> None:
    """Write a snapshot of `frames` at `revision`, then drop older ones. Takes no lock of the store."""
    fresh = folder / f"{revision:012d}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, frame in frames.items():
        raw = io.BytesIO()
        frame.write_parquet(raw, compression="lz4")
        (fresh / name).write_bytes(crypto.seal(key, raw.getvalue(), bound(revision, name)))
    manifest = json.dumps({"revision": revision, "frames": sorted(frames)}).encode()
    crypto.write_secret(fresh / MANIFEST, crypto.seal(key, manifest, bound(revision, MANIFEST)))
    for older in folder.iterdir():
        if older != fresh:
            shutil.rmtree(older, ignore_errors=True)


def load(folder: Path, key: bytes) -> tuple[dict[str, pl.DataFrame], int] | None:
    """The newest whole snapshot and its revision; None when there is none that opens."""
    if not folder.exists():
        return None
    for path in sorted(folder.iterdir(), reverse=True):
        try:
            revision = int(path.name)
            manifest = json.loads(crypto.unseal(key, (path / MANIFEST).read_bytes(), bound(revision, MANIFEST)))
            frames = {name: parquet(path, key, revision, name) for name in manifest["frames"]}
        except (OSError, ValueError, InvalidTag, pl.exceptions.PolarsError):
            continue
        return frames, revision
    return None


def parquet(path: Path, key: bytes, revision: int, name: str) -> pl.DataFrame:
    """One frame of a snapshot."""
    return pl.read_parquet(io.BytesIO(crypto.unseal(key, (path / name).read_bytes(), bound(revision, name))))


def bound(revision: int, name: str) -> bytes:
    """What a file of a snapshot is bound to."""
    return f"mart|{revision}|{name}".encode()
