"""Two networks beside each other: how alike every layer of one is to every layer of the other."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.cards import Card, bare, card, drawn, slots
from geoflow.explore.parts import choice, in_browser, labelled
from geoflow.explore.picks import picked
from geoflow.figures import layer_matrix
from geoflow.text.shown import shown

NO_NEIGHBORS = "This network has no neighbours in the store: its layers cannot be compared."


def beside_part() -> html.Div:
    """Return the choice of the other network and the card, empty until the callback fills them."""
    return html.Div(
        [
            dcc.Store(id="given-beside"),
            html.Div(
                labelled("other network", choice("compare-other", "networks"), "wide"),
                className="bar",
            ),
            card("beside", "Layers of two networks", 340),
        ],
        className="beside",
    )


def register_beside(app: Dash, answers: Answers) -> None:
    """Add the callbacks of the part."""

    @app.callback(
        *slots("beside"),
        Output("compare-other", "options"),
        Output("compare-other", "value"),
        Output("given-beside", "data"),
        picked("beside"),
        State("facts", "data"),
        prevent_initial_call=True,
    )
    def show_beside(asked: dict[str, Any], facts: dict[str, Any]) -> tuple[Any, ...]:
        if facts.get("network_id") is None:
            return (*bare(facts.get("error") or "Choose a network."), [], None, {})
        own: str = facts["network"]
        try:
            known = answers.of("networks_on_same_points", network_id=facts["network_id"]).rows
            names: list[str] = known["network"].to_list()
            other = asked["other"] if asked["other"] in names else first_other(names, own)
            made = matrix(answers, own, other, asked["k"], asked["theme"])
        except GeoflowError as error:
            return (*bare(str(error)), [], None, {})
        return (*made, {one: shown(one) for one in names}, other, {"other": other})

    in_browser(
        app,
        "choose_other",
        Output("change-compare", "data", allow_duplicate=True),
        Input("compare-other", "value"),
        State("state", "data"),
        State("given-beside", "data"),
    )


def first_other(names: list[str], own: str) -> str:
    """Return the first network that is another, else the network itself.

    >>> first_other(["a", "b"], "a"), first_other(["a"], "a")
    ('b', 'a')
    """
    return next((one for one in names if one != own), own)


def matrix(answers: Answers, own: str, other: str, k: int | None, theme: str) -> Card:
    """Return the card of two networks at a k, or why there is none."""
    if k is None:
        return bare(NO_NEIGHBORS)
    found = answers.of("layers_of_two_networks", network=own, other=other, k=k)
    if found.rows.is_empty():
        return bare(NO_NEIGHBORS, found.sql)
    title = f"overlap of {k} nearest neighbours; by chance {found.rows['chance'][0]:.3g}"
    figure = layer_matrix(found.rows, title, other, own)
    return drawn("beside", figure, found, theme)
