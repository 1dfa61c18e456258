"""The way of the state: a change of a panel -> the address -> the state -> every panel.

A change is put into the address by the browser, in ``assets/address.js``, which reads the address
at that moment: two changes at once cannot lose each other. Everything after goes by the address,
so that the back button is a change like any other.
"""

from dataclasses import asdict, replace
from typing import Any

from dash import Dash, Input, Output, State, no_update

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.facts import NOBODY, network_facts
from geoflow.explore.page import CHANGES
from geoflow.explore.parts import in_browser
from geoflow.explore.state import TABS, parsed_state
from geoflow.text.shown import shown


def register_navigation(app: Dash, answers: Answers) -> None:
    """Add the callbacks that carry the state."""
    asks = Output("change-page", "data", allow_duplicate=True)
    known = State("state", "data")
    changes = (Input(f"change-{name}", "data") for name in CHANGES)
    in_browser(app, "merge", *changes)
    tabs = (Input(f"tab-{name}", "n_clicks") for name in TABS)
    in_browser(app, "choose_tab", asks, *tabs)
    in_browser(app, "choose_theme", asks, Input("theme-button", "n_clicks"), State("theme", "data"))
    for name, control in (("choose_k", "page-k"), ("choose_convention", "page-convention")):
        in_browser(app, name, asks, Input(control, "value"), known)
    in_browser(
        app,
        "show",
        Output("theme", "data"),
        Input("state", "data"),
        Input("facts", "data"),
        State("picks", "data"),
    )

    @app.callback(
        Output("state", "data"),
        Output("facts", "data"),
        Output("where", "children"),
        Output("page-said", "children"),
        Input("url", "search"),
        Input("stamp", "data"),
    )
    def read_address(search: str | None, stamp: Any) -> tuple[Any, ...]:
        state = parsed_state(search)
        stamped = {"stamp": [str(one) for one in answers.stamp()]}
        try:
            facts = network_facts(answers, state)
        except GeoflowError as error:
            said = shown(str(error))
            return asdict(state), NOBODY | stamped | {"error": said}, "", said
        now = replace(state, **facts.pop("shown"))
        return asdict(now), facts | stamped, shown(now.network), ""

    @app.callback(
        Output("stamp", "data"),
        Input("look", "n_intervals"),
        State("stamp", "data"),
        prevent_initial_call=True,
    )
    def look(n: int, before: list[str] | None) -> Any:
        now = [str(one) for one in answers.stamp()]
        return no_update if now == before else now
