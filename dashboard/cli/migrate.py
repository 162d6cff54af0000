"""`migrate`: bring the store to this version."""

from __future__ import annotations

from dashboard.cli import console


def migrate(as_json: console.AsJson = False) -> None:
    """Run the migrations that the store lacks; opening it does the same. 升级数据库。"""
    with console.refusals(), console.opened_store() as store:
        done = store.migrations
        if as_json:
            console.emit({"migrations": done, "ran": store.migrated})
            return
        console.say("cli.migrate.done", n=len(store.migrated), last=done[-1] if done else "-")
