"""People as an administrator keeps them: invitations, roles, leaving, one-time passwords."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, Role
from dashboard.domain.changes import Applied, Change
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid, NotFound, Problem
from dashboard.store import Store

OWNED: dict[str, tuple[Condition, ...]] = {
    "lead": (Condition("status", Operator.IN, ["new", "contacted", "nurture", "qualified"]),),
    "customer": (),
    "deal": (Condition("stage_type", Operator.EQ, "open"),),
    "contract": (
        Condition("step", Operator.NE, "terminated"),
        Condition("fulfilment", Operator.NE, "fulfilled"),
        Condition("amended_on", Operator.NULL, value=True),
    ),
    "order": (Condition("status", Operator.IN, ["draft", "confirmed"]),),
    "task": (Condition("status", Operator.EQ, "open"),),
}
"""What is in a person's hands, and needs somebody else when they leave."""
OWNER: dict[str, str] = {"task": "assignee_id"}


NEEDED = ("name", "username", "roles")
"""What nobody is invited without: whoever has no user name cannot log in, and whoever has no role sees nothing."""


class Invitation(NamedTuple):
    """Who is to work with the system."""

    name: str
    username: str
    roles: tuple[Role, ...]
    team_id: str | None = None
    title: str | None = None
    email: str | None = None
    language: str | None = None


def invite(store: Store, actor: Actor, person: Invitation, password_hash: str) -> str:
    """A new person who logs in with a one-time password; returns the id.

    Raises Invalid without name, username or role, else what the write path raises.
    """
    lacking = [name for name in NEEDED if not getattr(person, name)]
    if lacking:
        raise Invalid([Problem(None, name, "field.required", {"field": name}) for name in lacking])
    person_id = new_id()
    values = person._asdict() | {"id": person_id, "roles": [str(role) for role in person.roles]}
    rows = pl.DataFrame({name: [value] for name, value in values.items() if value is not None})
    submit(store, actor, [Change("person", "create", rows)])
    store.logins.set_password(actor, person_id, password_hash, must_change=True)
    return person_id


def one_time_password(store: Store, actor: Actor, person_id: str, password_hash: str) -> None:
    """Give a person a password that lets them in once, to choose their own; their sessions end.

    Raises Forbidden for whoever may not change the person.
    """
    managed(store, actor, person_id)
    store.logins.set_password(actor, person_id, password_hash, must_change=True)


def reset_codes(store: Store, actor: Actor, person_id: str) -> None:
    """Ask a person for no code any more, whose app and recovery codes are lost.

    Raises Forbidden for whoever may not change the person.
    """
    managed(store, actor, person_id)
    store.logins.codes.turn_off(actor, person_id)


def alter(
    store: Store, actor: Actor, person_id: str, version: int, values: dict[str, object], why: str | None = None
) -> Applied:
    """Change a person. Raises what the write path raises: Stale, Refused (person.own_roles, person.last_admin) …"""
    overrides: dict[str, pl.DataType] = {"roles": pl.List(pl.String())} if "roles" in values else {}
    rows = pl.DataFrame(
        {"id": [person_id], "version": [version], **{name: [value] for name, value in values.items()}},
        schema_overrides=overrides,
    )
    return submit(store, actor, [Change("person", "update", rows)], why)


def in_hand(store: Store, actor: Actor, person_id: str) -> dict[str, int]:
    """How many open records a person holds, by entity, as far as the asking one may see them."""
    counts = {}
    for entity, where in OWNED.items():
        if actor.grants(entity, Action.READ):
            holder = Condition(OWNER.get(entity, "owner_id"), Operator.EQ, person_id)
            counts[entity] = store.count(actor, entity, [holder, *where])
    return counts


def managed(store: Store, actor: Actor, person_id: str) -> None:
    """Raises Forbidden or NotFound unless the actor may change the person."""
    if actor.viewer is not None or not actor.grants("person", Action.UPDATE):
        raise Forbidden("access.forbidden", entity="person", action=str(Action.UPDATE))
    mine = [Condition("id", Operator.EQ, person_id)]
    if store.find(actor, "person", mine, fields=("id",), action=Action.UPDATE).is_empty():
        raise NotFound("record.not_found", entity="person")
