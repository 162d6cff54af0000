"""Lists and single records: paging, filters, order, search, the past, and what a person may not see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dashboard.domain.access import operator
from tests.api.calling import Api, fields_at_fault
from tests.builders import moment_ago, today

YESTERDAY = today() - dt.timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def deals(api: Api) -> dict[str, str]:
    """Five deals of the rep, one of a stranger: name → id."""
    desk, made = api.desk, {}
    for name, amount, who in (
        ("Alpha crane", 100, "rep"),
        ("Beta crane", 300, "rep"),
        ("Gamma", None, "rep"),
        ("Delta", 200, "rep"),
        ("Epsilon", 300, "rep"),
        ("Foreign crane", 500, "stranger"),
    ):
        made[name] = desk.make("deal", name=name, amount=amount, owner_id=desk.people[who], need_tags=[name, "早"])
    return made


def names(found: dict[str, Any]) -> list[str]:
    return [row["name"] for row in found["items"]]


def test_a_record_shows_decimals_as_text_days_in_iso_and_instants_in_utc(api: Api, deals: dict[str, str]) -> None:
    found = api("rep").get(f"/deals/{deals['Alpha crane']}")
    assert (found["amount"], found["created_on"], found["need_tags"]) == (
        "100.0000",
        today().isoformat(),
        ["Alpha crane", "早"],
    )
    assert found["created_at"].endswith("Z")
    assert dt.datetime.fromisoformat(found["created_at"])


def test_a_list_holds_what_is_in_reach_and_nothing_else(api: Api) -> None:
    found = api("rep").get("/deals", total="true")
    assert len(found["items"]) == found["total"] == 5
    assert found["next"] is None
    assert len(api("leader").get("/deals")["items"]) == 6


def test_pages_follow_each_other_without_gap_or_repetition(api: Api) -> None:
    rep, seen, cursor = api("rep"), [], {}
    for size in (2, 2, 1):
        page = rep.get("/deals", limit=2, **cursor)
        assert len(page["items"]) == size
        seen += [row["id"] for row in page["items"]]
        cursor = {"cursor": page["next"]}
    assert cursor == {"cursor": None}
    assert len(set(seen)) == 5


def test_a_page_goes_on_behind_the_last_one_when_something_is_archived_between(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    extra = [desk.make("task", title=f"Call {place}", assignee_id=desk.people["rep"]) for place in range(4)]
    first = rep.get("/tasks", limit=2)
    desk.do("operator", "task", "archive", extra[0])
    assert [row["id"] for row in rep.get("/tasks", limit=2, cursor=first["next"])["items"]] == extra[2:]


def test_sorted_pages_follow_each_other_and_empty_values_come_last(api: Api) -> None:
    rep = api("rep")
    first = rep.get("/deals", sort="-amount,name", limit=3)
    second = rep.get("/deals", sort="-amount,name", limit=3, cursor=first["next"])
    assert names(first) + names(second) == ["Beta crane", "Epsilon", "Delta", "Alpha crane", "Gamma"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": "Delta"}, {"Delta"}),
        ({"amount__gte": "200", "amount__lt": "300"}, {"Delta"}),
        ({"amount__gt": "200", "amount__lte": "300"}, {"Beta crane", "Epsilon"}),
        ({"name__in": "Delta,Gamma"}, {"Delta", "Gamma"}),
        ({"name__like": "CRANE"}, {"Alpha crane", "Beta crane"}),
        ({"name__ne": "Delta", "amount__null": "false"}, {"Alpha crane", "Beta crane", "Epsilon"}),
        ({"amount__null": "true"}, {"Gamma"}),
        ({"need_tags": "Gamma"}, {"Gamma"}),
        ({"need_tags": "早"}, {"Alpha crane", "Beta crane", "Gamma", "Delta", "Epsilon"}),
        ({"need_tags": "Gam"}, set()),
        ({"q": "crane"}, {"Alpha crane", "Beta crane"}),
        ({"q": "100%"}, set()),
        ({"version__gt": "0", "q": "eta"}, {"Beta crane"}),
        ({"created_on": today().isoformat(), "stage_type": "open", "name": "Gamma"}, {"Gamma"}),
        ({"created_at__gt": "2020-01-01T00:00:00Z", "name": "Gamma"}, {"Gamma"}),
        ({"archived": "only"}, set()),
    ],
)
def test_filters(api: Api, asked: dict[str, str], expected: set[str]) -> None:
    assert set(names(api("rep").get("/deals", **asked))) == expected


def test_only_the_fields_that_are_asked_for(api: Api) -> None:
    found = api("rep").get("/deals", fields="name,amount", name="Delta")
    assert [row.keys() for row in found["items"]] == [{"id", "version", "name", "amount"}]


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"nonsense": "1"}, "nonsense", "field.unknown"),
        ({"amount__gte": "much"}, "amount__gte", "field.type"),
        ({"amount__gte": "1e400"}, "amount__gte", "field.type"),
        ({"amount__like": "1"}, "amount__like", "query.operator"),
        ({"version": "99999999999999999999"}, "version", "field.type"),
        ({"created_on": "2026-02-30"}, "created_on", "field.type"),
        ({"created_at": "2026-02-03"}, "created_at", "field.type"),
        ({"limit": "501"}, "limit", "query.limit"),
        ({"limit": "0"}, "limit", "query.limit"),
        ({"sort": "nonsense"}, "sort", "field.unknown"),
        ({"sort": "need_tags"}, "sort", "query.operator"),
        ({"fields": "nonsense"}, "nonsense", "field.unknown"),
        ({"archived": "maybe"}, "archived", "query.archived"),
        ({"q": " "}, "q", "query.search"),
        ({"as_of": "9999-12-31"}, "as_of", "field.type"),
        ({"cursor": "bm9uc2Vuc2U"}, "cursor", "query.cursor"),
        ({"name": "a\0b"}, "name", "field.control"),
    ],
)
def test_what_cannot_be_asked_is_a_bad_request(api: Api, asked: dict[str, str], field: str, code: str) -> None:
    problem = api("rep").refused("GET", "/deals", 400, params=asked)
    assert fields_at_fault(problem) == {field: code}


def test_an_order_that_cannot_be_had_names_the_field_and_not_the_word_sort(api: Api) -> None:
    rep = api("rep")
    told = {
        wanted: rep.refused("GET", "/leads", 400, params={"sort": wanted})["errors"][0]["detail"]
        for wanted in ("company,-nonsense", "-phone")
    }
    assert told == {
        "company,-nonsense": "There is no field called nonsense.",
        "-phone": "phone is encrypted: it can be searched by its whole value, not sorted or compared.",
    }


def test_a_parameter_stands_once(api: Api) -> None:
    problem = api("rep").refused("GET", "/deals?name=a&name=b", 400)
    assert fields_at_fault(problem) == {"name": "query.twice"}


def test_a_cursor_is_good_for_its_own_list_and_person_only(api: Api) -> None:
    rep = api("rep")
    cursor = rep.get("/deals", limit=1)["next"]
    assert rep.get("/deals", limit=1, cursor=cursor)
    for who, path, more in (
        (rep, "/deals", {"q": "crane"}),
        (rep, "/leads", {}),
        (api("colleague"), "/deals", {}),
        (rep, "/deals", {"cursor": cursor[:-2] + "xx"}),
    ):
        assert fields_at_fault(who.refused("GET", path, 400, params={"cursor": cursor} | more)) == {
            "cursor": "query.cursor"
        }


def test_encrypted_details_are_found_by_their_whole_value_and_not_compared(api: Api) -> None:
    desk = api.desk
    desk.make("lead", company="Secret", owner_id=desk.people["rep"], phone="13800001111")
    rep = api("rep")
    assert [row["company"] for row in rep.get("/leads", phone="138 0000 1111")["items"]] == ["Secret"]
    for asked in ({"phone__like": "138"}, {"sort": "phone"}, {"phone__gte": "1"}):
        assert set(fields_at_fault(rep.refused("GET", "/leads", 400, params=asked)).values()) == {
            "field.not_comparable"
        }


# the past


def test_a_list_as_of_a_past_day_shows_the_values_of_that_day(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    old = desk.make(
        "deal",
        name="Old name",
        amount=10,
        owner_id=desk.people["rep"],
        created_on=today() - dt.timedelta(days=30),
        effective_at=moment_ago(days=20),
    )
    desk.submit(
        "operator",
        change("deal", "update", {"id": old, "version": 1, "name": "New name", "amount": 20}),
        effective_at=moment_ago(days=10),
    )
    before, between = (moment_ago(days=days).date().isoformat() for days in (25, 15))
    assert old not in [row["id"] for row in rep.get("/deals", as_of=before)["items"]]
    assert names(rep.get("/deals", as_of=between)) == ["Old name"]
    assert names(rep.get("/deals", as_of=between, amount__lte="15", total="true")) == ["Old name"]
    assert names(rep.get("/deals", as_of=between, name__like="new")) == []
    assert rep.get(f"/deals/{old}", as_of=between)["amount"] == "10.0000"
    assert rep.get(f"/deals/{old}")["amount"] == "20.0000"
    assert rep.refused("GET", f"/deals/{old}", 404, params={"as_of": before})["code"] == "record.not_found"


def test_what_was_known_is_not_what_had_happened(api: Api) -> None:
    rep, long_ago = api("rep"), (today() - dt.timedelta(days=5)).isoformat()
    assert names(rep.get("/deals", as_of=long_ago)) == ["New name"]
    assert names(rep.get("/deals", as_of=long_ago, known_at=long_ago)) == [], "it was entered today"


def test_past_pages_follow_each_other(api: Api) -> None:
    rep, seen, cursor = api("rep"), [], {}
    while cursor != {"cursor": None}:
        page = rep.get("/deals", limit=2, known_at="2100-01-01", **cursor)
        seen += names(page)
        cursor = {"cursor": page["next"]}
    assert sorted(seen) == sorted(names(rep.get("/deals")))


def test_statements_about_an_earlier_day_count_field_by_field(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    one = desk.make("task", title="First", assignee_id=desk.people["rep"], effective_at=moment_ago(days=20))
    later, earlier = moment_ago(days=5), moment_ago(days=10)
    desk.submit("operator", change("task", "update", {"id": one, "version": 1, "title": "Later"}), effective_at=later)
    desk.submit(
        "operator", change("task", "update", {"id": one, "version": 2, "remark": "noted"}), effective_at=earlier
    )
    found = rep.get(f"/tasks/{one}", as_of=moment_ago(days=8).date().isoformat())
    assert (found["title"], found["remark"]) == ("First", "noted")
    listed = rep.get("/tasks", as_of=moment_ago(days=8).date().isoformat())["items"]
    assert [row for row in listed if row["id"] == one] == [found]


# reach and fields


def test_what_is_out_of_reach_does_not_exist(api: Api, deals: dict[str, str]) -> None:
    rep, foreign = api("rep"), deals["Foreign crane"]
    unknown = "01a00000-0000-7000-8000-000000000000"
    answers = [
        rep.refused("GET", f"/deals/{one}{tail}", 404) for one in (foreign, unknown) for tail in ("", "/history")
    ]
    assert all(answer == answers[0] for answer in answers)
    changes = [rep.change(f"/deals/{one}", 1, name="Mine").json() for one in (foreign, unknown)]
    assert changes[0] == changes[1]
    assert changes[0]["code"] == "record.not_found"


@pytest.mark.parametrize("record_id", ["a%0Ab", "%0A", "%00", "%F0%9F%98%80", "x" * 3000])
def test_an_address_of_any_letters_is_answered_in_the_same_way(api: Api, record_id: str) -> None:
    assert api("rep").refused("GET", f"/deals/{record_id}", 404)["code"] in (
        "record.not_found",
        "api.no_such_address",
    )


def test_hidden_fields_are_absent_and_masked_ones_masked(api: Api) -> None:
    desk = api.desk
    customer = desk.make(
        "customer", name="Harbour", owner_id=desk.people["rep"], phone="13812345678", annual_revenue=5, bank_name="Bank"
    )
    clear, support = api("rep").get(f"/customers/{customer}"), api("support").get(f"/customers/{customer}")
    assert (clear["phone"], clear["annual_revenue"], clear["bank_name"]) == ("13812345678", "5.0000", "Bank")
    assert support["phone"] == "138****5678"
    assert {"annual_revenue", "bank_name"} & support.keys() == set()
    listed = next(row for row in api("support").get("/customers")["items"] if row["id"] == customer)
    assert listed == support
    problem = api("support").refused("GET", "/customers", 400, params={"annual_revenue__gte": "1"})
    assert fields_at_fault(problem) == {"annual_revenue__gte": "field.unknown"}
    assert fields_at_fault(api("support").refused("GET", "/customers", 400, params={"phone": "1"})) == {
        "phone": "field.unknown"
    }


def test_a_row_hides_what_only_other_rows_show(api: Api) -> None:
    """Somebody with two roles sees the money of the own customers and not of the others."""
    desk, helper = api.desk, api("helper")
    for name, owner in (("Own", "helper"), ("Other", "stranger")):
        desk.make("customer", name=name, owner_id=desk.people[owner], annual_revenue=7)
    rows = {row["name"]: row for row in helper.get("/customers")["items"]}
    assert rows["Own"]["annual_revenue"] == "7.0000"
    assert "annual_revenue" not in rows["Other"]
    assert rows["Other"] == helper.get(f"/customers/{rows['Other']['id']}")


def test_history_tells_what_was_changed_as_far_as_it_may_be_seen(api: Api) -> None:
    desk = api.desk
    one = desk.make("customer", name="Told", owner_id=desk.people["rep"])
    desk.do("rep", "customer", "update", one, annual_revenue=9, website="https://example.com")
    path = f"/customers/{one}/history"
    whole = api("rep").get(path)["items"]
    assert [(row["version"], row["verb"]) for row in whole] == [(1, "create"), (2, "update")]
    assert sorted(whole[1]["changed"]) == ["annual_revenue", "website"]
    assert api("support").get(path)["items"][1]["changed"] == ["website"]
    first = api("rep").get(path, limit=1)
    assert api("rep").get(path, limit=1, cursor=first["next"])["items"] == whole[1:]


def test_archived_records_are_listed_when_asked_for(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    one = desk.make("interaction", summary="Gone", author_id=desk.people["rep"])
    desk.do("operator", "interaction", "archive", one)
    assert rep.get("/interactions")["items"] == []
    assert [row["id"] for row in rep.get("/interactions", archived="true")["items"]] == [one]
    assert [row["id"] for row in rep.get("/interactions", archived="only")["items"]] == [one]
    assert rep.get(f"/interactions/{one}")["archived_at"] is not None


def test_problems_speak_the_language_of_the_caller(api: Api) -> None:
    rep, desk = api("rep"), api.desk
    assert "权限范围" in rep.refused("GET", "/deals/none", 404, headers={"Accept-Language": "zh-CN"})["detail"]
    assert "reach" in rep.refused("GET", "/deals/none", 404, headers={"Accept-Language": "en"})["detail"]
    desk.submit(
        "operator",
        change("person", "update", {"id": desk.people["colleague"], "version": 1, "language": "zh"}),
    )
    assert (
        "权限范围" in api("colleague").refused("GET", "/deals/none", 404, headers={"Accept-Language": "fr"})["detail"]
    )


def change(entity: str, verb: str, row: dict[str, Any]) -> Any:
    """One change of one row."""
    from dashboard.domain.changes import Change
    from tests.builders import frame_of

    return Change(entity, verb, frame_of(entity, row))


def test_a_list_reads_the_store_a_few_times_whatever_its_length(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.store import engine_duckdb

    rep, store, counts = api("rep"), api.desk.store, []
    rep.get("/deals")
    real = engine_duckdb.compiled

    def counting(statement: Any) -> Any:
        counts.append(statement)
        return real(statement)

    monkeypatch.setattr(engine_duckdb, "compiled", counting)
    for limit in (1, 500):
        counts.clear()
        rep.get("/deals", limit=limit)
        assert len(counts) <= 2, [str(one) for one in counts]
    assert store.count(operator(), "deal") > 5
