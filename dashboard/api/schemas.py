"""JSON Schemas that follow from the entity declarations: what a record shows, what a new one takes, what may change."""

from __future__ import annotations

from typing import Any

from dashboard.actions.conversion import LINKS
from dashboard.domain.access import ownership_of
from dashboard.domain.entities import RECORDS, Entity, Field, entity_of
from dashboard.domain.fields import SYSTEM_COLUMNS, Kind, Sensitivity
from dashboard.domain.follow_ups import DAY
from dashboard.domain.labels import choice_label, entity_label, field_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.standings import STANDING, STANDINGS
from dashboard.i18n import SEPARATORS, Language, has, translate

Schema = dict[str, Any]

DECIMAL_TEXT = r"^-?[0-9]{1,14}(\.[0-9]{1,6})?$"
DECIMALS = (Kind.MONEY, Kind.NUMBER, Kind.PRICE, Kind.SHARE)
PLAIN: dict[Kind, Schema] = {
    Kind.EMAIL: {"type": "string", "format": "email"},
    Kind.URL: {"type": "string"},
    Kind.INTEGER: {"type": "integer", "format": "int64"},
    Kind.FLAG: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.REFERENCE: {"type": "string", "maxLength": 40},
    Kind.TAGS: {"type": "array", "items": {"type": "string"}},
}
SYSTEM_SHAPES: dict[str, Schema] = {
    "VARCHAR": {"type": ["string", "null"]},
    "BIGINT": {"type": "integer", "format": "int64"},
    "TIMESTAMP": {"type": ["string", "null"], "format": "date-time"},
}
BETWEEN: dict[Language, str] = {"zh": "；", "en": "; "}
ORIGIN = ("source", "external_id")
REASON: Schema = {"type": ["string", "null"], "maxLength": 2000}


def schema_name(entity: Entity, prefix: str = "", suffix: str = "") -> str:
    """Deal, NewDeal, DealPage …"""
    return prefix + "".join(word.capitalize() for word in entity.name.split("_")) + suffix


def verb_schema_name(entity: Entity, verb: str) -> str:
    """DealWin …"""
    return schema_name(entity, suffix="".join(word.capitalize() for word in verb.split("_")))


def shape(field: Field, *, given: bool) -> Schema:
    """One value; `given`: as a body brings it, else as an answer shows it (where any may be empty or masked)."""
    kind = field.kind
    if kind in DECIMALS:
        text: Schema = {"type": "string", "pattern": DECIMAL_TEXT}
        return {"anyOf": [text, {"type": "number"}]} if given else text
    if kind is Kind.CHOICE:
        return {"type": "string", "enum": list(field.choices)}
    if kind is Kind.JSON:
        return {}
    if kind is Kind.TAGS and field.choices:
        return {"type": "array", "items": {"type": "string", "enum": list(field.choices)}}
    if kind is Kind.EMAIL and not given:  # a masked one is no address
        return {"type": "string"}
    found = dict(PLAIN.get(kind, {"type": "string"}))
    if found == {"type": "string"} and given and field.limit:
        found["maxLength"] = field.limit
    if kind is Kind.INTEGER and given:
        found |= {
            name: int(bound) for name, bound in (("minimum", field.low), ("maximum", field.high)) if bound is not None
        }
    return found


def nullable(found: Schema) -> Schema:
    """The same, or null."""
    if "enum" in found:
        return {**found, "type": ["string", "null"], "enum": [*found["enum"], None]}
    if "anyOf" in found:
        return {**found, "anyOf": [*found["anyOf"], {"type": "null"}]}
    return {**found, "type": [found["type"], "null"]} if "type" in found else found


def described(entity: Entity, field: Field, language: Language) -> str:
    """What a field is: its label, unit, words, what it points at, and who sets it."""
    parts = [field_label(entity.name, field.name, language)]
    if field.unit and has(f"unit.{field.unit}"):
        parts.append(translate("api.doc.unit", language, unit=translate(f"unit.{field.unit}", language)))
    elif field.kind in (Kind.MONEY, Kind.PRICE):
        parts.append(translate("api.doc.own_currency", language))
    if field.choices and field.kind is Kind.CHOICE:
        words = [f"{word} = {choice_label(entity.name, field.name, word, language)}" for word in field.choices]
        parts.append(SEPARATORS[language].join(words))
    if field.to:
        parts.append(translate("api.doc.points_at", language, entity=entity_label(field.to, language)))
    if field.sensitivity is not Sensitivity.CLEAR:
        parts.append(translate("api.doc.personal", language))
    if field.by_verb:
        parts.append(translate("api.doc.by_verb", language))
    return BETWEEN[language].join(parts)


