"""One organisation for everything that is tried role by role: over REST, on pages, in exports and in numbers.

It is random, with a history, and each text in it tells where it stands: "name of deal-3". So whatever is shown anywhere
can be held against the oracle of the policy, see `telling`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import jobs
from dashboard.actions import open_desk_store
from dashboard.domain.access import Actor
from dashboard.store import Store, open_ring
from dashboard.ui import viewing
from tests.access import golden
from tests.access.oracle import Onlooker, Record, Records
from tests.access.organisations import organisation, plant, plant_past
from tests.api.calling import Person, application
from tests.department import MASTER
from tests.selling import APP

ROLES = ("rep", "manager", "leader", "support", "admin")
UNKNOWN = "nobody-knows-it"
SEED, TIMES = 8, 2


@dataclass
class Department:
    """An organisation with one person or more for each role; the first of each role is the one who tries."""

    store: Store
    client: TestClient
    records: Records
    onlookers: dict[str, Onlooker]

    def actor(self, role: str) -> Actor:
        """Somebody with just this role."""
        return self.store.actor(self.onlookers[role].person["id"])

    def person(self, role: str) -> Person:
        """The same, logged in over REST."""
        return Person(self.client, self.store.logins.open(self.actor(role)))

    def page(self, role: str, slug: str, through: str | None = None, **query: str) -> AppTest:
        """A page as they see it when they open its address; through: the role of whoever's eyes they look through."""
        at = AppTest.from_file(str(APP), default_timeout=30)
        at.session_state["session_token"] = self.store.logins.open(self.actor(role))
        at.session_state["language"] = "en"
        if through is not None:
            at.session_state[viewing.SLOT] = self.onlookers[through].person["id"]
        at._page_hash = calc_hash(slug)
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()


@contextmanager
def department(bare: Path, folder: Path) -> Iterator[Department]:
    """The organisation in a copy of an empty store, served."""
    shutil.copytree(bare, folder, dirs_exist_ok=True)
    records = organisation(SEED, TIMES)
    for place, person in enumerate(records["person"]):
        person["roles"] = [ROLES[place % len(ROLES)]]
    for batch in records["import_batch"]:
        batch["counts"] = '{"deal": {"create": 1}}'
    records["access_rule"] = []  # the policy is as it was delivered
    store = open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER))
    there = {name: rows for name, rows in records.items() if rows}
    plant(store, there)
    plant_past(store, there, SEED)
    policy = golden.agreed()
    onlookers = {role: Onlooker(records, records["person"][place], policy) for place, role in enumerate(ROLES)}
    jobs.Running.desk = jobs.Desk(store)
    jobs.Running.desk.refresh("start")
    assert jobs.Running.desk.freshness.problem is None, jobs.Running.desk.freshness.problem
    try:
        with TestClient(application(), raise_server_exceptions=False) as client:
            yield Department(store, client, records, onlookers)
    finally:
        jobs.Running.desk = None
        store.close()


def granted(onlooker: Onlooker, entity: str, action: str) -> bool:
    """Whether any line of the policy gives a person this right at all."""
    lines = (onlooker.policy[role].get(entity, {}) for role in onlooker.person["roles"])
    return any(action in actions.split() for covered in lines for actions in covered.values())


def class_of(onlooker: Onlooker, entity: str, row: Record) -> str:
    """How a record stands to somebody: own, reached (of the team, below or anybody's), foreign; archived or not."""
    if not onlooker.may(entity, row, "read"):
        return "foreign"
    nearness = "own" if onlooker.hangs("own", entity, row) else "reached"
    return nearness if row["archived_at"] is None else f"{nearness}, archived"


def one_of_each(onlooker: Onlooker, entity: str) -> dict[str, Record]:
    """A record for each way in which records of an entity stand to somebody."""
    return {class_of(onlooker, entity, row): row for row in onlooker.records[entity]}
