"""Who may do what: roles × entities × actions × reach × fields, as a table that can be read aloud.

Deny unless granted. Several roles merge per record and field: only the grants whose reach covers that very record
count, and among those the most permissive wins.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic import Field as PydanticField

from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Entity, Field, Group


class Role(StrEnum):
    """What a person is in the department; OPERATOR is the command line on the machine, SYSTEM the machine itself."""

    REP = "rep"
    MANAGER = "manager"
    LEADER = "leader"
    SUPPORT = "support"
    ADMIN = "admin"
    OPERATOR = "operator"
    SYSTEM = "system"


class Action(StrEnum):
    """What a grant allows."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    ASSIGN = "assign"
    CLAIM = "claim"
    RELEASE = "release"
    MERGE = "merge"
    APPROVE = "approve"
    SIGN = "sign"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    APPRAISE = "appraise"
    RESPOND = "respond"
    TRIAGE = "triage"
    SHARE = "share"
    REVEAL = "reveal"
    IMPORT = "import"
    EXPORT = "export"


class Reach(StrEnum):
    """Which records a grant covers, seen from the actor."""

    OWN = "own"  # owner, assignee, credit holder or participant, or what hangs on such a record
    LINKED = "linked"  # what an own record points at: the customer of a deal, its contacts, the tasks of a ticket
    POOL = "pool"  # without owner, in the pool of the own team
    TEAM = "team"
    BELOW = "below"  # my team and all under it, now or at the record's closing
    HEADS = "heads"  # people who manage a team or have no manager above
    MINE = "mine"  # rows that belong to the person's account: views, subscriptions, feedback
    SHARED = "shared"  # saved views shared with the own team
    NAMED = "named"  # what waits for the very decision of this person, and what hangs on it
    ALL = "all"


class Visibility(StrEnum):
    """How a field is shown, from most to least."""

    CLEAR = "clear"
    MASKED = "masked"
    HIDDEN = "hidden"


