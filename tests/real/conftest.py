"""Stores filled from the real data sets through their shipped maps; skipped with a reason where the data are absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.actions import imports
from dashboard.domain.access import operator
from dashboard.jobs import Desk
from dashboard.opening import found
from dashboard.settings import ROOT, Settings
from etl.ingest import preset, sources_from

DATA = Path(os.environ.get("SALES_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets."""
    if not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}: set SALES_TEST_DATA")
    return DATA


def imported(folder: Path, data: Path, name: str) -> Desk:
    """A desk over a new store in which a data set was imported."""
    store, _ = found(Settings(_env_file=None, home=folder), "admin", "USD")
    rehearsal = imports.rehearse(store, operator(), sources_from([data / name]), preset(name))
    imports.commit(store, operator(), rehearsal)
    desk = Desk(store)
    desk.refresh("start")
    return desk


@pytest.fixture(scope="session")
def maven_desk(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """maven_crm in a store."""
    desk = imported(tmp_path_factory.mktemp("maven"), real_data, "maven_crm")
    yield desk
    desk.store.close()


@pytest.fixture(scope="session")
def adventure_desk(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """adventureworks in a store."""
    desk = imported(tmp_path_factory.mktemp("adventureworks"), real_data, "adventureworks")
    yield desk
    desk.store.close()
