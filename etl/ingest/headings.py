"""Headers of a file as fields of an entity: by their labels in both languages and by what others call them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from dashboard.domain.entities import ENTITIES, RECORDS, Entity
from dashboard.domain.fields import Field, Kind
from dashboard.domain.labels import entity_label, field_label
from dashboard.errors import Refused
from dashboard.i18n import LANGUAGES
from etl.ingest.maps import Plan, Record, Take
from etl.ingest.tables import Table
from etl.ingest.words import folded

ALIASES = Path(__file__).resolve().parents[2] / "data" / "reference" / "headings.toml"
SURE, UNSURE = 0.9, 0.7
SHORTEST = 4  # letters of a name that a slip of the pen may resemble
"""A heading is used from SURE on; between the two it is shown to a person as a proposal; below it is no heading."""

NOISE = re.compile(r"[\s_\-./\\*:：]+|[（(【\[].*?[)）】\]]")
AT_CREATION = {"deal": ("stage_id",)}
"""Verbs' fields that a new record may start with."""


@dataclass(frozen=True)
class Heading:
    """A header, the field it most likely means (`external_id` for the record's id), and how likely: 0 to 1."""

    header: str
    field: str | None
    confidence: float

    @property
    def sure(self) -> bool:
        """Whether it may be used without asking."""
        return self.field is not None and self.confidence >= SURE


def headings_of(entity: Entity, headers: tuple[str, ...]) -> tuple[Heading, ...]:
    """Each header with its field. A field is given once: to the header that fits best, the first of equals."""
    scores = sorted(
        (
            (score(header, names), -at, header, name)
            for at, header in enumerate(headers)
            for name, names in names_of(entity.name).items()
        ),
        reverse=True,
    )
    found: dict[str, Heading] = {}
    taken: set[str] = set()
    for confidence, _, header, name in scores:
        if confidence >= UNSURE and header not in found and name not in taken:
            found[header] = Heading(header, name, confidence)
            taken.add(name)
    return tuple(found.get(header, Heading(header, None, 0.0)) for header in headers)


def score(header: str, names: dict[str, float]) -> float:
    """How well a header fits the names of a field."""
    whole, bare = folded(header), stripped(header)
    if whole in names:
        return names[whole]
    plain = {stripped(name): weight for name, weight in names.items()}
    if bare and bare in plain:
        return plain[bare] - 0.05
    return max(
        (SequenceMatcher(None, bare, name).ratio() * 0.88 for name in plain if len(name) >= SHORTEST), default=0.0
    )


def stripped(text: str) -> str:
    """A header without blanks, signs and what stands in brackets."""
    return NOISE.sub("", folded(text))


@cache
def names_of(entity: str) -> dict[str, dict[str, float]]:
    """What each field of an entity may be called, folded, with the weight of the name."""
    declared, others = RECORDS[entity], aliases()
    fields = {field.name: field for field in declared.settable}
    fields |= {name: declared.by_name[name] for name in AT_CREATION.get(entity, ())}
    named = {
        name: {folded(word): weight for word, weight in words(declared, field, others)}
        for name, field in fields.items()
    }
    return named | {"external_id": {folded(word): weight for word, weight in id_words(declared)}}


def words(entity: Entity, field: Field, others: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, float]]:
    """The names of one field: weakest first, so that the strongest weight of a word stays."""
    yield from ((word, 0.95) for word in others.get("common", {}).get(field.name, ()))
    if field.to in ENTITIES and field.name == f"{field.to}_id":
        target = RECORDS[field.to]
        if target.title in target.by_name:
            yield from ((field_label(target.name, target.title, language), 0.95) for language in LANGUAGES)
        yield from ((entity_label(target.name, language), 0.97) for language in LANGUAGES)
    yield from ((word, 0.98) for word in others.get(entity.name, {}).get(field.name, ()))
    yield from ((field_label(entity.name, field.name, language), 1.0) for language in LANGUAGES)
    yield from (
        (name, 1.0)
        for name in (field.name, field.name.removesuffix("_id").replace("_", " "), field.name.replace("_", " "))
    )


def id_words(entity: Entity) -> Iterator[tuple[str, float]]:
    """What the id of a record may be called."""
    for language in LANGUAGES:
        one = entity_label(entity.name, language)
        yield from ((f"{one}{end}", 0.97) for end in ("编号", "号", "ID", " ID", " id", " number", " no"))
        yield from ((field_label(entity.name, name, language), 0.97) for name in ("id", "number", "external_id"))
    yield from (
        (word, 0.97)
        for word in ("id", "external_id", "编号", "uuid", *aliases().get(entity.name, {}).get("external_id", ()))
    )


@cache
def aliases() -> dict[str, dict[str, list[str]]]:
    """What fields are called elsewhere, by entity."""
    return tomllib.loads(ALIASES.read_text(encoding="utf-8"))


def plan_for(entity: str, tables: tuple[Table, ...] | list[Table], accepted: tuple[Heading, ...] = ()) -> Plan:
    """A plan for files without a map: the sure headings of each, and those a person accepted.

    Raises Refused: import.unknown_entity, import.no_heading with the proposals when a file has no sure heading at all.
    """
    if entity not in RECORDS:
        raise Refused("import.unknown_entity", entity=entity, entities=sorted(RECORDS))
    declared = RECORDS[entity]
    agreed = {folded(heading.header): heading.field for heading in accepted if heading.field}
    records: list[Record] = []
    for table in tables:
        found = {
            heading.header: agreed.get(folded(heading.header), heading.field if heading.sure else None)
            for heading in headings_of(declared, table.headers)
        }
        fields = {name: Take(column=header) for header, name in found.items() if name and name != "external_id"}
        own = next((Take(column=header) for header, name in found.items() if name == "external_id"), None)
        if fields:
            records.append(Record(entity=entity, file=table.file, sheet=table.sheet, id=own, fields=fields))
    if not records:
        raise Refused(
            "import.no_heading",
            file=tables[0].file if tables else "",
            headers=list(tables[0].headers) if tables else [],
        )
    return Plan(name="file", record=tuple(fitting(declared, records)))


def fitting(entity: Entity, records: list[Record]) -> list[Record]:
    """The tables that are about the entity: those with all that a new record needs, else those with most headings."""
    needed = {field.name for field in entity.settable if field.required and field.default is None}
    whole = [record for record in records if needed <= record.fields.keys()]
    most = max(len(record.fields) for record in records)
    return whole or [record for record in records if len(record.fields) == most]


def unread(entity: str, tables: tuple[Table, ...], plan: Plan) -> list[tuple[str, str]]:
    """The columns of files that a plan leaves aside: file, header."""
    used = {(record.file, folded(name)) for record in plan.record for take in record.takes() for name in take.columns}
    return [(t.file, header) for t in tables for header in t.headers if (t.file, folded(header)) not in used]


def required_without_heading(entity: str, plan: Plan) -> list[str]:
    """The fields that new records need and that no column gives."""
    given = {name for record in plan.record for name in record.fields}
    return [
        field.name
        for field in RECORDS[entity].settable
        if field.required and field.default is None and field.name not in given and field.kind is not Kind.FLAG
    ]
