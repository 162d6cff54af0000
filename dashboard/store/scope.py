"""The one read scope: (actor, entity, action) → which rows, and how each field of them is shown.

find, count, get, update, export, search and every metric go through it; nothing else decides who sees what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Table,
    and_,
    case,
    false,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BooleanClauseList, Grouping, True_

from dashboard.domain.access import (
    OWNERSHIP,
    Action,
    Actor,
    FieldRule,
    Grant,
    Ownership,
    Reach,
    Visibility,
    ownership_of,
)
from dashboard.domain.entities import ENTITIES, Entity, Field
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.queries import Operator
from dashboard.store.schema import table_of

Predicate = ColumnElement[bool]
Mine = tuple[tuple[tuple[str, Operator], ...], ...]
Values = Select[tuple[str]] | CompoundSelect[tuple[str]]
RULE = "rule_{}"
"""The column that says whether a row is covered by the rule at a place."""

HANGING = (Reach.OWN, Reach.TEAM, Reach.BELOW, Reach.HEADS)
"""Reaches of what hangs on people."""

WITH_ONES_OWN = (Reach.OWN, Reach.TEAM, Reach.BELOW, Reach.ALL)
"""Reaches that hold whatever names the actor in a field of its own."""

DIRECTORY = ("people", "teams")
"""The small tables of who is who."""

ORDER = (Visibility.CLEAR, Visibility.MASKED, Visibility.HIDDEN)


@dataclass(frozen=True)
class Scope:
    """What an actor may do with one action on one entity: a predicate for each distinct rule on fields."""

    entity: Entity
    rules: tuple[tuple[FieldRule, Predicate], ...]
    everything: bool  # some grant without any limit covers every row

    @cached_property
    def rows(self) -> Predicate:
        """Which rows the action covers."""
        return any_of([predicate for _, predicate in self.rules])

    def rows_showing(self, fields: tuple[Field, ...]) -> Predicate:
        """Which rows show all of `fields` in clear."""
        shown = [
            predicate
            for rule, predicate in self.rules
            if all(rule.visibility(field) is Visibility.CLEAR for field in fields)
        ]
        return any_of(shown)

    def rows_opening(self, fields: tuple[Field, ...]) -> Predicate:
        """Which rows hide none of `fields`: each of them is shown by some rule that covers the row."""
        hiding = {
            frozenset(
                place for place, (rule, _) in enumerate(self.rules) if rule.visibility(field) is Visibility.HIDDEN
            )
            for field in fields
        }
        return and_(
            self.rows,
            *(
                any_of([part for place, (_, part) in enumerate(self.rules) if place not in those])
                for those in hiding
                if those
            ),
        )

    def best(self, field: Field) -> Visibility:
        """The most a field of any covered row is shown."""
        shown = {rule.visibility(field) for rule, _ in self.rules}
        return next((visibility for visibility in ORDER if visibility in shown), Visibility.HIDDEN)

    @property
    def flags(self) -> list[ColumnElement[int]]:
        """A column a rule on fields, 1 where the rule covers the row; none where rows do not differ in it."""
        if self.uniform:
            return []
        return [case((part, literal(1)), else_=0).label(RULE.format(at)) for at, (_, part) in enumerate(self.rules)]

    @property
    def uniform(self) -> bool:
        """Whether every covered row shows its fields alike."""
        return len(self.rules) <= 1

    @cached_property
    def judged(self) -> tuple[Scope, FromClause]:
        """The same scope over rows that say themselves by which rules they are covered, and these rows.

        A statement that asks for it in several places (which rows, which rule, which values may be compared) would
        look for it in each of them.
        """
        table = table_of(self.entity.name)
        if self.uniform:
            return self, table
        flags = self.flags
        rows = select(*table.c, *flags).subquery("judged")
        rules = tuple((rule, rows.c[flag.name] == 1) for flag, (rule, _) in zip(flags, self.rules, strict=True))
        return replace(self, rules=rules), rows


def scope_of(actor: Actor, entity: Entity, action: Action = Action.READ, mine: Mine = ()) -> Scope:
    """The scope of an actor for an action on an entity; without a grant it covers no row.

    mine: fields of which one is asked to name the actor, or a record of theirs, in every row, so that what follows from
    that need not be looked for.
    """
    return scope_by_name(actor, entity.name, action, mine)


@lru_cache(maxsize=4096)
def scope_by_name(actor: Actor, name: str, action: Action, mine: Mine) -> Scope:
    """The scope; an actor is a value that holds all it depends on, so it may be kept."""
    entity, table = ENTITIES[name], table_of(name)
    found: dict[FieldRule, list[Predicate]] = {}
    everything = False
    for grant in actor.grants(entity.name, action):
        found.setdefault(grant.fields, []).append(covers(grant, actor, entity, table, mine))
        everything = everything or (grant.reach is Reach.ALL and not grant.states and not grant.not_self)
    rules = tuple((rule, any_of(parts)) for rule, parts in found.items())
    return Scope(entity, without_idle(rules, entity), everything)


Rules = tuple[tuple[FieldRule, Predicate], ...]


def without_idle(rules: Rules, entity: Entity) -> Rules:
    """The rules without those that show nothing more: every row is covered by another one that shows each field as
    well."""
    whole = [rule for rule, predicate in rules if isinstance(predicate, True_)]
    best = next((rule for rule in whole if all(shows_as_well(rule, other, entity) for other in whole)), None)
    return tuple(each for each in rules if best in (None, each[0]) or not shows_as_well(best, each[0], entity))


def shows_as_well(rule: FieldRule, other: FieldRule, entity: Entity) -> bool:
    """Whether a rule shows each field of an entity at least as another one does."""
    return all(
        ORDER.index(rule.visibility(field)) <= ORDER.index(other.visibility(field)) for field in entity.all_fields
    )


@cache
def alias_of(name: str) -> FromClause:
    """The table of an entity under another name, for subqueries; made once, because it copies every column."""
    return table_of(name).alias()


def ids_in(column: ColumnElement[str]) -> Select[tuple[str]]:
    """A subquery of one column. It stands for itself: a table around it may go by the same name."""
    subquery: Select[tuple[str]] = select(column)
    return subquery.correlate(None)


def covers(grant: Grant, actor: Actor, entity: Entity, table: FromClause, mine: Mine = ()) -> Predicate:
    """Which rows one grant covers for an actor."""
    own = any(all(is_own_by(entity, grant, *named) for named in either) for either in mine)
    given = grant.reach in WITH_ONES_OWN and own
    within = within_states(grant.reach, actor, entity, table, grant.states, given=given)
    return and_(within, about_others(actor, entity, table)) if grant.not_self else within


def is_own_by(entity: Entity, grant: Grant, field: str, named: Operator) -> bool:
    """Whether a field that names the actor, or a record of theirs, makes a row their own in the states of a grant."""
    hangs = ownership_of(entity)
    if named is Operator.OWNED:
        return not grant.states and any(field == by for _, by in hangs.parents)
    return field in hangs.people


def within_states(
    reach: Reach, actor: Actor, entity: Entity, table: FromClause, states: tuple[str, ...], *, given: bool = False
) -> Predicate:
    """Which rows lie within a reach and in one of the states: their own, or those of what they are a part of.

    given: whether every row is known to hang on the actor by a field of its own.
    """
    if not states or entity.name not in LIFECYCLES:
        return true() if given else reaches(reach, actor, entity, table, states)
    within = true() if given else reaches(reach, actor, entity, table)
    return and_(within, table.c[LIFECYCLES[entity.name].field].in_(states))


def reaches(reach: Reach, actor: Actor, entity: Entity, table: FromClause, states: tuple[str, ...] = ()) -> Predicate:
    """Which rows lie within a reach, seen from the actor."""
    hangs = ownership_of(entity)
    match reach:
        case Reach.ALL:
            return true()
        case Reach.MINE:
            return table.c[hangs.account] == actor.person_id if hangs.account else false()
        case Reach.SHARED:
            return table.c.shared_team_id == actor.team_id if actor.team_id else false()
        case Reach.POOL | Reach.LINKED | Reach.NAMED:
            special = {Reach.POOL: in_pool, Reach.LINKED: linked, Reach.NAMED: named}
            return special[reach](actor, entity, table, hangs)
        case _:
            return hanging(reach, actor, entity, table, hangs, states)


def hanging(
    reach: Reach, actor: Actor, entity: Entity, table: FromClause, hangs: Ownership, states: tuple[str, ...]
) -> Predicate:
    """Rows that hang on the people of a reach."""
    return any_of([predicate for _, predicate in threads(reach, actor, table, hangs, states)])


def threads(
    reach: Reach, actor: Actor, table: FromClause, hangs: Ownership, states: tuple[str, ...] = ()
) -> list[tuple[str, Predicate]]:
    """What rows hang by: a field of their own, a child row, or a parent record, each by the name of field or entity."""
    found: list[tuple[str, Predicate]] = [(field, among(table.c[field], reach, actor)) for field in hangs.people]
    teams = teams_of(reach, actor)
    if teams:
        found.extend((field, table.c[field].in_(teams)) for field in (*hangs.teams, *hangs.closing_teams))
    if reach is Reach.HEADS:
        found.extend((field, table.c[field].is_(None)) for field in hangs.people if hangs.teams)
    found.extend((child, table.c.id.in_(ids)) for child, ids in named_by_children(reach, actor, hangs))
    for parent, field in hangs.parents:
        found.append((field, table.c[field].in_(parents_within(reach, actor, parent, states))))
    return found


def named_by_children(reach: Reach, actor: Actor, hangs: Ownership) -> Iterator[tuple[str, Select[tuple[str]]]]:
    """The ids of the records that a child row hangs on the people of a reach, by the name of the child."""
    teams = teams_of(reach, actor)
    for child, parent_field, person_field in hangs.children:
        rows = alias_of(child)
        mine = among(rows.c[person_field], reach, actor)
        if teams and "team_id" in rows.c:
            mine = or_(mine, rows.c.team_id.in_(teams))
        yield child, ids_in(rows.c[parent_field]).where(mine, rows.c.archived_at.is_(None))


def parents_within(reach: Reach, actor: Actor, parent: str, states: tuple[str, ...] = ()) -> Values:
    """The ids of parent records within a reach; those that child rows name are taken from there, as they are."""
    entity, rows = ENTITIES[parent], alias_of(parent)
    hangs = ownership_of(entity)
    if not hangs.children or reach not in HANGING or (states and parent in LIFECYCLES):
        return ids_in(rows.c.id).where(within_states(reach, actor, entity, rows, states))
    own = ids_in(rows.c.id).where(
        hanging(reach, actor, entity, rows, hangs.model_copy(update={"children": ()}), states)
    )
    return union_all(own, *(ids for _, ids in named_by_children(reach, actor, hangs)))


def among(column: ColumnElement[str], reach: Reach, actor: Actor) -> Predicate:
    """Whether a person column names someone of the reach."""
    people, teams = alias_of("person"), alias_of("team")
    match reach:
        case Reach.OWN:
            return column == actor.person_id
        case Reach.HEADS:
            managing = ids_in(teams.c.manager_id).where(teams.c.manager_id.is_not(None))
            heads = or_(people.c.id.in_(managing), people.c.team_id.is_(None), people.c.team_id.not_in(managed_teams()))
            return column.in_(ids_in(people.c.id).where(heads))
        case _:
            mine, members = column == actor.person_id, teams_of(reach, actor)
            return or_(mine, column.in_(ids_in(people.c.id).where(people.c.team_id.in_(members)))) if members else mine


def managed_teams() -> Select[tuple[str]]:
    """The ids of teams that have a manager, or stand under a team that has one."""
    teams, under = table_of("team").alias(), table_of("team").alias()
    managed = select(teams.c.id).where(teams.c.manager_id.is_not(None)).cte(recursive=True)
    managed = managed.union(select(under.c.id).join(managed, under.c.parent_id == managed.c.id))
    return select(managed.c.id)


def teams_of(reach: Reach, actor: Actor) -> tuple[str, ...]:
    """The team ids of a reach."""
    if reach is Reach.BELOW:
        return actor.below
    return (actor.team_id,) if reach is Reach.TEAM and actor.team_id else ()


def linked(actor: Actor, entity: Entity, table: FromClause, hangs: Ownership) -> Predicate:
    """Rows opened by an own record that points here, or that this row points at."""
    parts: list[Predicate] = []
    for child, field in hangs.linked:
        rows = alias_of(child)
        mine = reaches(Reach.BELOW, actor, ENTITIES[child], rows)  # the own ones are among them
        parts.append(table.c.id.in_(ids_in(rows.c[field]).where(mine)))
    for target, field in hangs.serving:
        parts.append(table.c[field].in_(parents_within(Reach.OWN, actor, target)))
    for parent, field in hangs.parents:
        if OWNERSHIP.get(parent, Ownership()).linked:
            parts.append(table.c[field].in_(parents_within(Reach.LINKED, actor, parent)))
    return any_of(parts)


def in_pool(actor: Actor, entity: Entity, table: FromClause, hangs: Ownership) -> Predicate:
    """Rows without owner in the pool of the actor's team or of a team below, and what hangs on them."""
    teams = tuple(dict.fromkeys((*actor.below, *((actor.team_id,) if actor.team_id else ()))))
    if "pool_team_id" in table.c:
        return and_(table.c.owner_id.is_(None), table.c.pool_team_id.in_(teams))
    return any_of([table.c[field].in_(parents_within(Reach.POOL, actor, parent)) for parent, field in hangs.parents])


