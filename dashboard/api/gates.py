"""Who may call which address: one row an address. An address without a row is refused, and a test says so."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from dashboard.domain.access import Action


class Right(StrEnum):
    """What a caller must have."""

    OPEN = "open"  # nothing: nobody has to log in
    PERSON = "person"  # a session or a token
    PASSWORD = "password"  # noqa: S105  (a session: a token makes no tokens)
    RECORDS = "records"  # a grant for the action on the entity in the address
    METRICS = "metrics"  # a family of metrics
    IMPORTS = "imports"  # a grant to import something
    OPERATOR = "operator"  # the secret of the machine's own command line
    MACHINE = "machine"  # the family of metrics about the machine's health


class Gate(NamedTuple):
    """One row.

    writes: whether a token needs the scope `write`; action: for records, the action that some grant must give (None:
    the body or the verb says which, and the store judges it); resource: what the scopes of a token call it, unless it
    is the entity in the address.
    """

    right: Right
    writes: bool = False
    action: Action | None = None
    resource: str | None = None


V1 = "/v1"
MANY, ONE = f"{V1}/{{plural:entity}}", f"{V1}/{{plural:entity}}/{{record_id}}"

COMMAND = "/operator"

GATES: dict[str, Gate] = {
    f"POST {COMMAND}": Gate(Right.OPERATOR, writes=True),
    "GET /health": Gate(Right.OPEN),
    f"GET {V1}/health": Gate(Right.OPEN),
    "GET /openapi.json": Gate(Right.OPEN),
    "GET /docs": Gate(Right.OPEN),
    "GET /docs/{file}": Gate(Right.OPEN),
    f"POST {V1}/session": Gate(Right.OPEN),
    f"GET {V1}/session": Gate(Right.PERSON),
    f"DELETE {V1}/session": Gate(Right.PASSWORD),
    f"GET {V1}/tokens": Gate(Right.PASSWORD),
    f"POST {V1}/tokens": Gate(Right.PASSWORD),
    f"DELETE {V1}/tokens/{{token_id}}": Gate(Right.PASSWORD),
    f"GET {V1}/calendar": Gate(Right.PASSWORD),
    f"POST {V1}/calendar": Gate(Right.PASSWORD),
    f"DELETE {V1}/calendar": Gate(Right.PASSWORD),
    f"GET {V1}/calendar/{{secret}}.ics": Gate(Right.OPEN),  # the secret in the address is what opens it
    f"GET {V1}/metrics": Gate(Right.PERSON, resource="metric"),
    f"GET {V1}/metrics/{{name}}": Gate(Right.METRICS, resource="metric"),
    f"GET {V1}/metrics/{{name}}/records": Gate(Right.METRICS, resource="metric"),
    f"POST {V1}/imports": Gate(Right.IMPORTS, writes=True, resource="import"),
    f"GET {V1}/imports/{{import_id}}": Gate(Right.IMPORTS, resource="import"),
    f"POST {V1}/imports/{{import_id}}/commit": Gate(Right.IMPORTS, writes=True, resource="import"),
    f"POST {V1}/imports/{{import_id}}/undo": Gate(Right.IMPORTS, writes=True, resource="import"),
    f"POST {V1}/duplicates": Gate(Right.PERSON, writes=True),  # the body says of what, and is judged
    f"GET {V1}/colleagues": Gate(Right.PERSON, resource="person"),
    f"OPTIONS {V1}/web-leads": Gate(Right.OPEN),
    f"POST {V1}/web-leads": Gate(Right.OPEN),
    f"GET {V1}/web-forms/{{form_id}}/keys": Gate(Right.PERSON, resource="web_form"),
    f"POST {V1}/web-forms/{{form_id}}/keys": Gate(Right.PERSON, writes=True, resource="web_form"),
    f"DELETE {V1}/web-forms/{{form_id}}/keys/{{key_id}}": Gate(Right.PERSON, writes=True, resource="web_form"),
    f"GET {V1}/audit": Gate(Right.MACHINE, resource="audit"),
    f"GET {V1}/ops/metrics": Gate(Right.MACHINE, resource="machine"),
    **{
        f"POST {V1}/{plural}/{{record_id}}/files": Gate(Right.PERSON, writes=True, resource="attachment")
        for plural in ("customers", "deals", "contracts", "orders")
    },
    **{
        f"GET {V1}/contracts/{{record_id}}/{word}": Gate(Right.PERSON, resource="contract")
        for word in ("wording", "differences", "pdf")
    },
    f"GET {V1}/attachments/{{record_id}}/content": Gate(Right.PERSON, resource="attachment"),
    f"GET {MANY}": Gate(Right.RECORDS, action=Action.READ),
    f"POST {MANY}": Gate(Right.RECORDS, writes=True, action=Action.CREATE),
    f"POST {MANY}:batch": Gate(Right.RECORDS, writes=True),
    f"GET {ONE}": Gate(Right.RECORDS, action=Action.READ),
    f"PATCH {ONE}": Gate(Right.RECORDS, writes=True, action=Action.UPDATE),
    f"DELETE {ONE}": Gate(Right.RECORDS, writes=True, action=Action.ARCHIVE),
    f"GET {ONE}/history": Gate(Right.RECORDS, action=Action.READ),
    f"POST {ONE}/{{verb}}": Gate(Right.RECORDS, writes=True),
}
"""Every address under /api."""

RESOURCES = ("metric", "import", "audit", "machine")
"""What scopes of tokens name besides entities."""
