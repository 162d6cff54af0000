"""What a contract says: the text with its gaps marked, as PDF, and how it differs from earlier wordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from dashboard.actions.papers import Paper, compared, editions, paper_of
from dashboard.actions.printing import contract_pdf, name_of
from dashboard.domain.access import Action, Actor
from dashboard.domain.differences import Difference
from dashboard.domain.seeing import seen
from dashboard.domain.wordings import COLUMNS, MARK, PLACEHOLDERS
from dashboard.i18n import translate
from dashboard.ui import deferred
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import Record, moment
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.palette import PALETTES, Palette
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

TALLEST = 460  # pixels
SIGNS = {"added": "+", "removed": "−"}
NAMED = ("@head", "@preamble", "@lines")
"""Sections of a wording that are no clauses."""


def show(visit: Visit, room: Room, record: Record) -> None:
    """The wording, for whoever may read it."""
    if "body" not in seen(visit.actor, room.declared) or "body" not in record:
        return
    st.subheader(visit.text("wording.title"), anchor=False)
    found = paper_of(visit.desk.store, visit.actor, record["id"])
    head(visit, record, found)
    gaps(visit, found)
    with st.container(border=True, height=TALLEST, key="wording_text"):
        st.html(page_of(found.wording, PALETTES[visit.theme]))
    body(record["id"])


def head(visit: Visit, record: Record, found: Paper) -> None:
    """Which edition it is, its hash, and the way to the PDF."""
    with st.container(horizontal=True, vertical_alignment="center", key="wording_head"):
        edition = (
            visit.text("wording.unsaved") if found.edition is None else visit.text("wording.edition", n=found.edition)
        )
        st.markdown(muted(f"{edition} · SHA-256 {found.sha256[:16]}…"), width="stretch")
        if visit.actor.grants("contract", Action.READ):
            make = partial(pdf, visit, record["id"])
            deferred.button(visit, visit.text("wording.pdf"), name_of(record), make, "wording_pdf")


def pdf(visit: Visit, record_id: str, actor: Actor) -> bytes:
    """The contract on paper, for whoever is there when it is asked for."""
    return contract_pdf(visit.desk.store, actor, record_id)


def gaps(visit: Visit, found: Paper) -> None:
    """What is still to be filled in, by name."""
    empty = [placeholder_label(visit, name) for name in found.wording["empty"]]
    if empty:
        st.warning(plain(visit.text("wording.empty", names=empty)), icon=":material/edit_note:")
    if found.wording["unknown"]:
        names = [f"{{{{{name}}}}}" for name in found.wording["unknown"]]
        st.warning(plain(visit.text("wording.unknown", names=names)), icon=":material/help:")


def placeholder_label(visit: Visit, name: str) -> str:
    """What a placeholder stands for."""
    return visit.text(f"placeholder.{name}") if name in PLACEHOLDERS else name


def page_of(wording: Mapping[str, Any], palette: Palette) -> str:
    """The wording as HTML; every text in it is escaped."""
    parts = [f"<h3>{marked(wording['name'], palette)}</h3>"]
    parts += blocks(wording, wording["preamble"], palette)
    for place, clause in enumerate(wording["clauses"], start=1):
        number = translate("wording.clause", wording["language"], n=place)
        parts.append(f"<h4>{escape(number)} {marked(clause['title'], palette)}</h4>")
        parts += blocks(wording, clause["blocks"], palette)
    return f'<div style="font-size:0.95rem;line-height:1.75">{"".join(parts)}</div>'


def blocks(wording: Mapping[str, Any], found: list[dict[str, str]], palette: Palette) -> Iterator[str]:
    """Paragraphs and tables."""
    for block in found:
        if "text" in block:
            lines = [line for line in block["text"].split("\n") if line.strip()]
            yield from (f"<p>{marked(line, palette)}</p>" for line in lines)
        else:
            yield table(wording, palette)


def table(wording: Mapping[str, Any], palette: Palette) -> str:
    """The lines of the deal."""
    if not wording["lines"]:
        return f"<p>{marked('{{deal.lines}}', palette)}</p>"
    cell = f"border-bottom:1px solid {palette.border};padding:4px 8px;text-align:"
    head_ = "".join(
        f'<th style="{cell}{side(name)}">{escape(translate(f"printing.{name}", wording["language"]))}</th>'
        for name in COLUMNS
    )
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="{cell}{side(name)}">{escape(str(line.get(name) or "–"))}</td>' for name in COLUMNS)
        + "</tr>"
        for line in wording["lines"]
    )
    return f'<table style="border-collapse:collapse;width:100%;font-size:0.85rem"><tr>{head_}</tr>{rows}</table>'


def side(name: str) -> str:
    """Where a column's values stand."""
    return "left" if name == COLUMNS[0] else "right"


