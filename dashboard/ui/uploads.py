"""The drop zone for files in the person's language: Streamlit's own words in it are English only."""

from __future__ import annotations

from dashboard.ui.visit import Visit


def in_words(visit: Visit, container: str, pick: str, drop: str) -> str:
    """A style that puts our words in the place of Streamlit's, within one container."""
    zone = f".st-key-{container} [data-testid='stFileUploaderDropzone']"
    return (
        f"<style>{zone} [data-testid='stFileUploaderDropzoneInstructions'] span {{font-size: 0}}"
        f"{zone} [data-testid='stFileUploaderDropzoneInstructions'] span::after "
        f"{{font-size: 0.85rem; content: '{visit.text(drop)}'}}"
        f"{zone} button p {{font-size: 0}}"
        f"{zone} button p::after {{font-size: 0.95rem; content: '{visit.text(pick)}'}}</style>"
    )
