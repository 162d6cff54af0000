"""What a reference may point at: short lists as a whole, long ones searched in the store, always within reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.actions.colleagues import NAMED, colleagues, may_name
from dashboard.domain.access import OWNERSHIP, Action, Ownership, Reach, Visibility
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.entities.reference import TAG_LISTS
from dashboard.domain.fields import Field
from dashboard.domain.labels import choice_label
from dashboard.domain.queries import Condition, Operator, Sort, any_of
from dashboard.domain.seeing import seen
from dashboard.store.scope import teams_of
from dashboard.ui.visit import Visit

SHORT = frozenset({"legal_entity", "stage", "list_value", "industry", "region", "team"})
"""Lists that an administrator keeps: everybody reads them, and they fit into one list."""

WITHIN = "customer_id"
"""A field that narrows what the others point at: the contacts and deals of the customer that was chosen."""

MOST = 50

BESIDE = {"person": "team_id", "contact": "customer_id", "clause": "template_id", "product": "code"}
"""What is said beside records of the same name."""


def listed(visit: Visit, entity: Entity, field: Field, *, all_of_them: bool = False) -> dict[str, str]:
    """The records of a short list, or the first of a long one by name: id → what it is called.

    all_of_them: those too that cannot be chosen any more, for filters.
    """
    assert field.to
    if field.to in SHORT:
        return short(visit, entity, field, all_of_them)
    if field.to == "person":
        return people(visit, entity, field, all_of_them=all_of_them)
    return found(visit, field, "", {})


def short(visit: Visit, entity: Entity, field: Field, all_of_them: bool) -> dict[str, str]:
    """A short list in its own order."""
    assert field.to
    rows = visit.desk.store.reference(field.to)
    if field.list:
        rows = rows.filter(pl.col("list") == field.list)
    if "active" in rows.columns and not all_of_them:
        rows = rows.filter(pl.col("active").fill_null(True))
    if field.to == "stage" and not all_of_them:
        rows = rows.filter(pl.col("type") == "open")  # won and lost are steps, each with its own questions
    if "rank" in rows.columns:
        rows = rows.sort("rank", "id", nulls_last=True)
    declared = entity_of(field.to)
    name = f"label_{visit.language}" if "label_zh" in declared.by_name else str(declared.title)
    names = dict(rows.select("id", name).iter_rows())
    if "parent_id" in rows.columns:
        parents = dict(rows.select("id", "parent_id").iter_rows())
        names = {key: path(key, names, parents) for key in names}
        names = dict(sorted(names.items(), key=lambda pair: pair[1]))
    return teams_for(visit, entity, field, names) if field.to == "team" and not all_of_them else names


def teams_for(visit: Visit, entity: Entity, field: Field, teams: dict[str, str]) -> dict[str, str]:
    """Of the teams those for which the person may make or change such records, where the field says whose they are."""
    grants = [grant for action in (Action.CREATE, Action.UPDATE) for grant in visit.actor.grants(entity.name, action)]
    reaches = {grant.reach for grant in grants}
    if field.name not in OWNERSHIP.get(entity.name, Ownership()).teams or Reach.ALL in reaches:
        return teams
    reached = {team for reach in reaches for team in teams_of(reach, visit.actor)}
    return {team: name for team, name in teams.items() if team in reached}


def path(key: str, names: Mapping[str, str], parents: Mapping[str, str | None]) -> str:
    """A name below its parent's."""
    above = parents.get(key)
    return f"{names[above]} · {names[key]}" if above in names and above is not None else names[key]


def people(visit: Visit, entity: Entity, field: Field, *, all_of_them: bool) -> dict[str, str]:
    """The people whom the person may read, or name without reading them, oneself first."""
    own = visit.actor.person_id
    if NAMED.get(entity.name) == field.name and may_name(visit.actor, entity.name) and not all_of_them:
        return apart(visit, "person", oneself_first(own, colleagues(visit.desk.store, visit.actor)))
    if "name" not in seen(visit.actor, entity_of("person")):
        return {}
    where = [] if all_of_them else [Condition("active", Operator.EQ, value=True)]
    rows = visit.desk.store.find(visit.actor, "person", where, sort=[Sort("name")], fields=["name"], limit=10 * MOST)
    names: dict[str, str] = dict(rows.select("id", "name").iter_rows())
    if own not in names and visit.actor.grants(entity.name, Action.CREATE):
        names[own] = visit.actor.name
    return apart(visit, "person", oneself_first(own, names))