def named(actor: Actor, entity: Entity, table: FromClause, hangs: Ownership) -> Predicate:
    """Contracts whose approval waits for this person, also as somebody's deputy, and what hangs on them."""
    if entity.name != "contract":
        parts = [(parent, field) for parent, field in hangs.parents if parent == "contract"]
        return any_of([table.c[field].in_(parents_within(Reach.NAMED, actor, parent)) for parent, field in parts])
    runs = alias_of("approval_run")
    me = or_(runs.c.person_id == actor.person_id, runs.c.deputy_id == actor.person_id)
    waiting = and_(runs.c.entity == entity.name, runs.c.status == "pending", runs.c.archived_at.is_(None))
    return table.c.id.in_(ids_in(runs.c.record_id).where(waiting, me))


def about_others(actor: Actor, entity: Entity, table: FromClause) -> Predicate:
    """Rows that are not about the actor: nobody approves, appraises or sets a target for themselves."""
    hangs = ownership_of(entity)
    parts: list[Predicate] = [table.c[field].is_distinct_from(actor.person_id) for field in hangs.people]
    if hangs.teams:
        teams = alias_of("team")
        managed = ids_in(teams.c.id).where(teams.c.manager_id == actor.person_id)
        parts.extend(or_(table.c[field].is_(None), table.c[field].not_in(managed)) for field in hangs.teams)
    named = or_(false(), *(table.c[field].is_not(None) for field in hangs.people))
    parts.extend(
        or_(named, table.c[field].is_(None), table.c[field].not_in(parents_about(actor.person_id, parent)))
        for parent, field in hangs.parents
    )
    return and_(true(), *parts)


