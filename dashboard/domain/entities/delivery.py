"""From the signed paper to the money in the bank: contracts, orders, shipments, returns, payments."""

from dashboard.domain.declare import (
    choice,
    currency,
    day,
    exchange,
    flag,
    follow_up,
    integer,
    json,
    listed,
    money,
    note,
    number,
    price,
    ref,
    share,
    text,
)
from dashboard.domain.fields import Entity
from dashboard.domain.fulfilment import DELIVERY_STATES, FULFILMENT_STATES, PAYMENT_STATES

LEGAL_ENTITY = Entity(
    name="legal_entity",
    plural="legal_entities",
    title="name",
    natural_keys=(("name",),),
    fields=(
        text("name", required=True, searchable=True),
        text("name_en"),
        text("credit_code", max_length=18),
        text("address"),
        text("address_en"),
        text("representative", max_length=80),
        text("bank_name"),
        text("account_number", max_length=40),
        integer("rank", low=0),
        flag("active", default=True),
    ),
)
"""A company of our own that signs contracts."""

CONTRACT_TEMPLATE = Entity(
    name="contract_template",
    plural="contract_templates",
    title="name",
    natural_keys=(("name",),),
    fields=(
        ref("team_id", "team"),
        text("name", required=True, searchable=True),
        choice("language", "zh", "en", default="zh"),
        note("body", file=True),
        flag("active", default=True),
    ),
)

CLAUSE = Entity(
    name="clause",
    plural="clauses",
    title="title",
    fields=(
        ref("team_id", "team"),
        ref("template_id", "contract_template"),
        choice("language", "zh", "en", default="zh"),
        text("title", required=True, searchable=True),
        text("category", max_length=80),
        note("body", required=True, file=True),
        integer("rank", low=0),
        flag("active", default=True),
    ),
)

CONTRACT = Entity(
    name="contract",
    plural="contracts",
    number="C",
    title="name",
    customisable=True,
    fields=(
        text("name", required=True, searchable=True),
        ref("customer_id", "customer", required=True),
        ref("contact_id", "contact"),
        ref("deal_id", "deal"),
        ref("owner_id", "person"),
        ref("template_id", "contract_template"),
        ref("legal_entity_id", "legal_entity"),
        ref("amends_id", "contract", by_verb=True, at_creation=True),
        ref("amended_by_id", "contract", by_verb=True),
        day("amended_on", by_verb=True),
        money("amount"),
        currency(),
        *exchange(),
        share("discount", money=True),
        integer("payment_terms_days", unit="days", low=0, money=True),
        choice(
            "step",
            "draft",
            "in_review",
            "approved",
            "sent",
            "signed",
            "terminated",
            by_verb=True,
            default="draft",
        ),
        day("valid_until"),
        day("starts_on"),
        day("ends_on"),
        integer("renewal_notice_days", unit="days", low=0),
        day("signed_on", by_verb=True),
        ref("our_signer_id", "person", by_verb=True),
        text("their_signer", by_verb=True, max_length=80),
        day("their_signed_on", by_verb=True),
        choice("signing", "paper", "accepted", by_verb=True),
        note("their_evidence", by_verb=True),
        ref("signed_file_id", "attachment", by_verb=True, file=True),
        ref("approver_id", "person", by_verb=True),
        note("decision_note", by_verb=True),
        money("paid", by_verb=True),
        choice("fulfilment", *FULFILMENT_STATES, by_verb=True, default="none"),
        note("body", file=True),
        text("body_sha256", max_length=64, by_verb=True, file=True),
        *follow_up(),
    ),
)

CONTRACT_CLAUSE = Entity(
    name="contract_clause",
    plural="contract_clauses",
    fields=(
        ref("contract_id", "contract", required=True),
        ref("clause_id", "clause"),
        text("title", required=True, file=True),
        note("body", required=True, file=True),
        integer("rank", low=0),
    ),
)

CONTRACT_VERSION = Entity(
    name="contract_version",
    plural="contract_versions",
    unique_together=(("contract_id", "edition"),),
    fields=(
        ref("contract_id", "contract", required=True),
        integer("edition", required=True, low=1),
        json("wording", required=True, file=True, max_length=1_000_000),
        text("sha256", required=True, max_length=64, file=True),
    ),
)
"""What a contract said once: the wording with everything filled in, as it was saved."""

