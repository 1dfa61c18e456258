"""Small parts that every panel is made of."""

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from geoflow.explore.state import PANEL_TABS


def aria(**said: str) -> dict[str, Any]:
    """Return what a part says to those who do not see it.

    >>> aria(label="Layers")
    {'aria-label': 'Layers'}
    """
    return {f"aria-{name}": text for name, text in said.items()}


def data(**said: str) -> dict[str, Any]:
    """Return what a part says to scripts.

    >>> data(save="png")
    {'data-save': 'png'}
    """
    return {f"data-{name}": text for name, text in said.items()}


def in_browser(app: Dash, name: str, *dependencies: Any) -> None:
    """Add a callback that runs in the browser: a function of ``assets/``, in ``geoflow``.

    It runs when the page begins too, after those whose outputs it takes.
    """
    add: Any = app.clientside_callback
    add(
        ClientsideFunction("geoflow", name), *dependencies, prevent_initial_call="initial_duplicate"
    )


def pick_stores(name: str, panel: str, fields: Sequence[str]) -> html.Div:
    """Return the store ``asked-<name>``: some fields of the state, while their panel is on show.

    It changes when one of them does, and not when something else of the state does.
    """
    tabs = PANEL_TABS[panel]
    return html.Div(
        [
            dcc.Store(id=f"asked-{name}"),
            dcc.Store(id=f"pick-{name}", data={"fields": list(fields), "tabs": list(tabs)}),
        ]
    )


def register_pick(app: Dash, *names: str) -> None:
    """Fill the stores that `pick_stores` made."""
    for name in names:
        in_browser(
            app,
            "pick",
            Output(f"asked-{name}", "data"),
            Input("state", "data"),
            State(f"pick-{name}", "data"),
            State(f"asked-{name}", "data"),
        )


def labelled(text: str, part: Any, look: str = "") -> html.Label:
    """Return a control with its name before it."""
    return html.Label([html.Span(text), part], className=f"labelled {look}".strip())


def choice(name: str, label: str, **options: Any) -> dcc.Dropdown:
    """Return a list to choose one of."""
    return dcc.Dropdown(
        id=name,
        clearable=options.pop("clearable", False),
        className="choice",
        labels={"search": f"Search {label}"},
        **options,
    )
