"""Calling the REST interface as somebody of the department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.api.app import mounted
from dashboard.i18n import Language
from tests.department import Desk

V1 = "/api/v1"


def application() -> Starlette:
    """The interface where the server has it."""
    return Starlette(routes=[mounted()])


@dataclass
class Person:
    """Somebody with a bearer token."""

    client: httpx.Client
    secret: str
    language: Language = "en"

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """One request; a path without /api is one of version 1."""
        whole = path if path.startswith("/api") else V1 + path
        known = {"Authorization": f"Bearer {self.secret}", "Accept-Language": self.language}
        return self.client.request(method, whole, headers=known | (headers or {}), **more)

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that must be 200."""
        found = self.call("GET", path, params=params)
        assert found.status_code == 200, found.text
        return found.json()

    def refused(self, method: str, path: str, status: int, **more: Any) -> Any:
        """The problem of a request that must be refused with this status."""
        found = self.call(method, path, **more)
        assert found.status_code == status, (found.status_code, found.text)
        assert found.headers["content-type"] == "application/problem+json"
        problem = found.json()
        assert problem["status"] == status
        return problem

    def make(self, plural: str, **values: Any) -> dict[str, Any]:
        """A new record."""
        found = self.call("POST", f"/{plural}", json=values)
        assert found.status_code == 201, found.text
        return dict(found.json())

    def change(self, address: str, version: int, **values: Any) -> Any:
        """Change fields of the version that was seen."""
        return self.call("PATCH", address, {"If-Match": f'"{version}"'}, json=values)


@dataclass
class Api:
    """The interface over a department."""

    desk: Desk
    client: TestClient

    def __call__(self, name: str, language: Language = "en") -> Person:
        """Somebody of the department, logged in."""
        return Person(self.client, self.desk.store.logins.open(self.desk.actor(name)), language)


def fields_at_fault(problem: dict[str, Any]) -> dict[str, str]:
    """The code of each field that a problem names."""
    return {error["field"]: error["code"] for error in problem["errors"]}
