"""A table shaded by value: one blue, from little to much; every cell says its number."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.domain.charts import ChartSpec
from dashboard.ui.figures.rows import shortened
from dashboard.ui.figures.template import SIZE, Drawn, hover_texts, template
from dashboard.ui.markdown import label
from dashboard.ui.palette import Palette

ROW_PIXELS = 34
HEAD_PIXELS = 30


def heat(spec: ChartSpec, palette: Palette) -> go.Figure:
    """Labels down the side, columns across the top."""
    cells = np.array([[np.nan if v is None else v for v in row] for row in spec.cells], dtype=float)
    texts = [["" if v is None else label(spec.scale.text(v)) for v in row] for row in spec.cells]
    highest = float(np.nanmax(cells)) if np.isfinite(cells).any() else 1.0
    shades = len(palette.ramp) - 1
    cells_drawn = go.Heatmap(
        z=cells,
        x=list(range(len(spec.across))),
        y=list(range(len(spec.labels))),
        zmin=0,
        zmax=highest or 1.0,
        colorscale=[[i / shades, colour] for i, colour in enumerate(palette.ramp)],
        showscale=False,
        xgap=2,
        ygap=2,
        text=texts,
        texttemplate="%{text}",
        textfont={"size": SIZE - 1, "color": palette.text},
        hovertext=[hover_texts(row) for row in spec.hovers],
        hoverinfo="text",
    )
    layout = {
        "template": template(palette),
        "height": HEAD_PIXELS + ROW_PIXELS * max(len(spec.labels), 1),
        "margin": {"l": 8, "r": 8, "t": HEAD_PIXELS, "b": 4},
        "xaxis": {
            "side": "top",
            "tickvals": list(range(len(spec.across))),
            "ticktext": [label(shortened(name)) for name in spec.across],
            "showgrid": False,
        },
        "yaxis": {
            "autorange": "reversed",
            "tickvals": list(range(len(spec.labels))),
            "ticktext": [label(shortened(name)) for name in spec.labels],
            "tickfont": {"size": SIZE, "color": palette.text},
            "ticklabelstandoff": 6,
            "showgrid": False,
        },
    }
    return Drawn(cells_drawn, layout)
