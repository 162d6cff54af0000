"""What a form asks, in which groups: by hand where people work all day, else as declared."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.domain.access import Action, Actor, ownership_of
from dashboard.domain.entities import Entity
from dashboard.domain.fields import Field, Kind
from dashboard.domain.seeing import seen


class Group(NamedTuple):
    """Fields under one heading; name: key of the heading as form_group.<name>."""

    name: str
    fields: tuple[str, ...]


STAGE = (
    Group("basics", ("label_zh", "label_en", "code", "type", "rank", "active")),
    Group("gate", ("required_fields", "required_evidence", "may_go_back", "stale_days", "probability")),
)
LAYOUTS: dict[str, tuple[Group, ...]] = {
    "stage": STAGE,
    "lead": (
        Group("basics", ("company", "person_name", "job_title", "phone", "email", "wechat", "website", "address")),
        Group("needs", ("need", "need_tags", "budget", "currency", "authority", "timing")),
        Group("classification", ("source_id", "industry_id", "region_id", "level", "owner_id", "created_on")),
        Group("follow_up", ("next_step", "next_step_on")),
    ),
    "customer": (
        Group("basics", ("name", "aliases", "credit_code", "phone", "website", "address", "owner_id", "parent_id")),
        Group("classification", ("industry_id", "region_id", "level", "source_id", "need_tags")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group(
            "background",
            ("employees", "annual_revenue", "founded_year", "bank_name", "bank_account", "created_on"),
        ),
    ),
    "contact": (
        Group("basics", ("customer_id", "name", "job_title", "influence", "main")),
        Group("reaching", ("phone", "email", "wechat")),
        Group("background", ("id_number", "remark")),
    ),
    "deal": (
        Group("basics", ("name", "customer_id", "contact_id", "owner_id", "stage_id")),
        Group("money", ("amount", "currency", "expected_close_on", "probability", "forecast_category")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group("background", ("source_id", "region_id", "need_tags", "competitor_id", "created_on")),
    ),
    "contract": (
        Group("basics", ("name", "customer_id", "contact_id", "deal_id", "owner_id", "template_id", "legal_entity_id")),
        Group("terms", ("amount", "currency", "discount", "payment_terms_days")),
        Group("validity", ("valid_until", "starts_on", "ends_on", "renewal_notice_days")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group("wording", ("body",)),
    ),
    "order": (
        Group("basics", ("customer_id", "contact_id", "owner_id", "region_id", "channel", "customer_reference")),
        Group("papers", ("deal_id", "contract_id")),
        Group("days", ("ordered_on", "promised_on")),
        Group("amounts", ("amount", "currency", "tax_rate", "tax", "freight")),
    ),
}


class Short(NamedTuple):
    """A form for the first moment; the whole one holds the rest. one_of: fields of which one must be filled in."""

    groups: tuple[Group, ...]
    one_of: tuple[str, ...] = ()


SHORT: dict[str, Short] = {
    "lead": Short(
        (Group("basics", ("company", "person_name", "phone", "email", "source_id", "need")),), ("phone", "email")
    ),
}
"""What is asked of a new record when there is only a moment."""

NOT_ASKED: dict[str, frozenset[str]] = {
    "deal": frozenset({"lead_id", "amount_from"}),
    "lead": frozenset({"pool_team_id"}),
    "customer": frozenset({"pool_team_id"}),
    "contract": frozenset({"amends_id"}),
}
"""Fields that follow from something else than typing."""

SIGNED_BY_THEM = ("their_signed_on", "their_signer", "signing", "signed_file_id", "their_evidence")
FACTS: dict[str, tuple[Group, ...]] = {
    "stage": STAGE,
    "lead": (
        Group("basics", ("person_name", "job_title", "phone", "email", "wechat", "website", "address")),
        Group("needs", ("need", "need_tags", "budget", "authority", "timing")),
        Group("classification", ("source_id", "industry_id", "region_id", "level", "owner_id", "created_on")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group(
            "outcome",
            (
                "converted_on",
                "customer_id",
                "contact_id",
                "deal_id",
                "reason_id",
                "reason_note",
                "pool_team_id",
            ),
        ),
    ),
    "customer": (
        Group("basics", ("aliases", "credit_code", "phone", "website", "address", "owner_id", "parent_id")),
        Group("classification", ("industry_id", "region_id", "level", "source_id", "need_tags")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group(
            "background",
            (
                "employees",
                "annual_revenue",
                "founded_year",
                "bank_name",
                "bank_account",
                "created_on",
                "pool_team_id",
            ),
        ),
    ),
    "deal": (
        Group("basics", ("customer_id", "contact_id", "owner_id", "region_id", "source_id", "lead_id")),
        Group("money", ("amount", "base_amount", "probability", "forecast_category", "expected_close_on")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group("background", ("need_tags", "competitor_id", "created_on")),
        Group("closing", ("closed_on", "lost_reason_id", "close_note", "closed_owner_id", "closed_team_id")),
    ),
    "contract": (
        Group("basics", ("customer_id", "contact_id", "deal_id", "owner_id", "template_id", "legal_entity_id")),
        Group("terms", ("amount", "base_amount", "discount", "payment_terms_days")),
        Group("validity", ("valid_until", "starts_on", "ends_on", "renewal_notice_days")),
        Group("follow_up", ("next_step", "next_step_on")),
        Group("amendment", ("amends_id", "amended_by_id", "amended_on")),
        Group("signing", ("approver_id", "decision_note", "signed_on", "our_signer_id", *SIGNED_BY_THEM)),
    ),
    "order": (
        Group("basics", ("customer_id", "contact_id", "owner_id", "region_id", "channel", "customer_reference")),
        Group("papers", ("deal_id", "contract_id")),
        Group("days", ("ordered_on", "promised_on")),
        Group("amounts", ("amount", "amount_from", "tax_rate", "tax", "freight", "total_amount", "paid", "due")),
        Group("states", ("delivery_state", "payment_state")),
        Group("closing", ("cancel_note", "closed_team_id")),
    ),
}
"""What the detail shows, empty fields aside in the last group."""

ASKED_BY_VERB: dict[tuple[str, str], tuple[str, ...]] = {
    ("lead", "contact"): ("next_step", "next_step_on"),
    ("lead", "qualify"): ("need_tags", "budget", "authority", "timing"),
    ("lead", "nurture"): ("next_step", "next_step_on"),
    ("lead", "unqualify"): ("reason_id", "reason_note"),
    ("lead", "junk"): ("reason_id", "reason_note"),
    ("deal", "advance"): ("stage_id",),
    ("deal", "win"): ("closed_on", "amount", "close_note"),
    ("deal", "lose"): ("closed_on", "lost_reason_id", "competitor_id", "close_note"),
    ("deal", "reopen"): ("stage_id",),
    ("order", "confirm"): ("promised_on",),
    ("contract", "approve"): ("decision_note",),
    ("contract", "sign"): (
        "signed_on",
        "our_signer_id",
        "their_signed_on",
        "their_signer",
        "signed_file_id",
        "their_evidence",
    ),
}
"""What a verb asks; of the others what the life cycle says they need."""


def groups(actor: Actor, entity: Entity, *, create: bool, may_assign: bool = True) -> tuple[Group, ...]:
    """The groups of a form with the fields that this person may set."""
    asked = askable(actor, entity, create=create, may_assign=may_assign)
    layout = LAYOUTS.get(entity.name, (Group("basics", tuple(asked)),))
    found = (Group(group.name, tuple(name for name in group.fields if name in asked)) for group in layout)
    return tuple(group for group in found if group.fields)


def short(entity: Entity, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups of the short form with those of the fields that the whole one asks; none where there is none."""
    asked = {name for group in groups for name in group.fields}
    known = SHORT[entity.name].groups if entity.name in SHORT else ()
    return tuple(Group(group.name, tuple(name for name in group.fields if name in asked)) for group in known)


def askable(actor: Actor, entity: Entity, *, create: bool, may_assign: bool) -> tuple[str, ...]:
    """The fields that a form may ask."""
    shown = seen(actor, entity, Action.CREATE if create else Action.UPDATE)
    people = ownership_of(entity).people
    found = [field for field in entity.all_fields if field.name in shown and typed(field)]
    found = [field for field in found if not field.by_verb or (create and field.at_creation)]
    found = [field for field in found if field.name not in NOT_ASKED.get(entity.name, ())]
    return tuple(field.name for field in found if create or may_assign or field.name not in people)


def typed(field: Field) -> bool:
    """Whether a person can type a value of this kind."""
    return field.kind not in (Kind.JSON, Kind.BINARY)
