"""9,240 real leads through REST and through the page: as an independent reading of the file counts them, and undone."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.ui.importing import batches, rehearsal
from tests.api.calling import Api
from tests.department import Desk
from tests.real.conftest import DATA
from tests.selling import visiting

pytestmark = pytest.mark.real_data

FILE = DATA / "x_education_leads" / "Leads.csv"
ENTITIES = ("lead", "customer", "consent", "list_value")
NOTHING = ("", "Select")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The file as Python's own reader reads it."""
    if not FILE.is_file():
        pytest.skip(f"no real data at {FILE}: set SALES_TEST_DATA")
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(desk: Desk) -> dict[str, int]:
    """How many living records there are."""
    return {name: desk.store.count(operator(), name) for name in ENTITIES}


def imported(api: Api, path: Path) -> Any:
    """The commit of the file through REST."""
    admin = api("admin")
    files = {"file": (path.name, path.read_bytes(), "text/csv")}
    found = admin.call("POST", "/imports", files=files, data={"preset": "x_education"})
    assert found.status_code == 201, found.text
    told = found.json()
    assert (told["questions"], told["reasons"], told["total"]["rejected"]) == ([], [], 0)
    return admin.call("POST", found.headers["location"] + "/commit", json={}).json()


@pytest.fixture(scope="module")
def before(api: Api) -> dict[str, int]:
    """What there was."""
    return counts(api.desk)


@pytest.fixture
def done(api: Api, before: dict[str, int]) -> Iterator[Any]:
    """The import, taken back after the test."""
    committed = imported(api, FILE)
    yield committed
    undone = api("admin").call("POST", f"/imports/{committed['number']}/undo")
    assert undone.status_code == 200, undone.text
    assert counts(api.desk) == before, "undo returns to what there was"


def test_nothing_is_lost_and_nothing_invented(
    api: Api, rows: list[dict[str, str]], before: dict[str, int], done: Any
) -> None:
    desk = api.desk
    won = [row for row in rows if row["Converted"] == "1"]
    assert (len(rows), len(won), round(100 * len(won) / len(rows), 1)) == (9_240, 3_561, 38.5)
    refused = sum(row["Do Not Email"] == "Yes" for row in rows) + sum(row["Do Not Call"] == "Yes" for row in rows)
    made = {name: n - before[name] for name, n in counts(desk).items()}
    assert {name: made[name] for name in ("lead", "customer", "consent")} == {
        "lead": len(rows),
        "customer": len(won),
        "consent": refused,
    }
    leads = desk.store.find(operator(), "lead", [Condition("source", Operator.EQ, "x_education")])
    names = desk.store.labels("list_value", leads["source_id"].drop_nulls(), "en")
    by_id = {row["external_id"]: row for row in leads.iter_rows(named=True)}
    assert by_id.keys() == {row["Prospect ID"] for row in rows}
    for row in rows:
        lead = by_id[row["Prospect ID"]]
        wanted = {name: None if row[name] in NOTHING else row[name] for name in row if name}
        source = wanted["Lead Source"]
        assert (names.get(lead["source_id"]) or "").casefold() == (source or "").casefold(), row
        assert lead["status"] == ("converted" if row["Converted"] == "1" else "new")
        assert (lead["customer_id"] is not None) == (row["Converted"] == "1")
        assert lead["company"] == f"Prospect {row['Lead Number']}"
        assert lead["job_title"] == wanted["What is your current occupation"]
        assert ", ".join(text for text in (wanted["City"], wanted["Country"]) if text) == (lead["address"] or "")
        assert "Select" not in f"{lead['need']} {lead['address']} {lead['need_tags']}"
        subject = (wanted["Specialization"] or "").replace(", Investment And", " / Investment /")
        assert (lead["need_tags"] or []) == ([subject] if subject else [])
        assert " ".join((wanted["Tags"] or "").split()) in (lead["need"] or "")
    folded = Counter(row["Lead Source"].casefold() for row in rows if row["Lead Source"] not in NOTHING)
    found = Counter(names[source].casefold() for source in leads["source_id"].drop_nulls())
    assert found == folded
    assert found["google"] == 2_873, "Google and google are one"
    assert desk.store.check() == []


def test_a_second_import_of_the_same_changes_nothing(api: Api, rows: list[dict[str, str]], done: Any) -> None:
    assert rows
    again = imported(api, FILE)
    assert again["already"] is True


def test_the_page_knows_the_file_imports_it_and_takes_it_back(
    api: Api, rows: list[dict[str, str]], before: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(batches, "FRESH_SECONDS", 0.0)
    at = visiting(api.desk, "admin", "imports", "en")
    at.file_uploader[0].upload(FILE.name, FILE.read_bytes()).run()
    at.button(key="import_read").click().run()
    at.button(key="import_rehearse").click().run()
    outcomes = [int(metric.value.replace(",", "")) for metric in at.metric]
    assert sum(outcomes[:2]) == len(rows) + 3_561 + 736 + 19, "created, or brought back after an undo"
    assert sum(outcomes[2:]) == 0
    at.button(key="import_commit").click().run()
    assert counts(api.desk)["lead"] == before["lead"] + len(rows)
    button = next(one for one in at.button if str(one.key).startswith("import_undo_yes_"))
    button.click().run()
    assert not at.exception
    assert counts(api.desk) == before