def parents_about(person_id: str, parent: str) -> Select[tuple[str]]:
    """The ids of parent records that are about a person."""
    rows = alias_of(parent)
    people = OWNERSHIP.get(parent, Ownership()).people
    return ids_in(rows.c.id).where(any_of([rows.c[field] == person_id for field in people]))


def near(scope: Scope) -> Predicate | None:
    """The part of the rows that a record and the directory tell by themselves; None when there is no such part, or when
    it is all there is. Asked first, it spares a single record most of the looking around."""
    parts = list(alternatives(scope.rows))
    close = [part for part in parts if tables_in(part) <= {scope.entity.plural, *DIRECTORY}]
    return any_of(close) if 0 < len(close) < len(parts) else None


def alternatives(predicate: object) -> Iterator[Predicate]:
    """What a predicate is one of."""
    if isinstance(predicate, Grouping):
        yield from alternatives(predicate.element)
    elif isinstance(predicate, BooleanClauseList) and predicate.operator is operators.or_:
        for part in predicate.clauses:
            yield from alternatives(part)
    elif isinstance(predicate, ColumnElement):
        yield predicate


def tables_in(predicate: Predicate) -> set[str]:
    """The tables that a predicate looks at beside the row itself."""
    return {part.name for part in visitors.iterate(predicate) if isinstance(part, Table)}


def any_of(parts: list[Predicate]) -> Predicate:
    """One of the parts; false when there is none, true when one is that already."""
    return true() if any(isinstance(part, True_) for part in parts) else or_(false(), *parts)
