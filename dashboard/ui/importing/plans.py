"""What files most likely are, and the plan that follows from what a person said about each column."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Mapping, Sequence

from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Field, Kind
from dashboard.errors import Refused
from etl.ingest import Heading, Plan, Source, Table, headings_of, plan_for, preset, preset_names
from etl.ingest.maps import Record, Take
from etl.ingest.words import folded

PRESET = "preset:"
OWN_ID = "external_id"
NAME = "file"
USUAL = ("lead", "customer", "contact", "deal", "interaction", "task", "product", "order", "contract", "payment")
"""What people import most, first in the list."""

AT_CREATION = {"deal": ("stage_id",)}


def contents(may_create: frozenset[str] | None) -> list[str]:
    """What the rows of a file may be, for a person with these rights: entities, the usual ones first, then presets."""
    entities = [name for name in RECORDS if may_create is None or name in may_create]
    usual = [name for name in USUAL if name in entities]
    rest = [name for name in entities if name not in usual]
    return [*usual, *rest, *(f"{PRESET}{name}" for name in preset_names())]


def guess(sources: Sequence[Source], tables: Sequence[Table], options: Sequence[str]) -> str:
    """What the files most likely are: a preset that reads them all, else the entity that knows most columns."""
    for option in options:
        if option.startswith(PRESET) and fits(preset(option.removeprefix(PRESET)), sources, tables):
            return option
    entities = [option for option in options if not option.startswith(PRESET)]
    scores = {entity: sum(known(entity, table) for table in tables) for entity in entities}
    return max(entities, key=lambda entity: scores[entity], default="")


def fits(plan: Plan, sources: Sequence[Source], tables: Sequence[Table]) -> bool:
    """Whether a map uses every file, finds the ids that it asks for in each, and most of the files that it asks for."""
    records = [record for record in plan.record if record.file]
    used = all(any(record.reads(s.name) or record.joins(s.name) for record in records) for s in sources)
    ids = all(has_id(record, table) for record in records for table in tables if record.reads(table.file))
    found = sum(any(record.reads(source.name) for source in sources) for record in records)
    return used and ids and 2 * found > len(records)


def has_id(record: Record, table: Table) -> bool:
    """Whether a table has the columns that make a record's id."""
    headers = {folded(header) for header in table.headers}
    own = [name for name in (record.id.columns if record.id else ()) if not (record.join and "." in name)]
    return all(folded(name) in headers for name in own)


def known(entity: str, table: Table) -> float:
    """How sure the headings of a table are about an entity: what a new record needs counts double."""
    declared = RECORDS[entity]
    needed = {field.name for field in declared.settable if field.required}
    return sum(
        heading.confidence * (2 if heading.field in needed else 1)
        for heading in headings_of(declared, table.headers)
        if heading.field
    )


def fields_of(entity: str) -> list[Field]:
    """The fields that a column may fill."""
    declared = RECORDS[entity]
    return [*declared.settable, *(declared.by_name[name] for name in AT_CREATION.get(entity, ()))]


def proposals(entity: str, tables: Sequence[Table]) -> dict[int, tuple[Heading, ...]]:
    """What each column of each table most likely means."""
    return {at: headings_of(RECORDS[entity], table.headers) for at, table in enumerate(tables)}


def first_choice(entity: str, tables: Sequence[Table]) -> dict[tuple[int, str], str]:
    """The proposals as choices; tables that are about something else are left aside."""
    try:
        used = {(record.file, record.sheet) for record in plan_for(entity, tuple(tables)).record}
    except Refused:
        used = {(table.file, table.sheet) for table in tables}
    return {
        (at, heading.header): heading.field if heading.field and (tables[at].file, tables[at].sheet) in used else ""
        for at, headings in proposals(entity, tables).items()
        for heading in headings
    }


def plan_of(entity: str, tables: Sequence[Table], chosen: Mapping[tuple[int, str], str]) -> Plan:
    """The plan that reads each chosen column into its field.

    Raises Refused: mapping.twice when two columns of a table fill the same field, mapping.nothing when none was chosen.
    """
    allowed = {field.name for field in fields_of(entity)} | {OWN_ID}
    records = []
    for at, table in enumerate(tables):
        taken = {header: chosen.get((at, header), "") for header in table.headers}
        taken = {header: name for header, name in taken.items() if name in allowed}
        twice = [name for name, count in Counter(taken.values()).items() if count > 1]
        if twice:
            columns = [header for header, name in taken.items() if name == twice[0]]
            raise Refused("mapping.twice", file=table.file, columns=columns)
        fields = {name: Take(column=header) for header, name in taken.items() if name != OWN_ID}
        own = next((Take(column=header) for header, name in taken.items() if name == OWN_ID), None)
        if fields:
            record = Record(entity=entity, file=glob.escape(table.file), sheet=table.sheet, id=own, fields=fields)
            records.append(record)
    if not records:
        raise Refused("mapping.nothing")
    return Plan(name=NAME, record=tuple(records))


def missing(entity: str, at: int, chosen: Mapping[tuple[int, str], str]) -> list[str]:
    """The fields that a new record needs and that no column of a table fills."""
    given = {name for (table, _), name in chosen.items() if table == at}
    return [
        field.name
        for field in RECORDS[entity].settable
        if field.required and field.default is None and field.kind is not Kind.FLAG and field.name not in given
    ]
