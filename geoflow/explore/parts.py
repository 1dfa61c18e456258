"""Small parts that every panel is made of."""

from typing import Any

from dash import ClientsideFunction, Dash


def aria(**said: str) -> dict[str, Any]:
    """Return what a part says to those who do not see it.

    >>> aria(label="Layers")
    {'aria-label': 'Layers'}
    """
    return {f"aria-{name}": text for name, text in said.items()}


def in_browser(app: Dash, name: str, *dependencies: Any, **options: Any) -> None:
    """Add a callback that runs in the browser: a function of ``assets/``, in ``geoflow``."""
    add: Any = app.clientside_callback
    add(ClientsideFunction("geoflow", name), *dependencies, **options)