def entity_schemas(entity: Entity, language: Language) -> dict[str, Schema]:
    """The schemas of one kind of record."""
    system = {
        column.name: {**SYSTEM_SHAPES[column.sql_type], "description": field_label(entity.name, column.name, language)}
        for column in SYSTEM_COLUMNS
        if column.name != "number" or entity.number
    }
    system["id"] = {"type": "string", "description": field_label(entity.name, "id", language)}
    fields = {
        field.name: {**nullable(shape(field, given=False)), "description": described(entity, field, language)}
        for field in entity.all_fields
        if field.kind is not Kind.BINARY
    }
    if words := STANDINGS.get(entity.name):
        one = {"type": "string", "enum": list(words)}
        told = standing_words(entity.name, language)
        fields[STANDING] = {"type": "array", "items": one, "readOnly": True, "description": told}
    name = schema_name(entity)
    title = entity_label(entity.name, language)
    found: dict[str, Schema] = {
        name: {"type": "object", "title": title, "properties": system | fields, "required": ["id"]},
        schema_name(entity, suffix="Page"): {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
                "next": {"type": ["string", "null"], "description": translate("api.doc.next", language)},
                "total": {"type": "integer"},
            },
            "required": ["items", "next"],
        },
    }
    found[name]["additionalProperties"] = False
    return found


def standing_words(entity: str, language: Language) -> str:
    """The words for how records stand, each with what it means."""
    return "; ".join(f"{word}: {translate(f'standing.{entity}.{word}', language)}" for word in STANDINGS[entity])


def new_schema(entity: Entity, language: Language) -> Schema:
    """What a new record takes."""
    settable = [field for field in entity.settable if field.kind is not Kind.BINARY]
    needed = [field.name for field in settable if field.required and field.default is None]
    return body_schema(
        entity, settable, needed, language, {"source": {"type": "string"}, "external_id": {"type": "string"}}
    )


def changes_schema(entity: Entity, language: Language) -> Schema:
    """What may change."""
    return body_schema(entity, [field for field in entity.settable if not field.by_verb], [], language, {})


def verb_schema(entity: Entity, verb: str, language: Language) -> Schema:
    """What a verb takes."""
    if (entity.name, verb) == ("lead", "convert"):
        return conversion_schema(language)
    cycle = LIFECYCLES.get(entity.name)
    step = cycle.verb(verb) if cycle else None
    if step is not None:
        names = (*step.needs, *step.may_set, *(field.name for field in entity.settable if not field.by_verb))
        found = body_schema(entity, [entity.by_name[name] for name in dict.fromkeys(names)], [], language, {})
        if step.why:
            found["required"] = ["why"]
            found["properties"]["why"] = {"type": "string", "minLength": 1, "maxLength": 2000}
        return found
    people = [entity.by_name[name] for name in ownership_of(entity).people if name in entity.by_name]
    pool = [entity.by_name["pool_team_id"]] if "pool_team_id" in entity.by_name else []
    day = [entity.by_name[DAY]] if verb == "snooze" else []
    allowed = {"assign": people, "claim": [], "release": pool, "restore": [], "snooze": day}[verb]
    return body_schema(entity, allowed, [field.name for field in day], language, {})


def conversion_schema(language: Language) -> Schema:
    """What converting a lead takes: records that are there, or values of new ones."""

    def part(name: str) -> Schema:
        whole = new_schema(entity_of(name), language)
        needed = whole.get("required", ())  # may be left out here, for the lead says it
        fields = {field: nullable(one) if field in needed else one for field, one in whole["properties"].items()}
        aside = (*LINKS.get(name, ()), "why", "effective_at")
        kept = {field: one for field, one in fields.items() if field not in aside}
        text = translate(f"api.doc.convert_{name}", language)
        return {"type": ["object", "null"], "description": text, "properties": kept, "additionalProperties": False}

    ids = {
        f"{name}_id": {"type": ["string", "null"], "description": translate(f"api.doc.convert_{name}_id", language)}
        for name in ("customer", "contact")
    }
    why = {**REASON, "description": translate("api.doc.why", language)}
    parts = {name: part(name) for name in ("customer", "contact", "deal")}
    return {"type": "object", "properties": {**ids, **parts, "why": why}, "additionalProperties": False}


def body_schema(
    entity: Entity, fields: list[Field], needed: list[str], language: Language, more: dict[str, Schema]
) -> Schema:
    """An object of fields, with the reason and the moment."""
    properties: dict[str, Schema] = {}
    for field in fields:
        found = shape(field, given=True)
        if field.name not in needed:
            found = nullable(found)
        properties[field.name] = {**found, "description": described(entity, field, language)}
    properties |= more
    properties["why"] = {**REASON, "description": translate("api.doc.why", language)}
    properties["effective_at"] = {
        "type": ["string", "null"],
        "format": "date-time",
        "description": translate("api.doc.effective_at", language),
    }
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": needed} if needed else {})


def all_schemas(language: Language) -> dict[str, Schema]:
    """The schemas of every kind of record."""
    return {name: schema for entity in RECORDS.values() for name, schema in entity_schemas(entity, language).items()}
