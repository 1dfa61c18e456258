"""The panel with questions and their answers."""

from pathlib import Path

from dash import Dash, html


def sql_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div()


def register_sql(app: Dash, path: Path) -> None:
    """Add the callbacks of the panel."""
