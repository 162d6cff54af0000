"""Values over time: a line with its last point labelled, the running period apart, the target dashed."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.domain.charts import ChartSpec, Part, Series, Tone, ticks
from dashboard.i18n import translate
from dashboard.ui.figures.rows import numbers
from dashboard.ui.figures.template import SIZE, Drawn, hover_texts, template
from dashboard.ui.markdown import label
from dashboard.ui.palette import Palette

HEIGHT = 256
STEP = 2  # every other label, from the last one back: twelve do not fit on a phone


def line(spec: ChartSpec, palette: Palette) -> go.Figure:
    """The value's line, from zero; what runs still is dotted and hollow and says "to date"."""
    places = np.arange(len(spec.labels), dtype=float)
    value, target = spec.part(Part.VALUE), spec.part(Part.TARGET)
    assert value is not None
    traces = [] if target is None else [target_line(target, places, palette)]
    if value.unfinished:
        traces.append(running_line(value, places, palette))
    traces.append(value_line(spec, value, places, palette))
    return Drawn(traces, {**layout(spec, value, places, palette), "template": template(palette)})


def value_line(spec: ChartSpec, value: Series, places: Any, palette: Palette) -> go.Scatter:
    """All points, and the line through the finished ones."""
    colour = palette.tones[value.tone]
    hollow = [place in value.unfinished for place in range(len(places))]
    at = numbers(value.values)
    return go.Scatter(
        x=places,
        y=np.where(hollow, np.nan, at),
        mode="lines+markers",
        name=label(value.name),
        line={"color": colour, "width": 2},
        marker={"color": colour, "size": 6},
        hovertext=hover_texts(value.hovers),
        hoverinfo="text",
        customdata=list(spec.keys),
        cliponaxis=False,
    )


def running_line(value: Series, places: Any, palette: Palette) -> go.Scatter:
    """The step into the running period, and its hollow point."""
    colour, at = palette.tones[value.tone], numbers(value.values)
    first = min(value.unfinished)
    shown = slice(max(first - 1, 0), None)
    texts = hover_texts(value.hovers)
    return go.Scatter(
        x=places[shown],
        y=at[shown],
        mode="lines+markers",
        name=label(value.name),
        showlegend=False,
        line={"color": colour, "width": 2, "dash": "dot"},
        marker={
            "color": palette.background,
            "size": [8 if place in value.unfinished else 0 for place in range(len(at))][shown],
            "line": {"color": colour, "width": 2},
        },
        hovertext=texts[shown],
        hoverinfo="text",
        cliponaxis=False,
    )


def target_line(target: Series, places: Any, palette: Palette) -> go.Scatter:
    """A dashed step line."""
    return go.Scatter(
        x=places,
        y=numbers(target.values),
        mode="lines",
        name=label(target.name),
        line={"color": palette.tones[Tone.TARGET], "width": 1.5, "dash": "dash", "shape": "hvh"},
        hovertext=hover_texts(target.hovers),
        hoverinfo="text",
        cliponaxis=False,
    )


def layout(spec: ChartSpec, value: Series, places: Any, palette: Palette) -> dict[str, Any]:
    """Axes, legend, and the label of the last point."""
    highest = max((v for series in spec.series for v in series.values if v is not None), default=0.0)
    steps = ticks(highest)
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 20, "t": 30, "b": 8},
        "showlegend": len(spec.series) > 1,
        "legend": {"itemclick": False, "itemdoubleclick": False},
        "xaxis": {
            "tickvals": list(places[::-STEP]),
            "ticktext": ["<br>".join(map(label, name.split("\n"))) for name in spec.labels[::-STEP]],
            "tickangle": 0,
            "showgrid": False,
            "range": [-0.3, len(places) - 0.7],
        },
        "yaxis": {
            "range": [0, steps[-1]],
            "tickvals": list(steps),
            "ticktext": [label(spec.scale.tick(step)) for step in steps],
        },
        "annotations": [
            note
            for place, (text, at) in enumerate(zip(value.texts, value.values, strict=False))
            if text and at is not None
            for note in [last_label(spec, value, place, at, text, palette)]
        ],
    }


def last_label(spec: ChartSpec, value: Series, place: int, at: float, text: str, palette: Palette) -> dict[str, Any]:
    """The last value beside its point; a running one says so."""
    words = label(text)
    if place in value.unfinished:
        words += f"<br>{label(translate('common.to_date', spec.scale.language))}"
    return {
        "x": place,
        "y": at,
        "text": words,
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "yshift": 8,
        "xshift": 14,
        "align": "right",
        "bgcolor": palette.background,
        "font": {"size": SIZE - 1, "color": palette.text},
    }
