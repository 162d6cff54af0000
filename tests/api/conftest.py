"""The REST interface over a department that a file's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.api.calling import Api, application
from tests.department import Desk
from tests.selling import give_passwords, running


@pytest.fixture(scope="module")
def api(shared_desk: Desk) -> Iterator[Api]:
    """The interface, and people who may log in."""
    give_passwords(shared_desk.store, shared_desk.people)
    with running(shared_desk), TestClient(application(), raise_server_exceptions=False) as client:
        yield Api(shared_desk, client)
