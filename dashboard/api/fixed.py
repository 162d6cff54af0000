"""The part of the OpenAPI document that follows from no entity: sessions, tokens, metrics, imports, audit, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.actions.duplicates import COMPARED, EXACT, Reason
from dashboard.actions.web_leads import ASKED, CONSENT, KEY, TRAP
from dashboard.api.files import PLACES
from dashboard.api.tokens import DEFAULT_DAYS, LONGEST_NAME, MOST_DAYS, MOST_SCOPES
from dashboard.api.verbs import MOST
from dashboard.api.web_leads import FORM_TYPE, YES
from dashboard.api.writing import LONGEST_REASON
from dashboard.domain.files import ENDINGS
from dashboard.domain.metrics import DIMENSIONS, METRICS
from dashboard.i18n import Language, translate

Schema = dict[str, Any]
Operation = Callable[..., dict[str, Any]]
COMMON = (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503)
"""The statuses of problems."""

TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": ["number", "null"]}
COUNT: Schema = {"type": "integer"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
NEXT: Schema = {"type": ["string", "null"]}


def thing(properties: dict[str, Schema], *, optional: tuple[str, ...] = (), closed: bool = True) -> Schema:
    """An object."""
    needed = [name for name in properties if name not in optional]
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": not closed}
    return found | ({"required": needed} if needed else {})


def several(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    """A schema by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def fixed_schemas(_language: Language) -> dict[str, Schema]:
    """The schemas of what is no record."""
    fault = thing({"field": MAYBE, "code": TEXT, "detail": TEXT, "row": COUNT}, optional=("row",))
    label = thing({"name": TEXT, "title": TEXT})
    anything: Schema = {"type": "object"}
    counts: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    password = {"type": "string", "minLength": 1, "maxLength": 200}
    words: Schema = {"type": "string", "enum": ["same", "added", "removed"]}
    section: Schema = {**words, "enum": [*words["enum"], "changed"]}
    piece, compared = thing({"change": words, "text": TEXT}), {"title": TEXT, "change": section}
    return {
        "Problem": thing(
            {
                "type": TEXT,
                "title": TEXT,
                "status": COUNT,
                "code": TEXT,
                "detail": TEXT,
                "errors": several(fault),
                "change": COUNT,
                "mine": anything,
                "theirs": anything,
            },
            optional=("errors", "change", "mine", "theirs"),
        ),
        "Revealed": thing({"field": TEXT, "value": MAYBE}),
        "Health": thing({"status": {"type": "string", "enum": ["ready", "starting"]}}),
        "Login": thing({"username": password, "password": password, "otp": password}, optional=("otp",)),
        "Session": thing({"token": TEXT, "token_type": TEXT, "expires_at": INSTANT, "expires_in": COUNT}),
        "Who": thing(
            {
                "person_id": TEXT,
                "name": TEXT,
                "roles": several(TEXT),
                "team_id": MAYBE,
                "language": MAYBE,
                "scopes": {"anyOf": [several(TEXT), {"type": "null"}]},
            }
        ),
        "NewToken": thing(
            {
                "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
                "scopes": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": MOST_SCOPES},
                "expires_in_days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": DEFAULT_DAYS},
            },
            optional=("expires_in_days",),
        ),
        "Token": thing({"id": TEXT, "name": TEXT, "scopes": several(TEXT), "valid_until": INSTANT, "token": TEXT}),
        "Tokens": thing(
            {
                "items": several(
                    thing(
                        {
                            "id": TEXT,
                            "name": TEXT,
                            "scopes": several(TEXT),
                            "opened_at": INSTANT,
                            "valid_until": {"type": ["string", "null"], "format": "date-time"},
                            "used_at": {"type": ["string", "null"], "format": "date-time"},
                        }
                    )
                )
            }
        ),
        "History": thing(
            {
                "items": several(
                    thing(
                        {
                            "version": COUNT,
                            "revision": COUNT,
                            "effective_at": INSTANT,
                            "recorded_at": INSTANT,
                            "actor_id": TEXT,
                            "verb": TEXT,
                            "why": MAYBE,
                            "changed": several(TEXT),
                            "before": anything,
                            "after": anything,
                        }
                    )
                ),
                "next": NEXT,
            }
        ),
        "Batch": thing(
            {
                "changes": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST,
                    "items": thing(
                        {"verb": TEXT, "id": TEXT, "version": COUNT, "values": anything},
                        optional=("verb", "id", "version", "values"),
                    ),
                },
                "why": MAYBE,
                "effective_at": {"type": ["string", "null"], "format": "date-time"},
            },
            optional=("why", "effective_at"),
        ),
        "BatchDone": thing(
            {"items": several(thing({"id": TEXT, "version": COUNT, "number": MAYBE}, optional=("version", "number")))}
        ),
        "Nothing": thing({}),
        "Feed": thing(
            {"opened_at": {**INSTANT, "type": ["string", "null"]}, "used_at": {**INSTANT, "type": ["string", "null"]}}
        ),
        "NewFeed": thing({"address": TEXT}),
        "Capture": thing(
            {
                "entity": {"type": "string", "enum": sorted(COMPARED)},
                "values": {"type": "object", "additionalProperties": {"type": ["string", "null"], "maxLength": 300}},
                "id": MAYBE,
            },
            optional=("values", "id"),
        ),
        "Colleagues": thing({"items": several(thing({"id": TEXT, "name": TEXT}))}),
        "Likely": thing(
            {
                "items": several(
                    thing(
                        {
                            "entity": {"type": "string", "enum": sorted(COMPARED)},
                            "id": TEXT,
                            "number": MAYBE,
                            "title": TEXT,
                            "reason": {"type": "string", "enum": sorted(map(str, Reason))},
                            "score": COUNT,
                        }
                    )
                ),
                "elsewhere": several({"type": "string", "enum": sorted(EXACT)}),
            }
        ),
        "Metrics": thing(
            {
                "items": several(
                    thing(
                        {
                            "metric": TEXT,
                            "title": TEXT,
                            "definition": TEXT,
                            "population": TEXT,
                            "unit": TEXT,
                            "family": TEXT,
                            "dimensions": several(label),
                            "filters": several(label),
                            "always_by": several(TEXT),
                            "money": several(TEXT),
                            "share_of_n": {"type": "boolean"},
                            "needs_window": {"type": "boolean"},
                        }
                    )
                )
            }
        ),
        "Answer": thing(
            {
                "metric": TEXT,
                "title": TEXT,
                "definition": TEXT,
                "unit": TEXT,
                "from": {"type": ["string", "null"], "format": "date"},
                "to": {"type": ["string", "null"], "format": "date"},
                "as_of": {"type": ["string", "null"], "format": "date"},
                "known_at": {"type": ["string", "null"], "format": "date-time"},
                "scope": thing({"person": TEXT, "roles": several(TEXT)}),
                "rows": several(
                    thing({"value": NUMBER, "n": NUMBER, "low": NUMBER, "high": NUMBER, "reason": MAYBE}, closed=False)
                ),
                "notes": several(anything),
                "fingerprint": TEXT,
            }
        ),
        "Behind": thing({"entity": TEXT, "total": COUNT, "items": several(anything), "next": NEXT}),
        "Rehearsal": thing(
            {
                "id": TEXT,
                "expires_at": INSTANT,
                "sha256": TEXT,
                "files": several(thing({"name": TEXT, "sha256": TEXT})),
                "counts": {"type": "object", "additionalProperties": counts},
                "total": counts,
                "questions": several(
                    thing({"code": TEXT, "detail": TEXT, "file": TEXT, "column": TEXT, "options": several(TEXT)})
                ),
                "notices": several(thing({"code": TEXT, "detail": TEXT})),
                "formats": several(thing({"file": TEXT, "column": TEXT, "kind": TEXT, "format": TEXT})),
                "reasons": several(anything),
                "alike": several(anything),
                "differences": several(anything),
            }
        ),
        "Commit": thing({"again": {"type": "boolean"}, "name": TEXT}, optional=("again", "name")),
        "Committed": thing(
            {
                "batch_id": MAYBE,
                "number": MAYBE,
                "revision": {"type": ["integer", "null"]},
                "already": {"type": "boolean"},
                "counts": {"type": "object", "additionalProperties": counts},
            }
        ),
        "Undo": thing({"leave_changed": {"type": "boolean"}}, optional=("leave_changed",)),
        "Undone": thing(
            {
                "revision": COUNT,
                "archived": COUNT,
                "given_back": COUNT,
                "left": {"type": "object", "additionalProperties": several(TEXT)},
            }
        ),
        "WebLead": thing(
            {
                **{name: {"type": "string"} for name in (KEY, *ASKED, TRAP)},
                CONSENT: {"anyOf": [{"type": "boolean", "const": True}, {"type": "string", "enum": list(YES)}]},
            },
            optional=(KEY, *ASKED, TRAP),
        ),
        "Reference": thing({"reference": TEXT}),
        "WebKey": thing({"id": TEXT, "key": TEXT}),
        "WebKeys": thing({"items": several(thing({"id": TEXT, "opened_at": INSTANT}))}),
        "Wording": thing({"edition": {"type": ["integer", "null"]}, "sha256": TEXT, "wording": anything}),
        "Differences": thing({"sections": several(thing({**compared, "pieces": several(piece)}))}),
        "Trail": thing({"items": several(anything), "next": NEXT}),
    }


