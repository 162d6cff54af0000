"""Names that look like Markdown, HTML or addresses are shown as they are."""

from __future__ import annotations

import pytest

from dashboard.ui.markdown import UNSEEN, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://evil.example/x", rf"https\://{UNSEEN}evil.example/x"),
        ("HTTP://evil.example", rf"HTTP\://{UNSEEN}evil.example"),
        ("www.evil.example", f"www{UNSEEN}.evil.example"),
        ("somebody@evil.example", f"somebody@{UNSEEN}evil.example"),
    ],
)
def test_an_address_in_a_name_is_no_link(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("[a](b)", r"\[a\](b)"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("$x$", r"\$x\$"),
        ("# title", r"\# title"),
        (":red[x]", r"\:red\[x\]"),
        ("`code`", r"\`code\`"),
    ],
)
def test_markup_in_a_name_is_text(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["E-mail (work)", "A&B, R. & D.", "12:30", "3.14", "1,234.50", "2026-11-26", "C+"])
def test_a_text_without_markup_is_read_aloud_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_a_name_without_signs_stays() -> None:
    assert plain("华北  一部") == "华北 一部"
