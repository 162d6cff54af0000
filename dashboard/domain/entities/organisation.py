"""Teams and the people in them."""

from dashboard.domain.declare import choice, day, flag, instant, note, number, personal, ref, tags, text
from dashboard.domain.fields import Entity, Kind

ROLES = ("rep", "manager", "leader", "support", "admin")

TEAM = Entity(
    name="team",
    plural="teams",
    title="name",
    natural_keys=(("name",),),
    fields=(
        text("name", required=True, searchable=True),
        ref("parent_id", "team"),
        ref("manager_id", "person"),
        ref("region_id", "region"),
    ),
)

PERSON = Entity(
    name="person",
    plural="people",
    title="name",
    subject="id",
    natural_keys=(("username",), ("email",), ("name",)),
    fields=(
        text("name", required=True, searchable=True),
        text("username", unique=True, max_length=64, searchable=True),
        personal("email", Kind.EMAIL),
        personal("phone", Kind.PHONE),
        text("title"),
        ref("team_id", "team"),
        ref("region_id", "region"),
        tags("roles", *ROLES),
        choice("language", "zh", "en"),
        flag("active", default=True),
        day("joined_on"),
        day("left_on"),
        tags("skills"),
        number("weekly_capacity_hours", unit="hours", low=0, high=168),
    ),
)

ABSENCE = Entity(
    name="absence",
    plural="absences",
    fields=(
        ref("person_id", "person", required=True),
        choice("kind", "leave", "sick", "training", "travel", "other", required=True),
        day("starts_on", required=True),
        day("ends_on", required=True),
        ref("delegate_id", "person"),  # decides in the meantime; else the next manager above
        note("remark"),
    ),
)

CREDENTIAL = Entity(
    name="credential",
    plural="credentials",
    log=True,
    fields=(
        ref("person_id", "person", required=True, unique=True),
        text("password_hash", required=True),
        flag("must_change"),
        instant("changed_at", required=True),
    ),
)

ACCESS_RULE = Entity(
    name="access_rule",
    plural="access_rules",
    unique_together=(("role", "entity", "action"),),
    fields=(
        choice("role", *ROLES, required=True),
        text("entity", required=True, max_length=40),
        text("action", required=True, max_length=40),
        tags("reaches", "own", "linked", "pool", "team", "below", "heads", "mine", "shared", "all"),
        choice("shows", "delivered", "clear", "masked", "without_money", required=True, default="delivered"),
    ),
)
"""What a role may do to an entity instead of what was delivered; without a reach it may no more."""

ENTITIES = (TEAM, PERSON, ABSENCE, CREDENTIAL, ACCESS_RULE)
