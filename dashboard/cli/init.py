"""`init`: an empty store, its keys, its first administrator."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dashboard.cli import console
from dashboard.opening import found
from dashboard.settings import load


def init(
    admin: Annotated[str | None, typer.Option(help="User name of the first administrator.")] = None,
    currency: Annotated[str | None, typer.Option(help="Company currency (ISO 4217); fixed from then on.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Make an empty store and print the recovery key and a one-time password. 新建空的数据库。"""
    with console.refusals():
        name = admin or (typer.prompt("admin", default="admin") if sys.stdin.isatty() else "admin")
        store, founded = found(load(), name, currency)
        store.close()
        if as_json:
            console.emit(
                {"username": founded.username, "password": founded.password, "recovery_key": founded.recovery_key}
            )
            return
        console.say("cli.init.recovery", key=founded.recovery_key)
        console.say("cli.init.admin", username=founded.username, password=founded.password)
