"""One server for all tests that speak to it by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.served import Served, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application, ready."""
    with serve(tmp_path_factory.mktemp("server")) as found:
        yield found
