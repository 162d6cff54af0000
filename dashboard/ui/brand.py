"""The application's name and mark in the tab and above the navigation."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.i18n import Language, translate
from dashboard.ui.palette import PALETTES, Palette
from dashboard.ui.visit import theme_now

BARS = ((4, 13, 4), (10, 9, 8), (16, 4, 13))
"""The mark: x, y and height of three rising bars."""

FONTS = "'PingFang SC','Microsoft YaHei','Noto Sans SC','Noto Sans CJK SC',system-ui,sans-serif"
CHARACTER_WIDTH: dict[Language, float] = {"zh": 17.0, "en": 9.6}


def mark_the_tab() -> None:
    """Set the tab's picture; before the navigation, which else shows the page's icon there, from another host."""
    st.set_page_config(page_icon=mark(PALETTES[theme_now()]), layout="wide")


def show(language: Language, page: str) -> None:
    """Set the tab's title, and the logo."""
    name, palette = translate("app.name", language), PALETTES[theme_now()]
    st.set_page_config(page_title=f"{page} · {name}")
    st.logo(with_name(name, language, palette), icon_image=mark(palette))


def with_name(name: str, language: Language, palette: Palette) -> str:
    """The mark and the name beside it (SVG)."""
    width = round(32 + len(name) * CHARACTER_WIDTH[language])
    looks = f'font-family="{FONTS}" font-size="16" font-weight="600" fill="{palette.text}"'
    return svg(width, f'{bars(palette)}<text x="30" y="18" {looks}>{escape(name)}</text>')


def mark(palette: Palette) -> str:
    """The mark alone (SVG), for a collapsed sidebar."""
    return svg(24, bars(palette))


def bars(palette: Palette) -> str:
    """The three bars."""
    colours = (palette.ramp[-1], palette.ramp[-1], next(iter(palette.tones.values())))
    return "".join(
        f'<rect x="{x}" y="{y + 2}" width="4" height="{height}" rx="1" fill="{colour}"/>'
        for (x, y, height), colour in zip(BARS, colours, strict=True)
    )


def svg(width: int, content: str) -> str:
    """An SVG picture 24 pixels high."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" viewBox="0 0 {width} 24">{content}</svg>'
    )
