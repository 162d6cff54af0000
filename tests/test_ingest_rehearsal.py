"""The dry run: which record a row is, what becomes of it, and why what is refused is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboard.errors import Refused
from etl.ingest import Rights, rehearse
from etl.ingest.rehearse import rehearse_tables
from tests.ingest_book import STAGES, TODAY, ZONE, Book, book, china, file, outcomes, plan, reasons, run, written

CUSTOMERS = """
source = "old"
[[record]]
entity = "customer"
file = "*"
id = "id"
[record.fields]
name = "name"
credit_code = "code"
owner_id = "owner"
"""
NAMES = '[[record]]\nentity = "customer"\nfile = "*"\nfields = { name = "name", address = "city" }\n'
DEALS = """
source = "old"
[[record]]
entity = "deal"
file = "*"
id = "id"
[record.fields]
name = "id"
owner_id = "owner"
created_on = "opened"
stage_id = { column = "stage", values = { Won = "Talk", Lost = "Talk" } }

[[record.steps]]
verb = "advance"
when = { stage = "Talk" }
at = "opened"
fields.stage_id = "stage"

[[record.steps]]
verb = "win"
when = { stage = "Won" }
fields.closed_on = "closed"
fields.amount = "value"
"""
HEAD = "id,owner,opened,stage,closed,value\n"


def test_a_row_is_tried_by_its_id_first_and_by_its_name_after() -> None:
    known = book(customer=[
        {"name": "Acme", "source": "old", "external_id": "7"},
        {"name": "Globex"},
        {"name": "Initech", "credit_code": "X1"},
    ])  # fmt: skip
    found = run(
        "id,name,code,owner\n7,Acme Inc,,\n8,ＧＬＯＢＥＸ,,\n9,Initech AG,x1,\n10,Umbrella,,\n", CUSTOMERS, known
    )
    assert found.rows["id"].to_list()[:3] == ["customer-0", "customer-1", "customer-2"]
    assert outcomes(found) == {2: "update", 3: "update", 4: "update", 5: "create"}
    assert found.differences.select("row", "field", "before", "after").rows() == [
        (2, "name", "Acme", "Acme Inc"),
        (3, "name", "Globex", "ＧＬＯＢＥＸ"),
        (4, "name", "Initech", "Initech AG"),
        (4, "credit_code", "X1", "x1"),
    ]


def test_a_record_with_another_id_in_the_same_source_is_another_record() -> None:
    known = book(customer=[{"name": "Acme", "source": "old", "external_id": "7"}])
    assert outcomes(run("id,name,code,owner\n8,Acme,,\n", CUSTOMERS, known)) == {2: "create"}


def test_an_ambiguous_name_is_rejected_never_guessed() -> None:
    found = run("name,city\nAcme,Rome\nGlobex,\n", NAMES, book(customer=[{"name": "Acme"}, {"name": "ACME"}]))
    assert outcomes(found) == {2: "rejected", 3: "create"}
    assert reasons(found) == {(2, None, "match.ambiguous")}


def test_a_name_may_be_an_alias() -> None:
    found = run("name,city\nAcme Ltd,Rome\n", NAMES, book(customer=[{"name": "Acme", "aliases": ["ACME ltd"]}]))
    assert found.rows["id"].to_list() == ["customer-0"]


def test_an_empty_cell_leaves_what_was_there() -> None:
    known = book(customer=[{"name": "Acme", "address": "Rome"}])
    assert outcomes(run("name,city\nAcme,\n", NAMES, known)) == {2: "unchanged"}
    found = run("name,city\nAcme,Oslo\n", NAMES, known)
    assert written(found, "customer", "update") == [{"id": "customer-0", "address": "Oslo"}]


def test_updates_carry_the_version_that_was_seen() -> None:
    found = run("name,city\nAcme,Oslo\n", NAMES, book(customer=[{"name": "Acme", "version": 4}]))
    assert found.changes[0].rows["version"].to_list() == [4]


def test_two_rows_of_one_record_are_a_duplicate_or_a_contradiction() -> None:
    map_ = 'source = "old"\n[[record]]\nentity = "customer"\nfile = "*"\nid = "id"\nfields.name = "name"\n'
    found = run("id,name,other\n1,Acme,x\n1,Acme,y\n1,Acme Inc,z\n2,Acme,x\n", map_)
    assert outcomes(found) == {2: "create", 3: "duplicate", 4: "rejected", 5: "create"}
    assert reasons(found) == {(3, None, "row.duplicate"), (4, None, "row.key_twice")}
    assert set(found.reasons["value"]) == {"2"}


def test_rows_that_are_no_records_stand_in_the_result() -> None:
    found = run("name,city\nAcme,Rome\n\nAcme,Rome\nTotal,\n", NAMES)
    assert outcomes(found) == {2: "create", 3: "rejected", 4: "duplicate", 5: "rejected"}
    assert reasons(found) == {(3, None, "row.blank"), (4, None, "row.duplicate"), (5, None, "row.total")}


def test_every_problem_of_a_row_is_named_and_nothing_of_it_is_written() -> None:
    text = "name,code,mail\n,91310000123456789XY,x\nAcme,,\n"
    map_ = NAMES.replace('address = "city"', 'credit_code = "code", website = "mail"')
    found = run(text, map_)
    assert reasons(found) == {
        (2, "name", "field.required"),
        (2, "credit_code", "field.too_long"),
        (2, "website", "field.url"),
    }
    assert [row["name"] for row in written(found, "customer")] == ["Acme"]


def test_what_must_be_unique_is_unique_in_the_store_and_in_the_file() -> None:
    known = book(customer=[{"name": "Old", "credit_code": "A1", "source": "old", "external_id": "1"}])
    found = run("id,name,code,owner\n2,New,A1,\n3,Next,B1,\n4,Last,B1,\n", CUSTOMERS, known)
    assert outcomes(found) == {2: "rejected", 3: "create", 4: "rejected"}
    assert reasons(found) == {(2, "credit_code", "field.taken"), (4, "credit_code", "field.taken")}


def test_references_are_looked_up_and_what_is_out_of_reach_is_not_there() -> None:
    known = book(person=[{"name": "Li Wei", "username": "liwei"}, {"name": "Li Wei"}, {"name": "Ann"}])
    found = run("id,name,code,owner\n1,A,,LIWEI\n2,B,,Li Wei\n3,C,,Bob\n4,D,,ann\n", CUSTOMERS, known)
    assert outcomes(found) == {2: "create", 3: "rejected", 4: "rejected", 5: "create"}
    assert reasons(found) == {(3, "owner_id", "reference.several"), (4, "owner_id", "reference.unknown")}
    assert [row["owner_id"] for row in written(found, "customer")] == ["person-0", "person-2"]


def test_an_archived_record_is_no_target_and_no_match() -> None:
    gone = {"archived_at": datetime(2026, 1, 1)}
    known = book(
        person=[{"name": "Ann", **gone}], customer=[{"name": "A", "source": "old", "external_id": "1", **gone}]
    )
    found = run("id,name,code,owner\n1,A,,\n2,B,,Ann\n", CUSTOMERS, known)
    assert reasons(found) == {(2, None, "match.archived"), (3, "owner_id", "reference.unknown")}


def test_what_the_undoing_of_an_import_archived_comes_back() -> None:
    gone = {"archived_at": datetime(2026, 1, 1), "revision": 9}
    known = book(customer=[{"name": "A", "source": "old", "external_id": "1", "version": 2, **gone}])
    known.undone = frozenset({9})
    found = run("id,name,code,owner\n1,A Inc,,\n", CUSTOMERS, known)
    assert [(change.verb, change.rows["version"].to_list()) for change in found.changes] == [
        ("restore", [2]),
        ("update", [3]),
    ]


def test_a_reference_may_make_its_record_once() -> None:
    map_ = NAMES.replace('address = "city"', 'region_id = { column = "city", create = true }')
    found = run(
        "name,city\nA,Rome\nB,ROME\nC,Oslo\n,Paris\n",
        map_,
        book(region=[{"code": "x", "label_zh": "x", "label_en": "Oslo"}]),
    )
    (region,) = written(found, "region")
    assert (region["code"], region["label_en"]) == ("Rome", "Rome")
    assert [row["region_id"] for row in written(found, "customer")] == [region["id"], region["id"], "region-0"]
    assert [change.entity for change in found.changes] == ["region", "customer"], "what is pointed at comes first"
    assert outcomes(found, "region") == {2: "create"}, "a rejected row makes nothing"


def test_what_the_importer_may_not_create_is_not_created() -> None:
    map_ = NAMES.replace('address = "city"', 'region_id = { column = "city", create = true }')
    found = run("name,city\nA,Rome\n", map_, rights=Rights(create=frozenset({"customer"})))
    assert reasons(found) == {(2, "region_id", "reference.unknown")}


def test_rows_of_a_file_may_point_at_each_other_in_any_order() -> None:
    map_ = NAMES.replace('address = "city"', 'parent_id = "parent", credit_code = "code"')
    found = run("name,parent,code\nChild,Parent,\nParent,,\nOrphan,Bad,\nBad,,01234567890123456789\n", map_)
    rows = {row["name"]: row for row in written(found, "customer")}
    assert rows["Child"]["parent_id"] == rows["Parent"]["id"]
    assert outcomes(found) == {2: "create", 3: "create", 4: "rejected", 5: "rejected"}
    assert (4, "parent_id", "reference.rejected") in reasons(found)


def test_a_new_record_takes_effect_on_its_day_in_the_company_zone() -> None:
    found = run(HEAD + "1,,2026-03-01,New,,\n", DEALS, book(stage=STAGES))
    assert written(found, "deal")[0]["effective_at"] == china(date(2026, 3, 1))


def test_the_life_of_a_new_record_follows_in_order() -> None:
    found = run(HEAD + "1,,2026-03-01,Won,2026-04-01,500\n2,,2026-03-02,Talk,,\n", DEALS, book(stage=STAGES))
    assert [row["stage_id"] for row in written(found, "deal")] == ["talk", "talk"]
    assert written(found, "deal", "advance") == [], "a deal is not moved to the stage it begins in"
    (win,) = written(found, "deal", "win")
    assert (win["closed_on"], win["amount"], win["effective_at"]) == (
        date(2026, 4, 1),
        Decimal(500),
        china(date(2026, 4, 1)),
    )
    assert [change.rows["version"].to_list() for change in found.changes if change.verb == "win"] == [[1]]


def known_deal(**more: object) -> Book:
    """A store with one deal of the old system."""
    deal = {
        "name": "1",
        "source": "old",
        "external_id": "1",
        "created_on": date(2026, 3, 1),
        "stage_id": "new",
        "stage_type": "open",
    }
    return book(stage=STAGES, deal=[deal | more])


def test_a_known_deal_moves_on_when_the_file_says_so() -> None:
    since = datetime(2026, 3, 5, 8)
    found = run(HEAD + "1,,2026-03-01,Won,2026-04-01,500\n", DEALS, known_deal(stage_since=since, version=3))
    assert outcomes(found) == {2: "update"}
    (win,) = written(found, "deal", "win")
    assert (win["id"], win["effective_at"]) == ("deal-0", china(date(2026, 4, 1)))
    assert ("stage_type", "open", "won") in set(found.differences.select("field", "before", "after").rows())


def test_a_step_takes_effect_no_earlier_than_the_stage_it_leaves() -> None:
    since = datetime(2026, 4, 1, 9)
    found = run(HEAD + "1,,2026-03-01,Won,2026-04-01,500\n", DEALS, known_deal(stage_since=since))
    assert written(found, "deal", "win")[0]["effective_at"] == since


def test_what_happened_already_is_unchanged_and_a_plain_field_of_it_is_updated() -> None:
    won = {"stage_id": "won", "stage_type": "won", "closed_on": date(2026, 4, 1), "amount": Decimal(500)}
    row = HEAD + "1,,2026-03-01,Won,2026-04-01,{}\n"
    assert outcomes(run(row.format(500), DEALS, known_deal(**won))) == {2: "unchanged"}
    found = run(row.format(600), DEALS, known_deal(**won))
    assert [(change.verb, change.rows["amount"].to_list()) for change in found.changes] == [("update", [Decimal(600)])]


def test_an_end_that_differs_from_the_recorded_one_is_rejected() -> None:
    won = {"stage_id": "won", "stage_type": "won", "closed_on": date(2026, 4, 2), "amount": Decimal(500)}
    found = run(HEAD + "1,,2026-03-01,Won,2026-04-01,500\n", DEALS, known_deal(**won))
    assert reasons(found) == {(2, "won", "step.differs")}


def test_a_step_that_the_state_does_not_allow_is_rejected() -> None:
    found = run(HEAD + "1,,2026-03-01,Won,2026-04-01,500\n", DEALS, known_deal(stage_id="lost", stage_type="lost"))
    assert reasons(found) == {(2, "win", "step.not_allowed")}


def test_the_steps_on_the_way_to_where_a_record_stands_are_behind_it() -> None:
    map_ = """
