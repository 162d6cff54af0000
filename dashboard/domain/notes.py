"""A short note in Chinese or English, understood by rules: what happened, the next step with its day, the stage.

A note is read clause by clause. A clause that names a stage after a word of motion moves the deal; one with a day to
come, or a word of intention, is the next step; the rest is what happened. Nothing is guessed beyond that.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.domain import spoken_days
from dashboard.domain.spoken_days import Day

CLAUSE = re.compile(r"[，,。；;！!？?\n\r]+|\.(?=\s|$)|\s+(?:then|and then)\s+", re.IGNORECASE)
BEFORE_MOTION = r"(?:已经?|可以|再|把?(?:商机|项目|阶段)|we\s+|i\s+|it\s+|deal\s+|the deal\s+|this\s+){0,3}"
MOTION_ZH = (
    r"推进到了?|推进至|推到了?|进入了?|进到|转入|转到|转至|改为|改到|变更为|更新为|"
    r"升到|退回到?|回到|阶段[:：]?|移到|移至"
)
MOTION_EN = (
    r"stage\s*[:=]|now in|enters?|entered|"
    r"(?:move|moved|moving|advance|advanced|push|pushed|went|goes|go|set|back)\s+"
    r"(?:(?:it|this|deal|the deal|stage|back)\s+)*(?:in)?to"
)
MOTION = rf"{BEFORE_MOTION}(?:{MOTION_ZH}|{MOTION_EN})\s*(?:the\s+)?[“\"'「【]?"
"""Words of motion before a stage."""
NEXT_ZH = (
    r"(?:下一步|下步|接下来|后续|随后|然后|计划|准备|打算|拟|约好|约定|约了|约|待|需要|需|要|应|将|会|请|争取)"
    r"(?:计划|是|要|需要|需|会|将)?[:：]?"
)
NEXT_EN = (
    r"next\s*(?:step|action)?s?\s*[:：-]\s*|next\s+step\s+(?:is\s+)?(?:to\s+)?|"
    r"todo\s*[:：-]?\s*|follow[- ]?up\s*[:：-]\s*|"
    r"(?:i\s+|we\s+|he\s+|she\s+|they\s+)?"
    r"(?:will|shall|plan(?:ned)?\s+to|need(?:s)?\s+to|have\s+to|must|should|going\s+to|to)\s+|"
    r"(?:i|we)'ll\s+"
)
NEXT = re.compile(rf"^(?:{NEXT_ZH}|(?:{NEXT_EN}))", re.IGNORECASE)
"""Words of intention at the beginning of a clause."""
INTENDED = re.compile(
    r"下一步|接下来|计划|准备|打算|约好|约定|约了|需要|争取|will\b|plan to|need to|next step", re.IGNORECASE
)
PAST = re.compile(
    r"了(?!解)|过(?!来|去|程|户|目|滤)|已经?|完成|刚|"
    r"\b(?:was|were|had|did|met|called|visited|sent|talked|spoke|agreed|asked|got|\w{3,}ed)\b",
    re.IGNORECASE,
)
FILLING = re.compile(r"^[\s:：、\-–—]+|[\s:：、\-–—]+$")
LOOSE = re.compile(r"^(?:(?:and|then|also|but|再|并且?|然后)\s*)+", re.IGNORECASE)

KINDS: tuple[tuple[str, str], ...] = (
    ("demo", r"演示|\bdemo"),
    ("visit", r"拜访|上门|登门|走访|到访|现场|\bvisit"),
    ("call", r"电话|通话|致电|去电|来电|\bcall|\bphone|\brang\b"),
    ("wechat", r"微信|\bwechat"),
    ("email", r"邮件|邮箱|\be-?mail|\bmailed"),
    ("meeting", r"会议|开会|开了.{0,4}会|会面|见面|面谈|碰头|\bmeeting|\bmet\b"),
)
"""What an interaction is, by the words in it; the first that fits."""


@dataclass(frozen=True)
class Note:
    """What a note says; nothing where it says nothing."""

    happened: str | None = None
    next_step: str | None = None
    next_step_on: dt.date | None = None
    stage_id: str | None = None


def kind_of(text: str | None) -> str:
    """The kind of an interaction, as its words tell."""
    return next((kind for kind, words in KINDS if re.search(words, text or "", re.IGNORECASE)), "other")


def understood(text: str, today: dt.date, stages: Mapping[str, str]) -> Note:
    """What a note says.

    stages: id by label, in every language that people write in; the longest label that fits is meant.
    """
    happened: list[str] = []
    steps: list[str] = []
    day: dt.date | None = None
    stage: str | None = None
    for clause in clauses(text):
        moved, rest = stage_in(clause, stages)
        stage = moved or stage
        found = spoken_days.first(rest, today)
        if rest and is_next(rest, found, today):
            steps.append(step_of(rest, found))
            day = day or (found.day if found else None)
        elif rest:
            happened.append(rest)
    comma = "，" if re.search(r"[\u4e00-\u9fff]", text) else ", "
    return Note(comma.join(happened) or None, comma.join(filter(None, steps)) or None, day, stage)


def clauses(text: str) -> list[str]:
    """The parts of a note between its punctuation marks."""
    return [part for one in CLAUSE.split(text) if (part := LOOSE.sub("", trimmed(one)))]


def trimmed(text: str) -> str:
    """A clause without blanks and marks around it."""
    return FILLING.sub("", " ".join(text.split()))


def stage_in(clause: str, stages: Mapping[str, str]) -> tuple[str | None, str]:
    """The stage that a clause moves to, and what else it says."""
    for label in sorted(stages, key=len, reverse=True):
        named = rf"{re.escape(label)}(?:\s*(?:阶段|stage))?[”\"'」】]?了?"
        if re.fullmatch(named, clause, re.IGNORECASE):
            return stages[label], ""
        if match := re.search(rf"{MOTION}{named}", clause, re.IGNORECASE):
            return stages[label], LOOSE.sub("", trimmed(clause[: match.start()] + clause[match.end() :]))
    return None, clause


def is_next(clause: str, found: Day | None, today: dt.date) -> bool:
    """Whether a clause says what is to be done: it names a day to come, or begins with an intention.

    Today is a day to come only for what is intended or has an end; what has happened is told in the past.
    """
    if found and found.day > today:
        return not PAST.search(clause) or bool(INTENDED.search(clause)) or found.until
    bare = trimmed(without(clause, found))
    intended = bool(NEXT.match(clause) or NEXT.match(bare))
    if found and found.day == today:
        return (intended or found.until) and not PAST.search(bare)
    return found is None and intended and not PAST.search(bare)


def without(clause: str, found: Day | None) -> str:
    """A clause without its day."""
    if found is None:
        return clause
    before, after = clause[: found.start].rstrip(), clause[found.end :].lstrip()
    return f"{before} {after}" if before[-1:].isascii() and after[:1].isascii() and before and after else before + after


def step_of(clause: str, found: Day | None) -> str:
    """The next step without its day and without the words of intention."""
    bare = trimmed(without(clause, found))
    shorter = trimmed(NEXT.sub("", bare))
    return shorter or bare
