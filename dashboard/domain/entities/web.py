"""Forms on the department's own web pages, and the keys that they send leads with."""

from dashboard.domain.declare import flag, instant, listed, note, ref, tags, text
from dashboard.domain.fields import Entity

WEB_FORM = Entity(
    name="web_form",
    plural="web_forms",
    title="name",
    fields=(
        text("name", required=True, searchable=True, max_length=80),
        ref("team_id", "team", required=True),  # into whose pool a lead comes when nobody is named
        ref("owner_id", "person"),
        listed("source_id", "source"),
        tags("origins", max_length=1000),  # the sites whose pages may send, like https://www.example.com
        note("consent_text", required=True, max_length=2000),
        flag("active", default=True),
    ),
)

WEB_KEY = Entity(
    name="web_key",
    plural="web_keys",
    log=True,
    fields=(
        ref("form_id", "web_form", required=True),
        text("key_hash", required=True, max_length=64, unique=True),
        instant("opened_at", required=True),
        instant("revoked_at"),
    ),
)

ENTITIES = (WEB_FORM, WEB_KEY)
