"""Fields for passwords and codes, as password managers and phones know them."""

from __future__ import annotations

import streamlit as st

from dashboard.i18n import Language, translate

MOST_CHARACTERS = 200


def password(text: str, purpose: str, language: Language, slot: str) -> str:
    """A field whose content is not shown. text: of its label; purpose: what it tells the browser."""
    label = translate(text, language)
    typed = st.text_input(
        label, type="password", max_chars=MOST_CHARACTERS, autocomplete=purpose, key=slot, placeholder=label
    )
    return str(typed or "")


def code(text: str, language: Language, slot: str) -> str:
    """A field that phones fill in with digits."""
    typed = st.text_input(
        translate(text, language),
        max_chars=MOST_CHARACTERS,
        autocomplete="one-time-code",
        key=slot,
        placeholder="",
    )
    return str(typed or "")
