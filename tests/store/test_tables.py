"""The tables that follow from the declarations."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import MetaData, Table

from dashboard.domain.entities import ENTITIES
from dashboard.store import schema

THREADS = 8


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No table was built yet, as when a server starts; and threads take turns as often as they can."""
    monkeypatch.setattr(schema, "METADATA", MetaData())
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_that_need_a_table_first_at_the_same_time_get_the_same_one(unbuilt: None) -> None:
    together = Barrier(THREADS)

    def build(entity: str) -> Table:
        declared = ENTITIES[entity]
        together.wait()
        return schema.build(declared.plural, declared.value_columns, ("id",), schema.uniques(declared))

    with ThreadPoolExecutor(THREADS) as pool:
        for entity in ENTITIES:
            assert len({id(table) for table in pool.map(build, [entity] * THREADS)}) == 1
