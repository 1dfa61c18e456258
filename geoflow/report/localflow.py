"""What a report shows of local flow, after Hehl, von Renesse, Weber 2025, if the store has any."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl
from plotly.graph_objects import Figure

from geoflow.report import localqueries as queries
from geoflow.report.dots import local_dots
from geoflow.report.histograms import correctness_histogram
from geoflow.report.lines import line_panels
from geoflow.report.localqueries import PATIENCE, LocalPlace
from geoflow.report.localtable import local_table
from geoflow.report.sections import Ask, Exhibit, Section

PAPER = "Hehl, von Renesse, Weber 2025"
COMMUNITY_MEASURES = {
    "curvature_gap": "curvature gap",
    "modularity": "modularity",
    "normalized_cut": "normalised cut",
    "adjusted_rand": "adjusted Rand",
    "normalized_mutual_information": "NMI",
}
EPOCH_MEASURES = {
    "mean_local_coefficient": "mean local coefficient",
    "ricci_coefficient": "ρ",
    "test_accuracy": "test accuracy",
}


def local_headline(ask: Ask, studies: Sequence[str]) -> tuple[pl.DataFrame, Exhibit]:
    """Return the local flow of studies beside published numbers, and the same as an exhibit."""
    sql = queries.comparison(studies)
    rows = ask(sql)
    words = (
        "The local coefficient of a point is the Pearson correlation, over the layers from the"
        " input on, of the mean curvature of its edges and of how far its neighbours move away to"
        " the next layer. Mean over networks of the mean over points, its standard deviation over"
        " networks, and the share of points with a negative one; the same before training; as"
        f" {PAPER} say."
        " Rows with published numbers come first. A dash is not known."
    )
    return rows, Exhibit("Local flow", words, sql, local_table(rows))


def local_sections(ask: Ask, study: str, convention: str) -> list[Section]:
    """Return what the store knows of the local flow of a study, no section where it has no rows."""
    ks = ask(queries.local_k(study, convention))["k"].to_list()
    if not ks:
        return []
    place = LocalPlace(study, convention, ks[0])
    seen = f"Augmented Forman curvature, k = {place.k}."
    if len(ks) > 1:
        seen += f" Other k are in the views: {', '.join(map(str, ks[1:]))}."
    made = [
        Section("Local flow: trained, untrained, published", beside_untrained(ask, place, seen)),
        Section(
            "Local flow of correct and of misclassified points", by_correctness(ask, place, seen)
        ),
        Section("Layer coefficients and depth", by_layer(ask, place, seen)),
        Section("Classes and communities by layer", communities(ask, place)),
        Section("Local flow along training", along_training(ask, place, seen)),
    ]
    return [one for one in made if one.exhibits]


def shown(
    ask: Ask,
    title: str,
    words: str,
    sql: str,
    figure: Callable[[pl.DataFrame], Figure | None] = lambda rows: None,
) -> list[Exhibit]:
    """Return an exhibit of the rows of a statement, a table without figure; none without rows."""
    rows = ask(sql)
    if rows.is_empty():
        return []
    return [Exhibit(title, words, sql, rows, figure(rows))]


def beside_untrained(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return the mean local coefficient of each kind of network beside its untrained self."""
    words = (
        f"{seen} Below 0, neighbours of a point move away where its curvature is most negative."
        " Bars: one standard deviation over networks. What training does is the difference from"
        " the untrained networks."
    )
    return shown(
        ask, "Mean local coefficient", words, queries.trained_beside_untrained(place), local_dots
    )


def by_correctness(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return how the coefficient of misclassified points differs, if the store has predictions."""
    words = (
        f"{seen} Points of all networks of a data set together, after training; each side adds up"
        " to 100 %."
    )
    about = (
        "no flow: share of points with a coefficient of 0 or above. margin_correlation: of the"
        " local coefficient and of the margin, over points."
    )
    return [
        *shown(
            ask,
            "Local coefficient over points",
            words,
            queries.distribution(place),
            correctness_histogram,
        ),
        *shown(ask, "By kind of network", f"{seen} {about}", queries.by_correctness(place)),
    ]


def by_layer(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return the layer coefficient of each layer, and the depth it says is enough."""
    words = (
        f"{seen} Mean over networks of the correlation, over points, of curvature in the layer and"
        " of expansion to the next; layer 0 is the input. Dotted: untrained. The star is the median"
        " over networks of the layer chosen as depth: the first past the least coefficient where it"
        " has come back to half of it, our reading of the paper."
    )
    return [
        *shown(
            ask,
            "Layer coefficient",
            words,
            queries.by_layer(place),
            panels("layer", {"layer_coefficient": "layer coefficient"}, "chosen_layer"),
        ),
        *shown(ask, "Depth chosen", seen, queries.depths(place)),
    ]


def communities(ask: Ask, place: LocalPlace) -> list[Exhibit]:
    """Return how well classes are told apart in the graph of each layer."""
    words = (
        f"k = {place.k}, mean over networks after training. Curvature gap (augmented Forman),"
        " modularity and normalised cut are of the classes; adjusted Rand and NMI compare classes"
        " with Leiden communities, which do not know them."
    )
    return shown(
        ask,
        "Classes and communities",
        words,
        queries.communities(place),
        panels("layer", COMMUNITY_MEASURES),
    )


def along_training(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return coefficients and accuracy at each epoch that was kept, if there are enough."""
    if ask(queries.with_series(place)).is_empty():
        return []  # known at once; the views would look at every point first
    words = (
        f"{seen} Mean over networks at each epoch that was kept. The star is the median over"
        " networks of the epoch that early stopping chooses: the least mean local coefficient, with"
        f" a patience of {PATIENCE} snapshots. It marks the knee of the accuracy, often before the"
        " best."
    )
    return [
        *shown(
            ask,
            "Coefficients and accuracy by epoch",
            words,
            queries.epochs(place),
            panels("epoch", EPOCH_MEASURES, "stop_epoch"),
        ),
        *shown(ask, "When to stop", seen, queries.stopping(place)),
    ]


def panels(
    along: str, measures: Mapping[str, str], chosen: str | None = None
) -> Callable[[pl.DataFrame], Figure | None]:
    """Return `line_panels` as a function of its rows alone, of the measures that have a value."""

    def figure(rows: pl.DataFrame) -> Figure | None:
        known = {name: title for name, title in measures.items() if rows[name].count()}
        return line_panels(rows, along, known, chosen) if known else None

    return figure
