"""Forms that people have begun and not saved yet."""

from dashboard.domain.declare import instant, ref, text
from dashboard.domain.fields import Entity, Field, Kind

DRAFT = Entity(
    name="draft",
    plural="drafts",
    log=True,
    fields=(
        ref("person_id", "person", required=True),
        text("form", required=True),  # the entity and the record, like deal:new
        Field(name="payload", kind=Kind.BINARY, required=True),  # sealed under the person's data key
        instant("saved_at", required=True),
    ),
)

ENTITIES = (DRAFT,)
