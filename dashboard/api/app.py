"""The REST application, to be mounted at /api."""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.routing import Mount

from dashboard import __version__
from dashboard.api import (
    addresses,
    calendars,
    colleagues,
    commands,
    duplicates,
    files,
    guide,
    imports,
    metrics,
    operations,
    papers,
    problems,
    records,
    sessions,
    tokens,
    trail,
    verbs,
    web_leads,
)

ADDRESS = "/api"
ROUTERS = (
    operations,
    guide,
    commands,
    sessions,
    tokens,
    calendars,
    metrics,
    imports,
    duplicates,
    colleagues,
    trail,
    files,
    web_leads,
    papers,
    records,
    verbs,
)
"""Every part with routes; those of records come last, because their addresses hold any kind of record."""


def mounted() -> Mount:
    """The application at /api, whatever stands behind that: Starlette's own pattern lets go of a line break."""
    found = Mount(ADDRESS, app=create())
    found.path_regex = re.compile(found.path_regex.pattern, re.DOTALL)
    return found


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
