"""Imports through the interface: a rehearsal for its owner only, committed once, undone whole."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from dashboard.api import imports
from dashboard.domain.access import operator
from tests.api.calling import Api, Person, fields_at_fault

ROWS = "name,created_on,amount\nBrought,2026-03-01,100.50\nBrought too,2026-03-02,12.3万\n"
MAP = """
source = "old"
[[record]]
entity = "customer"
file = "*"
id = "id"
[record.fields]
name = "name"
"""


def send(person: Person, text: str = ROWS, headers: dict[str, str] | None = None, **words: Any) -> Any:
    """POST /imports."""
    files = {"file": ("deals.csv", text.encode(), "text/csv")}
    return person.call("POST", "/imports", headers, files=files, data={"entity": "deal"} | words)


def deals(api: Api) -> int:
    """How many deals there are."""
    return api.desk.store.count(operator(), "deal")


def test_an_import_is_rehearsed_committed_and_undone(api: Api) -> None:
    rep, before = api("rep"), deals(api)
    found = send(rep)
    assert (found.status_code, found.json()["total"]["create"]) == (201, 2)
    assert found.json()["formats"][0]["format"] == "ymd"
    assert rep.get(found.headers["location"]) == found.json()
    assert deals(api) == before, "a rehearsal writes nothing"
    done = rep.call("POST", found.headers["location"] + "/commit", json={"name": "March"})
    assert (done.status_code, done.json()["counts"]["deal"]["create"]) == (200, 2)
    assert deals(api) == before + 2
    assert rep.get(f"/import-batches/{done.json()['batch_id']}")["name"] == "March"
    undone = rep.call("POST", f"/imports/{done.json()['number']}/undo")
    assert (undone.status_code, undone.json()["archived"], deals(api)) == (200, 2, before)
    assert rep.refused("POST", f"/imports/{done.json()['number']}/undo", 409)["code"] == "import.undone_already"


def test_a_rehearsal_is_its_owners(api: Api) -> None:
    place = send(api("rep")).headers["location"]
    for method, path in (("GET", place), ("POST", f"{place}/commit")):
        api("colleague").refused(method, path, 404)
    assert api("rep").get(place)


def test_nobody_undoes_what_others_brought(api: Api) -> None:
    rep = api("rep")
    place = send(rep, "name,created_on\nMine alone,2026-03-03\n").headers["location"]
    batch = rep.call("POST", f"{place}/commit").json()["batch_id"]
    api("colleague").refused("POST", f"/imports/{batch}/undo", 404)
    api("support").refused("POST", f"/imports/{batch}/undo", 403)


def test_rejected_rows_say_why(api: Api) -> None:
    found = send(api("rep", "zh"), "name,created_on\n,2026-03-01\nGood,9999-01-01\n").json()
    assert found["total"]["rejected"] == 2
    assert {(row["row"], row["field"], row["code"]) for row in found["reasons"]} == {
        (2, "name", "field.required"),
        (3, "created_on", "field.future"),
    }
    assert found["reasons"][0]["detail"] == "请填写此项。"


def test_a_rehearsal_names_what_new_rows_look_like(api: Api) -> None:
    customer = api.desk.make("customer", name="杭州西溪仪器有限公司", owner_id=api.desk.people["rep"])
    text = "name\n西溪仪器\nNobody yet\nNobody yet Ltd\n"
    known, row = send(api("rep", "zh"), text, entity="customer").json()["alike"]
    assert (known["row"], known["like_id"], known["reason"]) == (2, customer, "same")
    assert "杭州西溪仪器有限公司" in known["detail"]
    assert (row["row"], row["like_row"], row["like_id"]) == (4, 3, None)
    strange = send(api("stranger"), text, entity="customer").json()["alike"]
    assert [one["row"] for one in strange] == [4], "what is out of reach does not exist"


def test_a_question_is_asked_and_answered(api: Api) -> None:
    rep, text = api("rep"), "name,created_on\nA,01/02/2026\nB,03/02/2026\n"
    asked = send(rep, text)
    question = asked.json()["questions"][0]
    assert (question["column"], set(question["options"])) == ("created_on", {"dmy", "mdy"})
    refused = rep.refused("POST", asked.headers["location"] + "/commit", 409)
    assert refused["code"] == "import.questions"
    answered = send(rep, text, answers=json.dumps({"created_on": "dmy"})).json()
    assert (answered["questions"], answered["total"]["create"]) == ([], 2)


def test_a_map_can_be_sent_along(api: Api) -> None:
    found = send(api("rep"), "id,name\n1,Mapped\n", entity="", map=MAP)
    assert (found.status_code, found.json()["counts"]["customer"]["create"]) == (201, 1)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ({"entity": ""}, 400, "request.invalid"),
        ({"preset": "maven_crm"}, 400, "request.invalid"),
        ({"entity": "nonsense"}, 400, "request.invalid"),
        ({"entity": "login_session"}, 400, "request.invalid"),
        ({"entity": "", "preset": "../../etc/passwd"}, 409, "map.unknown"),
        ({"entity": "", "map": "not [toml"}, 409, "map.syntax"),
        ({"answers": "[]"}, 400, "request.invalid"),
        ({"answers": '{"decimal": "x"}'}, 400, "request.invalid"),
        ({"nonsense": "1"}, 400, "request.invalid"),
    ],
)
def test_what_cannot_be_imported(api: Api, words: dict[str, str], status: int, code: str) -> None:
    found = send(api("rep"), **words)
    assert (found.status_code, found.json()["code"]) == (status, code)


def test_an_import_has_files(api: Api) -> None:
    rep = api("rep")
    assert rep.refused("POST", "/imports", 415, json={})["code"] == "body.media_type"
    found = rep.call("POST", "/imports", files={"other": ("a.csv", b"x")})
    assert fields_at_fault(found.json()) == {"other": "field.unknown", "file": "field.required"}
    raw = {"Content-Type": "multipart/form-data; boundary=x"}
    assert rep.refused("POST", "/imports", 400, content=b"--x\r\nnonsense", headers=raw)["code"] in (
        "body.not_a_form",
        "request.invalid",
    )


def test_who_may_import_nothing_is_refused(api: Api) -> None:
    for who in ("leader", "support"):
        assert send(api(who)).status_code == 403


def test_rehearsals_wait_only_so_long_and_only_so_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = api("rep")
    places = [send(rep).headers["location"] for _ in range(imports.MOST_OF_ONE + 1)]
    rep.refused("GET", places[0], 404)
    assert rep.get(places[1])
    monkeypatch.setattr(imports, "LIFETIME", dt.timedelta(seconds=-1))
    rep.refused("GET", send(rep).headers["location"], 404)


def test_a_repeated_request_is_rehearsed_once(api: Api) -> None:
    rep, headers = api("rep"), {"Idempotency-Key": "import-1", "Content-Type": "multipart/form-data; boundary=b"}
    form = (
        b'--b\r\nContent-Disposition: form-data; name="entity"\r\n\r\ndeal\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="d.csv"\r\n\r\n'
        b"name,created_on\nX,2026-01-01\n\r\n--b--\r\n"
    )
    first, second = (rep.call("POST", "/imports", headers, content=form) for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
