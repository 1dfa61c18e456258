"""The SQL of a report: one query per figure or table, its parameters filled in, ready to run.

Every query is about the steps between hidden layers (``start = 'hidden'``), as in the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from geoflow.report.names import literal


@dataclass(frozen=True)
class Place:
    """What one part of a report is about: a study and one way to make graphs."""

    study: str
    convention: str

    @property
    def where(self) -> str:
        """The condition that selects it in any view."""
        return (
            f"study = {literal(self.study)} and convention = {literal(self.convention)}"
            " and start = 'hidden'"
        )


def listed(names: Sequence[str]) -> str:
    """Return names as a SQL list.

    >>> listed(["paper", "it's"])
    "('paper', 'it''s')"
    """
    return f"({', '.join(map(literal, names))})"


def places(studies: Sequence[str]) -> str:
    """Select (study, convention, dataset) of what has Ricci coefficients."""
    return (
        "select distinct study, convention, dataset\n"
        "from ricci_coefficients\n"
        f"where start = 'hidden' and study in {listed(studies)}\n"
        "order by all"
    )


def headline(studies: Sequence[str]) -> str:
    """Select the headline numbers of studies and of the paper, one per row."""
    return (
        "select study, convention, quantity, value, published\n"
        "from headline_comparison\n"
        f"where start = 'hidden' and study in {listed(studies)}\n"
        "order by study, convention, position"
    )


def coefficient_map(place: Place, dataset: str) -> str:
    """Select the aggregated coefficients of a data set beside the digitised ones."""
    return (
        "select width, depth, k, n_accurate, n_connected, aggregated_ricci_coefficient,\n"
        "    published_coefficient, published_optimal_k\n"
        "from aggregated_ricci_coefficients\n"
        "left join published_coefficients using (dataset, width, depth, k)\n"
        f"where {place.where}\n"
        f"    and dataset = {literal(dataset)}\n"
        "order by depth, width, k"
    )


def fidelity(place: Place) -> str:
    """Select how near the data sets of a study come to the digitised cells."""
    return (
        "select dataset, n_cells, pearson, rmse, mean_difference\n"
        "from figure3_fidelity\n"
        f"where {place.where}\n"
        "order by dataset"
    )


def steps(place: Place, dataset: str) -> str:
    """Select the pooled steps of a data set at the optimal k of each kind of network."""
    return (
        "select width, depth, k, aggregated_ricci_coefficient, network_id, layer,\n"
        "    total_forman, eta\n"
        "from pooled_steps\n"
        "join optimal_k using (study, dataset_id, dataset, width, depth, convention, start)\n"
        f"where {place.where}\n"
        f"    and dataset = {literal(dataset)} and k = optimal_k\n"
        "order by depth, width, network_id, layer"
    )


def accuracies(place: Place) -> str:
    """Select test accuracy and coefficient of every network that is reported."""
    return (
        "select dataset, width, depth, network, optimal_k, ricci_coefficient, test_accuracy\n"
        "from optimal_coefficients\n"
        f"where {place.where}\n"
        "    and ricci_coefficient is not null and test_accuracy is not null\n"
        "order by dataset, depth, width, network_id"
    )


def association(place: Place) -> str:
    """Select the regressions of test accuracy on the coefficient."""
    return (
        "select coefficient, estimate, standard_error, t, p, n, r_squared\n"
        "from accuracy_association\n"
        f"where {place.where}\n"
        "order by coefficient desc"
    )


def across_studies(place: Place) -> str:
    """Select the distribution of the coefficient in this study and in every other."""
    return (
        "select dataset, width, depth, k, other_study, n_accurate, n, mean, standard_deviation,\n"
        "    quartile_1, median, quartile_3, share_negative\n"
        "from coefficients_across_studies\n"
        f"where {place.where}\n"
        f"order by dataset, depth, width, other_study <> {literal(place.study)}, other_study"
    )


def values_across_studies(place: Place, dataset: str) -> str:
    """Select the single coefficients behind `across_studies`, for one data set."""
    return (
        "select o.width, o.depth, o.optimal_k as k, r.study as other_study, r.network,\n"
        "    r.ricci_coefficient\n"
        "from optimal_k as o\n"
        "join ricci_coefficients as r\n"
        "    on r.dataset = o.dataset and r.width = o.width and r.depth = o.depth\n"
        "    and r.k = o.optimal_k and r.convention = o.convention and r.start = o.start\n"
        "join network_labels as n on n.network_id = r.network_id and n.is_accurate\n"
        f"where o.study = {literal(place.study)} and o.convention = {literal(place.convention)}"
        " and o.start = 'hidden'\n"
        f"    and o.dataset = {literal(dataset)} and r.ricci_coefficient is not null\n"
        f"order by o.depth, o.width, r.study <> {literal(place.study)}, r.study, r.network_id"
    )


def exclusions(place: Place) -> str:
    """Count the networks of each data set that are reported, and those left out."""
    return (
        "select dataset, count(*) as networks,\n"
        "    count(*) filter (exclusion = 'below threshold') as below_threshold,\n"
        "    count(*) filter (exclusion = 'disconnected') as disconnected,\n"
        "    count(*) filter (exclusion = 'undefined') as undefined,\n"
        "    count(*) filter (exclusion is null) as reported,\n"
        "    count(*) filter (ricci_coefficient < 0) as negative\n"
        "from optimal_coefficients\n"
        f"where {place.where}\n"
        "group by dataset\n"
        "order by dataset"
    )
