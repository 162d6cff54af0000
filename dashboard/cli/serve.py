"""`run` and `serve`: the application on one port."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from dashboard.cli import console, remote
from dashboard.opening import DEMO_LOGINS, DEMO_PASSWORD, found_demo
from dashboard.settings import ROOT, LogLevel, load

GRACE_SECONDS = 4  # for requests that are under way when the server stops
SERVER: dict[str, Any] = {
    "access_log": False,
    "log_level": "warning",
    "server_header": False,
    "ws_max_size": 6 * 1024 * 1024,  # bytes of a message: what Streamlit takes, and its envelope
}
"""How the server is run."""

DEMO_DEALS, DEMO_SEED = 5_000, 7

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


def run(host: Host = "127.0.0.1", port: Port = 8501) -> None:
    """Make a demo department when there is no store yet, then serve. 没有数据时生成演示部门，然后启动。"""
    with console.refusals():
        settings = load()
        if not settings.store_file.exists():
            console.say("cli.demo.making", deals=DEMO_DEALS)
            store, founded = found_demo(settings, DEMO_DEALS, DEMO_SEED)
            store.close()
            console.say("cli.init.recovery", key=founded.recovery_key)
    serve(host, port)


def serve(host: Host = "127.0.0.1", port: Port = 8501) -> None:
    """Serve the application. 启动应用。"""
    import uvicorn

    from dashboard.cli import app

    with console.refusals():
        settings = load()
        with console.opened_store() as store:
            if store.company.demo:
                show_demo_logins()
    level = settings.log_level
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory
    console.say("cli.serve.address", address=address_of(host, port))
    with remote.reachable(settings, address_of(host, port), app):
        uvicorn.run(
            "dashboard.asgi:app",
            host=host,
            port=port,
            timeout_graceful_shutdown=GRACE_SECONDS,
            **SERVER | ({"log_level": str(level.value)} if level is not LogLevel.INFO else {}),
        )


def show_demo_logins() -> None:
    """One demo login per role."""
    console.say("cli.demo.logins", password=DEMO_PASSWORD)
    console.table(("role", "username"), list(DEMO_LOGINS.items()))


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    return f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"  # noqa: S104  (a comparison)
