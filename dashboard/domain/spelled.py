"""Amounts in words as contracts write them: 人民币壹仟贰佰叁拾肆元伍角整; CNY one thousand two hundred and 50/100.

Chinese after the rules for bills (正确填写票据和结算凭证的基本规定): 零 for a gap, 整 where there is no 分.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from dashboard.i18n import Language, translate

CENTS = 100
DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
SECTIONS = ("", "万", "亿", "万亿")
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
GROUPS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
NAMED = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")
"""Currencies that Chinese contracts call by name; the others by their code."""


def amount_in_words(amount: Decimal, currency: str, language: Language) -> str:
    """An amount of 0 or more, to the cent."""
    units, cents = divmod(int((amount * CENTS).to_integral_value(ROUND_HALF_UP)), CENTS)
    if language == "en":
        return f"{currency} {english(units)} and {cents:02}/100"
    name = translate(f"spelled.{currency}", "zh") if currency in NAMED else f"{currency} "
    return f"{name}{chinese(units, cents)}"


def chinese(units: int, cents: int) -> str:
    """Yuan, jiao and fen in the characters of bills."""
    jiao, fen = divmod(cents, 10)
    words = f"{chinese_number(units)}元" if units or not cents else ""
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif fen and units:
        words += "零"
    return words + (f"{DIGITS[fen]}分" if fen else "整")


def chinese_number(value: int) -> str:
    """A whole number: sections of four digits, one 零 for each gap."""
    if value == 0:
        return DIGITS[0]
    sections = []
    while value:
        value, rest = divmod(value, 10_000)
        sections.append(rest)
    words, gap = "", False
    for at in reversed(range(len(sections))):
        rest = sections[at]
        if rest == 0:
            gap = bool(words)
            continue
        if words and (gap or rest < 1000):  # noqa: PLR2004  (the section does not fill its first place)
            words += DIGITS[0]
        words += section(rest) + SECTIONS[at]
        gap = False
    return words


def section(value: int) -> str:
    """One to four digits."""
    words, gap = "", False
    for place in reversed(range(4)):
        digit = value // 10**place % 10
        if digit:
            words += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = bool(words) and digit == 0
    return words


def english(value: int) -> str:
    """A whole number in English words."""
    if value < len(SMALL):
        return SMALL[value]
    if value < CENTS:
        tens, rest = divmod(value, 10)
        return TENS[tens] + (f"-{SMALL[rest]}" if rest else "")
    if value < 1000:  # noqa: PLR2004
        hundreds, rest = divmod(value, CENTS)
        return f"{SMALL[hundreds]} hundred" + (f" {english(rest)}" if rest else "")
    size, name = next(group for group in GROUPS if value >= group[0])
    many, rest = divmod(value, size)
    return f"{english(many)} {name}" + (f" {english(rest)}" if rest else "")
