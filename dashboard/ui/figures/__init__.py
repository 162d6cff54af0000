"""Charts drawn with Plotly: one function a kind, one look for all."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.domain.charts import ChartSpec, Kind
from dashboard.ui.figures.heat import heat
from dashboard.ui.figures.lines import line
from dashboard.ui.figures.rows import rows
from dashboard.ui.palette import Palette

DRAWN = {
    Kind.FUNNEL: rows,
    Kind.BULLET: rows,
    Kind.RANKING: rows,
    Kind.BARS: rows,
    Kind.LINE: line,
    Kind.HEAT: heat,
}


def figure(spec: ChartSpec, palette: Palette) -> go.Figure:
    """A chart in the colours of a theme. The title is not part of it: the page writes it above."""
    return DRAWN[spec.kind](spec, palette)