def marked(text: str, palette: Palette) -> str:
    """A text with its gaps marked."""
    found, at = [], 0
    for match in MARK.finditer(text):
        style = f"border:1px dashed {palette.text};background:{palette.surface};padding:0 3px"
        found += [
            escape(text[at : match.start()]),
            f'<mark style="{style};color:{palette.text}">{escape(match[0])}</mark>',
        ]
        at = match.end()
    return "".join([*found, escape(text[at:])])


# -- versions ---------------------------------------------------------------------------------------------------------


@st.fragment
def body(record_id: str) -> None:
    """Two wordings beside each other: it runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        saved = {row["edition"]: row for row in editions(visit.desk.store, visit.actor, record_id)}
        if not saved:
            return
        box = st.expander(
            visit.text("wording.compare"), icon=":material/difference:", key="wording_compare", on_change="rerun"
        )
        if not box.open:
            return
        with box:
            names = {number: edition_name(visit, row) for number, row in saved.items()}
            before, after = st.columns(2)
            numbers = list(names)
            old = pick(before, visit, "wording.before", numbers, names, numbers[min(1, len(numbers) - 1)])
            new = pick(after, visit, "wording.after", numbers, names, numbers[0])
            found = compared(visit.desk.store, visit.actor, record_id, old, new)
            st.html(difference_page(visit, found, PALETTES[visit.theme]))


def edition_name(visit: Visit, row: Mapping[str, Any]) -> str:
    """An edition and when it was saved."""
    return f"{visit.text('wording.edition', n=row['edition'])} · {moment(visit, row['created_at'])}"


def pick(place: Any, visit: Visit, label: str, numbers: list[int], names: Mapping[int, str], first: int) -> int:
    """One of the editions."""
    chosen = place.selectbox(
        visit.text(label),
        numbers,
        index=numbers.index(first),
        format_func=lambda number: names.get(number, str(number)),
        key=f"{label}_{visit.language}_{len(numbers)}",
    )
    return chosen if chosen in names else first


def difference_page(visit: Visit, found: list[Difference], palette: Palette) -> str:
    """The sections that differ; words that came are underlined, words that went are struck out, both with a sign."""
    changed = [one for one in found if one.change != "same"]
    if not changed:
        return f"<p>{escape(visit.text('wording.same'))}</p>"
    return "".join(section(visit, one, palette) for one in changed)


def section(visit: Visit, one: Difference, palette: Palette) -> str:
    """One section."""
    title = visit.text(f"wording.section.{one.title[1:]}") if one.title in NAMED else one.title
    state = visit.text(f"wording.change.{one.change}")
    words = "".join(piece_of(piece.change, piece.text, palette) for piece in one.pieces)
    return (
        f'<h4>{escape(title)} <small style="color:{palette.muted}">{escape(state)}</small></h4>'
        f'<p style="line-height:1.75;white-space:pre-wrap">{words}</p>'
    )


def piece_of(change: str, text: str, palette: Palette) -> str:
    """Some words."""
    if change == "same":
        return escape(text)
    tag, line = ("ins", "underline") if change == "added" else ("del", "line-through")
    style = f"background:{palette.surface};text-decoration:{line};text-decoration-thickness:2px"
    return f'<{tag} style="{style}"><b>[{SIGNS[change]}</b>{escape(text)}<b>]</b></{tag}>'


def signed_file(visit: Visit, record: Record) -> dict[str, str]:
    """The papers of a contract that may be its signed one: id → name."""
    from dashboard.actions.files import files_of
    from dashboard.domain.files import SIGNED

    rows = files_of(visit.desk.store, visit.actor, "contract", record["id"])
    return {row["id"]: row["name"] for row in rows if row["media_type"] in SIGNED}
