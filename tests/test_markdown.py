"""Names that look like Markdown, HTML or addresses are shown as they are."""

from __future__ import annotations

import pytest

from dashboard.ui.markdown import LINK, SPECIAL, UNSEEN, plain


@pytest.mark.parametrize(
    "text", ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "somebody@evil.example"]
)
def test_an_address_in_a_name_is_no_link(text: str) -> None:
    shown = plain(text)
    bare = shown.replace("\\", "")
    assert [bare[found.end()] for found in LINK.finditer(bare)] == [UNSEEN]
    assert shown.replace(UNSEEN, "").replace("\\", "") == text


@pytest.mark.parametrize("text", ["**bold**", "[a](b)", "<b>x</b>", "$x$", "# title", ":red[x]", "`code`"])
def test_markup_in_a_name_is_text(text: str) -> None:
    shown = plain(text)
    assert all(shown[at - 1] == "\\" for at, sign in enumerate(shown) if SPECIAL.match(sign) and sign != "\\")
    assert shown.replace("\\", "") == text


def test_a_name_without_signs_stays() -> None:
    assert plain("华北  一部") == "华北 一部"
