"""No file makes a rehearsal fail: it is judged row by row, or refused with a reason."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.entities import RECORDS
from dashboard.domain.labels import field_label
from dashboard.errors import Refused
from dashboard.i18n import LANGUAGES
from etl.ingest import Source, plan_for, read, rehearse, report_csv
from tests.ingest_book import STAGES, TODAY, ZONE, book

WRITTEN = (
    "|1|1,234.5|¥5|12万|-5|50%|$3|1.234|2026-01-02|1/2/2026|13/02/2026|44000|2099-01-01|是|no|abc|=1+1|a@b.cn|"
    '138 0013 8000|N/A|Acme|acme|A|B|won|open|rep|合计|"q"|a\nb|😀|\'|\u202e'
)
CELLS = st.sampled_from([*WRITTEN.split("|"), "x" * 300])
KNOWN = book(
    customer=[{"name": "Acme"}, {"name": "A", "source": "file", "external_id": "1"}, {"name": "A"}],
    person=[{"name": "A"}],
    product=[{"name": "B", "aliases": ["A"]}],
    stage=STAGES,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes]:
    """An entity and a file with some of its headings over any cells."""
    entity = RECORDS[draw(st.sampled_from(sorted(RECORDS)))]
    names = draw(st.lists(st.sampled_from([f.name for f in entity.settable]), min_size=1, max_size=6, unique=True))
    headers = [field_label(entity.name, name, draw(st.sampled_from(LANGUAGES))) for name in names] + ["ID"]
    rows = draw(st.lists(st.lists(CELLS, min_size=len(headers), max_size=len(headers)), max_size=7))
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    return entity.name, text.getvalue().encode()


@given(tables())
def test_every_row_gets_an_outcome(case: tuple[str, bytes]) -> None:
    entity, data = case
    source = Source("file.csv", data)
    try:
        found = rehearse([source], plan_for(entity, read([source])), KNOWN, TODAY, ZONE)
    except Refused:
        return
    assert sum(found.total.values()) == found.rows.height
    rejected = found.rows.filter(found.rows["outcome"].is_in(["rejected", "duplicate"]))
    assert set(rejected["row"]) <= set(found.reasons["row"]), "whatever is left out has a reason"
    created = {row for change in found.changes if change.verb == "create" for row in change.rows["id"]}
    assert not created & set(rejected["id"].drop_nulls()) - set(
        found.rows.filter(found.rows["outcome"] == "create")["id"]
    )
    assert report_csv(found, "zh")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    with suppress(Refused):
        assert read([Source("file", data)])[0].file == "file"
