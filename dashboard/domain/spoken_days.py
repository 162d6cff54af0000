"""Days as people write them: 明天, 下周三前, 3月5日, 5号, 月底, in 3 days, next Friday, by Dec 1, 2026-12-01.

下周三 and "next Wednesday" are the Wednesday of the next calendar week (ISO: Monday first); a bare weekday is the next
one to come; 下周 alone, "next week" and 本周内 mean the Friday of that week; a day of the month or the year that is
past means the next one to come.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable
from typing import NamedTuple

WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
}  # fmt: skip
RELATIVE = {
    "大后天": 3, "后天": 2, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "今天": 0, "今日": 0, "今晚": 0, "大前天": -3,
    "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "day after tomorrow": 2, "tomorrow": 1, "today": 0, "tonight": 0,
    "day before yesterday": -2, "yesterday": -1,
}  # fmt: skip
WEEKS = {"下下": 2, "下": 1, "下个": 1, "本": 0, "这": 0, "这个": 0, "上": -1, "上个": -1}
FRIDAY = 4
PAST_MONTHS = 6
"""A day of the year that lies no longer back than this is one that was."""

N = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
DAY_NAME = r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
MONTH_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
COUNT = r"(\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten)"
AHEAD = r"(?:在|于|到|最迟|最晚|不晚于|\b(?:by|before|until|till|(?:no|not) later than|on|at)\s+(?:the\s+)?){0,3}"
BEHIND = (
    r"(?:\s*(?:上午|中午|下午|晚上|早上|一早|傍晚|morning|afternoon|evening|noon))?"
    r"(?:之前|以前|前|之内|以内|内|下班前|左右|为止)?"
)
UNTIL = re.compile(
    r"前|之内|以内|内$|最迟|最晚|不晚于|\b(?:by|before|until|till|no later|not later)\b|\bEO[WMD]\b", re.IGNORECASE
)


class Day(NamedTuple):
    """A day in a text: where it stands with the words around it, and whether it is an end rather than a moment."""

    day: dt.date
    start: int
    end: int
    until: bool


Reading = Callable[[re.Match[str], dt.date], dt.date | None]


def number(text: str) -> int:
    """A number in digits or in Chinese up to 99, or a small English word."""
    if text.isdigit():
        return int(text)
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    tens, ten, ones = text.partition("十")
    if not ten:
        return DIGITS.get(text[-1:], 0)
    return (DIGITS.get(tens, 1) if tens else 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)


def day_of(year: int, month: int, day: int) -> dt.date | None:
    """A day of the calendar, or None for one that there is not."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def whole(match: re.Match[str], _today: dt.date) -> dt.date | None:
    """2026-12-01, 2026年12月1日."""
    return day_of(int(match[1]), int(match[2]), int(match[3]))


def of_year(month: int, day: int, today: dt.date) -> dt.date | None:
    """A day without its year: the next to come, unless it has only just been."""
    found = day_of(today.year, month, day)
    if found is None:
        return None if (month, day) != (2, 29) else day_of(next_leap(today.year), 2, 29)
    return day_of(today.year + 1, month, day) if (today - found).days > PAST_MONTHS * 30 else found


def next_leap(year: int) -> int:
    """The first leap year from this one on."""
    return year if monthrange(year, 2)[1] == 29 else next_leap(year + 1)  # noqa: PLR2004  (days of a leap February)


def of_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    """5号: the next to come; 下月5号: of the next month."""
    words, day = match[1] or "", number(match[2])
    start = today.replace(day=1)
    if words.startswith("下"):
        return in_month(months_on(start, 1), day)
    found = in_month(start, day)
    return in_month(months_on(start, 1), day) if not words and (found is None or found < today) else found


def in_month(start: dt.date, day: int) -> dt.date | None:
    """A day of the month that begins so."""
    return day_of(start.year, start.month, day)


def months_on(day: dt.date, n: int) -> dt.date:
    """The same day n months on, or the last day of a shorter month."""
    place = day.year * 12 + day.month - 1 + n
    year, month = place // 12, place % 12 + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def month_end(day: dt.date) -> dt.date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def of_month_end(match: re.Match[str], today: dt.date) -> dt.date:
    """月底, 下月底, end of the month."""
    return month_end(months_on(today.replace(day=1), int((match[1] or "").startswith("下"))))


def relative(match: re.Match[str], today: dt.date) -> dt.date:
    """明天, yesterday."""
    return today + dt.timedelta(RELATIVE[match[0].lower()])


def month_and_day(match: re.Match[str], today: dt.date) -> dt.date | None:
    """3月5日, 12/1."""
    return of_year(number(match[1]), number(match[2]), today)


def of_week(today: dt.date, weeks: int, weekday: int) -> dt.date:
    """A weekday of this week, or of one before or after it."""
    return today - dt.timedelta(today.weekday()) + dt.timedelta(7 * weeks + weekday)


