"""The colours of charts by what they mean, light and dark; the same hues as in .streamlit/config.toml."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.domain.charts import Tone


class Palette(NamedTuple):
    """The colours of one theme."""

    background: str
    surface: str
    text: str
    muted: str
    border: str
    tones: dict[Tone, str]
    categories: tuple[str, ...]
    ramp: tuple[str, ...]  # one blue, from little to much


CATEGORIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F6DB3", "#8C8C8C")

LIGHT = Palette(
    background="#FFFFFF",
    surface="#F6F8FA",
    text="#1F2933",
    muted="#5B6773",
    border="#DDE3EA",
    tones={
        Tone.PLAIN: "#0B5CAD",
        Tone.OPEN: "#0B5CAD",
        Tone.WON: "#0B8F6A",
        Tone.LOST: "#C2415B",
        Tone.TARGET: "#6B7785",
        Tone.PREVIOUS: "#A8B3BF",
        Tone.ATTENTION: "#C77700",
        Tone.LATE: "#B42318",
    },
    categories=CATEGORIES,
    ramp=("#EAF2FB", "#D0E2F5", "#B3D0EE", "#92BBE5", "#6FA4DA"),
)

DARK = Palette(
    background="#10161D",
    surface="#18212B",
    text="#E6EBF0",
    muted="#9AA7B4",
    border="#2B3744",
    tones={
        Tone.PLAIN: "#5AA9F0",
        Tone.OPEN: "#5AA9F0",
        Tone.WON: "#3FBF95",
        Tone.LOST: "#E4728A",
        Tone.TARGET: "#9AA7B4",
        Tone.PREVIOUS: "#5B6773",
        Tone.ATTENTION: "#E9A13B",
        Tone.LATE: "#F0847A",
    },
    categories=CATEGORIES,
    ramp=("#152C44", "#17395C", "#194776", "#1C5793", "#2468AE"),
)

PALETTES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}
