"""What the REST interface keeps about requests that may be repeated."""

from dashboard.domain.declare import instant, integer, ref, text
from dashboard.domain.fields import Entity, Field, Kind

KEPT_ANSWER = Entity(
    name="kept_answer",
    plural="kept_answers",
    log=True,
    fields=(
        ref("person_id", "person"),  # empty for the operator
        text("key_hash", required=True, max_length=64, unique=True),
        text("fingerprint", required=True, max_length=64),
        instant("answered_at", required=True),
        integer("status", required=True),
        Field(name="answer", kind=Kind.BINARY, required=True),
    ),
)

ENTITIES = (KEPT_ANSWER,)
"""In the order of their tables."""
