"""Makes the application: a layout, and the callbacks of every panel over one store."""

import os
from functools import partial
from pathlib import Path

from dash import Dash, html

from geoflow.explore.answers import Answers
from geoflow.explore.compare import register_compare
from geoflow.explore.console import register_sql
from geoflow.explore.files import register_files
from geoflow.explore.layergraph import register_layer_graph
from geoflow.explore.navigation import register_navigation
from geoflow.explore.networks import register_networks
from geoflow.explore.numbers import register_numbers
from geoflow.explore.page import layout

REGISTER = (
    register_navigation,
    register_networks,
    register_numbers,
    register_compare,
    register_sql,
)


def create_app(path: Path | str) -> Dash:
    """Return the application over a store: every request opens it to read, and closes it."""
    os.environ["DASH_DISABLE_VERSION_CHECK"] = "true"
    app = Dash(
        "geoflow.explore",
        title="geoflow",
        update_title="",
        serve_locally=True,
        add_log_handler=False,
        enable_mcp=False,
        suppress_callback_exceptions=True,  # figures come when they are first shown
        assets_folder=str(Path(__file__).parent / "assets"),
    )
    answers = Answers(Path(path))
    app.layout = partial(first_layout, answers)
    for register in REGISTER:
        register(app, answers)
    register_layer_graph(app, answers.path)
    register_files(app)
    return app


def first_layout(answers: Answers) -> html.Div:
    """Return the page as it begins."""
    return layout([str(one) for one in answers.stamp()])
