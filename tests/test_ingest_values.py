"""Texts as values: money, numbers and days as people write them, each column in one format."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.ingest.days import FORMATS, clock, days, readings
from etl.ingest.numbers import parsed
from etl.ingest.times import midnight
from tests.ingest_book import TODAY, book, outcomes, reasons, run, written

DEALS = """
[[record]]
entity = "deal"
file = "*"
id = "id"
[record.fields]
name = "id"
created_on = "opened"
{more}
"""


def amounts(*texts: str | None, decimal: str | None = None) -> list[Decimal | None]:
    """The numbers of a column."""
    return parsed(pl.Series(texts, dtype=pl.String), decimal).values.to_list()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("¥1,234.50", "1234.5"),
        ("￥１，２３４．５０", "1234.5"),
        ("$1,234.5 ", "1234.5"),
        ("1,234.50元", "1234.5"),
        ("CNY 1234.5", "1234.5"),
        ("1234.5 USD", "1234.5"),
        ("12.3万", "123000"),
        ("12.3万元", "123000"),
        ("1.2亿", "120000000"),
        ("(1,200.00)", "-1200"),
        ("-¥3", "-3"),
        ("¥-3", "-3"),
        ("3-", "-3"),
        ("−3", "-3"),
        ("+3", "3"),
        ("1 234.5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("1e3", "1000"),
        ("12.5%", "0.125"),
        (".5", "0.5"),
    ],
)
def test_amounts_as_people_write_them(text: str, value: str) -> None:
    assert amounts(text) == [Decimal(value)]


@pytest.mark.parametrize(
    "text", ["abc", "5-3", "2026-11-23", "1.2.3", "--5", "(5", "5%%", "$5€", "万", "-", "1 2 a", "NaN", "inf"]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    assert amounts(text) == [None]


def test_a_column_has_one_decimal_sign() -> None:
    assert amounts("1.234,50 €", "12,5", "1.000", "7") == [
        Decimal("1234.5"),
        Decimal("12.5"),
        Decimal(1000),
        Decimal(7),
    ]
    assert amounts("1,234.50", "1,000", "7") == [Decimal("1234.5"), Decimal(1000), Decimal(7)]


def test_an_amount_that_two_signs_read_differently_is_unclear() -> None:
    assert parsed(pl.Series(["1.234", "5.678"])).unclear
    assert not parsed(pl.Series(["1.234", "5.67"])).unclear
    assert not parsed(pl.Series(["1,234", "567"])).unclear
    assert amounts("1.234", "5", decimal=",") == [Decimal(1234), Decimal(5)]


def test_the_sign_of_a_currency_is_noticed() -> None:
    texts = pl.Series(["¥5", "5元", "$5", "US$5", "HK$5", "5 €", "£5", "5", "RMB 5"])
    assert parsed(texts).currencies.to_list() == ["CNY", "CNY", "USD", "USD", "HKD", "EUR", "GBP", None, "CNY"]


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_every_amount_is_read_back_however_it_is_written(value: Decimal) -> None:
    german = f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    for text in (str(value), f"{value:,.2f}", f"¥{value:,.2f}", german):
        assert amounts(text, decimal="," if text == german else ".") == [value]


def test_days_as_people_write_them() -> None:
    one = date(2026, 3, 9)
    for text, name in {
        "2026-03-09": "ymd",
        "2026/3/9": "ymd",
        "2026.3.9": "ymd",
        "2026年3月9日": "ymd",
        "２０２６－０３－０９": "ymd",
        "26-3-9": "ymd",
        "2026-03-09 00:00:00": "ymd",
        "2026-03-09T10:00:00Z": "ymd",
        "9/3/2026": "dmy",
        "09.03.26": "dmy",
        "3/9/2026": "mdy",
        "20260309": "yyyymmdd",
        "9-Mar-26": "d-month-y",
        "9 March 2026": "d-month-y",
        "Mar 9, 2026": "month-d-y",
        "46090": "excel",
        "46090.75": "excel",
    }.items():
        assert days(pl.Series([text]), name).to_list() == [one], text


def test_a_two_digit_year_turns_at_69() -> None:
    assert days(pl.Series(["1/1/68", "1/1/69"]), "dmy").to_list() == [date(2068, 1, 1), date(1969, 1, 1)]


def test_a_day_that_the_calendar_does_not_have_is_no_day() -> None:
    assert days(pl.Series(["2026-02-30", "2024-02-29"]), "ymd").to_list() == [None, date(2024, 2, 29)]


def test_a_column_is_read_in_the_formats_that_fit_all_of_it() -> None:
    assert readings(pl.Series(["01/02/2026", "13/02/2026"])) == ("dmy",)
    assert readings(pl.Series(["01/02/2026", "02/13/2026"])) == ("mdy",)
    assert readings(pl.Series(["01/02/2026", "03/04/2026"])) == ("dmy", "mdy")
    assert readings(pl.Series(["01/01/2026", "02/02/2026"])) == ("dmy",), "both formats say the same days"
    assert readings(pl.Series(["apples", "pears"])) == ()


def test_one_broken_day_does_not_spoil_its_column() -> None:
    assert readings(pl.Series(["2026-01-01", "2026-02-30", "2026-03-01"])) == ("ymd",)


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from(["ymd", "dmy", "mdy", "yyyymmdd", "excel"]))
def test_every_day_is_read_back(day: date, name: str) -> None:
    text = {
        "ymd": day.isoformat(),
        "dmy": f"{day.day}/{day.month}/{day.year}",
        "mdy": f"{day.month}/{day.day}/{day.year}",
        "yyyymmdd": f"{day:%Y%m%d}",
        "excel": str((day - date(1899, 12, 30)).days),
    }[name]
    assert days(pl.Series([text]), name).to_list() == [day]
    assert name in readings(pl.Series([text])) or len(readings(pl.Series([text]))) == 1
    assert set(readings(pl.Series([text]))) <= set(FORMATS)


def test_the_time_of_day_is_kept_for_moments() -> None:
    found = clock(pl.Series(["2026-01-02 03:04", "2026-01-02", "46090.5", "2026-01-02T23:59:58.5"]))
    assert found.to_list() == [
        timedelta(hours=3, minutes=4),
        timedelta(),
        timedelta(hours=12),
        timedelta(hours=23, minutes=59, seconds=58.5),
    ]


def test_midnight_is_that_of_the_company_zone() -> None:
    day = pl.Series([date(2026, 7, 1)])
    assert midnight(day, "Asia/Shanghai").to_list() == [datetime(2026, 6, 30, 16)]
    assert midnight(day, "Europe/Berlin").to_list() == [datetime(2026, 6, 30, 22)]
    skipped = midnight(pl.Series([date(2018, 11, 4)]), "America/Sao_Paulo")  # the clocks went from 0:00 to 1:00
    assert skipped.to_list() == [datetime(2018, 11, 4, 3)]


def test_days_that_fit_two_formats_are_settled_by_the_rules_of_the_entity() -> None:
    map_ = DEALS.format(
        more='[[record.steps]]\nverb = "lose"\nfields.closed_on = "closed"\nfields.lost_reason_id = { value = "x" }'
    )
    known = book(list_value=[{"list": "lost_reason", "code": "x", "label_zh": "x", "label_en": "x"}])
    found = run("id,opened,closed\n1,05/06/2026,03/07/2026\n2,01/02/2026,02/02/2026\n", map_, known)
    assert {(chosen.column, chosen.format) for chosen in found.formats} == {("opened", "dmy"), ("closed", "dmy")}
    assert found.questions == ()


def test_a_person_is_asked_when_two_formats_remain() -> None:
    found = run("id,opened\n1,05/06/2026\n2,01/02/2026\n", DEALS.format(more=""))
    (question,) = found.questions
    assert (question.code, question.column, question.options, question.sample) == (
        "question.date_format", "opened", ("dmy", "mdy"), "05/06/2026",
    )  # fmt: skip
    assert found.changes == ()


def test_the_answer_of_a_person_settles_it() -> None:
    text = 'dates = { opened = "mdy" }\n' + DEALS.format(more="")
    found = run("id,opened\n1,05/06/2026\n2,01/02/2026\n", text)
    assert [row["created_on"] for row in written(found, "deal")] == [date(2026, 5, 6), date(2026, 1, 2)]


def test_a_day_in_the_future_rules_a_format_out() -> None:
    found = run("id,opened\n1,10/12/2026\n", DEALS.format(more=""), today=TODAY)
    assert [row["created_on"] for row in written(found, "deal")] == [date(2026, 10, 12)]


def test_unclear_amounts_are_asked_about_and_workbooks_are_not_unclear() -> None:
    map_ = DEALS.format(more='amount = "amount"')
    found = run("id,opened,amount\n1,2026-01-01,1.234\n", map_)
    assert [(question.code, question.column) for question in found.questions] == [("question.decimal", "amount")]
    assert run("id,opened,amount\n1,2026-01-01,1.234\n", 'decimal = ","\n' + map_).questions == ()


def test_flags_choices_tags_mails_and_phones() -> None:
    map_ = """
