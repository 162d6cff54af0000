"""The access table as it was agreed: `golden_grants.json` says who may do what, one line for each role and entity.

After a decided change of the defaults write it anew with `python -m tests.access.golden` and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path

from dashboard.domain.access import CLEAR, DEFAULTS, MASKED, WITHOUT_MONEY, FieldRule, Grant, Role

FILE = Path(__file__).with_name("golden_grants.json")
Matrix = dict[str, dict[str, dict[str, str]]]
"""role → entity → what is covered, like `own when draft` or `all masked` → the actions, separated by blanks."""


def matrix(grants: tuple[Grant, ...] = DEFAULTS) -> Matrix:
    """The table of grants; the machines' roles, which may do everything, are left out."""
    found: dict[str, dict[str, dict[str, set[str]]]] = {}
    for grant in grants:
        if grant.role not in (Role.OPERATOR, Role.SYSTEM):
            covered = found.setdefault(str(grant.role), {}).setdefault(grant.entity, {})
            covered.setdefault(words(grant), set()).add(str(grant.action))
    return {
        role: {
            entity: {what: " ".join(sorted(actions)) for what, actions in sorted(covered.items())}
            for entity, covered in sorted(entities.items())
        }
        for role, entities in sorted(found.items())
    }


def words(grant: Grant) -> str:
    """What a grant covers."""
    states = f" when {','.join(grant.states)}" if grant.states else ""
    return f"{grant.reach}{shown(grant.fields)}{states}{' not self' if grant.not_self else ''}"


def shown(rule: FieldRule) -> str:
    """Which fields a grant shows."""
    known = {CLEAR: "", MASKED: " masked", WITHOUT_MONEY: " without money"}
    return known[rule] if rule in known else f" only {','.join(rule.only)}"


def text(table: Matrix) -> str:
    """The table as JSON, a line for each role and entity."""
    roles = []
    for role, entities in table.items():
        lines = [f"  {json.dumps(entity)}: {json.dumps(covered)}" for entity, covered in entities.items()]
        roles.append(f" {json.dumps(role)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(roles) + "\n}\n"


def agreed() -> Matrix:
    """The agreed table."""
    found: Matrix = json.loads(FILE.read_text("utf-8"))
    return found


if __name__ == "__main__":
    FILE.write_text(text(matrix()), "utf-8")
