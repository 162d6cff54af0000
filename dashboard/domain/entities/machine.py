"""What the system keeps about itself: imports, sessions, tokens, the audit chain, job runs."""

from dashboard.domain.declare import choice, flag, instant, integer, json, note, ref, tags, text
from dashboard.domain.fields import Entity, Field, Kind

IMPORT_BATCH = Entity(
    name="import_batch",
    plural="import_batches",
    number="I",
    title="name",
    fields=(
        text("name", required=True, searchable=True),
        ref("person_id", "person"),
        text("preset", max_length=80),
        text("content_sha256", required=True, max_length=64),
        json("files"),
        json("counts"),
        choice("status", "committed", "undone", required=True),
        integer("committed_revision"),
        integer("undone_revision"),
    ),
)

LOGIN_SESSION = Entity(
    name="login_session",
    plural="login_sessions",
    log=True,
    fields=(
        ref("person_id", "person", required=True),
        text("token_hash", required=True, max_length=64, unique=True),
        instant("opened_at", required=True),
        instant("seen_at", required=True),
        instant("idle_until", required=True),
        instant("valid_until", required=True),
        instant("revoked_at"),
        text("revoked_why", max_length=80),
        text("address", max_length=80),
        text("agent", max_length=300),
    ),
)

LOGIN_TRY = Entity(
    name="login_try",
    plural="login_tries",
    log=True,
    fields=(
        text("pair_hash", required=True, max_length=64),  # of user name and address together
        text("address_hash", required=True, max_length=64),
        instant("tried_at", required=True),
        flag("refused", required=True),  # one row for the first try that was not let through; the next leave none
    ),
)

RATE = Entity(
    name="rate",
    plural="rates",
    log=True,
    fields=(
        text("subject_hash", required=True, max_length=64),  # of whom and what is counted
        instant("began_at", required=True),
        instant("ends_at", required=True),  # from then on it counts no more
        integer("used", required=True, low=1),
    ),
)

LOGIN_CODE = Entity(
    name="login_code",
    plural="login_codes",
    log=True,
    fields=(
        ref("person_id", "person", required=True, unique=True),
        Field(name="sealed", kind=Kind.BINARY, required=True),  # the secret that the app holds too
        integer("last_step", required=True),  # of the last code that counted: none counts twice
        instant("turned_on_at", required=True),
    ),
)

RECOVERY_CODE = Entity(
    name="recovery_code",
    plural="recovery_codes",
    log=True,
    fields=(
        ref("person_id", "person", required=True),
        text("code_hash", required=True, max_length=64, unique=True),
        instant("used_at"),
    ),
)

TOKEN = Entity(
    name="token",
    plural="tokens",
    log=True,
    fields=(
        ref("person_id", "person", required=True),
        text("name", required=True),
        text("token_hash", required=True, max_length=64, unique=True),
        tags("scopes"),
        instant("opened_at", required=True),
        instant("valid_until"),
        instant("used_at"),
        instant("revoked_at"),
    ),
)

AUDIT_ENTRY = Entity(
    name="audit_entry",
    plural="audit_entries",
    log=True,
    fields=(
        integer("sequence", required=True, unique=True),
        integer("revision", required=True),
        instant("recorded_at", required=True),
        text("actor_id", required=True, max_length=40),
        text("via", required=True, max_length=20),  # page, rest, cli, job
        text("verb", required=True, max_length=40),
        text("entity", max_length=40),
        text("record_id", max_length=40),
        integer("records", required=True, low=0),
        note("why"),
        json("details"),
        text("previous", required=True, max_length=64),
        text("mac", required=True, max_length=64),
    ),
)

JOB_RUN = Entity(
    name="job_run",
    plural="job_runs",
    log=True,
    fields=(
        text("job", required=True, max_length=40),
        instant("started_at", required=True),
        instant("finished_at"),
        choice("status", "running", "done", "failed", required=True),
        choice("cause", "start", "write", "schedule", "person"),
        integer("revision"),
        integer("rows"),
        integer("duration_ms", unit="milliseconds"),
        note("problem"),
    ),
)

SUBJECT_KEY = Entity(
    name="subject_key",
    plural="subject_keys",
    log=True,
    fields=(
        text("key_id", required=True, max_length=40),
        Field(name="wrapped", kind=Kind.BINARY, required=True),
        instant("erased_at"),
    ),
)

ENTITIES = (
    IMPORT_BATCH,
    LOGIN_SESSION,
    LOGIN_TRY,
    RATE,
    LOGIN_CODE,
    RECOVERY_CODE,
    TOKEN,
    AUDIT_ENTRY,
    JOB_RUN,
    SUBJECT_KEY,
)
