"""Imports in a store: one change-set, the same content once, the importer's rights, and undo."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from dashboard.actions import imports
from dashboard.actions.imports.undo import undoer
from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.store import write
from etl.ingest import Plan, Rehearsal, Source
from tests.contracting import sign
from tests.department import Desk
from tests.ingest_book import file, outcomes, plan, reasons

CUSTOMERS = """
source = "old"
[[record]]
entity = "customer"
file = "*"
id = "id"
[record.fields]
name = "name"
address = "city"
phone = "phone"
owner_id = "owner"
"""
HEAD = "id,name,city,phone,owner\n"
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

[[record.steps]]
verb = "win"
when = { closed = true }
fields.closed_on = "closed"
fields.amount = "value"
"""
DEAL_HEAD = "id,owner,opened,closed,value\n"


def rehearse(desk: Desk, text: str, map_: str = CUSTOMERS, who: str = "operator") -> Rehearsal:
    """The dry run as somebody."""
    return imports.rehearse(desk.store, desk.actor(who), [file(text)], plan(map_))


def bring(desk: Desk, text: str, map_: str = CUSTOMERS, who: str = "operator", again: bool = False) -> imports.Imported:
    """Rehearse and commit as somebody."""
    return imports.commit(desk.store, desk.actor(who), rehearse(desk, text, map_, who), again=again)


def customer(desk: Desk, name: str) -> dict[str, object]:
    """A customer by name."""
    return desk.one("customer", name=name)


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    before = desk.store.revision
    assert outcomes(rehearse(desk, HEAD + "1,Acme,Rome,,\n")) == {2: "create"}
    assert (desk.store.revision, desk.store.count(operator(), "customer")) == (before, 0)


def test_an_import_is_one_change_set_with_a_record_of_itself(desk: Desk) -> None:
    before = desk.store.revision
    done = bring(desk, HEAD + "1,Acme,Rome,13800138000,rep\n2,Globex,,,\n")
    assert (done.revision, done.already, desk.store.revision) == (before + 1, False, before + 1)
    row = customer(desk, "Acme")
    assert (row["phone"], row["owner_id"], row["source"], row["external_id"]) == (
        "13800138000",
        desk.people["rep"],
        "old",
        "1",
    )
    batch = desk.row("import_batch", done.batch_id or "")
    assert (batch["status"], batch["committed_revision"], batch["preset"]) == ("committed", done.revision, "test")
    assert desk.store.check() == []


def test_the_same_content_is_imported_once(desk: Desk) -> None:
    first = bring(desk, HEAD + "1,Acme,Rome,13800138000,rep\n")
    second = bring(desk, HEAD + "1,Acme,Rome,13800138000,rep\n")
    assert (second.batch_id, second.revision, second.already) == (first.batch_id, None, True)
    assert second.counts["customer"]["unchanged"] == 1
    assert desk.store.revision == first.revision


