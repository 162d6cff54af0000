"""What a rehearsal says of new rows that look like records which exist already, or like other rows of the file."""

from __future__ import annotations

import pytest

from dashboard.actions import imports
from dashboard.actions.imports.likeness import AT_ONCE, likenesses
from dashboard.i18n import LANGUAGES, Language, translate
from dashboard.store import Store
from etl.ingest import Rehearsal, plan_for, read, report_csv
from tests.department import Desk
from tests.ingest_book import file
from tests.selling import running
from tests.test_import_page import rehearsed, texts

LEADS = "company,person_name,phone,email,created_on\n"
Told = set[tuple[int, str, str | int]]
"""Row, reason, and the record's name or the other row."""


@pytest.fixture
def known(desk: Desk) -> Desk:
    """The department with some records of the rep, and one of a stranger."""
    rep, stranger = desk.people["rep"], desk.people["stranger"]
    customer = desk.make(
        "customer",
        name="北京恒通物流有限公司",
        aliases=["HT Logistics"],
        credit_code="91110000600007519X",
        owner_id=rep,
    )
    desk.make("contact", customer_id=customer, name="曾敏", phone="138 0013 8001", email="min@ht.example")
    desk.make("lead", company="上海晨光机电有限公司", owner_id=rep, phone="021-5555 6666")
    desk.make("customer", name="深圳远望仪器有限公司", owner_id=stranger, phone="13900139009")
    return desk


def rehearse(desk: Desk, who: str, entity: str, text: str) -> Rehearsal:
    """The dry run of a file with plain headings."""
    sources = [file(text)]
    return imports.rehearse(desk.store, desk.actor(who), sources, plan_for(entity, read(sources)))


def told(found: Rehearsal) -> Told:
    """What it says of each row."""
    return {
        (row["row"], row["reason"], row["like_title"] if row["like_row"] is None else row["like_row"])
        for row in found.alike.iter_rows(named=True)
    }


def test_new_leads_are_held_against_leads_customers_and_contacts(known: Desk) -> None:
    text = LEADS + (
        "恒通物流（集团）,A,,,2026-01-05\n"
        "辰光机电,B,,,2026-01-05\n"
        "HT logistics Co. Ltd.,C,,,2026-01-05\n"
        "Somebody else,D,+86 13800138001,,2026-01-05\n"
        "Another one,E,,MIN@ht.example,2026-01-05\n"
        "恒通医疗,F,,,2026-01-05\n"
    )
    assert told(rehearse(known, "rep", "lead", text)) == {
        (2, "same", "北京恒通物流有限公司"),
        (3, "sound", "上海晨光机电有限公司"),
        (4, "same", "北京恒通物流有限公司"),
        (5, "phone", "曾敏"),
        (6, "email", "曾敏"),
    }


def test_new_customers_and_contacts_are_compared_too(known: Desk) -> None:
    text = "name,credit_code\n晨光机电,\n某某公司,91110000600007519x\n"
    found = rehearse(known, "rep", "customer", text)
    assert told(found) >= {(2, "same", "上海晨光机电有限公司")}
    contacts = "name,customer,phone\n曾 敏,北京恒通物流有限公司,\n李雷,北京恒通物流有限公司,13800138001\n"
    assert told(rehearse(known, "rep", "contact", contacts)) == {(2, "person", "曾敏"), (3, "phone", "曾敏")}


def test_of_records_beyond_reach_nothing_is_told(known: Desk) -> None:
    text = LEADS + "远望仪器,A,13900139009,,2026-01-05\n"
    assert told(rehearse(known, "rep", "lead", text)) == set()
    assert told(rehearse(known, "stranger", "lead", text)) == {(2, "phone", "深圳远望仪器有限公司")}
    assert told(rehearse(known, "admin", "lead", text)) == {(2, "same", "深圳远望仪器有限公司")}, "phones are masked"


def test_rows_that_look_alike_name_the_first_of_them(known: Desk) -> None:
    text = LEADS + (
        "广州明珠科技有限公司,A,,,2026-01-05\n"
        "广州明珠科技股份有限公司,B,,,2026-01-05\n"
        "Unlike One,C,13700137001,,2026-01-05\n"
        "Nothing like it,D,+86 137 0013 7001,,2026-01-05\n"
        "Pemberton Holdings,E,,,2026-01-05\n"
        "Pembertan,F,,,2026-01-05\n"
    )
    found = told(rehearse(known, "rep", "lead", text))
    assert found == {(3, "same", 2), (5, "phone", 4), (7, "similar", 6)}


def test_rows_that_change_known_records_are_no_doubles_of_them(known: Desk) -> None:
    text = "name,website\n北京恒通物流有限公司,https://ht.example\n"
    found = rehearse(known, "operator", "customer", text)
    assert found.total["update"] == 1
    assert found.alike.is_empty()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_the_report_list_them_first(known: Desk, language: Language) -> None:
    text = LEADS + "Quite another,A,,,2026-01-05\n恒通物流,B,,,2026-01-05\n"
    report = report_csv(rehearse(known, "rep", "lead", text), language).decode()
    first = report.splitlines()[1]
    assert "北京恒通物流有限公司" in first
    assert translate("likeness.same", language) in first
    with running(known):
        at = rehearsed(known, "rep", text)
        assert not at.error
        assert translate("importing.alike", "zh", n="1") in texts(at)
        (shown,) = [
            frame.value for frame in at.dataframe if translate("import.line.alike", "zh") in frame.value.columns
        ]
        assert len(shown) == 1
        assert "北京恒通物流有限公司" in shown[translate("import.line.alike", "zh")].iloc[0]


def test_rows_are_compared_in_a_few_questions_however_many_there_are(
    known: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Store.reading

    def counted(self: Store) -> object:
        asked.append("once")
        return real(self)

    monkeypatch.setattr(Store, "reading", counted)
    counts = []
    for rows in (10, 10_000):
        lines = "".join(f"{brand(at)}有限公司,P{at},1{at:010d},p{at}@x.example,2026-01-05\n" for at in range(rows))
        found = rehearse(known, "operator", "lead", LEADS + lines)
        assert found.total["create"] == rows
        known.make("lead")  # what was read is not remembered
        asked.clear()
        likenesses(known.store, known.actor("operator"), found)
        counts.append(len(asked))
    assert 0 < counts[0] < 20
    assert counts[1] < counts[0] + 10 * 10_000 / AT_ONCE


def brand(at: int) -> str:
    """A name that no other row has."""
    signs = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往"
    return "".join(signs[at // 20**place % 20] for place in range(4))
