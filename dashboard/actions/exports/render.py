"""Exports as files: a workbook and CSV for people, Parquet and JSON for machines, each with what a reader must know.

| ending | rows | what they are |
|---|---|---|
| .xlsx | sheet 1: titles of the reader's language, names instead of ids | sheet 2 |
| .csv | UTF-8 with a mark; the same columns | `NAME.csv-metadata.json` beside it, as W3C's CSV on the Web finds it |
| .parquet | field names, stored types, ids with a `_label` column beside each | the file's key-value metadata `about` |
| .json | member `rows`: as Parquet | member `about` |

Text that a spreadsheet would run as a formula gets a ' in front in .xlsx and .csv, which an import takes off again.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter

from dashboard.actions.exports.collect import Export
from dashboard.domain.fields import Kind
from dashboard.domain.follow_ups import STEP
from dashboard.domain.labels import choice_label, stored_text
from dashboard.errors import Refused
from dashboard.i18n import has, translate

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
SHEET_ROWS = 1_048_575
WIDEST = 60
CSVW = "http://www.w3.org/ns/csvw"


def files_of(export: Export, name: str) -> dict[str, bytes]:
    """The files of an export by name: one, or for CSV a second one beside it. name: with the ending that decides.

    Raises Refused (export.kind) for another ending, export.too_many for more rows than a sheet has.
    """
    ending = Path(name).suffix.lower()
    render = ENDINGS.get(ending)
    if render is None:
        raise Refused("export.kind", ending=ending or name, endings=list(ENDINGS))
    return render(export, Path(name).name)


def write(export: Export, path: Path) -> list[Path]:
    """Write an export beside each other; returns the files."""
    written = []
    for name, content in files_of(export, path.name).items():
        target = path.with_name(name)
        target.write_bytes(content)
        written.append(target)
    return written


def for_people(export: Export) -> pl.DataFrame:
    """The rows as people read them: names instead of ids, labels of choices, local times, titles as column names."""
    frame, entity = export.frame, export.entity
    columns: list[pl.Series] = []
    for series in frame.iter_columns():
        if f"{series.name}_label" in frame.columns:
            continue
        field = entity.by_name.get(series.name) if entity else None
        shown = series
        if field is not None and field.kind is Kind.CHOICE:
            words = {
                word: choice_label(entity.name, field.name, word, export.language) for word in field.choices if entity
            }
            shown = series.replace_strict(words, default=pl.Series(series), return_dtype=pl.String) if words else series
        if field is not None and field.name == STEP:
            texts = [text and stored_text(text, export.language) for text in series]
            shown = pl.Series(series.name, texts, dtype=pl.String)
        if entity is None and series.name == "reason" and series.dtype == pl.String:
            words = {code: translate(f"metric_reason.{code}", export.language) for code in series.drop_nulls().unique()}
            shown = series.replace_strict(words, default=None, return_dtype=pl.String)
        columns.append(plain(shown, export).alias(series.name))
    titles: dict[str, str] = {}
    for series in columns:
        title = export.titles[series.name]
        titles[series.name] = title if title not in titles.values() else f"{title} ({series.name})"
    return neutral(pl.DataFrame(columns).rename(titles))


def plain(series: pl.Series, export: Export) -> pl.Series:
    """Values that every spreadsheet can hold."""
    if isinstance(series.dtype, pl.List):
        return series.cast(pl.List(pl.String)).list.join(", ")
    if isinstance(series.dtype, pl.Datetime):
        local = series.dt.replace_time_zone("UTC").dt.convert_time_zone(export.zone)
        return local.dt.strftime("%Y-%m-%d %H:%M")
    if series.dtype == pl.Boolean:
        words = {flag: translate(f"common.{'yes' if flag else 'no'}", export.language) for flag in (True, False)}
        return series.replace_strict(words, default=None, return_dtype=pl.String)
    if isinstance(series.dtype, pl.Struct | pl.Object):
        return pl.Series(series.name, [json.dumps(value, default=str, ensure_ascii=False) for value in series])
    return series


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """A mark in front of every text, and title, that a spreadsheet would run as a formula."""
    texts = pl.col(pl.String)
    marked = pl.when(texts.str.contains(FORMULA)).then(pl.lit("'") + texts).otherwise(texts).name.keep()
    safe = {name: f"'{name}" for name in frame.columns if name[:1] in "=+-@\t\r\n"}
    return frame.with_columns(marked).rename(safe)


def about_rows(export: Export) -> list[tuple[str, str]]:
    """What a reader must know, with its titles."""
    titles = {key: translate(f"export.{key}", export.language) if has(f"export.{key}") else key for key in export.about}
    frame = neutral(pl.DataFrame({"key": list(titles.values()), "text": list(export.about.values())}))
    return frame.rows()


def as_csv(export: Export, name: str) -> dict[str, bytes]:
    """Text for any program, and its description beside it."""
    rows = for_people(export)
    description = {
        "@context": CSVW,
        "url": name,
        "dc:title": export.about.get("title", export.name),
        "dc:description": export.about.get("definition", ""),
        "dc:created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "notes": [{"name": key, "text": text} for key, text in export.about.items()],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {"columns": [{"titles": title} for title in rows.columns]},
    }
    return {
        name: b"\xef\xbb\xbf" + rows.write_csv().encode(),
        f"{name}-metadata.json": json.dumps(description, ensure_ascii=False, indent=2).encode(),
    }


def as_xlsx(export: Export, name: str) -> dict[str, bytes]:
    """A workbook: the rows, then what they are."""
    return {name: book_of([export])}


def book_of(exports: Sequence[Export]) -> bytes:
    """A workbook with a sheet for each export, then one that says what they are. Raises Refused (export.too_many)."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        for export in exports:
            rows = for_people(export)
            if rows.height > SHEET_ROWS:
                raise Refused("export.too_many", rows=rows.height, limit=SHEET_ROWS)
            rows.write_excel(
                book,
                worksheet=free_name(book, sheet_name(export.about.get("title", export.name))),
                autofilter=rows.height > 0,
                freeze_panes=(1, 0),
                dtype_formats={pl.Date: "yyyy-mm-dd"},
            )
        about = book.add_worksheet(free_name(book, translate("export.about", exports[0].language)))
        lines = [line for export in exports for line in (*about_rows(export), ("", ""))]
        for at, (key, text) in enumerate(lines[:-1]):
            about.write_string(at, 0, key)
            about.write_string(at, 1, text)
        about.set_column(0, 0, 16)
        about.set_column(1, 1, WIDEST)
    return buffer.getvalue()


