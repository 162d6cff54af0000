"""Which new leads, customers and contacts of an import look like records that exist, or like another row of it.

The reasons and the reach are those of duplicates.py, found for all rows together. Of records beyond reach nothing is
told: a file could ask about thousands of phone numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from dashboard.actions.duplicates import (
    COMPANY,
    COMPARED,
    EXACT,
    OWN,
    REASONS,
    Match,
    Reason,
    match_of,
    shown,
    speaks,
    spellings,
)
from dashboard.domain.access import Action, Actor
from dashboard.domain.companies import CLOSE, LEAST_BRAND, LONG_ENOUGH, alike, parts
from dashboard.domain.entities import entity_of
from dashboard.domain.pinyin import CHINESE
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Invalid
from dashboard.store import Store
from dashboard.store.crypto import normalised
from dashboard.store.names import COMPANY as OF_COMPANY
from dashboard.store.names import PERSON, keys_of
from etl.ingest.rehearsal import ALIKE, Rehearsal

MOST_TOLD = 3  # records of one row
CANDIDATES = 20  # records or rows that share a key and are looked at
AT_ONCE = 2_000  # values in one question
BRANDS_AT_ONCE = 200
MOST_SPELLINGS = 1_000_000_000
"""Pairs of brands whose spelling is compared, about ten seconds; where there are more, only the other keys are used."""
KEYS = ("core", "sound", "brand")
"""What names of companies are found by, the surest first."""

Row = Mapping[str, Any]
One = TypeVar("One")
Likes = dict[str, dict[str, Match]]
"""By id of a new record: what it looks like, by id."""


class Names(NamedTuple):
    """Names of companies that were asked for: of which rows, and their keys (at, brand, core, sound)."""

    rows: dict[str, list[str]]
    keys: pl.DataFrame


def likenesses(store: Store, actor: Actor, rehearsal: Rehearsal) -> pl.DataFrame:
    """A line (`ALIKE`) for each record, and for the first row of the same import, that a new record looks like."""
    found = pl.DataFrame(schema=ALIKE)
    for entity in COMPARED:
        if rows := new_rows(rehearsal, entity):
            existing = existing_of(store, actor, entity, rows)
            found = found.vstack(told(rehearsal, entity, existing, earlier_of(entity, rows)))
    return found


def new_rows(rehearsal: Rehearsal, entity: str) -> list[Row]:
    """The new records with what of them is compared."""
    frames = [change.rows for change in rehearsal.changes if (change.entity, change.verb) == (entity, "create")]
    wanted = ("id", *COMPARED[entity], *OWN.get(entity, ()))
    kept = [frame.select(name for name in wanted if name in frame.columns) for frame in frames]
    return [*pl.concat(kept, how="diagonal_relaxed").iter_rows(named=True)] if kept else []


def told(rehearsal: Rehearsal, entity: str, existing: Likes, earlier: Likes) -> pl.DataFrame:
    """The lines, with where the rows stand."""
    made = rehearsal.rows.filter((pl.col("entity") == entity) & (pl.col("outcome") == "create"))
    places = {row["id"]: row for row in made.iter_rows(named=True)}
    lines: list[dict[str, Any]] = []
    for record, place in places.items():
        where = {name: place[name] for name in ("file", "sheet", "row", "entity")}
        likest = sorted(existing.get(record, {}).values(), key=lambda one: (-one.score, one.entity, one.title))
        lines += [{**where, **of(match), "like_id": match.id} for match in likest[:MOST_TOLD]]
        for match in earlier.get(record, {}).values():
            if match.id in places:
                lines.append({**where, **of(match), "like_row": places[match.id]["row"]})
                break
    return pl.DataFrame(lines, schema=ALIKE)


def of(match: Match) -> dict[str, Any]:
    """What a row looks like."""
    names = {"like_entity": match.entity, "like_number": match.number, "like_title": match.title}
    return {"reason": str(match.reason), "score": match.score, **names}


def batched(values: Iterable[One], size: int) -> Iterator[list[One]]:
    """So many at once."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


# -- records that exist -----------------------------------------------------------------------------------------------