class FieldRule(BaseModel):
    """Which fields a grant shows: everything but the hidden groups, or only the named ones; some groups masked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hide: frozenset[Group] = frozenset()
    mask: frozenset[Group] = frozenset()
    only: tuple[str, ...] = ()

    def visibility(self, field: Field) -> Visibility:
        """How this rule shows `field`."""
        if field.group in self.hide or (self.only and field.name not in self.only):
            return Visibility.HIDDEN
        return Visibility.MASKED if field.group in self.mask else Visibility.CLEAR


CLEAR = FieldRule()
MASKED = FieldRule(mask=frozenset({Group.PERSONAL}))
WITHOUT_MONEY = FieldRule(hide=frozenset({Group.MONEY, Group.FILE}), mask=frozenset({Group.PERSONAL}))
CONTRACT_DATES = FieldRule(
    only=("step", "valid_until", "starts_on", "ends_on", "signed_on", "amended_on", "customer_id")
)
"""Without `fulfilment`, which tells whether everything is paid: how far it is delivered is said by its orders."""
FOLLOW_UP = FieldRule(only=("next_step", "next_step_on"))


class Grant(NamedTuple):
    """One row of the table: what a role may do to which records of an entity, and which fields it shows.

    `states` limits it to records in these states of their life cycle; `not_self` excludes records about the actor;
    `only_ready` rows are enforced by actions (counts, approvals).
    """

    role: Role
    entity: str
    action: Action
    reach: Reach
    fields: FieldRule = CLEAR
    states: tuple[str, ...] = ()
    not_self: bool = False


EVERYTHING = "read create update archive"
WORK = "read create update"

SALES = "lead deal task deal_product deal_credit deal_participant"
SALES_PARTS = "deal_product deal_credit deal_participant"  # a row of them may be taken away like it was added
RELATIONS = "customer contact interaction consent attachment"
PAPERS = "contract contract_clause obligation payment_plan order order_line return shipment shipment_line payment"
WORDING = "contract_clause payment_plan order_line"  # what a contract or an order says
RECORDED = "obligation return shipment shipment_line payment"  # what happens because of it
SERVICE = "ticket rating"
REFERENCE = "legal_entity product stage list_value industry region exchange_rate calendar_day team custom_field"
RULES = "pool_rule approval_rule assignment_rule contract_template clause"
DECIDED = "contract contract_clause contract_version payment_plan attachment"  # what somebody reads to decide
RUNS = "pool_run approval_run assignment_run"


def grants(
    role: Role, entities: str, actions: str, reach: Reach, fields: FieldRule = CLEAR, **more: object
) -> list[Grant]:
    """One line of the policy: names are separated by blanks."""
    states = tuple(str(more.get("states", "")).split())
    return [
        Grant(role, entity, Action(action), reach, fields, states, bool(more.get("not_self", False)))
        for entity in entities.split()
        for action in actions.split()
    ]


REP, MANAGER, LEADER, SUPPORT, ADMIN = Role.REP, Role.MANAGER, Role.LEADER, Role.SUPPORT, Role.ADMIN
OWN, BELOW, ALL, MINE = Reach.OWN, Reach.BELOW, Reach.ALL, Reach.MINE
ALL_ENTITIES = " ".join(RECORDS)
EVERY_ACTION = " ".join(Action)

DEFAULTS: tuple[Grant, ...] = (
    # reps: their own work
    *grants(REP, SALES, f"{WORK} import export", OWN),
    *grants(REP, SALES_PARTS, "archive", OWN),
    *grants(REP, RELATIONS, f"{WORK} import export", OWN),
    *grants(REP, "customer contact", "read export", Reach.LINKED),
    *grants(REP, "lead customer", "read claim", Reach.POOL, MASKED),
    *grants(REP, "contact", "read", Reach.POOL, MASKED),
    *grants(REP, "lead customer", "release", OWN),
    *grants(REP, f"{PAPERS} contract_version approval_run", "read export", OWN),
    *grants(REP, f"contract order {RECORDED}", "create", OWN),
    *grants(REP, RECORDED, "update", OWN),
    *grants(REP, f"contract order {WORDING}", "update", OWN, states="draft"),
    *grants(REP, "contract", "update", OWN, FOLLOW_UP, states="in_review approved sent signed"),
    *grants(REP, WORDING, "create archive", OWN, states="draft"),
    *grants(REP, "contract", "sign", OWN),
    *grants(REP, "order", "confirm", OWN),
    *grants(REP, SERVICE, "read export", OWN),
    *grants(REP, "target", "read export", OWN),
    *grants(REP, "appraisal appraisal_component", "read", OWN, states="published appealed closed"),
    *grants(REP, "appraisal", "respond", OWN, states="published appealed closed"),
    *grants(REP, "person absence", "read", OWN),
    *grants(REP, "absence", "create update", OWN),
    # managers: everything below them, and their own rows as a rep has them
    *grants(MANAGER, f"{SALES} {RELATIONS}", f"{EVERYTHING} assign claim merge import export", BELOW),
    *grants(MANAGER, "lead customer contact", f"{EVERYTHING} assign claim merge import export", Reach.POOL),
    *(grant for reach in (BELOW, Reach.POOL) for grant in grants(MANAGER, "lead customer", "release", reach)),
    *grants(MANAGER, "customer contact", "read export", Reach.LINKED),
    *grants(MANAGER, PAPERS, f"{EVERYTHING} assign sign confirm cancel import export", BELOW),
    *grants(MANAGER, "contract_version", "read export", BELOW),
    *grants(MANAGER, "approval_run", "read", OWN),
    *grants(MANAGER, DECIDED, "read", Reach.NAMED),
    *grants(MANAGER, "contract", "approve", Reach.NAMED, not_self=True),
    *grants(MANAGER, SERVICE, "read export", BELOW),
    *grants(MANAGER, "target", "read export", OWN),
    *grants(MANAGER, "target", "read export", BELOW),
    *grants(MANAGER, "target", "create update archive", BELOW, not_self=True),
    *grants(MANAGER, "appraisal appraisal_component", f"{EVERYTHING} appraise export", BELOW, not_self=True),
    *grants(MANAGER, "appraisal appraisal_component", "read", OWN, states="published appealed closed"),
    *grants(MANAGER, "appraisal", "respond", OWN, states="published appealed closed"),
    *grants(MANAGER, "person absence", "read export", BELOW),
    *grants(MANAGER, "absence", "create update", BELOW),
    *grants(MANAGER, RULES, EVERYTHING, BELOW),
    *grants(MANAGER, RUNS, "read", BELOW),
    # leadership: reads everything, personal details masked
    *grants(
        LEADER,
        f"{SALES} {RELATIONS} {PAPERS} contract_version {SERVICE} target appraisal appraisal_component",
        "read export",
        ALL,
        MASKED,
    ),
    *grants(LEADER, "contract", "approve", Reach.NAMED, MASKED, not_self=True),
    *grants(LEADER, "target", EVERYTHING, Reach.HEADS, not_self=True),
    *grants(LEADER, "appraisal appraisal_component", f"{EVERYTHING} appraise", Reach.HEADS, not_self=True),
    *grants(LEADER, "person absence", "read", ALL, MASKED),
    *grants(LEADER, f"{RUNS} access_rule", "read", ALL),
    # support: the customer without the money
    *grants(SUPPORT, "customer contact interaction consent", "read reveal", ALL, WITHOUT_MONEY),
    *grants(SUPPORT, "interaction", "create", ALL, WITHOUT_MONEY),
    *grants(SUPPORT, "order order_line shipment shipment_line return", "read", ALL, WITHOUT_MONEY),
    *grants(SUPPORT, "contract", "read", ALL, CONTRACT_DATES),
    *grants(SUPPORT, SERVICE, f"{EVERYTHING} assign", ALL, WITHOUT_MONEY),
    *grants(SUPPORT, "task", "read create", Reach.LINKED, WITHOUT_MONEY),
    *grants(SUPPORT, "task", WORK, OWN, WITHOUT_MONEY),
    *grants(SUPPORT, "person absence", "read", OWN),
    # administrators: the machine, the lists, the people
    *grants(ADMIN, f"{SALES} {RELATIONS} {PAPERS} contract_version {SERVICE}", "read export", ALL, MASKED),
    *grants(ADMIN, f"{SALES} {RELATIONS} {PAPERS} {SERVICE} {REFERENCE} person target", "import", ALL, MASKED),
    *grants(ADMIN, f"{REFERENCE} {RULES}", f"{EVERYTHING} import export", ALL),
    *grants(ADMIN, RUNS, "read export", ALL),
    *grants(ADMIN, "person absence", f"{EVERYTHING} export", ALL, MASKED),
    *grants(ADMIN, "import_batch", "read create update export", ALL),
    *grants(ADMIN, "feedback", "read triage export", ALL),
    *grants(ADMIN, "access_rule web_form", f"{EVERYTHING} export", ALL),
    # everybody
    *(
        grant
        for role in (REP, MANAGER, LEADER, SUPPORT)
        for grant in (*grants(role, REFERENCE, "read", ALL), *grants(role, RULES, "read", ALL))
    ),
    *(
        grant
        for role in (REP, MANAGER, LEADER, SUPPORT, ADMIN)
        for grant in (
            *grants(role, "saved_view subscription", EVERYTHING, MINE),
            *grants(role, "saved_view", "read", Reach.SHARED),
            *grants(role, "feedback", "read create", MINE),
        )
    ),
    *(grant for role in (MANAGER, LEADER) for grant in grants(role, "saved_view", "share", MINE)),
    *(grant for role in (REP, MANAGER) for grant in grants(role, "import_batch", "read create update", MINE)),
    # the operator at the machine and the machine itself
    *(grant for role in (Role.OPERATOR, Role.SYSTEM) for grant in grants(role, ALL_ENTITIES, EVERY_ACTION, ALL)),
)
"""The grants as delivered."""


class Family(StrEnum):
    """The families of metrics that a role may compute, always over the records it may open."""

    SALES = "sales"
    SERVICE = "service"
    DELIVERY = "delivery"
    HEALTH = "health"


METRIC_FAMILIES: dict[Role, frozenset[Family]] = {
    Role.REP: frozenset({Family.SALES, Family.DELIVERY}),
    Role.MANAGER: frozenset({Family.SALES, Family.SERVICE, Family.DELIVERY}),
    Role.LEADER: frozenset({Family.SALES, Family.SERVICE, Family.DELIVERY}),
    Role.SUPPORT: frozenset({Family.SERVICE, Family.DELIVERY}),
    Role.ADMIN: frozenset({Family.HEALTH}),
    Role.OPERATOR: frozenset(Family),
    Role.SYSTEM: frozenset(Family),
}

IMPORT_LIMITS: dict[Role, int] = {Role.REP: 1_000}
EXPORT_LIMITS: dict[Role, int] = {Role.REP: 1_000}


def index(table: tuple[Grant, ...]) -> dict[tuple[str, Action], tuple[Grant, ...]]:
    """The grants by entity and action."""
    found: dict[tuple[str, Action], list[Grant]] = {}
    for grant in table:
        found.setdefault((grant.entity, grant.action), []).append(grant)
    return {key: tuple(value) for key, value in found.items()}


class Policy:
    """The grants in force; two with the same grants are equal, so that what is kept for one serves the other."""

    def __init__(self, grants: tuple[Grant, ...]) -> None:
        self.grants = grants
        self.by_key = index(grants)
        self.digest = hash(grants)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and (self is other or self.grants == other.grants)

    def __hash__(self) -> int:
        return self.digest


DELIVERED = Policy(DEFAULTS)


class Actor(BaseModel):
    """Who acts: read from the store at each call, never remembered by a page.

    viewer: the administrator who only looks at what this person sees.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    person_id: str
    name: str
    roles: tuple[Role, ...]
    team_id: str | None = None
    below: tuple[str, ...] = ()  # ids of the own team and all under it, for whoever manages it
    language: str | None = None
    via: str = "page"
    viewer: str | None = None
    policy: Policy = PydanticField(default=DELIVERED, repr=False)

    @property
    def families(self) -> frozenset[Family]:
        """The metric families of all roles together."""
        return frozenset().union(*(METRIC_FAMILIES[role] for role in self.roles)) if self.roles else frozenset()

    def grants(self, entity: str, action: Action) -> tuple[Grant, ...]:
        """The grants of all roles for an action on an entity."""
        return tuple(g for g in self.policy.by_key.get((entity, action), ()) if g.role in self.roles)