def to_come(today: dt.date, weekday: int) -> dt.date:
    """The next such weekday after today."""
    return today + dt.timedelta((weekday - today.weekday() - 1) % 7 + 1)


def english_weekday(match: re.Match[str], today: dt.date) -> dt.date:
    """next Friday, last Friday, this Friday, Friday."""
    word, weekday = (match[1] or "").lower().strip(), ENGLISH_DAYS.index(match[2][:3].lower())
    weeks = {"next": 1, "last": -1, "this": 0}
    return of_week(today, weeks[word], weekday) if word in weeks else to_come(today, weekday)


def chinese_weekday(match: re.Match[str], today: dt.date) -> dt.date:
    """下周三, 本周五, 周五."""
    weekday = WEEKDAYS[match[2]]
    return of_week(today, WEEKS[match[1]], weekday) if match[1] else to_come(today, weekday)


def later(match: re.Match[str], today: dt.date) -> dt.date:
    """3天后, 两周内, in 3 days, within a month."""
    n, unit = number(match[1]), match[2].lower()
    if unit[0] in ("天", "日", "d"):
        return today + dt.timedelta(n)
    if unit[0] in ("周", "星", "礼", "w"):
        return today + dt.timedelta(7 * n)
    return months_on(today, n)


def english_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Dec 1, December 1st, 2026; 1 Dec, 1st of December 2026."""
    groups = [part for part in match.groups() if part]
    month = MONTHS.index(next(part for part in groups if part[0].isalpha())[:3].lower()) + 1
    numbers = [int(part) for part in groups if part.isdigit()]
    year = next((value for value in numbers if value > 31), None)  # noqa: PLR2004  (no day is)
    day = next(value for value in numbers if value <= 31)  # noqa: PLR2004
    return day_of(year, month, day) if year else of_year(month, day, today)


READINGS: tuple[tuple[str, Reading], ...] = (
    (r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)[日号]?", whole),
    (rf"(?<![\d月]){N}月{N}[日号]?", month_and_day),
    (r"(?<![\d/.-])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?![\d/])", month_and_day),
    (rf"\b{MONTH_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?", english_month),
    (rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH_NAME}\b\.?(?:,?\s+(\d{{4}}))?", english_month),
    ("|".join(re.escape(word) for word in sorted(RELATIVE, key=len, reverse=True)), relative),
    (r"(下下|下个|下|本|这个|这|上个|上)?(?:周|星期|礼拜)([一二三四五六日天末])", chinese_weekday),
    (rf"\b(next\s|last\s|this\s)?\b{DAY_NAME}\b", english_weekday),
    (rf"{N}\s*个?(天|日|周|星期|礼拜|月)(?:之?后|以后|内|之内|以内)", later),
    (rf"\b(?:in|within)\s+{COUNT}\s+(days?|weeks?|months?)\b", later),
    (r"半个?月(?:之?后|内|之内|以内)", lambda _, today: today + dt.timedelta(15)),
    (r"(下下|下个|下|本|这个|这)(?:周|星期|礼拜)", lambda m, today: of_week(today, WEEKS[m[1]], FRIDAY)),
    (r"\b(next|this)\s+week\b", lambda m, today: of_week(today, int(m[1].lower() == "next"), FRIDAY)),
    (r"(本月|这个月|下个月|下月)?月?(?<=月)底|月底|\bend of (?:the |this )?month\b|\bEOM\b", of_month_end),
    (r"\bend of (?:the |this )?week\b|\bEOW\b", lambda _, today: of_week(today, 0, FRIDAY)),
    (r"\bEOD\b|\bend of (?:the )?day\b", lambda _, today: today),
    (rf"(?:(下个?月|本月|这个月)|(?<![\d月])){N}[号日](?![线楼门店馆])", of_month),
    (r"年底|\bend of (?:the |this )?year\b", lambda _, today: dt.date(today.year, 12, 31)),
    (r"下个月|下月|\bnext month\b", lambda _, today: month_end(months_on(today.replace(day=1), 1))),
)
"""Every way to write a day, the more exact before the less."""
COMPILED = tuple(
    (re.compile(rf"{AHEAD}(?P<core>{pattern}){BEHIND}", re.IGNORECASE), re.compile(pattern, re.IGNORECASE), reading)
    for pattern, reading in READINGS
)


def first(text: str, today: dt.date) -> Day | None:
    """The first day in a text that is one, with the words that belong to it."""
    found: list[tuple[int, int, Day]] = []
    for place, (around, bare, reading) in enumerate(COMPILED):
        for match in around.finditer(text):
            core = bare.search(text, match.start("core"))
            if core and (day := reading(core, today)):
                until = bool(UNTIL.search(match[0]))
                found.append((match.start("core"), place, Day(day, match.start(), match.end(), until)))
                break
    return min(found)[2] if found else None
