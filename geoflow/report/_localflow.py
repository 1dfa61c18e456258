"""What a report shows of local flow, after Hehl, von Renesse, Weber 2025, if the store has any.

Figures show augmented Forman curvature, as the paper does, and one k; tables have the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from plotly.graph_objects import Figure

from geoflow.figures import correctness_histogram, line_panels, local_dots
from geoflow.report._exhibits import Exhibit, Section, exhibits_of
from geoflow.report._localtable import local_table
from geoflow.store.questions import Ask, question_answer

PUBLISHED_K = 50
"""The number of neighbours of the paper: of several, figures show the k nearest to it."""

PATIENCE = 3
"""Snapshots without a new least coefficient after which a report takes training to be stopped."""

LOCAL_PAPER = "Hehl, von Renesse, Weber 2025"
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


@dataclass(frozen=True)
class LocalPlace:
    """What the local figures of one part of a report are about: study, kind of graphs, k.

    ``series_end``: the layer that series end with: output, as in the paper, where it is a layer.
    """

    study: str
    convention: str
    k: int
    series_end: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of every question about it."""
        return asdict(self)


def local_headline(ask: Ask, studies: Sequence[str]) -> tuple[pl.DataFrame, Exhibit]:
    """Return the local flow of studies beside published numbers, and the same as an exhibit."""
    found = question_answer(ask, "local_flow", studies=list(studies))
    words = (
        "The local coefficient of a point is the Pearson correlation, over the layers from the"
        " input on, of the mean curvature of its edges and of how far its neighbours move away to"
        " the next layer; end says whether the output is the last of them, as in the paper, or the"
        " last hidden layer. Mean over networks of the mean over points, its standard deviation"
        " over networks, and the share of points with a negative one; the same before training; as"
        f" {LOCAL_PAPER} say."
        " Rows with published numbers come first. A dash is not known."
    )
    return found.rows, Exhibit("Local flow", words, found.sql, local_table(found.rows))


def local_sections(ask: Ask, study: str, convention: str) -> list[Section]:
    """Return what the store knows of the local flow of a study, no section where it has no rows."""
    known = question_answer(ask, "local_k", study=study, convention=convention, near=PUBLISHED_K)
    ks = known.rows["k"].to_list()
    if not ks:
        return []
    place = LocalPlace(study, convention, ks[0], known.rows["series_end"][0])
    last = "output" if place.series_end == "output" else "last hidden layer"
    seen = f"Augmented Forman curvature, k = {place.k}, from the input to the {last}."
    if len(ks) > 1:
        seen += f" Other k are in the views: {', '.join(map(str, ks[1:]))}."
    made = [
        Section("Local flow: trained, untrained, published", beside_untrained(ask, place, seen)),
        Section(
            "Local flow of correct and of misclassified points", by_correctness(ask, place, seen)
        ),
        Section("Layer coefficients and depth", by_layer(ask, place, seen)),
        Section("Classes and communities by layer", community_exhibits(ask, place)),
        Section("Local flow along training", along_training(ask, place, seen)),
    ]
    return [one for one in made if one.exhibits]


def beside_untrained(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return the mean local coefficient of each kind of network beside its untrained self."""
    words = (
        f"{seen} Below 0, neighbours of a point move away where its curvature is most negative."
        " Bars: one standard deviation over networks. What training does is the difference from"
        " the untrained networks."
    )
    found = question_answer(ask, "trained_beside_untrained", **place.parameters)
    return exhibits_of(found, "Mean local coefficient", words, local_dots)


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
    spread = question_answer(ask, "local_distribution", **place.parameters)
    sides = question_answer(ask, "correct_and_misclassified", **place.parameters)
    return [
        *exhibits_of(spread, "Local coefficient over points", words, correctness_histogram),
        *exhibits_of(sides, "By kind of network", f"{seen} {about}"),
    ]


def by_layer(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return the layer coefficient of each layer, and the depth it says is enough."""
    words = (
        f"{seen} Mean over networks of the correlation, over points, of curvature in the layer and"
        " of expansion to the next; layer 0 is the input. Dotted: untrained. The star is the median"
        " over networks of the layer chosen as depth: the first past the least coefficient where it"
        " has come back to half of it, our reading of the paper."
    )
    found = question_answer(ask, "coefficient_by_layer", **place.parameters)
    chosen = question_answer(ask, "depths_chosen", **place.parameters)
    draw = panels("layer", {"layer_coefficient": "layer coefficient"}, "chosen_layer")
    return [
        *exhibits_of(found, "Layer coefficient", words, draw),
        *exhibits_of(chosen, "Depth chosen", seen),
    ]


def community_exhibits(ask: Ask, place: LocalPlace) -> list[Exhibit]:
    """Return how well classes are told apart in the graph of each layer."""
    words = (
        f"k = {place.k}, mean over networks after training. Curvature gap (augmented Forman),"
        " modularity and normalised cut are of the classes; adjusted Rand and NMI compare classes"
        " with Leiden communities, which do not know them."
    )
    found = question_answer(ask, "communities_by_layer", **place.parameters)
    draw = panels("layer", COMMUNITY_MEASURES)
    return exhibits_of(found, "Classes and communities", words, draw)


def along_training(ask: Ask, place: LocalPlace, seen: str) -> list[Exhibit]:
    """Return coefficients and accuracy at each epoch that was kept, if there are enough."""
    if question_answer(ask, "snapshot_series", study=place.study).rows.is_empty():
        return []  # known at once; the views would look at every point first
    words = (
        f"{seen} Mean over networks at each epoch that was kept. The star is the median over"
        " networks of the epoch that early stopping chooses: the least mean local coefficient, with"
        f" a patience of {PATIENCE} snapshots. It marks the knee of the accuracy, often before the"
        " best."
    )
    found = question_answer(ask, "coefficient_by_epoch", **place.parameters, patience=PATIENCE)
    stops = question_answer(ask, "when_to_stop", **place.parameters, patience=PATIENCE)
    draw = panels("epoch", EPOCH_MEASURES, "stop_epoch")
    return [
        *exhibits_of(found, "Coefficients and accuracy by epoch", words, draw),
        *exhibits_of(stops, "When to stop", seen),
    ]


def panels(
    along: str, measures: Mapping[str, str], chosen: str | None = None
) -> Callable[[pl.DataFrame], Figure | None]:
    """Return `line_panels` as a function of its rows alone, of the measures that have a value."""

    def figure(rows: pl.DataFrame) -> Figure | None:
        known = {name: title for name, title in measures.items() if rows[name].count()}
        return line_panels(rows, along, known, chosen) if known else None

    return figure
