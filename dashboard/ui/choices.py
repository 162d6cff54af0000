"""One of a few words, kept in the address: as a list, or side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.i18n import LANGUAGES, translate
from dashboard.ui.visit import Visit


def from_list(visit: Visit, key: str, label: str, options: Sequence[str], texts: str, width: int) -> str:
    """A word from a list that opens; the first is the default. texts: the words are called `<texts>.<word>`."""
    names = named(visit, key, options, texts)
    chosen = st.selectbox(
        visit.text(label),
        options,
        format_func=lambda word: names.get(word, word),
        key=key,
        bind="query-params",
        placeholder=visit.text("filter.choose"),
        width=width,
    )
    return known(chosen, options)


def side_by_side(visit: Visit, key: str, label: str, options: Sequence[str], texts: str) -> str:
    """A word of two or three that all stay in sight; the first is the default."""
    names = named(visit, key, options, texts)
    chosen = st.segmented_control(
        visit.text(label),
        options,
        default=options[0],
        format_func=lambda word: names.get(word, word),
        key=key,
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    return known(chosen, options)


def known(chosen: str | None, options: Sequence[str]) -> str:
    """What was chosen if it is on offer: a browser may send anything."""
    return chosen if chosen is not None and chosen in options else options[0]


def named(visit: Visit, key: str, options: Sequence[str], texts: str) -> dict[str, str]:
    """The options by what they are called; a link made in another language is understood too."""
    others = {translate(f"{texts}.{word}", lang): word for lang in LANGUAGES for word in options}
    names = {word: visit.text(f"{texts}.{word}") for word in options}
    understand(key, names, others)
    return names


def understand(key: str, names: Mapping[str, str], others: Mapping[str, str]) -> None:
    """The address holds the words on the screen: those of another language are put in before the widget reads them."""
    word = st.query_params.get(key)
    if key not in st.session_state and word is not None and word not in names.values() and word in others:
        st.session_state[key] = others[word]
