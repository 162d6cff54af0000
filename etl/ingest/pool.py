"""The records that rows may be, or point at: those of the store within the actor's reach, and those made on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from dashboard.domain.casting import DTYPES
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.validation import cast
from etl.ingest.maps import Plan, Take
from etl.ingest.words import fold, folded

SYSTEM = {
    "id": pl.String(),
    "version": pl.Int64(),
    "revision": pl.Int64(),
    "number": pl.String(),
    "source": pl.String(),
    "external_id": pl.String(),
    "archived_at": pl.Datetime("us"),
}

ALWAYS = ("currency", "owner_id", "created_on", "stage_id", "stage_since", "rate", "type")
"""Fields that the judge asks about whatever the plan says."""


class Known(Protocol):
    """What the store holds, within the actor's reach."""

    @property
    def currency(self) -> str:
        """The company's currency."""

    @property
    def undone(self) -> frozenset[int]:
        """The revisions in which imports were undone: what these archived may come back."""

    def records(self, entity: str, fields: Sequence[str]) -> pl.DataFrame:
        """The records with the columns of `SYSTEM` and the fields, archived ones too."""

    def addresses(self) -> pl.DataFrame:
        """The e-mail of people in clear, to find them by and never to be shown: id, email."""


@dataclass
class Pool:
    """Records by entity. columns: `SYSTEM`, the fields the plan needs, `made` (in this rehearsal) and `born`.

    state: live, archived, or undone (archived by the undoing of an import); born: when a record that was made here took
    effect.
    """

    known: Known
    plan: Plan
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    names: dict[str, pl.DataFrame] = field(default_factory=dict)

    def of(self, entity: str) -> pl.DataFrame:
        """The records of an entity."""
        if entity not in self.frames:
            declared = RECORDS[entity]
            found = self.known.records(entity, needed(self.plan, declared))
            self.frames[entity] = with_state(cast(declared, found), self.known.undone)
        return self.frames[entity]

    def keyed(self, entity: str) -> pl.DataFrame:
        """The records to be found by what identifies them: people by their e-mail, also where that is masked."""
        records = self.of(entity)
        if entity != "person" or "email" not in records.columns:
            return records
        clear = self.known.addresses().select("id", clear="email")
        whole = records.join(clear, on="id", how="left", maintain_order="left")
        return whole.with_columns(pl.coalesce("clear", "email").alias("email")).drop("clear")

    def add(self, entity: str, rows: pl.DataFrame) -> None:
        """Remember records that were made or changed here: the later row of an id counts."""
        before = self.of(entity)
        rows = rows.select(pl.col(name).cast(dtype) for name, dtype in before.schema.items() if name in rows.columns)
        after = pl.concat([before, rows], how="diagonal")
        self.frames[entity] = after.unique("id", keep="last", maintain_order=True) if before.height else after
        self.names.pop(entity, None)

    def named(self, entity: str) -> pl.DataFrame:
        """What live records are called: key (folded), field it stands in, id; tags and aliases one by one."""
        if entity not in self.names:
            self.names[entity] = names_of(RECORDS[entity], self.keyed(entity))
        return self.names[entity]


def needed(plan: Plan, entity: Entity) -> tuple[str, ...]:
    """The fields that a plan reads or writes of an entity, and those that identify its records."""
    mine = [record for record in plan.record if record.entity == entity.name]
    used = [name for record in mine for name, _ in record.every_field()]
    used += [name for record in mine for row in record.rows for name in row if name in entity.by_name]
    looked_up = [
        name
        for record in plan.record
        for at, take in record.every_field()
        if RECORDS[record.entity].by_name[at].to == entity.name
        for name in (*take.find, *take.within)
    ]
    identity = [name for key in (*entity.natural_keys, *entity.unique_together) for name in key]
    unique = [declared.name for declared in entity.all_fields if declared.unique]
    always = [name for name in ALWAYS if name in entity.by_name]
    state = [LIFECYCLES[entity.name].field] if entity.name in LIFECYCLES else []
    aliases = ["aliases"] if "aliases" in entity.by_name else []
    title = [entity.title] if entity.title in entity.by_name else []
    chosen = dict.fromkeys((*used, *looked_up, *identity, *unique, *always, *state, *aliases, *title))
    return tuple(name for name in chosen if entity.by_name[name].kind is not Kind.BINARY)


def with_state(found: pl.DataFrame, undone: frozenset[int]) -> pl.DataFrame:
    """The records with whether they are live, and that none of them was made here."""
    gone = pl.col("archived_at").is_not_null()
    by_undo = pl.col("revision").is_in(list(undone))
    state = pl.when(~gone).then(pl.lit("live")).when(by_undo).then(pl.lit("undone")).otherwise(pl.lit("archived"))
    return found.with_columns(
        state.alias("state"), pl.lit(value=False).alias("made"), pl.lit(None, pl.Datetime("us")).alias("born")
    )


