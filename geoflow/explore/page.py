"""The layout of the page: its head, its tabs, the stores of its state, and a panel for each tab."""

from dash import dcc, html

from geoflow.explore.compare import compare_panel
from geoflow.explore.console import sql_panel
from geoflow.explore.layergraph import layer_graph_panel
from geoflow.explore.networks import networks_panel
from geoflow.explore.numbers import numbers_panel
from geoflow.explore.parts import aria, choice, labelled
from geoflow.explore.picks import pick_stores
from geoflow.explore.state import TABS

PANELS = {
    "networks": networks_panel,
    "layers": layer_graph_panel,
    "numbers": numbers_panel,
    "compare": compare_panel,
    "sql": sql_panel,
}
"""What makes the panel of each tab."""

CHANGES = ("page", *PANELS)
"""Who may ask for a change of the state: each has a store ``change-<name>``."""

STAMP_SECONDS = 3
"""How often the page looks whether somebody has written to the store."""


def layout(stamp: list[str]) -> html.Div:
    """Return the page, nothing of the store in it yet; stamp: of the store as it is."""
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="state"),
            dcc.Store(id="facts"),
            dcc.Store(id="theme"),
            *(dcc.Store(id=f"change-{name}") for name in CHANGES),
            dcc.Store(id="stamp", data=stamp),
            dcc.Interval(id="look", interval=STAMP_SECONDS * 1000),
            *pick_stores(),
            head(),
            html.P(id="page-said", className="wrong", role="alert"),
            html.Main(
                [
                    html.Section(
                        make(),
                        id=f"panel-{name}",
                        className="panel",
                        role="tabpanel",
                        **aria(labelledby=f"tab-{name}"),
                    )
                    for name, make in PANELS.items()
                ],
                id="main",
            ),
        ],
        id="page",
    )


def head() -> html.Header:
    """Return the head of the page: its name, the tabs, what is shown, and the theme."""
    return html.Header(
        [
            html.H1("geoflow"),
            html.Div(
                [
                    html.Button(title, id=f"tab-{name}", role="tab", n_clicks=0, className="tab")
                    for name, title in TABS.items()
                ],
                role="tablist",
                className="tabs",
                **aria(label="Parts of the page"),
            ),
            html.Div(id="where", className="where"),
            labelled("k", choice("page-k", "k"), "small"),
            labelled("graphs", choice("page-convention", "conventions"), "wide"),
            html.Button("Dark", id="theme-button", className="quiet"),
        ],
        className="head",
    )
