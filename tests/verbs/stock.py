"""What rows of the table are made of: records of the department, several in one change, led to a state by verbs.

In values `@rep` is a person, `#north` a team, `:customer` the record of that kind that everything hangs on, and `^`
what the record in question hangs on, or the record itself in what is sent about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.lifecycles import LIFECYCLES
from tests.builders import frame_of, today, valid, verb_values
from tests.department import Desk
from tests.selling import lost_reason

WHY = "as agreed · 如约"
Values = Mapping[str, Any]
Rows = list[dict[str, Any]]


@dataclass
class Stock:
    """A department with one record of each kind that others hang on; `at` names them, and people and teams."""

    desk: Desk
    at: dict[str, str] = field(default_factory=dict)
    spare: dict[Ready, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make what everything hangs on, all of the rep, and a second administrator."""
        deputy = self.desk.make("person", name="deputy", username="deputy", roles=["admin"])
        self.desk.people["deputy"] = deputy
        self.at = {f":{name}": one for name, one in self.desk.refs.items()}
        self.at |= {f"@{name}": one for name, one in self.desk.people.items()}
        self.at |= {f"#{name}": one for name, one in self.desk.teams.items()}
        self.at[":lost_reason"] = lost_reason(self.desk)
        self.at[":competitor"] = self.desk.one("list_value", list="competitor", code="none")["id"]
        for entity, values in STANDING.items():
            self.at[f":{entity}"] = self.make(entity, [values])[0]
        self.lead("order", [self.at[":order"]], "confirm")
        self.at[":shipment"] = self.make("shipment", [{"order_id": ":order"}])[0]

    def said(self, values: Values, on: str = "") -> dict[str, Any]:
        """Values with ids instead of the words for them."""
        known = self.at | {"^": on}
        return {name: known.get(value, value) if isinstance(value, str) else value for name, value in values.items()}

    def new(self, entity: str, values: Values, on: str = "") -> dict[str, Any]:
        """The facts of a new record, pointing at what there is."""
        refs = {name[1:]: one for name, one in self.at.items() if name[0] == ":"}
        return valid(entity, refs, **self.said(values, on))

    def make(self, entity: str, values: Sequence[Values], on: Sequence[str] | None = None) -> list[str]:
        """New records in one change, each on its own of `on`."""
        hooks = on or [""] * len(values)
        rows = [{"id": new_id(), **self.new(entity, one, hook)} for one, hook in zip(values, hooks, strict=True)]
        self.desk.submit("operator", Change(entity, "create", frame_of(entity, *rows)), why="made ready")
        return [str(row["id"]) for row in rows]

    def lead(self, entity: str, ids: Sequence[str], verb: str) -> None:
        """Do a verb with all of the records in one change."""
        cycle, refs = LIFECYCLES.get(entity), {name[1:]: one for name, one in self.at.items() if name[0] == ":"}
        given = verb_values(entity, verb, refs) if cycle and cycle.verb(verb) else {}
        rows = [{"id": one, **given} for one in ids]
        self.desk.submit("operator", Change(entity, verb, frame_of(entity, *rows)), why="made ready")

    def some(self, ready: Ready, n: int) -> list[str]:
        """Records that nobody has had, of a larger number made together."""
        spare = self.spare.setdefault(ready, [])
        if len(spare) < n:
            spare += ready(self, TOGETHER)
        return [spare.pop() for _ in range(n)]


Ready = Callable[[Stock, int], list[str]]
TOGETHER = 8

MINE: Values = {"owner_id": "@rep"}
SOLD: Values = {"owner_id": "@rep", "customer_id": ":customer"}
STANDING: dict[str, Values] = {
    "lead": MINE,
    "customer": MINE,
    "contact": {},
    "deal": MINE,
    "legal_entity": {},
    "contract_template": {"team_id": "#north", "body": "{{customer.name}}"},
    "contract": SOLD,
    "order": {**SOLD, "promised_on": today()},
    "order_line": {"order_id": ":order", "quantity": 100},
}
"""What everything hangs on."""


def made(
    entity: str,
    /,
    *verbs: str,
    on: Ready | None = None,
    parts: Mapping[str, Values] | None = None,
    after: Mapping[str, Values] | None = None,
    **values: Any,
) -> Ready:
    """Records with these values, each on one of `on`, with their parts, led by verbs, with what comes after them."""

    def ready(stock: Stock, n: int) -> list[str]:
        ids = stock.make(entity, [values] * n, on(stock, n) if on else None)
        for part, told in (parts or {}).items():
            stock.make(part, [told] * n, ids)
        for verb in verbs:
            stock.lead(entity, ids, verb)
        for part, told in (after or {}).items():
            stock.make(part, [told] * n, ids)
        return ids

    return ready


def nothing(_stock: Stock, n: int) -> list[str]:
    """What a new record hangs on that hangs on nothing of its own."""
    return [""] * n


def spoken(values: Values) -> dict[str, Any]:
    """Values as a request says them."""
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """One value as a request says it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return value.isoformat() if isinstance(value, date) else value
