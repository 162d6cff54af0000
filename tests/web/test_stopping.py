"""A real server told to stop: it closes the store cleanly and in time, whatever is still open."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from dashboard.actions import open_desk_store
from dashboard.settings import ROOT, Settings
from dashboard.store import open_ring
from tests.department import MASTER, desk_of
from tests.served import Served, serve
from tests.web.client import visiting
from tests.web.test_weak_logins import logged_in

LONGEST_SECONDS = 10


def wait_for(served: Served) -> None:
    """Until it answers that it is ready."""
    http = httpx.Client(transport=httpx.HTTPTransport(retries=30))
    while http.get(f"{served.address}/api/health").status_code != 200:
        pass
    http.close()


def test_sigterm_checkpoints_in_time_with_open_requests_and_websockets(tmp_path: Path) -> None:
    with serve(tmp_path) as made:  # makes the store
        pass
    port = made.port
    with (tmp_path / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "SALES_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout
        process.stdout.readline()
        served = Served(process, f"http://127.0.0.1:{port}")  # type: ignore[arg-type]
        wait_for(served)
        with visiting(served.address, logged_in(served, "rep")) as client:
            client.run()
            with socket.create_connection(("127.0.0.1", port)) as slow:
                slow.sendall(
                    b"POST /session/open HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                    b"Content-Length: 100\r\n\r\nnot all of it" % (port, port)
                )
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)
                took = time.monotonic() - begun
        process.stdout.close()
    assert took < LONGEST_SECONDS
    settings = Settings(home=tmp_path, _env_file=None)
    assert not settings.store_file.with_name(settings.store_file.name + ".wal").exists(), "the log is in the file"
    store = open_desk_store(settings.store_file, open_ring(settings.keyring_file, MASTER))
    assert store.check() == []
    assert desk_of(store).people
    store.close()
