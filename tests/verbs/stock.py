"""What rows of the table are made of: records of the rep in north, several in one change, led to a state by verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.lifecycles import LIFECYCLES
from tests.builders import frame_of, today, valid, verb_values
from tests.department import Desk

WHY = "as agreed · 如约"


@dataclass
class Stock:
    """A department with one record of each kind that others hang on; `at` names them, and people and teams."""

    desk: Desk
    at: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make what everything hangs on, all of the rep."""
        self.at = dict(self.desk.refs) | {f"@{name}": one for name, one in self.desk.people.items()}
        self.at |= {f"#{name}": one for name, one in self.desk.teams.items()}
        mine = {"owner_id": self.at["@rep"]}
        for entity, values in (
            ("lead", mine),
            ("customer", mine),
            ("contact", {}),
            ("deal", mine),
            ("contract_template", {"body": "{{customer.name}}"}),
            ("legal_entity", {}),
            ("contract", mine),
        ):
            self.at[entity] = self.make(entity, **values)[0]

    @property
    def today(self) -> date:
        """A day that has begun everywhere."""
        return today()

    def make(self, entity: str, n: int = 1, /, **values: Any) -> list[str]:
        """New records in one change; a list holds the value of each."""
        rows = [{"id": new_id(), **self.new(entity, **each(values, place))} for place in range(n)]
        self.desk.submit("operator", Change(entity, "create", frame_of(entity, *rows)))
        return [str(row["id"]) for row in rows]

    def new(self, entity: str, /, **values: Any) -> dict[str, Any]:
        """The facts of a new record, pointing at what there is."""
        return valid(entity, self.at, **values)

    def lead(self, entity: str, ids: Sequence[str], /, *verbs: str, **values: Any) -> list[str]:
        """The records, after these verbs, each in one change."""
        for verb in verbs:
            cycle = LIFECYCLES.get(entity)
            given = values if cycle is None or not cycle.verb(verb) else verb_values(entity, verb, self.at, **values)
            rows = [{"id": one, **each(given, place)} for place, one in enumerate(ids)]
            self.desk.submit("operator", Change(entity, verb, frame_of(entity, *rows)), why=WHY)
        return list(ids)


def each(values: Mapping[str, Any], place: int) -> dict[str, Any]:
    """The values of one record."""
    return {name: value[place] if isinstance(value, list) else value for name, value in values.items()}


def spoken(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a request says them."""
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """One value as a request says it."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
