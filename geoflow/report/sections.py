"""What a report shows: which query gives which figure or table, and what a reader sees in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
from plotly.graph_objects import Figure

from geoflow.report import queries
from geoflow.report.boxes import study_boxes
from geoflow.report.headline import as_words, headline_table
from geoflow.report.heatmap import coefficient_map
from geoflow.report.queries import Place
from geoflow.report.scatter import accuracy_scatter, step_scatter, thinned

Ask = Callable[[str], pl.DataFrame]
"""Returns the rows of a SQL statement."""

NO_CONTROLS = (
    "The store has no other study of these networks at these k. For the networks of the paper,"
    " `geoflow study run controls` trains two: networks left untrained, and networks trained on"
    " shuffled labels. For other networks, copy the study's file under another name and set"
    " `epochs = 0` or `shuffled_labels = true` in its [recipe]. Then make this report again."
)
NOTHING = "Nothing to show: no network is accurate and connected in every layer at any k."


@dataclass(frozen=True)
class Exhibit:
    """A figure, or a table if there is none, with its title, words, rows and their SQL."""

    title: str
    words: str
    sql: str
    rows: pl.DataFrame
    figure: Figure | None = None


@dataclass(frozen=True)
class Section:
    """Exhibits about one question."""

    title: str
    exhibits: Sequence[Exhibit]


def headline(ask: Ask, studies: Sequence[str]) -> tuple[pl.DataFrame, Exhibit]:
    """Return the headline table in numbers, and as an exhibit."""
    sql = queries.headline(studies)
    table = headline_table(ask(sql))
    words = (
        "Networks at or below the accuracy threshold, then networks with a layer graph that is not"
        " connected, are left out; of the rest, how many have a negative coefficient ρ at the"
        " optimal k of their kind. t and p: the coefficient as the paper adjusts it (z_paper) in"
        " the regression of test accuracy. A dash is not known."
    )
    return table, Exhibit("Headline", words, sql, as_words(table))


def sections(ask: Ask, place: Place, datasets: Sequence[str]) -> list[Section]:
    """Return everything a report says of one study and one convention."""
    return [
        Section(
            "Aggregated coefficient at every k (Figure 3)",
            [*(heat_map(ask, place, one) for one in datasets), *fidelity(ask, place)],
        ),
        Section(
            "Steps at the optimal k (Figure 4)", [step_cloud(ask, place, one) for one in datasets]
        ),
        Section("Test accuracy and flow", accuracy(ask, place)),
        Section("Beside other studies", controls(ask, place, datasets)),
        Section("Networks left out", [exclusions(ask, place)]),
    ]


def heat_map(ask: Ask, place: Place, dataset: str) -> Exhibit:
    """Return Figure 3 of one data set, a table if there is no coefficient at all."""
    sql = queries.coefficient_map(place, dataset)
    rows = ask(sql)
    if rows["aggregated_ricci_coefficient"].count() == 0:
        return Exhibit(dataset, NOTHING, sql, rows)
    words = (
        "Blue: distance grows where curvature is most negative, as in a Ricci flow. The square is"
        " the optimum of its line; an empty cell says why under the pointer. Like lines are beside"
        " each other (average linkage, missing values as 0)."
    )
    if rows["published_coefficient"].count():
        words += (
            " The published cells are read off the paper's Figure 3 (±0.01) and shown at the k of"
            " this study, with the squares of the paper."
        )
    return Exhibit(dataset, words, sql, rows, coefficient_map(rows))


def fidelity(ask: Ask, place: Place) -> list[Exhibit]:
    """Return how near the heat maps are to the paper's, if it has any of them."""
    sql = queries.fidelity(place)
    rows = ask(sql)
    words = (
        "Over the cells that both have: Pearson correlation, root mean squared difference and mean"
        " difference (this study less the paper)."
    )
    return [] if rows.is_empty() else [Exhibit("Nearness to the paper", words, sql, rows)]


def step_cloud(ask: Ask, place: Place, dataset: str) -> Exhibit:
    """Return Figure 4 of one data set; more points than a page can draw are thinned out."""
    sql = queries.steps(place, dataset)
    rows = ask(sql)
    if rows.is_empty():
        return Exhibit(dataset, NOTHING, sql, rows)
    drawn = thinned(rows)
    words = (
        "Each point is a step of an accurate, connected network from hidden layer l to l + 1. x is"
        " Ric_l, total Forman curvature of layer l, always negative for k ≥ 2; y is the change of"
        " total hop distance, eta_l = g_{l+1} - g_l. The two axes of the paper's Figure 4 are"
        " swapped; ρ is symmetric, so its values stand."
    )
    if drawn.height < rows.height:
        words += f" {drawn.height:,} of {rows.height:,} steps are drawn, evenly spaced."
    return Exhibit(dataset, words, sql, rows, step_scatter(drawn))


def accuracy(ask: Ask, place: Place) -> list[Exhibit]:
    """Return test accuracy against the coefficient, and the regressions where there are any."""
    sql, fits = queries.accuracies(place), queries.association(place)
    rows, models = ask(sql), ask(fits)
    words = "Each point is a network that is reported, with its own ρ at the optimal k of its kind."
    adjusted = models.filter(pl.col("coefficient") == "z_paper")
    if not adjusted.is_empty():
        words += (
            " Least squares of accuracy on z_paper + data set + width + depth:"
            " t = {t:.2f}, p = {p:.2g}, n = {n:,}, R² = {r_squared:.2f}."
        ).format(**adjusted.row(0, named=True))
    title = "Test accuracy against the coefficient at the optimal k"
    if rows.is_empty():
        return [Exhibit(title, NOTHING, sql, rows)]
    figure = Exhibit(title, words, sql, rows, accuracy_scatter(rows))
    about = (
        "Test accuracy on each form of the coefficient + data set + width + depth, ordinary least"
        " squares: change of accuracy per unit of the coefficient."
    )
    return [figure] if models.is_empty() else [figure, Exhibit("Regressions", about, fits, models)]


def controls(ask: Ask, place: Place, datasets: Sequence[str]) -> list[Exhibit]:
    """Return the coefficients beside those of other studies, or how to get some."""
    sql = queries.across_studies(place)
    rows = ask(sql)
    others = rows.filter(pl.col("other_study") != place.study, pl.col("n") > 0)
    if others.is_empty():
        return [Exhibit("Distributions", NO_CONTROLS, sql, rows)]
    words = (
        "Accurate networks of the same data set, width and depth, at the optimal k of this study."
        " That k was chosen to make this study's coefficients low and not those of the others: a"
        " part of the difference is the choice."
    )
    shown = [one for one in datasets if one in others["dataset"]]
    return [*(boxes(ask, place, one) for one in shown), Exhibit("Distributions", words, sql, rows)]


def boxes(ask: Ask, place: Place, dataset: str) -> Exhibit:
    """Return the distributions of one data set as boxes."""
    sql = queries.values_across_studies(place, dataset)
    rows = ask(sql)
    words = "Each point is an accurate network; below 0 is flow. k is the optimal k of this study."
    return Exhibit(dataset, words, sql, rows, study_boxes(rows))


def exclusions(ask: Ask, place: Place) -> Exhibit:
    """Return how many networks of each data set are left out, and why."""
    sql = queries.exclusions(place)
    words = (
        "Undefined: connected, but curvature or distance is the same in every step. Networks whose"
        " training ended in NaN or infinity are in no count."
    )
    return Exhibit("By data set", words, sql, ask(sql))
