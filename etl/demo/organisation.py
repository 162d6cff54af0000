"""Who sits in which team since when, who joined, moved and left, and who holds which customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from etl.demo.columns import (
    Flags,
    Floats,
    Ints,
)
from etl.demo.world import World, words

DEMO_LOGINS: dict[str, str] = {
    "rep": "chenjing",
    "manager": "wangqiang",
    "leader": "zhoumin",
    "support": "sunli",
    "admin": "gaoyuan",
}
"""The username of the demo login for each role."""

NEVER = 1 << 40  # a tick that does not come
ROOT = 0  # the number of the company's root team


@dataclass(frozen=True)
class Organisation:
    """People and teams by number, in the order in which they joined; a territory is a set of customers of one person.

    People: role, team, later_team, moved (tick), joined, left. Territories: person, start, share of the deals;
    heir and handed (tick): who took it over when its person left. Effects: win (logit) and pace (factor).
    """

    team_ids: pl.Series
    team_region: Ints
    person_ids: pl.Series
    names: tuple[str, ...]
    username: tuple[str, ...]
    role: tuple[str, ...]
    team: Ints
    later_team: Ints
    moved: Ints
    joined: Ints
    left: Ints
    person_win: Floats
    person_pace: Floats
    territory: Ints
    start: Ints
    share: Floats
    heir: Ints
    handed: Ints
    mates: Ints  # territories × 2: colleagues' territories in the same team

    def holder(self, territory: Ints, tick: Ints) -> Ints:
        """The person who holds a territory at a tick."""
        return np.where(tick >= self.handed[territory], self.heir[territory], self.territory[territory])

    def team_at(self, person: Ints, tick: Ints) -> Ints:
        """The team a person was in at a tick."""
        return np.where(tick >= self.moved[person], self.later_team[person], self.team[person])

    def former_team(self, person: Ints, tick: Ints) -> Ints:
        """The team of a person at a tick where it is not the team of today, else -1."""
        team = self.team_at(person, tick)
        return np.where(team == self.later_team[person], -1, team)

    def region_of(self, territory: Ints) -> Ints:
        """The number of the sales region of a territory."""
        return self.team_region[self.team[self.territory[territory]]]

    def present(self, tick: int) -> Flags:
        """Who works here at a tick."""
        return (self.joined <= tick) & (tick < self.left)

    def with_role(self, role: str) -> Ints:
        """The numbers of the people of a role."""
        return np.flatnonzero(np.array(self.role) == role)

    def manager_of(self, person: Ints, tick: Ints) -> Ints:
        """The manager of the person's team; the leader for managers and for those at the root."""
        heads = np.full(len(self.team_ids), self.with_role("leader")[0])
        managers = self.with_role("manager")
        heads[self.team[managers]] = managers
        found = heads[self.team_at(person, tick)]
        return np.where(found == person, self.with_role("leader")[0], found)


def sales_regions(world: World) -> tuple[str, ...]:
    """The region codes of the teams, each once."""
    return tuple(dict.fromkeys(team["region"] for team in words("organisation")["team"]))


def roster() -> list[dict[str, Any]]:
    """The people of the word list with their role, those who joined first first."""
    people = words("organisation")["people"]
    listed = [{**person, "role": role} for role, members in people.items() for person in members]
    return sorted(listed, key=lambda person: -person["joined"])


def found(world: World) -> Organisation:
    """The organisation of a world."""
    source, people = words("organisation"), roster()
    names = ["", *(team["name"] for team in source["team"])]
    dice = world.dice("people")
    team = np.array([names.index(person.get("team", "")) for person in people])
    later = np.array([names.index(p["move"]["team"]) if "move" in p else t for p, t in zip(people, team, strict=True)])
    moved = np.array([world.clock.months_ago(p["move"]["months"]) if "move" in p else NEVER for p in people])
    joined = np.array([world.clock.months_ago(person["joined"]) for person in people])
    left = np.array([world.clock.months_ago(p["left"]) if "left" in p else NEVER for p in people])
    effect = [{"win": 0.0, "pace": 1.0}, *source["team"]]
    own_win = np.array([person.get("win", 0.0) for person in people])
    return Organisation(
        team_ids=world.ids("team", np.full(len(names), world.clock.months_ago(source["root"]["founded"]))),
        team_region=np.array([-1, *(sales_regions(world).index(t["region"]) for t in source["team"])]),
        person_ids=world.ids("person", joined),
        names=tuple(person["name"] for person in people),
        username=tuple(person["username"] for person in people),
        role=tuple(person["role"] for person in people),
        team=team,
        later_team=later,
        moved=moved,
        joined=joined,
        left=left,
        person_win=own_win + np.array([effect[t]["win"] for t in team]) + dice.normal(0, 0.22, len(people)),
        person_pace=np.array([effect[t]["pace"] for t in team]) * np.exp(dice.normal(0, 0.12, len(people))),
        **territories(people, team, joined, left, world),
    )


def territories(people: list[dict[str, Any]], team: Ints, joined: Ints, left: Ints, world: World) -> dict[str, Any]:
    """A territory for each manager (key accounts) and rep, but for those who take one over."""
    usernames = [person["username"] for person in people]
    heirs = {usernames.index(p["takes_over"]): number for number, p in enumerate(people) if "takes_over" in p}
    sellers = [n for n, p in enumerate(people) if p["role"] in ("manager", "rep") and "takes_over" not in p]
    ticks = np.array([left[n] if n in heirs else NEVER for n in sellers])
    share = np.array([people[n].get("share", 1.0) * (0.4 if people[n]["role"] == "manager" else 1.0) for n in sellers])
    settled = [at for at, n in enumerate(sellers) if joined[n] <= world.start and left[n] == NEVER]
    mates = [[at for at in settled if team[sellers[at]] == team[n] and sellers[at] != n] for n in sellers]
    return {
        "territory": np.array(sellers),
        "start": joined[sellers],
        "share": share,
        "heir": np.array([heirs.get(n, n) for n in sellers]),
        "handed": ticks,
        "mates": np.array([(own * 2)[:2] if own else [at, at] for at, own in enumerate(mates)]),
    }
