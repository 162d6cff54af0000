"""What every test may ask for: a department in an encrypted store of its own, or one shared by a file's tests."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from streamlit.components.v2 import manifest_scanner

from tests.department import Desk, found_department, new_store, open_copy

SLOW_STORE = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
settings.register_profile("ci", max_examples=30, deadline=None, derandomize=True, suppress_health_check=SLOW_STORE)
settings.register_profile("thorough", max_examples=400, deadline=None, suppress_health_check=SLOW_STORE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Each AppTest reads what every installed package says of itself, for components; half a second, and always the same.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed store with the department in it; copy it, never open it."""
    folder = tmp_path_factory.mktemp("department")
    found_department(folder)
    return folder


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed store with a company and nobody in it; copy it, never open it."""
    folder = tmp_path_factory.mktemp("bare")
    new_store(folder).close()
    return folder


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    """A department of the test's own."""
    opened = open_copy(template, tmp_path)
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def shared_desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A department that the tests of one file share: they make their own records and leave the others alone."""
    opened = open_copy(template, tmp_path_factory.mktemp("shared"))
    yield opened
    opened.store.close()
