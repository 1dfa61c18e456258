"""The SQL of what a report says of transport geometry, after Gai & Zhang 2021.

Variants of a study are one study here, as in `transport_comparison`: ``study`` is the name before
the slash.
"""

from collections.abc import Sequence

from geoflow.report.names import literal
from geoflow.report.queries import listed

ENOUGH_NETWORKS = 10
"""Networks that a correlation needs to be shown: below, |r| > 0.63 is chance one time in 20."""

DIGITS = 9
"""Decimals of means and correlations: the last bits of a sum over rows differ from run to run."""

KIND = "dataset, family, width, depth, weight_decay"
"""What tells the networks of a study apart that are averaged."""


def with_transport(studies: Sequence[str]) -> str:
    """Select the names, without variants, of the studies that have transport geometry."""
    return (
        "select distinct split_part(study, '/', 1) as study\n"
        "from transport_scores\n"
        f"where study in {listed(studies)}\n"
        "order by study"
    )


def comparison(studies: Sequence[str]) -> str:
    """Select the scores of each family and weight decay, with the ends of their intervals."""
    return (
        "from transport_comparison\n"
        f"where study in {listed(studies)}\n"
        "order by study, dataset, depth, width, family, weight_decay"
    )


def residual_against_plain(study: str) -> str:
    """Count the pairs of one data set, kind and weight decay whose intervals do not overlap.

    all_accurate: pairs of which every network, plain and residual, is above its threshold.
    """
    return (
        "with accurate as (\n"
        f"    select split_part(s.study, '/', 1) as study, {prefixed('s', KIND)},\n"
        "        bool_and(l.is_accurate) as is_accurate\n"
        "    from transport_scores as s\n"
        "    join network_labels as l on l.network_id = s.network_id\n"
        "    where s.ot_score is not null\n"
        "    group by all\n"
        "),\n"
        "compared as (\n"
        f"    from transport_comparison join accurate using (study, {KIND})\n"
        "),\n"
        "pairs as (\n"
        "    select r.dataset, r.line_shape_high < p.line_shape_low as is_straighter,\n"
        "        r.line_shape_low > p.line_shape_high as is_less_straight,\n"
        "        r.ot_low > p.ot_high as is_more_optimal,\n"
        "        r.ot_high < p.ot_low as is_less_optimal,\n"
        "        r.is_accurate and p.is_accurate as is_accurate\n"
        "    from compared as r\n"
        "    join compared as p using (study, dataset, width, depth, weight_decay)\n"
        f"    where study = {literal(study)} and r.family = 'residual' and p.family = 'plain'\n"
        "        and r.n_networks > 1 and p.n_networks > 1\n"
        ")\n"
        "select dataset, count(*) as pairs,\n"
        "    count(*) filter (is_straighter) as straighter,\n"
        "    count(*) filter (is_less_straight) as less_straight,\n"
        "    count(*) filter (is_more_optimal) as more_optimal,\n"
        "    count(*) filter (is_less_optimal) as less_optimal,\n"
        "    count(*) filter (is_accurate) as all_accurate,\n"
        "    count(*) filter (is_accurate and is_straighter) as accurate_straighter,\n"
        "    count(*) filter (is_accurate and is_more_optimal) as accurate_more_optimal\n"
        "from pairs\n"
        "group by dataset\n"
        "order by dataset"
    )


def along_decay(study: str) -> str:
    """Select the least-squares slopes of the mean scores on the weight decay."""
    return (
        "select family, dataset, width, depth, count(*) as n_decays,\n"
        f"    round(regr_slope(line_shape_score, weight_decay), {DIGITS}) as line_shape_slope,\n"
        f"    round(regr_slope(ot_score, weight_decay), {DIGITS}) as ot_slope\n"
        "from transport_comparison\n"
        f"where study = {literal(study)} and family is not null and line_shape_score is not null\n"
        "group by all\n"
        "having count(distinct weight_decay) > 1\n"
        "order by all"
    )


def signature(study: str) -> str:
    """Select the affinity score of each layer, mean over networks."""
    return (
        f"select {prefixed('n', 'family, width, depth, weight_decay')}, s.dataset, s.layer,\n"
        "    count(s.affinity_score) as n_networks,\n"
        f"    round(avg(s.affinity_score), {DIGITS}) as affinity_score\n"
        "from nonlinearity_signature as s\n"
        "join networks as n on n.network_id = s.network_id\n"
        f"where split_part(s.study, '/', 1) = {literal(study)} and s.affinity_score is not null\n"
        "group by all\n"
        "order by dataset, depth, width, family, weight_decay, layer"
    )


def complexity(study: str) -> str:
    """Select the local complexity of networks, summed over layers, mean over networks."""
    return (
        "with summed as (\n"
        "    select network_id, dataset, radius, points, sum(complexity) as complexity\n"
        "    from local_complexity\n"
        f"    where split_part(study, '/', 1) = {literal(study)}\n"
        "    group by all\n"
        ")\n"
        f"select {prefixed('n', 'family, width, depth, weight_decay')}, s.dataset, s.radius,\n"
        f"    s.points, count(*) as n_networks, round(avg(s.complexity), {DIGITS}) as complexity\n"
        "from summed as s\n"
        "join networks as n on n.network_id = s.network_id\n"
        "group by all\n"
        "order by dataset, radius, points, depth, width, family, weight_decay"
    )


def correlated(study: str) -> str:
    """Select the data sets and scores that have a correlation over enough networks."""
    return (
        "select distinct dataset, score\n"
        "from score_correlations\n"
        f"where {enough(study)}\n"
        "order by dataset, score"
    )


def correlations(study: str, dataset: str, k: int) -> str:
    """Select the correlations of the scores of a data set, those of graphs at one k alone."""
    return (
        f"select score, other, n, round(correlation, {DIGITS}) as correlation, p\n"
        "from score_correlations\n"
        f"where {enough(study)}\n"
        f"    and dataset = {literal(dataset)}\n"
        f"    and {at_k('score', k)}\n"
        f"    and {at_k('other', k)}\n"
        "order by score, other"
    )


def within_networks(study: str, across: str, k: int) -> str:
    """Select the correlations across the layers or points of a network, mean over networks."""
    return (
        "select score, other, sum(n_networks)::bigint as n,\n"
        f"    round(sum(n_networks * correlation) / sum(n_networks), {DIGITS}) as correlation,\n"
        "    null::double as p\n"
        "from within_network_correlations\n"
        f"where study = {literal(study)} and across = {literal(across)}\n"
        "    and correlation is not null\n"
        f"    and {at_k('score', k)}\n"
        f"    and {at_k('other', k)}\n"
        "group by score, other\n"
        "order by score, other"
    )


def measured_k(study: str) -> str:
    """Select the k of a study's graphs."""
    return (
        "select distinct g.k\n"
        "from network_graphs as g\n"
        "join network_labels as n on n.network_id = g.network_id\n"
        f"where split_part(n.study, '/', 1) = {literal(study)}\n"
        "order by g.k"
    )


def at_k(score: str, k: int) -> str:
    """The condition that a column names a score of graphs at one k, or of no graph."""
    return f"regexp_extract({score}, ' k=(.*)', 1) in ('', '{k}')"


def enough(study: str) -> str:
    """The condition that selects correlations of a study that are worth showing."""
    return f"study = {literal(study)} and n >= {ENOUGH_NETWORKS} and correlation is not null"


def prefixed(alias: str, columns: str) -> str:
    """Return columns with the alias of their table.

    >>> prefixed("n", "family, width")
    'n.family, n.width'
    """
    return ", ".join(f"{alias}.{name}" for name in columns.split(", "))