def oneself_first(own: str, names: dict[str, str]) -> dict[str, str]:
    """The names in their order, but for the own one."""
    return {own: names[own], **names} if own in names else names


def many(visit: Visit, field: Field, values: Mapping[str, Any]) -> bool:
    """Whether there are more records than one list holds, so that they are searched for."""
    if field.to is None or field.to in (*SHORT, "person"):
        return False
    return visit.desk.store.count(visit.actor, field.to, within(field, values)) > MOST


def within(field: Field, values: Mapping[str, Any]) -> list[Condition]:
    """The customer that the form names, where the field points at something of a customer."""
    customer = values.get(WITHIN)
    narrowed = bool(field.to) and field.name != WITHIN and WITHIN in entity_of(str(field.to)).by_name
    return [Condition(WITHIN, Operator.EQ, customer)] if customer and narrowed else []


def tag_names(visit: Visit, entity: Entity, field: Field) -> dict[str, str]:
    """What the words of a field of tags are called; empty where they are words of their own."""
    if field.choices:
        return {word: choice_label(entity.name, field.name, word, visit.language) for word in field.choices}
    if field.name not in TAG_LISTS:
        return {}
    rows = visit.desk.store.reference("list_value").filter(pl.col("list") == TAG_LISTS[field.name])
    return dict(rows.sort("rank", "id", nulls_last=True).select("code", f"label_{visit.language}").iter_rows())


def found(visit: Visit, field: Field, text: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The records that a text finds by title or number, by name; within the customer that the form names."""
    assert field.to
    target = entity_of(field.to)
    if target.title is None or not titled(visit, target):
        return {}
    where: list[Condition] = []
    if text:
        by_title = Condition(target.title, Operator.FIND, text)
        where.append(any_of(by_title, Condition("number", Operator.LIKE, text)) if target.number else by_title)
    where += within(field, values)
    if "active" in target.by_name and "active" in seen(visit.actor, target):
        where.append(Condition("active", Operator.EQ, value=True))
    sort = [Sort(target.title)]
    rows = visit.desk.store.find(visit.actor, field.to, where, sort=sort, limit=MOST, fields=[target.title])
    if target.number and target.title != "number":
        return {row["id"]: f"{row[target.title]} · {row['number']}" for row in rows.iter_rows(named=True)}
    return apart(visit, field.to, {row["id"]: str(row[target.title]) for row in rows.iter_rows(named=True)})


def apart(visit: Visit, to: str, names: dict[str, str]) -> dict[str, str]:
    """The names, those of several records with what tells them apart, as far as the person sees it."""
    counts, field, target = Counter(names.values()), BESIDE.get(to), entity_of(to)
    alike = [key for key, name in names.items() if counts[name] > 1]
    if not alike or field is None or field not in seen(visit.actor, target):
        return names
    rows = visit.desk.store.find(visit.actor, to, [Condition("id", Operator.IN, alike)], fields=[field])
    known = {key: value for key, value in rows.select("id", field).iter_rows() if value}
    above = target.by_name[field].to
    words = visit.names(above, list(known.values())) if above else {}
    return names | {key: f"{names[key]} · {words.get(value, value)}" for key, value in known.items()}


def titled(visit: Visit, target: Entity) -> bool:
    """Whether the person sees in clear what the records of an entity are called."""
    shown = seen(visit.actor, target)
    return bool(shown) and (target.title == "number" or shown.get(target.title or "") is Visibility.CLEAR)


def label(visit: Visit, field: Field, record_id: str, standing: str | None) -> str:
    """What a chosen record is called, when it is within reach or stands in the record already."""
    assert field.to
    if record_id == standing:
        return visit.names(field.to, [record_id]).get(record_id, visit.text("list.unknown"))
    within = visit.desk.store.find(
        visit.actor, field.to, [Condition("id", Operator.EQ, record_id)], fields=["id"], limit=1
    )
    return visit.names(field.to, within["id"]).get(record_id, visit.text("list.unknown"))
