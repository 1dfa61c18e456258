"""What a report shows of Ricci coefficients, after the 2024 paper: which question, what one sees.

Every question is about the steps between hidden layers, as in the paper.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import polars as pl

from geoflow.figures import accuracy_scatter, coefficient_map, step_scatter, study_boxes
from geoflow.figures.scatter import even_sample
from geoflow.report._exhibits import Exhibit, Section, exhibits_of
from geoflow.report._headline import as_words, headline_table
from geoflow.store.questions import Ask, question_answer


@dataclass(frozen=True)
class Place:
    """What one part of a report is about: a study and one way to make graphs."""

    study: str
    convention: str

    @property
    def parameters(self) -> dict[str, str]:
        """Those of every question about it."""
        return asdict(self)


NO_CONTROLS = (
    "The store has no other study of these networks at these k. For the networks of the paper,"
    " `geoflow study run controls` trains two: networks left untrained, and networks trained on"
    " shuffled labels. For other networks, copy the study's file under another name and set"
    " `epochs = 0` or `shuffled_labels = true` in its [recipe]. Then make this report again."
)
NOTHING = "Nothing to show: no network is accurate and connected in every layer at any k."


def headline(ask: Ask, studies: Sequence[str]) -> tuple[pl.DataFrame, Exhibit]:
    """Return the headline table in numbers, and as an exhibit."""
    found = question_answer(ask, "headline", studies=list(studies))
    table = headline_table(found.rows)
    words = (
        "Networks at or below the accuracy threshold, then networks with a layer graph that is not"
        " connected, are left out; of the rest, how many have a negative coefficient ρ at the"
        " optimal k of their kind. t and p: the coefficient as the paper adjusts it (z_paper) in"
        " the regression of test accuracy. A dash is not known."
    )
    return table, Exhibit("Headline", words, found.sql, as_words(table))


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
    found = question_answer(ask, "coefficient_map", **place.parameters, dataset=dataset)
    rows = found.rows
    if rows["aggregated_ricci_coefficient"].count() == 0:
        return Exhibit(dataset, NOTHING, found.sql, rows)
    words = (
        "Blue: distance grows where curvature is most negative, as in a Ricci flow. The square is"
        " its optimal k; an empty cell says why under the pointer. Like lines are beside"
        " each other (average linkage, missing values as 0)."
    )
    if rows["published_coefficient"].count():
        words += (
            " The published cells are read off the paper's Figure 3 (±0.01) and shown at the k of"
            " this study, with the squares of the paper."
        )
    return Exhibit(dataset, words, found.sql, rows, coefficient_map(rows))


def fidelity(ask: Ask, place: Place) -> list[Exhibit]:
    """Return how near the heat maps are to the paper's, if it has any of them."""
    words = (
        "Over the cells that both have: Pearson correlation, root mean squared difference and mean"
        " difference (this study less the paper)."
    )
    found = question_answer(ask, "nearness_to_paper", **place.parameters)
    return exhibits_of(found, "Nearness to the paper", words)


def step_cloud(ask: Ask, place: Place, dataset: str) -> Exhibit:
    """Return Figure 4 of one data set; more points than a page can draw are even_sample out."""
    found = question_answer(ask, "steps_at_optimal_k", **place.parameters, dataset=dataset)
    rows = found.rows
    if rows.is_empty():
        return Exhibit(dataset, NOTHING, found.sql, rows)
    drawn = even_sample(rows)
    words = (
        "Each point is a step of an accurate, connected network from hidden layer l to l + 1. x is"
        " Ric_l, total Forman curvature of layer l, always negative for k ≥ 2; y is the change of"
        " total hop distance, eta_l = g_{l+1} - g_l. The two axes of the paper's Figure 4 are"
        " swapped; ρ is symmetric, so its values stand."
    )
    if drawn.height < rows.height:
        words += f" {drawn.height:,} of {rows.height:,} steps are drawn, evenly spaced."
    return Exhibit(dataset, words, found.sql, rows, step_scatter(drawn))


def accuracy(ask: Ask, place: Place) -> list[Exhibit]:
    """Return test accuracy against the coefficient, and the regressions where there are any."""
    found = question_answer(ask, "accuracy_by_network", **place.parameters)
    fits = question_answer(ask, "accuracy_regressions", **place.parameters)
    words = "Each point is a network that is reported, with its own ρ at the optimal k of its kind."
    adjusted = fits.rows.filter(outcome="test_accuracy", sample="all", coefficient="z_paper")
    if adjusted["t"].count():
        words += (
            " Least squares of accuracy on z_paper + data set + width + depth:"
            " t = {t:.2f}, p = {p:.2g}, n = {n:,}, R² = {r_squared:.2f}."
        ).format(**adjusted.row(0, named=True))
    title = "Test accuracy against the coefficient at the optimal k"
    if found.rows.is_empty():
        return [Exhibit(title, NOTHING, found.sql, found.rows)]
    about = (
        "Test accuracy, and test loss, on each form of the coefficient + data set + width + depth,"
        " ordinary least squares: change of the outcome per unit of the coefficient. Over all"
        " networks that are reported; without those whose externally studentized residual is beyond"
        " 3; with k chosen by the other half of the replicas; and for each data set alone."
    )
    return [
        *exhibits_of(found, title, words, accuracy_scatter),
        *exhibits_of(fits, "Regressions", about),
    ]


def controls(ask: Ask, place: Place, datasets: Sequence[str]) -> list[Exhibit]:
    """Return the coefficients beside those of other studies, or how to get some."""
    found = question_answer(ask, "across_studies", **place.parameters)
    others = found.rows.filter(pl.col("other_study") != place.study, pl.col("n") > 0)
    if others.is_empty():
        return [Exhibit("Distributions", NO_CONTROLS, found.sql, found.rows)]
    words = (
        "Accurate networks of the same data set, width and depth, at the optimal k of this study."
        " That k was chosen to make this study's coefficients low and not those of the others: a"
        " part of the difference is the choice."
    )
    shown = [one for one in datasets if one in others["dataset"]]
    return [
        *(boxes(ask, place, one) for one in shown),
        Exhibit("Distributions", words, found.sql, found.rows),
    ]


def boxes(ask: Ask, place: Place, dataset: str) -> Exhibit:
    """Return the distributions of one data set as boxes."""
    found = question_answer(ask, "values_across_studies", **place.parameters, dataset=dataset)
    words = "Each point is an accurate network; below 0 is flow. k is the optimal k of this study."
    return Exhibit(dataset, words, found.sql, found.rows, study_boxes(found.rows))


def exclusions(ask: Ask, place: Place) -> Exhibit:
    """Return how many networks of each data set are left out, and why."""
    words = (
        "No optimal k: at every k fewer than half of the accurate networks of their kind are"
        " connected. Not measured: not at the optimal k. Undefined: connected, but curvature or"
        " distance is the same in every step. Networks whose training ended in NaN or infinity are"
        " in no count."
    )
    found = question_answer(ask, "networks_left_out", **place.parameters)
    return Exhibit("By data set", words, found.sql, found.rows)
