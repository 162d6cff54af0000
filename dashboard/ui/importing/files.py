"""Step one: the files, and what their rows are."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.labels import entity_label
from dashboard.errors import SalesDeskError
from dashboard.i18n import has
from dashboard.ui.boundary import refused
from dashboard.ui.importing import plans
from dashboard.ui.importing.draft import FILE_MB, LIMITS, Draft, sources_of
from dashboard.ui.markdown import muted
from dashboard.ui.uploads import in_words
from dashboard.ui.visit import Visit
from etl.ingest import Rights, preset, read

GUESS = ""


def show(visit: Visit, draft: Draft, rights: Rights) -> None:
    """Ask for the files and what they are; then read them."""
    limits = [visit.text("importing.files.kinds"), visit.text("importing.files.size", n=LIMITS.files, mb=FILE_MB)]
    if rights.rows is not None:
        limits.append(visit.text("importing.files.rows", n=rights.rows))
    with st.container(key="import_drop"):
        files = st.file_uploader(
            visit.text("importing.files.label"),
            accept_multiple_files=True,
            key=f"import_files_{draft.turn}",
            max_upload_size=FILE_MB,
        )
    st.html(in_words(visit, "import_drop", "importing.files.pick", "importing.files.drop"))
    st.markdown(muted(*limits))
    options = [GUESS, *plans.contents(rights.create)]
    content = st.selectbox(
        visit.text("importing.files.content"),
        options,
        format_func=lambda option: content_name(visit, option),
        key=f"import_content_{draft.turn}",
        width=420,
    )
    if st.button(visit.text("importing.next_map"), type="primary", key="import_read", disabled=not files):
        begin(visit, draft, files, content if content in options else GUESS, options[1:])


def content_name(visit: Visit, option: str) -> str:
    """What a choice is called."""
    if option == GUESS:
        return visit.text("importing.files.guess")
    if option.startswith(plans.PRESET):
        name = option.removeprefix(plans.PRESET)
        key = f"importing.preset.{name}"
        return visit.text("importing.files.preset", name=visit.text(key) if has(key) else name)
    return entity_label(option, visit.language, many=True)


def begin(visit: Visit, draft: Draft, files: list, content: str, options: list[str]) -> None:  # type: ignore[type-arg]
    """Read the files; what cannot be read is said, and nothing is kept of it."""
    try:
        with st.spinner(visit.text("importing.reading"), show_time=True):
            sources = sources_of(files)
            tables = read(sources, LIMITS)
            content = content or plans.guess(sources, tables, options)
            if content.startswith(plans.PRESET):
                plan, chosen = preset(content.removeprefix(plans.PRESET)), {}
            else:
                plan, chosen = None, plans.first_choice(content, tables)
    except SalesDeskError as problem:
        refused(problem, visit.language)
        return
    draft.sources, draft.tables, draft.content, draft.plan, draft.chosen = sources, tables, content, plan, chosen
    draft.step = 2
    st.rerun()
