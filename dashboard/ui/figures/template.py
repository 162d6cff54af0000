"""The one look of all charts: fonts, gridlines, tooltips, margins; light and dark."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.ui.palette import Palette

FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", system-ui, sans-serif'
SIZE = 13
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}


class Drawn(go.Figure):  # type: ignore[misc]  # untyped upstream
    """A figure that is sent again and again and that nobody changes: what is sent is made once.

    Turning a figure into what the browser gets costs more than all else on a page of charts.
    """

    _sent: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figure as it is sent."""
        if self._sent is None:
            self._sent = super().to_dict()
        return self._sent


def template(palette: Palette) -> go.layout.Template:
    """The template of a theme."""
    axis = {
        "gridcolor": palette.border,
        "linecolor": palette.border,
        "zerolinecolor": palette.border,
        "gridwidth": 1,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"size": SIZE - 1, "color": palette.muted},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": SIZE, "color": palette.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(palette.categories),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": SIZE - 1}},
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.border,
                "font": {"family": FONT, "size": SIZE, "color": palette.text},
                "align": "left",
            },
            "hovermode": "closest",
            "dragmode": False,
            "barcornerradius": 3,
            "bargap": 0.35,
        }
    )


def hover_texts(hovers: tuple[tuple[str, ...], ...]) -> list[str]:
    """Lines of tooltips as Plotly's HTML; the first one stands out."""
    from dashboard.ui.markdown import label

    return ["<br>".join([f"<b>{label(lines[0])}</b>", *map(label, lines[1:])]) if lines else "" for lines in hovers]
