"""The application as a process of its own, for tests that speak to it from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVING = Path(__file__).parent / "e2e" / "serving.py"


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def end_sessions(self, name: str) -> None:
        """End every session of a person, as an administrator would."""
        self.say(f"end {name}")

    def count(self) -> None:
        """Let the numbers hold everything that was written so far."""
        self.say("count")

    def cookie(self, name: str) -> str:
        """The cookie of a session of somebody who has just logged in."""
        return self.say(f"log_in {name}")

    def say(self, line: str) -> str:
        """Ask for something and wait until it is done; what is answered."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        done, _, answer = self.process.stdout.readline().strip().partition(" ")
        assert done == "done"
        return answer


@contextmanager
def serve(folder: Path, *options: str) -> Iterator[Served]:
    """The application over the store in a folder, made when there is none; ready. `options`: see serving.py."""
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, str(SERVING), str(folder), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            port = process.stdout.readline().strip()
            assert port, (folder / "log").read_text()
            found = Served(process, f"http://127.0.0.1:{port}")
            found.say("ready")
            yield found
        finally:
            process.stdin.close()
            process.wait(timeout=30)
            process.stdout.close()
