"""A server of its own for a measurement: the application over a store, the bare pages, or the bare answers.

    python -m dashboard.bench.serving {pages|bare|plain}

It prints its port once it listens, and stops when its input ends.
"""

from __future__ import annotations

import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn

BARE = Path(__file__).with_name("bare.py")


class Announcing(uvicorn.Server):
    """A server that says on which port it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], file=sys.__stdout__, flush=True)


def main() -> None:
    """Serve until nobody needs it any more."""
    apps: dict[str, Any] = {"pages": "dashboard.asgi:app", "plain": "dashboard.bench.plain:app"}
    app = apps.get(sys.argv[1]) or st.App(BARE)
    server = Announcing(uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="warning"))

    def wait() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=wait, daemon=True).start()
    with redirect_stdout(sys.stderr):  # nobody reads more than the port
        server.run()


if __name__ == "__main__":
    main()
