"""Money, numbers and shares as people write them: ¥1,234.50, $1,234.5, 1.234,50 €, 12.3万, (1,200), 12.5%."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

NUMBER = pl.Decimal(38, 6)
POINT, COMMA = ".", ","
PATTERNS: dict[str, str] = {
    POINT: r"^(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?$",
    COMMA: r"^(\d+|\d{1,3}(\.\d{3})+)?(,\d*)?$",
}
"""How a plain number looks by its decimal sign."""

UNCLEAR = r"^\d{1,3}\.\d{3}$"  # 1.234 is a thousand in one country and a bit more than one in another
CURRENCIES: dict[str, str] = {
    "hk$": "HKD",
    "hkd": "HKD",
    "us$": "USD",
    "usd": "USD",
    "$": "USD",
    "美元": "USD",
    "eur": "EUR",
    "€": "EUR",
    "欧元": "EUR",
    "gbp": "GBP",
    "£": "GBP",
    "英镑": "GBP",
    "jpy": "JPY",
    "日元": "JPY",
    "cn¥": "CNY",
    "cny": "CNY",
    "rmb": "CNY",
    "¥": "CNY",
    "人民币": "CNY",
    "元": "CNY",
}
"""The signs of a currency at either end of an amount, the longer of two that begin alike first."""

SCALES = {"万": 10_000, "亿": 100_000_000}
SIGN = "|".join(map(re.escape, CURRENCIES))
WRITTEN = (
    rf"^(?P<open>\()?(?P<before>[+-])?(?P<left>{SIGN})?(?P<between>[+-])?(?P<core>[\d.,]*\d[\d.,]*)"
    rf"(?P<scale>[万亿])?(?P<percent>%)?(?P<right>{SIGN})?(?P<after>-)?(?P<close>\))?$"
)
"""An amount with everything people put around it."""

MINUS = pl.any_horizontal(
    pl.col("open", "after").is_not_null(), (pl.col("before", "between") == "-").fill_null(value=False)
)


@dataclass(frozen=True)
class Numbers:
    """A column of numbers.

    values: Decimal(38, 6), null where the text is no number; currencies: String, the ISO code that a sign names, else
    null; decimal: the sign between units and fractions that was used; unclear: whether both signs read every text and
    give different amounts.
    """

    values: pl.Series
    currencies: pl.Series
    decimal: str
    unclear: bool = False


def parsed(texts: pl.Series, decimal: str | None = None) -> Numbers:
    """Texts as numbers. decimal: the decimal sign where it is known; otherwise the one that reads every text."""
    plain = texts.cast(NUMBER, strict=False)
    written = texts.filter(plain.is_null() & texts.is_not_null()).unique(maintain_order=True)
    dotted = decimal is None and bool(texts.str.contains(UNCLEAR).any())
    if written.len() == 0 and decimal != COMMA:
        return Numbers(plain, nothing(texts), POINT, unclear=dotted and all_read(texts, COMMA))
    signs = written_parts(written if decimal is None and not dotted else texts.drop_nulls().unique(maintain_order=True))
    used = decimal or fitting(signs["core"])
    unclear = dotted and all(fits(signs["core"], sign) for sign in PATTERNS)
    if used == COMMA and signs.height < texts.n_unique():  # what looked plain has to be read the other way too
        signs = written_parts(texts.drop_nulls().unique(maintain_order=True))
    amounts = signs.select("text", "currency", amount(used).alias("amount"))
    found = texts.alias("text").to_frame().join(amounts, on="text", how="left", maintain_order="left")
    values = found["amount"] if used == COMMA else found.select(pl.coalesce("amount", plain))["amount"]
    return Numbers(values, found["currency"], used, unclear)


def nothing(texts: pl.Series) -> pl.Series:
    """A column without currencies."""
    return (
        pl.Series("currency", [None], dtype=pl.String).extend_constant(None, max(texts.len() - 1, 0)).head(texts.len())
    )


def all_read(texts: pl.Series, sign: str) -> bool:
    """Whether every text is a number with this decimal sign."""
    return fits(written_parts(texts.drop_nulls().unique(maintain_order=True))["core"], sign)


def fits(cores: pl.Series, sign: str) -> bool:
    """Whether every digit group is a number with this decimal sign."""
    return bool(cores.str.contains(PATTERNS[sign]).fill_null(value=False).all())


def fitting(cores: pl.Series) -> str:
    """The decimal sign that reads every number, the point first; else the one that reads more of them."""
    read = {sign: int(cores.str.contains(pattern).sum()) for sign, pattern in PATTERNS.items()}
    return max(read, key=lambda sign: (read[sign], sign == POINT))


def written_parts(texts: pl.Series) -> pl.DataFrame:
    """Distinct texts cut up: text, core (digits and the signs between them; null for no amount), minus, scale, percent,
    currency."""
    bare = pl.col("text").str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\s'’]", "")
    parts = bare.str.replace_all("[−–—﹣]", "-").str.extract_groups(WRITTEN)
    cut = texts.alias("text").to_frame().select("text", parts.alias("parts")).unnest("parts")
    signs = pl.sum_horizontal(pl.col("open", "before", "between", "after").is_not_null().cast(pl.UInt8))
    sound = (signs <= 1) & (pl.col("open").is_null() == pl.col("close").is_null())
    sound &= pl.col("left").is_null() | pl.col("right").is_null()
    return cut.select(
        "text",
        core=pl.when(sound).then("core"),
        minus=MINUS,
        scale=pl.col("scale").replace_strict(SCALES, default=1, return_dtype=pl.Int64),
        percent=pl.col("percent").is_not_null(),
        currency=pl.coalesce("left", "right").replace_strict(CURRENCIES, default=None, return_dtype=pl.String),
    )


def amount(sign: str) -> pl.Expr:
    """The value of texts that were cut up, read with a decimal sign."""
    core = pl.when(pl.col("core").str.contains(PATTERNS[sign])).then(pl.col("core"))
    digits = core.str.replace_all("," if sign == POINT else ".", "", literal=True).str.replace(",", ".", literal=True)
    value = digits.cast(pl.Decimal(38, 8), strict=False) * pl.col("scale")
    signed = pl.when("minus").then(-value).otherwise(value)
    return pl.when("percent").then(signed / 100).otherwise(signed).cast(NUMBER, strict=False)
