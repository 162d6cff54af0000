"""A little sales department in an encrypted store: two teams under one head, and somebody in every role."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.actions import open_desk_store, submit
from dashboard.domain.access import Actor, operator
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id, new_ids
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.domain.seeds import seed_frames, with_ids
from dashboard.store import Company, KeyRing, Store, create_ring, open_ring
from tests.builders import frame_of, needed, valid, verb_values

MASTER = b"the master key of a test that is long enough"
COMPANY = Company("CNY", "Asia/Shanghai", 1)
TEAMS = {"sales": None, "north": "sales", "south": "sales"}
PEOPLE: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "head": ("sales", ("manager",)),
    "manager": ("north", ("manager",)),
    "rep": ("north", ("rep",)),
    "colleague": ("north", ("rep",)),
    "other_manager": ("south", ("manager",)),
    "stranger": ("south", ("rep",)),
    "leader": (None, ("leader",)),
    "support": (None, ("support",)),
    "admin": (None, ("admin",)),
    "helper": ("north", ("rep", "support")),
}
"""Who is there: team and roles."""
MANAGING = {"sales": "head", "north": "manager", "south": "other_manager"}


@dataclass
class Desk:
    """An open store with the department in it."""

    store: Store
    people: dict[str, str]
    teams: dict[str, str]
    refs: dict[str, str]  # one record of each reference entity, to point at

    def actor(self, name: str) -> Actor:
        """Somebody of the department, or the operator."""
        return operator() if name == "operator" else self.store.actor(self.people[name])

    def submit(
        self, who: str, *changes: Change, why: str | None = None, effective_at: datetime | None = None
    ) -> Applied:
        """Write changes as somebody."""
        return submit(self.store, self.actor(who), changes, why=why, effective_at=effective_at)

    def make(self, entity: str, /, *, who: str = "operator", **values: Any) -> str:
        """Create a valid record with everything it must point at; returns its id."""
        record_id = str(values.pop("id", new_id()))
        refs = self.needed_by(entity, values, dict(self.refs))
        self.submit(who, Change(entity, "create", frame_of(entity, {"id": record_id, **valid(entity, refs, **values)})))
        return record_id

    def needed_by(self, entity: str, values: Mapping[str, Any], refs: dict[str, str]) -> dict[str, str]:
        """`refs` with a new record of everything that a record must point at; these hang together."""
        for field in entity_of(entity).settable:
            if needed(field) and field.to and field.name not in values and field.to not in refs:
                row = {"id": new_id(), **valid(field.to, self.needed_by(field.to, {}, refs))}
                self.submit("operator", Change(field.to, "create", frame_of(field.to, row)))
                refs[field.to] = str(row["id"])
        return refs

    def do(
        self, who: str, entity: str, verb: str, record_id: str, /, *, why: str | None = None, **values: Any
    ) -> Applied:
        """One verb on one record, at the version it has."""
        row = {"id": record_id, "version": self.version(entity, record_id), **values}
        return self.submit(who, Change(entity, verb, frame_of(entity, row)), why=why)

    def step(self, who: str, entity: str, verb: str, record_id: str, /, **values: Any) -> Applied:
        """A life-cycle verb with everything that it needs, and a reason."""
        return self.do(who, entity, verb, record_id, why="as agreed", **verb_values(entity, verb, self.refs, **values))

    def version(self, name: str, record_id: str) -> int:
        """The version that a record has now."""
        return int(self.row(name, record_id)["version"])

    def row(self, name: str, record_id: str) -> dict[str, Any]:
        """A record as the operator sees it."""
        return self.store.get(operator(), name, record_id)

    def one(self, entity: str, /, **equal: Any) -> dict[str, Any]:
        """The only record with these values."""
        where = [Condition(field, Operator.EQ, value) for field, value in equal.items()]
        found = self.store.find(operator(), entity, where)
        assert found.height == 1, found
        return found.row(0, named=True)


def open_copy(template: Path, folder: Path) -> Desk:
    """A department of one's own, from the one that the session has made."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return desk_of(open_desk_store(folder / "store.duckdb", open_ring(folder / "keys.json", MASTER)))


def desk_of(store: Store) -> Desk:
    """The department that stands in a store."""
    operates = operator()
    people = dict(store.find(operates, "person").select("name", "id").iter_rows())
    teams = dict(store.find(operates, "team").select("name", "id").iter_rows())
    refs = {entity: store.find(operates, entity, limit=1)["id"][0] for entity in ("product", "industry", "region")}
    plain = [Condition("needs_note", Operator.EQ, value=False)]
    listed = store.find(operates, "list_value", plain, sort=[Sort("rank")])
    refs |= dict(listed.unique("list", keep="first", maintain_order=True).select("list", "id").iter_rows())
    refs["list_value"] = refs["lead_reason"]
    refs["stage"] = store.find(operates, "stage", [Condition("code", Operator.EQ, "qualification")])["id"][0]
    return Desk(store, people, teams, refs | {"person": people["rep"], "team": teams["north"]})


def new_store(folder: Path, ring: KeyRing | None = None) -> Store:
    """An empty store of the company, without reference data."""
    store = open_desk_store(folder / "store.duckdb", ring or create_ring(folder / "keys.json", MASTER)[0])
    store.found_company(COMPANY)
    return store


def found_department(folder: Path) -> None:
    """Make the department in a folder and close it."""
    store = new_store(folder)
    submit(store, operator(), founding(), why="founded")
    store.close()


def founding() -> Sequence[Change]:
    """The reference data, the teams and the people."""
    seeds = [Change(name, "create", with_ids(frame, new_ids(frame.height))) for name, frame in seed_frames().items()]
    team, person = {name: new_id() for name in TEAMS}, {name: new_id() for name in PEOPLE}
    teams = [
        {"id": team[name], "name": name, "parent_id": team[above] if above else None} for name, above in TEAMS.items()
    ]
    people = [
        {
            "id": person[name],
            "name": name,
            "username": name,
            "team_id": team[home] if home else None,
            "roles": list(roles),
        }
        for name, (home, roles) in PEOPLE.items()
    ]
    managing = [{"id": team[name], "manager_id": person[manager]} for name, manager in MANAGING.items()]
    return [
        *seeds,
        Change("team", "create", frame_of("team", *teams)),
        Change("person", "create", frame_of("person", *people)),
        Change("team", "update", frame_of("team", *managing)),
        Change("product", "create", frame_of("product", valid("product"))),
    ]
