"""What is in the archive gets nothing new: no lines, contacts, talks, tasks, duties, files; not over any way."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.domain.access import OWNERSHIP
from dashboard.domain.changes import Change
from dashboard.domain.entities import delivery, entity_of, sales
from dashboard.domain.wholes import GOING_ON, WHOLES
from dashboard.errors import Refused
from tests.builders import frame_of, today, valid
from tests.department import Desk

SALE = [entity.name for entity in (*sales.ENTITIES, *delivery.ENTITIES)]
PAIRS = [(part, name) for part, names in WHOLES.items() for name in names]
WHOLE_CODE = "record.whole_archived"
CHANGES: dict[str, dict[str, Any]] = {
    "contact": {"job_title": "Buyer"},
    "interaction": {"summary": "They want two"},
    "attachment": {"name": "plan.pdf"},
    "deal_product": {"quantity": 7},
    "deal_credit": {"person_id": "@colleague"},
    "deal_participant": {"person_id": "@colleague"},
    "contract_clause": {"title": "Price"},
    "obligation": {"name": "Training"},
    "payment_plan": {"label": "Rest"},
    "order_line": {"quantity": 7},
    "return": {"remark": "Scratched"},
    "shipment": {"carrier": "SF"},
    "shipment_line": {"quantity": 2},
    "payment": {"remark": "By transfer"},
}
"""What is changed of each part that does not go on by itself."""


def whole(desk: Desk, part: str, name: str) -> tuple[str, str, dict[str, Any]]:
    """A record of the rep that a part may be added to, its kind, and what names it in the part."""
    kind = entity_of(part).by_name[name].to or "customer"
    mine = {"owner_id": desk.people["rep"]} if "owner_id" in entity_of(kind).by_name else {}
    if kind in ("contact", "shipment"):
        above = {"contact": "customer", "shipment": "order"}[kind]
        mine = {f"{above}_id": desk.make(above, owner_id=desk.people["rep"])}
    record = desk.make(kind, **mine)
    if kind == "order" and part != "order_line":
        desk.do("operator", "order", "confirm", record)
    return kind, record, {name: record} | ({"entity": kind} if part == "attachment" else {})


def facts(desk: Desk, part: str, told: dict[str, Any]) -> dict[str, Any]:
    """The facts of a new part, with everything else that it must name."""
    customer = desk.make("customer", owner_id=desk.people["rep"])
    more = {"customer_id": customer} if "customer_id" in entity_of(part).by_name else {}
    more |= {
        name: desk.people["rep"] for name in ("author_id", "assignee_id", "owner_id") if name in entity_of(part).by_name
    }
    if part == "shipment_line":
        order = desk.row("shipment", told["shipment_id"])["order_id"]
        more["order_line_id"] = desk.make("order_line", order_id=order, quantity=100)
    more |= {"share": 1} if part == "deal_credit" else {}
    return valid(part, desk.needed_by(part, {**more, **told}, dict(desk.refs)), **{**more, **told})


def test_everything_that_hangs_on_a_record_of_the_sale_is_added_to_it() -> None:
    hanging = {(part, name) for part in SALE if part in OWNERSHIP for _, name in OWNERSHIP[part].parents}
    rules = {("clause", "template_id")}  # no record of a sale
    files = {("attachment", name) for name in ("deal_id", "customer_id")}  # what the record of a file belongs with
    kept = {("contract_version", "contract_id")}  # written by the store alone
    assert hanging - rules - files - kept <= set(PAIRS)


@pytest.mark.parametrize(("part", "name"), PAIRS)
def test_nothing_comes_to_a_record_in_the_archive(shared_desk: Desk, part: str, name: str) -> None:
    desk = shared_desk
    kind, record, told = whole(desk, part, name)
    new = facts(desk, part, told)
    there = desk.make(part, **new)
    other = desk.make(part, **facts(desk, part, whole(desk, part, name)[2]))
    desk.do("operator", part, "archive", there)
    desk.do("operator", kind, "archive", record)
    before = desk.store.revision
    adding = Change(part, "create", frame_of(part, new | unique(desk, part)))
    moving = {"id": other, "version": desk.version(part, other), name: record}
    back = {"id": there, "version": desk.version(part, there)}
    wanted = [adding, Change(part, "restore", frame_of(part, back))]
    wanted += [Change(part, "update", frame_of(part, moving))] if movable(part) else []
    for change in wanted:
        with pytest.raises(Refused) as refusal:
            desk.submit("manager", change)
        assert (refusal.value.code, refusal.value.values["whole"]) == (WHOLE_CODE, record)
    assert desk.store.revision == before
    desk.do("manager", kind, "restore", record)
    desk.submit("manager", adding)


@pytest.mark.parametrize(("part", "name"), [pair for pair in PAIRS if pair[0] not in GOING_ON])
def test_the_parts_of_a_record_in_the_archive_stay_as_they_are(shared_desk: Desk, part: str, name: str) -> None:
    desk = shared_desk
    kind, record, told = whole(desk, part, name)
    there = desk.make(part, **facts(desk, part, told))
    desk.do("operator", kind, "archive", record)
    before, version = desk.store.revision, desk.version(part, there)
    said = {
        field: desk.people[value[1:]] if str(value).startswith("@") else value for field, value in CHANGES[part].items()
    }
    for verb, values in {"update": said, "archive": {}}.items():
        with pytest.raises(Refused) as refusal:
            desk.do("manager", part, verb, there, **values)
        assert (refusal.value.code, refusal.value.values["whole"]) == (WHOLE_CODE, record)
    assert (desk.store.revision, desk.version(part, there)) == (before, version)
    desk.do("manager", kind, "restore", record)
    desk.do("manager", part, "update", there, **said)


def test_what_has_a_life_of_its_own_goes_on_when_its_whole_is_archived(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = desk.make("customer", owner_id=desk.people["rep"])
    deal = desk.make("deal", owner_id=desk.people["rep"], customer_id=customer)
    task = desk.make("task", assignee_id=desk.people["rep"], customer_id=customer)
    consent = desk.make("consent", customer_id=customer, given=True)
    desk.do("operator", "customer", "archive", customer)
    desk.do("rep", "deal", "update", deal, name="Two cranes")
    desk.do("rep", "task", "complete", task, done_on=today())
    desk.do("rep", "consent", "update", consent, given=False)
    assert desk.row("deal", deal)["name"] == "Two cranes"
    assert desk.row("task", task)["status"] == "done"
    assert desk.row("consent", consent)["given"] is False


def movable(part: str) -> bool:
    """Whether a part may be given to something else of the same kind."""
    return part != "shipment_line"


def unique(desk: Desk, part: str) -> dict[str, Any]:
    """What tells another one from the first."""
    return {"person_id": desk.people["colleague"]} if "person_id" in entity_of(part).by_name else {}


def test_only_the_nearest_counts(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = desk.make("customer", owner_id=desk.people["rep"])
    deal = desk.make("deal", owner_id=desk.people["rep"], customer_id=customer)
    desk.do("operator", "customer", "archive", customer)
    desk.make("interaction", who="rep", deal_id=deal, customer_id=customer, author_id=desk.people["rep"])


def test_what_is_beyond_reach_is_not_told_of(shared_desk: Desk) -> None:
    desk = shared_desk
    deal = desk.make("deal", owner_id=desk.people["stranger"])
    desk.do("operator", "deal", "archive", deal)
    mine = desk.make("customer", owner_id=desk.people["rep"])
    desk.make("attachment", who="rep", entity="deal", record_id=deal, customer_id=mine)