source = "old"
[[record]]
entity = "lead"
file = "*"
id = "id"
fields.company = "id"
fields.created_on = "opened"
[[record.steps]]
verb = "contact"
when = { called = "yes" }
[[record.steps]]
verb = "nurture"
when = { later = "yes" }
[[record.steps]]
verb = "qualify"
when = { fit = "yes" }
"""
    head, lead = "id,opened,called,later,fit\n", {"company": "1", "source": "old", "external_id": "1"}
    known = book(lead=[lead | {"status": "qualified", "created_on": date(2026, 3, 1)}])
    assert outcomes(run(head + "1,2026-03-01,yes,yes,yes\n", map_, known)) == {2: "unchanged"}
    assert reasons(run(head + "1,2026-03-01,yes,,\n", map_, known)) == {(2, "contact", "step.not_allowed")}
    found = run(head + "1,2026-03-01,yes,yes,yes\n", map_, book())
    assert [change.verb for change in found.changes] == ["create", "contact", "nurture", "qualify"]


def test_what_a_step_needs_must_be_there() -> None:
    found = run(
        HEAD + "1,,2026-03-01,Won,2026-04-01,\n2,,2026-03-01,Won,,5\n3,,2026-03-01,Won,2026-02-01,5\n",
        DEALS,
        book(stage=STAGES),
    )
    assert {
        (2, "amount", "field.required"),
        (3, "closed_on", "field.required"),
        (4, "closed_on", "field.sequence"),
    } <= reasons(found)
    assert set(outcomes(found).values()) == {"rejected"}


def test_a_field_that_is_stated_once_is_not_changed_later() -> None:
    map_ = DEALS.replace('created_on = "opened"', 'created_on = { column = "opened", keep = true }')
    found = run(HEAD + "1,,2026-03-09,New,,\n", map_, known_deal())
    assert outcomes(found) == {2: "unchanged"}


def test_records_that_are_to_be_kept_are_left_alone() -> None:
    known = book(customer=[{"name": "Acme", "address": "Rome"}])
    found = run("name,city\nAcme,Oslo\nNew,Oslo\n", NAMES.replace("[[record]]", '[[record]]\nexisting = "keep"'), known)
    assert outcomes(found) == {2: "unchanged", 3: "create"}


def test_later_records_of_a_map_see_those_made_before() -> None:
    map_ = """
