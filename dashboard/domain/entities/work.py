"""Daily work and how it is judged: tasks, targets, appraisals, tickets, ratings."""

from dashboard.domain.declare import (
    base_money,
    choice,
    day,
    flag,
    instant,
    integer,
    json,
    note,
    number,
    ref,
    share,
    tags,
    text,
)
from dashboard.domain.fields import Entity, Field

TASK = Entity(
    name="task",
    plural="tasks",
    number="T",
    title="title",
    customisable=True,
    fields=(
        text("title", required=True, searchable=True),
        choice("kind", "call", "visit", "quote", "contract", "delivery", "service", "other", default="other"),
        ref("assignee_id", "person"),
        ref("creator_id", "person"),
        ref("lead_id", "lead"),
        ref("customer_id", "customer"),
        ref("deal_id", "deal"),
        ref("ticket_id", "ticket"),
        ref("region_id", "region"),
        tags("required_skills"),
        choice("priority", "low", "normal", "high", default="normal"),
        number("effort_hours", unit="hours", low=0),
        day("created_on", required=True),
        day("due_on"),
        choice("status", "open", "done", "cancelled", by_verb=True, default="open"),
        day("done_on", by_verb=True),
        note("remark"),
        note("assignment_reason", by_verb=True),
    ),
)

TARGET = Entity(
    name="target",
    plural="targets",
    natural_keys=(("level", "person_id", "team_id", "starts_on"),),
    fields=(
        choice("level", "person", "team", "company", required=True),
        ref("person_id", "person"),
        ref("team_id", "team"),
        day("starts_on", required=True),
        day("ends_on", required=True),  # the first day after the period
        base_money("amount", required=True),
        base_money("stretch_amount"),
        base_money("challenge_amount"),
        note("remark"),
    ),
)

APPRAISAL = Entity(
    name="appraisal",
    plural="appraisals",
    fields=(
        ref("person_id", "person", required=True),
        ref("team_id", "team"),
        ref("appraiser_id", "person"),
        day("starts_on", required=True),
        day("ends_on", required=True),
        json("weights"),
        choice("status", "draft", "published", "appealed", "closed", by_verb=True, default="draft"),
        number("score", by_verb=True, low=0, high=100, unit="points"),
        instant("known_at", by_verb=True),
        json("snapshot", by_verb=True),
        note("remark"),
        note("response", by_verb=True),
        note("appeal", by_verb=True),
        note("appeal_decision", by_verb=True),
    ),
)

APPRAISAL_COMPONENT = Entity(
    name="appraisal_component",
    plural="appraisal_components",
    fields=(
        ref("appraisal_id", "appraisal", required=True),
        choice("component", "sales_result", "satisfaction", "task_completion", required=True),
        number("weight", required=True, low=0, high=100, unit="percent"),
        number("measure"),
        number("score", low=0, high=100, unit="points"),
        flag("missing"),
        text("missing_reason"),
    ),
)

TICKET = Entity(
    name="ticket",
    plural="tickets",
    number="W",
    title="subject",
    customisable=True,
    fields=(
        ref("customer_id", "customer", required=True),
        ref("contact_id", "contact"),
        ref("order_id", "order"),
        ref("assignee_id", "person"),
        text("subject", required=True, searchable=True),
        note("description"),
        choice("kind", "question", "defect", "delivery", "invoice", "complaint", "other", default="question"),
        choice("priority", "low", "normal", "high", default="normal"),
        choice("status", "open", "waiting", "resolved", "closed", by_verb=True, default="open"),
        instant("opened_at", required=True),
        instant("resolved_at", by_verb=True),
        note("resolution", by_verb=True),
    ),
)

RATING = Entity(
    name="rating",
    plural="ratings",
    fields=(
        ref("customer_id", "customer", required=True),
        ref("ticket_id", "ticket"),
        ref("order_id", "order"),
        ref("person_id", "person"),  # who is rated: the customer's owner on that day
        integer("score", required=True, low=1, high=5, unit="stars"),
        note("remark"),
        day("rated_on", required=True),
    ),
)

