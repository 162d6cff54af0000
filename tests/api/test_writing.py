"""New records, changes, verbs, the archive and batches: versions, refusals, and requests that count once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dashboard.api.addresses import PLURALS
from dashboard.domain.access import operator
from dashboard.domain.entities import RECORDS
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from tests.api.calling import Api, Person, fields_at_fault
from tests.builders import days_ago, moment_ago, today, valid
from tests.verbs.stock import Stock, spoken

TODAY = today().isoformat()


def deal(person: Person, api: Api, **values: Any) -> dict[str, Any]:
    """A new deal of the rep."""
    return person.make("deals", **{"name": "A deal", "created_on": TODAY, "owner_id": api.desk.people["rep"]} | values)


def count(api: Api, name: str) -> int:
    """How many deals have a name."""
    return api.desk.store.count(operator(), "deal", [Condition("name", Operator.EQ, name)])


def test_a_new_record_has_an_address_and_a_version(api: Api) -> None:
    rep = api("rep")
    found = rep.call(
        "POST",
        "/deals",
        json={"name": "New", "created_on": TODAY, "amount": "12.50", "owner_id": api.desk.people["rep"]},
    )
    assert (found.status_code, found.headers["etag"]) == (201, '"1"')
    assert found.json() == rep.call("GET", found.headers["location"]).json()
    assert found.json()["amount"] == "12.5000"


NEW: dict[str, dict[str, Any]] = {
    "leads": {"company": "Harbour Works", "created_on": TODAY},
    "customers": {"name": "Harbour Works", "created_on": TODAY},
    "deals": {"name": "Two cranes", "created_on": TODAY},
    "tasks": {"title": "Call them", "created_on": TODAY, "due_on": TODAY},
}


@pytest.mark.parametrize(
    ("plural", "field"), [*((one, "owner_id") for one in NEW if one != "tasks"), ("tasks", "assignee_id")]
)
def test_what_names_nobody_is_of_whoever_makes_it(api: Api, plural: str, field: str) -> None:
    rep, manager, me = api("rep"), api("manager"), api.desk.people["rep"]
    assert rep.make(plural, **NEW[plural])[field] == me
    assert rep.make(plural, **NEW[plural] | {field: None})[field] == me
    lines = [{"verb": "create", "values": NEW[plural]}]
    [made] = rep.call("POST", f"/{plural}:batch", json={"changes": lines}).json()["items"]
    assert rep.get(f"/{plural}/{made['id']}")[field] == me
    assert manager.make(plural, **NEW[plural] | {field: me})[field] == me


def test_a_lead_for_the_pool_is_nobodys(api: Api) -> None:
    pooled = {"pool_team_id": api.desk.teams["north"]}
    assert api("manager").make("leads", **NEW["leads"] | pooled)["owner_id"] is None
    assert api("rep").refused("POST", "/leads", 403, json=NEW["leads"] | pooled)["code"] == "access.forbidden"


def test_a_change_needs_the_version_that_was_seen(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api)
    address = f"/deals/{made['id']}"
    assert rep.refused("PATCH", address, 428, json={"name": "B"})["code"] == "request.version_missing"
    changed = rep.change(address, 1, name="B", amount=100)
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "B")
    stale = rep.refused("PATCH", address, 412, json={"name": "C"}, headers={"If-Match": '"1"'})
    assert (stale["mine"]["name"], stale["theirs"]["name"], stale["theirs"]["version"]) == ("C", "B", 2)
    assert stale["theirs"]["amount"] == "100.0000"
    assert rep.get(address)["name"] == "B"


def test_what_a_change_does_not_name_stays_and_null_empties(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api, next_step="call", amount="5")
    changed = rep.change(f"/deals/{made['id']}", 1, next_step=None).json()
    assert (changed["next_step"], changed["amount"], changed["name"]) == (None, "5.0000", "A deal")


def test_a_change_that_changes_nothing_is_answered_like_one(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api)
    same = rep.change(f"/deals/{made['id']}", 1, name="A deal")
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"nonsense": 1}, {"nonsense": "field.unknown"}),
        ({"version": 3}, {"version": "field.unknown"}),
        ({"stage_type": "won"}, {"stage_type": "field.not_allowed"}),
        ({"name": None}, {"name": "field.required"}),
        ({"name": 5}, {"name": "field.type"}),
        ({"name": "x" * 201}, {"name": "field.too_long"}),
        ({"amount": "1.23456"}, {"amount": "field.too_precise"}),
        ({"amount": "1e5"}, {"amount": "field.type"}),
        ({"amount": "123456789012345"}, {"amount": "field.too_high"}),
        ({"amount": True}, {"amount": "field.type"}),
        ({"probability": "-0.5"}, {"probability": "field.too_low"}),
        ({"probability": "1.5"}, {"probability": "field.too_high"}),
        ({"created_on": "2026-02-30"}, {"created_on": "field.type"}),
        ({"created_on": "9999-01-01"}, {"created_on": "field.future"}),
        ({"need_tags": "a"}, {"need_tags": "field.type"}),
        ({"forecast_category": "sure"}, {"forecast_category": "field.choice"}),
        ({"customer_id": "nobody"}, {"customer_id": "reference.not_found"}),
        ({"effective_at": "2026-01-01"}, {"effective_at": "field.type"}),
        ({"amount": "x", "created_on": 1}, {"amount": "field.type", "created_on": "field.type"}),
    ],
)
def test_each_value_that_does_not_fit_is_named(api: Api, given: dict[str, Any], faults: dict[str, str]) -> None:
    rep = api("rep")
    made = deal(rep, api)
    problem = rep.refused("PATCH", f"/deals/{made['id']}", 422, json=given, headers={"If-Match": '"1"'})
    assert fields_at_fault(problem) == faults
    assert rep.get(f"/deals/{made['id']}")["version"] == 1


def test_a_reference_out_of_reach_reads_like_one_that_does_not_exist(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    foreign = desk.make("customer", name="Foreign", owner_id=desk.people["stranger"])
    answers = [
        rep.refused("POST", "/deals", 422, json={"name": "X", "created_on": TODAY, "customer_id": customer})
        for customer in (foreign, "nobody-knows-it")
    ]
    assert answers[0] == answers[1]


def test_it_can_be_said_when_something_happened_and_why(api: Api) -> None:
    rep, moment = api("rep"), moment_ago(days=3).replace(microsecond=0)
    made = deal(rep, api, created_on=days_ago(5).isoformat(), effective_at=moment.isoformat() + "Z", why="told late")
    told = rep.get(f"/deals/{made['id']}/history")["items"][0]
    assert (told["effective_at"], told["why"]) == (moment.isoformat() + ".000000Z", "told late")


def test_nobody_gives_away_or_takes_what_is_not_theirs(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    made = deal(rep, api)
    stolen = rep.refused(
        "POST", "/deals", 403, json={"name": "X", "created_on": TODAY, "owner_id": desk.people["stranger"]}
    )
    assert stolen["code"] == "access.forbidden"
    given = rep.change(f"/deals/{made['id']}", 1, owner_id=desk.people["colleague"])
    assert given.status_code == 403


def test_the_archive_takes_and_gives_back(api: Api) -> None:
    manager = api("manager")
    made = deal(manager, api)
    address = f"/deals/{made['id']}"
    assert manager.refused("DELETE", address, 428)["code"] == "request.version_missing"
    assert manager.call("DELETE", address, {"If-Match": '"7"'}).status_code == 412
    gone = manager.call("DELETE", address, {"If-Match": '"1"'})
    assert (gone.status_code, gone.content) == (204, b"")
    assert manager.get(address)["archived_at"]
    assert api("rep").call("POST", f"{address}/restore").status_code == 403
    back = manager.call("POST", f"{address}/restore")
    assert (back.status_code, back.json()["archived_at"], back.headers["etag"]) == (200, None, '"3"')


# verbs


def test_a_verb_moves_a_record_along_its_life(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api, amount="10")
    address = f"/deals/{made['id']}"
    empty = dict.fromkeys(("lost_reason_id", "competitor_id"), "field.required")
    assert fields_at_fault(rep.refused("POST", f"{address}/lose", 422)) == empty
    won = rep.call("POST", f"{address}/win", json={"closed_on": TODAY})
    assert (won.status_code, won.json()["stage_type"], won.headers["etag"]) == (200, "won", '"2"')
    again = rep.refused("POST", f"{address}/win", 409, json={"closed_on": TODAY})
    assert (again["code"], "reopen" in again["detail"]) == ("verb.not_allowed", True)
    assert rep.refused("POST", f"{address}/reopen", 409)["code"] == "verb.needs_why"
    assert rep.call("POST", f"{address}/reopen", json={"why": "came back"}).json()["stage_type"] == "open"


def test_a_verb_may_insist_on_the_version_that_was_seen(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api, amount="10")
    rep.change(f"/deals/{made['id']}", 1, name="Other")
    address, body = f"/deals/{made['id']}/win", {"closed_on": TODAY}
    rep.refused("POST", address, 412, json=body, headers={"If-Match": '"1"'})
    assert rep.call("POST", address, {"If-Match": '"2"'}, json=body).status_code == 200


@pytest.mark.parametrize("verb", ["explode", "create", "update", "archive", "merge", "claim"])
def test_a_verb_that_does_not_exist_is_no_address(api: Api, verb: str) -> None:
    rep = api("rep")
    made = deal(rep, api)
    assert rep.refused("POST", f"/deals/{made['id']}/{verb}", 404)["code"] == "api.no_such_address"


def test_a_lead_is_claimed_from_the_pool_assigned_and_released(api: Api) -> None:
    desk, rep, manager = api.desk, api("rep"), api("manager")
    lead = desk.make("lead", company="Pooled", owner_id=None, pool_team_id=desk.teams["north"])
    claimed = rep.call("POST", f"/leads/{lead}/claim")
    assert (claimed.status_code, claimed.json()["owner_id"], claimed.json()["pool_team_id"]) == (
        200,
        desk.people["rep"],
        None,
    )
    assert rep.call("POST", f"/leads/{lead}/assign", json={"owner_id": desk.people["colleague"]}).status_code == 403
    assert fields_at_fault(manager.refused("POST", f"/leads/{lead}/assign", 422)) == {"owner_id": "field.required"}
    given = manager.call("POST", f"/leads/{lead}/assign", json={"owner_id": desk.people["colleague"]})
    assert given.json()["owner_id"] == desk.people["colleague"]
    rep.refused("GET", f"/leads/{lead}", 404)
    assert manager.refused("POST", f"/leads/{lead}/release", 409)["code"] == "verb.needs_why"
    freed = manager.call("POST", f"/leads/{lead}/release", json={"why": "no time"})
    assert (freed.json()["owner_id"], freed.json()["pool_team_id"]) == (None, desk.teams["north"])


def test_what_leaves_the_callers_reach_answers_with_its_id_only(api: Api) -> None:
    desk, manager = api.desk, api("manager")
    lead = desk.make("lead", company="Moved", owner_id=desk.people["rep"])
    moved = manager.call("POST", f"/leads/{lead}/assign", json={"owner_id": desk.people["stranger"]})
    assert (moved.status_code, moved.json()) == (200, {"id": lead})


def test_an_import_is_remembered_and_never_entered(api: Api) -> None:
    """Whoever could write one by hand could have any change-set undone."""
    desk, manager = api.desk, api("manager")
    batch = desk.make("import_batch", name="Batch", status="committed", person_id=desk.people["manager"])
    body = {"name": "Forged", "status": "committed", "committed_revision": 1, "content_sha256": "x"}
    assert manager.call("POST", "/import-batches", json=body).status_code == 405
    assert manager.change(f"/import-batches/{batch}", 1, committed_revision=2).status_code == 405
    assert manager.call("POST", "/import-batches:batch", json={"changes": [{"verb": "create"}]}).status_code == 405
    assert manager.call("DELETE", f"/import-batches/{batch}", {"If-Match": '"1"'}).status_code == 403
    assert manager.get(f"/import-batches/{batch}")["name"] == "Batch"


# batches


def test_a_batch_is_written_as_one_change_set(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    old, before = deal(rep, api), desk.store.revision
    lines = [
        {"verb": "create", "values": {"name": "One", "created_on": TODAY, "owner_id": desk.people["rep"]}},
        {"verb": "create", "values": {"name": "Two", "created_on": TODAY, "owner_id": desk.people["rep"], "amount": 5}},
        {"id": old["id"], "version": 1, "values": {"amount": "9"}},
        {"verb": "win", "id": old["id"], "version": 2, "values": {"closed_on": TODAY}},
    ]
    found = rep.call("POST", "/deals:batch", json={"changes": lines, "why": "all at once"})
    assert found.status_code == 200, found.text
    assert [item.get("version") for item in found.json()["items"]] == [1, 1, 3, 3]
    assert desk.store.revision == before + 1
    assert rep.get(f"/deals/{old['id']}")["stage_type"] == "won"
    assert rep.get(f"/deals/{found.json()['items'][1]['id']}")["amount"] == "5.0000"


@pytest.mark.parametrize(
    ("bad", "status", "faults"),
    [
        ({"verb": "create", "values": {"name": "Bad"}}, 422, {(2, "created_on", "field.required")}),
        (
            {"verb": "create", "values": {"name": 5, "x": 1}},
            422,
            {(2, "name", "field.type"), (2, "x", "field.unknown")},
        ),
        ({"verb": "fly"}, 422, {(2, "verb", "verb.unknown")}),
        ({"id": "nobody", "values": {}}, 422, {(2, "version", "field.required")}),
        ({"values": []}, 422, {(2, "values", "field.type")}),
        ("create", 422, {(2, None, "field.type")}),
        ({"verb": "create", "id": "mine", "values": {}}, 422, {(2, "id", "field.not_allowed")}),
    ],
)
def test_a_batch_is_all_or_nothing(api: Api, bad: Any, status: int, faults: set[Any]) -> None:
    rep, desk = api("rep"), api.desk
    good = {"verb": "create", "values": {"name": "Half", "created_on": TODAY, "owner_id": desk.people["rep"]}}
    problem = rep.refused("POST", "/deals:batch", status, json={"changes": [good, good, bad, good]})
    assert {(e.get("row"), e["field"], e["code"]) for e in problem["errors"]} == faults
    assert count(api, "Half") == 0


def test_a_batch_says_which_change_was_refused(api: Api) -> None:
    rep = api("rep")
    made = [deal(rep, api, name="Versioned") for _ in range(3)]
    lines = [
        {"id": row["id"], "version": version, "values": {"amount": "1"}}
        for row, version in zip(made, (1, 9, 1), strict=True)
    ]
    assert rep.refused("POST", "/deals:batch", 412, json={"changes": lines})["change"] == 1
    lines[1] = {"id": "nobody", "version": 1, "values": {"amount": "1"}}
    assert rep.refused("POST", "/deals:batch", 404, json={"changes": lines})["code"] == "record.not_found"
    assert {rep.get(f"/deals/{row['id']}")["version"] for row in made} == {1}


def test_nothing_is_added_to_an_archived_record(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    old, live = deal(rep, api), deal(rep, api)
    desk.do("operator", "deal", "archive", old["id"])
    said = {"summary": "They called", "kind": "call", "direction": "incoming", "happened_at": f"{TODAY}T00:00:00Z"}
    lines = [{"verb": "create", "values": {**said, "deal_id": one["id"]}} for one in (live, old, live)]
    problem = rep.refused("POST", "/interactions:batch", 409, json={"changes": lines})
    assert (problem["code"], problem["change"]) == ("record.whole_archived", 1)
    for language, words in (("en", "archived"), ("zh", "已归档")):
        headers = {"Accept-Language": language}
        told = rep.call("POST", "/interactions", headers, json={**said, "deal_id": old["id"]})
        assert told.status_code == 409
        assert words in told.json()["detail"]
    hers = desk.make("deal", owner_id=desk.people["stranger"])
    desk.do("operator", "deal", "archive", hers)
    told = rep.refused("POST", "/interactions", 422, json={**said, "deal_id": hers})
    assert [one["code"] for one in told["errors"]] == ["reference.not_found"]


def test_a_batch_names_the_line_also_where_changes_of_several_kinds_stand_mixed(api: Api) -> None:
    rep = api("rep")
    known = deal(rep, api)
    good = {"verb": "create", "values": {"name": "Mixed", "created_on": TODAY, "owner_id": api.desk.people["rep"]}}
    bad = {"verb": "create", "values": {"name": "Mixed", "created_on": "9999-01-01"}}
    lines = [{"id": known["id"], "version": 1, "values": {"amount": "1"}}, good, bad]
    problem = rep.refused("POST", "/deals:batch", 422, json={"changes": lines})
    assert [(e["row"], e["field"], e["code"]) for e in problem["errors"]] == [(2, "created_on", "field.future")]


def test_a_batch_has_its_limits(api: Api) -> None:
    rep = api("rep")
    for lines in ([], "all", [{"verb": "create", "values": {}}] * 1001):
        problem = rep.refused("POST", "/deals:batch", 400, json={"changes": lines})
        assert fields_at_fault(problem) == {"changes": "request.batch_size"}


# requests that count once


def test_the_same_request_counts_once_and_gets_the_same_answer(api: Api) -> None:
    rep, body = api("rep"), {"name": "Once", "created_on": TODAY, "owner_id": api.desk.people["rep"]}
    first, second = (rep.call("POST", "/deals", {"Idempotency-Key": "key-1"}, json=body) for _ in range(2))
    assert (first.content, first.headers["location"]) == (second.content, second.headers["location"])
    assert (first.status_code, second.status_code) == (201, 201)
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    assert count(api, "Once") == 1


def test_the_same_key_with_another_request_is_refused(api: Api) -> None:
    rep, headers = api("rep"), {"Idempotency-Key": "key-2"}
    body = {"name": "Two", "created_on": TODAY, "owner_id": api.desk.people["rep"]}
    made = rep.call("POST", "/deals", headers, json=body).json()
    for path, other in (("/deals", body | {"name": "Three"}), ("/tasks", body), (f"/deals/{made['id']}/win", {})):
        assert rep.refused("POST", path, 422, headers=headers, json=other)["code"] == "request.reused"


def test_a_key_belongs_to_one_person(api: Api) -> None:
    for who in ("rep", "colleague"):
        body = {"name": "Shared key", "created_on": TODAY, "owner_id": api.desk.people[who]}
        assert api(who).call("POST", "/deals", {"Idempotency-Key": "key-3"}, json=body).status_code == 201


def test_a_refused_request_may_be_mended_under_its_key(api: Api) -> None:
    rep, headers = api("rep"), {"Idempotency-Key": "key-4"}
    body = {"name": "Mended", "owner_id": api.desk.people["rep"]}
    rep.refused("POST", "/deals", 422, headers=headers, json=body)
    assert rep.call("POST", "/deals", headers, json=body | {"created_on": TODAY}).status_code == 201


def test_of_requests_at_the_same_time_one_counts(api: Api) -> None:
    rep, together = api("rep"), threading.Barrier(4)
    body = {"name": "Racing", "created_on": TODAY, "owner_id": api.desk.people["rep"]}

    def send(_: int) -> Any:
        together.wait()
        return rep.call("POST", "/deals", {"Idempotency-Key": "key-5"}, json=body)

    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(send, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(api, "Racing") == 1


def test_a_kept_answer_is_unreadable_without_its_key(api: Api) -> None:
    from dashboard.store.engine_duckdb import rows
    from dashboard.store.requests import KEPT

    body = {"name": "Hidden answer", "created_on": TODAY, "owner_id": api.desk.people["rep"]}
    api("rep").call("POST", "/deals", {"Idempotency-Key": "a secret key"}, json=body)
    with api.desk.store.reading() as cursor:
        found = rows(cursor, KEPT.select())
    assert found
    assert not any(word in repr(found) for word in ("Hidden answer", "a secret key"))


def test_a_key_is_visible_text(api: Api) -> None:
    problem = api("rep").refused("POST", "/deals", 400, headers={"Idempotency-Key": "x" * 201}, json={})
    assert fields_at_fault(problem) == {"Idempotency-Key": "request.idempotency_key"}


# bodies


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "body.not_json"),
        (b"[]", "application/json", 400, "body.not_an_object"),
        (b'"x"', "application/json", 400, "body.not_an_object"),
        (b'{"amount": NaN}', "application/json", 400, "body.not_json"),
        (b'{"amount": Infinity}', "application/json", 400, "body.not_json"),
        (b'{"amount": -Infinity}', "application/json", 400, "body.not_json"),
        (b'{"name": "a", "name": "b"}', "application/json", 400, "body.not_json"),
        (b'{"name": "\\ud800"}', "application/json", 400, "body.not_unicode"),
        (b'{"name": "a\\u0000b"}', "application/json", 400, "body.not_unicode"),
        (b'{"\\ud800": 1}', "application/json", 400, "body.not_unicode"),
        (b'{"name": "\xff"}', "application/json", 400, "body.not_json"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "application/json", 400, "body.not_json"),
        (b'{"custom": ' + b"[" * 30 + b"]" * 30 + b"}", "application/json", 400, "body.too_deep"),
        (b'{"custom": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "application/json", 400, "body.too_deep"),
        (b'{"name": "' + b"x" * 1_100_000 + b'"}', "application/json", 413, "body.too_large"),
        (b'{"name": "a"}', "text/plain", 415, "body.media_type"),
        (b'{"name": "a"}', "", 415, "body.media_type"),
    ],
)
def test_a_hostile_body_is_refused_in_words(api: Api, raw: bytes, kind: str, status: int, code: str) -> None:
    problem = api("rep").refused("POST", "/deals", status, content=raw, headers={"Content-Type": kind})
    assert problem["code"] == code


def test_a_body_that_does_not_say_its_length_is_measured_while_it_comes(api: Api) -> None:
    parts = (b'{"name": "', *([b"x" * 100_000] * 12), b'"}')
    headers = {"Content-Type": "application/json"}
    assert api("rep").refused("POST", "/deals", 413, content=iter(parts), headers=headers)["code"] == "body.too_large"


def test_structured_values_come_back_as_they_were(api: Api) -> None:
    rep, custom = api("rep"), {"a": [1, 2.5, None, {"深": "值"}], "b": True}
    assert rep.get(f"/deals/{deal(rep, api, custom=custom)['id']}")["custom"] == custom


def test_nobody_on_the_way_keeps_an_answer(api: Api) -> None:
    rep = api("rep")
    for path in ("/deals", f"/deals/{deal(rep, api)['id']}", "/deals/nobody"):
        assert rep.call("GET", path).headers["cache-control"] == "no-store"


def test_an_error_on_our_side_tells_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.api import records

    def broken(*_: Any) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(records, "items", broken)
    found = api("rep").call("GET", "/deals")
    assert found.status_code == 500
    assert found.json()["code"] == "unexpected"
    assert "secret" not in json.dumps(found.json())


def test_after_all_this_the_store_holds_together(api: Api) -> None:
    assert api.desk.store.check() == []


def test_a_quick_update_is_one_change_and_one_interaction_however_often_it_is_sent(api: Api) -> None:
    rep = api("rep")
    made = deal(rep, api, amount="10")
    at, key = f"/deals/{made['id']}/quick", {"Idempotency-Key": "quick-1-of-the-tests"}
    body = {"happened": "Visited them", "next_step": "Offer", "next_step_on": TODAY}
    answers = [rep.call("POST", at, key, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (answers[0].json()["next_step"], answers[0].headers["etag"]) == ("Offer", '"2"')
    said = rep.get("/interactions", deal_id=made["id"])["items"]
    assert [(row["kind"], row["summary"]) for row in said] == [("visit", "Visited them")]
    assert rep.refused("POST", at, 409, json={})["code"] == "quick.empty"
    assert fields_at_fault(rep.refused("POST", at, 422, json={"happened": 5, "owner_id": "x"})) == {
        "happened": "field.type",
        "owner_id": "field.unknown",
    }
    rep.refused("POST", at, 412, json=body | {"next_step": "Call"}, headers={"If-Match": '"1"'})
    api("stranger").refused("POST", at, 404, json=body)
    api("leader").refused("POST", at, 403, json=body)


def test_a_lost_reason_is_no_source(api: Api) -> None:
    rep, refs = api("rep"), api.desk.refs
    body = {"company": "Wrong list", "created_on": TODAY, "owner_id": refs["person"], "source_id": refs["lost_reason"]}
    problem = rep.refused("POST", "/leads", 422, json=body)
    assert fields_at_fault(problem) == {"source_id": "reference.wrong_list"}
    rep.refused("POST", "/leads:batch", 422, json={"changes": [{"verb": "create", "values": body}]})
    assert rep.make("leads", **{**body, "source_id": refs["source"]})["source_id"] == refs["source"]


# the last one: among what it makes are rules that others would have to go by


def test_a_new_record_without_one_of_its_facts_is_no_failure(api: Api) -> None:
    stock = Stock(api.desk)
    people, known = [api(name) for name in ("rep", "manager", "admin")], {entity: new_id() for entity in RECORDS}
    refs = known | {word[1:]: record for word, record in stock.at.items() if word[0] == ":"}
    for word, entity in PLURALS.items():
        whole = spoken(valid(entity.name, refs, full=True))
        bodies = [{}, *({key: value for key, value in whole.items() if key != name} for name in whole)]
        told = [person.call("POST", f"/{word}", json=body) for body in bodies for person in people]
        assert {answer.status_code for answer in told} <= {201, 403, 404, 405, 409, 422}, word
