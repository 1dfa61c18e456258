"""Lines of families of networks along weight decay or layers: a panel for each of two things."""

import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import colours, panel_grid, set_style
from geoflow.figures.names import escape
from geoflow.specs import FAMILIES

DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")

NOT_KNOWN = "not known"
"""How a figure writes a family or weight decay that the store does not know."""


def line_grid(rows: pl.DataFrame, along: str) -> Figure:
    """Return lines, panels below each other, data sets beside; colours and dashes say which.

    rows: dataset, panel, colour and dash (texts, in the order of panels and legend), the column
    `along`, numbers, or numbers as texts for an axis of categories, value, n_networks, and low and
    high, the ends of the interval that bars show, NULL where there is none.
    """
    datasets = rows["dataset"].unique().sort().to_list()
    panels = rows["panel"].unique(maintain_order=True).to_list()
    figure = panel_grid(len(panels), datasets)
    colour = colours(rows["colour"].unique(maintain_order=True).to_list())
    dashes = rows["dash"].unique(maintain_order=True).to_list()
    shown: set[str] = set()
    keys = ("panel", "dataset", "colour", "dash")
    for (panel, dataset, tone, dash), part in rows.group_by(keys, maintain_order=True):
        name = ", ".join(escape(str(one)) for one in (tone, dash) if one)
        style = {"color": colour[tone], "dash": DASHES[dashes.index(dash) % len(DASHES)]}
        trace = interval_line(part, along, name, style)
        trace.showlegend = name not in shown
        shown.add(name)
        figure.add_trace(trace, row=panels.index(panel) + 1, col=datasets.index(dataset) + 1)
    for row, panel in enumerate(panels, start=1):
        figure.update_yaxes(title_text=escape(panel), row=row, col=1)
    figure.update_xaxes(title_text=escape(along.replace("_", " ")), row=len(panels))
    if rows[along].dtype == pl.String:
        order = sorted(rows[along].unique(), key=in_order)
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=order)
    return set_style(figure, 130 + 210 * len(panels))


def interval_line(part: pl.DataFrame, along: str, name: str, style: dict[str, str]) -> Scatter:
    """Return one line with the bars of its intervals; it breaks where a value is missing."""
    value, low, high = (part[column].to_list() for column in ("value", "low", "high"))
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [reach(*pair) for pair in zip(high, value, strict=True)],
        "arrayminus": [reach(*pair) for pair in zip(value, low, strict=True)],
        "thickness": 1,
    }
    return Scatter(
        x=part[along].to_list(),
        y=value,
        customdata=part.select("n_networks", "low", "high").rows(),
        hovertemplate="%{x}: %{y:.4g}, %{customdata[0]} networks"
        + ("<br>%{customdata[1]:.4g} to %{customdata[2]:.4g}" if part["low"].count() else ""),
        error_y=bars if part["low"].count() else None,
        mode="lines+markers",
        line={"width": 1.5, **style},
        marker={"size": 5},
        name=name,
        legendgroup=name,
    )


def reach(upper: float | None, lower: float | None) -> float | None:
    """Return how long a bar is, None where one of its ends is not known."""
    return None if upper is None or lower is None else upper - lower


def in_order(text: str) -> float:
    """Return what sorts numbers that are texts, `NOT_KNOWN` last."""
    return float("inf") if text == NOT_KNOWN else float(text)


def with_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of networks with texts for figures: family, decay, and kind if there are several.

    rows: family, width, depth, weight_decay, recipe, series and variant; what the store does not
    know is `NOT_KNOWN`. They come sorted by family, plain first, then by weight decay.

    >>> networks = {"family": ["residual", None, "plain"], "width": ["50"] * 3, "depth": [4] * 3,
    ...     "weight_decay": [5e-4, None, 0.0], "recipe": ["sgd"] * 3, "series": ["a"] * 3,
    ...     "variant": ["r", None, "p"]}
    >>> with_labels(pl.DataFrame(networks)).select("family", "decay", "kind").rows()
    [('plain', '0', ''), ('residual', '0.0005', ''), ('not known', 'not known', '')]
    >>> with_labels(pl.DataFrame(networks | {"series": ["a", "a", "b"]}))["kind"].to_list()
    ['like p', 'like r', 'like r']
    """
    place = {name: at for at, name in enumerate(FAMILIES)}
    kinds = kind_labels(rows)
    texts = [
        {
            "family": row["family"] or NOT_KNOWN,
            "decay": NOT_KNOWN if row["weight_decay"] is None else f"{row['weight_decay']:g}",
            "kind": kind,
            "place": place.get(row["family"], len(place)),
        }
        for row, kind in zip(rows.iter_rows(named=True), kinds, strict=True)
    ]
    said = rows.with_columns(pl.DataFrame(texts).get_columns())
    return said.sort("place", "family", "weight_decay", nulls_last=True, maintain_order=True)


def kind_labels(rows: pl.DataFrame) -> list[str]:
    """Return for each row what tells its line from others of its family, empty if nothing does.

    That is width and depth, the recipe, the first variant of its series; and the variant itself
    where several differ in nothing of these.
    """
    keys = ["family", "weight_decay", "width", "depth", "recipe", "series"]
    several = {name: rows[name].n_unique() > 1 for name in ("width", "depth", "recipe")}
    is_twice = rows.select(*keys, "variant").unique().select(keys).is_duplicated().any()
    first = dict(
        rows.select("series", pl.col("variant").drop_nulls().first().over("series")).rows()
    )
    has_series = rows.select("recipe", "series").n_unique() > rows["recipe"].n_unique()
    found = []
    for row in rows.iter_rows(named=True):
        parts = [f"{row['width']} {row['depth']}"] if several["width"] or several["depth"] else []
        if several["recipe"]:
            parts.append(row["recipe"] or NOT_KNOWN)
        if is_twice:
            parts.append(row["variant"] or NOT_KNOWN)
        elif has_series and first[row["series"]]:
            parts.append(f"like {first[row['series']]}")
        found.append(", ".join(parts))
    return found
