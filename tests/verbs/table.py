"""The table: one row for every verb of every kind of record that takes part in a sale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from dashboard.actions.files import FILED
from dashboard.api import quick
from dashboard.api.addresses import verbs_of
from dashboard.api.orders import MAKERS
from dashboard.domain.entities import delivery, entity_of, sales
from dashboard.domain.lifecycles import LIFECYCLES
from tests.builders import today
from tests.verbs.row import PROOFS, STRANGERS, Row, Wrong
from tests.verbs.stock import Ready, Values, made, nothing

TODAY, LATER = today(), today() + timedelta(days=9)
PLAIN = ("create", "update", "archive")
SALE = (
    *(one.name for one in (*sales.ENTITIES, *delivery.ENTITIES)),
    "task",
    "pool_rule",
    "approval_rule",
    "stage",
    "web_form",
)
"""What takes part in a sale: the records of selling and delivering, what is to be done, the rules between them, the
stages of the way and the forms by which leads come from the web. What such a form receives comes from nobody who could
have a right or a version: `tests.api.test_web_leads` proves it."""


def declared() -> Iterator[tuple[str, str]]:
    """Every verb that the interface has for what takes part in a sale."""
    for name in SALE:
        yield from ((name, verb) for verb in (*PLAIN, *verbs_of(entity_of(name))))
    yield from (owner for owner in MAKERS if owner[0] in SALE)
    yield from ((name, "files") for name in FILED)
    yield ("deal", quick.WORD)


# -- who may ----------------------------------------------------------------------------------------------------------

MANAGED: dict[str, Any] = {"by": "manager", "rival": "head", "never": {"rep": 403, "leader": 403, "other_manager": 404}}
"""Only the managers above."""
READABLE = MANAGED | {"never": {"rep": 403, "leader": 403, "other_manager": 403}}
"""Only the managers above, but everybody may read it."""
ADMINS: dict[str, Any] = {"by": "admin", "rival": "deputy", "never": {"rep": 403, "manager": 403, "leader": 403}}
UNVERSIONED = {"stale": "there is no version of what is not there yet"}
WHOLE = "record.whole_archived"
STATELESS = {"state": "it may be made whatever the state of what it hangs on"}


def plain(
    entity: str,
    change: Values,
    /,
    *,
    on: Ready | None = None,
    create: Mapping[str, Any] | None = None,
    every: Mapping[str, Any] | None = None,
    keep: Mapping[str, Any] = MANAGED,
    wrong: Wrong | None = None,
    whole: tuple[str, Ready] | None = None,
    fixed: Wrong | None = None,
    **new: Any,
) -> list[Row]:
    """The four rows that every kind of record has: make one, change it, archive it, restore it.

    on: what each hangs on; create, every, keep: how the rows differ from a rep's for making, for all, for archive and
    restore; wrong: where none may be made; whole: the field for what is archived and gets none, and what it names;
    fixed: where one may not be changed any more, if not only in the archive.
    """
    ready, archived = made(entity, on=on, **new), made(entity, "archive", on=on, **new)
    if whole:
        wrong = Wrong(whole[1], WHOLE, {**new, whole[0]: "^"})
    born = {"missing": UNVERSIONED if wrong else UNVERSIONED | STATELESS, "each": True, "never": {"leader": 403}}
    every = every or {}
    keep = {**keep, **every}
    return [
        Row(entity, "create", on or nothing, new, wrong, **{**born, **every, **(create or {})}),
        Row(entity, "update", ready, change, fixed or Wrong(archived, "verb.archived"), becomes=change, **every),
        Row(entity, "archive", ready, wrong=Wrong(archived, None), **keep),
        Row(entity, "restore", archived, wrong=Wrong(ready, None), becomes={"archived_at": None}, **keep),
    ]


def step(entity: str, verb: str, ready: Ready, wrong: Ready | Wrong, body: Values | None = None, **more: Any) -> Row:
    """A row of a life cycle: the record says its new state afterwards."""
    cycle = LIFECYCLES[entity]
    transition = cycle.verb(verb)
    assert transition is not None
    becomes = {cycle.field: transition.target} | more.pop("becomes", {})
    return Row(
        entity, verb, ready, body or {}, wrong if isinstance(wrong, Wrong) else Wrong(wrong), becomes=becomes, **more
    )


def assign(entity: str, ready: Ready, archived: Ready, person: str = "owner_id") -> Row:
    """Given to a colleague by the manager; the head means somebody else."""
    return Row(
        entity,
        "assign",
        ready,
        {person: "@colleague"},
        Wrong(archived, "verb.archived"),
        other={person: "@stranger"},
        **MANAGED,
    )


def files(entity: str, ready: Ready, archived: Ready) -> Row:
    """A file is attached."""
    wrong, missing = Wrong(archived, "verb.archived"), {"stale": "a file changes nothing of what it is attached to"}
    return Row(entity, "files", ready, {}, wrong, each=True, missing=missing)


def snooze(entity: str, ready: Ready, wrong: Wrong) -> Row:
    """The next step is put off."""
    becomes = {"next_step_on": LATER}
    return Row(entity, "snooze", ready, becomes, wrong, becomes=becomes)


# -- leads, customers, contacts ---------------------------------------------------------------------------------------

MINE: dict[str, Any] = {"owner_id": "@rep"}
POOLED = {"pool_team_id": "#north"}
REASON = {"reason_id": ":list_value"}


@cache
def lead(*verbs: str, **values: Any) -> Ready:
    """Leads of the rep."""
    return made("lead", *verbs, **(values or MINE))


@cache
def customer(*verbs: str, **values: Any) -> Ready:
    """Customers of the rep."""
    return made("customer", *verbs, **(values or MINE))


RELATIONS = (
    *plain("lead", {"need": "A crane"}, **MINE),
    step("lead", "contact", lead(), lead("junk")),
    step("lead", "qualify", lead(), lead("junk")),
    step("lead", "nurture", lead(), lead("junk")),
    step("lead", "convert", lead(), lead("junk")),
    step("lead", "unqualify", lead(), lead("junk"), REASON),
    step("lead", "junk", lead(), lead("qualify"), REASON),
    step("lead", "reopen", lead("junk"), lead()),
    assign("lead", lead(), lead("archive")),
    snooze("lead", lead(), Wrong(lead("junk"))),
    Row("lead", "claim", lead(**POOLED), {}, Wrong(lead("junk", **POOLED), "pool.ended"), rival="colleague"),
    Row("lead", "release", lead(), {}, Wrong(lead("junk"), "pool.ended"), becomes={"owner_id": None}),
    *plain("customer", {"address": "1 Dock Road"}, **MINE),
    assign("customer", customer(), customer("archive")),
    files("customer", customer(), customer("archive")),
    snooze("customer", customer(), Wrong(customer("archive"), "verb.archived")),
    Row(
        "customer",
        "claim",
        customer(**POOLED),
        wrong=Wrong(customer("archive", **POOLED), "verb.archived"),
        rival="colleague",
    ),
    Row(
        "customer",
        "release",
        customer(),
        wrong=Wrong(customer("archive"), "verb.archived"),
        becomes={"owner_id": None},
    ),
    *plain("contact", {"job_title": "Buyer"}, whole=("customer_id", customer("archive")), customer_id=":customer"),
    *plain(
        "consent", {"evidence": "a letter"}, whole=("contact_id", made("contact", "archive")), contact_id=":contact"
    ),
    *plain(
        "interaction",
        {"summary": "They want two"},
        whole=("customer_id", customer("archive")),
        author_id="@rep",
        customer_id=":customer",
    ),
    assign(
        "interaction",
        made("interaction", author_id="@rep", customer_id=":customer"),
        made("interaction", "archive", author_id="@rep", customer_id=":customer"),
        "author_id",
    ),
    *plain(
        "attachment",
        {"name": "plan.pdf"},
        whole=("record_id", customer("archive")),
        entity="customer",
        record_id=":customer",
        customer_id=":customer",
    ),
)

# -- deals ------------------------------------------------------------------------------------------------------------


@cache
def deal(*verbs: str, **values: Any) -> Ready:
    """Deals of the rep."""
    return made("deal", *verbs, owner_id="@rep", customer_id=":customer", amount=100, **values)


ONLY = {"each": False}
"""There is one of it."""
CREDITED = made("deal", **MINE, parts={"deal_credit": {"deal_id": "^", "person_id": "@rep", "share": 1}})
JOINED = made("deal", **MINE, parts={"deal_participant": {"deal_id": "^", "person_id": "@colleague"}})
KEPT: dict[str, Any] = {"keep": {"by": "rep", "rival": "manager", "never": STRANGERS}}
"""A row that the rep takes away like it was added."""

DEALS = (
    *plain("deal", {"name": "Three cranes"}, whole=("customer_id", customer("archive")), **MINE),
    step("deal", "advance", deal(), deal("win"), {"stage_id": ":stage"}, becomes={"stage_type": "open"}),
    step("deal", "win", deal(), deal("lose"), {"closed_on": TODAY}),
    step(
        "deal",
        "lose",
        deal(),
        deal("win"),
        {"closed_on": TODAY, "lost_reason_id": ":lost_reason", "competitor_id": ":competitor"},
    ),
    step("deal", "reopen", deal("win"), deal(), {"stage_id": ":stage"}),
    assign("deal", deal(), deal("archive")),
    files("deal", deal(), deal("archive")),
    snooze("deal", deal(), Wrong(deal("win"))),
    Row(
        "deal",
        "quick",
        deal(),
        {"happened": "Visited them", "next_step": "Offer", "next_step_on": LATER},
        Wrong(deal("archive"), WHOLE),
        becomes={"next_step": "Offer"},
    ),
    Row("deal", "order", deal("win"), {}, Wrong(deal(), "order.deal_not_won"), each=True),
    *plain("deal_product", {"quantity": 3}, whole=("deal_id", deal("archive")), deal_id=":deal", quantity=2, **KEPT),
    *plain(
        "deal_credit",
        {"person_id": "@colleague"},
        on=deal(),
        create=ONLY,
        wrong=Wrong(CREDITED, "unique.taken"),
        deal_id="^",
        person_id="@rep",
        share=1,
        **KEPT,
    ),
    *plain(
        "deal_participant",
        {"part": "advisor"},
        on=deal(),
        create=ONLY,
        wrong=Wrong(JOINED, "unique.taken"),
        deal_id="^",
        person_id="@colleague",
        **KEPT,
    ),
)

# -- contracts --------------------------------------------------------------------------------------------------------


@cache
def contract(*verbs: str, **more: Any) -> Ready:
    """Contracts of the rep."""
    return made("contract", *verbs, owner_id="@rep", customer_id=":customer", amount=100, **more)


SIGNATURE = {"signed_on": TODAY, "our_signer_id": "@rep", "their_signer": "Li Zhe", "their_evidence": "e-mail"}
DRAFTED, REVIEWED = contract(), contract("submit")
APPROVED = contract("submit", "approve")
SIGNED = contract("submit", "approve", "sign")
PLANNED = made("payment_plan", on=SIGNED, contract_id="^")
TEAM = made("team", parent_id="#north")
RULED = made("team", parent_id="#north", parts={"pool_rule": {"team_id": "^"}})
DECIDERS: dict[str, Any] = {"by": "manager", "rival": "head", "never": {"rep": 403, "admin": 403, "other_manager": 404}}
NOBODY = "nobody writes it: the store saves what a contract said"

CONTRACTS = (
    *plain(
        "contract",
        {"name": "Cranes"},
        whole=("customer_id", customer("archive")),
        owner_id="@rep",
        customer_id=":customer",
    ),
    step("contract", "draft", DRAFTED, REVIEWED, {"template_id": ":contract_template"}),
    step("contract", "submit", DRAFTED, SIGNED),
    step("contract", "approve", REVIEWED, DRAFTED, **DECIDERS),
    step(
        "contract",
        "reject",
        REVIEWED,
        DRAFTED,
        {"decision_note": "Too cheap"},
        **DECIDERS,
    ),
    step("contract", "send", APPROVED, DRAFTED),
    step("contract", "sign", APPROVED, DRAFTED, SIGNATURE, other=SIGNATURE | {"our_signer_id": "@manager"}),
    step("contract", "withdraw", REVIEWED, DRAFTED),
    step("contract", "amend", SIGNED, DRAFTED, silent=True, **MANAGED),
    step("contract", "terminate", SIGNED, DRAFTED, **MANAGED),
    assign("contract", DRAFTED, contract("archive")),
    files("contract", DRAFTED, contract("archive")),
    snooze("contract", DRAFTED, Wrong(contract("submit", "approve", "terminate"), by="manager")),
    Row("contract", "order", SIGNED, {}, Wrong(DRAFTED, "order.contract_not_signed"), each=True),
    *plain(
        "contract_clause",
        {"title": "Price"},
        on=DRAFTED,
        wrong=Wrong(REVIEWED, "contract.fixed"),
        contract_id="^",
        **KEPT,
    ),
    *(
        Row(
            "contract_version",
            verb,
            made("contract_version", contract_id=":contract"),
            never=dict.fromkeys(("rep", "manager", "leader", "support", "admin"), 403),
            missing=dict.fromkeys((one for one in PROOFS if one != "role"), NOBODY),
        )
        for verb in (*PLAIN, "restore")
    ),
    *plain("obligation", {"name": "Deliver"}, whole=("contract_id", contract("archive")), contract_id=":contract"),
    *plain(
        "payment_plan",
        {"label": "First"},
        on=DRAFTED,
        wrong=Wrong(SIGNED, "contract.plan_agreed"),
        fixed=Wrong(PLANNED),
        contract_id="^",
        **KEPT,
    ),
    *plain("legal_entity", {"address": "1 Dock Road"}, every=ADMINS),
    *plain("contract_template", {"body": "Dear {{customer.name}}"}, every=READABLE, team_id="#north"),
    *plain("clause", {"title": "Price"}, every=READABLE, team_id="#north"),
    *plain("approval_rule", {"rank": 2}, on=TEAM, every=READABLE, team_id="^", rank=1),
    *plain(
        "pool_rule",
        {"max_held": 5},
        on=TEAM,
        create=ONLY,
        wrong=Wrong(RULED, "pool.rule_exists"),
        every=READABLE,
        team_id="^",
        max_held=4,
    ),
)

# -- orders, shipments, payments --------------------------------------------------------------------------------------

ORDERED: dict[str, Any] = {"owner_id": "@rep", "customer_id": ":customer", "promised_on": LATER}
PIECES = {"order_line": {"order_id": "^", "quantity": 10, "price": 5}}


@cache
def order(*verbs: str) -> Ready:
    """Orders of the rep of ten pieces."""
    return made("order", *verbs, **ORDERED, parts=PIECES)


CONFIRMED = order("confirm")
GONE = {"order_id": "^", "shipped_on": TODAY}
BACK = {"order_id": "^", "quantity": 1}
SENT = {"shipment": {"order_id": "^", "shipped_on": TODAY}}
SHIPPED = made("order", "confirm", **ORDERED, parts=PIECES, after=SENT)

ORDERS = (
    *plain(
        "order",
        {"customer_reference": "PO 7"},
        whole=("customer_id", customer("archive")),
        owner_id="@rep",
        customer_id=":customer",
    ),
    step("order", "confirm", order(), CONFIRMED),
    step("order", "close", CONFIRMED, order()),
    step("order", "cancel", CONFIRMED, order("confirm", "cancel"), {"cancel_note": "Changed their mind"}, **MANAGED),
    assign("order", order(), order("archive")),
    files("order", order(), order("archive")),
    Row("order", "ship", CONFIRMED, {}, Wrong(order(), "shipment.not_confirmed")),
    *plain(
        "order_line",
        {"quantity": 3},
        on=order(),
        wrong=Wrong(order("confirm", "close"), "order.fixed"),
        order_id="^",
        quantity=2,
        **KEPT,
    ),
    *plain(
        "return", {"remark": "Scratched"}, on=SHIPPED, wrong=Wrong(CONFIRMED, "return.not_shipped", BACK), order_id="^"
    ),
    *plain(
        "shipment", {"carrier": "SF"}, on=CONFIRMED, wrong=Wrong(order(), "shipment.not_confirmed", GONE), order_id="^"
    ),
    *plain(
        "shipment_line",
        {"quantity": 2},
        wrong=Wrong(
            nothing, "shipment.too_much", {"shipment_id": ":shipment", "order_line_id": ":order_line", "quantity": 101}
        ),
        shipment_id=":shipment",
        order_line_id=":order_line",
        quantity=1,
    ),
    *plain(
        "payment",
        {"remark": "By transfer"},
        on=CONFIRMED,
        create=ONLY,
        wrong=Wrong(order("confirm", "cancel"), "payment.too_much"),
        customer_id=":customer",
        order_id="^",
        amount=50,
    ),
)

# -- tasks ------------------------------------------------------------------------------------------------------------


@cache
def task(*verbs: str) -> Ready:
    """Tasks of the rep."""
    return made("task", *verbs, assignee_id="@rep")


TASKS = (
    *plain("task", {"remark": "Ask for the plan"}, whole=("customer_id", customer("archive")), assignee_id="@rep"),
    step("task", "complete", task(), task("cancel"), {"done_on": TODAY}),
    step("task", "cancel", task(), task("complete")),
    step("task", "reopen", task("complete"), task()),
    assign("task", task(), task("archive"), "assignee_id"),
)

# -- stages and forms on the web --------------------------------------------------------------------------------------

CODE = {"code": "qualification"}
"""Another stage has it."""
KEPT_BY_ADMINS = (
    *plain("stage", {"stale_days": 9}, every=ADMINS, wrong=Wrong(nothing, "unique.taken", CODE), stale_days=5),
    *plain("web_form", {"consent_text": "I agree."}, every=ADMINS | {"onlooker": "admin"}, team_id="#north"),
)

ROWS = (*RELATIONS, *DEALS, *CONTRACTS, *ORDERS, *TASKS, *KEPT_BY_ADMINS)
