"""The parts of the page Rules: each a room or several, over rules or lists that an administrator or manager keeps.

A new part is a line in PARTS, a text rules.part_<name>, and rooms made with `room`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dashboard.domain.access import Action, Actor
from dashboard.domain.queries import Sort
from dashboard.ui.pool import returning
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

PAGE, PART, LIST = "rules", "rules_part", "rules_list"


class Part(NamedTuple):
    """One part: its rooms, and what stands below their lists."""

    rooms: tuple[Room, ...]
    below: Callable[[Visit], None] | None = None


def room(
    part: str,
    entity: str,
    columns: tuple[str, ...],
    filters: tuple[str, ...] = (),
    sort: str = "created_at",
    **more: Any,
) -> Room:
    """A room of the page."""
    place = ((PART, part), (LIST, entity))
    return Room(PAGE, entity, columns, filters, Sort(sort), place=place, **more)


POOL_RULES = room(
    "pool",
    "pool_rule",
    (
        "team_id",
        "entity",
        "max_held",
        "max_claims_a_day",
        "cool_down_days",
        "recycle_after_days",
        "recycle_without_deal_days",
        "protect_open_deals",
        "warn_before_days",
        "active",
    ),
    ("team_id", "entity", "active"),
)

NAMED = ("code", "label_zh", "label_en")
LISTS = (
    room("lists", "list_value", ("list", *NAMED, "rank", "active"), ("list", "active"), "rank"),
    room("lists", "product", ("code", "name", "family", "unit_label", "list_price", "active"), ("active",), "code"),
    room("lists", "industry", (*NAMED, "parent_id"), ("parent_id",), "code"),
    room("lists", "region", (*NAMED, "parent_id"), ("parent_id",), "code"),
    room("lists", "calendar_day", ("day", "working", "label", "provisional"), ("day", "working", "provisional"), "day"),
)

APPROVALS = room(
    "approvals",
    "approval_rule",
    ("name", "team_id", "from_amount", "from_discount", "from_payment_terms_days", "approver", "rank", "active"),
    ("team_id", "approver", "active"),
    "rank",
)
WORDINGS = (
    room("wordings", "contract_template", ("name", "team_id", "language", "active"), ("language", "active"), "name"),
    room(
        "wordings",
        "clause",
        ("title", "category", "template_id", "language", "rank", "active"),
        ("template_id", "language", "active"),
        "rank",
    ),
    room(
        "wordings",
        "legal_entity",
        ("name", "credit_code", "representative", "bank_name", "active"),
        ("active",),
        "rank",
    ),
)

STAGES = room(
    "stages",
    "stage",
    (
        "label_zh",
        "label_en",
        "type",
        "rank",
        "probability",
        "required_fields",
        "required_evidence",
        "may_go_back",
        "stale_days",
        "active",
    ),
    ("type", "active"),
    "rank",
)
WEB_FORMS = room(
    "web_forms",
    "web_form",
    ("name", "team_id", "owner_id", "source_id", "origins", "active"),
    ("team_id", "active"),
    "name",
)

PARTS: dict[str, Part] = {
    "pool": Part((POOL_RULES,), returning.preview),
    "stages": Part((STAGES,)),
    "approvals": Part((APPROVALS,)),
    "wordings": Part(WORDINGS),
    "web_forms": Part((WEB_FORMS,)),
    "lists": Part(LISTS),
}
"""Every part, in the order of the page."""


def readable(actor: Actor) -> dict[str, Part]:
    """The parts of which a person may read something, with the rooms of these."""
    found = {
        name: part._replace(rooms=tuple(one for one in part.rooms if actor.grants(one.entity, Action.READ)))
        for name, part in PARTS.items()
    }
    return {name: part for name, part in found.items() if part.rooms}
