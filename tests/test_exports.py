"""Exports: what may leave, in which form, with what a reader must know, and without a formula in it."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from dashboard.actions import exports, imports
from dashboard.actions.exports import Export
from dashboard.actions.measure import measure
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.jobs import Desk as Jobs
from etl.ingest import Source, plan_for, read
from etl.metrics import Question
from tests.builders import frame_of, moment_ago, today
from tests.department import Desk

EVIL = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "＝1", "'=1"]


def named(desk: Desk, *names: str) -> None:
    """Customers with these names."""
    for name in names:
        desk.make("customer", name=name, owner_id=desk.people["rep"])


def taken(desk: Desk, who: str = "operator", entity: str = "customer", **more: object) -> Export:
    """An export as somebody."""
    return exports.export_records(desk.store, desk.actor(who), entity, "en", **more)  # type: ignore[arg-type]


def cells(content: bytes) -> list[tuple[object, ...]]:
    """The first sheet of a workbook."""
    return fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string").to_polars().rows()


def test_a_workbook_holds_the_rows_and_what_they_are(desk: Desk) -> None:
    desk.make(
        "deal", name="Big one", owner_id=desk.people["rep"], amount=Decimal("1234.5"), created_on=date(2026, 3, 1)
    )
    content = exports.files_of(taken(desk, entity="deal"), "deals.xlsx")["deals.xlsx"]
    book = fastexcel.read_excel(content)
    assert book.sheet_names == ["Deals", "About"]
    head, row = cells(content)
    deal = {str(title): str(cell) for title, cell in zip(head, row, strict=True)}
    assert (deal["Deal name"], deal["Owner"], deal["Amount"]) == ("Big one", "rep", "1234.5")
    assert deal["Created on"].startswith("2026-03-01")
    about = dict(book.load_sheet(1, header_row=None, dtypes="string").to_polars().rows())
    assert about["Scope"] == "Records within the reach of operator"
    assert about["Rows"] == "1"
    assert about["As of"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_formulas_are_neutralised(desk: Desk, ending: str) -> None:
    named(desk, *EVIL)
    content = exports.files_of(taken(desk, fields=["name"]), f"x{ending}")[f"x{ending}"]
    if ending == ".xlsx":
        texts = {str(cell) for row in cells(content) for cell in row}
    else:
        texts = set(pl.read_csv(content)["Customer name"])
    assert {f"'{text}" for text in EVIL if text != "'=1"} <= texts
    assert not {text for text in texts if text[:1] in "=+-@＝"}


def test_numbers_stay_numbers_and_negative_ones_are_no_formulas(desk: Desk) -> None:
    export = Export("x", pl.DataFrame({"n": [-5, 3]}), {"n": "N"}, {"title": "x"}, "en", "Asia/Shanghai")
    assert exports.files_of(export, "x.csv")["x.csv"] == b"\xef\xbb\xbfN\n-5\n3\n"


def test_an_export_can_be_imported_again_without_a_change(desk: Desk) -> None:
    named(desk, "Acme", "=Evil()", "北京远景")
    for name in ("x.csv", "x.xlsx"):
        source = Source(name, exports.files_of(taken(desk), name)[name])
        plan = plan_for("customer", read([source]))
        found = imports.rehearse(desk.store, operator(), [source], plan)
        assert found.total == {"create": 0, "update": 0, "unchanged": 3, "duplicate": 0, "rejected": 0}, found.reasons


def test_csv_has_its_description_beside_it_as_csv_on_the_web_wants(desk: Desk, tmp_path: Path) -> None:
    named(desk, "Acme")
    written = exports.write(taken(desk, where=[Condition("name", Operator.EQ, "Acme")]), tmp_path / "customers.csv")
    assert [path.name for path in written] == ["customers.csv", "customers.csv-metadata.json"]
    description = json.loads(written[1].read_text(encoding="utf-8"))
    assert (description["url"], description["dc:title"]) == ("customers.csv", "Customers")
    assert {"name": "filters", "text": "Customer name eq Acme"} in description["notes"]
    assert written[0].read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(description["tableSchema"]["columns"]) == pl.read_csv(written[0]).width


def test_parquet_and_json_keep_types_ids_and_labels(desk: Desk) -> None:
    deal = desk.make("deal", name="=1", owner_id=desk.people["rep"], amount=Decimal("0.1"), created_on=date(2026, 3, 1))
    export = taken(desk, entity="deal")
    stored = exports.files_of(export, "x.parquet")["x.parquet"]
    frame = pl.read_parquet(io.BytesIO(stored))
    assert frame.select("id", "name", "amount", "owner_id_label").row(0) == (deal, "=1", Decimal("0.1"), "rep")
    assert json.loads(pl.read_parquet_metadata(io.BytesIO(stored))["about"])["title"] == "Deals"
    content = json.loads(exports.files_of(export, "x.json")["x.json"])
    assert content["about"]["scope"] == "Records within the reach of operator"
    assert (content["rows"][0]["amount"], content["rows"][0]["created_on"]) == (0.1, "2026-03-01")


def test_another_ending_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"\.csv, \.xlsx"):
        exports.files_of(taken(desk), "customers.pdf")
    with pytest.raises(NotFound, match="no record type"):
        taken(desk, entity="password")


def test_only_records_and_fields_within_reach_leave(desk: Desk) -> None:
    named(desk, "Ours")
    desk.make("customer", name="Theirs", owner_id=desk.people["stranger"], phone="13800138000")
    assert taken(desk, "rep").frame["name"].to_list() == ["Ours"]
    everything = taken(desk, "leader").frame
    assert sorted(everything["name"]) == ["Ours", "Theirs"]
    assert set(everything["phone"].drop_nulls()) == {"138****8000"}
    with pytest.raises(Forbidden):
        taken(desk, "support")


def test_records_leave_as_they_were_at_the_end_of_a_past_day(desk: Desk) -> None:
    then = moment_ago(days=10)
    rep = desk.people["rep"]
    record = desk.make("deal", name="Old name", owner_id=rep, created_on=then.date(), effective_at=then)
    desk.make("deal", name="Later", owner_id=rep, created_on=today())
    desk.make("deal", name="Theirs", owner_id=desk.people["stranger"], created_on=then.date(), effective_at=then)
    desk.do("operator", "deal", "update", record, name="New name")
    day = today() - timedelta(days=3)
    found = taken(desk, "rep", "deal", fields=["name"], as_of=day)
    assert found.frame["name"].to_list() == ["Old name"]
    assert found.about["as_of"] == f"{day:%b} {day.day}, {day.year}"
    assert taken(desk, "rep", "deal", fields=["name"]).frame["name"].sort().to_list() == ["Later", "New name"]
    with pytest.raises(Forbidden):
        taken(desk, "support", as_of=day)


def test_a_rep_takes_out_a_thousand_rows_at_most(desk: Desk) -> None:
    rows = "name\n" + "".join(f"C{at}\n" for at in range(1001))
    source = [Source("c.csv", rows.encode())]
    plan = plan_for("customer", read(source))
    imports.commit(desk.store, operator(), imports.rehearse(desk.store, operator(), source, plan))
    owned = [
        {"id": i, "version": 1, "owner_id": desk.people["rep"]} for i in desk.store.find(operator(), "customer")["id"]
    ]
    desk.submit("operator", Change("customer", "update", frame_of("customer", *owned)))
    with pytest.raises(Refused, match="1,001"):
        taken(desk, "rep")
    assert taken(desk, "manager").frame.height == 1001


def test_a_large_export_needs_an_approval_of_that_very_export(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.actions.exports.collect.APPROVAL_FROM", 1)
    named(desk, "A", "B")
    with pytest.raises(Refused, match="approval"):
        taken(desk, "manager")
    facts = {"entity": "export", "record_id": "customer", "person_id": desk.people["manager"]}
    pending = desk.make("approval_run", status="pending", **facts)
    other = desk.make("approval_run", status="approved", **(facts | {"person_id": desk.people["head"]}))
    granted = desk.make("approval_run", status="approved", **facts)
    for approval in (pending, other):
        with pytest.raises(Refused, match="approval"):
            taken(desk, "manager", approval=approval)
    assert taken(desk, "manager", approval=granted).frame.height == 2
    assert taken(desk, "operator").frame.height == 2


def test_an_export_is_noted_in_the_audit_trail(desk: Desk) -> None:
    named(desk, "Acme")
    taken(desk, "manager")
    with desk.store.reading() as cursor:
        last = "SELECT verb, entity, records, actor_id FROM audit_entries ORDER BY sequence DESC LIMIT 1"
        entry = cursor.execute(last).fetchone()
    assert entry == ("export", "customer", 1, desk.people["manager"])
    assert desk.store.check() == []


def test_an_answer_carries_its_definition_scope_and_day(desk: Desk) -> None:
    deal = desk.make("deal", name="A", owner_id=desk.people["rep"], amount=Decimal(500), created_on=date(2026, 3, 1))
    desk.step("operator", "deal", "win", deal, amount=Decimal(500), closed_on=date(2026, 4, 1))
    jobs = Jobs(desk.store)
    jobs.refresh("start")
    assert jobs.marts is not None
    question = Question(
        "won_amount", by=("person",), since=date(2026, 1, 1), until=date(2027, 1, 1), today=date(2026, 11, 23)
    )
    answer = measure(desk.store, jobs.marts, desk.actor("manager"), question)
    export = exports.export_answer(desk.store, desk.actor("manager"), answer, question, "zh")
    assert export.about["scope"] == "manager 可见范围内的记录"
    assert export.about["definition"]
    assert export.about["as_of"] == "2026年11月23日"
    assert export.about["unit"].endswith("(CNY)")
    head, row = pl.read_csv(exports.files_of(export, "x.csv")["x.csv"], has_header=False).rows()[:2]
    shown = dict(zip(head, row, strict=True))
    assert (shown["人员"], float(shown["数值"])) == ("rep", 500.0)