OBLIGATION = Entity(
    name="obligation",
    plural="obligations",
    title="name",
    fields=(
        ref("contract_id", "contract", required=True),
        text("name", required=True),
        choice("party", "us", "customer", required=True),
        ref("owner_id", "person"),
        day("due_on"),
        day("done_on"),
    ),
)

PAYMENT_PLAN = Entity(
    name="payment_plan",
    plural="payment_plans",
    fields=(
        ref("contract_id", "contract", required=True),
        text("label", max_length=80),
        day("due_on", required=True),
        money("amount", required=True),
        integer("rank", low=0),
        money("paid", by_verb=True),
        choice("state", *PAYMENT_STATES, by_verb=True, default="unpaid"),
    ),
)

ORDER = Entity(
    name="order",
    plural="orders",
    number="O",
    title="number",
    customisable=True,
    fields=(
        ref("customer_id", "customer"),
        ref("contact_id", "contact"),
        ref("deal_id", "deal"),
        ref("contract_id", "contract"),
        ref("owner_id", "person"),
        ref("region_id", "region"),
        choice("channel", "direct", "online", "partner", default="direct"),
        choice("status", "draft", "confirmed", "closed", "cancelled", by_verb=True, default="draft"),
        text("customer_reference", max_length=80, searchable=True),
        day("ordered_on", required=True),
        day("promised_on"),
        money("amount"),  # net of tax and freight
        choice("amount_from", "typed", "lines", by_verb=True, default="typed", money=True),
        share("tax_rate", money=True),
        money("tax"),
        money("freight"),
        currency(),
        *exchange(),
        money("total_amount", by_verb=True),  # amount, tax and freight together
        money("paid", by_verb=True),
        money("due", by_verb=True, low=None),  # what is still to be paid; below zero: what the customer gets back
        choice("delivery_state", *DELIVERY_STATES, by_verb=True, default="none"),
        choice("payment_state", *PAYMENT_STATES, by_verb=True, default="unpaid", money=True),
        ref("closed_team_id", "team", by_verb=True),
        note("cancel_note", by_verb=True),
    ),
)

ORDER_LINE = Entity(
    name="order_line",
    plural="order_lines",
    fields=(
        ref("order_id", "order", required=True),
        ref("product_id", "product", required=True),
        number("quantity", required=True, low=0),
        price("price"),
        share("discount", money=True),
        money("amount"),
        integer("rank", low=0),
    ),
)

RETURN = Entity(
    name="return",
    plural="returns",
    number="R",
    fields=(
        ref("order_id", "order", required=True),
        ref("order_line_id", "order_line"),
        number("quantity", low=0),
        money("amount"),
        day("returned_on", required=True),
        listed("reason_id", "return_reason"),
        note("remark"),
    ),
)

SHIPMENT = Entity(
    name="shipment",
    plural="shipments",
    number="S",
    title="number",
    fields=(
        ref("order_id", "order", required=True),
        text("carrier", max_length=80),
        text("tracking_number", max_length=80),
        day("promised_on"),
        day("shipped_on"),
        day("delivered_on"),
        note("remark"),
    ),
)

SHIPMENT_LINE = Entity(
    name="shipment_line",
    plural="shipment_lines",
    fields=(
        ref("shipment_id", "shipment", required=True),
        ref("order_line_id", "order_line", required=True),
        number("quantity", required=True, low=0),
    ),
)

PAYMENT = Entity(
    name="payment",
    plural="payments",
    number="P",
    fields=(
        ref("customer_id", "customer", required=True),
        ref("contract_id", "contract"),
        ref("order_id", "order"),
        ref("plan_id", "payment_plan"),
        money("amount", required=True),
        currency(),
        *exchange(),
        day("paid_on", required=True),
        choice("method", "transfer", "draft", "card", "cash", "other"),
        text("bank_reference", max_length=80, money=True),
        note("remark", money=True),
    ),
)

ENTITIES = (
    LEGAL_ENTITY,
    CONTRACT_TEMPLATE,
    CLAUSE,
    CONTRACT,
    CONTRACT_CLAUSE,
    CONTRACT_VERSION,
    OBLIGATION,
    PAYMENT_PLAN,
    ORDER,
    ORDER_LINE,
    RETURN,
    SHIPMENT,
    SHIPMENT_LINE,
    PAYMENT,
)
