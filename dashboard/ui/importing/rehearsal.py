"""Step three: what would become of every row, and why; then the commit as one change-set."""

from __future__ import annotations

import time
from functools import partial

import polars as pl
import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from dashboard.actions import imports
from dashboard.domain.labels import entity_label, field_label
from dashboard.errors import Refused, SalesDeskError
from dashboard.i18n import number
from dashboard.ui import choices, paging
from dashboard.ui.boundary import refused
from dashboard.ui.importing import draft as drafts
from dashboard.ui.importing import mapping
from dashboard.ui.importing.draft import Draft
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit
from etl.ingest import OUTCOMES, Question, Rehearsal, report_csv, report_xlsx
from etl.ingest.days import days
from etl.ingest.report import lines

NARROWEST = 120  # pixels of a count
PAGE = 50
FRESH_SECONDS = 20.0
DRAWN_EVERY_SECONDS, WRITING_SHARE = 0.2, 0.8
JUST_DONE = "import_just_done"
AGAIN = "import_again"
REPORTS = {"xlsx": report_xlsx, "csv": report_csv}
ATTENTION = ("rejected", "duplicate")
VIEWS = ("attention", "changes", "all")
COLUMNS = ("row", "outcome", "reasons", "alike", "changes", "key", "entity", "sheet", "file")


def show(visit: Visit, draft: Draft) -> None:
    """Questions first; then counts, rows, differences, the report and the commit."""
    rehearsal = draft.rehearsal
    assert rehearsal is not None
    if rehearsal.questions:
        questions(visit, draft, rehearsal)
        return
    counts(visit, rehearsal)
    remarks(visit, rehearsal)
    rows(visit, draft, rehearsal)
    reports(visit, rehearsal)
    finish(visit, draft, rehearsal)


# -- questions --------------------------------------------------------------------------------------------------------


def questions(visit: Visit, draft: Draft, rehearsal: Rehearsal) -> None:
    """What only a person can say, like whether 03/04 is in March or in April."""
    st.info(visit.text("importing.question.title"), icon=":material/help:")
    with st.form("import_questions", border=True):
        answers = {question.column: answer(visit, question, at) for at, question in enumerate(rehearsal.questions)}
        asked = st.form_submit_button(visit.text("importing.question.go_on"), type="primary")
    st.button(visit.text("common.back"), key="import_back_2", on_click=drafts.back_to, args=(2,))
    if not asked:
        return
    if open_ := [column for column, picked in answers.items() if picked is None]:
        refused(Refused("import.questions", columns=open_), visit.language)
        return
    draft.answers |= {column: picked for column, picked in answers.items() if picked is not None}
    mapping.go_on(visit, draft)


def answer(visit: Visit, question: Question, at: int) -> str | None:
    """One question; the first value of the column shows what each answer means."""
    sample = question.sample or visit.text("common.nothing")
    label = visit.text("importing.question.column", file=question.file, column=question.column, sample=sample)
    options = list(question.options)
    picked = st.selectbox(
        plain(label),
        options,
        index=None,
        format_func=lambda word: meaning(visit, question, word),
        key=f"import_question_{at}",
        placeholder=visit.text("filter.choose"),
    )
    return picked if picked in options else None


def meaning(visit: Visit, question: Question, word: str) -> str:
    """What an answer is called, and what the sample is then."""
    if question.code != "question.date_format":
        return visit.text("importing.question.decimal", sign=word)
    found = days(pl.Series([question.sample or ""], dtype=pl.String), word)[0]
    name = visit.text(f"importing.format.{word}")
    return name if found is None else visit.text("importing.question.meaning", format=name, day=found)


# -- what was found ---------------------------------------------------------------------------------------------------


