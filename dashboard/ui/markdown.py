"""Names and numbers inside Streamlit's Markdown and Plotly's HTML: shown as they are, never read as markup."""

from __future__ import annotations

import html
import re

SPECIAL = re.compile(
    r"[\\`*_{}\[\]|~$<>#]"  # anywhere
    r"|:(?=[a-z:/]|$)|&(?=#?\w+;)"  # what begins a directive or an address, and an entity
    r"|^[+\-]|(?<=^\d)[.)](?=\s|$)",  # of a list
    re.IGNORECASE,
)
"""What Markdown may read as markup, and only that: labels are read aloud as they are written here."""

JOINED = re.compile(
    r"://?|www(?=\.)|@"  # a link
    r"|:(?=[a-z+\-][\w+\-/]*:|\d+:)"  # an icon or an emoji
    r"|-(?=[->])|<(?=[-=])|[>~](?==)"  # an arrow, a dash or a sign
    r"|^\d+(?=\d[.)](?:\s|$))",  # a numbered list
    re.IGNORECASE,
)
UNSEEN = "\u2060"
"""What becomes something else where it stands together, and the mark without width that keeps it apart."""

MUST = " *"
"""Behind the label of what must be filled in."""


def plain(text: str) -> str:
    """A text for Markdown that shows every character as it is; addresses in it are no links."""
    return SPECIAL.sub(r"\\\g<0>", JOINED.sub(rf"\g<0>{UNSEEN}", " ".join(text.split())))


def muted(*lines: str) -> str:
    """Lines for Markdown, small and grey; Streamlit's own caption is too pale to read (4.5:1)."""
    return "  \n".join(f":small[:gray[{plain(line)}]]" for line in lines)


def label(text: str) -> str:
    """A text for a chart: Plotly reads a little HTML in every label."""
    return html.escape(" ".join(text.split()), quote=False)
