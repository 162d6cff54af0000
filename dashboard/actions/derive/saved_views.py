"""Saved views: shared with the own team only, by whoever may share."""

from __future__ import annotations

import polars as pl

from dashboard.domain.access import Action, Actor, Reach
from dashboard.domain.changes import Change
from dashboard.errors import Forbidden
from dashboard.store import Derivation, Transaction


def may_share(actor: Actor, team_id: str | None) -> bool:
    """Whether a person may share a view with a team."""
    reaches = {grant.reach for grant in actor.grants("saved_view", Action.SHARE)}
    return Reach.ALL in reaches or (bool(reaches) and team_id is not None and team_id == actor.team_id)


def derive(open_: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are. Raises Forbidden (access.forbidden) for a team that one may not share with."""
    if "shared_team_id" in change.rows.columns:
        teams = change.rows["shared_team_id"].drop_nulls().unique().to_list()
        if not all(may_share(open_.actor, team) for team in teams):
            raise Forbidden("access.forbidden", entity="saved_view", action=str(Action.SHARE))
    return change.rows, []


DERIVATION = Derivation(reads=(), apply=derive)
