"""The dry run over all rows: what a file would change, and why what is refused is refused. Nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.errors import Refused
from etl.ingest.case import Case, case_of
from etl.ingest.differences import differences
from etl.ingest.emit import changes_of, learn
from etl.ingest.formats import Chosen, Question
from etl.ingest.judge import OUTCOMES, Rights, Verdict, back, first_row, judged
from etl.ingest.life import lived
from etl.ingest.maps import Plan, Record
from etl.ingest.money import check_rates, require_rate, with_currency
from etl.ingest.pool import Known, Pool
from etl.ingest.prepare import FILE, PLACE, ROW, SHEET, Settled, prepared, sources
from etl.ingest.references import Made, pooled, resolved, titles
from etl.ingest.sources import Limits, Source, read
from etl.ingest.tables import Table

ROWS = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "outcome": pl.String(),
    "key": pl.String(),
    "id": pl.String(),
}
REASONS = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "field": pl.String(),
    "code": pl.String(),
    "value": pl.String(),
}
DIFFERENCES = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
OUTCOME = pl.Enum(list(OUTCOMES))
OWNERS = ("owner_id", "assignee_id", "author_id")


@dataclass(frozen=True)
class Rehearsal:
    """What an import would do.

    rows: one line per row and entity (`ROWS`; outcome one of OUTCOMES); reasons: why rows are rejected or duplicates
    (`REASONS`); differences: the fields that updates change (`DIFFERENCES`); formats: how columns were read; questions:
    what a person has to answer first, then `changes` is empty; notices: (code, values) about whole files; changes: the
    change-set; content_sha256: of the plan and the files.
    """

    plan: Plan
    currency: str  # the company's
    files: tuple[tuple[str, str], ...]
    rows: pl.DataFrame
    reasons: pl.DataFrame
    differences: pl.DataFrame
    formats: tuple[Chosen, ...]
    questions: tuple[Question, ...]
    notices: tuple[tuple[str, dict[str, object]], ...]
    changes: tuple[Change, ...] = field(repr=False)
    content_sha256: str

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each entity have which outcome."""
        found: dict[str, dict[str, int]] = {}
        grouped = self.rows.group_by("entity", "outcome", maintain_order=True).len()
        for entity, outcome, count in grouped.rows():
            found.setdefault(entity or "", dict.fromkeys(OUTCOMES, 0))[outcome] = count
        return found

    @property
    def total(self) -> dict[str, int]:
        """How many rows have which outcome."""
        counts = self.counts.values()
        return {outcome: sum(count[outcome] for count in counts) for outcome in OUTCOMES}


@dataclass
class Run:
    """What one rehearsal has found so far."""

    tables: Sequence[Table]
    plan: Plan
    pool: Pool
    rights: Rights
    today: date
    zone: str
    settled: Settled = field(default_factory=Settled)
    rows: list[pl.DataFrame] = field(default_factory=list)
    reasons: list[pl.DataFrame] = field(default_factory=list)
    differences: list[pl.DataFrame] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notices: list[tuple[str, dict[str, object]]] = field(default_factory=list)


def rehearse(
    sources: Sequence[Source],
    plan: Plan,
    known: Known,
    today: date,
    zone: str,
    rights: Rights | None = None,
    limits: Limits | None = None,
) -> Rehearsal:
    """Judge every row of the files by a map. today: the company's business day; zone: its time zone.

    Raises Refused: file.* (a file cannot be read), map.* (the map does not fit the files), import.too_many, rate.missing
    (the map's currency is not the company's and has no exchange rate).
    """
    tables = read(sources, limits)
    digest = content_digest(plan, [(source.name, source.sha256) for source in sources])
    files = tuple((source.name, source.sha256) for source in sources)
    return rehearse_tables(tables, plan, known, today, zone, rights or Rights(), files, digest)


