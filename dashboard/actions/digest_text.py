"""What the daily digest says: what waits for a person, as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape
from typing import NamedTuple

from dashboard.actions.agenda import Group, Item, agenda
from dashboard.actions.agenda_words import why
from dashboard.domain.access import Actor
from dashboard.i18n import Language, day, language_named, translate
from dashboard.sitemap import page_of
from dashboard.store import Store, naming

MOST = 20
"""How many things of a group are told; of the others how many there are."""


class Line(NamedTuple):
    """One thing that waits: what it is called, why, and where it is found (None without an address to link to)."""

    name: str
    why: str
    link: str | None


class Told(NamedTuple):
    """A digest in words."""

    subject: str
    text: str
    html: str


def digest_of(store: Store, actor: Actor, today: date, base: str | None) -> Told | None:
    """The digest of a person in their language; None when nothing waits. base: the server's address, for links."""
    language = language_named(actor.language)
    groups = waiting(store, actor, today, language, base)
    if not groups:
        return None
    count = sum(n for n, _ in groups.values())
    subject = translate("digest.subject", language, n=count, day=day(today, language))
    return Told(subject, as_text(groups, actor, language), as_html(groups, actor, language))


Groups = dict[Group, tuple[int, list[Line]]]


def waiting(store: Store, actor: Actor, today: date, language: Language, base: str | None) -> Groups:
    """What waits for a person: by group how many, and the first of them."""
    parts = agenda(store, actor, actor.person_id, today, dict.fromkeys(Group, MOST))
    ids = [item.customer_id for part in parts for item in part.items]
    customers = naming.names(store, actor, "customer", ids, language)
    return {
        part.group: (part.n, [line(part.group, one, customers, today, language, base) for one in part.items])
        for part in parts
    }


def line(
    group: Group, item: Item, customers: dict[str, str], today: date, language: Language, base: str | None
) -> Line:
    """One thing that waits."""
    customer = customers.get(item.customer_id or "") if item.entity != "customer" else None
    entry, home = page_of("contract" if item.contract_id else item.entity), item.contract_id or item.id
    name = " · ".join(part for part in (customer, item.name) if part)
    return Line(name, why(group, item, today, language), f"{base}/{entry.slug}?id={home}" if base and entry else None)


def as_text(groups: Groups, actor: Actor, language: Language) -> str:
    """The digest as plain text."""

    def lines() -> Iterator[str]:
        yield translate("digest.greeting", language, name=actor.name)
        for group, (n, found) in groups.items():
            yield f"\n{translate(f'today.group.{group}', language)} ({n})"
            for one in found:
                yield f"- {one.name}: {one.why}" + (f"\n  {one.link}" if one.link else "")
            if n > len(found):
                yield translate("digest.more", language, n=n - len(found))
        yield f"\n{translate('digest.end', language)}"

    return "\n".join(lines()) + "\n"


def as_html(groups: Groups, actor: Actor, language: Language) -> str:
    """The digest as HTML; whatever was typed by anybody is text in it."""

    def parts() -> Iterator[str]:
        yield f"<p>{escape(translate('digest.greeting', language, name=actor.name))}</p>"
        for group, (n, found) in groups.items():
            yield f"<h3>{escape(translate(f'today.group.{group}', language))} ({n})</h3><ul>"
            for one in found:
                name = f'<a href="{escape(one.link)}">{escape(one.name)}</a>' if one.link else escape(one.name)
                yield f"<li>{name}<br><small>{escape(one.why)}</small></li>"
            more = f"<p>{escape(translate('digest.more', language, n=n - len(found)))}</p>" if n > len(found) else ""
            yield f"</ul>{more}"
        yield f"<p><small>{escape(translate('digest.end', language))}</small></p>"

    return f'<html lang="{language}"><body>{"".join(parts())}</body></html>'
