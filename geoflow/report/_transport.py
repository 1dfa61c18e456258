"""What a report shows of transport geometry, after Gai & Zhang 2021, if the store has any.

Variants of a study are one study here: ``study`` is its name before the slash. Questions round
means and correlations to 9 decimals: the last bits of a sum over rows differ from run to run.
"""

from collections.abc import Mapping, Sequence

import polars as pl
from plotly.graph_objects import Figure

from geoflow.figures import correlation_map, line_grid
from geoflow.figures.linegrid import with_labels
from geoflow.report._exhibits import Exhibit, Section, exhibits_of
from geoflow.report._localflow import PUBLISHED_K
from geoflow.report._transporttable import transport_table
from geoflow.store.questions import Ask, question_answer

ENOUGH_NETWORKS = 10
"""Networks that a correlation needs to be shown: below, |r| > 0.63 is chance one time in 20."""

TRANSPORT_PAPER = "Gai & Zhang 2021"
MEASURES = {
    "line-shape score": ("line_shape_score", "line_shape_low", "line_shape_high"),
    "OT score": ("ot_score", "ot_low", "ot_high"),
    "test accuracy": ("test_accuracy", None, None),
}
"""Title of each measure: its column, and the columns of the ends of its interval."""


CENTRED = {
    "family": (
        ", families and decays taken out",
        " Partial: the networks of each data set, family, weight decay and recipe are centred on"
        " their own means. Widths, depths and replicas make these r.",
    ),
    "kind": (
        ", replicas alone",
        " Partial: each kind of network (data set, family, width, depth, weight decay, recipe) is"
        " centred on its own means.",
    ),
    "data set": (
        ", all in one",
        " Each data set is centred on its own means: families, weight decays and replicas alike"
        " make these r.",
    ),
}
"""What correlations about the means of groups add to their title and words."""

COLLAPSED = {
    "all": ("", ""),
    "without collapsed": (
        ", without collapsed networks",
        " Networks that tell no two test points apart, in a layer or in what they predict, are left"
        " out.",
    ),
}
"""What the sample of networks adds to them."""


def transport_headline(ask: Ask, studies: Sequence[str]) -> tuple[pl.DataFrame, Exhibit] | None:
    """Return the transport scores of studies in numbers and as an exhibit, None without any."""
    names = transport_studies(ask, studies)
    found = question_answer(ask, "transport_means", studies=names)
    if found.rows.is_empty():
        return None
    words = (
        "Mean over networks, with its 95 % interval (Student's t) in brackets. Line-shape score: 1"
        " where every point moves along a straight line. OT score: share of points that optimal"
        " transport from the first to the last layer of one width sends where the network does; 1"
        " too where a network has collapsed and all points move alike. Where several maps are"
        " optimal it is the largest share of these, beside the least. Efficiency: optimal over"
        " actual cost. Geodesic ratio: W2 path over W2 geodesic, at least 1. A dash is not known."
    )
    table = transport_table(found.rows)
    return found.rows, Exhibit("Transport geometry", words, found.sql, table)


def transport_studies(ask: Ask, studies: Sequence[str]) -> list[str]:
    """Return the names, without variants, of the studies that have transport geometry."""
    found = question_answer(ask, "transport_studies", studies=list(studies))
    return found.rows["study"].to_list()


def transport_parts(ask: Ask, studies: Sequence[str]) -> dict[str, list[Section]]:
    """Return the sections on transport geometry by the title of their part, one for each study."""
    parts = {
        f"{study}, transport geometry": transport_sections(ask, study)
        for study in transport_studies(ask, studies)
    }
    return {title: made for title, made in parts.items() if made}


def transport_sections(ask: Ask, study: str) -> list[Section]:
    """Return what the store knows of a study and all its variants, no section without rows."""
    made = [
        Section("Straight lines and optimal maps along weight decay", along_decay(ask, study)),
        Section("Non-linearity signature", signature(ask, study)),
        Section("Local complexity", complexity(ask, study)),
        Section("Correlation of scores", correlations(ask, study)),
    ]
    return [one for one in made if one.exhibits]


