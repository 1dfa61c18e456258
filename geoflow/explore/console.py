"""The panel with SQL: questions that are ready, a statement, its rows as table, plot and file."""

import secrets
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from geoflow.errors import GeoflowError
from geoflow.explore.answers import Answers
from geoflow.explore.cards import Card, bare, card, drawn, slots
from geoflow.explore.examples import example_sql, example_titles
from geoflow.explore.files import sent_bytes
from geoflow.explore.parts import choice, in_browser, labelled, number_of
from geoflow.explore.picks import picked
from geoflow.explore.runs import Runs
from geoflow.explore.tables import grid_table, holds_numbers, row_grid
from geoflow.figures import column_plane
from geoflow.store.questions import Answer
from geoflow.text.formats import encoded
from geoflow.text.shown import shown

MOST_SAVED = 100_000
"""Rows of a file; `geoflow query --output FILE` writes all of them."""

FIRST_SQL = "from network_summary order by test_accuracy desc limit 20"


def sql_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    buttons = [
        html.Button("Run", id="sql-run", className="main", title="Ctrl+Enter"),
        html.Button("Cancel", id="sql-cancel", className="quiet"),
        html.Button("CSV", id="sql-csv", className="quiet"),
        html.Button("Parquet", id="sql-parquet", className="quiet"),
    ]
    return html.Div(
        [
            dcc.Store(id="sql-asked"),
            dcc.Store(id="sql-cancelled"),
            dcc.Download(id="sql-file"),
            html.Div(
                labelled(
                    "ready questions",
                    choice("sql-question", "questions", options=example_titles()),
                    "widest",
                ),
                className="bar",
            ),
            dcc.Textarea(
                id="sql-text",
                value=FIRST_SQL,
                className="editor",
                spellCheck=False,
                title="SQL statement",
            ),
            html.Div(
                [*buttons, html.P(id="sql-said", className="count", role="status")], className="bar"
            ),
            html.Div(id="sql-rows", className="answer"),
            card("columns", "Two columns of the answer", 380),
        ],
        className="sql-panel",
    )


def register_sql(app: Dash, answers: Answers) -> None:
    """Add the callbacks of the panel."""
    runs = app.server.extensions["geoflow_runs"] = Runs(answers.path)
    register_text(app)

    @app.callback(
        Output("sql-rows", "children"),
        Output("sql-said", "children"),
        Output("sql-said", "className"),
        *slots("columns"),
        Input("sql-asked", "data"),
        State("theme", "data"),
        running=[(Output("sql-run", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def run(asked: dict[str, Any], theme: str) -> tuple[Any, ...]:
        try:
            found = runs.answer(asked["token"], asked["sql"])
        except GeoflowError as error:
            return None, shown(str(error)), "wrong", *bare("")
        rows = row_grid("sql-grid", **grid_table(found.rows))
        cut = " (the first ones; a file has more)" if found.is_cut else ""
        said = f"{number_of(found.rows.height, 'row')}{cut}"
        return rows, said, "count", *plot(Answer(asked["sql"], found.rows), theme)

    @app.callback(
        Output("sql-cancelled", "data"),  # without one Dash leaves the answer unread: "failed"
        Input("sql-cancel", "n_clicks"),
        State("sql-asked", "data"),
        prevent_initial_call=True,
    )
    def cancel(n: int | None, asked: dict[str, Any] | None) -> str | None:
        if not n or not asked:
            return None
        token: str = asked["token"]
        runs.cancel(token)
        return token

    @app.callback(
        Output("sql-file", "data"),
        Output("sql-said", "children", allow_duplicate=True),
        Input("sql-csv", "n_clicks"),
        Input("sql-parquet", "n_clicks"),
        State("sql-text", "value"),
        prevent_initial_call=True,
    )
    def save(csv: int | None, parquet: int | None, sql: str | None) -> tuple[Any, Any]:
        from dash import ctx

        kind = "csv" if ctx.triggered_id == "sql-csv" else "parquet"
        try:
            found = runs.answer(secrets.token_hex(8), sql or "", MOST_SAVED)
            content = encoded(found.rows, kind)
        except GeoflowError as error:
            return no_update, shown(str(error))
        cut = f"; the first {MOST_SAVED:,} rows" if found.is_cut else ""
        return sent_bytes(
            content, f"rows.{kind}"
        ), f"{number_of(found.rows.height, 'row')} saved as {kind}{cut}"


def register_text(app: Dash) -> None:
    """Add what chooses the statement: a ready question, the address, the keys."""
    in_browser(
        app,
        "ask_sql",
        Output("sql-asked", "data"),
        Output("change-sql", "data", allow_duplicate=True),
        Input("sql-run", "n_clicks"),
        State("sql-text", "value"),
    )
    in_browser(
        app,
        "show_sql",
        Output("sql-text", "value"),
        Output("sql-asked", "data", allow_duplicate=True),
        picked("sql"),
        State("sql-text", "value"),
        State("sql-asked", "data"),
    )

    @app.callback(
        Output("change-sql", "data", allow_duplicate=True),
        Input("sql-question", "value"),
        State("state", "data"),
        State("facts", "data"),
        prevent_initial_call=True,
    )
    def take_question(key: str | None, state: dict[str, Any], facts: dict[str, Any]) -> Any:
        if not key:
            return no_update
        known = {name: facts.get(name) for name in ("network", "network_id", "study", "dataset")}
        known |= {"studies": [facts.get("study")], "snapshots": False, "level": "network"}
        known |= {"convention": state["convention"], "k": state["k"]}
        known |= {"other": state["other"]} if state["other"] else {}
        return {"sql": example_sql(key, known)}


def plot(found: Answer, theme: str) -> Card:
    """Return the first two numeric columns of an answer against each other, if it has two."""
    typed = zip(found.rows.columns, found.rows.dtypes, strict=True)
    numeric = [name for name, dtype in typed if holds_numbers(dtype)]
    alike = {name: found.rows[name].n_unique() < 2 for name in numeric}
    numeric.sort(key=lambda name: (alike[name], name.endswith("_id")))  # keys say little
    if len(numeric) < 2 or found.rows.height < 2:
        return bare("")
    return drawn("columns", column_plane(found.rows, *numeric[:2]), found, theme)