def content_digest(plan: Plan, files: Sequence[tuple[str, str]]) -> str:
    """One digest of a map and the contents of files, whatever the files are called."""
    parts = [plan.model_dump_json(), *sorted(digest for _, digest in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def rehearse_tables(
    tables: Sequence[Table],
    plan: Plan,
    known: Known,
    today: date,
    zone: str,
    rights: Rights,
    files: tuple[tuple[str, str], ...],
    digest: str,
) -> Rehearsal:
    """Judge every row of tables that were read."""
    check_rows(tables, plan, rights)
    run = Run(tables, plan, Pool(known, plan), rights, today, zone)
    require_rate(run.pool)
    name_facts(run)
    for at, record in enumerate(plan.record):
        judge_record(run, record, asked_later(plan.record[at + 1 :], record.entity))
    questions = tuple(run.settled.questions.values())
    return Rehearsal(
        plan=plan,
        currency=known.currency,
        files=files,
        rows=pl.concat([pl.DataFrame(schema=ROWS), *run.rows]).with_columns(pl.col("outcome").cast(OUTCOME)),
        reasons=pl.concat([pl.DataFrame(schema=REASONS), *run.reasons]),
        differences=pl.concat([pl.DataFrame(schema=DIFFERENCES), *run.differences]),
        formats=tuple(run.settled.formats.values()),
        questions=questions,
        notices=tuple(run.notices),
        changes=() if questions else tuple(run.changes),
        content_sha256=digest,
    )


def check_rows(tables: Sequence[Table], plan: Plan, rights: Rights) -> None:
    """Raises Refused (import.too_many) for more rows than the importer may bring at once."""
    used = [table for table in tables if any(record.reads(table.file) for record in plan.record)]
    count = sum(table.cells.height for table in used)
    if rights.rows is not None and count > rights.rows:
        raise Refused("import.too_many", rows=count, limit=rights.rows)


def name_facts(run: Run) -> None:
    """The rows that are no records, and the files that no part of the map reads."""
    for table in run.tables:
        readers = [record.entity for record in run.plan.record if table in sources(record, run.tables, run.plan)]
        if not readers and not any(record.joins(table.file) for record in run.plan.record):
            run.notices.append(("notice.unused_file", {"file": table.file}))
        if not readers:
            continue
        place = (pl.lit(table.file).alias("file"), pl.lit(table.sheet, pl.String).alias("sheet"), "row")
        entity = pl.lit(readers[0]).alias("entity")
        outcome = pl.when(pl.col("code") == "row.duplicate").then(pl.lit("duplicate")).otherwise(pl.lit("rejected"))
        nothing = pl.lit(None, pl.String)
        run.rows.append(
            table.facts.select(*place, entity, outcome.alias("outcome"), nothing.alias("key"), nothing.alias("id"))
        )
        run.reasons.append(table.facts.select(*place, entity, nothing.alias("field"), "code", "value"))
    for record in run.plan.record:
        if not record.rows and not sources(record, run.tables, run.plan):
            run.notices.append(("notice.no_file", {"entity": record.entity, "file": record.file}))


def asked_later(records: Sequence[Record], entity: str) -> bool:
    """Whether later records of a map make, change or point at records of an entity."""
    return any(
        record.entity == entity or any(RECORDS[record.entity].by_name[name].to == entity for name, _ in record.every_field())
        for record in records
    )


def judge_record(run: Run, record: Record, asked: bool) -> None:
    """One record of the map over all its rows. asked: whether the pool has to know what is made."""
    rows = prepared(record, run.tables, run.plan, run.zone, run.today, run.settled)
    if rows.frame.height == 0:
        return
    rows, made = resolved(rows, run.pool, run.rights.may_create, own=False)
    case = case_of(rows, run.pool, run.zone)
    with_currency(case, run.pool)
    with_owner(case, run.rights)
    more = with_own_references(case, run)
    check_rates(case, run.pool, run.today)
    life = lived(case, run.zone, run.today)
    verdict = judged(case, life, run.pool, run.rights, run.today)
    for new in (*made, *more):
        record_made(run, case, verdict, new)
    note(run, case, verdict)
    run.differences.append(placed(case, differences(case, life, verdict, run.pool)).select(list(DIFFERENCES)))
    run.changes.extend(changes_of(case, life, verdict, run.pool.plan.origin))
    if asked:
        learn(case, life, verdict, run.pool)


def with_owner(case: Case, rights: Rights) -> None:
    """New records that name nobody belong to the importer, who could not see them otherwise."""
    name = next((name for name in OWNERS if name in case.rows.entity.by_name), None)
    if name is None or rights.owner is None:
        return
    stated = case.given[name] if name in case.given.columns else pl.lit(None, pl.String)
    owned = pl.when(case.new).then(pl.coalesce(stated, pl.lit(rights.owner))).otherwise(stated)
    case.given = case.given.with_columns(owned.alias(name))


def announce(case: Case, pool: Pool) -> None:
    """Let rows of the same file point at the new records."""
    columns = [name for name in ("external_id",) if name in case.rows.frame.columns]
    rows = case.given.hstack([case.identity["id"]]).hstack(case.rows.frame.select(columns))
    rows = rows.filter(case.new).with_columns(pl.lit(pool.plan.origin).alias("source"))
    pool.add(case.rows.entity.name, pooled(rows, rows.columns).unique("id", keep="first", maintain_order=True))
    returned = case.before.filter(back(case)).with_columns(pl.lit("live").alias("state"))
    pool.add(case.rows.entity.name, returned.unique("id", keep="first", maintain_order=True))


def forget(ids: pl.Series, entity: str, pool: Pool) -> None:
    """Records that are not made after all."""
    if ids.len():
        pool.frames[entity] = pool.of(entity).filter(~pl.col("id").is_in(ids.to_list()))
        pool.names.pop(entity, None)


def with_own_references(case: Case, run: Run) -> list[Made]:
    """References between the rows of one file."""
    entity = case.rows.entity
    own = [name for name in case.given.columns if entity.by_name[name].to == entity.name]
    if not own:
        return []
    announce(case, run.pool)
    case.rows, made = resolved(case.rows, run.pool, run.rights.may_create, own=True)
    case.problems[0] = case.rows.problems
    case.given = case.given.with_columns(case.rows.frame[name] for name in own)
    return made


def record_made(run: Run, case: Case, verdict: Verdict, new: Made) -> None:
    """Records that references asked for: only for rows that are written."""
    written = verdict.outcome.is_in(["create", "update"])
    frame = case.rows.frame.filter(written)
    pointers = [frame[name] for name in frame.columns if frame.schema[name] == pl.String]
    used = pl.concat(pointers).unique() if pointers else pl.Series([], dtype=pl.String)
    needed = new.rows["id"].is_in(used.to_list())
    forget(new.rows["id"].filter(~needed), new.entity, run.pool)
    rows = new.rows.filter(needed)
    if rows.height == 0:
        return
    run.changes.append(Change(new.entity, "create", rows.drop(PLACE)))
    title = titles(RECORDS[new.entity])[-1]
    run.rows.append(
        rows.select(
            pl.col(FILE).alias("file"),
            pl.col(SHEET).alias("sheet"),
            pl.col(ROW).alias("row"),
            pl.lit(new.entity).alias("entity"),
            pl.lit("create").alias("outcome"),
            pl.col(title).alias("key"),
            "id",
        )
    )


def placed(case: Case, found: pl.DataFrame) -> pl.DataFrame:
    """Findings about rows, with where the rows stand."""
    frame, at = case.rows.frame, found["at"]
    return found.with_columns(
        frame[FILE].gather(at).alias("file"),
        frame[SHEET].gather(at).alias("sheet"),
        frame[ROW].gather(at).alias("row"),
        pl.lit(case.rows.entity.name).alias("entity"),
    )


def note(run: Run, case: Case, verdict: Verdict) -> None:
    """The outcome of each row, and the reasons of those that are not written."""
    entity, frame = case.rows.entity, case.rows.frame
    names = [frame[name].cast(pl.String) for name in ("external_id", entity.title) if name in frame.columns]
    key = (
        pl.select(pl.coalesce(names)).to_series()
        if names
        else pl.repeat(None, case.height, dtype=pl.String, eager=True)
    )
    run.rows.append(
        pl.DataFrame(
            {
                "file": frame[FILE],
                "sheet": frame[SHEET],
                "row": frame[ROW],
                "entity": pl.repeat(entity.name, case.height, dtype=pl.String, eager=True),
                "outcome": verdict.outcome,
                "key": key,
                "id": case.identity["id"],
            }
        )
    )
    same = verdict.outcome == "duplicate"
    case.blame(same, None, "row.duplicate", first_row(case))
    unsettled = verdict.outcome.is_in(["rejected", "duplicate"])
    problems = (
        pl.concat(case.problems).filter(unsettled.gather(pl.concat(case.problems)["at"])).unique(maintain_order=True)
    )
    run.reasons.append(placed(case, problems).select(list(REASONS)).sort("file", "row", maintain_order=True))
