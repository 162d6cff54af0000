"""Charts made of rows: a bar for each label, marks and intervals on it, figures in columns beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.domain.charts import ChartSpec, Kind, Part, Series, Tone, ticks
from dashboard.domain.metrics import Unit
from dashboard.ui.figures.template import SIZE, Drawn, hover_texts, template
from dashboard.ui.markdown import label
from dashboard.ui.palette import Palette

ROW_PIXELS = 30
COLUMN_PIXELS = 62
VALUE_PIXELS = 56  # for the direct label after the longest bar
HEAD_PIXELS = 22
AXIS_PIXELS = 26
LONGEST_LABEL = 14  # characters; the whole name is in the tooltip
PALE = 0.6
"""How strong a bar is that an interval lies over, so that both are seen."""

MARKS: dict[Part, dict[str, Any]] = {
    Part.TARGET: {"symbol": "line-ns", "size": 18, "width": 2.5},
    Part.STRETCH: {"symbol": "line-ns", "size": 13, "width": 1.5},
    Part.CHALLENGE: {"symbol": "line-ns", "size": 9, "width": 1.5},
}


def rows(spec: ChartSpec, palette: Palette) -> go.Figure:
    """Bars from zero, the first label on top."""
    places = np.arange(len(spec.labels), dtype=float)
    value = spec.part(Part.VALUE)
    assert value is not None
    pace = spec.part(Part.PACE)
    traces = [] if pace is None else [pace_bars(pace, value, places, palette)]
    traces.append(value_bars(spec, value, places, palette))
    held_against = [(series, looks) for part, looks in MARKS.items() if (series := spec.part(part)) is not None]
    traces += [marks(series, places, palette, looks) for series, looks in held_against]
    traces += [figures(spec, number, places, palette) for number in range(len(spec.columns))]
    return Drawn(traces, {**layout(spec, places, palette), "template": template(palette)})


def value_bars(spec: ChartSpec, value: Series, places: Any, palette: Palette) -> go.Bar:
    """The bars with their direct labels, tooltips, intervals and keys."""
    tones = value.tones or (value.tone,) * len(places)
    shade = {"opacity": PALE if value.low else 1}
    return go.Bar(
        x=numbers(value.values),
        y=places,
        orientation="h",
        name=label(value.name),
        marker={"color": [palette.tones[tone] for tone in tones], **shade},
        text=[label(text) for text in value.texts] or None,
        textposition="outside",
        textfont={"size": SIZE - 1, "color": palette.text},
        cliponaxis=False,
        customdata=list(spec.keys),
        hovertext=hover_texts(value.hovers),
        hoverinfo="text",
        error_x=whiskers(value, palette),
        width=0.45 if spec.kind is Kind.BULLET else 0.62,
        selected={"marker": shade},
        unselected={"marker": shade},
    )


def pace_bars(pace: Series, value: Series, places: Any, palette: Palette) -> go.Bar:
    """Where each row ends when it goes on like this: a paler, hatched bar behind the value."""
    ends = numbers(pace.values)
    beyond = np.where(ends > numbers(value.values), ends, np.nan)
    colour = palette.tones[Tone.WON]
    return go.Bar(
        x=beyond,
        y=places,
        orientation="h",
        name=label(pace.name),
        marker={
            "color": colour,
            "opacity": 0.45,
            "pattern": {"shape": "/", "size": 5, "fillmode": "overlay", "fgcolor": palette.background, "solidity": 0.3},
        },
        width=0.45,
        hoverinfo="skip",
    )


def marks(series: Series, places: Any, palette: Palette, looks: dict[str, Any]) -> go.Scatter:
    """A tick across each row."""
    return go.Scatter(
        x=numbers(series.values),
        y=places,
        mode="markers",
        name=label(series.name),
        marker={
            "symbol": looks["symbol"],
            "size": looks["size"],
            "line": {"width": looks["width"], "color": palette.tones[series.tone]},
        },
        hoverinfo="skip",
        cliponaxis=False,
    )


def figures(spec: ChartSpec, number: int, places: Any, palette: Palette) -> go.Scatter:
    """A column of figures on an axis of its own, right of the bars."""
    column = spec.columns[number]
    return go.Scatter(
        x=np.full(len(places), float(number)),
        y=places,
        xaxis="x2",
        mode="text",
        text=[label(text) for text in column.texts],
        textfont={"size": SIZE - 1, "color": palette.muted},
        textposition="middle center",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )


def layout(spec: ChartSpec, places: Any, palette: Palette) -> dict[str, Any]:
    """Axes, heads of the columns, legend of the marks, height."""
    highest = max((v for series in spec.series for v in (*series.values, *series.high) if v is not None), default=0.0)
    steps = ticks(highest, wanted=3, whole=spec.scale.unit is Unit.COUNT)
    legend = any(series.part is not Part.VALUE for series in spec.series)
    beside = COLUMN_PIXELS * len(spec.columns)
    head = HEAD_PIXELS if spec.columns else 6
    return {
        "height": head + AXIS_PIXELS + ROW_PIXELS * max(len(places), 2) + (HEAD_PIXELS if legend else 0),
        "margin": {"l": 8, "r": 8, "t": head + (HEAD_PIXELS if legend else 0), "b": 4},
        "barmode": "overlay",
        "showlegend": legend,
        "legend": {
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "maxheight": 1,  # of the chart: a lower one would scroll
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "domain": [0, bar_part(beside)],
            "range": [0, highest * 1.18 if highest else 1],
            "tickvals": list(steps),
            "ticktext": [label(spec.scale.tick(step)) for step in steps],
            "side": "bottom",
        },
        "xaxis2": {
            "domain": [bar_part(beside), 1],
            "range": [-0.5, len(spec.columns) - 0.5],
            "visible": True,
            "showgrid": False,
            "side": "top",
            "anchor": "y",
            "tickvals": list(range(len(spec.columns))),
            "ticktext": [label(column.name) for column in spec.columns],
            "tickfont": {"size": SIZE - 2, "color": palette.muted},
            "tickangle": 0,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [len(places) - 0.4, -0.6] if len(places) else [1, 0],
            "tickvals": list(places),
            "ticktext": [label(shortened(name)) for name in spec.labels],
            "tickfont": {"size": SIZE, "color": palette.text},
            "ticklabelstandoff": 6,
            "showgrid": False,
        },
    }


def bar_part(beside: int, width: int = 360) -> float:
    """The part of the width that is left to the bars beside columns of so many pixels; 100.0% fits in on a phone."""
    return 1.0 if not beside else max(0.42, 1 - beside / width)


def whiskers(value: Series, palette: Palette) -> dict[str, Any] | None:
    """The interval around each bar's end."""
    if not value.low:
        return None
    at = numbers(value.values)
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers(value.high) - at,
        "arrayminus": at - numbers(value.low),
        "thickness": 1.2,
        "width": 3,
        "color": palette.text,
    }


def numbers(values: tuple[float | None, ...]) -> Any:
    """Values as an array; None is not a number."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def shortened(name: str) -> str:
    """A label that leaves room for the bars."""
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
