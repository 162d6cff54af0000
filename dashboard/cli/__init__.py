"""One file a command; this one lists them."""

from __future__ import annotations

import sys

import typer

from dashboard.cli import (
    bench,
    check,
    demo,
    etl,
    export,
    importing,
    init,
    key,
    metric,
    migrate,
    remote,
    serve,
    token,
    user,
)

app = typer.Typer(
    name="dashboard",
    help="SalesDesk 销售部管理系统",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(serve.run)
app.command("serve")(serve.serve)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("migrate")(migrate.migrate)
app.command("check")(check.check)
app.command("import")(importing.import_)
app.command("export")(export.export)
app.command("etl")(etl.etl)
app.command("metric")(metric.metric)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(key.app, name="key")
app.command("bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench.bench)


def main() -> None:
    """Run the command that was asked for."""
    remote.Typed.arguments = sys.argv[1:]
    app()