def existing_of(store: Store, actor: Actor, entity: str, rows: Sequence[Row]) -> Likes:
    """The records within reach that the rows look like."""
    aside = {row["id"]: {row[name] for name in OWN.get(entity, ()) if row.get(name)} for row in rows}
    found: Likes = defaultdict(dict)
    for record, match in (
        *by_value(store, actor, rows),
        *by_company(store, actor, entity, rows),
        *by_person(store, actor, entity, rows),
    ):
        if match.id not in aside[record]:
            found[record].setdefault(match.id, match)
    return found


def by_value(store: Store, actor: Actor, rows: Sequence[Row]) -> Iterator[tuple[str, Match]]:
    """Those that show the very phone, address or credit code of a row."""
    for field, entities in EXACT.items():
        asked = valued(field, rows)
        spelled = sorted({way for row in rows if speaks(field, row.get(field)) for way in spellings(field, row[field])})
        for name in entities if spelled else ():
            known: dict[str, list[Match]] = defaultdict(list)
            for row in holding(store, actor, name, field, spelled, [*shown(entity_of(name)), field]):
                known[folded(field, row[field])].append(match_of(entity_of(name), row, Reason(field)))
            for value, ids in asked.items():
                yield from ((record, match) for record in ids for match in known[value][:CANDIDATES])


def valued(field: str, rows: Sequence[Row]) -> dict[str, list[str]]:
    """The rows by what their values have in common, as far as these may stand for somebody."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if speaks(field, row.get(field)):
            found[folded(field, row[field])].append(row["id"])
    return found


def folded(field: str, value: str | None) -> str:
    """What two spellings of a value have in common."""
    return normalised(entity_of(EXACT[field][0]).by_name[field].kind, value or "")


def holding(
    store: Store, actor: Actor, entity: str, field: str, values: Iterable[str], fields: Sequence[str]
) -> Iterator[Row]:
    """The records within reach that show one of the values, asked for many at once; none where the field is masked."""
    if not actor.grants(entity, Action.READ):
        return
    for some in batched(values, AT_ONCE):
        try:
            found = store.find(actor, entity, [Condition(field, Operator.IN, list(some))], fields=fields)
        except Invalid:
            return
        yield from found.iter_rows(named=True)


def by_company(store: Store, actor: Actor, entity: str, rows: Sequence[Row]) -> Iterator[tuple[str, Match]]:
    """Those whose company may be that of a row."""
    asked = company_names(entity, rows)
    for name in COMPANY if asked.rows else ():
        if not actor.grants(name, Action.READ):
            continue
        known = store.names.keys(name)
        reached = store.ids(actor, name, needs=COMPANY[name])
        known = known if reached is None else known.filter(pl.col("id").is_in(reached.implode()))
        pairs = candidates(asked.keys, known)
        records = {row["id"]: row for row in holding(store, actor, name, "id", pairs["id"].unique(), COMPANY[name])}
        for text, record in pairs.select("at", "id").iter_rows():
            if (row := records.get(record)) and (match := company(name, text, row)):
                yield from ((one, match) for one in asked.rows[text])


def company(entity: str, text: str, row: Row) -> Match | None:
    """A record as what a name is like, if it is."""
    names = [row[COMPANY[entity][0]], *(row.get("aliases") or ())]
    found = [hit for name in names if name and (hit := alike(parts(text), parts(name)))]
    how, score = max(found, key=lambda hit: hit[1], default=(None, 0))
    return match_of(entity_of(entity), row, REASONS[how], score) if how else None


def company_names(entity: str, rows: Sequence[Row]) -> Names:
    """The distinct names of companies in the rows, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows if entity in COMPANY else ():
        if (name := row.get(COMPANY[entity][0])) and len(parts(name).core) >= LEAST_BRAND:
            found[name].append(row["id"])
    keys = [(name, *keys_of(name, OF_COMPANY)[:3]) for name in found]
    return Names(
        found, pl.DataFrame(keys, schema=dict.fromkeys(("at", "brand", "core", "sound"), pl.String), orient="row")
    )


