"""Attachments: what is in a file is said by whoever received it, never by who sends the row; signed papers stay."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

RECEIVED = {"sha256": pl.String(), "size_bytes": pl.Int64(), "media_type": pl.String()}


def derive(open_: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with hash, size and type of the file that was received with them; without one they have none.

    Raises Refused (attachment.signed) for the signed paper of a contract, which is neither changed nor archived.
    """
    rows = change.rows
    if change.verb == "create":
        file = open_.details.get("file")
        known = file if isinstance(file, dict) and rows.height == 1 else {}
        return rows.with_columns(pl.lit(known.get(name), dtype).alias(name) for name, dtype in RECEIVED.items()), []
    papers = open_.lookup("contract", "signed_file_id", rows["id"], ("signed_file_id",))
    if papers.height:
        raise Refused("attachment.signed", id=papers["signed_file_id"][0])
    return rows, []


DERIVATION = Derivation(reads=(), apply=derive)
