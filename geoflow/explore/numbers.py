"""The panel with one network in numbers: along depth, along k, along training, between layers."""

from typing import Any

import polars as pl
from dash import Dash, Input, Output, State, dcc, html

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.cards import Card, bare, card, drawn, slots
from geoflow.explore.parts import choice, in_browser, labelled
from geoflow.explore.picks import picked
from geoflow.figures import (
    coefficients_along_k,
    flow_along_depth,
    layer_matrix,
    score_along_depth,
    training_lines,
)
from geoflow.store.questions import Answer

CARDS = {
    "flow": ("Curvature and distance", 460),
    "coefficients": ("ρ at every k", 340),
    "score": ("A score along depth", 340),
    "training": ("Along training", 340),
    "pairs": ("Layers beside each other", 340),
}
"""Title and height of each card."""

NO_GRAPHS = "This network has no layer graphs in the store: nothing can be drawn along its depth."

NO_SCORES: tuple[Any, ...] = ([], None, [], None, {})
"""The choices where there is nothing to choose."""


def numbers_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div(
        [
            dcc.Store(id="given-numbers"),
            html.Div(
                [
                    labelled("score", choice("numbers-score", "scores", placeholder="none")),
                    labelled(
                        "layers",
                        choice("numbers-pair", "scores of pairs of layers", placeholder="none"),
                    ),
                ],
                className="bar",
            ),
            html.Div([card(name, *said) for name, said in CARDS.items()], className="cards"),
        ],
        className="numbers",
    )


def register_numbers(app: Dash, answers: Answers) -> None:
    """Add the callbacks of the panel."""

    @app.callback(
        *(slot for name in CARDS for slot in slots(name)),
        Output("numbers-score", "options"),
        Output("numbers-score", "value"),
        Output("numbers-pair", "options"),
        Output("numbers-pair", "value"),
        Output("given-numbers", "data"),
        picked("numbers"),
        State("facts", "data"),
        prevent_initial_call=True,
    )
    def show_numbers(asked: dict[str, Any], facts: dict[str, Any]) -> tuple[Any, ...]:
        if facts.get("network_id") is None:
            said = facts.get("error") or "Choose a network."
            return (*(one for _ in CARDS for one in bare(said)), *NO_SCORES)
        try:
            found = answers.all(questions(facts, asked))
        except GeoflowError as error:
            return (*(one for _ in CARDS for one in bare(str(error))), *NO_SCORES)
        scores = found["score"].rows["score"].unique(maintain_order=True).to_list()
        pairs = found["pairs"].rows["label"].unique(maintain_order=True).to_list()
        score = asked["score"] if asked["score"] in scores else first_of(scores)
        pair = asked["pair"] if asked["pair"] in pairs else first_of(pairs)
        theme = asked["theme"]
        cards = (
            flow_card(found["flow"], theme),
            coefficients_card(found["coefficients"], asked["k"], theme),
            score_card(found["score"], score, theme),
            training_card(found["training"], theme),
            pairs_card(found["pairs"], pair, theme),
        )
        given = {"score": score, "pair": pair}
        return (*(one for made in cards for one in made), scores, score, pairs, pair, given)

    for control in ("score", "pair"):
        in_browser(
            app,
            f"choose_{control}",
            Output("change-numbers", "data", allow_duplicate=True),
            Input(f"numbers-{control}", "value"),
            State("state", "data"),
            State("given-numbers", "data"),
        )


def questions(facts: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return the questions of the panel."""
    network = {"network_id": facts["network_id"]}
    graphs = {"convention": asked["convention"], "k": asked["k"]}
    return {
        "flow": ("flow_of_network", network | graphs),
        "coefficients": ("coefficients_of_network", network),
        "score": ("layer_scores_of_network", network | graphs),
        "training": ("training_of_network", {"network_id": facts["final_id"]} | graphs),
        "pairs": ("pair_scores_of_network", network),
    }


def first_of(names: list[str]) -> str | None:
    """Return the first name, None if there is none."""
    return names[0] if names else None


def flow_card(found: Answer, theme: str) -> Card:
    """Return curvature and distance along depth."""
    if found.rows.is_empty():
        return bare(NO_GRAPHS, found.sql)
    torn = found.rows.filter(~pl.col("is_connected"))["layer"].to_list()
    said = (
        f"Not connected in layer {', '.join(map(str, torn))}: g and eta are not defined there."
        if torn
        else ""
    )
    return drawn("flow", flow_along_depth(found.rows), found, theme, said)


def coefficients_card(found: Answer, k: int | None, theme: str) -> Card:
    """Return the coefficient at every k, or why there is none."""
    rows = found.rows
    if rows["ricci_coefficient"].count() == 0:
        reasons = rows["reason"].drop_nulls().unique().sort().to_list()
        said = "; ".join(reasons) or "it takes three hidden layers or more, and their graphs"
        return bare(f"No coefficient at any k: {said}.", found.sql)
    return drawn("coefficients", coefficients_along_k(rows, k), found, theme)


def score_card(found: Answer, score: str | None, theme: str) -> Card:
    """Return a layer score along depth."""
    if score is None:
        return bare("No layer score of this network is in the store.", found.sql)
    rows = found.rows.filter(pl.col("score") == score)
    return drawn("score", score_along_depth(rows, score), found, theme)


def training_card(found: Answer, theme: str) -> Card:
    """Return the coefficient along training."""
    if found.rows.height < 2:
        said = "No snapshots along its training are in the store: `--snapshots 0,1,2,5` keeps some."
        return bare(said, found.sql)
    return drawn("training", training_lines(found.rows), found, theme)


def pairs_card(found: Answer, pair: str | None, theme: str) -> Card:
    """Return a score of pairs of layers as a matrix."""
    if pair is None:
        return bare("No score of pairs of layers of this network is in the store.", found.sql)
    rows = found.rows.filter(pl.col("label") == pair)
    return drawn("pairs", layer_matrix(rows, pair), found, theme)
