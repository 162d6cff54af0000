"""The report of a rehearsal: what becomes of each row and why, as a workbook or as text, in the reader's language."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
import xlsxwriter

from dashboard.domain.labels import entity_label, field_label
from dashboard.i18n import Language, show, translate
from etl.ingest.rehearsal import Rehearsal

SHEET_ROWS = 100_000  # a workbook takes seconds for so many already; the CSV report holds every row
FORMULA = r"^[=+\-@\t\r＝＋－＠]"
LINE_COLUMNS = ("file", "sheet", "row", "entity", "outcome", "key", "reasons", "alike", "changes")


def lines(rehearsal: Rehearsal, language: Language) -> pl.DataFrame:
    """One line per row and entity, those that need a look first: `LINE_COLUMNS`, all but row as text."""
    place = ["file", "sheet", "row", "entity"]
    rows = rehearsal.rows.with_row_index("at")
    reasons = texts(rehearsal.reasons, reason_words(rehearsal.reasons, rehearsal.currency, language), place, "reasons")
    changes = texts(rehearsal.differences, difference_words(rehearsal.differences, language), place, "changes")
    alike = texts(rehearsal.alike, likeness_words(rehearsal.alike, language), place, "alike")
    told = rows
    for found in (reasons, alike, changes):
        told = told.join(found, on=place, how="left", nulls_equal=True)
    ranks = {"rejected": 0, "duplicate": 1, "update": 3}
    first = pl.col("outcome").replace_strict(ranks, default=4, return_dtype=pl.Int8)
    order = pl.when(pl.col("alike").is_null()).then(first).otherwise(pl.min_horizontal(first, pl.lit(2, pl.Int8)))
    unsuited = ~pl.col("outcome").is_in(["rejected", "duplicate"])
    told = told.with_columns(pl.when(unsuited).then(None).otherwise("reasons").alias("reasons"))
    named = told.sort(order, "file", "row", "at").with_columns(
        pl.col("entity").replace(named_entities(rehearsal, language)),
        pl.col("outcome")
        .cast(pl.String)
        .replace({word: translate(f"import.outcome.{word}", language) for word in rehearsal.total}),
    )
    return named.select(LINE_COLUMNS)


def named_entities(rehearsal: Rehearsal, language: Language) -> dict[str, str]:
    """The names of the entities that occur."""
    return {name: entity_label(name, language) for name in rehearsal.rows["entity"].unique().drop_nulls()}


def texts(frame: pl.DataFrame, words: pl.Series, place: list[str], name: str) -> pl.DataFrame:
    """Several findings about one row as one text."""
    return frame.with_columns(words.alias(name)).group_by(place, maintain_order=True).agg(pl.col(name).str.join("; "))


def reason_words(reasons: pl.DataFrame, base: str, language: Language) -> pl.Series:
    """Each reason in words; a text is made once for all rows that share it."""
    distinct = reasons.select("entity", "field", "code", "value").unique()
    words = [reason(*row, base=base, language=language) for row in distinct.rows()]
    told = distinct.with_columns(pl.Series("words", words, dtype=pl.String))
    keys = ["entity", "field", "code", "value"]
    return reasons.join(told, on=keys, how="left", maintain_order="left", nulls_equal=True)["words"]


def reason(entity: str, field: str | None, code: str, value: str | None, *, base: str, language: Language) -> str:
    """One reason: the field it is about, what is wrong, and what was found."""
    text = translate(f"error.{code}", language, value=value, field=field, currency=value, base=base, entity=entity)
    label = f"{field_label(entity, field, language)}: " if field else ""
    found = f" ({value})" if value and value not in text else ""
    return f"{label}{text}{found}"


def likeness_words(found: pl.DataFrame, language: Language) -> pl.Series:
    """Each likeness in words: the record or the row, and why it may be the same."""
    words = [likeness(row, language) for row in found.iter_rows(named=True)]
    return pl.Series("words", words, dtype=pl.String)


def likeness(row: Mapping[str, Any], language: Language) -> str:
    """One record or row that another one looks like, and why."""
    reason = translate(f"likeness.{row['reason']}", language, share=row["score"])
    if row["like_row"] is not None:
        return translate("import.like_row", language, row=row["like_row"], name=row["like_title"], reason=reason)
    kind = entity_label(row["like_entity"], language)
    record = " ".join(part for part in (kind, row["like_number"], row["like_title"]) if part)
    return translate("import.like_record", language, record=record, reason=reason)


def difference_words(differences: pl.DataFrame, language: Language) -> pl.Series:
    """Each change in words: field: before → after."""
    labels = {
        (entity, field): field_label(entity, field, language)
        for entity, field in differences.select("entity", "field").unique().rows()
    }
    nothing = show(None, language)
    names = [labels[pair] for pair in differences.select("entity", "field").rows()]
    before, after = differences["before"].fill_null(nothing), differences["after"].fill_null(nothing)
    return pl.Series("words", names, dtype=pl.String) + ": " + before + " → " + after


def summary(rehearsal: Rehearsal, language: Language) -> list[tuple[str, ...]]:
    """Outcome counts by entity, then how columns were read, then what is still unclear."""
    outcomes = list(rehearsal.total)
    rows: list[tuple[str, ...]] = [("", *(translate(f"import.outcome.{word}", language) for word in outcomes))]
    for entity, counts in rehearsal.counts.items():
        rows.append((entity_label(entity, language), *(str(counts[word]) for word in outcomes)))
    rows += [
        (translate("import.read_as", language, file=f.file, column=f.column, format=f.format),)
        for f in rehearsal.formats
    ]
    rows += [
        (
            translate(
                question.code, language, file=question.file, column=question.column, options=list(question.options)
            ),
        )
        for question in rehearsal.questions
    ]
    rows += [(translate(code, language, **values),) for code, values in rehearsal.notices]
    return rows


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a mark before every text that a spreadsheet would run as a formula."""
    return frame.with_columns(
        pl.when(pl.col(pl.String).str.contains(FORMULA))
        .then(pl.lit("'") + pl.col(pl.String))
        .otherwise(pl.col(pl.String))
        .name.keep()
    )


def report_csv(rehearsal: Rehearsal, language: Language) -> bytes:
    """The lines as CSV in UTF-8 with a mark, so that Excel reads it."""
    return b"\xef\xbb\xbf" + titled(neutral(lines(rehearsal, language)), language).write_csv().encode()


def titled(frame: pl.DataFrame, language: Language) -> pl.DataFrame:
    """The lines with column titles for people."""
    return frame.rename({name: translate(f"import.line.{name}", language) for name in LINE_COLUMNS})


def report_xlsx(rehearsal: Rehearsal, language: Language) -> bytes:
    """A workbook: a summary, and the first SHEET_ROWS lines, those that need a look before the others."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    ) as book:
        sheet = book.add_worksheet(translate("import.sheet.summary", language))
        rows = summary(rehearsal, language)
        if rehearsal.rows.height > SHEET_ROWS:
            rows.append((translate("import.cut", language, shown=SHEET_ROWS, rows=rehearsal.rows.height),))
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        told = titled(neutral(lines(rehearsal, language).head(SHEET_ROWS)), language)
        told.write_excel(book, worksheet=translate("import.sheet.rows", language), autofilter=True, freeze_panes=(1, 0))
    return buffer.getvalue()
