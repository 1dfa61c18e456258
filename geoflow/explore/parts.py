"""Small parts that every panel is made of."""

from typing import Any

from dash import ClientsideFunction, Dash, dcc, html


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
    """Add a callback that runs in the browser: a function of ``assets/``, in ``geoflow``."""
    add: Any = app.clientside_callback
    add(ClientsideFunction("geoflow", name), *dependencies, prevent_initial_call=True)


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


def number_of(n: int, noun: str) -> str:
    """Return a number of things in words.

    >>> number_of(1, "row"), number_of(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
