"""Audits that follow from the declarations: queries for either engine, whose rows are faults."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

from dashboard.domain.changes import UNDO
from dashboard.domain.entities import ENTITIES, RECORDS, Entity
from dashboard.domain.fields import Field, Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.store.judging import PLAIN

LEAST_CIPHER = 29  # bytes: format, nonce and tag around an empty text
HASH = 32  # characters of a keyed hash

POINTS_AT_NOTHING = Template(
    "SELECT id, $name FROM $table WHERE $name IS NOT NULL AND $name NOT IN (SELECT id FROM $target)"
)
UNFIT = Template("SELECT id FROM $table WHERE $faults")
WITHOUT_KEY = Template("SELECT id FROM $table WHERE $name IS NOT NULL AND id NOT IN (SELECT id FROM subject_keys)")

LAST = "SELECT $columns FROM $log h WHERE version = (SELECT max(version) FROM $log l WHERE l.id = h.id)"
CURRENT = "SELECT $columns FROM $table"
HISTORY: dict[str, Template] = {
    "lost": Template(f"SELECT id, version FROM ({CURRENT} EXCEPT {LAST}) fault"),  # noqa: S608  (constants)
    "ahead": Template(f"SELECT id, version FROM ({LAST} EXCEPT {CURRENT}) fault"),  # noqa: S608  (constants)
    "versions": Template("SELECT id FROM $log GROUP BY id HAVING min(version) <> 1 OR max(version) <> count(*)"),
    "moments": Template(
        "SELECT h.id, h.version FROM $log h JOIN $log made ON made.id = h.id AND made.version = 1 "
        "WHERE (h.version = 1) <> (h.verb = 'create') OR h.effective_at > h.recorded_at "
        "OR h.effective_at < made.effective_at"
    ),
    "audited": Template(
        "SELECT told.revision, told.verb, told.records, found.records FROM (SELECT revision, verb, sum(records) AS "
        "records FROM audit_entries WHERE entity = '$entity' AND verb IN ($verbs) GROUP BY revision, verb) told "
        "FULL JOIN (SELECT revision, verb, count(*) AS records FROM $log GROUP BY revision, verb) found "
        "ON found.revision = told.revision AND found.verb = told.verb "
        "WHERE told.records IS NULL OR found.records IS NULL OR told.records <> found.records"
    ),
}
"""The record is as its last history row says; versions have no gap; moments are possible; the audit trail tells of each
row, so that no change-set is written by half."""

NUMBERS = Template(
    "SELECT numbered.calendar_year FROM (SELECT substr(number, $year_at, 4) AS calendar_year, "
    "CAST(substr(number, $running_at) AS BIGINT) AS running FROM $table) numbered "
    "LEFT JOIN number_series ON CAST(number_series.calendar_year AS VARCHAR) = numbered.calendar_year "
    "AND number_series.entity = '$entity' GROUP BY numbered.calendar_year, number_series.last_number "
    "HAVING last_number IS NULL OR max(running) <> last_number "
    "OR count(DISTINCT running) <> last_number OR count(*) <> last_number"
)
"""Numbers for people, like D-2026-00042, run from 1 to what was counted for their year, each once."""


def queries() -> dict[str, str]:
    """Every audit by name."""
    found = {name: query for entity in ENTITIES.values() for name, query in reference_queries(entity)}
    for entity in RECORDS.values():
        found |= dict(value_queries(entity))
        found |= history_queries(entity)
        if entity.number is not None:
            found[f"number_{entity.name}"] = number_query(entity, entity.number)
    return found


def reference_queries(entity: Entity) -> Iterator[tuple[str, str]]:
    """Rows that point at nothing. There are no foreign keys, so this is their audit."""
    targets = [(field.name, ENTITIES[field.to]) for field in entity.all_fields if field.to is not None]
    if not entity.log:
        targets.append(("merged_into", entity))
    for name, target in targets:
        query = POINTS_AT_NOTHING.substitute(table=entity.plural, name=name, target=target.plural)
        yield f"reference_{entity.name}_{name}", query


def value_queries(entity: Entity) -> Iterator[tuple[str, str]]:
    """Rows without a required value, with a word that is none of the choices, or with a plain personal detail."""
    for field in entity.fields:
        faults = " OR ".join((*value_faults(field), *cipher_faults(field)))
        if faults:
            yield f"value_{entity.name}_{field.name}", UNFIT.substitute(table=entity.plural, faults=faults)
        if field.encrypted:
            yield f"key_{entity.name}_{field.name}", WITHOUT_KEY.substitute(table=entity.plural, name=field.name)


def value_faults(field: Field) -> Iterator[str]:
    """Conditions under which a value does not fit the declaration."""
    if field.required:
        yield f"{field.name} IS NULL"
    if field.kind is Kind.CHOICE:
        words = ", ".join(f"'{word}'" for word in field.choices)
        yield f"{field.name} NOT IN ({words})"


def cipher_faults(field: Field) -> Iterator[str]:
    """Conditions under which a cipher is too short to be one, or its keyed hash is missing or none."""
    if field.encrypted:
        yield f"octet_length({field.name}) < {LEAST_CIPHER}"
        yield f"({field.name} IS NULL) <> ({field.name}_hash IS NULL)"
        yield f"length({field.name}_hash) <> {HASH}"


def history_queries(entity: Entity) -> dict[str, str]:
    """Records and histories that do not fit each other."""
    cycle = LIFECYCLES.get(entity.name)
    verbs = dict.fromkeys((*PLAIN, UNDO, *(transition.verb for transition in (cycle.transitions if cycle else ()))))
    names = {
        "table": entity.plural,
        "log": entity.history,
        "entity": entity.name,
        "columns": ", ".join(column.name for column in entity.value_columns),
        "verbs": ", ".join(f"'{verb}'" for verb in verbs),
    }
    return {f"history_{entity.name}_{fault}": query.substitute(names) for fault, query in HISTORY.items()}


def number_query(entity: Entity, prefix: str) -> str:
    """Years whose numbers for people have gaps, stand twice, or are not what was counted."""
    at = len(prefix) + 2
    return NUMBERS.substitute(table=entity.plural, entity=entity.name, year_at=at, running_at=at + 5)
