"""Which pages there are, in what order, and whom each is for."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.domain.access import Action, Actor, Family, Reach, Role


class Entry(NamedTuple):
    """One page. Texts stand in data/locales as `page.<slug>.title` and `page.<slug>.help`.

    slug: its address; families: when given, metric families of which a person needs one; reaches: when given, how far
    the person's view of deals must go; right: when given, what a person must be allowed to do to some record;
    acts: nothing is to be seen there by whoever only looks through another person's eyes.
    """

    slug: str
    file: str
    icon: str
    families: frozenset[Family] = frozenset()
    reaches: frozenset[Reach] = frozenset()
    right: tuple[str, Action] | None = None
    acts: bool = False


BEYOND_OWN = frozenset({Reach.BELOW, Reach.ALL})

PAGES: tuple[Entry, ...] = (
    Entry("today", "pages/today.py", ":material/today:", right=("deal", Action.UPDATE)),
    Entry("overview", "pages/overview.py", ":material/dashboard:", frozenset(Family)),
    Entry("leads", "pages/leads.py", ":material/person_search:", right=("lead", Action.READ)),
    Entry("pool", "pages/pool.py", ":material/pool:", right=("lead", Action.READ)),
    Entry("customers", "pages/customers.py", ":material/apartment:", right=("customer", Action.READ)),
    Entry("deals", "pages/deals.py", ":material/handshake:", right=("deal", Action.READ)),
    Entry("contracts", "pages/contracts.py", ":material/contract:", right=("contract", Action.READ)),
    Entry("orders", "pages/orders.py", ":material/local_shipping:", right=("order", Action.READ)),
    Entry("team", "pages/team.py", ":material/groups:", frozenset({Family.SALES}), BEYOND_OWN),
    Entry("imports", "pages/imports.py", ":material/upload_file:", right=("import_batch", Action.CREATE), acts=True),
    Entry("rules", "pages/rules.py", ":material/rule:", right=("pool_rule", Action.READ)),
    Entry("people", "pages/people.py", ":material/manage_accounts:", right=("person", Action.UPDATE)),
)
"""Every page, in the order of the navigation."""


def page_of(entity: str) -> Entry | None:
    """The page where the records of an entity are at home."""
    return next((entry for entry in PAGES if entry.right == (entity, Action.READ)), None)


LANDINGS: dict[Role, str] = {
    Role.LEADER: "overview",
    Role.MANAGER: "team",
    Role.REP: "today",
    Role.SUPPORT: "overview",
    Role.ADMIN: "people",
}
"""Where people land: what the first of these roles that is theirs says, as far as it is offered to them."""


def is_offered(entry: Entry, actor: Actor) -> bool:
    """Whether a page is for this person; one that declares nothing is for nobody."""
    asked = [actor.viewer is None] if entry.acts else []
    if entry.families:
        asked.append(bool(entry.families & actor.families))
    if entry.reaches:
        asked.append(any(grant.reach in entry.reaches for grant in actor.grants("deal", Action.READ)))
    if entry.right:
        asked.append(bool(actor.grants(*entry.right)))
    return bool(entry.families or entry.reaches or entry.right) and all(asked)


def offered(actor: Actor) -> tuple[Entry, ...]:
    """The pages of a person, in order."""
    return tuple(entry for entry in PAGES if is_offered(entry, actor))


def landing(actor: Actor) -> Entry | None:
    """Where a person lands; None for somebody whom no page is for."""
    mine = {entry.slug: entry for entry in offered(actor)}
    wanted = [slug for role, slug in LANDINGS.items() if role in actor.roles]
    return next((mine[slug] for slug in [*wanted, *mine] if slug in mine), None)
