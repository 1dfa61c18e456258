"""The panel with scores against scores."""

from pathlib import Path

from dash import Dash, html


def compare_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div()


def register_compare(app: Dash, path: Path) -> None:
    """Add the callbacks of the panel."""
