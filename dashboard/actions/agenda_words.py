"""Why something waits, in a few words: beside a row of Today, and in the daily digest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dashboard.actions.agenda import Group, Item
from dashboard.domain.labels import stored_text
from dashboard.i18n import Language, day, near_day, translate


def why(group: Group, item: Item, today: date, language: Language) -> str:
    """The reason in a few words, with the next step where one stands."""
    values: dict[str, object] = {"days": item.days, "limit": item.limit}
    if item.due_on is not None and group is not Group.STALE:
        values = {"days": abs((today - item.due_on).days), "day": day(item.due_on, language)}
    words = translate(f"today.why.{group}", language, **values)
    told = item.text and group is not Group.STALE
    return translate("today.why.step", language, why=words, step=stored_text(item.text, language)) if told else words


def beside(group: Group, item: Item, stages: Mapping[str, str], today: date, language: Language) -> str | None:
    """What else is worth knowing: the stage and how long, and for a stale deal what comes next."""
    if item.entity != "deal":
        return None
    stage = stages.get(item.stage_id or "")
    if group is Group.STALE and item.due_on:
        when = near_day(item.due_on, today, language)
        step = stored_text(item.text, language) or translate("common.nothing", language)
        return translate("today.why.next", language, stage=stage, day=when, step=step)
    if item.days is None:
        return stage
    late = item.limit is not None and item.days > item.limit
    key = "today.why.in_stage_late" if late else "today.why.in_stage"
    return translate(key, language, stage=stage, days=item.days)
