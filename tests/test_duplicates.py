"""Likely duplicates while a record is captured: who is named, why, and what is said of records beyond reach."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.actions import duplicates
from dashboard.actions.duplicates import Answer, Reason
from dashboard.errors import Forbidden, Limited, Refused
from dashboard.store.questions import Questions
from dashboard.store.schema import own_table
from tests.department import Desk


def asked(desk: Desk, who: str, entity: str, record_id: str | None = None, /, **values: Any) -> Answer:
    """What somebody is told while capturing these values."""
    return duplicates.likely(desk.store, desk.actor(who), entity, values, record_id)


def reasons(answer: Answer) -> dict[str, Reason]:
    """The records that were named, and why."""
    return {match.id: match.reason for match in answer.matches}


def test_records_within_reach_are_named_with_the_reason(shared_desk: Desk) -> None:
    rep = shared_desk.people["rep"]
    customer = shared_desk.make(
        "customer",
        name="北京恒通物流有限公司",
        aliases=["HT Logistics"],
        credit_code="91110000600007519X",
        owner_id=rep,
    )
    contact = shared_desk.make(
        "contact", customer_id=customer, name="曾敏", phone="138 0013 8001", email="min@ht.example"
    )
    lead = shared_desk.make("lead", company="上海晨光机电有限公司", owner_id=rep, phone="021-5555 6666")
    cases: list[tuple[str, dict[str, str], dict[str, Reason]]] = [
        ("lead", {"company": "恒通物流（集团）"}, {customer: Reason.NAME}),
        ("lead", {"company": "HT logistics Co., Ltd."}, {customer: Reason.NAME}),
        ("lead", {"company": "恒通"}, {customer: Reason.SIMILAR}),
        ("customer", {"name": "辰光机电"}, {lead: Reason.SOUND}),
        ("customer", {"credit_code": "91110000600007519x"}, {customer: Reason.CREDIT_CODE}),
        ("lead", {"phone": "+86 13800138001"}, {contact: Reason.PHONE}),
        ("lead", {"phone": "(021)55556666"}, {lead: Reason.PHONE}),
        ("contact", {"email": "MIN@ht.example"}, {contact: Reason.EMAIL}),
        ("contact", {"customer_id": customer, "name": "曾 敏"}, {contact: Reason.PERSON}),
        ("lead", {"company": "恒通医疗"}, {}),
        ("lead", {"company": "北京"}, {}),
        ("lead", {"phone": "138"}, {}),
    ]
    for entity, values, found in cases:
        answer = asked(shared_desk, "rep", entity, **values)
        assert reasons(answer) == found, values
        assert answer.elsewhere == ()
    assert asked(shared_desk, "rep", "customer", customer, name="恒通物流") == Answer(()), (
        "a record is not its own double"
    )
    assert asked(shared_desk, "rep", "contact", contact, customer_id=customer, phone="13800138001") == Answer(())


def test_beyond_reach_an_exact_match_says_that_there_is_one_and_is_audited(shared_desk: Desk) -> None:
    theirs = shared_desk.make(
        "customer", name="南方远望有限公司", credit_code="91440300MA5EXAMPLE", owner_id=shared_desk.people["stranger"]
    )
    shared_desk.make("contact", customer_id=theirs, phone="139 0000 1111", email="a@yw.example")
    before = told(shared_desk)
    for values, fields in (
        ({"company": "南方远望"}, ()),
        ({"phone": "13900001111"}, ("phone",)),
        ({"phone": "13900001111", "email": "A@yw.example"}, ("phone", "email")),
        ({"phone": "13900001112"}, ()),
    ):
        assert asked(shared_desk, "rep", "lead", **values) == Answer((), fields), values
    assert asked(shared_desk, "rep", "customer", credit_code="91440300MA5EXAMPLE").elsewhere == ("credit_code",)
    rows = told(shared_desk)[len(before) :]
    assert [row["actor_id"] for row in rows] == [shared_desk.people["rep"]] * 3, "each answer once"
    assert not any("1390000" in str(row) for row in rows)
    assert reasons(asked(shared_desk, "stranger", "lead", phone="13900001111")), "in reach it is named"


def told(desk: Desk) -> list[dict[str, Any]]:
    """The audit entries about such answers."""
    with desk.store.reading() as cursor:
        cursor.execute("SELECT actor_id, details FROM audit_entries WHERE verb = 'duplicate_told' ORDER BY sequence")
        return [dict(zip(("actor_id", "details"), row, strict=True)) for row in cursor.fetchall()]


def test_what_stands_in_the_pool_is_masked_and_only_said_to_be_there(shared_desk: Desk) -> None:
    shared_desk.make(
        "lead", company="公海里的公司", phone="13700002222", pool_team_id=shared_desk.teams["north"], owner_id=None
    )
    answer = asked(shared_desk, "rep", "lead", phone="137 0000 2222")
    assert (answer.matches, answer.elsewhere) == ((), ("phone",))


def test_a_value_that_must_be_unique_says_no_more_and_is_audited(shared_desk: Desk) -> None:
    shared_desk.make("customer", credit_code="91440300MA5UNIQ1", owner_id=shared_desk.people["stranger"])
    before, mine = len(told(shared_desk)), shared_desk.people["rep"]
    with pytest.raises(Refused, match="already in the system"):
        shared_desk.make("customer", who="rep", credit_code="91440300MA5UNIQ1", owner_id=mine)
    assert [row["actor_id"] for row in told(shared_desk)[before:]] == [mine]


def test_nobody_reads_the_system_by_guessing(shared_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_desk.store, "questions", Questions(shared_desk.store.rates, most=3))
    for n in (1, 2, 3, 3, 2):
        asked(shared_desk, "rep", "lead", phone=f"1360000000{n}")
    with pytest.raises(Limited):
        asked(shared_desk, "rep", "lead", phone="13600000004")
    assert asked(shared_desk, "rep", "lead", company="无人公司") == Answer(()), "names within reach are no guessing"
    asked(shared_desk, "colleague", "lead", phone="13600000004")


def test_only_whoever_captures_such_records_asks(shared_desk: Desk) -> None:
    for who in ("leader", "support", "admin"):
        with pytest.raises(Forbidden):
            asked(shared_desk, who, "lead", phone="13600000009")


def test_keys_follow_the_names_and_are_made_for_what_is_older(shared_desk: Desk) -> None:
    rep = shared_desk.people["rep"]
    record = shared_desk.make("lead", company="旧名字有限公司", owner_id=rep)
    shared_desk.do("rep", "lead", "update", record, company="新名字有限公司")
    assert reasons(asked(shared_desk, "rep", "lead", company="新名字")) == {record: Reason.NAME}
    assert reasons(asked(shared_desk, "rep", "lead", company="旧名字")) == {}
    keys = own_table("name_keys").name
    with shared_desk.store.engine.writing() as cursor:
        cursor.execute(f"DELETE FROM {keys} WHERE record_id = '{record}'")
    assert shared_desk.store.names.fill() == 1
    assert reasons(asked(shared_desk, "rep", "lead", company="新名字")) == {record: Reason.NAME}


@pytest.mark.parametrize("text", ["zjtd", "ZiJie", "zijietiaodong", "beijingzi", "字节"])
def test_a_search_finds_names_by_ear_and_by_initials(shared_desk: Desk, text: str) -> None:
    from dashboard.domain.queries import Condition, Operator

    rep, found = shared_desk.actor("rep"), Condition("name", Operator.FIND, text)
    theirs = {"name": "北京字节跳动科技有限公司", "owner_id": shared_desk.people["stranger"]}
    shared_desk.make("customer", **theirs)
    mine = shared_desk.make("customer", name="北京字节跳动科技有限公司", owner_id=rep.person_id)
    rows = shared_desk.store.find(rep, "customer", [found])
    assert mine in rows["id"]
    assert set(rows["owner_id"]) == {rep.person_id}, "no search goes beyond reach"
