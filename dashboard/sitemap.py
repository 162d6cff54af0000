"""Which pages there are, in what order, and whom each is for."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.domain.access import Action, Actor, Family, Reach


class Entry(NamedTuple):
    """One page. Texts stand in data/locales as `page.<slug>.title` and `page.<slug>.help`.

    slug: its address; families: metric families of which a person needs one; reaches: when given, how far the person's
    view of deals must go.
    """

    slug: str
    file: str
    icon: str
    families: frozenset[Family]
    reaches: frozenset[Reach] = frozenset()


BEYOND_OWN = frozenset({Reach.BELOW, Reach.ALL})

PAGES: tuple[Entry, ...] = (
    Entry("overview", "pages/overview.py", ":material/dashboard:", frozenset(Family)),
    Entry("team", "pages/team.py", ":material/groups:", frozenset({Family.SALES}), BEYOND_OWN),
)
"""Every page; the first one that is offered is where a person lands."""


def is_offered(entry: Entry, actor: Actor) -> bool:
    """Whether a page is for this person."""
    reaches = {grant.reach for grant in actor.grants("deal", Action.READ)}
    return bool(entry.families & actor.families) and (not entry.reaches or bool(entry.reaches & reaches))


def offered(actor: Actor) -> tuple[Entry, ...]:
    """The pages of a person, in order."""
    return tuple(entry for entry in PAGES if is_offered(entry, actor))
