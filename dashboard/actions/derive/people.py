"""People: user names are kept as they are compared, an administrator always remains, somebody decides for who left."""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive import approvals
from dashboard.domain.access import Role
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

ADMIN = f'"{Role.ADMIN}"'
POWERS = ("roles", "active")


def derive(open_: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with the user name folded.

    Raises Refused (person.own_roles) when somebody changes their own roles, and (person.last_admin) when no active
    administrator would be left.
    """
    rows = change.rows
    if "username" in rows.columns:
        rows = rows.with_columns(pl.col("username").str.strip_chars().str.to_lowercase())
    if change.verb != "create" and (change.verb == "archive" or set(POWERS) & set(rows.columns)):
        if open_.actor.person_id in rows["id"]:
            raise Refused("person.own_roles")
        keep_an_admin(open_, change.verb, rows)
    if change.verb != "create" and (set(POWERS) & set(rows.columns) or not set(rows.columns) - {"id", "version"}):
        approvals.touch_people(open_, rows["id"])
    return rows, []


def keep_an_admin(open_: Transaction, verb: str, rows: pl.DataFrame) -> None:
    """Raises Refused (person.last_admin) when the change leaves no active administrator where there was one."""
    before = open_.rows_of("person", POWERS).filter(
        pl.col("active") & pl.col("roles").str.contains(ADMIN, literal=True)
    )
    touched = before.join(
        rows.select("id", *(name for name in POWERS if name in rows.columns)), on="id", suffix="_after"
    )
    stays = pl.lit(verb != "archive")
    if "active" in rows.columns:
        stays &= pl.col("active_after")
    if "roles" in rows.columns:
        stays &= pl.col("roles_after").list.contains(str(Role.ADMIN))
    left = before.height - touched.height + touched.filter(stays).height
    if before.height and not left:
        raise Refused("person.last_admin")


DERIVATION = Derivation(reads=(), apply=derive)
