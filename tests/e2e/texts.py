"""A page that shows texts which look like markup, in the ways the application shows names; see the test beside it."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.markdown import MUST, muted, plain

TEXTS = """
E-mail|a -> b|a <- b|a <-> b|a -- b|a --- b|--|---|-|a--b|10 - 5 -> 5|- item|+ item|* item|1. first|12) second
123. third|2026. fourth|1.|1)|3.14|1.5.2. v|# head|a # b #|##|#tag|C#|> quote|a >= b|a <= b|a ~= b|!= y|=== |x=y
~~s~~|**b**|__u__|*i*|_i_|a_b_c|***|5 * 3 * 2|`c`|[a](b)|![a](b)|[x]|[^1]|- [ ] todo|<b>x</b>|<!-- c -->|{x}|(x)
<script>alert(1)</script>|&copy; &amp; &#35;|A&B|R&D;|:smile:|:red[x]|:blue-badge[x]|:material/home:|::red[x]|a:b
a:gray-background[x]|12:30:45|x :+1: y|:100:|10:smile:|trailing:|trailing -|trailing \\|\\|a\\*b|$x$|$$x$$|^sup^
==mark==|https://evil.example|www.evil.example|a@b.example|http:x|ftp://x.y|mailto:a@b.c|\u4e2d\u6587\uff1a**x**
A (B) - C. D+E!
"""
"""What a name, a note or a number may look like, one behind each bar."""


def texts() -> list[str]:
    """One by one; and what a bar, a break and a mark without width do."""
    return [
        *TEXTS.strip().replace("\n", "|").split("|"),
        "a|b|c",
        "|a|b|",
        "\t- x",
        "x\n- y",
        "x\n\n# y",
        "\u200b:red[x]",
    ]


def page() -> None:
    """Each text in a paragraph, beside and below others, as a title, on a button and as the label of an input."""
    for place, text in enumerate(texts()):
        for way, draw in WAYS.items():
            with st.container(key=f"{way}{place}"):
                draw(text, f"{way}_{place}")


WAYS = {
    "paragraph": lambda text, _key: st.markdown(plain(text)),
    "lines": lambda text, _key: st.markdown(f"x **{plain(text)}**  \n{muted(text)}"),
    "title": lambda text, _key: st.subheader(plain(text), anchor=False),
    "button": lambda text, key: st.button(plain(text), key=key),
    "input": lambda text, key: st.text_input(plain(text) + MUST, key=key),
}

if __name__ == "__main__":
    page()
