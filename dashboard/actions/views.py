"""Saved views of a list: what a person looks at again, and shares with the own team where the role may."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard.actions.records import create, take
from dashboard.domain.access import Action, Actor
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.store import Store

MOST = 100


@dataclass(frozen=True)
class View:
    """A saved view; query: the list's part of the address."""

    id: str
    version: int
    name: str
    query: dict[str, str]
    own: bool
    shared: bool


def views(store: Store, actor: Actor, page: str) -> list[View]:
    """The person's own views of a page and those shared with the own team, by name."""
    if not actor.grants("saved_view", Action.READ):
        return []
    found = store.find(
        actor, "saved_view", [Condition("page", Operator.EQ, page)], sort=[Sort("name")], limit=MOST
    ).to_dicts()
    return [
        View(
            row["id"],
            row["version"],
            row["name"],
            texts(row["query"]),
            row["person_id"] == actor.person_id,
            row["shared_team_id"] is not None,
        )
        for row in found
    ]


def texts(query: str | None) -> dict[str, str]:
    """A stored query as parts of an address; what is not text by text is left out."""
    content = json.loads(query or "{}")
    if not isinstance(content, dict):
        return {}
    return {str(key): value for key, value in content.items() if isinstance(value, str)}


def save(store: Store, actor: Actor, page: str, name: str, query: dict[str, str], shared: bool) -> str:
    """Keep a view under a name; returns its id. Raises Invalid, Forbidden (access.forbidden)."""
    view_id = new_id()
    values = {
        "person_id": actor.person_id,
        "name": name,
        "page": page,
        "query": json.dumps(query, ensure_ascii=False, sort_keys=True),
        "shared_team_id": actor.team_id if shared else None,
    }
    create(store, actor, "saved_view", view_id, values)
    return view_id


def forget(store: Store, actor: Actor, view: View) -> None:
    """Archive an own view. Raises what `submit` raises."""
    take(store, actor, "saved_view", "archive", view.id, view.version)
