"""Every declared metric can be computed, grouped, read and opened."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from dashboard import i18n
from dashboard.domain.entities import ENTITIES
from dashboard.domain.metrics import COMPONENTS, DIMENSIONS, METRICS, Unit
from dashboard.errors import Invalid, NotFound
from etl.marts import SOURCES
from etl.metrics import Population, Question, compute
from etl.metrics.formulas import FORMULAS
from tests.mart_book import TODAY, YUAN, Book, day

QUARTER = {"since": "10-01", "until": "2027-01-01"}
FORMULA_FILES = Path(__file__).parents[1] / "etl" / "metrics"
DTYPES = {
    Unit.COUNT: pl.Int64,
    Unit.MONEY: pl.Int64,
    Unit.SHARE: pl.Float64,
    Unit.DAYS: pl.Float64,
    Unit.SCORE: pl.Float64,
}


def department() -> Book:
    """A little of everything."""
    book = Book()
    book.put("team", "North", "2020-01-01")
    book.person("P1", "North", "east")
    book.put("customer", "K1", "2020-01-01", industry_id="steel")
    for deal, stage in (("D1", "S1"), ("D2", "S2"), ("D3", "S1"), ("D4", "S1")):
        book.deal(deal, "10-01", stage, owner_id="P1", customer_id="K1", source_id="fair", expected_close_on="12-10")
        book.put("deal_product", f"{deal}A", "10-01", deal_id=deal, product_id="A", amount=YUAN)
    book.win("D1", "10-10")
    book.lose("D3", "10-11", "price")
    book.target("T1", **QUARTER, amount=200, person_id="P1")
    book.target("T2", **QUARTER, amount=200, team_id="North")
    book.rate("P1", 5, "10-10", "K1")
    book.put("order", "O1", "10-01", owner_id="P1", customer_id="K1", status="confirmed", promised_on=day("10-10"))
    book.change("order", "O1", "10-09", delivery_state="delivered")
    book.put("shipment", "O1S", "10-01", order_id="O1", delivered_on=day("10-09"))
    book.task("W1", "10-01", "P1", "10-10", kind="call", priority="high", region_id="east")
    return book


def test_every_metric_has_a_formula() -> None:
    assert FORMULAS.keys() == METRICS.keys()


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_names_fields_and_dimensions_that_exist(name: str) -> None:
    metric = METRICS[name]
    assert {*metric.dimensions, *metric.filters, *metric.always} <= DIMENSIONS.keys()
    for entity, fields in metric.needs.items():
        assert set(fields) <= ENTITIES[entity].by_name.keys()
    assert set(metric.entities) <= metric.needs.keys()
    assert FORMULAS[name].entity in {*metric.entities, "person"}


def test_the_sources_are_fields_of_their_entities() -> None:
    for entity, columns in SOURCES.items():
        assert set(columns) <= ENTITIES[entity].by_name.keys()


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_explained_in_both_languages(name: str) -> None:
    assert all(i18n.has(f"metric.{name}.{part}") for part in ("name", "definition", "population"))


def test_dimensions_units_and_components_have_names_in_both_languages() -> None:
    keys = [f"dimension.{name}" for name in DIMENSIONS] + [f"metric_unit.{unit}" for unit in Unit]
    assert [key for key in keys + [f"metric_column.{name}" for name in COMPONENTS] if not i18n.has(key)] == []


def test_every_reason_and_note_is_used_and_every_used_one_has_a_text() -> None:
    code = "\n".join(file.read_text() for file in FORMULA_FILES.glob("*.py"))
    texts = {key.partition(".")[2] for key in i18n.keys("en") if key.startswith(("metric_note.", "metric_reason."))}
    assert [text for text in texts if f'"{text}"' not in code] == []
    used = set(re.findall(r'noted\(\("(\w+)"|pl\.lit\("([a-z]+_\w+)"\)', code))
    assert {word for pair in used for word in pair if word} <= texts


@pytest.mark.parametrize("name", METRICS)
def test_an_answer_has_the_documented_columns(name: str) -> None:
    metric = METRICS[name]
    frame = department().ask(name, **QUARTER).frame
    own = frame.columns[len(metric.always) :]
    assert own[:5] == ["value", "n", "low", "high", "reason"]
    types = [frame.schema[column] for column in own[:5]]
    assert types == [DTYPES[metric.unit], pl.Int64, pl.Float64, pl.Float64, pl.String]
    assert [column for column in own[1:] if not i18n.has(f"metric_column.{column}")] == []
    assert all(frame.schema[column] == pl.Int64 for column in metric.money)
    assert frame.filter(pl.col("value").is_null() & pl.col("reason").is_null()).is_empty()
    if metric.share_of:
        assert frame.filter((pl.col("n") > 0) & pl.col("low").is_null()).is_empty()


@pytest.mark.parametrize(("name", "dimension"), [(n, d) for n, metric in METRICS.items() for d in metric.dimensions])
def test_a_metric_can_be_grouped_and_filtered_by_each_of_its_dimensions(name: str, dimension: str) -> None:
    book = department()
    answer = book.ask(name, **QUARTER, by=(dimension,))
    assert answer.frame.columns[0] == dimension
    assert answer.frame.schema[dimension] == pl.String
    keys = answer.frame[dimension].drop_nulls().to_list()
    narrow = book.ask(name, **QUARTER, by=(dimension,), where={dimension: keys[:1]})
    assert set(narrow.frame[dimension]) >= set(keys[:1])
    assert set(book.behind(name, **QUARTER, where={dimension: keys[:1]})) <= set(book.behind(name, **QUARTER))


def test_an_unknown_metric_is_not_found() -> None:
    with pytest.raises(NotFound):
        compute(Question("charm", today=TODAY), Book().marts(), Population({}))


@pytest.mark.parametrize(
    ("name", "asked", "code"),
    [
        ("win_rate", {"by": ("stage",)}, "metric.dimension"),
        ("csat", {"where": {"product": ["A"]}}, "metric.dimension"),
        ("run_rate", {}, "metric.window"),
        ("funnel", {"since": "10-01", "until": "10-01"}, "metric.empty_window"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(name: str, asked: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        Book().ask(name, **asked)  # type: ignore[arg-type]
    assert [problem.code for problem in refused.value.problems] == [code]
    assert "metric." not in str(refused.value)
