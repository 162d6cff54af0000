"""Commands while a server holds the store: they are handed to it, and run there as if they ran here.

The server leaves its address and a secret beside the store, readable by its owner only; it takes the secret from this
machine and from nowhere else.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import typer

from dashboard.api import operators
from dashboard.api.commands import Done, Runner
from dashboard.api.gates import COMMAND
from dashboard.cli import console
from dashboard.i18n import Language
from dashboard.jobs import Desk
from dashboard.settings import Settings
from dashboard.store.crypto import write_secret

FILE = "operator.json"
HANDED_ON = ("check", "metric", "export", "import", "etl", "user", "token")
"""The commands that a server runs for its owner."""

CONNECT_SECONDS = 5


class Typed:
    """The arguments of this process; None where no command line was typed."""

    arguments: list[str] | None = None


@contextmanager
def reachable(settings: Settings, address: str, app: typer.Typer) -> Iterator[None]:
    """While a server runs: let the command line of this machine find it."""
    file = settings.home / FILE
    Runner.run = lambda desk, arguments, folder, language: run(app, desk, arguments, folder, language)
    signal.signal(signal.SIGTERM, stop)  # else the signal, which the server passes on once it has stopped, ends us here
    known = {"address": address, "secret": operators.make(), "pid": os.getpid()}
    write_secret(file, json.dumps(known).encode())
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End in order."""
    raise SystemExit(0)


def run(app: typer.Typer, desk: Desk, arguments: list[str], folder: Path, language: Language) -> Done:
    """One command in this process, over the store that it holds."""
    if arguments[:1] == [] or arguments[0] not in HANDED_ON:
        return Done(console.WRONG_USE, "", "")
    out, err = io.StringIO(), io.StringIO()
    with console.at(console.Place(out, err, folder, language, desk)):
        try:
            code = app(args=arguments, prog_name="dashboard", standalone_mode=False)
        except typer.Exit as ended:
            code = ended.exit_code
        except SystemExit as ended:
            code = ended.code
    return Done(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


def hand_on(settings: Settings) -> int | None:
    """Have the server run what was typed here; its exit code, or None when there is no server to ask."""
    typed = Typed.arguments
    if not typed or typed[0] not in HANDED_ON:
        return None
    try:
        known = json.loads((settings.home / FILE).read_bytes())
        if not runs(known["pid"]):  # a server that was killed left it: whoever listens there now is somebody else
            return None
        place = urlsplit(known["address"])
        body = json.dumps({"arguments": typed, "folder": str(Path.cwd()), "language": console.language()})
        server = http.client.HTTPConnection(place.hostname or "localhost", place.port, timeout=CONNECT_SECONDS)
        server.connect()
        server.sock.settimeout(None)  # an import takes as long as it takes
        headers = {"Authorization": f"Bearer {known['secret']}", "Content-Type": "application/json"}
        server.request("POST", f"/api{COMMAND}", body.encode(), headers)
        answer = server.getresponse()
        content = json.loads(answer.read())
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
    if answer.status != http.client.OK:
        return None
    sys.stdout.write(content["out"])
    sys.stderr.write(content["err"])
    return int(content["exit"])


def runs(process: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
