"""Names and numbers inside Streamlit's Markdown and Plotly's HTML: shown as they are, never read as markup."""

from __future__ import annotations

import html
import re

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])")

LINK = re.compile(r"://?|www\.|@", re.IGNORECASE)
UNSEEN = "\u2060"
"""What Markdown makes a link of by itself, and the mark without width that keeps a text from becoming one."""


def plain(text: str) -> str:
    """A text for Markdown that shows every character as it is; addresses in it are no links."""
    return SPECIAL.sub(r"\\\1", LINK.sub(rf"\g<0>{UNSEEN}", " ".join(text.split())))


def muted(*lines: str) -> str:
    """Lines for Markdown, small and grey; Streamlit's own caption is too pale to read (4.5:1)."""
    return "  \n".join(f":small[:gray[{plain(line)}]]" for line in lines)


def label(text: str) -> str:
    """A text for a chart: Plotly reads a little HTML in every label."""
    return html.escape(" ".join(text.split()), quote=False)