def archive_of(exports: Sequence[Export]) -> bytes:
    """An archive with the CSV files of each export, in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, export in enumerate(exports, 1):
            for name, content in as_csv(export, f"{at:02}-{export.name}.csv").items():
                archive.writestr(name, content)
    return buffer.getvalue()


def free_name(book: xlsxwriter.Workbook, name: str) -> str:
    """The name of a sheet, numbered where the book has one of that name."""
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    numbered = (f"{name[:26]} ({n})" for n in itertools.count(2))
    return next(one for one in itertools.chain([name], numbered) if one.casefold() not in taken)


def sheet_name(title: str) -> str:
    """A title as the name of a sheet: 31 characters, without those that Excel forbids."""
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31] or "1"


def as_parquet(export: Export, name: str) -> dict[str, bytes]:
    """Typed columns for programs."""
    buffer = io.BytesIO()
    export.frame.write_parquet(buffer, metadata={"about": json.dumps(export.about, ensure_ascii=False)})
    return {name: buffer.getvalue()}


def as_json(export: Export, name: str) -> dict[str, bytes]:
    """Rows and what they are in one document; numbers as numbers, days and moments in ISO 8601."""
    content = {"about": export.about, "rows": export.frame.to_dicts()}
    return {name: json.dumps(content, ensure_ascii=False, indent=2, default=value).encode()}


def value(raw: object) -> object:
    """What JSON has no form of."""
    match raw:
        case Decimal():
            return int(raw) if raw == raw.to_integral_value() else float(raw)
        case dt.datetime():
            return raw.isoformat() + ("" if raw.tzinfo else "Z")
        case dt.date() | dt.time():
            return raw.isoformat()
        case _:
            return str(raw)


ENDINGS: dict[str, Callable[[Export, str], dict[str, bytes]]] = {
    ".csv": as_csv,
    ".xlsx": as_xlsx,
    ".parquet": as_parquet,
    ".json": as_json,
}
"""The formats by the ending of the file's name."""