def test_the_same_content_is_not_imported_over_later_work_by_accident(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,Rome,,\n")
    desk.do("operator", "customer", "update", str(customer(desk, "Acme")["id"]), address="Oslo")
    with pytest.raises(Refused, match="I-2026-00001"):
        bring(desk, HEAD + "1,Acme,Rome,,\n")
    assert customer(desk, "Acme")["address"] == "Oslo"
    bring(desk, HEAD + "1,Acme,Rome,,\n", again=True)
    assert customer(desk, "Acme")["address"] == "Rome"


def test_a_record_that_changed_between_rehearsal_and_commit_stops_the_import(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,Rome,,\n")
    rehearsal = rehearse(desk, HEAD + "1,Acme,Oslo,,\n2,New,,,\n")
    desk.do("operator", "customer", "update", str(customer(desk, "Acme")["id"]), address="Paris")
    with pytest.raises(Exception, match="changed this record"):
        imports.commit(desk.store, operator(), rehearsal)
    assert desk.store.count(operator(), "customer") == 1


def test_nothing_is_committed_while_a_question_is_open(desk: Desk) -> None:
    rehearsal = rehearse(desk, "id,owner,opened,closed,value\n1,,01/02/2026,,\n", DEALS)
    with pytest.raises(Refused, match="how to read opened"):
        imports.commit(desk.store, operator(), rehearsal)
    answered = imports.rehearse(
        desk.store,
        operator(),
        [file("id,owner,opened,closed,value\n1,,01/02/2026,,\n")],
        plan(DEALS),
        {"opened": "mdy"},
    )
    imports.commit(desk.store, operator(), answered)
    assert desk.one("deal", name="1")["created_on"] == date(2026, 1, 2)


def test_a_won_deal_is_won_on_its_day_with_the_credit_of_its_owner(desk: Desk) -> None:
    bring(desk, DEAL_HEAD + "1,rep,2026-03-01,2026-04-01,500\n2,rep,2026-03-01,,\n", DEALS)
    deal = desk.one("deal", name="1")
    assert (deal["stage_type"], deal["closed_on"], deal["base_amount"]) == ("won", date(2026, 4, 1), Decimal(500))
    credit = desk.one("deal_credit", deal_id=deal["id"])
    assert (credit["person_id"], credit["amount"]) == (desk.people["rep"], Decimal(500))
    history = desk.store.history(operator(), "deal", str(deal["id"]))
    assert history["verb"].to_list() == ["create", "win"]
    assert [str(moment) for moment in history["effective_at"]] == ["2026-02-28 16:00:00", "2026-03-31 16:00:00"]


# -- rights -----------------------------------------------------------------------------------------------------------


def test_a_rep_imports_new_records_that_become_the_own(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,Rome,,\n", who="rep")
    assert customer(desk, "Acme")["owner_id"] == desk.people["rep"]


def test_a_rep_cannot_give_records_to_others_or_change_any(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,Rome,,rep\n")
    found = rehearse(desk, HEAD + "1,Acme,Oslo,,\n2,New,,,stranger\n", who="rep")
    assert reasons(found) == {(2, None, "import.no_update"), (3, "owner_id", "reference.unknown")}


def test_a_rep_imports_at_most_a_thousand_rows(desk: Desk) -> None:
    rows = "".join(f"{at},C{at},,,\n" for at in range(1001))
    with pytest.raises(Refused, match="1,001 rows"):
        rehearse(desk, HEAD + rows, who="rep")
    assert rehearse(desk, HEAD + rows, who="manager").total["create"] == 1001


def test_what_is_out_of_reach_is_not_there_for_the_importer(desk: Desk) -> None:
    bring(desk, HEAD + "1,Theirs,Rome,,stranger\n")
    map_ = DEALS.replace('name = "id"', 'name = "id"\ncustomer_id = "owner"').replace('owner_id = "owner"', "")
    found = rehearse(desk, DEAL_HEAD + "1,Theirs,2026-03-01,,\n", map_, who="rep")
    assert reasons(found) == {(2, "customer_id", "reference.unknown")}


def test_a_manager_imports_and_changes_what_is_below(desk: Desk) -> None:
    bring(desk, HEAD + "1,Ours,Rome,,rep\n2,Theirs,Rome,,stranger\n")
    bring(desk, HEAD + "1,Ours,Oslo,,\n3,New,,,colleague\n", who="manager")
    assert customer(desk, "Ours")["address"] == "Oslo"
    assert customer(desk, "New")["owner_id"] == desk.people["colleague"]
    assert reasons(rehearse(desk, HEAD + "4,Other,,,stranger\n", who="manager")) == {
        (2, "owner_id", "reference.unknown")
    }


def test_an_administrator_imports_everything_new_and_changes_nothing(desk: Desk) -> None:
    bring(desk, DEAL_HEAD + "1,stranger,2026-03-01,2026-04-01,500\n", DEALS, who="admin")
    assert desk.one("deal", name="1")["stage_type"] == "won"
    found = rehearse(desk, DEAL_HEAD + "1,rep,2026-03-01,2026-04-01,500\n", DEALS, who="admin")
    assert reasons(found) == {(2, None, "import.no_update")}


@pytest.mark.parametrize("who", ["leader", "support"])
def test_others_import_nothing(desk: Desk, who: str) -> None:
    with pytest.raises(Forbidden):
        rehearse(desk, HEAD + "1,Acme,,,\n", who=who)


# -- undo -------------------------------------------------------------------------------------------------------------


def test_undo_archives_what_was_new_and_gives_back_what_was_changed(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,Rome,13800138000,rep\n")
    done = bring(desk, HEAD + "1,Acme Inc,Oslo,13900139000,colleague\n2,New,,,\n")
    undone = imports.undo(desk.store, operator(), done.number or "")
    row = customer(desk, "Acme")
    assert (row["address"], row["phone"], row["owner_id"]) == ("Rome", "13800138000", desk.people["rep"])
    assert desk.store.find(operator(), "customer", [Condition("name", Operator.EQ, "New")]).height == 0
    assert (undone.archived, undone.given_back, undone.left) == (1, 1, {})
    batch = desk.row("import_batch", done.batch_id or "")
    assert (batch["status"], batch["undone_revision"]) == ("undone", undone.revision)
    assert desk.store.check() == []


def test_an_import_is_undone_once(desk: Desk) -> None:
    done = bring(desk, HEAD + "1,Acme,,,\n")
    imports.undo(desk.store, operator(), done.batch_id or "")
    with pytest.raises(Refused, match="undone already"):
        imports.undo(desk.store, operator(), done.batch_id or "")
    with pytest.raises(NotFound):
        imports.undo(desk.store, operator(), "I-1999-00001")


def test_what_was_undone_can_be_imported_again(desk: Desk) -> None:
    text = DEAL_HEAD + "1,rep,2026-03-01,2026-04-01,500\n"
    done = bring(desk, text, DEALS)
    deal = desk.one("deal", name="1")["id"]
    imports.undo(desk.store, operator(), done.batch_id or "")
    again = bring(desk, text, DEALS)
    assert again.revision
    assert desk.one("deal", name="1")["id"] == deal
    assert desk.one("deal_credit", deal_id=deal)["amount"] == Decimal(500)


def test_a_win_that_an_import_brought_is_taken_back(desk: Desk) -> None:
    bring(desk, DEAL_HEAD + "1,rep,2026-03-01,,\n", DEALS)
    stage = desk.one("deal", name="1")["stage_id"]
    for _ in range(2):
        done = bring(desk, DEAL_HEAD + "1,rep,2026-03-01,2026-04-01,500\n", DEALS)
        deal = desk.one("deal", name="1")
        assert desk.one("deal_credit", deal_id=deal["id"])["amount"] == 500
        imports.undo(desk.store, operator(), done.batch_id or "")
        deal = desk.one("deal", name="1")
        assert (deal["stage_type"], deal["stage_id"], deal["closed_on"], deal["amount"]) == ("open", stage, None, None)
        assert desk.store.count(operator(), "deal_credit") == 0
    assert desk.store.check() == []


def test_records_changed_or_used_since_are_named_and_nothing_is_undone(desk: Desk) -> None:
    done = bring(desk, HEAD + "1,Acme,,,\n2,Used,,,\n3,Untouched,,,\n")
    desk.do("operator", "customer", "update", str(customer(desk, "Acme")["id"]), address="Oslo")
    desk.make("contact", customer_id=customer(desk, "Used")["id"])
    before = desk.store.revision
    with pytest.raises(Refused) as caught:
        imports.undo(desk.store, operator(), done.batch_id or "")
    assert caught.value.values["records"] == 2
    assert set(caught.value.values["names"]) == {"Acme", "Used"}  # type: ignore[call-overload]
    assert desk.store.revision == before


def test_the_rest_can_be_undone_and_what_stays_keeps_what_it_points_at(desk: Desk) -> None:
    map_ = CUSTOMERS + 'parent_id = "parent"\n'
    text = "id,name,city,phone,owner,parent\n1,Child,,,,2\n2,Parent,,,,3\n3,Top,,,,\n4,Other,,,,\n"
    done = bring(desk, text, map_)
    desk.do("operator", "customer", "update", str(customer(desk, "Child")["id"]), address="Oslo")
    undone = imports.undo(desk.store, operator(), done.batch_id or "", leave_changed=True)
    left = desk.store.find(operator(), "customer")["name"].to_list()
    assert sorted(left) == ["Child", "Parent", "Top"]
    assert (undone.archived, len(undone.left["customer"])) == (1, 3)


def test_a_rep_undoes_the_own_import_and_no_other(desk: Desk) -> None:
    mine = bring(desk, HEAD + "1,Mine,,,\n", who="rep")
    other = bring(desk, HEAD + "2,Other,,,\n", who="colleague")
    with pytest.raises(NotFound):
        imports.undo(desk.store, desk.actor("rep"), other.batch_id or "")
    imports.undo(desk.store, desk.actor("rep"), mine.batch_id or "")
    assert desk.store.find(operator(), "customer")["name"].to_list() == ["Other"]
    entry = desk.store.find(operator(), "import_batch", fields=["person_id", "status"])
    assert dict(entry.select("person_id", "status").iter_rows()) == {
        desk.people["rep"]: "undone",
        desk.people["colleague"]: "committed",
    }


def test_nobody_undoes_an_import_that_is_not_the_own(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        undoer(desk.actor("manager"), {"person_id": desk.people["rep"]})
    assert undoer(desk.actor("admin"), {"person_id": desk.people["rep"]}) == desk.actor("admin")


def test_history_names_the_importer_and_the_reason(desk: Desk) -> None:
    bring(desk, HEAD + "1,Acme,,,\n", who="admin")
    row = desk.store.history(operator(), "customer", str(customer(desk, "Acme")["id"])).row(0, named=True)
    assert row["actor_id"] == desk.people["admin"]
    assert "file.csv" in row["why"]


def test_a_large_import_is_as_right_as_a_small_one(desk: Desk) -> None:
    frame = pl.DataFrame(
        {"id": range(3000), "name": [f"C{at}" for at in range(3000)], "city": "Rome", "phone": None, "owner": "rep"}
    )
    source = Source("big.csv", frame.write_csv().encode())
    map_: Plan = plan(CUSTOMERS)
    done = imports.commit(desk.store, operator(), imports.rehearse(desk.store, operator(), [source], map_))
    assert done.counts["customer"]["create"] == desk.store.count(operator(), "customer") == 3000
    assert imports.rehearse(desk.store, operator(), [source], map_).total["unchanged"] == 3000
    imports.undo(desk.store, operator(), done.batch_id or "")
    assert desk.store.count(operator(), "customer") == 0


def test_rows_are_counted_while_they_are_written_and_an_end_in_between_undoes_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "PORTION", 2)
    found = rehearse(desk, HEAD + "".join(f"{n},Company {n},,,\n" for n in range(5)))
    told: list[int] = []

    def stop(rows: int) -> None:
        told.append(rows)
        if sum(told) > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.commit(desk.store, operator(), found, progress=stop)
    assert (told, desk.store.count(operator(), "customer")) == ([2, 2], 0)
    told.clear()
    done = imports.commit(desk.store, operator(), found, progress=told.append)
    assert (imports.to_write(found), done.revision) == (5, desk.store.revision)
    assert told == [2, 2, 1, 1], "five customers and the batch that remembers them"
    assert desk.store.count(operator(), "customer") == 5
    assert desk.store.check() == []


def test_nothing_is_imported_into_an_archived_record(desk: Desk) -> None:
    mine = {"name": "Harbour Works", "owner_id": desk.people["rep"]}
    customer = desk.make("customer", **mine)
    map_ = DEALS.replace('name = "id"', 'name = "id"\ncustomer_id = "customer"').partition("[[record.steps]]")[0]
    text = f"id,owner,opened,customer\nd-1,rep,2026-02-01,{mine['name']}\n"
    ready = rehearse(desk, text, map_, "rep")
    assert outcomes(ready) == {2: "create"}
    desk.do("operator", "customer", "archive", customer)
    with pytest.raises(Refused) as refusal:
        imports.commit(desk.store, desk.actor("rep"), ready)
    assert refusal.value.code == "record.whole_archived"
    assert outcomes(rehearse(desk, text, map_, "rep")) == {2: "rejected"}


SIGNED = """
source = "old"
effective_from = 2026-01-01
[[record]]
entity = "contract"
file = "contracts.csv"
id = "id"
existing = "keep"
[record.fields]
name = "id"
customer_id = "customer"
amount = "value"

[[record.steps]]
verb = "submit"
when = { signed = true }
at = "signed"
[[record.steps]]
verb = "approve"
when = { signed = true }
at = "signed"
fields.approver_id = "signer"
[[record.steps]]
verb = "sign"
when = { signed = true }
at = "signed"
fields.signed_on = "signed"
fields.our_signer_id = "signer"
fields.their_signer = "theirs"

[[record]]
entity = "payment_plan"
file = "plans.csv"
id = "id"
[record.fields]
contract_id = "contract"
due_on = "due"
amount = "amount"
"""
CONTRACT_ROWS = "id,customer,value,signed,signer,theirs\nc-1,Harbour Works,900,2026-02-01,rep,Li Zhe\n"
PLAN_ROWS = "id,contract,due,amount\np-1,c-1,2026-03-01,500\np-2,c-1,2026-04-01,400\n"


@pytest.mark.parametrize("who", ["operator", "admin"])
def test_a_contract_arrives_signed_with_its_plan_which_stays_from_then_on(desk: Desk, who: str) -> None:
    desk.make("customer", name="Harbour Works", owner_id=desk.people["rep"])
    actor = desk.actor(who)

    def judge(plans: str) -> Rehearsal:
        given = [file(CONTRACT_ROWS, "contracts.csv"), file(plans, "plans.csv")]
        return imports.rehearse(desk.store, actor, given, plan(SIGNED))

    arrived = imports.commit(desk.store, actor, judge(PLAN_ROWS))
    assert desk.one("contract", external_id="c-1")["step"] == "signed"
    assert desk.one("payment_plan", external_id="p-1")["amount"] == 500
    assert judge(PLAN_ROWS).total["unchanged"] == 3
    other = judge(PLAN_ROWS.replace("500", "300") + "p-3,c-1,2026-05-01,200\n")
    assert reasons(other) >= {(2, "contract_id", "contract.plan_agreed"), (4, "contract_id", "contract.plan_agreed")}
    assert outcomes(other, "payment_plan") == {2: "rejected", 3: "unchanged", 4: "rejected"}
    imports.undo(desk.store, actor, arrived.batch_id or "")
    assert desk.store.count(operator(), "payment_plan") == 0


def test_no_import_changes_the_plan_of_a_contract_that_was_signed_meanwhile(desk: Desk) -> None:
    contract = desk.make("contract", owner_id=desk.people["rep"], amount=900)
    map_ = SIGNED.partition("[[record]]")[0] + "[[record]]" + SIGNED.rpartition("[[record]]")[2]
    given = [file(PLAN_ROWS.replace("c-1", contract), "plans.csv")]
    ready = imports.rehearse(desk.store, operator(), given, plan(map_))
    assert ready.total["create"] == 2
    sign(desk, contract)
    with pytest.raises(Refused) as refusal:
        imports.commit(desk.store, operator(), ready)
    assert refusal.value.code == "contract.plan_agreed"