[[record]]
entity = "team"
file = "*"
distinct = true
fields.name = "boss"
[[record]]
entity = "person"
file = "*"
distinct = true
fields = { name = "boss", team_id = "boss" }
[[record]]
entity = "team"
file = "*"
distinct = true
fields = { name = "boss", manager_id = "boss" }
"""
    found = run("boss,x\nAnn,1\nAnn,2\nBob,3\n", "effective_from = 2020-01-01\n" + map_)
    teams = {row["name"]: row["id"] for row in written(found, "team")}
    people = {row["name"]: row for row in written(found, "person")}
    assert people["Ann"]["team_id"] == teams["Ann"]
    updates = {row["id"]: row for row in written(found, "team", "update")}
    assert updates[teams["Bob"]]["manager_id"] == people["Bob"]["id"]
    assert updates[teams["Bob"]]["effective_at"] == china(date(2020, 1, 1)), "as old as the record that was just made"


def test_amounts_of_another_currency_need_a_rate_on_or_before_their_day() -> None:
    map_ = 'currency = "USD"\n' + DEALS.replace("[record.fields]", '[record.fields]\namount = "value"')
    rate = {"currency": "USD", "valid_on": date(2026, 3, 1), "rate": Decimal(7)}
    found = run(
        HEAD + "1,,2026-02-28,New,,5\n2,,2026-03-01,New,,5\n3,,2026-02-28,New,,\n",
        map_,
        book(stage=STAGES, exchange_rate=[rate]),
    )
    assert outcomes(found) == {2: "rejected", 3: "create", 4: "create"}
    assert reasons(found) == {(2, "currency", "rate.missing")}


def test_a_file_in_a_currency_without_any_rate_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        run(HEAD + "1,,2026-02-28,New,,5\n", 'currency = "USD"\n' + DEALS, book(stage=STAGES))
    assert (caught.value.code, caught.value.values["currency"], caught.value.values["base"]) == (
        "rate.missing",
        "USD",
        "CNY",
    )


def test_company_amounts_are_converted_at_the_rate_of_their_day() -> None:
    map_ = """
