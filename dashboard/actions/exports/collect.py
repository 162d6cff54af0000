"""What an export holds: the rows a person may take out, and what a reader must know about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from dashboard.actions.measure import as_json
from dashboard.domain.access import EXPORT_LIMITS, Action, Actor, Role, system
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.metrics import DIMENSIONS
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.i18n import Language, day, instant, show, translate
from dashboard.store import Store, audit, listing, naming
from dashboard.store.listing import Moment, Wanted, end_of_day
from etl.metrics import Answer, Question

APPROVAL_FROM = 10_000
"""Exports of more rows than this need an approval."""

UNLIMITED = frozenset({Role.OPERATOR, Role.SYSTEM})
SYSTEM_SHOWN = ("number", "id")


@dataclass(frozen=True)
class Export:
    """Rows with what they are.

    name: what the file is about, like deal or win_rate; frame: the rows, one column a field, in stored types,
    references and dimensions as ids with a column `<field>_label` beside each; titles: column → what people call it;
    about: what a reader must know, in order: key → text; entity: of records, None for an answer.
    """

    name: str
    frame: pl.DataFrame
    titles: dict[str, str]
    about: dict[str, str]
    language: Language
    zone: str
    entity: Entity | None = None


def export_records(
    store: Store,
    actor: Actor,
    entity: str,
    language: Language,
    where: Sequence[Condition] = (),
    sort: Sequence[Sort] = (),
    fields: Sequence[str] | None = None,
    approval: str | None = None,
    *,
    archived: bool = False,
    told: str | None = None,
    as_of: date | None = None,
    order: Sequence[str] = (),
) -> Export:
    """The records that an actor may take out, and note it in the audit trail.

    approval: the id of the approval that more than APPROVAL_FROM rows need; archived: archived records too; told: the
    conditions in words, where a list of ids would say nothing; as_of: a past day whose end the records are seen from;
    order: ids in the order in which the records shall stand, where no field tells it.
    Raises NotFound (export.unknown), Forbidden, Refused (export.too_many, export.needs_approval).
    """
    declared = RECORDS.get(entity)
    if declared is None:
        raise NotFound("export.unknown", name=entity)
    if not actor.grants(entity, Action.EXPORT):
        raise Forbidden("access.forbidden", entity=entity, action=str(Action.EXPORT))
    found = taken(store, actor, entity, where, sort, fields, archived=archived, as_of=as_of)
    allow(store, actor, entity, found.height, approval)
    if order:
        places = pl.DataFrame({"id": order}, schema={"id": pl.String})
        found = places.join(found, on="id", how="inner", maintain_order="left")
    names = [name for name in (*SYSTEM_SHOWN[:1], *declared.by_name, *SYSTEM_SHOWN[1:]) if name in found.columns]
    names = [name for name in names if name != "number" or declared.number]
    frame = with_labels(store, actor, declared, found.select(names), language)
    titles = {name: title_of(declared, name, language) for name in frame.columns}
    about = {
        "title": entity_label(entity, language, many=True),
        "scope": translate("export.all_records", language, name=actor.name),
        "filters": conditions_text(declared, where, language) if told is None else told,
        **made(store, actor, found.height, language),
        **({"as_of": day(as_of, language)} if as_of else {}),
    }
    note(store, actor, entity, found.height, about)
    return Export(entity, frame, titles, about, language, store.company.zone, declared)


def taken(
    store: Store,
    actor: Actor,
    entity: str,
    where: Sequence[Condition],
    sort: Sequence[Sort],
    fields: Sequence[str] | None,
    *,
    archived: bool,
    as_of: date | None,
) -> pl.DataFrame:
    """The records that may be taken out, as they are or as they were at the end of a past day."""
    if as_of is None:
        return store.find(actor, entity, where, sort=sort, fields=fields, archived=archived, action=Action.EXPORT)
    wanted = Wanted(
        where,
        sort=sort,
        fields=fields,
        archived=None if archived else False,
        moment=Moment(end_of_day(as_of, store.company.zone)),
        action=Action.EXPORT,
    )
    with store.reading() as cursor:
        every = listing.total(store.reader, cursor, actor, entity, wanted)
        return listing.page(store.reader, cursor, actor, entity, replace(wanted, limit=every)).rows


def export_answer(store: Store, actor: Actor, answer: Answer, question: Question, language: Language) -> Export:
    """An answer that was computed for the actor, and note it in the audit trail. Raises Refused (export.too_many)."""
    export = of_answer(store, actor, answer, question, language)
    note(store, actor, export.name, export.frame.height, export.about)
    return export


def of_answer(store: Store, actor: Actor, answer: Answer, question: Question, language: Language) -> Export:
    """An answer with what a reader must know, not noted yet. Raises Refused (export.too_many)."""
    content = as_json(store, answer, question, actor, language)
    allow(store, actor, question.name, len(content["rows"]), None)
    frame = pl.DataFrame(content["rows"], infer_schema_length=None) if content["rows"] else answer.frame
    period = f"[{show(question.since, language)}, {show(question.until, language)})" if question.since else ""
    about = {
        "title": translate(f"metric.{question.name}.name", language),
        "definition": translate(f"metric.{question.name}.definition", language),
        "unit": translate(f"metric_unit.{answer.unit}", language)
        + (f" ({store.company.currency})" if str(answer.unit) == "money" else ""),
        "scope": translate("export.all_records", language, name=actor.name),
        "period": period,
        "filters": "; ".join(f"{name} = {show(values, language)}" for name, values in question.where.items()),
        "as_of": show(question.as_of or question.today, language),
        "known_at": instant(question.known_at, language, store.company.zone) if question.known_at else "",
        "notes": "; ".join(str(note) for note in content["notes"]),
        "fingerprint": content["fingerprint"],
        **made(store, actor, frame.height, language, dated=False),
    }
    grouped = [name for name in frame.columns if name.removesuffix("_label") in DIMENSIONS]
    frame = frame.select(*grouped, pl.exclude(grouped))
    titles = {name: column_title(name, language) for name in frame.columns}
    return Export(question.name, frame, titles, {k: v for k, v in about.items() if v}, language, store.company.zone)


def allow(store: Store, actor: Actor, name: str, rows: int, approval: str | None) -> None:
    """Whether so many rows may leave. Raises Refused (export.too_many, export.needs_approval)."""
    roles = set(actor.roles)
    if roles & UNLIMITED:
        return
    limits = [EXPORT_LIMITS.get(role) for role in roles if grants_export(role, actor, name)]
    if limits and None not in limits:
        most = max(limit for limit in limits if limit is not None)
        if rows > most:
            raise Refused("export.too_many", rows=rows, limit=most)
    if rows > APPROVAL_FROM and not approved(store, actor, name, approval):
        raise Refused("export.needs_approval", rows=rows, limit=APPROVAL_FROM)


def grants_export(role: Role, actor: Actor, name: str) -> bool:
    """Whether a role lets the actor export this; answers follow the reach of every role."""
    return name not in RECORDS or any(grant.role is role for grant in actor.grants(name, Action.EXPORT))


def approved(store: Store, actor: Actor, name: str, approval: str | None) -> bool:
    """Whether somebody approved that this person exports this."""
    if approval is None:
        return False
    asked = {
        "id": approval,
        "entity": "export",
        "record_id": name,
        "person_id": actor.person_id,
        "status": "approved",
    }
    where = [Condition(field, Operator.EQ, value) for field, value in asked.items()]
    return store.count(system(), "approval_run", where) == 1  # the person need not be able to read approvals


def with_labels(store: Store, actor: Actor, entity: Entity, found: pl.DataFrame, language: Language) -> pl.DataFrame:
    """The rows with the name of each record that they point at, where the actor may know it."""
    columns: list[pl.Series] = []
    for series in found.iter_columns():
        columns.append(series)
        field = entity.by_name.get(series.name)
        if field is not None and field.kind is Kind.REFERENCE and field.to:
            labels = naming.names(store, actor, field.to, series.drop_nulls().unique(), language)
            names = series.replace_strict(labels, default=None, return_dtype=pl.String)
            columns.append(names.alias(f"{series.name}_label"))
    return pl.DataFrame(columns)


def title_of(entity: Entity, name: str, language: Language) -> str:
    """What people call a column."""
    return field_label(entity.name, name.removesuffix("_label") if name not in entity.by_name else name, language)


def column_title(name: str, language: Language) -> str:
    """What people call a column of an answer."""
    bare = name.removesuffix("_label")
    if bare in DIMENSIONS:
        return translate(f"dimension.{bare}", language)
    return translate("export.value" if bare == "value" else f"metric_column.{bare}", language)


def conditions_text(entity: Entity, where: Sequence[Condition], language: Language) -> str:
    """The filters of a list in words."""
    return "; ".join(condition_text(entity, condition, language) for condition in where)


def condition_text(entity: Entity, condition: Condition, language: Language) -> str:
    """One filter in words."""
    if condition.op is Operator.ANY:
        parts: Sequence[Condition] = condition.value  # type: ignore[assignment]
        return " / ".join(condition_text(entity, part, language) for part in parts)
    return f"{field_label(entity.name, condition.field, language)} {condition.op} {show(condition.value, language)}"


def made(store: Store, actor: Actor, rows: int, language: Language, *, dated: bool = True) -> dict[str, str]:
    """When, by whom and how much."""
    now = instant(datetime.now(UTC).replace(tzinfo=None), language, store.company.zone)
    about = {"as_of": now} if dated else {}
    return about | {"made_at": now, "made_by": actor.name, "rows": str(rows), "revision": str(store.revision)}


def note(store: Store, actor: Actor, name: str, rows: int, about: dict[str, str]) -> None:
    """The audit entry: who took out what."""
    details: dict[str, object] = {key: about[key] for key in ("filters", "as_of") if about.get(key)}
    store.note(actor, [audit.Entry("export", name, None, rows, None, details)])