CUSTOM_FIELD = Entity(
    name="custom_field",
    plural="custom_fields",
    unique_together=(("entity", "name"),),
    fields=(
        text("entity", required=True, max_length=40),
        text("name", required=True, max_length=40),
        text("label_zh", required=True, max_length=80),
        text("label_en", required=True, max_length=80),
        choice("kind", "text", "note", "integer", "number", "money", "date", "flag", "choice", "tags", required=True),
        tags("choices"),
        flag("required"),
        flag("masked"),
        integer("rank", low=0),
        flag("active", default=True),
    ),
)

SAVED_VIEW = Entity(
    name="saved_view",
    plural="saved_views",
    title="name",
    fields=(
        ref("person_id", "person", required=True),
        text("name", required=True),
        text("page", required=True, max_length=80),
        json("query", required=True),
        ref("shared_team_id", "team"),
        flag("dashboard"),
    ),
)

SUBSCRIPTION = Entity(
    name="subscription",
    plural="subscriptions",
    fields=(
        ref("person_id", "person", required=True),
        text("report", required=True, max_length=80),
        json("query"),
        choice("every", "day", "week", "month", required=True),
        choice("format", "page", "xlsx", "pdf", "html", required=True),
        instant("next_due_at"),
        flag("active", default=True),
    ),
)

FEEDBACK = Entity(
    name="feedback",
    plural="feedback",
    number="F",
    fields=(
        ref("person_id", "person", required=True),
        text("page", max_length=80),
        choice("kind", "defect", "idea", "question", required=True),
        note("body", required=True),
        choice("status", "new", "planned", "done", "declined", by_verb=True, default="new"),
        note("triage_note", by_verb=True),
    ),
)

POOL_RULE = Entity(
    name="pool_rule",
    plural="pool_rules",
    fields=(
        ref("team_id", "team"),
        choice("entity", "lead", "customer", required=True),
        integer("max_held", low=0),
        integer("max_claims_a_day", low=0),
        integer("cool_down_days", unit="days", low=0),
        integer("recycle_after_days", unit="days", low=1),
        integer("recycle_without_deal_days", unit="days", low=1),
        flag("protect_open_deals", default=True),
        integer("warn_before_days", unit="days", low=0),
        flag("active", default=True),
    ),
)

APPROVAL_RULE = Entity(
    name="approval_rule",
    plural="approval_rules",
    fields=(
        ref("team_id", "team"),
        text("entity", required=True, max_length=40),
        text("name", required=True),
        base_money("from_amount"),
        share("from_discount", money=True),
        integer("from_payment_terms_days", unit="days", low=0),
        choice("approver", "manager", "manager_above", "leader", required=True),
        integer("rank", low=0),
        flag("active", default=True),
    ),
)

ASSIGNMENT_RULE = Entity(
    name="assignment_rule",
    plural="assignment_rules",
    fields=(
        ref("team_id", "team"),
        choice("entity", "lead", "task", "ticket", required=True),
        number("workload_weight", low=0),
        number("ability_weight", low=0),
        number("region_weight", low=0),
        flag("active", default=True),
    ),
)


def run(rule: str, *more: Field) -> Entity:
    """One application of a rule, with what it decided."""
    kind = rule.removesuffix("_rule")
    return Entity(
        name=f"{kind}_run",
        plural=f"{kind}_runs",
        fields=(
            ref("rule_id", rule),
            text("entity", required=True, max_length=40),
            text("record_id", max_length=40),
            ref("person_id", "person"),
            choice("status", "proposed", "pending", "approved", "rejected", "done", "undone", required=True),
            instant("decided_at"),
            note("reason"),
            json("details"),
            *more,
        ),
    )


ENTITIES = (
    TASK,
    TARGET,
    APPRAISAL,
    APPRAISAL_COMPONENT,
    TICKET,
    RATING,
    CUSTOM_FIELD,
    SAVED_VIEW,
    SUBSCRIPTION,
    FEEDBACK,
    POOL_RULE,
    APPROVAL_RULE,
    ASSIGNMENT_RULE,
    run("pool_rule"),
    run(
        "approval_rule",
        integer("rank", low=0),  # the place of the step among those of one submission
        ref("deputy_id", "person"),  # decides while the person is absent
        ref("decided_by_id", "person"),
    ),
    run("assignment_rule"),
)