def operator(via: str = "cli") -> Actor:
    """The person at the machine's command line."""
    return Actor(person_id="operator", name="operator", roles=(Role.OPERATOR,), via=via)


def system() -> Actor:
    """The machine's own jobs."""
    return Actor(person_id="system", name="system", roles=(Role.SYSTEM,), via="job")


class Ownership(BaseModel):
    """How a record hangs on people and teams.

    people: reference fields to persons that make it "own"; team: fields holding a team; closing_team: the copy kept
    at the closing; children: entities whose row (parent field, person field) also makes the parent own; parents:
    (entity, field) whose reach is inherited; linked: (entity, field there) whose own rows open this record at reach
    `linked`, and serving: (entity, field here) to an own record that does the same; account: the person field of rows
    of an account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    closing_teams: tuple[str, ...] = ()
    children: tuple[tuple[str, str, str], ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    linked: tuple[tuple[str, str], ...] = ()
    serving: tuple[tuple[str, str], ...] = ()
    account: str | None = None


BY_CUSTOMER_OR_DEAL = (("deal", "deal_id"), ("customer", "customer_id"))

OWNERSHIP: dict[str, Ownership] = {
    "team": Ownership(teams=("id",)),
    "person": Ownership(people=("id",)),
    "absence": Ownership(people=("person_id",)),
    "lead": Ownership(people=("owner_id",)),
    "customer": Ownership(people=("owner_id",), linked=(("deal", "customer_id"),)),
    "contact": Ownership(parents=(("customer", "customer_id"),)),
    "consent": Ownership(parents=(("contact", "contact_id"), ("lead", "lead_id"), ("customer", "customer_id"))),
    "deal": Ownership(
        people=("owner_id",),
        closing_teams=("closed_team_id",),
        children=(("deal_credit", "deal_id", "person_id"), ("deal_participant", "deal_id", "person_id")),
    ),
    "deal_product": Ownership(parents=(("deal", "deal_id"),)),
    "deal_credit": Ownership(parents=(("deal", "deal_id"),)),
    "deal_participant": Ownership(parents=(("deal", "deal_id"),)),
    "interaction": Ownership(people=("author_id",), parents=(("lead", "lead_id"), *BY_CUSTOMER_OR_DEAL)),
    "attachment": Ownership(parents=(*BY_CUSTOMER_OR_DEAL, ("contract", "record_id"), ("order", "record_id"))),
    "contract": Ownership(people=("owner_id",), parents=BY_CUSTOMER_OR_DEAL),
    "contract_clause": Ownership(parents=(("contract", "contract_id"),)),
    "contract_version": Ownership(parents=(("contract", "contract_id"),)),
    "obligation": Ownership(parents=(("contract", "contract_id"),)),
    "payment_plan": Ownership(parents=(("contract", "contract_id"),)),
    "order": Ownership(people=("owner_id",), closing_teams=("closed_team_id",), parents=BY_CUSTOMER_OR_DEAL),
    "order_line": Ownership(parents=(("order", "order_id"),)),
    "return": Ownership(parents=(("order", "order_id"),)),
    "shipment": Ownership(parents=(("order", "order_id"),)),
    "shipment_line": Ownership(parents=(("shipment", "shipment_id"),)),
    "payment": Ownership(parents=(("contract", "contract_id"), ("order", "order_id"), ("customer", "customer_id"))),
    "ticket": Ownership(people=("assignee_id",), parents=(("customer", "customer_id"),)),
    "rating": Ownership(parents=(("customer", "customer_id"),)),
    "task": Ownership(people=("assignee_id",), serving=(("ticket", "ticket_id"),)),
    "target": Ownership(people=("person_id",), teams=("team_id",)),
    "appraisal": Ownership(people=("person_id",)),
    "appraisal_component": Ownership(parents=(("appraisal", "appraisal_id"),)),
    "contract_template": Ownership(teams=("team_id",)),
    "clause": Ownership(teams=("team_id",), parents=(("contract_template", "template_id"),)),
    "pool_rule": Ownership(teams=("team_id",)),
    "approval_rule": Ownership(teams=("team_id",)),
    "assignment_rule": Ownership(teams=("team_id",)),
    "pool_run": Ownership(people=("person_id",), parents=(("pool_rule", "rule_id"),)),
    "approval_run": Ownership(
        people=("person_id", "deputy_id"), parents=(("approval_rule", "rule_id"), ("contract", "record_id"))
    ),
    "assignment_run": Ownership(people=("person_id",), parents=(("assignment_rule", "rule_id"),)),
    "saved_view": Ownership(account="person_id"),
    "subscription": Ownership(account="person_id"),
    "feedback": Ownership(account="person_id"),
    "import_batch": Ownership(account="person_id"),
}
"""Entities that are not here hang on nobody: only a grant at reach `all` opens them."""


def ownership_of(entity: Entity) -> Ownership:
    """How the records of an entity hang on people and teams."""
    return OWNERSHIP.get(entity.name, Ownership())
