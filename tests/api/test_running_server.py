"""The command line while a server holds the store: the server runs the commands, for its owner on this machine only."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.api import operators
from dashboard.cli import remote
from dashboard.settings import ROOT, Settings
from tests.api.calling import Api

PATIENCE_SECONDS = 90
CSV = "name,created_on,amount\nBrought in,2026-03-01,100.50\n"


@dataclass
class Running:
    """A server in its own process, and its home."""

    home: Path
    port: int

    def command(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command in another process."""
        return subprocess.run(
            [sys.executable, "-m", "dashboard", *arguments],
            capture_output=True,
            text=True,
            cwd=folder or self.home,
            env=environment(self.home),
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    @property
    def secret(self) -> str:
        """What the server left for its owner."""
        return str(json.loads((self.home / "operator.json").read_text())["secret"])

    def get(self, headers: dict[str, str]) -> int:
        """The status of a call."""
        return httpx.get(f"http://127.0.0.1:{self.port}/api/v1/deals", headers=headers).status_code


def environment(home: Path) -> dict[str, str]:
    """A home and a language of its own."""
    return {**os.environ, "SALES_HOME": str(home), "LC_ALL": "en_GB.UTF-8", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A new store, served."""
    running = founded(tmp_path_factory.mktemp("served"))
    process = serving(running)
    try:
        wait_until_ready(process, running.port)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def founded(home: Path) -> Running:
    """A new store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        running = Running(home, free.getsockname()[1])
    made = running.command("init", "--admin", "root")
    assert made.returncode == 0, made.stderr
    return running


def serving(running: Running) -> subprocess.Popen[bytes]:
    """A server of it that has just been started."""
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(running.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(running.home),
        cwd=running.home,
    )


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Until the server answers."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON of a command that must succeed."""
    assert done.returncode == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def test_commands_do_their_work_through_the_server(server: Running, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(CSV)
    brought = answer(server.command("import", "deals.csv", "--as", "deal", "--json", folder=tmp_path))
    assert brought["counts"]["deal"]["create"] == 1
    assert answer(server.command("check", "--json"))["ok"]
    people = answer(server.command("user", "list", "--json"))
    assert [row["username"] for row in people] == ["root"]
    written = answer(server.command("export", "deal", "--to", "out.csv", "--json", folder=tmp_path))
    assert written["rows"] == 1
    assert "Brought in" in (tmp_path / "out.csv").read_text("utf-8-sig")
    metric = answer(server.command("metric", "open_pipeline", "--json"))
    assert [row["value"] for row in metric["rows"]] == [100.5]
    assert answer(server.command("etl", "--json"))["run"]["status"] == "done"
    token = answer(server.command("token", "add", "root", "--name", "x", "--scope", "read", "--json"))
    assert server.get({"Authorization": f"Bearer {token['token']}"}) == 200


def test_a_refusal_comes_back_with_its_reason_and_code(server: Running) -> None:
    refused = server.command("metric", "nonsense")
    assert (refused.returncode, refused.stdout, "no metric called nonsense" in refused.stderr) == (1, "", True)


def test_what_needs_the_store_alone_is_refused(server: Running) -> None:
    for command in (("migrate",), ("serve", "--port", "1")):
        refused = server.command(*command)
        assert refused.returncode == 1
        assert "in use" in refused.stderr


def test_the_secret_is_its_owners_and_good_on_this_machine_only(server: Running) -> None:
    file = server.home / "operator.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = {"Authorization": f"Bearer {server.secret}"}
    assert server.get(known) == 200
    assert server.get({"Authorization": "Bearer " + "x" * 43}) == 401
    assert server.get(known | {"X-Forwarded-For": "203.0.113.7"}) == 401
    assert server.get(known | {"Forwarded": "for=203.0.113.7"}) == 401


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_takes_its_address_along(tmp_path: Path, how: signal.Signals) -> None:
    running = founded(tmp_path)
    process = serving(running)
    try:
        wait_until_ready(process, running.port)
        assert running.secret
    finally:
        process.send_signal(how)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert not (tmp_path / "operator.json").exists()


def test_the_address_that_a_killed_server_left_behind_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.setattr(remote.Typed, "arguments", ["check"])
    settings = Settings(home=tmp_path, _env_file=None)
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        somebody.setblocking(False)
        address = f"http://127.0.0.1:{somebody.getsockname()[1]}"
        (tmp_path / "operator.json").write_text(json.dumps({"address": address, "secret": "x", "pid": ended.pid}))
        assert remote.hand_on(settings) is None
        with pytest.raises(BlockingIOError):
            somebody.accept()


def test_nobody_else_runs_commands(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"arguments": ["user", "list"], "folder": "/", "language": "en"}
    for who in ("rep", "admin"):
        api(who).refused("POST", "/api/operator", 403, json=body)
    monkeypatch.setattr(operators.Secret, "value", "the secret")
    found = api.client.post("/api/operator", json=body, headers={"Authorization": "Bearer the secret"})
    assert found.status_code == 401, "the test client is not of this machine"
