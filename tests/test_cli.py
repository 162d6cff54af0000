"""The commands as people type them: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.opening import open_existing
from dashboard.settings import load

CSV = "name,created_on,amount\nA deal,2026-03-01,100.50\nAnother,2026-03-02,12.3万\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in English."""
    monkeypatch.setenv("SALES_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return tmp_path


@pytest.fixture
def store(home: Path) -> Path:
    """A home with a new store."""
    done("init", "--admin", "root")
    return home


def call(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def done(*arguments: str) -> str:
    """What a command printed that must succeed."""
    result = call(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def answer(*arguments: str) -> Any:
    """The JSON that a command printed."""
    return json.loads(done(*arguments, "--json"))


def refused(*arguments: str) -> str:
    """The reason that a command gave on stderr."""
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), (result.output, result.exception)
    return result.stderr


def test_init_prints_the_keys_once_and_only_once(home: Path) -> None:
    first = answer("init", "--admin", "root", "--currency", "EUR")
    assert first["username"] == "root"
    assert len(first["recovery_key"].split("-")) == 13
    assert "already" in refused("init").lower()


@pytest.mark.parametrize("command", [("check",), ("etl",), ("metric", "win_rate"), ("user", "list"), ("serve",)])
def test_without_a_store_a_command_says_how_to_make_one(home: Path, command: tuple[str, ...]) -> None:
    assert "python -m dashboard init" in refused(*command)


def test_a_command_is_refused_while_another_process_has_the_store(store: Path) -> None:
    held = open_existing(load())
    try:
        assert call("check").exit_code == 1
    finally:
        held.close()


def test_check_is_content_with_a_new_store(store: Path) -> None:
    assert answer("check")["ok"] is True


def test_people_come_and_go(store: Path) -> None:
    done("user", "add", "li.lei", "--name", "李雷", "--role", "rep")
    done("user", "role", "li.lei", "--role", "manager", "--role", "support")
    done("user", "disable", "li.lei")
    listed = {row["username"]: row for row in answer("user", "list")}
    assert listed["li.lei"]["roles"] == ["manager", "support"]
    assert listed["li.lei"]["active"] is False
    shown = done("user", "list")
    assert "manager, support" in shown
    assert not [word for word in ("[", "True", "False") if word in shown]
    assert "reach" in refused("user", "enable", "nobody")
    assert "administrator" in refused("user", "disable", "root")
    assert "king" in refused("user", "role", "li.lei", "--role", "king")


def test_an_import_is_rehearsed_committed_repeated_and_undone(store: Path) -> None:
    file = store / "deals.csv"
    file.write_text(CSV, "utf-8")
    rehearsed = answer("import", str(file), "--as", "deal", "--dry-run")
    assert rehearsed["total"]["create"] == 2
    words = done("import", str(file), "--as", "deal", "--dry-run")
    assert all(word in words for word in ("New", "Deal", "2", "nothing was written"))
    assert answer("metric", "open_pipeline")["rows"][0]["n"] == 0

    first = answer("import", str(file), "--as", "deal")
    row = answer("metric", "open_pipeline")["rows"][0]
    assert (row["n"], row["value"]) == (2, 123_100.5)

    assert first["batch"] in refused("import", str(file), "--as", "deal", "--json")
    done("import", "undo", first["batch"])
    assert answer("metric", "open_pipeline")["rows"][0]["n"] == 0
    assert answer("check")["ok"] is True


def test_what_a_file_holds_must_be_said(store: Path) -> None:
    file = store / "deals.csv"
    file.write_text(CSV, "utf-8")
    assert "--as" in refused("import", str(file))


def test_a_demo_department_has_numbers_for_everybody(home: Path) -> None:
    made = answer("demo", "--deals", "200")
    assert made["deals"] == 200
    leader = answer("metric", "won_amount", "--as", "zhoumin")["rows"][0]
    rep = answer("metric", "won_amount", "--as", "chenjing")["rows"][0]
    assert leader["n"] > rep["n"] > 0
    assert "may not" in refused("metric", "won_amount", "--as", "gaoyuan").lower()
    assert answer("etl", "--full")["marts"]["deal"] == 200
    assert answer("check")["ok"] is True


def test_an_export_carries_its_scope_and_what_it_is(home: Path) -> None:
    done("demo", "--deals", "200")
    rows = answer("export", "deal", "--to", str(home / "deals.json"), "--as", "chenjing")["rows"]
    written = json.loads((home / "deals.json").read_text("utf-8"))
    assert rows > 0
    assert "scope" in json.dumps(written)
    done("export", "win_rate", "--by", "team", "--to", str(home / "rate.xlsx"))
    assert (home / "rate.xlsx").read_bytes()[:2] == b"PK"
    assert "luck" in refused("export", "luck", "--to", str(home / "luck.csv"))


def test_production_makes_no_demo(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_ENV", "production")
    monkeypatch.setenv("SALES_MASTER_KEY", "k" * 40)
    assert "production" in refused("demo", "--deals", "200").lower()


def test_the_terminal_speaks_chinese(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "一切正常" in done("check")


def test_keys_are_rotated_and_everything_still_opens(store: Path) -> None:
    done("user", "add", "li.lei", "--role", "rep")
    before = (store / "master.key").read_bytes()
    done("key", "rotate")
    assert (store / "master.key").read_bytes() != before
    assert answer("check")["ok"] is True
