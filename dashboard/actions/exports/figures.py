"""The numbers of a page as one file: its single numbers as a table, then a table for each chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import polars as pl

from dashboard.actions.exports.collect import Export, allow, made, note, of_answer
from dashboard.actions.measure import MONEY_UNITS, measure
from dashboard.domain.access import Actor
from dashboard.domain.metrics import Unit
from dashboard.i18n import Language, show, translate
from dashboard.store import Store
from etl.marts import Marts
from etl.metrics import Question

OF_ANSWERS = ("n", "low", "high")
COLUMNS = ("figure", "value", "unit", *OF_ANSWERS, "definition")


class Count(NamedTuple):
    """A number counted from the records as they are now: what it is called, what it means, how it is counted."""

    title: str
    definition: str
    count: Callable[[Actor], int]


class Table(NamedTuple):
    """A chart that answers no metric: what it is called, what it means, its rows as of now, and their titles."""

    name: str
    title: str
    definition: str
    rows: Callable[[Actor], pl.DataFrame]
    titles: dict[str, str]


Figure = Question | Count | Table


def export_figures(
    store: Store, marts: Marts, actor: Actor, page: str, figures: Sequence[Figure], language: Language
) -> list[Export]:
    """What the figures of a page hold for the actor, and note it in the audit trail.

    Raises Forbidden (access.forbidden) for a metric that is not the actor's, Refused (export.too_many).
    """
    single: list[dict[str, Any]] = []
    tables: list[Export] = []
    for figure in figures:
        if isinstance(figure, Count):
            values = {"figure": figure.title, "value": float(figure.count(actor)), "definition": figure.definition}
            single.append(dict.fromkeys(COLUMNS) | values | {"unit": translate("metric_unit.count", language)})
            continue
        if isinstance(figure, Table):
            tables.append(of_table(store, actor, figure, language))
            continue
        answer = measure(store, marts, actor, figure)
        export = of_answer(store, actor, answer, figure, language)
        if figure.by or answer.frame.height != 1:
            tables.append(export)
        else:
            row = answer.frame.row(0, named=True)
            scale = MONEY_UNITS if answer.unit is Unit.MONEY else 1
            value = None if row["value"] is None else row["value"] / scale
            known = {name: row.get(name) for name in OF_ANSWERS}
            texts = {"figure": export.about["title"], "unit": export.about["unit"]}
            single.append(
                {**dict.fromkeys(COLUMNS), **known, **texts, "value": value, "definition": export.about["definition"]}
            )
    if single:
        tables.insert(0, key_figures(store, actor, page, single, figures, language))
    note(store, actor, page, sum(table.frame.height for table in tables), tables[0].about if tables else {})
    return tables


def of_table(store: Store, actor: Actor, table: Table, language: Language) -> Export:
    """The rows of a chart with what a reader must know. Raises Refused (export.too_many)."""
    frame = table.rows(actor).select(table.titles.keys())
    allow(store, actor, table.name, frame.height, None)
    about = {
        "title": table.title,
        "definition": table.definition,
        "scope": translate("export.all_records", language, name=actor.name),
        **made(store, actor, frame.height, language),
    }
    return Export(table.name, frame, table.titles, about, language, store.company.zone)


def key_figures(
    store: Store, actor: Actor, page: str, rows: list[dict[str, Any]], figures: Sequence[Figure], language: Language
) -> Export:
    """The single numbers of a page as one table."""
    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64) | {"n": pl.Int64}
    frame = pl.DataFrame(rows, schema={name: numbers.get(name, pl.String) for name in COLUMNS})
    asked = next((figure for figure in figures if isinstance(figure, Question) and not figure.by), None)
    period = {"period": f"[{show(asked.since, language)}, {show(asked.until, language)})"} if asked else {}
    as_of = {"as_of": show(asked.as_of or asked.today, language)} if asked else {}
    about = {
        "title": translate(f"page.{page}.title", language),
        "scope": translate("export.all_records", language, name=actor.name),
        **period,
        **as_of,
        **made(store, actor, frame.height, language, dated=asked is None),
    }
    titles = {
        name: translate(f"metric_column.{name}" if name in OF_ANSWERS else f"export.{name}", language)
        for name in COLUMNS
    }
    return Export(page, frame, titles, about, language, store.company.zone)