def names_of(entity: Entity, records: pl.DataFrame) -> pl.DataFrame:
    """What live records are called, by field."""
    fields = [key[0] for key in entity.natural_keys if len(key) == 1]
    fields += [name for key in entity.natural_keys for name in key if len(key) > 1]
    fields += [entity.title] if entity.title in entity.by_name else []
    live = records.filter(pl.col("state") == "live")
    parts = [name_column(live, name) for name in dict.fromkeys((*fields, "id", "number")) if textual(entity, name)]
    return pl.concat(parts).filter(pl.col("key") != "") if parts else pl.DataFrame()


def textual(entity: Entity, name: str) -> bool:
    """Whether a field can name a record."""
    field_ = entity.by_name.get(name)
    return field_ is None or field_.kind in (Kind.TEXT, Kind.EMAIL, Kind.TAGS, Kind.PHONE)


def name_column(live: pl.DataFrame, name: str) -> pl.DataFrame:
    """The names that stand in one field."""
    column = live.select("id", pl.col(name).alias("key"))
    if column.schema["key"] == pl.List(pl.String):
        column = column.explode("key")
    return column.filter(pl.col("key").is_not_null()).select(
        fold(pl.col("key")).alias("key"), pl.lit(name).alias("field"), "id"
    )


def resolve(texts: pl.Series, target: str, pool: Pool, take: Take, aliases: Mapping[str, str]) -> pl.DataFrame:
    """Distinct texts as records of `target`: text, id, code (null, reference.unknown or reference.several).

    A text is tried as the id of the source, then as each natural key of one field in the declared order, then as an id
    or a number; the first that hits decides, and it must hit one record only.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True).alias("text").to_frame()
    other_names = {folded(alias): folded(name) for alias, name in aliases.items()}
    key = fold(pl.col("text"))
    wanted = distinct.with_columns(key.replace(other_names).alias("key") if other_names else key.alias("key"))
    tiers = candidates(wanted, target, pool, take)
    best = (
        tiers.sort("tier")
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("id").first(),
            pl.col("id").filter(pl.col("tier") == pl.col("tier").first()).n_unique().alias("hits"),
        )
    )
    code = (
        pl.when(pl.col("hits") > 1)
        .then(pl.lit("reference.several"))
        .when(pl.col("id").is_null())
        .then(pl.lit("reference.unknown"))
    )
    joined = wanted.join(best, on="key", how="left", maintain_order="left")
    return joined.select("text", pl.when(pl.col("hits") == 1).then("id").alias("id"), code.alias("code"))


def candidates(wanted: pl.DataFrame, target: str, pool: Pool, take: Take) -> pl.DataFrame:
    """The records that may be meant, by key, with the place of the field that names them in the order to try."""
    entity, records = RECORDS[target], pool.of(target)
    within = records.filter(pl.col("state") == "live")
    for name, text in take.within.items():
        within = within.filter(fold(pl.col(name)) == folded(text))
    named = pool.named(target).join(wanted, on="key", how="semi").join(within, on="id", how="semi")
    order = {name: at for at, name in enumerate(take.find or lookup_order(entity, tuple(take.within)), start=1)}
    tiers = named.filter(pl.col("field").is_in(list(order))).with_columns(
        pl.col("field").replace_strict(order, return_dtype=pl.Int64).alias("tier")
    )
    source = within.filter(pl.col("source") == pool.plan.origin, pl.col("external_id").is_not_null())
    own = source.select(fold(pl.col("external_id")).alias("key"), "id", pl.lit(0, pl.Int64).alias("tier"))
    own = own.join(wanted, on="key", how="semi")
    return pl.concat([own if not take.find else own.clear(), tiers.select("key", "id", "tier")])


def lookup_order(entity: Entity, given: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that a text is tried as: keys of one field, or of one field beside those that are given."""
    keys = [tuple(name for name in key if name not in given) for key in entity.natural_keys]
    single = [key[0] for key in keys if len(key) == 1 and textual(entity, key[0])]
    title = [entity.title] if entity.title in entity.by_name else []
    return tuple(dict.fromkeys((*single, *title, "number", "id")))


def empty_records(entity: Entity, fields: Sequence[str]) -> pl.DataFrame:
    """A frame as `Known.records` gives it, without rows."""
    return pl.DataFrame(schema=SYSTEM | {name: DTYPES[entity.by_name[name].kind] for name in fields})
