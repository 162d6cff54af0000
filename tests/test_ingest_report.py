"""The report of a dry run: every row with its outcome, in words, and safe to open in a spreadsheet."""

from __future__ import annotations

import fastexcel
import polars as pl
import pytest

from dashboard.i18n import has
from etl.ingest import Rehearsal, report_csv, report_xlsx
from tests.ingest_book import book, run

NAMES = '[[record]]\nentity = "customer"\nfile = "*"\nfields = { name = "name", address = "city", owner_id = "who" }\n'
TEXT = "name,city,who\nNew,Rome,\n=1+1,Rome,Bob\nAcme,Oslo,\nNew,Rome,\nSame,,\n合计,,\n"


@pytest.fixture
def found() -> Rehearsal:
    """A rehearsal with a row of every outcome."""
    return run(TEXT, NAMES, book(customer=[{"name": "Acme", "address": "Rome"}, {"name": "Same"}]))


def test_the_text_report_tells_every_row_those_in_need_of_a_look_first(found: Rehearsal) -> None:
    report = pl.read_csv(report_csv(found, "en"))
    assert report["Row"].to_list() == [3, 7, 5, 4, 2, 6]
    assert report["Outcome"].to_list() == ["Rejected", "Rejected", "Duplicate", "Changed", "New", "Unchanged"]
    told = dict(report.select("Row", "Reasons").iter_rows())
    assert told[3] == "Owner: No such record, or none within your reach. (Bob)"
    assert told[5] == "Same as row 2."
    assert told[2] is None
    assert dict(report.select("Row", "Changes").iter_rows())[4] == "Address: Rome → Oslo"


def test_a_report_is_safe_to_open(found: Rehearsal) -> None:
    assert "'=1+1" in pl.read_csv(report_csv(found, "en"))["Record"].to_list()


def test_the_workbook_begins_with_the_counts(found: Rehearsal) -> None:
    book_ = fastexcel.read_excel(report_xlsx(found, "zh"))
    assert book_.sheet_names == ["汇总", "明细"]
    rows = book_.load_sheet(0, header_row=None, dtypes="string").to_polars().rows()
    assert rows[0][1:] == ("新增", "更新", "无变化", "重复", "拒绝")
    assert rows[1] == ("客户", "1", "1", "1", "1", "2")
    assert book_.load_sheet(1).height == 6


def test_questions_and_formats_stand_in_the_summary() -> None:
    map_ = (
        '[[record]]\nentity = "deal"\nfile = "*"\nfields = { name = "n", created_on = "d", expected_close_on = "e" }\n'
    )
    asked = run("n,d,e\nA,1/2/2026,2026-03-31\n", map_)
    rows = fastexcel.read_excel(report_xlsx(asked, "en")).load_sheet(0, header_row=None, dtypes="string").to_polars()
    texts = {text for text in rows.to_series(0) if text}
    assert "file.csv: column e was read as ymd." in texts
    assert any(text.startswith("file.csv: the dates in column d can be read as dmy, mdy") for text in texts)


def test_every_reason_has_words_in_both_languages() -> None:
    codes = {
        "row": ("blank", "total", "too_short", "too_long", "duplicate", "key_twice"),
        "match": ("ambiguous", "archived"),
        "reference": ("unknown", "several", "rejected"),
        "step": ("differs", "not_allowed", "before_creation", "closed_stage"),
        "field": (
            "required",
            "type",
            "too_long",
            "too_low",
            "too_high",
            "choice",
            "email",
            "phone",
            "url",
            "json",
            "currency",
            "control",
            "future",
            "sequence",
            "taken",
        ),
        "currency": ("contradicts",),
        "rate": ("missing",),
        "import": ("no_create", "no_update"),
    }
    assert not [
        f"error.{part}.{code}" for part, some in codes.items() for code in some if not has(f"error.{part}.{code}")
    ]
