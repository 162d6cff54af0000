"""The commands for access tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.opening import open_existing
from dashboard.settings import load
from dashboard.store.tokens import Tokens


def call(*arguments: str) -> Any:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def test_a_token_is_made_listed_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert call("init", "--admin", "root").exit_code == 0
    made = call("token", "add", "root", "--name", "backup job", "--scope", "read:deal", "--json")
    assert made.exit_code == 0, made.output
    token = json.loads(made.stdout)
    store = open_existing(load())
    held = Tokens(store).holder(token["token"])
    store.close()
    assert (held.token_id, held.scopes) == (token["id"], ("read:deal",))
    listed = json.loads(call("token", "list", "root", "--json").stdout)
    assert [(row["id"], row["name"]) for row in listed] == [(token["id"], "backup job")]
    assert call("token", "revoke", "root", token["id"]).exit_code == 0
    assert json.loads(call("token", "list", "root", "--json").stdout) == []
    again = call("token", "revoke", "root", token["id"])
    assert (again.exit_code, "no such record" in again.stderr) == (1, True)
    wrong = call("token", "add", "root", "--name", "x", "--scope", "everything")
    assert (wrong.exit_code, "scopes" in wrong.stderr) == (1, True)
