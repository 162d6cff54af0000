"""The dry run over all rows: what a file would change, and why what is refused is refused. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboard.domain.entities import RECORDS
from dashboard.errors import Refused
from etl.ingest.case import Case, case_of
from etl.ingest.differences import differences
from etl.ingest.emit import changes_of, learn
from etl.ingest.judge import Rights, back, judged
from etl.ingest.life import lived
from etl.ingest.maps import Plan, Record
from etl.ingest.money import check_rates, require_rate, with_currency
from etl.ingest.pool import Known, Pool
from etl.ingest.prepare import prepared
from etl.ingest.references import Made, pooled, resolved
from etl.ingest.rehearsal import DIFFERENCES, OUTCOME, REASONS, ROWS, Rehearsal, content_digest
from etl.ingest.run import Run, name_facts, note, placed, record_made
from etl.ingest.sources import Limits, Source, read
from etl.ingest.tables import Table

OWNERS = ("owner_id", "assignee_id", "author_id")


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

    Raises Refused: file.* (a file cannot be read), map.* (the map does not fit the files), import.too_many,
    rate.missing (the map's currency is not the company's and has no exchange rate).
    """
    tables = read(sources, limits)
    digest = content_digest(plan, [(source.name, source.sha256) for source in sources])
    files = tuple((source.name, source.sha256) for source in sources)
    return rehearse_tables(tables, plan, known, today, zone, rights or Rights(), files, digest)


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


def asked_later(records: Sequence[Record], entity: str) -> bool:
    """Whether later records of a map make, change or point at records of an entity."""
    return any(
        record.entity == entity
        or any(RECORDS[record.entity].by_name[name].to == entity for name, _ in record.every_field())
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
