"""Files as tables: encodings, delimiters, rows that are no records, workbooks, and files that must not be opened."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refused
from dashboard.i18n import Language
from etl.ingest import Limits, Source, Table, read, sources_from
from etl.ingest.tables import ROW

CHINESE = "客户,金额\n北京远景科技有限公司,1200\n上海浦东机械厂,88.5\n"
WESTERN = "customer,city\nMüller & Söhne,Zürich\nJosé Núñez,Málaga\nFrançois Lefèvre,Besançon\n"


def table(data: bytes | str, name: str = "file.csv", limits: Limits | None = None) -> Table:
    """The only table of a file."""
    (found,) = read([Source(name, data.encode() if isinstance(data, str) else data)], limits)
    return found


def rows(data: bytes | str) -> list[tuple[object, ...]]:
    """The rows of the only table: number, then the cells."""
    return table(data).cells.rows()


def facts(data: bytes | str) -> list[tuple[object, ...]]:
    """The rows that are no records: number, why, what about."""
    return table(data).facts.rows()


def workbook(*rows_: list[object], sheet: str = "Sheet", **more: list[list[object]]) -> bytes:
    """A workbook with one sheet, or more by name."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, lines in {sheet: list(rows_), **more}.items():
            page = book.add_worksheet(name)
            for at, line in enumerate(lines):
                page.write_row(at, 0, line)
    return buffer.getvalue()


