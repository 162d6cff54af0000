"""The figures of a page as one file: the numbers that stand on it, of the person's own reach, noted in the trail."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import fastexcel
import polars as pl
import pytest

from dashboard import jobs
from dashboard.actions import exports
from dashboard.actions.exports import Count
from dashboard.errors import Forbidden
from dashboard.i18n import translate
from dashboard.store.engine_duckdb import rows
from dashboard.ui import records, takeaway
from dashboard.ui.visit import Visit
from etl.metrics import Question
from tests.department import Desk
from tests.selling import company_today, running, sell, this_quarter, visiting


@pytest.fixture(scope="module", autouse=True)
def served(shared_desk: Desk) -> Iterator[jobs.Desk]:
    """The department with its sales, served."""
    sell(shared_desk)
    with running(shared_desk) as opened:
        yield opened


def asked(metric: str, *by: str) -> Question:
    """A question about the quarter."""
    quarter = this_quarter()
    return Question(metric, quarter.since, quarter.until, by, today=company_today())


def taken(served: jobs.Desk, desk: Desk, who: str, *figures: exports.Figure) -> list[exports.Export]:
    """The figures of a page as somebody."""
    assert served.marts is not None
    return exports.export_figures(served.store, served.marts, desk.actor(who), "overview", figures, "en")


def test_single_numbers_stand_in_one_table_and_charts_in_their_own(served: jobs.Desk, shared_desk: Desk) -> None:
    figures = (asked("won_amount"), asked("win_rate"), asked("won_amount", "person"))
    numbers, chart = taken(served, shared_desk, "manager", *figures)
    found = {row["figure"]: row for row in numbers.frame.to_dicts()}
    won, rate = (found[translate(f"metric.{name}.name", "en")] for name in ("won_amount", "win_rate"))
    assert (won["value"], won["n"], won["unit"]) == (150_000.0, 2, "money (CNY)")
    assert rate["value"] == pytest.approx(2 / 3)
    assert rate["low"] < rate["value"] < rate["high"]
    assert dict(chart.frame.select("person_label", "value").iter_rows()) == {"rep": 100_000.0, "colleague": 50_000.0}
    assert numbers.about["as_of"] == translate("page.overview.title", "en") or numbers.about["period"]


def test_a_book_has_a_sheet_for_each_and_one_that_says_what_they_are(served: jobs.Desk, shared_desk: Desk) -> None:
    same = (asked("won_amount", "person"), asked("won_amount", "region"))
    book = fastexcel.read_excel(exports.book_of(taken(served, shared_desk, "leader", asked("won_amount"), *same)))
    title = translate("metric.won_amount.name", "en")
    assert book.sheet_names == [translate("page.overview.title", "en"), title, f"{title} (2)", "About"]
    with zipfile.ZipFile(io.BytesIO(exports.archive_of(taken(served, shared_desk, "leader", *same)))) as archive:
        assert archive.namelist()[::2] == ["01-won_amount.csv", "02-won_amount.csv"]
        assert pl.read_csv(archive.read("01-won_amount.csv")).height == 3


def test_a_file_holds_the_reach_of_whoever_fetches_it_and_is_noted(served: jobs.Desk, shared_desk: Desk) -> None:
    rep = taken(served, shared_desk, "rep", asked("won_amount"))[0]
    assert rep.frame["value"].to_list() == [100_000.0]
    with served.store.reading() as cursor:
        text = "SELECT verb, entity FROM audit_entries WHERE actor_id = $1 ORDER BY sequence DESC LIMIT 1"
        assert rows(cursor, text, [shared_desk.people["rep"]]) == [("export", "overview")]
    with pytest.raises(Forbidden):
        taken(served, shared_desk, "support", asked("won_amount"))


def test_what_is_counted_is_counted_anew(served: jobs.Desk, shared_desk: Desk) -> None:
    counts = iter([1, 2])
    waiting = Count("Waiting", "Tickets that wait", lambda _: next(counts))
    values = [taken(served, shared_desk, "support", waiting)[0].frame["value"].item() for _ in range(2)]
    assert values == [1.0, 2.0]


@pytest.mark.parametrize(
    ("who", "page", "figures"),
    [("manager", "team", 14), ("leader", "overview", 8), ("rep", "overview", 8), ("support", "overview", 7)],
)
def test_each_page_offers_all_that_it_explains(
    shared_desk: Desk, monkeypatch: pytest.MonkeyPatch, who: str, page: str, figures: int
) -> None:
    offered: list[Visit] = []
    real = takeaway.offer

    def offer(visit: Visit, name: str) -> None:
        offered.append(visit)
        real(visit, name)

    monkeypatch.setattr(takeaway, "offer", offer)
    at = visiting(shared_desk, who, page)
    assert not at.error
    seen = offered[-1]
    assert len(seen.figures) == figures
    assert len(fastexcel.read_excel(takeaway.file_of(seen, page, "XLSX", seen.actor)).sheet_names) >= 3
    labels = [button.label for button in at.get("download_button")]
    assert labels == [translate("common.export_as", "zh", kind=kind) for kind in ("XLSX", "CSV")]


def test_the_records_behind_a_number_can_be_taken_out_by_whoever_may(served: jobs.Desk, shared_desk: Desk) -> None:
    at = visiting(shared_desk, "manager", "team")
    at.session_state[records.ASKED] = (asked("won_amount"), "Won")
    at.run()
    labels = [button.label for button in at.get("download_button")]
    assert labels.count(translate("common.export_as", "zh", kind="XLSX")) == 2
    visit = Visit(served, shared_desk.actor("manager"), "en", company_today(), "light")
    (listed,) = records.listed_of(visit, asked("won_amount"))
    content = records.file_of(visit, listed, ["number", "name"], "deals.xlsx", visit.actor)
    book = fastexcel.read_excel(content)
    assert book.load_sheet(0).to_polars()["Deal name"].to_list() == ["Crane", "Winch"]
    about = dict(book.load_sheet(1, header_row=None, dtypes="string").to_polars().rows())
    won = translate("metric.won_amount.name", "en")
    assert about["Filters"] == translate("records.title", "en", title=won)
