"""Likely duplicates over REST: the same answers as the forms give, and nothing more."""

from __future__ import annotations

import pytest

from dashboard.store.questions import Questions
from tests.api.calling import Api
from tests.department import Desk


def test_a_program_asks_before_it_captures(shared_desk: Desk, api: Api) -> None:
    mine = shared_desk.make("customer", name="北京恒通物流有限公司", owner_id=shared_desk.people["rep"])
    theirs = shared_desk.make("customer", name="远方", owner_id=shared_desk.people["stranger"], phone="13512345678")
    capture = {"entity": "lead", "values": {"company": "恒通物流", "phone": "135 1234 5678"}}
    found = api("rep").call("POST", "/duplicates", json=capture)
    assert found.status_code == 200, found.text
    assert [(item["id"], item["reason"]) for item in found.json()["items"]] == [(mine, "same")]
    assert found.json()["elsewhere"] == ["phone"]
    assert theirs not in found.text
    assert "远方" not in found.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entity": "deal"},
        {"entity": ["lead"]},
        {"entity": "lead", "values": []},
        {"entity": "lead", "values": {"need": "x"}},
        {"entity": "lead", "values": {"phone": 138}},
        {"entity": "lead", "values": {"company": "x" * 301}},
        {"entity": "lead", "id": 5},
        {"entity": "lead", "more": 1},
    ],
)
def test_what_cannot_be_compared_is_said(api: Api, body: dict[str, object]) -> None:
    api("rep").refused("POST", "/duplicates", 400, json=body)


def test_others_do_not_ask_and_nobody_asks_without_end(
    shared_desk: Desk, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_desk.store, "questions", Questions(shared_desk.store.rates, most=1))
    api("leader").refused("POST", "/duplicates", 403, json={"entity": "lead"})
    ask = {"entity": "lead", "values": {"phone": "13512345678"}}
    assert api("rep").call("POST", "/duplicates", json=ask).status_code == 200
    ask["values"] = {"phone": "13512345679"}
    api("rep").refused("POST", "/duplicates", 429, json=ask)