def along_decay(ask: Ask, study: str) -> list[Exhibit]:
    """Return what the scores say of the claim of the paper, then the scores."""
    words = (
        "Mean over networks against weight decay; bars are 95 % intervals (Student's t)."
        " Straight and optimal are 1. Read the OT score beside the accuracy: a network that has"
        " collapsed, all points moving alike, scores 1 too; and beside the least one in the table"
        " above, far below it where many maps are optimal."
    )
    sides = question_answer(ask, "residual_against_plain", study=study)
    slopes = question_answer(ask, "slopes_along_decay", study=study)
    means = question_answer(ask, "transport_means", studies=[study])
    return [
        *exhibits_of(
            sides, f"Residual against plain: the claim of {TRANSPORT_PAPER}", against_words
        ),
        *exhibits_of(slopes, "Slopes along weight decay", slope_words),
        *exhibits_of(means, "Scores", words, comparison_lines),
    ]


def against_words(rows: pl.DataFrame) -> str:
    """Return in words in how many pairs residual networks are straighter and more optimal.

    rows: one per data set, the answer to `residual_against_plain`.

    >>> against_words(pl.DataFrame({"dataset": ["a", "b"], "pairs": [5, 5], "straighter": [5, 4],
    ...     "less_straight": [0, 1], "more_optimal": [3, 0], "less_optimal": [0, 2],
    ...     "all_accurate": [5, 1], "accurate_straighter": [5, 1],
    ...     "accurate_more_optimal": [3, 0]})).split(". ")[0]
    'In 9 of 10 pairs residual networks are straighter than plain ones (in 1 less straight), in 3 \
of 10 more optimal (in 2 less)'
    """
    n: Mapping[str, int] = rows.drop("dataset").sum().row(0, named=True)
    return (
        "In {straighter} of {pairs} pairs residual networks are straighter than plain ones (in"
        " {less_straight} less straight), in {more_optimal} of {pairs} more optimal (in"
        " {less_optimal} less). Of the {all_accurate} pairs in which every network is above its"
        " accuracy threshold they are straighter in {accurate_straighter}, more optimal in"
        " {accurate_more_optimal}. A pair is plain and residual networks that differ in nothing"
        " else, two or more of each; only intervals of 95 % that do not overlap"
        " count."
    ).format(**n)


def slope_words(rows: pl.DataFrame) -> str:
    """Return in words where scores come nearer to 1 with weight decay, family by family.

    rows: one per (family, data set, width, depth), the answer to `slopes_along_decay`.

    >>> slope_words(pl.DataFrame({"family": ["plain", "plain"], "line_shape_slope": [-1.0, 2.0],
    ...     "ot_slope": [3.0, 4.0]})).split(": least")[0]
    'plain: the line-shape score falls with weight decay in 1 of 2 cases, the OT score rises in 2'
    """
    said = []
    for (family,), part in rows.group_by("family", maintain_order=True):
        falls = part.filter(pl.col("line_shape_slope") < 0).height
        rises = part.filter(pl.col("ot_slope") > 0).height
        said.append(
            f"{family}: the line-shape score falls with weight decay in {falls} of {part.height}"
            f" cases, the OT score rises in {rises}"
        )
    cases = "a case is a data set, width, depth and recipe"
    return f"{'; '.join(said)}: least squares of the means; {cases}."


def comparison_lines(rows: pl.DataFrame) -> Figure:
    """Return line-shape score, OT score and accuracy against weight decay, a line per family."""
    nothing = pl.lit(None, dtype=pl.Float64)
    said = with_labels(rows)
    return line_grid(
        pl.concat(
            said.select(
                "dataset",
                "n_networks",
                pl.lit(title).alias("panel"),
                pl.col("family").alias("colour"),
                pl.col("kind").alias("dash"),
                pl.col("decay").alias("weight_decay"),
                pl.col(value).alias("value"),
                (nothing if low is None else pl.col(low)).alias("low"),
                (nothing if high is None else pl.col(high)).alias("high"),
            )
            for title, (value, low, high) in MEASURES.items()
        ),
        "weight_decay",
    )


def signature(ask: Ask, study: str) -> list[Exhibit]:
    """Return the affinity score of each layer, if the store has any."""
    words = (
        "Affinity score of the activation of each hidden layer, 1 = affine (Bouniot et al. 2025),"
        " mean over networks; a colour for each weight decay."
    )
    found = question_answer(ask, "affinity_by_layer", study=study)
    return exhibits_of(found, "Affinity by layer", words, signature_lines)


