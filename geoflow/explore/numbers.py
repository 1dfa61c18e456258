"""The panel with one network in numbers."""

from pathlib import Path

from dash import Dash, html


def numbers_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div()


def register_numbers(app: Dash, path: Path) -> None:
    """Add the callbacks of the panel."""
