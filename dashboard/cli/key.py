"""`key`: rotate what everything is encrypted with."""

from __future__ import annotations

import typer

from dashboard.cli import console
from dashboard.opening import rotate_keys
from dashboard.settings import load

app = typer.Typer(help="Keys. 密钥。", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Keys. 密钥。"""


@app.command("rotate")
def rotate(as_json: console.AsJson = False) -> None:
    """New master and field keys; every data key is wrapped anew. Resumable. 轮换密钥。"""
    with console.refusals():
        rewrapped = rotate_keys(load())
        if as_json:
            console.emit({"rewrapped": rewrapped})
        else:
            console.say("cli.key.rotated", n=rewrapped)
