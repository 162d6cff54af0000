"""From the first call to the won deal: leads, customers, contacts, deals and what was said."""

from dashboard.domain.declare import (
    base_money,
    choice,
    currency,
    day,
    exchange,
    flag,
    instant,
    integer,
    masked,
    money,
    note,
    number,
    personal,
    price,
    ref,
    share,
    tags,
    text,
    url,
)
from dashboard.domain.fields import Entity, Field, Kind


def follow_up() -> tuple[Field, Field]:
    """What to do next, and on which day."""
    return text("next_step"), day("next_step_on")


LEAD = Entity(
    name="lead",
    plural="leads",
    number="L",
    title="company",
    subject="id",
    customisable=True,
    fields=(
        text("company", required=True, searchable=True),
        text("person_name", searchable=True, max_length=80),
        text("job_title", max_length=80),
        personal("phone", Kind.PHONE),
        personal("email", Kind.EMAIL),
        masked("wechat", max_length=80),
        url("website"),
        text("address"),
        ref("source_id", "list_value"),
        ref("industry_id", "industry"),
        ref("region_id", "region"),
        choice("level", "A", "B", "C", "D"),
        tags("need_tags"),
        note("need"),
        money("budget"),
        currency(),
        choice("authority", "decides", "influences", "uses", "unknown"),
        choice("timing", "now", "quarter", "half_year", "later", "unknown"),
        choice(
            "status",
            "new",
            "contacted",
            "nurture",
            "qualified",
            "converted",
            "unqualified",
            "junk",
            by_verb=True,
            default="new",
        ),
        ref("reason_id", "list_value", by_verb=True),
        ref("owner_id", "person"),
        ref("pool_team_id", "team", by_verb=True, at_creation=True),
        day("created_on", required=True),
        day("converted_on", by_verb=True),
        ref("customer_id", "customer", by_verb=True),
        ref("contact_id", "contact", by_verb=True),
        ref("deal_id", "deal", by_verb=True),
        *follow_up(),
    ),
)

CUSTOMER = Entity(
    name="customer",
    plural="customers",
    number="K",
    title="name",
    subject="id",
    natural_keys=(("credit_code",), ("name",), ("aliases",)),
    customisable=True,
    fields=(
        text("name", required=True, searchable=True),
        tags("aliases"),
        text("credit_code", max_length=18, unique=True),
        ref("industry_id", "industry"),
        ref("region_id", "region"),
        choice("level", "A", "B", "C", "D"),
        tags("need_tags"),
        ref("source_id", "list_value"),
        ref("owner_id", "person"),
        ref("pool_team_id", "team", by_verb=True, at_creation=True),
        ref("parent_id", "customer"),
        url("website"),
        personal("phone", Kind.PHONE),
        text("address"),
        integer("employees", low=0, unit="people"),
        base_money("annual_revenue"),
        integer("founded_year", low=1000, high=9999),
        text("bank_name", money=True),
        personal("bank_account"),
        day("created_on"),
        *follow_up(),
    ),
)

CONTACT = Entity(
    name="contact",
    plural="contacts",
    title="name",
    subject="id",
    natural_keys=(("email",), ("customer_id", "name")),
    customisable=True,
    fields=(
        ref("customer_id", "customer", required=True),
        text("name", required=True, searchable=True, max_length=80),
        text("job_title", max_length=80),
        choice("influence", "decides", "influences", "uses", "unknown"),
        personal("phone", Kind.PHONE),
        personal("email", Kind.EMAIL),
        masked("wechat", max_length=80),
        personal("id_number"),
        flag("main"),
        note("remark"),
    ),
)

CONSENT = Entity(
    name="consent",
    plural="consents",
    fields=(
        ref("contact_id", "contact"),
        ref("lead_id", "lead"),
        ref("customer_id", "customer"),
        choice("channel", "phone", "email", "wechat", "mail", "all", required=True),
        flag("given", required=True),
        day("given_on"),
        day("withdrawn_on"),
        text("evidence"),
    ),
)

