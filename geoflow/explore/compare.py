"""The panel that compares: any score against any score, of networks, layers or points."""

from typing import Any

import polars as pl
from dash import Dash, Input, Output, State, dcc, html

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.beside import beside_part, register_beside
from geoflow.explore.cards import Card, bare, card, drawn, slots
from geoflow.explore.parts import choice, in_browser, labelled
from geoflow.explore.picks import picked
from geoflow.figures import score_plane
from geoflow.text.shown import shown

LEVELS = {"network": "networks", "layer": "layers", "point": "points"}
COLOURED = {"dataset": "data set", "width": "width", "family": "family", "depth": "depth"}
COLOURED |= {"study": "study"}

FIRST_SCORES = {
    "x": ("ricci_coefficient", "total_forman", "local_coefficient"),
    "y": ("test_accuracy", "total_geodesic", "line_shape_score"),
}
"""Scores that are shown where the address names none, if there are such; else the first."""


def compare_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div(
        [
            dcc.Store(id="given-compare"),
            html.Div(
                [
                    dcc.RadioItems(options=LEVELS, id="compare-level", className="inline"),
                    labelled("across", choice("compare-x", "scores"), "wide"),
                    labelled("upwards", choice("compare-y", "scores"), "wide"),
                    labelled("colour", choice("compare-colour", "columns", options=COLOURED)),
                    labelled(
                        "study",
                        choice("compare-study", "studies", clearable=True, placeholder="all"),
                    ),
                ],
                className="bar",
            ),
            card("plane", "One score against another", 560),
            beside_part(),
        ],
        className="compare",
    )


def register_compare(app: Dash, answers: Answers) -> None:
    """Add the callbacks of the panel."""
    controls = ("level", "x", "y", "colour", "study")
    register_beside(app, answers)

    @app.callback(
        *slots("plane"),
        Output("compare-x", "options"),
        Output("compare-y", "options"),
        Output("compare-study", "options"),
        *(Output(f"compare-{name}", "value") for name in controls),
        Output("given-compare", "data"),
        picked("compare"),
        prevent_initial_call=True,
    )
    def show_plane(asked: dict[str, Any]) -> tuple[Any, ...]:
        try:
            scores = answers.of("scores_measured", level=asked["level"]).rows
            studies = answers.of("networks_listed", snapshots=False).rows["study"].drop_nulls()
            x, y = (chosen_label(scores, asked[axis], FIRST_SCORES[axis]) for axis in ("x", "y"))
            made = plane(answers, asked, scores, x, y)
        except GeoflowError as error:
            return (*bare(str(error)), [], [], [], *(asked[name] for name in controls), asked)
        labels = {label: shown(label) for label in scores["label"]}
        named = {one: shown(one) for one in studies.unique().sort()}
        now = asked | {"x": x, "y": y, "study": asked["study"] or None}
        return (*made, labels, labels, named, *(now[name] for name in controls), now)

    asks = Output("change-compare", "data", allow_duplicate=True)
    for control in controls:
        in_browser(
            app,
            f"choose_{control}",
            asks,
            Input(f"compare-{control}", "value"),
            State("state", "data"),
            State("given-compare", "data"),
        )
    in_browser(app, "open_point", asks, Input("graph-plane", "clickData"))


def chosen_label(scores: pl.DataFrame, asked: str, wanted: tuple[str, ...]) -> str | None:
    """Return the label of a score: that asked for, else the first of those wanted, else any."""
    labels: list[str] = scores["label"].to_list()
    if asked in labels:
        return asked
    found: list[str] = scores.filter(pl.col("score").is_in(wanted))["label"].to_list()
    return next(iter(found or labels), None)


def plane(
    answers: Answers,
    asked: dict[str, Any],
    scores: pl.DataFrame,
    x: str | None,
    y: str | None,
) -> Card:
    """Return the card of one score against another, or why there is none."""
    if x is None or y is None:
        return bare(f"The store has no scores of {LEVELS[asked['level']]}.")
    name = dict(scores.select("label", "score").iter_rows())
    found = answers.of(
        "score_pairs",
        level=asked["level"],
        study=asked["study"] or None,
        x=name[x],
        x_label=x,
        y=name[y],
        y_label=y,
    )
    if found.rows.is_empty():
        return bare(f"No {LEVELS[asked['level']]} have both {x} and {y}.", found.sql)
    figure = score_plane(found.rows, x, y, asked["colour"])
    return drawn("plane", figure, found, asked["theme"])
