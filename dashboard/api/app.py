"""The REST application, to be mounted at /api."""

from __future__ import annotations

from fastapi import FastAPI

from dashboard import __version__
from dashboard.api import (
    addresses,
    commands,
    guide,
    imports,
    metrics,
    operations,
    problems,
    records,
    sessions,
    tokens,
    trail,
    verbs,
)

ROUTERS = (operations, guide, commands, sessions, tokens, metrics, imports, trail, records, verbs)
"""Every part with routes; those of records come last, because their addresses hold any kind of record."""


def create() -> FastAPI:
    """The application. Its document is made from the declarations, not from the routes."""
    assert addresses.PLURALS
    app = FastAPI(
        title="SalesDesk",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_middleware(operations.Counted)
    problems.install(app)
    for part in ROUTERS:
        app.router.routes.extend(part.router.routes)
    return app
