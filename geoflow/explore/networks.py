"""The panel with the grid of networks."""

from pathlib import Path

from dash import Dash, html


def networks_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div()


def register_networks(app: Dash, path: Path) -> None:
    """Add the callbacks of the panel."""
