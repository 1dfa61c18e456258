"""A figure on the page: its title, its graph or a sentence in its place, its SQL, its files."""

from typing import Any, NamedTuple

from dash import Output, dcc, html
from plotly.graph_objects import Figure

from geoflow.explore.parts import aria, data
from geoflow.figures import in_theme
from geoflow.store.questions import Answer
from geoflow.text.shown import shown

PLOTLY: Any = {"displaylogo": False, "displayModeBar": False, "showSendToCloud": False}
FILES = {"png": "PNG", "svg": "SVG", "html": "HTML"}
"""What a figure is saved as: ``assets/files.js`` does it."""


class Card(NamedTuple):
    """What a callback puts into a card: plot, class, sentence, SQL, in the order of `slots`."""

    plot: Any
    look: str
    said: str
    sql: str


def card(name: str, title: str, height: int = 340) -> html.Figure:
    """Return an empty card; `slots` are its outputs."""
    saves = [
        html.Button(
            text,
            className="save",
            title=f"Save this figure as {text}",
            **data(save=kind, name=name),
        )
        for kind, text in FILES.items()
    ]
    return html.Figure(
        [
            html.Figcaption(
                [html.H3(title, id=f"title-{name}"), html.Div(saves, className="saves")]
            ),
            html.Div(id=f"plot-{name}", className="plot", style={"minHeight": f"{height}px"}),
            html.P(id=f"said-{name}", className="said", role="status"),
            html.Details(
                [
                    html.Summary("Show the SQL"),
                    html.Pre(id=f"sql-{name}", className="sql", tabIndex=0, **aria(label="SQL")),
                ]
            ),
        ],
        id=f"card-{name}",
        className="card waiting",
    )


def slots(name: str) -> tuple[Output, Output, Output, Output]:
    """Return the outputs of a card, in the order of `Card`."""
    return (
        Output(f"plot-{name}", "children"),
        Output(f"card-{name}", "className"),
        Output(f"said-{name}", "children"),
        Output(f"sql-{name}", "children"),
    )


def drawn(name: str, figure: Figure, found: Answer, theme: str, said: str = "") -> Card:
    """Return the card of a name with a figure, and under it a sentence."""
    has_title = bool(figure.layout.title.text)
    figure.update_layout(margin={"l": 62, "r": 14, "t": 40 if has_title else 14, "b": 48})
    graph = dcc.Graph(
        id=f"graph-{name}",
        figure=in_theme(figure, theme),
        config=PLOTLY,
        responsive=True,
        style={"height": f"{figure.layout.height}px"},
    )
    return Card(graph, "card", said, shown_sql(found.sql))


def bare(said: str, sql: str = "") -> Card:
    """Return a card that says why there is no figure."""
    return Card(None, "card bare", shown(said), shown_sql(sql))


def shown_sql(sql: str) -> str:
    """Return SQL as the page shows it, line by line, what does not print by its number."""
    return "\n".join(shown(line) for line in sql.splitlines())
