"""A lead that somebody sent from a web page: into the pool or to its owner, with the consent that was given.

Somebody who is known already makes a lead all the same, and the sender is told nothing of it; whoever gets the lead is
asked, as its next step, to look who it is. Which record was found is not said: it may lie beyond their reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboard.actions.records import row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import system
from dashboard.domain.changes import Change
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.domain.labels import coded
from dashboard.domain.queries import Condition, Operator, any_of
from dashboard.errors import Invalid, Problem
from dashboard.store import Store

Values = Mapping[str, Any]

ASKED = ("company", "person_name", "job_title", "phone", "email", "wechat", "website", "address", "need")
"""The fields of a lead that a web form may fill."""
ADDRESS = "/api/v1/web-leads"
KEY, CONSENT = "key", "consent"
TRAP = "fax"  # a field that people do not see: whoever fills it in is a machine
REACHED_BY = ("phone", "email", "wechat")
WEBSITE = "website"  # the source of leads of a form that names none
KNOWN_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "lead": (("phone", "phone"), ("email", "email"), ("wechat", "wechat"), ("company", "company")),
    "contact": (("phone", "phone"), ("email", "email"), ("wechat", "wechat")),
    "customer": (("phone", "phone"), ("company", "name")),
}
"""What makes somebody known: field of the form, field there."""


def receive(store: Store, form: Values, given: Values, origin: str | None, today: date) -> str:
    """Write the lead and the consent as one change-set; returns the lead's id.

    given: texts of ASKED, stripped, those that are filled. Raises Invalid.
    """
    if missing := problems(given):
        raise Invalid(missing)
    lead_id = new_id()
    with store.engine.lock:
        lead = {
            "company": given.get("person_name"),  # a private person
            **given,
            **belonging(store, form),
            "source_id": form["source_id"] or default_source(store),
            "created_on": today,
            **marked(store, given, today),
        }
        evidence = " · ".join(text for text in (form["consent_text"], form["name"], origin) if text)
        consent = {"lead_id": lead_id, "channel": "all", "given": True, "given_on": today, "evidence": evidence}
        changes = [creating("lead", {"id": lead_id, **lead}), creating("consent", consent)]
        actor = system().model_copy(update={"via": "rest"})
        submit(store, actor, changes, why=form["name"], details={"web_form": form["id"]})
    return lead_id


def problems(given: Values) -> list[Problem]:
    """What is missing: a name, and a way to answer."""
    found = []
    if not given.keys() & {"company", "person_name"}:
        found.append(Problem(None, "company", "field.required", {"field": "company"}))
    if not given.keys() & set(REACHED_BY):
        found.append(Problem(None, "phone", "web_lead.no_way_to_answer", {"field": "phone"}))
    return found


def belonging(store: Store, form: Values) -> dict[str, Any]:
    """Whose the lead is: the owner's while that person works here, else the pool's."""
    owner = form["owner_id"] and store.get(system(), "person", form["owner_id"])
    if owner and owner["active"] and owner["archived_at"] is None:
        return {"owner_id": owner["id"]}
    return {"pool_team_id": form["team_id"]}


def default_source(store: Store) -> str | None:
    """The source that says: a web site."""
    rows = store.reference("list_value").to_dicts()
    return next((row["id"] for row in rows if (row["list"], row["code"]) == ("source", WEBSITE)), None)


def marked(store: Store, given: Values, today: date) -> dict[str, Any]:
    """The next step of a lead that may be somebody known."""
    by = known_by(store, given)
    if not by:
        return {}
    return {"next_step": coded("web.known", by=by), "next_step_on": today}


def known_by(store: Store, given: Values) -> list[str]:
    """By which of the given fields a lead, contact or customer is the same."""
    return [name for name in (*REACHED_BY, "company") if name in given and is_known(store, name, given[name])]


def is_known(store: Store, name: str, value: str) -> bool:
    """Whether some living record has this value."""
    for entity, pairs in KNOWN_BY.items():
        same = [Condition(field, Operator.EQ, value) for asked, field in pairs if asked == name]
        if same and store.count(system(), entity, [any_of(*same)]):
            return True
    return False


def creating(entity: str, row: dict[str, Any]) -> Change:
    """One new record."""
    return Change(entity, "create", row_frame(entity_of(entity), row))