def counts(visit: Visit, rehearsal: Rehearsal) -> None:
    """How many rows have which outcome, and which of them by entity."""
    with st.grid(len(OUTCOMES), min_column_width=NARROWEST, key="import_counts"):
        for outcome, count in rehearsal.total.items():
            with st.container(border=True, key=f"import_count_{outcome}", gap=None):
                st.metric(visit.text(f"import.outcome.{outcome}"), number(count, visit.language))
    by_entity = rehearsal.counts
    if len(by_entity) > 1:
        titles = [visit.text(f"import.outcome.{outcome}") for outcome in OUTCOMES]
        data = [(entity_label(name, visit.language), *found.values()) for name, found in by_entity.items()]
        frame = pl.DataFrame(data, schema=[visit.text("import.line.entity"), *titles], orient="row")
        with st.expander(visit.text("importing.by_entity"), icon=":material/table_rows:"):
            st.dataframe(frame, hide_index=True, key="import_by_entity", alt=visit.text("importing.by_entity"))


def remarks(visit: Visit, rehearsal: Rehearsal) -> None:
    """How columns were read, and what there is to say about whole files."""
    said = [visit.text(code, **values) for code, values in rehearsal.notices]
    for found in rehearsal.formats:
        form = visit.text(f"importing.format.{found.format}") if found.kind == "date" else found.format
        said.append(visit.text("import.read_as", file=found.file, column=found.column, format=form))
    if said:
        st.markdown(muted(*said))
    if n := rehearsal.alike.n_unique(["file", "sheet", "row", "entity"]):
        st.warning(plain(visit.text("importing.alike", n=number(n, visit.language))), icon=":material/content_copy:")


def rows(visit: Visit, draft: Draft, rehearsal: Rehearsal) -> None:
    """The rows with their reasons, or what updates change, page by page."""
    st.subheader(visit.text("importing.rows.title"), anchor=False)
    view = choices.side_by_side(
        visit, "import_view", "importing.rows.view", list(VIEWS), lambda word: visit.text(f"importing.rows.{word}")
    )
    frame = differences(visit, rehearsal) if view == "changes" else told(visit, draft, rehearsal, view == "attention")
    if frame.is_empty():
        st.markdown(muted(visit.text(f"importing.rows.no_{view}")))
        return
    part = paging.page(visit, frame, PAGE, f"import_rows_{view}")
    st.dataframe(
        part,
        hide_index=True,
        key=f"import_table_{view}",
        alt=visit.text("importing.rows.title"),
        placeholder=visit.text("common.nothing"),
    )


def told(visit: Visit, draft: Draft, rehearsal: Rehearsal, attention: bool) -> pl.DataFrame:
    """The lines of the report, those that need a look first."""
    if visit.language not in draft.told:
        titles = {name: visit.text(f"import.line.{name}") for name in COLUMNS}
        draft.told[visit.language] = without_empty(lines(rehearsal, visit.language).select(COLUMNS)).rename(
            titles, strict=False
        )
    frame = draft.told[visit.language]
    if not attention:
        return frame
    words = [visit.text(f"import.outcome.{outcome}") for outcome in ATTENTION]
    look = pl.col(visit.text("import.line.outcome")).is_in(words)
    like = visit.text("import.line.alike")
    return frame.filter(look | pl.col(like).is_not_null() if like in frame.columns else look)


def without_empty(frame: pl.DataFrame) -> pl.DataFrame:
    """The lines without the columns in which nothing stands."""
    return frame.select(name for name in frame.columns if frame[name].null_count() < frame.height)


def differences(visit: Visit, rehearsal: Rehearsal) -> pl.DataFrame:
    """What updates change: a line a field, before and after."""
    found = rehearsal.differences
    pairs = found.select("entity", "field").unique().rows()
    labels = {f"{entity}.{name}": field_label(entity, name, visit.language) for entity, name in pairs}
    entities = {entity: entity_label(entity, visit.language) for entity, _ in pairs}
    return found.select(
        pl.col("file").alias(visit.text("import.line.file")),
        pl.col("row").alias(visit.text("import.line.row")),
        pl.col("entity").replace(entities).alias(visit.text("import.line.entity")),
        pl.concat_str("entity", pl.lit("."), "field").replace(labels).alias(visit.text("importing.rows.field")),
        pl.col("before").alias(visit.text("importing.rows.before")),
        pl.col("after").alias(visit.text("importing.rows.after")),
    )


