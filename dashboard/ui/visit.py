"""One run of a page for one person: who, in which language, on which day, and the numbers they may ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import polars as pl
import streamlit as st

from dashboard import jobs
from dashboard.actions import measure
from dashboard.actions.exports import Figure
from dashboard.domain.access import Actor
from dashboard.domain.metrics import METRICS, Unit
from dashboard.domain.quantities import Scale
from dashboard.i18n import Language, translate
from dashboard.jobs import Desk
from dashboard.store import naming
from dashboard.store.kept import frozen
from dashboard.ui import sessions, viewing
from dashboard.ui.answers import REMEMBERED
from dashboard.ui.languages import language_of
from etl.metrics import Answer, Question

Theme = Literal["light", "dark"]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Visit:
    """Everything a page needs to speak and to ask. figures: what was explained so far, to be taken out together."""

    desk: Desk
    actor: Actor
    language: Language
    today: dt.date
    theme: Theme
    figures: list[Figure] = field(default_factory=list, compare=False)

    def text(self, key: str, /, **values: object) -> str:
        """A text in the person's language."""
        return translate(key, self.language, **values)

    @property
    def currency(self) -> str:
        """The company's currency."""
        return self.desk.store.company.currency

    def scale(self, metric: str) -> Scale:
        """How a metric's values are written."""
        return self.scale_of(METRICS[metric].unit)

    def scale_of(self, unit: Unit) -> Scale:
        """How values of a unit are written."""
        return Scale(unit, self.language, self.currency)

    def answer(self, question: Question) -> Answer:
        """The answer over the records that the person may open at this moment."""
        return REMEMBERED.answer(self.desk, self.actor, question)

    def once(self, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """What was made for this person, language and day under this key, until a record or a number changes."""
        whole = (self.actor, self.language, self.today, *(frozen(part) for part in key))
        return REMEMBERED.once(self.desk, whole, make)

    def behind(self, question: Question) -> tuple[str, pl.Series]:
        """The entity and the ids of the records behind an answer."""
        marts = self.desk.marts
        assert marts is not None, "the desk answered before"
        return measure.records(self.desk.store, marts, self.actor, question)

    def names(self, entity: str, ids: pl.Series | list[str]) -> dict[str, str]:
        """What records are called, as far as the person may know."""
        return naming.names(self.desk.store, self.actor, entity, ids, self.language)


def arrive() -> Visit:
    """The visit of this run. Raises Forbidden for somebody whose session ended, also in the middle of a page."""
    desk = jobs.current()
    actor = sessions.actor_now(desk)
    seen_by = viewing.eyes(desk, actor)
    return Visit(desk, seen_by, language_of(actor.language), desk.store.company.today(), theme_now())


def theme_now() -> Theme:
    """The theme on the person's screen; light until the browser has said."""
    return "dark" if st.context.theme.get("type") == "dark" else "light"
