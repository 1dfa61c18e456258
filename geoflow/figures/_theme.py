"""The same figure on a light ground and on a dark one."""

import json

from plotly.graph_objects import Figure

from geoflow.figures._style import COLOURS, GRID, GROUND, LINE, ZERO

DARK = {
    GROUND: "#12161c",
    GRID: "#2a323c",
    ZERO: "#5b6675",
    LINE: "#7a8594",
    "#f0f0f0": "#1a2028",
    COLOURS[0]: "#2d78ff",
    COLOURS[1]: "#f0803c",
    COLOURS[6]: "#c6ceda",
    COLOURS[7]: "#a85430",
    "black": "#e4e9ef",
}
"""What colours of a light figure become in a dark one."""

TEXT = {"light": "#1c2430", "dark": "#e4e9ef"}


def in_theme(figure: Figure, theme: str) -> Figure:
    """Return a figure for a light or a dark page: grounds, grids, lines and text.

    theme: light or dark.
    """
    if theme != "dark":
        return figure.update_layout(font_color=TEXT["light"])
    drawn = Figure(changed(json.loads(figure.to_json())))
    return drawn.update_layout(font_color=TEXT["dark"])


def changed(value: object) -> object:
    """Return a part of a figure with its colours as in a dark one.

    >>> changed({"line": {"color": "#0072b2"}, "text": ["#0072b2"]})
    {'line': {'color': '#2d78ff'}, 'text': ['#0072b2']}
    """
    if isinstance(value, list):
        return [changed(one) if isinstance(one, dict) else one for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: DARK.get(one, one) if "color" in key and isinstance(one, str) else changed(one)
        for key, one in value.items()
    }
