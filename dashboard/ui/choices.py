"""One of a few words, as a list or side by side; what is chosen stands in the address as its code.

Streamlit's own binding would put the words on the screen into the address, so that a link breaks in the other language,
and a widget keeps the word it showed when the language changes: here each language has a widget of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard.ui.visit import Visit


def from_list(
    visit: Visit, key: str, label: str, options: Sequence[str], name: Callable[[str], str], width: int
) -> str:
    """A word from a list that opens; the first is the default."""
    slot, words = slot_of(visit, key, options), told_apart({word: name(word) for word in options})
    chosen = st.selectbox(
        visit.text(label),
        options,
        format_func=lambda word: words.get(word, word),
        key=slot,
        placeholder=visit.text("filter.choose"),
        width=width,
    )
    return kept(key, chosen, options)


def side_by_side(visit: Visit, key: str, label: str, options: Sequence[str], name: Callable[[str], str]) -> str:
    """A word of two or three that all stay in sight; the first is the default."""
    slot = slot_of(visit, key, options)
    chosen = st.segmented_control(
        visit.text(label), options, format_func=name, key=slot, required=True, label_visibility="collapsed"
    )
    return kept(key, chosen, options)


def slot_of(visit: Visit, key: str, options: Sequence[str]) -> str:
    """The key of this language's widget, whose value follows the address when that was changed elsewhere.

    A page that is opened again without a word in the address shows what was chosen there before.
    """
    slot, said, before = f"{key}_{visit.language}", st.query_params.get(key), st.session_state.get(f"{key}_kept")
    fresh = slot not in st.session_state
    wanted = said if said in options else before if fresh and before in options else options[0]
    if fresh or wanted != before:
        st.session_state[slot] = wanted
    return slot


def kept(key: str, chosen: str | None, options: Sequence[str]) -> str:
    """What was chosen, written into the address; a browser may send anything, so only what is on offer counts."""
    word = chosen if chosen is not None and chosen in options else options[0]
    st.session_state[f"{key}_kept"] = word
    if word != options[0]:
        st.query_params[key] = word
    elif key in st.query_params:
        del st.query_params[key]
    return word


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The names with a number behind each that was there before: Streamlit knows an option by its words alone, and
    takes the last of those that read alike, whichever was chosen.
    """
    taken, found = set(names.values()), dict[str, str]()
    given = set[str]()
    for key, name in names.items():
        words, n = name, 1
        while words in given or (n > 1 and words in taken):
            n += 1
            words = f"{name} ({n})"
        given.add(words)
        found[key] = words
    return found
