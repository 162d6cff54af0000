"""Which language a person reads: the chosen one, else that of their record, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import streamlit as st

from dashboard.i18n import LANGUAGES, Language, negotiate

CHOICE = "language"
COOKIE = "language"
NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
YEAR_SECONDS = 365 * 24 * 3600
WITHOUT_HINTS = "<style>[data-testid='InputInstructions'] {display: none}</style>"
"""Streamlit says "Press Enter to apply" in English only, and on top of what is typed."""


def language_of(preferred: str | None = None) -> Language:
    """The language of this run; `preferred` is what the person's record says."""
    for found in (st.session_state.get(CHOICE), text(lambda: st.context.cookies.get(COOKIE)), preferred):
        if found in LANGUAGES:
            return cast("Language", found)
    return negotiate(text(lambda: st.context.headers.get("Accept-Language")))


def text(read: Callable[[], object]) -> str | None:
    """What a browser said; None when it said nothing, or when there is no browser, as in tests."""
    found = read()
    return found if isinstance(found, str) else None


def offer(language: Language, label: str, key: str = "language_switch") -> None:
    """The switch between the languages; the choice holds from the next run on."""
    st.segmented_control(
        label,
        LANGUAGES,
        default=language,
        format_func=NAMES.__getitem__,
        key=key,
        on_change=choose,
        args=(key,),
        required=True,
        label_visibility="collapsed",
    )


def choose(key: str) -> None:
    """Remember what was chosen for the rest of the session."""
    chosen = st.session_state.get(key)
    if chosen in LANGUAGES:
        st.session_state[CHOICE] = chosen


def tell_the_document(language: Language) -> None:
    """The page's `lang` for screen readers and hyphenation, and no hint that knows only one language; a choice is also
    kept for the next visit."""
    lines = [f"document.documentElement.lang='{TAGS[language]}';"]
    if CHOICE in st.session_state:
        lines.append(f"document.cookie='{COOKIE}={language};path=/;SameSite=Strict;max-age={YEAR_SECONDS}'")
    st.html(f"{WITHOUT_HINTS}<script>{''.join(lines)}</script>", unsafe_allow_javascript=True)
