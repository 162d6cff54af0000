"""Charts as data and as Plotly figures: the right numbers in the right places, nothing read as markup."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.domain import charting
from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.charts import ChartSpec, Part, Tone, ticks
from dashboard.domain.comparisons import Elapsed, Span, equal_part_before, period_on
from dashboard.domain.metrics import Unit
from dashboard.domain.periods import Period
from dashboard.domain.quantities import Scale, multiple
from dashboard.i18n import LANGUAGES, Language
from dashboard.ui.figures import figure
from dashboard.ui.figures.rows import COLUMN_PIXELS, bar_part
from dashboard.ui.palette import PALETTES

STAGES = {"a": "初步接洽", "b": "方案报价", "w": "赢单"}
TEN_THOUSAND = 10_000
PERIOD = "2026年10月1日至2026年11月23日"


def scale(unit: Unit = Unit.COUNT, language: Language = "zh") -> Scale:
    return Scale(unit, language, "CNY")


def funnel_rows() -> pl.DataFrame:
    """Four deals of 50,000 each: two reached the second stage, one is won."""
    return pl.DataFrame(
        {
            "stage": ["a", "b", "w"],
            "value": [4, 2, 1],
            "n": [4, 4, 4],
            "low": [None, 0.15, 0.095],
            "high": [None, 0.85, 0.905],
            "of_previous": [None, 0.5, 0.5],
            "of_first": [1.0, 0.5, 0.25],
            "amount": [200_000 * TEN_THOUSAND, 120_000 * TEN_THOUSAND, 50_000 * TEN_THOUSAND],
            "amount_of_previous": [None, 0.6, 0.4166],
            "amount_of_first": [1.0, 0.6, 0.25],
            "open": [1, 1, 0],
        }
    )


def target_rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "holder": ["ann", "bob"],
            "value": [0.5, 1.2],
            "n": [2, 3],
            "won": [100_000 * TEN_THOUSAND, 60_000 * TEN_THOUSAND],
            "target": [200_000 * TEN_THOUSAND, 50_000 * TEN_THOUSAND],
            "stretch": [240_000 * TEN_THOUSAND, None],
            "challenge": [None, None],
        }
    )


def attainment(running: bool = True) -> ChartSpec:
    names = {"ann": "陈静", "bob": "<b>Bob</b>"}
    return charting.attainment(target_rows(), names, scale(Unit.SHARE), PERIOD, {"ann": 190_000.0}, running)


def every_kind() -> list[ChartSpec]:
    """One chart of each kind."""
    scores = pl.DataFrame(
        {
            "person": ["ann", "bob"],
            "value": [76.7, 60.0],
            "sales_result": [75.0, 60.0],
            "satisfaction": [78.6, None],
            "task_completion": [80.0, None],
            "missing": [[], ["satisfaction", "task_completion"]],
        },
        schema_overrides={"missing": pl.List(pl.String)},
    )
    rates = pl.DataFrame(
        {"person": ["ann", "bob"], "value": [1.0, 0.9], "n": [3, 50], "low": [0.439, 0.786], "high": [1.0, 0.96]}
    )
    cells = pl.DataFrame({"team": ["t", "u"], "region": ["r", "s"], "value": [30_000, 10_000], "n": [1, 1]})
    people = {"ann": "陈静", "bob": "吴昊"}
    months = [date(2026, month, 1) for month in (9, 10, 11)]
    return [
        charting.funnel(funnel_rows(), STAGES, scale(), PERIOD),
        attainment(),
        charting.ranking(scores, people, scale(Unit.SCORE), PERIOD),
        charting.shares(rates, "person", people, scale(Unit.SHARE), PERIOD, "赢单率"),
        charting.trend(
            "赢单金额", months, [1.0, 2.0, 0.5], [1, 2, 1], scale(Unit.MONEY), frozenset({2}), [2.0] * 3, "目标"
        ),
        charting.heat(
            cells,
            "team",
            "region",
            {"team": {"t": "一部", "u": "二部"}, "region": {}},
            scale(Unit.MONEY),
            PERIOD,
            "赢单金额",
        ),
    ]


# -- what a chart says ------------------------------------------------------------------------------------------------


def test_a_funnel_counts_and_names_its_shares() -> None:
    spec = charting.funnel(funnel_rows(), STAGES, scale(), PERIOD)
    assert spec.series[0].values == (4.0, 2.0, 1.0)
    assert [column.texts for column in spec.columns] == [("–", "50.0%", "50.0%"), ("100.0%", "50.0%", "25.0%")]
    assert spec.labels == ("初步接洽", "方案报价", "赢单")
    assert "方案报价 2" in spec.summary
    assert "95% 区间 15.0%–85.0%" in spec.series[0].hovers[1]


def test_a_funnel_by_amount_has_the_amounts_own_shares() -> None:
    spec = charting.funnel(funnel_rows(), STAGES, scale(), PERIOD, by_amount=True)
    assert spec.series[0].values == (200_000.0, 120_000.0, 50_000.0)
    assert spec.columns[0].texts == ("–", "60.0%", "41.7%")
    assert spec.series[0].texts[0] == "¥20万"


def test_a_funnel_that_nothing_went_into_is_empty() -> None:
    nothing = funnel_rows().with_columns(pl.lit(0).alias("value"))
    assert charting.funnel(nothing, STAGES, scale(), PERIOD).empty


def test_attainment_is_held_against_target_stretch_and_pace() -> None:
    spec = attainment()
    value, stretch, pace = spec.part(Part.VALUE), spec.part(Part.STRETCH), spec.part(Part.PACE)
    assert value
    assert value.values == (1.2, 0.5), "the best first"
    assert stretch
    assert stretch.values == (None, 1.2)
    assert pace
    assert pace.values == (None, 0.95)
    assert spec.part(Part.CHALLENGE) is None, "nobody has one"
    assert [column.texts for column in spec.columns] == [("120.0%", "50.0%"), ("6万", "10万"), ("5万", "20万")]


def test_a_period_that_is_over_has_no_pace() -> None:
    assert attainment(running=False).part(Part.PACE) is None


def test_a_score_names_what_is_missing() -> None:
    spec = every_kind()[2]
    assert spec.labels == ("陈静", "吴昊")
    assert [column.texts for column in spec.columns] == [("75.0", "60.0"), ("78.6", "–"), ("80.0", "–")]
    assert "缺少：满意度、任务完成率" in spec.series[0].hovers[1]


def test_rates_stand_in_the_order_of_what_is_certain() -> None:
    spec = every_kind()[3]
    assert spec.keys == ("bob", "ann"), "45 of 50 is more certain than 3 of 3"
    assert spec.series[0].low == (0.786, 0.439)


def test_a_trend_marks_the_running_month() -> None:
    spec = every_kind()[4]
    assert spec.series[0].unfinished == frozenset({2})
    assert "截至目前" in spec.series[0].hovers[2][0]
    assert spec.series[0].texts == ("", "", "¥1")


def test_small_columns_of_a_heat_table_become_others() -> None:
    many = pl.DataFrame(
        {
            "team": ["t"] * 10,
            "region": [str(i) for i in range(10)],
            "value": [(10 - i) * TEN_THOUSAND for i in range(10)],
            "n": [1] * 10,
        }
    )
    names = {"team": {"t": "一部"}, "region": {str(i): f"区{i}" for i in range(10)}}
    spec = charting.heat(many, "team", "region", names, scale(Unit.MONEY), PERIOD, "赢单金额")
    assert spec.across == ("区0", "区1", "区2", "区3", "区4", "区5", "区6", "其他")
    assert spec.cells == ((10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 6.0),)


def test_a_long_list_is_cut_and_says_so() -> None:
    rows = pl.DataFrame(
        {
            "person": [str(i) for i in range(20)],
            "value": [0.5] * 20,
            "n": [2] * 20,
            "low": [0.1] * 20,
            "high": [0.9] * 20,
        }
    )
    spec = charting.shares(rows, "person", {}, scale(Unit.SHARE), PERIOD, "赢单率")
    assert (len(spec.labels), spec.left_out) == (12, 8)


# -- how it is drawn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("spec", every_kind(), ids=lambda spec: spec.kind)
def test_every_kind_is_drawn_in_both_themes(spec: ChartSpec, theme: str) -> None:
    drawn = figure(spec, theme)
    assert drawn.data
    assert drawn.layout.template.layout.font.color == PALETTES[theme].text
    assert drawn.layout.height < 900
    assert drawn.to_json()


def test_bars_hold_the_numbers_and_what_stands_behind_them() -> None:
    bars = bars_of(figure(charting.funnel(funnel_rows(), STAGES, scale(), PERIOD), "light"))
    assert list(bars.x) == [4.0, 2.0, 1.0]
    assert list(bars.customdata) == ["a", "b", "w"]
    won = PALETTES["light"].tones[Tone.WON]
    assert bars.marker.color[-1] == won


def test_names_are_never_read_as_markup() -> None:
    drawn = figure(attainment(), "light")
    assert "&lt;b&gt;Bob&lt;/b&gt;" in drawn.layout.yaxis.ticktext
    assert "<b>Bob" not in drawn.to_json()


def test_an_interval_is_a_whisker_around_the_value() -> None:
    bars = bars_of(figure(every_kind()[3], "light"))
    assert np.allclose(bars.error_x.array, [0.06, 0.0])
    assert np.allclose(bars.error_x.arrayminus, [0.9 - 0.786, 1 - 0.439])
    assert bars.marker.opacity == bars.unselected.marker.opacity < 1, "the whisker is seen over its bar"


def test_a_running_month_is_not_part_of_the_solid_line() -> None:
    drawn = figure(every_kind()[4], "light")
    dotted = [trace for trace in drawn.data if trace.line.dash == "dot"]
    solid = drawn.data[-1]
    assert np.isnan(solid.y[2])
    assert list(dotted[0].y) == [2.0, 0.5]
    assert "截至目前" in drawn.layout.annotations[0].text


def test_figures_are_made_of_arrays_because_lists_are_slow() -> None:
    for spec in every_kind():
        for trace in figure(spec, "light").data:
            if trace.type == "bar":
                assert isinstance(trace.x, np.ndarray)


def bars_of(drawn: Any) -> Any:
    """The bars of the values."""
    return next(trace for trace in drawn.data if trace.type == "bar" and trace.customdata is not None)


# -- numbers and periods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_the_figures_beside_bars_do_not_touch_on_a_phone(columns: int) -> None:
    plot, widest = 270, 42  # pixels beside the names, and of `100.0%`
    assert (1 - bar_part(COLUMN_PIXELS * columns)) * plot / columns > widest


def test_an_axis_of_counts_has_whole_steps() -> None:
    assert ticks(7, wanted=3, whole=True) == (0, 5, 10)
    assert ticks(1, wanted=3, whole=True) == (0, 1)
    assert ticks(3, wanted=3, whole=True) == (0, 1, 2, 3)
    assert ticks(70, wanted=3, whole=True) == (0, 25, 50, 75)


@pytest.mark.parametrize(
    ("highest", "steps"),
    [
        (403, (0, 200, 400, 600)),
        (380, (0, 100, 200, 300, 400)),
        (1.2, (0.0, 0.5, 1.0, 1.5)),
        (0, (0.0, 1.0)),
        (7, (0, 2, 4, 6, 8)),
    ],
)
def test_an_axis_has_round_steps(highest: float, steps: tuple[float, ...]) -> None:
    assert ticks(highest) == pytest.approx(steps)


@pytest.mark.parametrize(
    ("unit", "value", "zh", "en"),
    [
        (Unit.MONEY, 21_525_356.63, "¥2152.5万", "CN¥21.5M"),
        (Unit.MONEY, 950, "¥950", "CN¥950"),
        (Unit.SHARE, 0.304_843, "30.5%", "30.5%"),
        (Unit.COUNT, 12_345, "1.2万", "12.3K"),
        (Unit.COUNT, 403, "403", "403"),
        (Unit.DAYS, 44.5, "45 天", "45 days"),
        (Unit.SCORE, 76.66, "76.7", "76.7"),
        (Unit.SCORE, None, "–", "–"),
    ],
)
def test_a_value_is_written_in_both_languages(unit: Unit, value: float | None, zh: str, en: str) -> None:
    assert scale(unit, "zh").text(value) == zh
    assert scale(unit, "en").text(value) == en


@pytest.mark.parametrize(
    ("unit", "value", "before", "words"),
    [
        (Unit.MONEY, 112, 100, "+12%"),
        (Unit.MONEY, 5, 0, "新增"),
        (Unit.SHARE, 0.305, 0.342, "−3.7 个百分点"),
        (Unit.DAYS, 44, 47.5, "−4 天"),
        (Unit.COUNT, 90, 100, "−10%"),
    ],
)
def test_a_change_is_never_percent_of_nothing(unit: Unit, value: float, before: float, words: str) -> None:
    assert scale(unit).change(value, before) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_multiple_has_one_decimal(language: Language) -> None:
    assert multiple(2.5588, language) == {"zh": "2.6 倍", "en": "2.6×"}[language]


def test_fiscal_years_begin_where_the_company_says() -> None:
    assert period_on(Span.THIS_YEAR, date(2026, 11, 23), 4) == Period(date(2026, 4, 1), date(2027, 4, 1))
    assert period_on(Span.LAST_QUARTER, date(2026, 11, 23), 1) == Period(date(2026, 7, 1), date(2026, 10, 1))


def test_an_unfinished_period_is_compared_with_as_many_working_days() -> None:
    calendar = WorkCalendar()  # Monday to Friday
    october = Elapsed(Period(date(2026, 10, 1), date(2026, 11, 1)), date(2026, 10, 5))  # Thu, Fri, Mon: 3 working days
    before = equal_part_before(october, calendar)
    assert before.period == Period(date(2026, 9, 1), date(2026, 10, 1))
    assert before.day == date(2026, 9, 3)  # Tue, Wed, Thu


def test_a_finished_period_is_compared_with_the_whole_one_before() -> None:
    october = Elapsed(Period(date(2026, 10, 1), date(2026, 11, 1)), date(2026, 10, 31))
    assert equal_part_before(october, WorkCalendar()).day == date(2026, 9, 30)
