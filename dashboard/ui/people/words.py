"""Grants in words."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.domain.access import CLEAR, MASKED, WITHOUT_MONEY, FieldRule, Grant
from dashboard.domain.labels import choice_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.i18n import SEPARATORS
from dashboard.ui.visit import Visit

KNOWN: dict[FieldRule, str] = {MASKED: "masked", WITHOUT_MONEY: "without_money"}


def covered(visit: Visit, grants: Iterable[Grant]) -> str:
    """What grants cover, like "Own, Own team and below (masked)"; empty for none."""
    return SEPARATORS[visit.language].join(dict.fromkeys(one(visit, grant) for grant in grants))


def briefly(visit: Visit, grants: Iterable[Grant]) -> str:
    """The same for a cell: short words, an asterisk where something limits the grant."""
    words = [visit.text(f"people.brief_{grant.reach}") + ("*" if limited(grant) else "") for grant in grants]
    return SEPARATORS[visit.language].join(dict.fromkeys(words))


def limited(grant: Grant) -> bool:
    """Whether a grant does not show or cover everything within its reach."""
    return grant.fields != CLEAR or bool(grant.states) or grant.not_self


def one(visit: Visit, grant: Grant) -> str:
    """What one grant covers."""
    notes = []
    if grant.fields != CLEAR:
        notes.append(visit.text(f"people.shows_{KNOWN.get(grant.fields, 'some')}"))
    if grant.states and grant.entity in LIFECYCLES:
        field = LIFECYCLES[grant.entity].field
        notes += [choice_label(grant.entity, field, state, visit.language) for state in grant.states]
    if grant.not_self:
        notes.append(visit.text("people.not_self"))
    reach = visit.text(f"reach.{grant.reach}")
    return visit.text("people.with_notes", reach=reach, notes=notes) if notes else reach