def candidates(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Which names may be those of which records: at and id, no more than CANDIDATES of one name, the surest first."""
    near = nearly(asked["brand"].unique().to_list(), known["brand"].unique().to_list())
    sought = [(asked.select("at", key), known.select("id", key), key) for key in KEYS]
    sought.append(
        (
            asked.select("at", "brand").join(near, on="brand").select("at", brand="near"),
            known.select("id", "brand"),
            "brand",
        )
    )
    pairs = [
        names.join(
            records.filter(pl.col(key) != "")
            .unique(maintain_order=True)
            .group_by(key, maintain_order=True)
            .head(CANDIDATES),
            on=key,
        ).select("at", "id")
        for names, records, key in sought
    ]
    return pl.concat(pairs).unique(maintain_order=True).group_by("at", maintain_order=True).head(CANDIDATES)


def nearly(asked: Sequence[str], known: Sequence[str]) -> pl.DataFrame:
    """The brands that are spelled nearly alike: brand and near; short ones never are."""
    wanted, others = (
        [brand for brand in brands if len(brand) >= LONG_ENOUGH[bool(CHINESE.search(brand))]]
        for brands in (asked, known)
    )
    wanted = wanted if len(wanted) * len(others) <= MOST_SPELLINGS else []
    found: list[tuple[str, str]] = []
    for some in batched(wanted, BRANDS_AT_ONCE):
        scores = process.cdist(some, others, scorer=fuzz.ratio, score_cutoff=CLOSE, dtype=np.uint8)
        found += [(some[at], others[to]) for at, to in zip(*np.nonzero(scores), strict=True) if some[at] != others[to]]
    return pl.DataFrame(found, schema={"brand": pl.String, "near": pl.String}, orient="row")


def by_person(store: Store, actor: Actor, entity: str, rows: Sequence[Row]) -> Iterator[tuple[str, Match]]:
    """The contacts of the same customer who are called alike."""
    asked = people(rows) if entity == "contact" else {}
    declared = entity_of("contact")
    known: dict[str, list[Row]] = defaultdict(list)
    for row in holding(store, actor, "contact", "customer_id", asked, shown(declared)):
        known[row["customer_id"]].append(row)
    for customer, persons in asked.items():
        others = [(keys_of(str(row["name"]), PERSON), row) for row in known[customer]]
        for record, name in persons:
            mine = keys_of(name, PERSON)
            yield from (
                (record, match_of(declared, row, reason)) for keys, row in others if (reason := same(mine, keys))
            )


def people(rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """The persons in the rows by customer: id and name."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.get("customer_id") and row.get("name"):
            found[row["customer_id"]].append((row["id"], row["name"]))
    return found


def same(one: Sequence[str], other: Sequence[str]) -> Reason | None:
    """In what the names of two persons are the same."""
    return Reason.PERSON if one[0] == other[0] else Reason.SOUND if one[2] == other[2] else None


# -- rows of the same import ------------------------------------------------------------------------------------------


def earlier_of(entity: str, rows: Sequence[Row]) -> Likes:
    """The rows before it that a row looks like."""
    title = str(entity_of(entity).title)
    order = {row["id"]: at for at, row in enumerate(rows)}
    found: Likes = defaultdict(dict)
    for record, other, reason, score in (*same_values(rows), *same_companies(entity, rows), *same_people(entity, rows)):
        if order[other] < order[record]:
            called = rows[order[other]].get(title) or ""
            found[record].setdefault(other, Match(entity, other, called, None, reason, score))
    return found


def same_values(rows: Sequence[Row]) -> Iterator[tuple[str, str, Reason, int]]:
    """Rows with the same phone, address or credit code: each with the first of them."""
    for field in EXACT:
        for first, *others in valued(field, rows).values():
            yield from ((record, first, Reason(field), 100) for record in others)


def same_companies(entity: str, rows: Sequence[Row]) -> Iterator[tuple[str, str, Reason, int]]:
    """Rows whose companies may be the same."""
    asked = company_names(entity, rows)
    for ids in asked.rows.values():
        yield from ((record, ids[0], Reason.NAME, 100) for record in ids[1:])
    for text, other in candidates(asked.keys, asked.keys.rename({"at": "id"})).iter_rows():
        if text != other and (hit := alike(parts(text), parts(other))):
            yield from ((record, asked.rows[other][0], REASONS[hit[0]], hit[1]) for record in asked.rows[text])


def same_people(entity: str, rows: Sequence[Row]) -> Iterator[tuple[str, str, Reason, int]]:
    """Persons of one customer who are called alike."""
    for persons in people(rows).values() if entity == "contact" else ():
        first: dict[tuple[str, str], str] = {}
        for record, name in persons:
            folds, _, sound, *_ = keys_of(name, PERSON)
            for key, reason in ((("folded", folds), Reason.PERSON), (("sound", sound), Reason.SOUND)):
                if first.setdefault(key, record) != record:
                    yield record, first[key], reason, 100