def fixed_paths(language: Language) -> dict[str, Any]:
    """The addresses of what is no record."""

    def operation(
        key: str, schema: str | None, problems: tuple[int, ...], *, status: int = 200, open_: bool = False, **more: Any
    ) -> dict[str, Any]:
        content = {"content": {"application/json": {"schema": ref(schema)}}} if schema else {}
        common = {500, 503} if open_ else {401, 403, 500, 503}
        answers = {str(status): {"description": translate(f"api.op.{key}", language), **content}}
        refused = {str(one): {"$ref": f"#/components/responses/{one}"} for one in sorted({*problems, *common})}
        found = {
            "operationId": key,
            "tags": [translate("api.doc.common", language)],
            "summary": translate(f"api.op.{key}", language),
            **more,
        }
        return found | ({"security": []} if open_ else {}) | {"responses": refused | answers}

    def body(schema: str, *, required: bool = False) -> dict[str, Any]:
        return {"required": required, "content": {"application/json": {"schema": ref(schema)}}}

    def query(name: str, schema: Schema, text: str | None = None) -> dict[str, Any]:
        return {
            "name": name,
            "in": "query",
            "schema": schema,
            "description": translate(f"api.param.{text or name}", language),
        }

    def path(name: str, schema: Schema) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": schema}

    once = {"$ref": "#/components/parameters/once"}
    shared = {
        name: {"$ref": f"#/components/parameters/{name}"} for name in ("limit", "cursor", "fields", "as_of", "known_at")
    }
    day = {"type": "string", "format": "date"}
    window = [
        query("by", TEXT),
        query("from", day),
        query("to", day),
        shared["as_of"],
        shared["known_at"],
        *(
            {"name": name, "in": "query", "schema": TEXT, "description": translate(f"dimension.{name}", language)}
            for name in DIMENSIONS
        ),
    ]
    metric = path("name", {"type": "string", "enum": sorted(METRICS)})
    form = {
        "type": "object",
        "properties": {
            "file": several({"type": "string", "format": "binary"}),
            "entity": TEXT,
            "preset": TEXT,
            "map": TEXT,
            "answers": TEXT,
        },
        "required": ["file"],
    }
    starting = {"503": {"description": "starting", "content": {"application/json": {"schema": ref("Health")}}}}
    health = operation("health", "Health", (), open_=True)
    health["responses"] |= starting
    writes = (400, 404, 409, 412, 413, 415, 422)
    held = [path("import_id", TEXT)]
    feed = operation("read_feed", None, (404,), open_=True)
    feed["responses"]["200"]["content"] = {"text/calendar": {"schema": TEXT}}
    prometheus = operation("ops_metrics", None, ())
    prometheus["responses"]["200"]["content"] = {"text/plain": {"schema": TEXT}}
    return {
        "/v1/health": {"get": health},
        "/v1/session": {
            "post": operation(
                "log_in",
                "Session",
                (400, 401, 413, 415, 429),
                status=201,
                open_=True,
                requestBody=body("Login", required=True),
            ),
            "get": operation("who", "Who", ()),
            "delete": operation("log_out", None, (), status=204),
        },
        "/v1/tokens": {
            "get": operation("list_tokens", "Tokens", ()),
            "post": operation(
                "issue_token",
                "Token",
                (400, 409, 413, 415, 422),
                status=201,
                parameters=[once],
                requestBody=body("NewToken", required=True),
            ),
        },
        "/v1/tokens/{token_id}": {
            "parameters": [path("token_id", TEXT)],
            "delete": operation("revoke_token", None, (404,), status=204),
        },
        "/v1/calendar": {
            "get": operation("get_feed", "Feed", ()),
            "post": operation(
                "make_feed",
                "NewFeed",
                (400, 409, 413, 415, 422),
                status=201,
                parameters=[once],
                requestBody=body("Nothing"),
            ),
            "delete": operation("end_feed", None, (), status=204),
        },
        "/v1/calendar/{secret}.ics": {"parameters": [path("secret", TEXT)], "get": feed},
        "/v1/metrics": {"get": operation("list_metrics", "Metrics", (400,))},
        "/v1/metrics/{name}": {
            "parameters": [metric],
            "get": operation("measure", "Answer", (400, 404, 409), parameters=window),
        },
        "/v1/metrics/{name}/records": {
            "parameters": [metric],
            "get": operation(
                "records_behind",
                "Behind",
                (400, 404, 409),
                parameters=[*window, shared["limit"], shared["cursor"], shared["fields"]],
            ),
        },
        "/v1/imports": {
            "post": operation(
                "rehearse_import",
                "Rehearsal",
                (400, 404, 409, 413, 415, 422),
                status=201,
                parameters=[once],
                requestBody={"required": True, "content": {"multipart/form-data": {"schema": form}}},
            )
        },
        "/v1/imports/{import_id}": {"parameters": held, "get": operation("get_import", "Rehearsal", (404,))},
        "/v1/imports/{import_id}/commit": {
            "parameters": held,
            "post": operation("commit_import", "Committed", writes, parameters=[once], requestBody=body("Commit")),
        },
        "/v1/imports/{import_id}/undo": {
            "parameters": held,
            "post": operation("undo_import", "Undone", writes, parameters=[once], requestBody=body("Undo")),
        },
        "/v1/duplicates": {
            "post": operation(
                "find_duplicates", "Likely", (400, 413, 415, 429), requestBody=body("Capture", required=True)
            )
        },
        "/v1/colleagues": {"get": operation("list_colleagues", "Colleagues", (400,))},
        "/v1/web-leads": {
            "post": operation(
                "send_web_lead",
                "Reference",
                (400, 401, 413, 415, 422, 429),
                status=202,
                open_=True,
                parameters=[
                    {
                        "name": "X-Form-Key",
                        "in": "header",
                        "schema": TEXT,
                        "description": translate("api.param.form_key", language),
                    }
                ],
                requestBody={
                    "required": True,
                    "content": {kind: {"schema": ref("WebLead")} for kind in ("application/json", FORM_TYPE)},
                },
            )
        },
        "/v1/web-forms/{form_id}/keys": {
            "parameters": [path("form_id", TEXT)],
            "get": operation("list_web_keys", "WebKeys", (404,)),
            "post": operation("issue_web_key", "WebKey", (400, 404, 409, 422), status=201, parameters=[once]),
        },
        "/v1/web-forms/{form_id}/keys/{key_id}": {
            "parameters": [path("form_id", TEXT), path("key_id", TEXT)],
            "delete": operation("revoke_web_key", None, (404,), status=204),
        },
        "/v1/audit": {
            "get": operation(
                "audit",
                "Trail",
                (400,),
                parameters=[
                    *(query(name, TEXT, f"audit_{name}") for name in ("entity", "record_id", "actor_id", "verb")),
                    query("from", INSTANT, "audit_from"),
                    query("to", INSTANT, "audit_to"),
                    shared["limit"],
                    shared["cursor"],
                ],
            )
        },
        **file_paths(operation, once),
        **paper_paths(operation, query),
        "/v1/ops/metrics": {"get": prometheus},
    }


