"""The way of the state: a change of a panel -> the address -> the state -> every panel.

A change is put into the address by the browser, in ``assets/state.js``, which reads the address at
that moment: two changes at once cannot lose each other. Everything after goes by the address, so
that the back button is a change like any other.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output

from geoflow.errors import GeoflowError
from geoflow.explore.facts import network_facts
from geoflow.explore.page import CHANGES
from geoflow.explore.parts import in_browser
from geoflow.explore.state import TABS, parsed_state
from geoflow.store.results import Database


def register_navigation(app: Dash, path: Path) -> None:
    """Add the callbacks that carry the state."""
    in_browser(
        app,
        "merge",
        *(Input(f"change-{name}", "data") for name in CHANGES),
        prevent_initial_call=True,
    )
    in_browser(
        app,
        "choose_tab",
        Output("change-page", "data", allow_duplicate=True),
        *(Input(f"tab-{name}", "n_clicks") for name in TABS),
        prevent_initial_call=True,
    )

    @app.callback(Output("state", "data"), Output("facts", "data"), Input("url", "search"))
    def read_address(search: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
        state = parsed_state(search)
        try:
            facts = network_facts(Database(path), state)
        except GeoflowError as error:
            return asdict(state), {"error": str(error)}
        shown = replace(state, **facts.pop("shown"))
        return asdict(shown), facts

    in_browser(
        app,
        "show",
        Output("theme", "data"),
        Input("state", "data"),
    )