DEAL = Entity(
    name="deal",
    plural="deals",
    number="D",
    title="name",
    customisable=True,
    fields=(
        text("name", required=True, searchable=True),
        ref("customer_id", "customer"),
        ref("contact_id", "contact"),
        ref("lead_id", "lead"),
        ref("owner_id", "person"),
        ref("region_id", "region"),
        ref("source_id", "list_value"),
        tags("need_tags"),
        day("created_on", required=True),
        ref("stage_id", "stage", by_verb=True, at_creation=True),
        choice("stage_type", "open", "won", "lost", by_verb=True, default="open"),
        integer("stage_rank", by_verb=True),
        instant("stage_since", by_verb=True),
        money("amount"),
        choice("amount_from", "typed", "lines", default="typed"),
        currency(),
        *exchange(),
        share("probability"),
        choice("forecast_category", "pipeline", "best", "commit", "omitted"),
        day("expected_close_on"),
        day("closed_on", by_verb=True),
        ref("closed_owner_id", "person", by_verb=True),
        ref("closed_team_id", "team", by_verb=True),
        ref("closed_region_id", "region", by_verb=True),
        ref("lost_reason_id", "list_value", by_verb=True),
        ref("competitor_id", "list_value"),
        note("close_note", by_verb=True),
        *follow_up(),
    ),
)

DEAL_PRODUCT = Entity(
    name="deal_product",
    plural="deal_products",
    fields=(
        ref("deal_id", "deal", required=True),
        ref("product_id", "product", required=True),
        number("quantity", required=True, low=0),
        price("price"),
        share("discount", money=True),
        money("amount"),
        integer("rank"),
    ),
)

DEAL_CREDIT = Entity(
    name="deal_credit",
    plural="deal_credits",
    unique_together=(("deal_id", "person_id"),),
    fields=(
        ref("deal_id", "deal", required=True),
        ref("person_id", "person", required=True),
        share("share", required=True),
        base_money("amount", by_verb=True),
        ref("team_id", "team", by_verb=True),
        ref("region_id", "region", by_verb=True),
    ),
)

DEAL_PARTICIPANT = Entity(
    name="deal_participant",
    plural="deal_participants",
    unique_together=(("deal_id", "person_id"),),
    fields=(
        ref("deal_id", "deal", required=True),
        ref("person_id", "person", required=True),
        choice("part", "presales", "delivery", "advisor", "other"),
    ),
)

INTERACTION = Entity(
    name="interaction",
    plural="interactions",
    title="summary",
    customisable=True,
    fields=(
        ref("customer_id", "customer"),
        ref("contact_id", "contact"),
        ref("lead_id", "lead"),
        ref("deal_id", "deal"),
        ref("ticket_id", "ticket"),
        ref("author_id", "person"),
        choice("kind", "call", "visit", "meeting", "email", "wechat", "demo", "other", required=True),
        choice("direction", "outgoing", "incoming", required=True),
        instant("happened_at", required=True),
        integer("duration_minutes", unit="minutes", low=0),
        note("summary", searchable=True),
        choice("outcome", "positive", "neutral", "negative", "no_answer"),
        *follow_up(),
    ),
)

ATTACHMENT = Entity(
    name="attachment",
    plural="attachments",
    title="name",
    fields=(
        text("entity", required=True, max_length=40),
        text("record_id", required=True, max_length=40),
        ref("customer_id", "customer"),
        ref("deal_id", "deal"),
        text("name", required=True, file=True),
        text("media_type", max_length=120, file=True),
        integer("size_bytes", unit="bytes", low=0, file=True),
        text("sha256", max_length=64, file=True, by_verb=True),
    ),
)

ENTITIES = (
    LEAD,
    CUSTOMER,
    CONTACT,
    CONSENT,
    DEAL,
    DEAL_PRODUCT,
    DEAL_CREDIT,
    DEAL_PARTICIPANT,
    INTERACTION,
    ATTACHMENT,
)
