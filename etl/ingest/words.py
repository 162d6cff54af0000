"""Words as they are compared: full and half width, letter case and blanks aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

import polars as pl

from dashboard.domain.fields import Field
from dashboard.domain.labels import choice_label
from dashboard.i18n import LANGUAGES

FLAGS: dict[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "有", "对", "真", "√", "✓", "启用", "在职", "on", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "无", "错", "假", "×", "x", "停用", "离职", "off", "f"), False),
}
"""What people write for yes and no."""

TAG_BREAKS = r"[,;|，；、\n]"


def folded(text: str) -> str:
    """One word as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fold(text: pl.Expr) -> pl.Expr:
    """A column as it is compared: like `folded`, set by set."""
    return text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def replaced(text: pl.Expr, words: Mapping[str, object], dtype: pl.DataType, default: pl.Expr | None = None) -> pl.Expr:
    """A column with words exchanged, compared folded; other words give `default`."""
    known = {folded(word): value for word, value in words.items()}
    return fold(text).replace_strict(list(known), list(known.values()), default=default, return_dtype=dtype)


@cache
def choice_words(entity: str, field: Field) -> dict[str, str]:
    """What a choice may be called in a file: its word, and its label in each language."""
    names: dict[str, str] = {}
    for word in field.choices:
        for language in LANGUAGES:
            names[choice_label(entity, field.name, word, language)] = word
    return names | {word: word for word in field.choices} | {word.replace("_", " "): word for word in field.choices}


def tags(text: pl.Expr) -> pl.Expr:
    """A column of lists from texts with commas, semicolons or the Chinese enumeration comma between the tags."""
    parts = text.str.replace_all(TAG_BREAKS, "\n").str.split("\n")
    return parts.list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
