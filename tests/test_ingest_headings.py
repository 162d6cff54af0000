"""Headers as fields: labels of both languages, what others call things, and how sure that is."""

from __future__ import annotations

import tomllib

import pytest

from dashboard.domain.entities import RECORDS
from dashboard.domain.labels import field_label
from dashboard.errors import Refused
from dashboard.i18n import LANGUAGES
from etl.ingest import Heading, headings_of, plan_for, read
from etl.ingest.headings import ALIASES, required_without_heading, unread
from tests.ingest_book import book, file, outcomes, run, written


def fields(entity: str, *headers: str) -> list[str | None]:
    """The field of each header."""
    return [heading.field for heading in headings_of(RECORDS[entity], headers)]


def test_every_settable_field_is_found_by_its_labels_and_its_name() -> None:
    for entity in RECORDS.values():
        for field in entity.settable:
            for header in (field.name, *(field_label(entity.name, field.name, language) for language in LANGUAGES)):
                (heading,) = headings_of(entity, (header,))
                assert heading.sure, (entity.name, field.name, header)


def test_width_letter_case_blanks_and_signs_do_not_matter() -> None:
    assert fields("customer", "ＣＵＳＴＯＭＥＲ　Name", "credit_code", "Year-Founded", "年营收（元）") == [
        "name", "credit_code", "founded_year", "annual_revenue",
    ]  # fmt: skip


def test_words_of_other_systems_are_known() -> None:
    assert fields("deal", "Opportunity Name", "Account Name", "Deal Stage", "业务员", "预计成交日期") == [
        "name", "customer_id", "stage_id", "owner_id", "expected_close_on",
    ]  # fmt: skip
    assert fields("order", "订单编号", "下单日期", "客户名称") == ["external_id", "ordered_on", "customer_id"]


def test_one_field_goes_to_the_header_that_fits_best() -> None:
    assert fields("customer", "Company", "Customer name") == [None, "name"]


def test_a_slip_of_the_pen_is_proposed_but_not_used() -> None:
    (heading,) = headings_of(RECORDS["customer"], ("Anual revenu",))
    assert heading.field == "annual_revenue"
    assert not heading.sure
    assert headings_of(RECORDS["customer"], ("Weather",)) == (Heading("Weather", None, 0.0),)


def test_a_file_without_a_map_is_read_by_its_headings() -> None:
    text = "客户名称,统一社会信用代码,年营收,所属行业,天气\n甲公司,91310000123456789X,1.2亿,软件,晴\n"
    tables = read([file(text)])
    plan = plan_for("customer", tables)
    found = run(text, plan, book(industry=[{"code": "software", "label_zh": "软件", "label_en": "Software"}]))
    (row,) = written(found, "customer")
    assert (row["name"], row["industry_id"], row["annual_revenue"]) == ("甲公司", "industry-0", 120_000_000)
    assert unread("customer", tables, plan) == [("file.csv", "天气")]


def test_only_the_sheets_of_a_workbook_that_are_about_the_entity_are_read() -> None:
    tables = read([file("客户名称,年营收\n甲,5\n", "a.csv"), file("地区,经理\n华东,乙\n", "b.csv")])
    assert [record.file for record in plan_for("customer", tables).record] == ["a.csv"]


def test_a_proposal_counts_once_a_person_accepts_it() -> None:
    tables = read([file("Customer name,Anual revenu\nA,5\n")])
    accepted = plan_for("customer", tables, (Heading("Anual revenu", "annual_revenue", 0.8),))
    assert set(accepted.record[0].fields) == {"name", "annual_revenue"}
    assert set(plan_for("customer", tables).record[0].fields) == {"name"}


def test_required_fields_without_a_column_are_named() -> None:
    plan = plan_for("deal", read([file("Deal name\nA\n")]))
    assert required_without_heading("deal", plan) == ["created_on"]
    assert outcomes(run("Deal name\nA\n", plan)) == {2: "rejected"}


def test_a_file_in_which_nothing_is_recognised_is_refused() -> None:
    with pytest.raises(Refused, match="No column of file"):
        plan_for("customer", read([file("x,y\n1,2\n")]))


def test_the_other_names_belong_to_fields_that_exist() -> None:
    for entity, names in tomllib.loads(ALIASES.read_text(encoding="utf-8")).items():
        owners = RECORDS.values() if entity == "common" else [RECORDS[entity]]
        for name in names:
            assert name == "external_id" or any(name in owner.by_name for owner in owners), (entity, name)