[[record]]
entity = "contact"
file = "*"
[record.fields]
customer_id = "customer"
name = "name"
main = "main"
influence = "influence"
phone = "phone"
email = "mail"
"""
    text = (
        "customer,name,main,influence,phone,mail\n"
        "Acme,A,是,决策者,１３８００１３８０００.0,MAILTO:A@Example.com\n"
        "Acme,B,no,User,+86 10-6234 5678,b@例子.cn\n"
        "Acme,C,perhaps,sometimes,call me,nobody\n"
    )
    found = run(text, map_, book(customer=[{"name": "Acme"}]))
    first, second = written(found, "contact")
    assert (first["main"], first["phone"], first["email"]) == (True, "13800138000", "a@example.com")
    assert (second["main"], second["phone"], second["email"]) == (False, "+86 10-6234 5678", "b@例子.cn")
    assert outcomes(found) == {2: "create", 3: "create", 4: "rejected"}
    assert reasons(found) == {
        (4, "main", "field.type"),
        (4, "influence", "field.type"),
        (4, "phone", "field.phone"),
        (4, "email", "field.email"),
    }


def test_tags_are_cut_at_commas_of_both_languages() -> None:
    map_ = '[[record]]\nentity = "customer"\nfile = "*"\nfields = { name = "n", need_tags = "t" }'
    found = run('n,t\nA,"安装、培训， 升级;x"\nB,\n', map_)
    assert [row["need_tags"] for row in written(found, "customer")] == [["安装", "培训", "升级", "x"], None]


def test_a_file_has_one_format() -> None:
    map_ = DEALS.format(more='expected_close_on = "due"')
    found = run("id,opened,due\n1,05/06/2026,31/12/2026\n", map_)
    assert {(chosen.column, chosen.format) for chosen in found.formats} == {("opened", "dmy"), ("due", "dmy")}
