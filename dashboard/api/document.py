"""The OpenAPI document, made from the declarations: each kind of record with its fields, units, verbs and answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from dashboard import __version__
from dashboard.actions.reveal import REVEAL, SHORTEST_REASON
from dashboard.api import quick, revealing
from dashboard.api.addresses import PLURALS, READ_ONLY, verbs_of
from dashboard.api.fixed import COMMON, fixed_paths, fixed_schemas
from dashboard.api.orders import FIXED, MAKERS
from dashboard.api.queries import OPERATORS, SUFFIXES
from dashboard.api.schemas import (
    REASON,
    Schema,
    all_schemas,
    changes_schema,
    described,
    new_schema,
    schema_name,
    standing_words,
    verb_schema,
    verb_schema_name,
)
from dashboard.api.writing import LONGEST_REASON
from dashboard.domain import standings
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.labels import entity_label, verb_label
from dashboard.domain.queries import Operator
from dashboard.i18n import Language, translate

WRITES = (400, 409, 413, 415, 422)
OPTIONS = ("limit", "cursor", "sort", "q", "fields", "archived", "as_of", "known_at", "total")
WORDS = {operator: suffix for suffix, operator in SUFFIXES.items()}


@cache
def document(language: Language) -> dict[str, Any]:
    """The document in one language."""
    paths = dict(fixed_paths(language))
    schemas = fixed_schemas(language) | all_schemas(language)
    for word, entity in PLURALS.items():
        paths |= entity_paths(word, entity, language)
        schemas |= body_schemas(entity, language)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": translate("app.name", language),
            "version": __version__,
            "description": translate("api.doc.about", language),
        },
        "servers": [{"url": "/api"}],
        "security": [{"bearer": []}],
        "tags": [
            {"name": translate("api.doc.common", language)},
            *({"name": entity_label(entity.name, language, many=True)} for entity in PLURALS.values()),
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "parameters": parameters(language),
            "responses": {str(status): problem_response(status, language) for status in COMMON},
        },
    }


def body_schemas(entity: Entity, language: Language) -> dict[str, Schema]:
    """What the bodies about one kind of record hold."""
    if entity.name in READ_ONLY:
        return {}
    found = {
        schema_name(entity, "New"): new_schema(entity, language),
        schema_name(entity, suffix="Changes"): changes_schema(entity, language),
    }
    if entity.name in WISHES:
        found[f"{schema_name(entity)}Wish"] = wish_schema(entity, language)
    if fields := revealing.revealable(entity):
        found[f"{schema_name(entity)}Reveal"] = reveal_schema(fields, language)
    if entity.name == "deal":
        found["DealQuick"] = quick_schema(entity, language)
    return found | {verb_schema_name(entity, verb): verb_schema(entity, verb, language) for verb in verbs_of(entity)}


def reveal_schema(fields: list[str], language: Language) -> Schema:
    """What asking for a masked detail takes."""
    why = {"type": "string", "minLength": SHORTEST_REASON, "maxLength": 2000}
    return {
        "type": "object",
        "properties": {
            revealing.FIELD: {"type": "string", "enum": fields},
            revealing.WHY: {**why, "description": translate("api.doc.reveal_why", language)},
        },
        "required": [revealing.FIELD, revealing.WHY],
        "additionalProperties": False,
    }


def quick_schema(entity: Entity, language: Language) -> Schema:
    """What a quick update takes."""
    fields = changes_schema(entity, language)["properties"]
    kept = {name: fields[name] for name in quick.FIELDS if name in fields}
    happened = {
        "type": ["string", "null"],
        "maxLength": quick.LONGEST,
        "description": translate("api.doc.happened", language),
    }
    stage = {"type": ["string", "null"], "description": translate("api.doc.quick_stage", language)}
    why = {**REASON, "description": translate("api.doc.why", language)}
    return {
        "type": "object",
        "properties": {quick.HAPPENED: happened, "stage_id": stage, **kept, "why": why},
        "additionalProperties": False,
    }


WISHES = frozenset(made for made, _ in MAKERS.values())


def wish_schema(entity: Entity, language: Language) -> Schema:
    """What is to be other than in the record that this one follows from; of a shipment also how much of each line."""
    fields = new_schema(entity, language)["properties"]
    aside = (*FIXED[entity.name], "effective_at")
    kept = {name: one for name, one in fields.items() if name not in aside}
    if entity.name == "shipment":
        quantity = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$"}
        line = {"order_line_id": {"type": "string"}, "quantity": quantity}
        one = {"type": "object", "properties": line, "required": list(line), "additionalProperties": False}
        text = translate("api.doc.ship_lines", language)
        kept["lines"] = {"type": ["array", "null"], "items": one, "minItems": 1, "description": text}
    return {"type": "object", "properties": kept, "additionalProperties": False}


def entity_paths(word: str, entity: Entity, language: Language) -> dict[str, Any]:
    """The addresses of one kind of record."""
    one, many = entity_label(entity.name, language), entity_label(entity.name, language, many=True)
    name, record = schema_name(entity), {"$ref": "#/components/parameters/record_id"}

    def told(key: str, thing: str = one) -> str:
        return translate(f"api.doc.{key}", language, entity=thing)

    def operation(key: str, summary: str, answers: dict[str, Any], problems: tuple[int, ...], **more: Any) -> Any:
        return {
            "operationId": f"{key}_{entity.name}",
            "tags": [many],
            "summary": summary,
            **more,
            "responses": answers | problem_refs(problems),
        }

    listing = [{"$ref": f"#/components/parameters/{option}"} for option in OPTIONS] + filters(entity, language)
    paths: dict[str, Any] = {
        f"/v1/{word}": {"get": operation("list", told("list", many), shown(f"{name}Page"), (400,), parameters=listing)},
        f"/v1/{word}/{{record_id}}": {
            "parameters": [record],
            "get": operation(
                "get",
                told("get"),
                {"200": with_tag(name)},
                (400, 404),
                parameters=[{"$ref": f"#/components/parameters/{option}"} for option in ("as_of", "known_at")],
            ),
        },
        f"/v1/{word}/{{record_id}}/history": {
            "parameters": [record],
            "get": operation(
                "history",
                told("history"),
                shown("History"),
                (400, 404),
                parameters=[{"$ref": f"#/components/parameters/{option}"} for option in ("limit", "cursor")],
            ),
        },
    }
    if entity.name in READ_ONLY:
        return paths
    once, seen = [{"$ref": "#/components/parameters/once"}], [{"$ref": "#/components/parameters/if_match"}]
    known = [{"$ref": "#/components/parameters/if_match_known"}]
    paths[f"/v1/{word}"]["post"] = operation(
        "create",
        told("create"),
        {"201": created(name)},
        WRITES,
        parameters=once,
        requestBody=body(schema_name(entity, "New"), required=True),
    )
    paths[f"/v1/{word}:batch"] = {
        "post": operation(
            "batch",
            told("batch", many),
            shown("BatchDone"),
            (*WRITES, 404, 412),
            parameters=once,
            requestBody=body("Batch", required=True),
        )
    }
    single = paths[f"/v1/{word}/{{record_id}}"]
    single["patch"] = operation(
        "change",
        told("change"),
        {"200": with_tag(name)},
        (*WRITES, 404, 412, 428),
        parameters=seen,
        requestBody=body(schema_name(entity, suffix="Changes"), required=True),
    )
    gone = {"204": {"description": translate("api.doc.done", language)}}
    why = [{"$ref": "#/components/parameters/why"}]
    single["delete"] = operation(
        "archive", told("archive"), gone, (400, 404, 409, 412, 422, 428), parameters=[*seen, *why]
    )
    for (owner, word_of), (made, _) in MAKERS.items():
        if owner == entity.name:
            paths[f"/v1/{word}/{{record_id}}/{word_of}"] = {
                "parameters": [record],
                "post": operation(
                    word_of,
                    translate(f"api.doc.make_{made}", language),
                    {"201": created(schema_name(entity_of(made)))},
                    (*WRITES, 404, 412),
                    parameters=[*once, *known],
                    requestBody=body(f"{schema_name(entity_of(made))}Wish", required=False),
                ),
            }
    if entity.name == "deal":
        paths[f"/v1/{word}/{{record_id}}/{quick.WORD}"] = {
            "parameters": [record],
            "post": operation(
                quick.WORD,
                translate("api.doc.quick", language),
                {"200": with_tag(name)},
                (*WRITES, 404, 412),
                parameters=[*once, *known],
                requestBody=body("DealQuick", required=True),
            ),
        }
    if revealing.revealable(entity):
        paths[f"/v1/{word}/{{record_id}}/{REVEAL}"] = {
            "parameters": [record],
            "post": operation(
                REVEAL,
                translate("api.doc.reveal", language),
                {"200": {"description": "OK", "content": json_of("Revealed")}},
                (400, 404, 413, 415, 422),
                requestBody=body(f"{name}Reveal", required=True),
            ),
        }
    for verb in verbs_of(entity):
        paths[f"/v1/{word}/{{record_id}}/{verb}"] = {
            "parameters": [record],
            "post": operation(
                verb,
                verb_label(entity.name, verb, language),
                {"200": with_tag(name)},
                (*WRITES, 404, 412),
                parameters=[*once, *known],
                requestBody=body(verb_schema_name(entity, verb), required=False),
            ),
        }
    return paths


def filters(entity: Entity, language: Language) -> list[dict[str, Any]]:
    """The filters of a list: one parameter a field; its description names the other ways to compare."""
    found = list(standing_filter(entity, language))
    for field in entity.all_fields:
        known = OPERATORS[field.kind]
        if field.encrypted:
            known = known & {Operator.EQ, Operator.IN, Operator.NULL}
        if Operator.EQ not in known or field.name in OPTIONS:
            continue
        suffixes = [WORDS[operator] for operator in Operator if operator in known and operator in WORDS]
        others = ", ".join(f"{field.name}__{suffix}" for suffix in suffixes)
        text = described(entity, field, language)
        found.append(
            {
                "name": field.name,
                "in": "query",
                "schema": query_shape(field.kind),
                "description": f"{text} {translate('api.doc.also', language, names=others)}",
            }
        )
    return found


def standing_filter(entity: Entity, language: Language) -> Iterator[dict[str, Any]]:
    """The filter by how records stand on the day, where there are words for it."""
    if words := standings.STANDINGS.get(entity.name):
        schema = {"type": "string", "enum": list(words)}
        told = standing_words(entity.name, language)
        yield {"name": standings.STANDING, "in": "query", "schema": schema, "description": told}


def query_shape(kind: Kind) -> Schema:
    """A value in an address."""
    return {
        Kind.INTEGER: {"type": "integer"},
        Kind.FLAG: {"type": "boolean"},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.INSTANT: {"type": "string", "format": "date-time"},
    }.get(kind, {"type": "string"})


def parameters(language: Language) -> dict[str, Any]:
    """The parameters that many addresses share."""

    def query(name: str, schema: Schema) -> dict[str, Any]:
        text = translate(f"api.param.{name}", language)
        return {"name": name, "in": "query", "schema": schema, "description": text}

    def header(name: str, key: str, *, required: bool = False) -> dict[str, Any]:
        schema = {"type": "string", "pattern": r'^"?[0-9]{1,18}"?$'} if name == "If-Match" else KEY
        text = translate(f"api.param.{key}", language)
        return {"name": name, "in": "header", "required": required, "schema": schema, "description": text}

    day = {"type": "string", "format": "date"}
    return {
        "limit": query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
        "cursor": query("cursor", {"type": "string"}),
        "sort": query("sort", {"type": "string"}),
        "q": query("q", {"type": "string", "minLength": 1, "maxLength": 500}),
        "fields": query("fields", {"type": "string"}),
        "archived": query("archived", {"type": "string", "enum": ["false", "true", "only"], "default": "false"}),
        "as_of": query("as_of", day),
        "known_at": query("known_at", {"anyOf": [day, {"type": "string", "format": "date-time"}]}),
        "total": query("total", {"type": "boolean", "default": False}),
        "why": query("why", {"type": "string", "maxLength": LONGEST_REASON}),
        "if_match": header("If-Match", "if_match", required=True),
        "if_match_known": header("If-Match", "if_match_known"),
        "once": header("Idempotency-Key", "once"),
        "record_id": {
            "name": "record_id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 40},
            "description": translate("api.param.record_id", language),
        },
    }


KEY: Schema = {"type": "string", "pattern": r"^[\x21-\x7e]{1,200}$"}


def shown(schema: str) -> dict[str, Any]:
    """An answer with a body."""
    return {"200": {"description": "OK", "content": json_of(schema)}}


def with_tag(schema: str) -> dict[str, Any]:
    """A record with its version as ETag."""
    tag = {"ETag": {"schema": {"type": "string"}, "description": "version"}}
    return {"description": "OK", "headers": tag, "content": json_of(schema)}


def created(schema: str) -> dict[str, Any]:
    """A new record with its address."""
    found = with_tag(schema)
    found["headers"]["Location"] = {"schema": {"type": "string"}, "description": "URL"}
    return found | {"description": "Created"}


def json_of(schema: str) -> dict[str, Any]:
    """A body in JSON."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def body(schema: str, *, required: bool) -> dict[str, Any]:
    """What a request brings."""
    return {"required": required, "content": json_of(schema)}


def problem_refs(statuses: tuple[int, ...]) -> dict[str, Any]:
    """The problems that an address may answer, besides those that any may."""
    return {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted({*statuses, 401, 403, 500, 503})
    }


def problem_response(status: int, language: Language) -> dict[str, Any]:
    """A problem in words."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": translate(f"api.status.{status}", language), "content": content}
