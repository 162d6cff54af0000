"""Charts drawn with Plotly: one function a kind, one look for all."""

from __future__ import annotations

from functools import lru_cache

import plotly.graph_objects as go

from dashboard.domain.charts import ChartSpec, Kind
from dashboard.ui.figures.heat import heat
from dashboard.ui.figures.lines import line
from dashboard.ui.figures.rows import rows
from dashboard.ui.palette import PALETTES

DRAWN = {
    Kind.FUNNEL: rows,
    Kind.BULLET: rows,
    Kind.RANKING: rows,
    Kind.BARS: rows,
    Kind.LINE: line,
    Kind.HEAT: heat,
}


@lru_cache(maxsize=500)
def figure(spec: ChartSpec, theme: str) -> go.Figure:
    """A chart in the colours of a theme; the title is not part of it: the page writes it above.

    A chart that was drawn before is given out again, so nobody may change it.
    """
    return DRAWN[spec.kind](spec, PALETTES[theme])