def signature_lines(rows: pl.DataFrame) -> Figure:
    """Return affinity against layer, a panel per family, a line per weight decay."""
    return line_grid(
        with_labels(rows).select(
            "dataset",
            "n_networks",
            "layer",
            pl.col("family").alias("panel"),
            ("decay " + pl.col("decay")).alias("colour"),
            pl.col("kind").alias("dash"),
            pl.col("affinity_score").alias("value"),
            *(pl.lit(None, dtype=pl.Float64).alias(end) for end in ("low", "high")),
        ),
        "layer",
    )


def complexity(ask: Ask, study: str) -> list[Exhibit]:
    """Return local complexity against weight decay, if the store has any."""
    words = (
        "Neurons whose pre-activation has two signs of -1, 0 and 1 within a frame around a point"
        " (Humayun et al. 2024): sum over the hidden layers, mean over points and networks. Panels"
        " are radii of the frame, in the unit of the input; dashes are the kinds of points. By"
        ' layer: `geoflow query "from local_complexity"`.'
    )
    title = "Local complexity along weight decay"
    found = question_answer(ask, "complexity_along_decay", study=study)
    return exhibits_of(found, title, words, complexity_lines)


def complexity_lines(rows: pl.DataFrame) -> Figure:
    """Return complexity against weight decay, a panel per radius, lines per family and points."""
    said = with_labels(rows).sort("radius", maintain_order=True)
    return line_grid(
        said.select(
            "dataset",
            "n_networks",
            pl.format("radius {}", pl.Series([f"{one:g}" for one in said["radius"]])).alias(
                "panel"
            ),
            pl.col("family").alias("colour"),
            (pl.col("points") + " " + pl.col("kind")).str.strip_chars_end().alias("dash"),
            pl.col("decay").alias("weight_decay"),
            pl.col("complexity").alias("value"),
            *(pl.lit(None, dtype=pl.Float64).alias(end) for end in ("low", "high")),
        ),
        "weight_decay",
    )


def correlations(ask: Ask, study: str) -> list[Exhibit]:
    """Return heat maps over networks, then across the layers and across the points of each."""
    ks = question_answer(ask, "measured_k", study=study, near=PUBLISHED_K).rows["k"].to_list()
    at_k = f" Scores of graphs are shown at k = {ks[0]} alone." if len(ks) > 1 else ""
    return [
        *correlations_over_networks(ask, study, ks[0], at_k),
        *correlations_within_networks(ask, study, ks[0], at_k),
    ]


def correlations_over_networks(ask: Ask, study: str, k: int, at_k: str) -> list[Exhibit]:
    """Return heat maps of all data sets together, or of each if there is none of all.

    The partial ones come first: about the means of families, then of kinds, then of data sets.
    """
    asked = {"study": study, "enough": ENOUGH_NETWORKS}
    known = question_answer(ask, "correlated_scores", **asked).rows
    words = (
        "Pearson r over networks that have both scores,"
        f" {ENOUGH_NETWORKS} or more; r with its 95 % interval, p and n are under the pointer. Like"
        " scores are beside each other. The p are of single pairs, not corrected for their"
        f" number.{at_k}"
    )
    made = []
    for where in known.rows(named=True):
        parts = CENTRED[where["about"]], COLLAPSED[where["sample"]]
        titles, said = zip(*parts, strict=True)
        title = "".join((where["dataset"] or "All data sets together", *titles))
        found = question_answer(ask, "correlations_of_scores", **asked, **where, k=k)
        made += exhibits_of(found, title, "".join((words, *said)), correlation_map)
    return made


def correlations_within_networks(ask: Ask, study: str, k: int, at_k: str) -> list[Exhibit]:
    """Return a heat map across the layers of a network, and one across its points."""
    made = []
    for across in ("layers", "points"):
        words = (
            f"Pearson r across the {across} of a network, mean over networks of all data sets,"
            f" families, weight decays, widths and depths; n of them.{at_k} Intervals, for each"
            " data set, family and weight decay:"
            f" `geoflow query \"from within_network_correlations where across = '{across}'\"`."
        )
        title = f"Across the {across} of a network"
        found = question_answer(ask, "correlations_in_networks", study=study, across=across, k=k)
        made += exhibits_of(found, title, words, correlation_map)
    return made
