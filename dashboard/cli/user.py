"""`user`: the people who may log in."""

from __future__ import annotations

import secrets
from typing import Annotated

import polars as pl
import typer

from dashboard.actions import submit
from dashboard.actions.passwords import hashed
from dashboard.cli import console
from dashboard.domain.access import Role, operator
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.opening import add_person
from dashboard.store import Store

app = typer.Typer(help="People who may log in. 登录用户。", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="User name.")]
Roles = Annotated[list[str], typer.Option("--role", help="rep, manager, leader, support or admin; may be repeated.")]


@app.command("add")
def add(
    username: Username,
    name: Annotated[str | None, typer.Option(help="Full name.")] = None,
    role: Roles = [],  # noqa: B006  (typer reads it)
    as_json: console.AsJson = False,
) -> None:
    """Add a person, with a one-time password. 新增用户。"""
    with console.refusals(), console.opened_store() as store:
        password = secrets.token_urlsafe(15)
        add_person(store, username, name or username, known_roles(role), password, must_change=True)
        show_password(username, password, as_json)


@app.command("list")
def list_(as_json: console.AsJson = False) -> None:
    """List everybody. 列出用户。"""
    with console.refusals(), console.opened_store() as store:
        people = store.find(operator(), "person", fields=("name", "username", "roles", "active", "title"))
        rows = people.select("username", "name", "roles", "active", "title").to_dicts()
        if as_json:
            console.emit(rows)
        else:
            console.table(("username", "name", "roles", "active", "title"), [tuple(row.values()) for row in rows])


@app.command("role")
def role(username: Username, role: Roles, as_json: console.AsJson = False) -> None:
    """Give a person exactly these roles. 设置角色。"""
    with console.refusals():
        alter(username, {"roles": [[str(known) for known in known_roles(role)]]}, as_json)


@app.command("disable")
def disable(username: Username, as_json: console.AsJson = False) -> None:
    """End every session of a person and refuse new ones. 停用。"""
    with console.refusals():
        alter(username, {"active": [False]}, as_json)


@app.command("enable")
def enable(username: Username, as_json: console.AsJson = False) -> None:
    """Let a person log in again. 启用。"""
    with console.refusals():
        alter(username, {"active": [True]}, as_json)


@app.command("password")
def password(
    username: Username,
    reset_otp: Annotated[
        bool, typer.Option("--reset-otp", help="Turn off two-step login too. 同时关闭两步登录。")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Give a person a new one-time password and end their sessions. 重置密码。"""
    with console.refusals(), console.opened_store() as store:
        fresh, person_id = secrets.token_urlsafe(15), console.person_id(store, username)
        store.logins.set_password(operator(), person_id, hashed(fresh), must_change=True)
        if reset_otp:
            store.logins.codes.turn_off(operator(), person_id)
        show_password(username, fresh, as_json)


def alter(username: str, values: dict[str, list[object]], as_json: bool) -> None:
    """Change a person and say so."""
    with console.opened_store() as store:
        write(store, username, values)
    if as_json:
        console.emit({"username": username, **{name: value[0] for name, value in values.items()}})
    else:
        console.say("cli.user.changed", username=username)


def write(store: Store, username: str, values: dict[str, list[object]]) -> None:
    """Update one person."""
    rows = pl.DataFrame({"id": [console.person_id(store, username)], **values})
    submit(store, operator(), [Change("person", "update", rows)])


def known_roles(names: list[str]) -> tuple[Role, ...]:
    """Roles by name. Raises Refused (person.role)."""
    grantable = [str(role) for role in Role if role not in (Role.OPERATOR, Role.SYSTEM)]
    unknown = [name for name in names if name not in grantable]
    if unknown:
        raise Refused("person.role", name=unknown[0], allowed=grantable)
    return tuple(Role(name) for name in names)


def show_password(username: str, fresh: str, as_json: bool) -> None:
    """Print a one-time password, once."""
    if as_json:
        console.emit({"username": username, "password": fresh})
    else:
        console.say("cli.init.admin", username=username, password=fresh)
