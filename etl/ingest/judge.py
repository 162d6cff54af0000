"""What becomes of each row: create, update, unchanged, duplicate or rejected, with every reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.domain.fields import Entity
from dashboard.domain.fulfilment import PLAN_STAYS
from dashboard.domain.validation import check
from etl.ingest.case import Case
from etl.ingest.conflicts import blame_conflicts, first_row, repeated
from etl.ingest.life import Life
from etl.ingest.pool import Pool

OUTCOMES = ("create", "update", "unchanged", "duplicate", "rejected")


@dataclass(frozen=True)
class Rights:
    """What the importer may do; None: everything. owner: who owns the records that name nobody.

    bring_back: what the undoing of an import archived counts as new, so that a mended file may come again.
    """

    create: frozenset[str] | None = None
    update: frozenset[str] | None = None
    rows: int | None = None
    owner: str | None = None
    bring_back: bool = True

    def may_create(self, entity: str) -> bool:
        """Whether new records of the entity may be made."""
        return self.create is None or entity in self.create

    def may_update(self, entity: str) -> bool:
        """Whether records of the entity may be changed."""
        return self.update is None or entity in self.update


@dataclass(frozen=True)
class Verdict:
    """The outcome of each row, the fields after it, and which plain ones it changes (one flag column each)."""

    outcome: pl.Series
    after: pl.DataFrame
    changes: pl.DataFrame


def judged(case: Case, life: Life, pool: Pool, rights: Rights, today: date) -> Verdict:
    """The verdict on every row."""
    entity, keep = case.rows.entity, case.rows.record.existing == "keep"
    case.blame(case.identity["code"].is_not_null(), None, "match.ambiguous", case.identity["mark"].str.slice(2))
    case.blame((case.identity["state"] == "archived").fill_null(value=False), None, "match.archived")
    after = merged(case, life)
    blame_values(case, life, after, today)
    blame_conflicts(case, after, pool)
    same, twice = repeated(case, life)
    case.blame(twice, None, "row.key_twice", first_row(case))
    changes = changed(case, after, keep)
    moved = [] if keep else [*changes.iter_columns(), *life.applied]
    touched = pl.select(pl.any_horizontal([*moved, back(case)])).to_series() & ~case.new
    blame_rights(case, touched, rights)
    if entity.name == "payment_plan":
        blame_plans(case, after, touched | case.new, pool)
    settled = (
        case.before["id"].is_not_null() & ~case.new
        if keep
        else pl.repeat(False, case.height, dtype=pl.Boolean, eager=True)
    )
    bad = case.bad() & ~settled
    outcome = (
        pl.when(bad).then(pl.lit("rejected"))
        .when(same).then(pl.lit("duplicate"))
        .when(case.new).then(pl.lit("create"))
        .when(touched).then(pl.lit("update"))
        .otherwise(pl.lit("unchanged"))
    )  # fmt: skip
    verdict = Verdict(pl.select(outcome.alias("outcome")).to_series(), after, changes)
    return without_rejected_parents(case, verdict, entity)


def back(case: Case) -> pl.Series:
    """Which rows bring back a record that the undoing of an import archived."""
    return (case.identity["state"] == "undone").fill_null(value=False)


def merged(case: Case, life: Life) -> pl.DataFrame:
    """The plain fields after the import: an empty cell leaves what was there; `keep` and verbs' fields are set once."""
    entity, fields = case.rows.entity, case.rows.record.fields
    given = case.given.with_columns(series.alias(name) for name, series in settled_fields(case, life))
    columns = []
    for name in given.columns:
        before = case.before[name] if name in case.before.columns else given[name].clear(given.height)
        take = fields.get(name)
        once = (take is not None and take.keep) or entity.by_name[name].by_verb
        first, second = (before, given[name]) if once else (given[name], before)
        columns.append(pl.select(pl.coalesce(first, second).alias(name)).to_series())
    return pl.DataFrame(columns) if columns else pl.DataFrame({"id": case.identity["id"]}).select()


def settled_fields(case: Case, life: Life) -> Iterator[tuple[str, pl.Series]]:
    """The plain fields that a finished step states anew, over what the record states."""
    for name, series in life.settled.items():
        own = case.given[name] if name in case.given.columns else series.clear(series.len())
        yield name, pl.select(pl.coalesce(series, own)).to_series()