def reports(visit: Visit, rehearsal: Rehearsal) -> None:
    """The whole rehearsal as a file."""
    with st.container(horizontal=True, gap="small", key="import_reports"):
        for ending, render in REPORTS.items():
            st.download_button(
                visit.text("importing.report", kind=ending.upper()),
                data=partial(render, rehearsal, visit.language),
                file_name=f"rehearsal.{ending}",
                key=f"import_report_{ending}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


# -- commit -----------------------------------------------------------------------------------------------------------


def finish(visit: Visit, draft: Draft, rehearsal: Rehearsal) -> None:
    """Commit what was rehearsed, or go back."""
    total = rehearsal.total
    written = total["create"] + total["update"]
    known = st.session_state.get(AGAIN) == rehearsal.content_sha256
    if not written:
        st.markdown(plain(visit.text("importing.nothing")))
    with st.container(horizontal=True, gap="small", key="import_finish"):
        st.button(visit.text("common.back"), key="import_back_2", on_click=drafts.back_to, args=(2,))
        label = visit.text("importing.commit", n=written)
        first = written and st.button(label, type="primary", key="import_commit", icon=":material/upload:")
        once_more = known and st.button(visit.text("importing.commit_again"), key="import_commit_again")
    if first or once_more:
        commit(visit, draft, rehearsal, again=bool(once_more))


class Counting:
    """A bar that counts the rows while they are written; the rest of it is the refreshing of the numbers.

    A click or a closed tab ends a script at the next thing it draws; in the middle of writing that would undo the
    whole import, so it is kept until everything is written.
    """

    def __init__(self, visit: Visit, total: int) -> None:
        self.visit, self.total, self.done, self.drawn_at = visit, total, 0, 0.0
        self.held: ScriptControlException | None = None
        self.bar = st.progress(0.0, text=visit.text("importing.writing_all"))

    def __call__(self, rows: int) -> None:
        """So many rows more were written."""
        self.done += rows
        if self.held is None and time.monotonic() - self.drawn_at > DRAWN_EVERY_SECONDS:
            self.drawn_at = time.monotonic()
            try:
                self.bar.progress(self.share(), text=self.words())
            except ScriptControlException as ends:
                self.held = ends

    def share(self) -> float:
        """How far the bar is."""
        return WRITING_SHARE * min(self.done / max(self.total, 1), 1.0)

    def words(self) -> str:
        """What stands above it."""
        done, total = (number(rows, self.visit.language) for rows in (min(self.done, self.total), self.total))
        return self.visit.text("importing.writing_rows", done=done, total=total)

    def written(self) -> None:
        """All is written; now the numbers."""
        if self.held is not None:
            raise self.held
        self.bar.progress(WRITING_SHARE, text=self.visit.text("importing.counting"))


def commit(visit: Visit, draft: Draft, rehearsal: Rehearsal, *, again: bool) -> None:
    """Write everything or nothing, and wait until the numbers hold it."""
    place = st.empty()
    try:
        with place.container(), st.spinner(visit.text("importing.writing"), show_time=True):
            bar = Counting(visit, imports.to_write(rehearsal))
            store, actor = visit.desk.store, visit.actor
            done = imports.commit(store, actor, rehearsal, again=again, name=title(draft), progress=bar)
            bar.written()
            if done.revision is not None:
                visit.desk.wait_for(done.revision, FRESH_SECONDS)
    except SalesDeskError as problem:
        place.empty()
        refused(problem, visit.language)
        if isinstance(problem, Refused) and problem.code == "import.already":
            st.session_state[AGAIN] = rehearsal.content_sha256
            st.button(visit.text("importing.commit_again"), key="import_commit_again")
        return
    st.session_state.pop(AGAIN, None)
    drafts.fresh()
    st.session_state[JUST_DONE] = done.batch_id
    st.rerun()


def title(draft: Draft) -> str:
    """What the batch is called: the names of its files."""
    return ", ".join(source.name for source in draft.sources)
