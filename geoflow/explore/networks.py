"""The panel with the grid of networks: filter, sort, choose columns; a row drives the rest."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.parts import in_browser, number_of
from geoflow.explore.picks import picked
from geoflow.explore.tables import cell, row_grid
from geoflow.text.shown import shown

GRID_COLUMNS = {
    "network": "network",
    "study": "study",
    "dataset": "data set",
    "family": "family",
    "width": "width",
    "depth": "depth",
    "epochs": "epochs",
    "convention": "convention",
    "n_k": "k measured",
    "n_k_connected": "k connected",
    "optimal_k": "optimal k",
    "ricci_coefficient": "ρ",
    "train_accuracy": "training accuracy",
    "test_accuracy": "test accuracy",
    "is_accurate": "accurate",
    "status": "status",
    "reason": "reason",
    "is_snapshot": "snapshot",
}
"""Columns of the question `networks_listed`, and how the grid calls them."""

SHOWN_COLUMNS = (
    "network", "dataset", "width", "depth", "convention", "optimal_k", "ricci_coefficient",
    "test_accuracy", "is_accurate",
)  # fmt: skip
"""Columns that are shown where the address names none."""

NUMBERS = (
    "depth", "epochs", "n_k", "n_k_connected", "optimal_k", "ricci_coefficient", "train_accuracy",
    "test_accuracy",
)  # fmt: skip
FLAGS = {True: "yes", False: "no", None: None}
FRACTIONS = ("ricci_coefficient", "train_accuracy", "test_accuracy")

EMPTY = (
    "This store has no network yet. Run `geoflow study run quickstart`, or bring your own with"
    " `geoflow ingest`; this page shows them as they come."
)


def networks_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    menu = html.Details(
        [html.Summary("Columns"), dcc.Checklist(options=GRID_COLUMNS, id="networks-columns")],
        className="menu",
    )
    snapshots = dcc.Checklist(
        options={"1": "snapshots along training"}, id="networks-snapshots", className="inline"
    )
    return html.Div(
        [
            html.Div(
                [html.P(id="networks-said", className="count", role="status"), snapshots, menu],
                className="bar",
            ),
            dcc.Store(id="given-networks"),
            row_grid(
                "networks-grid",
                column={
                    "floatingFilter": True,
                    "suppressFloatingFilterButton": True,
                    "suppressHeaderFilterButton": True,  # the name of the column takes its place
                },
                grid={
                    "rowSelection": {
                        "mode": "singleRow",
                        "checkboxes": False,
                        "enableClickSelection": True,
                    }
                },
            ),
        ],
        className="networks",
    )


def register_networks(app: Dash, answers: Answers) -> None:
    """Add the callbacks of the panel."""

    @app.callback(
        Output("networks-grid", "rowData"),
        Output("networks-said", "children"),
        picked("rows"),
        prevent_initial_call=True,
    )
    def list_networks(asked: dict[str, Any]) -> tuple[Any, str]:
        try:
            rows = answers.of("networks_listed", snapshots=bool(asked["snapshots"]))
        except GeoflowError as error:
            return [], shown(str(error))
        found = [
            {name: cell(value) for name, value in row.items()}
            | {name: FLAGS[row[name]] for name in ("is_accurate", "is_snapshot")}
            | {"row": f"{row['network_id']} {row['convention']}"}
            for row in rows.rows.iter_rows(named=True)
        ]
        n_networks = rows.rows["network_id"].n_unique()
        return found, number_of(n_networks, "network") if found else EMPTY

    @app.callback(
        Output("networks-grid", "columnDefs"),
        Output("networks-columns", "value"),
        Output("given-networks", "data"),
        picked("columns"),
        prevent_initial_call=True,
    )
    def show_columns(asked: dict[str, Any]) -> tuple[Any, list[str], dict[str, Any]]:
        names = [one for one in asked["columns"].split(",") if one in GRID_COLUMNS] or list(
            SHOWN_COLUMNS
        )
        defined = [column_definition(name, name in names, asked["sort"]) for name in GRID_COLUMNS]
        return defined, names, {"columns": names, "sort": asked["sort"]}

    register_choices(app)


def column_definition(name: str, is_shown: bool, sort: str) -> dict[str, Any]:
    """Return what the grid knows of a column; sort: ``name`` or ``name-desc``."""
    number = {"type": "rightAligned", "filter": "agNumberColumnFilter"}
    digits = {
        "valueFormatter": {"function": "params.value == null ? '' : d3.format('.4f')(params.value)"}
    }
    by, _, way = sort.partition("-")
    return {
        "field": name,
        "headerName": GRID_COLUMNS[name],
        "hide": not is_shown,
        "sort": (way or "asc") if by == name else None,
        "tooltipField": name,
        **({"flex": 4, "minWidth": 240} if name == "network" else {"flex": 1}),
        **({"minWidth": 124} if name in FRACTIONS[1:] else {}),
        **(number if name in NUMBERS else {}),
        **(digits if name in FRACTIONS else {}),
    }


def register_choices(app: Dash) -> None:
    """Add what the grid asks for: a network, columns, an order, a filter."""
    asks = Output("change-networks", "data", allow_duplicate=True)
    known = State("state", "data"), State("given-networks", "data")
    grid_has = ("selectedRows", "columnState", "filterModel")
    for prop, name in zip(grid_has, ("choose_row", "choose_order", "choose_filter"), strict=True):
        in_browser(app, name, asks, Input("networks-grid", prop), *known)
    for control, name in (("columns", "choose_columns"), ("snapshots", "choose_snapshots")):
        in_browser(app, name, asks, Input(f"networks-{control}", "value"), *known)
    in_browser(
        app,
        "show_row",
        Output("networks-grid", "selectedRows"),
        picked("row"),
        Input("networks-grid", "rowData"),
    )
    in_browser(
        app,
        "show_filter",
        Output("networks-grid", "filterModel"),
        picked("filter"),
        Input("networks-grid", "columnDefs"),
    )
    in_browser(
        app,
        "show_snapshots",
        Output("networks-snapshots", "value"),
        picked("rows"),
    )