currency = "USD"
[[record]]
entity = "target"
file = "*"
[record.fields]
level = { value = "company" }
starts_on = "from"
ends_on = "to"
amount = "quota"
"""
    rates = [
        {"currency": "USD", "valid_on": date(2026, month, 1), "rate": Decimal(rate)}
        for month, rate in ((1, "7"), (4, "7.25"))
    ]
    found = run(
        "from,to,quota\n2026-02-01,2026-03-01,100.01\n2026-05-01,2026-06-01,100.01\n", map_, book(exchange_rate=rates)
    )
    assert [row["amount"] for row in written(found, "target")] == [Decimal("700.07"), Decimal("725.07")]


def test_the_sign_beside_an_amount_is_its_currency() -> None:
    map_ = DEALS.replace("[record.fields]", '[record.fields]\namount = "value"')
    rate = {"currency": "USD", "valid_on": date(2020, 1, 1), "rate": Decimal(7)}
    found = run(
        HEAD + "1,,2026-03-01,New,,$5\n2,,2026-03-01,New,,¥5\n3,,2026-03-01,New,,5\n",
        map_,
        book(stage=STAGES, exchange_rate=[rate]),
    )
    assert [row["currency"] for row in written(found, "deal")] == ["USD", "CNY", None]


def test_a_sign_that_contradicts_the_currency_is_rejected() -> None:
    map_ = DEALS.replace("[record.fields]", '[record.fields]\namount = "value"\ncurrency = { value = "CNY" }')
    assert reasons(run(HEAD + "1,,2026-03-01,New,,$5\n", map_, book(stage=STAGES))) == {
        (2, "currency", "currency.contradicts")
    }


def test_who_names_nobody_becomes_the_owner_of_what_is_new() -> None:
    rights = Rights(owner="person-0")
    known = book(
        person=[{"name": "Me"}, {"name": "Ann"}], customer=[{"name": "Old", "source": "old", "external_id": "1"}]
    )
    found = run("id,name,code,owner\n1,Old,C,\n2,New,,\n3,Hers,,Ann\n", CUSTOMERS, known, rights)
    assert [row["owner_id"] for row in written(found, "customer")] == ["person-0", "person-1"]
    assert written(found, "customer", "update") == [{"id": "customer-0", "credit_code": "C"}]


def test_rights_limit_what_becomes_of_rows() -> None:
    known = book(customer=[{"name": "Acme"}])
    text = "name,city\nAcme,Rome\nNew,Oslo\n"
    assert reasons(run(text, NAMES, known, Rights(update=frozenset()))) == {(2, None, "import.no_update")}
    assert reasons(run(text, NAMES, known, Rights(create=frozenset()))) == {(3, None, "import.no_create")}
    with pytest.raises(Refused, match="too many for you"):
        run(text, NAMES, known, Rights(rows=1))


def test_a_join_brings_the_columns_of_another_file() -> None:
    map_ = NAMES.replace('"*"', '"a.csv"\njoin = [{ file = "b.csv", on = { city = "id" } }]').replace(
        '"city" }', '"b.title" }'
    )
    sources = [file("name,city\nAcme,1\nNew,3\n", "a.csv"), file("id,title\n1,Rome\n2,Oslo\n", "b.csv")]
    found = rehearse(sources, plan(map_), Book(), TODAY, ZONE)
    assert [(row["name"], row["address"]) for row in written(found, "customer")] == [("Acme", "Rome"), ("New", None)]
    assert found.notices == ()
    twice = [sources[0], file("id,title\n1,Rome\n1,Oslo\n", "b.csv")]
    with pytest.raises(Refused, match="several rows"):
        rehearse(twice, plan(map_), Book(), TODAY, ZONE)


def test_files_that_nothing_reads_and_files_that_are_missing_are_named() -> None:
    map_ = NAMES.replace('"*"', '"customers.csv"')
    found = rehearse([file("a\n1\n", "other.csv")], plan(map_), Book(), TODAY, ZONE)
    assert {code for code, _ in found.notices} == {"notice.unused_file", "notice.no_file"}


def test_the_content_decides_whether_it_is_the_same_import() -> None:
    first, second = run("name,city\nA,B\n", NAMES), run(file("name,city\nA,B\n", "renamed.csv"), NAMES)
    assert first.content_sha256 == second.content_sha256
    assert first.content_sha256 != run("name,city\nA,C\n", NAMES).content_sha256
    assert first.content_sha256 != run("name,city\nA,B\n", 'source = "x"\n' + NAMES).content_sha256


def test_nothing_to_read_gives_nothing() -> None:
    found = rehearse_tables((), plan(NAMES), Book(), TODAY, ZONE, Rights(), (), "x")
    assert (found.total["create"], found.changes) == (0, ())


def test_a_new_deal_begins_in_an_open_stage() -> None:
    map_ = (
        '[[record]]\nentity = "deal"\nfile = "*"\nfields = { name = "id", created_on = "opened", stage_id = "stage" }\n'
    )
    found = run(HEAD + "1,,2026-03-01,Won,,\n2,,2026-03-01,Talk,,\n", map_, book(stage=STAGES))
    assert reasons(found) == {(2, "stage_id", "step.closed_stage")}
