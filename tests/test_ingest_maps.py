"""The language of import maps: what may be written, and that a slip of the pen is named."""

from __future__ import annotations

import re

import pytest

from dashboard.domain.entities import RECORDS
from dashboard.errors import Refused
from etl.ingest import load_plan, maps, preset, preset_names
from tests.ingest_book import book, plan, run, written

MINIMAL = '[[record]]\nentity = "team"\nfile = "*.csv"\nfields.name = "n"\n'


def test_the_text_of_the_module_is_a_map() -> None:
    example = re.search(r"```toml\n(.*?)```", maps.__doc__ or "", re.DOTALL)
    assert example
    assert load_plan(example[1], "example").record[2].steps[0].verb == "lose"


def test_every_shipped_map_is_well_formed() -> None:
    assert {"adventureworks", "maven_crm"} <= set(preset_names())
    for name in preset_names():
        found = preset(name)
        assert found.name == name
        assert all(record.entity in RECORDS for record in found.record)


def test_a_map_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(Refused, match="maven_crm"):
        preset("marvin_crm")
    with pytest.raises(Refused, match="no map called"):
        preset("../maven_crm")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (MINIMAL + "filed = 1\n", "filed"),
        (MINIMAL + 'fields.nam = "n"\n', "no field nam"),
        (MINIMAL.replace('"team"', '"taem"'), "no entity taem"),
        (MINIMAL + "fields.parent_id = { colum = 'x' }\n", "colum"),
        (MINIMAL + "fields.parent_id = { column = 'x', value = 'y' }\n", "exactly one"),
        (MINIMAL + "fields.parent_id = { otherwise = 'x' }\n", "exactly one"),
        (MINIMAL + "fields.parent_id = { column = 'x', find = ['nmae'] }\n", "no field nmae"),
        (MINIMAL + "fields.parent_id = { column = 'x', create = { boss = 'y' } }\n", "no field boss"),
        (MINIMAL + "rows = [{ name = 'x' }]\n", "either file or rows"),
        (MINIMAL + "[[record.steps]]\nverb = 'win'\n", "no verb win"),
        ('currency = "dollar"\n' + MINIMAL, "currency"),
        ('dates = { d = "yankee" }\n' + MINIMAL, "dates"),
    ],
)
def test_a_slip_of_the_pen_is_named(text: str, place: str) -> None:
    with pytest.raises(Refused) as caught:
        plan(text)
    assert caught.value.code == "map.invalid"
    assert place in str(caught.value.values)


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(Refused, match="TOML"):
        plan("[[record]\n")


def test_a_column_that_the_file_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(Refused, match="no column n"):
        run("a,b\n1,2\n", MINIMAL)


def test_columns_are_found_whatever_their_case_and_width() -> None:
    assert [row["name"] for row in written(run("Ｎ\nEast\n", MINIMAL), "team")] == ["East"]


CUSTOMERS = '[[record]]\nentity = "customer"\nfile = "*"\n[record.fields]\n'


def values(text: str, field: str, take: str, **known: list[dict[str, object]]) -> list[object]:
    """What a field of customers takes from a file."""
    found = run(text, CUSTOMERS + f'name = "n"\n{field} = {take}\n', book(**known))
    return [row.get(field) for row in written(found, "customer")]


def test_the_first_column_that_is_filled_counts() -> None:
    assert values("n,a,b\nA,,x\nB,y,z\nC,,\n", "address", '{ column = ["a", "b"] }') == ["x", "y", None]


def test_a_template_joins_columns() -> None:
    assert values("n,a,b\nA,x,y\nB,,y\n", "address", '{ text = "{a} / {b}" }') == ["x / y", "/ y"]


def test_a_part_of_a_template_in_brackets_stands_where_its_columns_are_filled() -> None:
    take = '{ text = "{a}[, {b}][ ({c})]" }'
    assert values("n,a,b,c\nA,x,y,z\nB,x,,z\nC,,y,\nD,,,\n", "address", take) == ["x, y (z)", "x (z)", "y", None]


