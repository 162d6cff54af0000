"""`import`: rehearse files, commit what was rehearsed, or undo a batch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dashboard.actions import imports
from dashboard.cli import console
from dashboard.domain.access import operator
from dashboard.domain.labels import entity_label
from dashboard.errors import Refused
from dashboard.i18n import show, translate
from dashboard.store import Store
from etl.ingest import (
    OUTCOMES,
    Plan,
    Rehearsal,
    Source,
    load_plan,
    plan_for,
    preset,
    read,
    report_csv,
    report_xlsx,
    sources_from,
)

REPORTS = {".xlsx": report_xlsx, ".csv": report_csv}
UNDO = "undo"


def import_(  # noqa: PLR0917  (typer reads the options)
    files: Annotated[list[str], typer.Argument(help="Files or a folder; or: undo BATCH.")],
    entity: Annotated[str | None, typer.Option("--as", help="What each row is, for files without a map.")] = None,
    map_: Annotated[Path | None, typer.Option("--map", help="A map file.")] = None,
    preset_: Annotated[str | None, typer.Option("--preset", help="A shipped map, like maven_crm.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Rehearse only.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the rehearsal to .xlsx or .csv.")] = None,
    answer: Annotated[list[str], typer.Option(help="COLUMN=FORMAT, for columns that can be read in two ways.")] = [],  # noqa: B006
    again: Annotated[bool, typer.Option("--again", help="Import content that was imported before.")] = False,
    as_json: console.AsJson = False,
) -> None:
    """Rehearse every row, then commit as one change-set. 导入。"""
    with console.refusals(), console.opened_store() as store:
        if files[0] == UNDO:
            undo(store, files[1:], as_json)
            return
        sources = sources_from([console.path(name) for name in files])
        plan = chosen_plan(sources, entity, map_, preset_)
        answers = {column: values[0] for column, values in console.conditions(answer).items()}
        rehearsal = imports.rehearse(store, operator(), sources, plan, answers)
        if report:
            write_report(rehearsal, report)
        tell(rehearsal)
        if dry_run:
            show_rehearsal(rehearsal, as_json)
        if rehearsal.questions:
            raise typer.Exit(console.REFUSED)
        if not dry_run:
            with console.progress() as bar:
                task = bar.add_task("import", total=imports.to_write(rehearsal))
                advance = partial(bar.advance, task)
                done = imports.commit(store, operator(), rehearsal, again=again, progress=advance)
            show_commit(done, as_json)


def chosen_plan(sources: tuple[Source, ...], entity: str | None, map_: Path | None, preset_: str | None) -> Plan:
    """The map that was named, or the headings of the files. Raises Refused (usage.import)."""
    if preset_:
        return preset(preset_)
    if map_:
        return load_plan(console.path(map_).read_text("utf-8"), map_.stem)
    if entity:
        return plan_for(entity, read(sources))
    raise Refused("usage.import")


def write_report(rehearsal: Rehearsal, path: Path) -> None:
    """The report file. Raises Refused (usage.report) for an ending that is not known."""
    render = REPORTS.get(path.suffix.lower())
    if render is None:
        raise Refused("usage.report", endings=list(REPORTS))
    console.path(path).write_bytes(render(rehearsal, console.language()))


def tell(rehearsal: Rehearsal) -> None:
    """Notices and questions."""
    lang = console.language()
    for code, values in rehearsal.notices:
        console.warn(translate(code, lang, **values))
    for question in rehearsal.questions:
        console.warn(
            translate(
                question.code, lang, file=question.file, column=question.column, options=show(question.options, lang)
            )
        )


def show_rehearsal(rehearsal: Rehearsal, as_json: bool) -> None:
    """What would be written."""
    if as_json:
        console.emit({"counts": rehearsal.counts, "total": rehearsal.total, "sha256": rehearsal.content_sha256})
        return
    show_counts(rehearsal.counts)
    console.say("cli.import.rehearsed")


def show_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """How many rows of each kind of record come to what."""
    lang = console.language()
    rows = [(entity and entity_label(entity, lang), *(of[one] for one in OUTCOMES)) for entity, of in counts.items()]
    console.table(("", *(translate(f"import.outcome.{one}", lang) for one in OUTCOMES)), rows)


def show_commit(done: imports.Imported, as_json: bool) -> None:
    """What was written."""
    if as_json:
        console.emit({"batch": done.number, "revision": done.revision, "already": done.already, "counts": done.counts})
        return
    show_counts(done.counts)
    if done.revision is None:
        console.say("cli.import.nothing")
    else:
        console.say("cli.import.done", number=done.number, revision=done.revision)


def undo(store: Store, batches: list[str], as_json: bool) -> None:
    """Put everything back as it was before each batch."""
    for batch in batches:
        done = imports.undo(store, operator(), batch)
        if as_json:
            console.emit({"batch": batch, "revision": done.revision})
        else:
            console.say("cli.import.undone", number=batch, revision=done.revision)
