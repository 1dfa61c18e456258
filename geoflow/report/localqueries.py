"""The SQL of what a report says of local flow, after Hehl, von Renesse, Weber 2025.

Figures show augmented Forman curvature, as the paper does, and one k; tables have the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from geoflow.report.names import literal
from geoflow.report.queries import listed

PUBLISHED_K = 50
"""The number of neighbours of the paper: of several, figures show the k nearest to it."""

PATIENCE = 3
"""Snapshots without a new least coefficient after which a report takes training to be stopped."""


@dataclass(frozen=True)
class LocalPlace:
    """What the local figures of one part of a report are about: study, kind of graphs, k."""

    study: str
    convention: str
    k: int

    @property
    def where(self) -> str:
        """The condition that selects its graphs in views of graphs."""
        return (
            f"study = {literal(self.study)} and convention = {literal(self.convention)}"
            f" and k = {self.k}"
        )

    @property
    def curved(self) -> str:
        """The condition that selects it in views that have a row for each curvature."""
        return f"{self.where}\n    and curvature = 'augmented_forman'"


def local_k(study: str, convention: str) -> str:
    """Select every k with a local geometry, that which figures show first."""
    return (
        "select distinct k\n"
        "from community_structure\n"
        f"where study = {literal(study)} and convention = {literal(convention)}\n"
        f"order by abs(k - {PUBLISHED_K}), k"
    )


def with_local(studies: Sequence[str]) -> str:
    """Select the studies that have a local geometry, and whether they have directed graphs too."""
    return (
        "select study, bool_or(convention = 'directed') as is_directed\n"
        "from network_graphs\n"
        "join network_labels using (network_id)\n"
        f"where study in {listed(studies)}\n"
        "group by study\n"
        "having study in (select study from community_structure)\n"
        "order by study"
    )


def comparison(studies: Sequence[str]) -> str:
    """Select the local flow of studies beside what is published, rows with published ones first."""
    return (
        "from local_flow_comparison\n"
        f"where study in {listed(studies)}\n"
        "order by published_mean is null, study, convention, dataset, depth, width, k,\n"
        "    curvature <> 'augmented_forman', curvature, alpha"
    )


def trained_beside_untrained(place: LocalPlace) -> str:
    """Select the means that a figure compares: trained, untrained, published."""
    return (
        "select dataset, width, depth, curvature, n_defined, mean_local_coefficient,\n"
        "    standard_deviation, n_untrained, untrained_mean, untrained_standard_deviation,\n"
        "    published_mean\n"
        "from local_flow_comparison\n"
        f"where {place.curved}\n"
        "order by dataset, depth, width"
    )


def by_correctness(place: LocalPlace) -> str:
    """Select the local coefficient of correct and of misclassified points, by kind of network."""
    return (
        "select dataset, width, depth, n_networks, n_correct, n_wrong, mean_correct, mean_wrong,\n"
        "    share_no_flow_correct, share_no_flow_wrong, margin_correlation\n"
        "from flow_by_correctness\n"
        f"where {place.curved}\n"
        "order by dataset, depth, width"
    )


def distribution(place: LocalPlace) -> str:
    """Count the points of each data set in bins of width 1/20, correct and misclassified ones."""
    return (
        "select dataset, is_correct,\n"
        "    least(floor((local_coefficient + 1) * 20), 39) / 20 - 0.975 as middle,\n"
        "    count(*) as n_points,\n"
        "    count(*) / sum(count(*)) over (partition by dataset, is_correct) as share\n"
        "from local_ricci_coefficients\n"
        f"where {place.curved}\n"
        "    and is_correct is not null and local_coefficient is not null\n"
        "group by dataset, is_correct, middle\n"
        "order by dataset, is_correct desc, middle"
    )


def by_layer(place: LocalPlace) -> str:
    """Select the mean layer coefficient of trained and untrained networks, and the depth chosen."""
    return (
        "with chosen as (\n"
        "    select dataset, width, depth, quantile_disc(chosen_layer, 0.5) as chosen_layer\n"
        "    from depth_selection\n"
        f"    where {place.curved}\n"
        "    group by all\n"
        ")\n"
        "select dataset, width, depth, if(is_final, 'trained', 'untrained') as state, layer,\n"
        "    count(layer_coefficient) as n_networks,\n"
        "    avg(layer_coefficient) as layer_coefficient,\n"
        "    any_value(chosen_layer) filter (is_final) as chosen_layer\n"
        "from layer_coefficients\n"
        "join snapshot_labels using (network_id)\n"
        "left join chosen using (dataset, width, depth)\n"
        f"where {place.curved}\n"
        "    and (is_final or epoch = 0)\n"
        "group by all\n"
        "order by dataset, depth, width, state, layer"
    )


def depths(place: LocalPlace) -> str:
    """Select what `depth_selection` chooses for each kind of network."""
    return (
        "select dataset, width, depth, count(*) as n_networks,\n"
        "    count(chosen_layer) as n_chosen, avg(least_layer) as mean_least_layer,\n"
        "    avg(least_coefficient) as mean_least_coefficient,\n"
        "    quantile_disc(chosen_layer, 0.5) as median_chosen_layer,\n"
        "    min(chosen_layer) as least_chosen_layer, max(chosen_layer) as largest_chosen_layer\n"
        "from depth_selection\n"
        f"where {place.curved}\n"
        "group by all\n"
        "order by dataset, depth, width"
    )


def communities(place: LocalPlace) -> str:
    """Select how classes and communities stand in each layer, mean over networks."""
    return (
        "select dataset, width, depth, layer, count(*) as n_networks,\n"
        "    avg(curvature_gap) as curvature_gap,\n"
        "    avg(modularity) as modularity, avg(normalized_cut) as normalized_cut,\n"
        "    avg(adjusted_rand) as adjusted_rand,\n"
        "    avg(normalized_mutual_information) as normalized_mutual_information,\n"
        "    avg(leiden_modularity) as leiden_modularity, avg(n_communities) as n_communities\n"
        "from community_structure\n"
        f"where {place.where}\n"
        "group by all\n"
        "order by dataset, depth, width, layer"
    )


def with_series(place: LocalPlace) -> str:
    """Select the networks of a study that have two snapshots or more before their end."""
    return (
        "select final_id\n"
        "from networks\n"
        f"where study = {literal(place.study)} and status <> 'failed' and final_id is not null\n"
        "group by final_id\n"
        "having count(*) > 1"
    )


def epochs(place: LocalPlace) -> str:
    """Select coefficients and accuracy at each epoch, mean over networks, and where to stop.

    No row for kinds of which no network has two snapshots or more before its end.
    """
    return (
        "with stop as (\n"
        "    select dataset, width, depth, quantile_disc(epoch, 0.5) as stop_epoch\n"
        "    from early_stopping\n"
        f"    where {place.curved}\n"
        f"        and patience = {PATIENCE} and n_snapshots > 2\n"
        "    group by all\n"
        ")\n"
        "select dataset, width, depth, epoch, count(*) as n_networks,\n"
        "    avg(mean_local_coefficient) as mean_local_coefficient,\n"
        "    avg(ricci_coefficient) as ricci_coefficient,\n"
        "    avg(l.test_accuracy) as test_accuracy, any_value(stop_epoch) as stop_epoch\n"
        "from local_training_coefficients as l\n"
        "join stop using (dataset, width, depth)\n"
        "left join (\n"
        "    select network_id, k, convention, ricci_coefficient\n"
        "    from training_coefficients\n"
        "    where start = 'hidden'\n"
        ") using (network_id, k, convention)\n"
        f"where {place.curved}\n"
        "    and epoch is not null\n"
        "group by all\n"
        "order by dataset, depth, width, epoch"
    )


def stopping(place: LocalPlace) -> str:
    """Select where `early_stopping` stops each kind of network, and what it costs."""
    return (
        "select dataset, width, depth, count(*) as n_networks,\n"
        "    quantile_disc(epoch, 0.5) as median_epoch, avg(test_accuracy) as test_accuracy,\n"
        "    quantile_disc(best_epoch, 0.5) as median_best_epoch,\n"
        "    avg(best_accuracy) as best_accuracy, avg(final_accuracy) as final_accuracy\n"
        "from early_stopping\n"
        f"where {place.curved}\n"
        f"    and patience = {PATIENCE} and n_snapshots > 2\n"
        "group by all\n"
        "order by dataset, depth, width"
    )