def test_texts_that_mean_nothing_are_nothing_inside_templates_and_conditions_too() -> None:
    text = "n,a,b\nA,Select,y\nB,x,Select\n"
    for take, wanted in (
        ('{ text = "{a}[, {b}]" }', ["y", "x"]),
        ('{ column = ["a", "b"] }', ["y", "x"]),
        ('{ value = "z", when = { a = true } }', [None, "z"]),
    ):
        found = run(text, f'empty = ["Select"]\n{CUSTOMERS}name = "n"\naddress = {take}')
        assert [row["address"] for row in written(found, "customer")] == wanted


def test_values_are_exchanged_and_an_empty_one_means_nothing() -> None:
    take = '{ column = "a", values = { tec = "Technology", none = "" } }'
    assert values("n,a\nA,ＴＥＣ\nB,none\nC,other\n", "address", take) == [
        "Technology", None, "other",
    ]  # fmt: skip


def test_a_constant_a_condition_and_what_stands_in() -> None:
    text = "n,a,kind\nA,x,1\nB,y,2\nC,,1\n"
    assert values(text, "address", '{ value = "z", when = { kind = "1" } }') == ["z", None, "z"]
    assert values(text, "address", '{ column = "a", when = { kind = ["1", "3"] }, otherwise = "-" }') == ["x", "-", "-"]
    assert values(text, "address", '{ column = "a", when = { a = true } }') == ["x", "y", None]
    assert values(text, "address", '{ value = "empty", when = { a = false } }') == [None, None, "empty"]


def test_numbers_are_multiplied() -> None:
    assert values("n,r\nA,1.5\nB,\n", "annual_revenue", '{ column = "r", times = 1_000_000 }') == [1_500_000, None]


def test_a_share_in_percent() -> None:
    map_ = """
[[record]]
entity = "deal"
file = "*"
[record.fields]
name = "n"
created_on = "d"
probability = { column = "p", unit = "percent" }
"""
    found = run("n,d,p\nA,2026-01-31,50\nB,2026-01-31,12.5%\n", map_)
    assert [float(row["probability"]) for row in written(found, "deal")] == [0.5, 0.125]


def test_texts_that_mean_nothing() -> None:
    found = run("n,a\nA,Select\nB,N/A\nC,x\n", 'empty = ["Select"]\n' + CUSTOMERS + 'name = "n"\naddress = "a"')
    assert [row["address"] for row in written(found, "customer")] == [None, None, "x"]


def test_the_following_value_of_the_same_person_ends_a_period() -> None:
    map_ = """
[[record]]
entity = "target"
file = "*"
[record.fields]
level = { value = "person" }
person_id = "who"
starts_on = "from"
ends_on = { following = "from", per = "who", otherwise = 2026-12-31 }
amount = "quota"
"""
    text = "who,from,quota\nA,2026-07-01,3\nB,2026-02-01,9\nA,2026-01-01,1\nA,2026-04-01,2\n"
    found = run(text, map_, book(person=[{"name": "A"}, {"name": "B"}]))
    assert [(row["person_id"], str(row["starts_on"]), str(row["ends_on"])) for row in written(found, "target")] == [
        ("person-0", "2026-07-01", "2026-12-31"),
        ("person-1", "2026-02-01", "2026-12-31"),
        ("person-0", "2026-01-01", "2026-04-01"),
        ("person-0", "2026-04-01", "2026-07-01"),
    ]


def test_distinct_records_from_a_column_skip_empty_cells() -> None:
    map_ = '[[record]]\nentity = "team"\nfile = "*"\ndistinct = true\nfields.name = "t"\n'
    found = run("who,t\na,East\nb,West\nc,\nd,East\n", map_)
    assert [row["name"] for row in written(found, "team")] == ["East", "West"]
    assert found.total == {"create": 2, "update": 0, "unchanged": 0, "duplicate": 0, "rejected": 0}


def test_rows_may_stand_in_the_map_itself() -> None:
    row = '{ code = "a", label_zh = "甲", label_en = "A", type = "open", rank = 1, probability = 0.25 }'
    map_ = f'[[record]]\nentity = "stage"\nrows = [{row}]\n'
    (stage,) = written(run("x\n1\n", map_), "stage")
    assert (stage["code"], stage["rank"], float(stage["probability"])) == ("a", 1, 0.25)
