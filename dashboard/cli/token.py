"""`token`: access tokens of people, for programs that speak to the REST interface."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from dashboard.api.tokens import DEFAULT_DAYS, MOST_DAYS, wanted
from dashboard.cli import console
from dashboard.domain.access import operator
from dashboard.store.tokens import Tokens

app = typer.Typer(help="Access tokens for programs. 访问令牌。", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="User name.")]


@app.command("add")
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[str], typer.Option(help="read, write, read:deal …; may be repeated.")],
    days: Annotated[int, typer.Option(help=f"How long it lasts, at most {MOST_DAYS} days.")] = DEFAULT_DAYS,
    as_json: console.AsJson = False,
) -> None:
    """Make a token; it is shown once. 新建令牌。"""
    with console.refusals(), console.opened_store() as store:
        title, scopes, lasting = wanted({"name": name, "scopes": scope, "expires_in_days": days})
        owner = store.actor(console.person_id(store, username), via="cli")
        until = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=lasting)
        token_id, secret = Tokens(store).issue(owner, title, scopes, until, by=operator())
        if as_json:
            console.emit({"id": token_id, "name": title, "scopes": scopes, "valid_until": until, "token": secret})
        else:
            console.say("cli.token.added", name=title, username=username, token=secret)


@app.command("list")
def list_(username: Username, as_json: console.AsJson = False) -> None:
    """List the tokens of a person that are in force. 列出令牌。"""
    with console.refusals(), console.opened_store() as store:
        rows = Tokens(store).of(console.person_id(store, username)).to_dicts()
        if as_json:
            console.emit(rows)
        else:
            console.table(tuple(rows[0]) if rows else ("id", "name"), [tuple(row.values()) for row in rows])


@app.command("revoke")
def revoke(
    username: Username,
    token_id: Annotated[str, typer.Argument(help="Id of the token, from `token list`.")],
    as_json: console.AsJson = False,
) -> None:
    """End a token. 停用令牌。"""
    with console.refusals(), console.opened_store() as store:
        Tokens(store).revoke(operator(), console.person_id(store, username), token_id)
        if as_json:
            console.emit({"id": token_id, "revoked": True})
        else:
            console.say("cli.token.revoked", id=token_id)
