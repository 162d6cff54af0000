"""The organisation in which everything is tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access import matrix
from tests.access.matrix import Department


@pytest.fixture(scope="module")
def department(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    """The organisation, served to the tests of one file."""
    with matrix.department(bare, tmp_path_factory.mktemp("matrix")) as found:
        yield found
