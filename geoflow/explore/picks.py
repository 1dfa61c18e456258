"""What each callback needs of the state: fields, while the panel that shows them is on show.

``assets/address.js`` puts them into ``dcc.Store(id="asked-<name>")`` when one of them changes, with
the theme and the stamp of the store: one input a callback, so that none runs twice or in vain.
"""

from typing import Any, NamedTuple

from dash import Input, dcc

from geoflow.explore.state import PANEL_TABS


class Pick(NamedTuple):
    """A panel, and the fields of the state that a callback of it needs."""

    panel: str
    fields: tuple[str, ...]


PICKS = {
    "rows": Pick("networks", ("snapshots",)),
    "columns": Pick("networks", ("columns", "sort")),
    "filter": Pick("networks", ("filter",)),
    "row": Pick("networks", ("network", "convention")),
    "numbers": Pick("numbers", ("network", "k", "convention", "score", "pair")),
    "compare": Pick("compare", ("level", "x", "y", "colour", "study")),
    "beside": Pick("compare", ("network", "k", "other")),
    "sql": Pick("sql", ("sql",)),
}


def pick_stores() -> list[dcc.Store]:
    """Return the stores of all picks, and what fills them."""
    told: dict[str, Any] = {
        name: {"fields": pick.fields, "tabs": PANEL_TABS[pick.panel]}
        for name, pick in PICKS.items()
    }
    stores = [dcc.Store(id=f"asked-{name}") for name in PICKS]
    return [dcc.Store(id="picks", data=told), *stores]


def picked(name: str) -> Input:
    """Return the input of a callback: the fields of its pick, ``theme`` and ``stamp``."""
    return Input(f"asked-{name}", "data")
