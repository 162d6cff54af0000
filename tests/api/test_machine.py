"""Health, counters, the audit trail and the page of the document: for whom they are, and what they say."""

from __future__ import annotations

import re

import pytest

from dashboard import jobs
from tests.api.calling import Api


@pytest.mark.parametrize("path", ["/api/health", "/api/v1/health"])
def test_health_tells_nothing_but_whether_it_is_ready(api: Api, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = api.client.get(path)
    assert (found.status_code, found.json()) == (200, {"status": "ready"})
    monkeypatch.setattr(jobs.Running, "desk", None)
    found = api.client.get(path)
    assert (found.status_code, found.json()) == (503, {"status": "starting"})


def test_while_the_server_starts_everything_else_waits(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = api("rep")
    monkeypatch.setattr(jobs.Running, "desk", None)
    assert rep.refused("GET", "/deals", 503)["code"] == "api.starting"
    assert api.client.post("/api/v1/session", json={"username": "a", "password": "b"}).status_code == 503


def test_counters_are_for_administrators_and_hold_no_addresses(api: Api) -> None:
    admin, one = api("admin"), api.desk.make("deal", name="Counted", owner_id=api.desk.people["rep"])
    admin.get(f"/deals/{one}")
    text = admin.call("GET", "/ops/metrics").text
    assert 'salesdesk_requests_total{method="GET",route="/v1/{plural:entity}/{record_id}",status="200"} ' in text
    assert one not in text
    assert f"salesdesk_store_revision {api.desk.store.revision}" in text
    for line in text.splitlines():
        assert re.fullmatch(r"# TYPE \w+ (counter|gauge|histogram)|\w+(\{.*\})? [0-9.e+-]+", line), line
    for who in ("rep", "manager", "leader", "support"):
        api(who).refused("GET", "/ops/metrics", 403)


def test_the_audit_trail_is_for_administrators_newest_first(api: Api) -> None:
    admin, desk = api("admin"), api.desk
    one = desk.make("deal", name="Audited", owner_id=desk.people["rep"])
    desk.do("rep", "deal", "update", one, name="Audited twice")
    found = admin.get("/audit", record_id=one)["items"]
    assert [(row["verb"], row["via"]) for row in found] == [("update", "page"), ("create", "cli")]
    assert found[0]["details"] == {"fields": ["name"]}
    first = admin.get("/audit", limit=1)
    second = admin.get("/audit", limit=1, cursor=first["next"])
    assert first["items"][0]["sequence"] == second["items"][0]["sequence"] + 1
    assert admin.get("/audit", verb="create", entity="deal", to="2020-01-01T00:00:00Z")["items"] == []
    for who in ("rep", "manager", "leader", "support"):
        api(who).refused("GET", "/audit", 403)


def test_what_was_written_through_the_interface_says_so(api: Api) -> None:
    rep = api("rep")
    made = rep.make("deals", name="By program", created_on="2026-01-05", owner_id=api.desk.people["rep"])
    assert [row["via"] for row in api("admin").get("/audit", record_id=made["id"])["items"]] == ["rest"]


def test_the_page_of_the_document_needs_nothing_from_elsewhere(api: Api) -> None:
    page = api.client.get("/api/docs", headers={"Accept-Language": "zh"})
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="zh">' in page.text
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)
    for place in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        found = api.client.get(f"/api/{place}")
        assert found.status_code == 200, place
        assert len(found.content) > 100
    assert api.client.get("/api/docs/nonsense.js").status_code == 404
    assert api.client.get("/api/docs/..%2Fcore.py").status_code == 404


def test_the_document_speaks_both_languages(api: Api) -> None:
    documents = {
        language: api.client.get("/api/openapi.json", headers={"Accept-Language": language}).json()
        for language in ("zh", "en")
    }
    amount = [found["components"]["schemas"]["Deal"]["properties"]["amount"] for found in documents.values()]
    assert [found["description"].split(";")[0].split("；")[0] for found in amount] == ["金额", "Amount"]
    assert documents["zh"]["paths"].keys() == documents["en"]["paths"].keys()
