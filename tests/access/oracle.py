"""The access policy a second time, as plain Python over plain records: who may do what, read off spec and golden table.

It shares no code with the store's read scope; the property tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dashboard.domain.fields import Field, Group
from tests.access.golden import Matrix

Record = dict[str, Any]
Records = dict[str, list[Record]]

PEOPLE = {
    "person": ("id",),
    "deal": ("owner_id",),
    "lead": ("owner_id",),
    "customer": ("owner_id",),
    "contract": ("owner_id",),
    "order": ("owner_id",),
    "interaction": ("author_id",),
    "ticket": ("assignee_id",),
    "task": ("assignee_id",),
    "approval_run": ("person_id", "deputy_id"),
} | dict.fromkeys(("absence", "target", "appraisal", "pool_run", "assignment_run"), ("person_id",))
"""Whoever stands here has the record as their own."""
TEAMS = {"team": "id", "target": "team_id"} | dict.fromkeys(
    ("contract_template", "clause", "pool_rule", "approval_rule", "assignment_rule"), "team_id"
)
CLOSED_IN = {"deal": "closed_team_id", "order": "closed_team_id"}
HANGS_ON: dict[str, tuple[tuple[str, str], ...]] = {
    "contact": (("customer", "customer_id"),),
    "consent": (("contact", "contact_id"), ("lead", "lead_id"), ("customer", "customer_id")),
    "interaction": (("lead", "lead_id"), ("deal", "deal_id"), ("customer", "customer_id")),
    "attachment": (("deal", "deal_id"), ("customer", "customer_id"), ("contract", "record_id"), ("order", "record_id")),
    "contract": (("deal", "deal_id"), ("customer", "customer_id")),
    "order": (("deal", "deal_id"), ("customer", "customer_id")),
    "payment": (("contract", "contract_id"), ("order", "order_id"), ("customer", "customer_id")),
    "shipment_line": (("shipment", "shipment_id"),),
    "ticket": (("customer", "customer_id"),),
    "rating": (("customer", "customer_id"),),
    "appraisal_component": (("appraisal", "appraisal_id"),),
    "clause": (("contract_template", "template_id"),),
    "pool_run": (("pool_rule", "rule_id"),),
    "approval_run": (("approval_rule", "rule_id"), ("contract", "record_id")),
    "assignment_run": (("assignment_rule", "rule_id"),),
} | {
    part: ((whole, f"{whole}_id"),)
    for whole, parts in {
        "deal": "deal_product deal_credit deal_participant",
        "contract": "contract_clause contract_version obligation payment_plan",
        "order": "order_line return shipment",
    }.items()
    for part in parts.split()
}
STATE = {
    "lead": "status",
    "deal": "stage_type",
    "contract": "step",
    "order": "status",
    "task": "status",
} | dict.fromkeys(("ticket", "appraisal", "feedback"), "status")
LINE = re.compile(
    r"(?P<reach>\w+)(?P<shows> masked| without money| only \S+)?(?: when (?P<states>\S+))?(?P<others> not self)?"
)


@dataclass
class Onlooker:
    """One person of the organisation, and what that person may see and do."""

    records: Records
    person: Record
    policy: Matrix
    by_id: dict[tuple[str, str], Record] = field(init=False)
    below: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {(entity, row["id"]): row for entity, rows in self.records.items() for row in rows}
        self.below = set(self.teams_below()) if "manager" in self.person["roles"] else set()

    def teams_below(self) -> Iterator[str]:
        """The own team, the teams this person manages, and all under them."""
        for team in self.records["team"]:
            above = self.upwards(team)
            if any(step["id"] == self.person["team_id"] or step["manager_id"] == self.person["id"] for step in above):
                yield team["id"]

    def upwards(self, team: Record) -> list[Record]:
        """A team and the teams above it."""
        above = self.by_id.get(("team", team["parent_id"] or ""))
        return [team, *(self.upwards(above) if above else ())]

    # -- what a grant covers --------------------------------------------------------------------------------------

    def shows(self, entity: str, row: Record, action: str) -> list[str]:
        """How each line of the policy that covers a record shows its fields; empty when none does."""
        lines = (
            (LINE.fullmatch(what), actions)
            for role in self.person["roles"]
            for what, actions in self.policy[role].get(entity, {}).items()
        )
        return [
            (line["shows"] or "").strip()
            for line, actions in lines
            if line and action in actions.split() and self.covers(entity, row, line)
        ]

    def may(self, entity: str, row: Record, action: str) -> bool:
        """Whether the person may do it."""
        return bool(self.shows(entity, row, action))

    def may_in_another_state(self, entity: str, row: Record, action: str) -> bool:
        """Whether the person may do it to the record, were its state, or that of what it is a part of, another."""
        lines = (
            LINE.fullmatch(what)
            for role in self.person["roles"]
            for what, actions in self.policy[role].get(entity, {}).items()
            if action in actions.split()
        )
        return any(
            (line["reach"] == "named" or self.within(line["reach"], entity, row))
            and not (line["others"] and self.about_me(entity, row))
            for line in lines
            if line
        )

    def sees(self, entity: str, row: Record, declared: Field) -> str:
        """How the person sees a field of a record that may be read: clear, masked or hidden."""
        found = {visibility(rule, declared) for rule in self.shows(entity, row, "read")}
        return next(level for level in ("clear", "masked", "hidden") if level in found)

    def covers(self, entity: str, row: Record, line: re.Match[str]) -> bool:
        """Whether one line of the policy covers a record."""
        states = line["states"].split(",") if line["states"] else None
        if line["others"] and self.about_me(entity, row):
            return False
        return self.within(line["reach"], entity, row, states)

    def within(self, reach: str, entity: str, row: Record, states: list[str] | None = None) -> bool:
        """Whether a record lies within a reach, and in one of the states: its own, or those of what it is a part of."""
        if states and entity in STATE:
            return row[STATE[entity]] in states and self.within(reach, entity, row)
        special = {
            "all": self.anything,
            "mine": self.kept,
            "shared": self.shared,
            "pool": self.pooled,
            "linked": self.linked,
            "named": self.named,
        }
        if reach in special:
            return special[reach](entity, row)
        return self.hangs(reach, entity, row) or any(
            self.within(reach, whole, above, states) for whole, above in self.wholes(entity, row)
        )

    def anything(self, entity: str, row: Record) -> bool:
        """Every record."""
        return row["id"] in {known["id"] for known in self.records[entity]}

    def kept(self, _entity: str, row: Record) -> bool:
        """A row of the person's own account."""
        return bool(row["person_id"] == self.person["id"])

    def shared(self, _entity: str, row: Record) -> bool:
        """A view shared with the own team."""
        return row["shared_team_id"] is not None and bool(row["shared_team_id"] == self.person["team_id"])

    def hangs(self, reach: str, entity: str, row: Record) -> bool:
        """Whether a record belongs to somebody of the reach by itself."""
        people = [row[name] for name in PEOPLE.get(entity, ())]
        if any(self.reaches(reach, person) for person in people):
            return True
        if reach == "heads" and entity in TEAMS and None in people:
            return True
        if reach == "below" and {row.get(TEAMS.get(entity, "")), row.get(CLOSED_IN.get(entity, ""))} & self.below:
            return True
        return entity == "deal" and any(self.holds(reach, part) for part in self.parts_of(row))

    def holds(self, reach: str, part: Record) -> bool:
        """Whether a credit or a participation is one of the reach, now or in the team of that time."""
        return self.reaches(reach, part["person_id"]) or (reach == "below" and part.get("team_id") in self.below)

    def parts_of(self, deal: Record) -> Iterator[Record]:
        """The credits and participations of a deal that were not taken away."""
        for entity in ("deal_credit", "deal_participant"):
            for row in self.records[entity]:
                if row["deal_id"] == deal["id"] and row["archived_at"] is None:
                    yield row

    def reaches(self, reach: str, person_id: str | None) -> bool:
        """Whether a person is one of the reach."""
        if person_id is None:
            return False
        if reach == "own":
            return bool(person_id == self.person["id"])
        person = self.by_id["person", person_id]
        if reach == "heads":
            return self.is_head(person)
        return person_id == self.person["id"] or person["team_id"] in self.below

    def is_head(self, person: Record) -> bool:
        """Whether somebody manages a team, or has no manager above."""
        if any(team["manager_id"] == person["id"] for team in self.records["team"]):
            return True
        team = self.by_id.get(("team", person["team_id"] or ""))
        return team is None or all(step["manager_id"] is None for step in self.upwards(team))

    def wholes(self, entity: str, row: Record) -> Iterator[tuple[str, Record]]:
        """What a record hangs on."""
        for whole, name in HANGS_ON.get(entity, ()):
            if row[name] is not None and (name != "record_id" or (whole, row[name]) in self.by_id):
                yield whole, self.by_id[whole, row[name]]

    def named(self, entity: str, row: Record) -> bool:
        """A contract whose approval waits for the person, also as a deputy, and what hangs on it."""
        if entity != "contract":
            return any(whole == "contract" and self.named(whole, above) for whole, above in self.wholes(entity, row))
        return any(
            self.person["id"] in (run["person_id"], run["deputy_id"])
            for run in self.records["approval_run"]
            if (run["entity"], run["record_id"], run["status"]) == ("contract", row["id"], "pending")
            and run["archived_at"] is None
        )

    def linked(self, entity: str, row: Record) -> bool:
        """A customer of an own deal and its contacts; a task of an own ticket."""
        if entity == "customer":
            deals = [deal for deal in self.records["deal"] if deal["customer_id"] == row["id"]]
            return any(self.within(reach, "deal", deal) for deal in deals for reach in ("own", "below"))
        if entity == "task":
            return row["ticket_id"] is not None and self.within("own", "ticket", self.by_id["ticket", row["ticket_id"]])
        return any(self.linked(whole, above) for whole, above in self.wholes(entity, row))

    def pooled(self, entity: str, row: Record) -> bool:
        """Without owner, in the pool of the own team or of one below; a contact is where its customer is."""
        if entity in ("lead", "customer"):
            return row["owner_id"] is None and row["pool_team_id"] in {*self.below, self.person["team_id"]} - {None}
        return any(self.pooled(whole, above) for whole, above in self.wholes(entity, row))

    def about_me(self, entity: str, row: Record) -> bool:
        """Whether a decision on the record would be one about the person: own, of a team that is managed, or a part."""
        people = [row[name] for name in PEOPLE.get(entity, ())]
        if self.person["id"] in people:
            return True
        team = self.by_id.get(("team", row.get(TEAMS.get(entity, "")) or ""))
        if team is not None and team["manager_id"] == self.person["id"]:
            return True
        wholes = self.wholes(entity, row) if not any(people) else ()
        return any(above[name] == self.person["id"] for whole, above in wholes for name in PEOPLE.get(whole, ()))


def visibility(rule: str, declared: Field) -> str:
    """How one line of the policy shows a field."""
    if rule.startswith("only "):
        return "clear" if declared.name in rule.removeprefix("only ").split(",") else "hidden"
    if rule == "without money" and declared.group in (Group.MONEY, Group.FILE):
        return "hidden"
    return "masked" if rule and declared.group is Group.PERSONAL else "clear"
