"""The rows of one record of a map beside the records they are: what is given, what was before, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from dashboard.domain.fields import Kind
from dashboard.domain.validation import cast
from etl.ingest.match import matched
from etl.ingest.pool import Pool
from etl.ingest.prepare import BORN, Rows
from etl.ingest.times import midnight
from etl.ingest.values import PROBLEMS
from etl.ingest.words import folded, replaced

BORN_ON = {
    "customer": "created_on",
    "deal": "created_on",
    "lead": "created_on",
    "task": "created_on",
    "order": "ordered_on",
    "payment": "paid_on",
    "return": "returned_on",
    "rating": "rated_on",
    "interaction": "happened_at",
    "ticket": "opened_at",
}
"""The field that says since when a record exists; its creation takes effect at midnight of that day."""


@dataclass
class Case:
    """What the judge knows.

    given: one column per field that the rows state, typed; identity: see `match.matched`; before: the known records'
    fields, one row each (null for new ones); born: when each takes effect (naive UTC, null: when it is written).
    """

    rows: Rows
    identity: pl.DataFrame
    before: pl.DataFrame
    given: pl.DataFrame
    born: pl.Series
    problems: list[pl.DataFrame] = field(default_factory=list)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.identity.height

    @property
    def new(self) -> pl.Series:
        """Which rows are new records."""
        return self.identity["seen"].is_null()

    def blame(self, failed: pl.Series, name: str | None, code: str, value: pl.Series | str | None = None) -> None:
        """Note a problem on every row where `failed` is true."""
        at = failed.fill_null(value=False).arg_true().cast(pl.UInt32)
        if at.len() == 0:
            return
        text = (
            value.gather(at).cast(pl.String)
            if isinstance(value, pl.Series)
            else pl.repeat(value, at.len(), dtype=pl.String, eager=True)
        )
        found = pl.DataFrame({"at": at, "value": text}).with_columns(field=pl.lit(name, pl.String), code=pl.lit(code))
        self.problems.append(found.select(list(PROBLEMS)))

    def bad(self) -> pl.Series:
        """Which rows have a problem."""
        places = (
            pl.concat([problem["at"] for problem in self.problems]) if self.problems else pl.Series([], dtype=pl.UInt32)
        )
        return pl.int_range(self.height, dtype=pl.UInt32, eager=True).is_in(places.unique().to_list())


def case_of(rows: Rows, pool: Pool, zone: str) -> Case:
    """The rows beside the records they are."""
    entity, frame = rows.entity, with_aliases(rows, pool)
    identity = matched(entity, frame, pool.keyed(entity.name), pool.plan.origin)
    before = identity.select("id").join(pool.of(entity.name), on="id", how="left", maintain_order="left")
    names = [name for name in (*rows.record.fields, "aliases", "currency", "owner_id") if name in frame.columns]
    given = cast(entity, frame.select(list(dict.fromkeys(names))))
    return Case(rows, identity, before, given, born(rows, pool, zone), [rows.problems])


def with_aliases(rows: Rows, pool: Pool) -> pl.DataFrame:
    """The rows with the other names that the map gives their records."""
    title, frame = rows.entity.title, rows.frame
    other = pool.plan.aliases.get(rows.entity.name)
    if not other or "aliases" not in rows.entity.by_name or title not in frame.columns:
        return frame
    names: dict[str, list[str]] = {}
    for alias, name in other.items():
        names.setdefault(folded(name), []).append(alias)
    added = frame.select(replaced(pl.col(title), names, pl.List(pl.String)).alias("added"))["added"]
    own = frame["aliases"] if "aliases" in frame.columns else added.clear(added.len())
    both = pl.DataFrame({"own": own, "added": added})
    union = pl.coalesce(pl.col("own").list.set_union("added"), "own", "added")
    return frame.with_columns(both.select(union.alias("aliases"))["aliases"])


def born(rows: Rows, pool: Pool, zone: str) -> pl.Series:
    """Since when each record exists: what the map says, else the day it bears, else the map's beginning."""
    frame = rows.frame
    day = frame[BORN].cast(pl.Datetime("us")) if BORN in frame.columns else empty(frame.height)
    moment = midnight(day, zone)
    name = BORN_ON.get(rows.entity.name)
    if name in rows.record.fields and name in frame.columns:
        own = frame[name].cast(pl.Datetime("us"))
        dated = rows.entity.by_name[name].kind is Kind.DATE
        moment = pl.select(pl.coalesce(moment, midnight(own, zone) if dated else own)).to_series()
    beginning = pool.plan.effective_from
    return moment if beginning is None else moment.fill_null(start_of(beginning, zone))


def start_of(day: date, zone: str) -> object:
    """The midnight at which a day begins, as naive UTC."""
    return midnight(pl.Series([day]), zone)[0]


def empty(height: int) -> pl.Series:
    """A column without moments."""
    return pl.repeat(None, height, dtype=pl.Datetime("us"), eager=True)