def changed(case: Case, after: pl.DataFrame, keep: bool) -> pl.DataFrame:
    """Which plain fields of known records change, a flag column each."""
    names = [
        name for name in after.columns if not case.rows.entity.by_name[name].by_verb and name in case.before.columns
    ]
    if keep:
        return pl.DataFrame({name: pl.repeat(False, case.height, dtype=pl.Boolean, eager=True) for name in names})
    return pl.DataFrame({name: after[name].ne_missing(case.before[name]) & ~case.new for name in names})


def blame_values(case: Case, life: Life, after: pl.DataFrame, today: date) -> None:
    """The entity's rules for values, over what the record will be."""
    stated = stepped(after, life)
    unread = pl.concat([problem.select("at", "field") for problem in case.problems]).unique()
    for rows, create in ((case.new, True), (~case.new, False)):
        places = rows.arg_true().cast(pl.UInt32)
        if places.len() == 0:
            continue
        part = stated if places.len() == stated.height else stated[places]
        found = check(case.rows.entity, part, create=create, today=today)
        if found.height:
            at = places.gather(found["row"])
            problems = found.with_columns(at.alias("at"), pl.lit(None, pl.String).alias("value")).select(
                "at", "field", "code", "value"
            )
            problems = with_values(problems, stated)
            known = problems.join(unread, on=["at", "field"], how="anti")
            case.problems.append(known)


def stepped(after: pl.DataFrame, life: Life) -> pl.DataFrame:
    """The fields after all steps that apply."""
    for applied, fields in zip(life.applied, life.fields, strict=True):
        after = after.with_columns(
            pl.when(applied).then(fields[name]).otherwise(pl.col(name) if name in after.columns else None).alias(name)
            for name in fields.columns
        )
    return after


def with_values(problems: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """The problems with the value that each is about, as text."""
    parts = []
    for (name,), part in problems.group_by("field", maintain_order=True):
        if name in stated.columns:
            texts = stated[str(name)].gather(part["at"])
            shown = texts.list.join(", ") if texts.dtype == pl.List(pl.String) else texts.cast(pl.String)
            part = part.with_columns(shown.alias("value"))  # noqa: PLW2901
        parts.append(part)
    return pl.concat(parts) if parts else problems


def blame_rights(case: Case, touched: pl.Series, rights: Rights) -> None:
    """The importer may do this."""
    name = case.rows.entity.name
    if not rights.may_create(name):
        case.blame(case.new, None, "import.no_create")
    if not rights.may_update(name):
        fresh = case.before["made"].fill_null(value=False)
        fresh = fresh | back(case) if rights.bring_back else fresh
        case.blame(touched & ~fresh, None, "import.no_update")


def blame_plans(case: Case, after: pl.DataFrame, written: pl.Series, pool: Pool) -> None:
    """The plan of a contract that was signed before stays; one that arrives signed brings its own."""
    known = pool.known.records("contract", ("step",)).filter(pl.col("archived_at").is_null())
    steps = dict(known.select("id", "step").iter_rows())
    for contracts in (after["contract_id"], case.before["contract_id"]):
        code = contracts.replace_strict(steps, default=None, return_dtype=pl.String).replace_strict(
            PLAN_STAYS, default=None, return_dtype=pl.String
        )
        for one in PLAN_STAYS.values():
            case.blame(written & (code == one), "contract_id", one)


def without_rejected_parents(case: Case, verdict: Verdict, entity: Entity) -> Verdict:
    """A row that points at a rejected new record of the same file is rejected too, down to the last child."""
    own = [name for name in case.given.columns if entity.by_name[name].to == entity.name]
    outcome = verdict.outcome
    while own:
        lost = case.identity["id"].filter((outcome == "rejected") & case.new).unique().to_list()
        orphaned = pl.select(
            pl.any_horizontal([case.given[name].is_in(lost) for name in own]).fill_null(value=False)
        ).to_series()
        orphaned = orphaned & (outcome != "rejected")
        if not orphaned.any():
            break
        case.blame(orphaned, own[0], "reference.rejected")
        outcome = pl.select(pl.when(orphaned).then(pl.lit("rejected")).otherwise(outcome).alias("outcome")).to_series()
    return Verdict(outcome, verdict.after, verdict.changes)