def refusal(data: bytes | str, name: str = "file.csv", limits: Limits | None = None) -> str:
    """The code with which a file is refused."""
    with pytest.raises(Refused) as caught:
        table(data, name, limits)
    return caught.value.code


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_chinese_text_reads_the_same_in_every_encoding(encoding: str) -> None:
    assert rows(CHINESE.encode(encoding)) == [(2, "北京远景科技有限公司", "1200"), (3, "上海浦东机械厂", "88.5")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_western_text_is_not_taken_for_chinese(encoding: str) -> None:
    assert [row[1] for row in rows(WESTERN.encode(encoding))] == ["Müller & Söhne", "José Núñez", "François Lefèvre"]


def test_the_encoding_is_named() -> None:
    assert (table(CHINESE.encode("gbk")).encoding, table(WESTERN.encode("cp1252")).encoding) == ("gb18030", "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    found = table(f"a{delimiter}b\n1{delimiter}x y\n")
    assert (found.headers, found.delimiter) == (("a", "b"), delimiter)


def test_a_comma_inside_quotes_does_not_cut_semicolon_files() -> None:
    assert rows('name;amount\n"Li, Wei";"1,5"\nWang;2\n') == [(2, "Li, Wei", "1,5"), (3, "Wang", "2")]


def test_quoted_line_breaks_and_quotes_belong_to_the_cell() -> None:
    assert rows('a,b\n"x\ny","say ""hi"""\n2,3\n') == [(2, "x\ny", 'say "hi"'), (3, "2", "3")]


def test_a_quote_in_the_middle_of_a_field_is_a_character() -> None:
    assert rows('item,n\nScreen 24",5\nPipe 3/4",6\n') == [(2, 'Screen 24"', "5"), (3, 'Pipe 3/4"', "6")]


def test_a_quote_that_never_closes_is_refused_with_its_row() -> None:
    data = 'a,b\n1,2\n"open,3\n' + "4,5\n" * 60_000
    assert refusal(data) == "file.quote_open"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    assert rows(f"a,b{end}1,2{end}") == [(2, "1", "2")]


def test_titles_above_the_header_keep_the_numbers_of_the_rows() -> None:
    found = table("销售台账,,\n,,\n客户,金额,日期\n甲,1,2026-01-01\n")
    assert (found.headers, found.header_row, found.cells.rows()) == (
        ("客户", "金额", "日期"),
        3,
        [(4, "甲", "1", "2026-01-01")],
    )


def test_headers_without_name_or_twice_get_one() -> None:
    assert table("a,,a,a\n1,2,3,4\n").headers == ("a", "#2", "a (2)", "a (3)")


def test_rows_that_are_no_records_are_named_one_by_one() -> None:
    data = "name,amount,note\nA,1,x\n\nA,1,x\nB,2\nC,3,y,z\n合计,6,\n\n\n"
    assert facts(data) == [
        (3, "row.blank", None),
        (4, "row.duplicate", "2"),
        (5, "row.too_short", None),
        (6, "row.too_long", None),
        (7, "row.total", None),
        (8, "row.blank", None),
        (9, "row.blank", None),
    ]
    assert rows(data) == [(2, "A", "1", "x")]


def test_ragged_rows_are_seen_behind_quotes_too() -> None:
    assert facts('a,b\n"1,2",3\n"4","5","6"\n"7"\n') == [(3, "row.too_long", None), (4, "row.too_short", None)]


def test_empty_fields_at_the_end_make_no_row_ragged() -> None:
    assert facts("a,b\n1,2,,\n3,,\n") == []


@pytest.mark.parametrize("word", ["合计", "总计：", "合 计", "Total", "GRAND TOTAL", "小计"])
def test_a_total_row_is_recognised(word: str) -> None:
    assert facts(f"name,a,b\nx,1,2\n{word},1,\n") == [(3, "row.total", None)]


def test_a_company_called_total_is_a_record() -> None:
    assert facts("name,city,phone\nTotal,Paris,0147446546\nTotalEnergies,Paris,\n") == []


def test_blanks_around_a_cell_and_the_mark_of_an_export_are_taken_off() -> None:
    assert rows("a,b,c\n \u3000x\u00a0 ,'=1+1,'tis\n") == [(2, "x", "=1+1", "'tis")]


def test_a_workbook_gives_its_sheets_with_the_row_numbers_people_see() -> None:
    data = workbook(
        [],
        ["name", "day"],
        ["A", datetime(2026, 1, 2)],
        [],
        ["B", datetime(2026, 1, 3)],
        sheet="销售",
        other=[["x"], [1.5]],
    )
    first, second = read([Source("book.bin", data)])
    assert (first.sheet, first.header_row, first.headers) == ("销售", 2, ("name", "day"))
    assert first.cells.rows() == [(3, "A", "2026-01-02 00:00:00"), (5, "B", "2026-01-03 00:00:00")]
    assert first.facts.rows() == [(4, "row.blank", None)]
    assert second.cells.rows() == [(2, "1.5")]


def test_formulas_count_with_their_values_and_errors_are_shown() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["a", "b"])
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    assert table(buffer.getvalue()).cells.rows() == [(2, "2", "#DIV/0!")]


def test_a_hidden_sheet_is_left_aside() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("seen").write_column(0, 0, ["a", 1])
        secret = book.add_worksheet("hidden")
        secret.write_column(0, 0, ["a", 2])
        secret.hide()
    assert [found.sheet for found in read([Source("book.xlsx", buffer.getvalue())])] == ["seen"]


def test_a_name_does_not_make_a_file_a_workbook() -> None:
    assert table("a,b\n1,2\n", "wrong.xlsx").cells.rows() == [(2, "1", "2")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b" \n\n", "file.empty"),
        (b"%PDF-1.7 ...", "file.kind"),
        (b"\x89PNG\r\n\x1a\n....", "file.kind"),
        (b"a,b\n\x00\x01\x02\x00\xff\x00", "file.binary"),
        (b"PK\x03\x04 broken archive", "file.workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "file.workbook"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_limits_are_kept() -> None:
    assert refusal("a\n1\n2\n", limits=Limits(rows=2)) == "file.too_long"
    assert refusal("a,b,c\n", limits=Limits(columns=2)) == "file.too_wide"
    assert refusal("a,b,c\n", limits=Limits(file_bytes=3)) == "file.too_large"


@pytest.mark.parametrize(("language", "said"), [("en", "a.csv is larger than 1.5 MB"), ("zh", "a.csv 超过 1.5 MB")])
def test_a_size_is_said_in_megabytes(tmp_path: Path, language: Language, said: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"x" * 1_572_865)
    limits = Limits(file_bytes=1_572_864)
    with pytest.raises(Refused) as on_disk:
        sources_from([file], limits)
    with pytest.raises(Refused) as sent:
        read([Source("a.csv", file.read_bytes())], limits)
    for caught in (on_disk, sent):
        assert caught.value.text(language).startswith(said)


def rezipped(data: bytes, name: str, content: bytes) -> bytes:
    """A workbook with one part replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = rezipped(workbook(["a"]), "xl/media/big.bin", b"\0" * 20_000_000)
    assert len(bomb) < 100_000
    assert refusal(bomb, limits=Limits(unpacked_bytes=10_000_000)) == "file.bomb"


def test_a_cell_in_the_far_corner_does_not_fill_the_memory() -> None:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    for corner, code in (
        (b"XFD1048576", "file.too_wide"),
        (b"OJ1000000", "file.too_long"),
    ):  # the second lies within the widest and the longest table
        cell = b'<row r="1"><c r="' + corner + b'"><v>1</v></c></row>'
        sheet = b"<worksheet " + space + b"><sheetData>" + cell + b"</sheetData></worksheet>"
        assert refusal(rezipped(workbook(["a"], ["b"]), "xl/worksheets/sheet1.xml", sheet)) == code


def test_an_endless_shared_text_is_refused() -> None:
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"x" * 1_000_000
        + b"</t></si></sst>"
    )
    assert refusal(rezipped(workbook(["a"], ["b"]), "xl/sharedStrings.xml", texts)) == "file.bomb"


def test_a_folder_gives_its_tables_but_not_those_below_it(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("b.csv", "a.CSV", "notes.md", "below/c.csv"):
        (tmp_path / name).write_text("x\n1\n", encoding="utf-8")
    assert [source.name for source in sources_from([tmp_path])] == ["a.CSV", "b.csv"]
    assert [source.name for source in sources_from([tmp_path, tmp_path / "below" / "c.csv"])] == [
        "a.CSV",
        "b.csv",
        "c.csv",
    ]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not there"):
        sources_from([tmp_path / "nothing.csv"])


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=("Cs", "Cc")), max_size=8)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=6))
def test_what_was_written_as_csv_is_read_back(lines: list[list[str]]) -> None:
    frame = pl.DataFrame(
        {"first": [f"k{at}" for at in range(len(lines))], "a": [r[0] for r in lines], "b": [r[1] for r in lines]}
    )
    found = table(frame.write_csv(quote_style="always"))
    assert found.facts.height == 0
    assert found.cells[ROW].to_list() == list(range(2, len(lines) + 2))
    for at, line in enumerate(lines):
        for name, text in zip("ab", line, strict=True):
            kept = found.cells[name][at] or ""
            assert kept.strip() in text or text.startswith("'")