RECORD: Schema = {"$ref": "#/components/parameters/record_id"}
BINARY: Schema = {"type": "string", "format": "binary"}


def binary(found: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """An operation whose answer is a file."""
    found["responses"]["200"]["content"] = {media_type: {"schema": BINARY} for media_type in media_types}
    return found


def file_paths(operation: Operation, once: Schema) -> dict[str, Any]:
    """The addresses of files."""
    parts: Schema = {"file": BINARY, "why": {"type": "string", "maxLength": LONGEST_REASON}}
    form = {"type": "object", "properties": parts, "required": ["file"], "additionalProperties": False}
    body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    problems = (400, 404, 409, 413, 415, 422)
    places = {
        path: {
            "parameters": [RECORD],
            "post": operation("attach_file", "Attachment", problems, status=201, parameters=[once], requestBody=body)
            | {"operationId": f"attach_file_to_{entity}"},
        }
        for path, entity in PLACES.items()
    }
    content = binary(operation("file_content", None, (404, 409)), *ENDINGS)
    return places | {"/v1/attachments/{record_id}/content": {"parameters": [RECORD], "get": content}}


def paper_paths(operation: Operation, query: Callable[..., Schema]) -> dict[str, Any]:
    """The addresses of what contracts say."""
    number: Schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    edition, problems = [query("edition", number)], (400, 404)
    both = [{**query("before", number, "edition_before"), "required": True}, query("after", number, "edition_after")]
    found = {
        "wording": operation("contract_wording", "Wording", problems, parameters=edition),
        "differences": operation("contract_differences", "Differences", problems, parameters=both),
        "pdf": binary(operation("contract_pdf", None, problems, parameters=edition), "application/pdf"),
    }
    return {f"/v1/contracts/{{record_id}}/{word}": {"parameters": [RECORD], "get": get} for word, get in found.items()}
