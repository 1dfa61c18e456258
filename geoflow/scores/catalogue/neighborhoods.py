"""Scores of neighbourhoods: intrinsic dimension, and what neighbours have in common.

They are of the input and the hidden layers: the views that they are read from have the output too.
"""

from geoflow.scores.entry import Score

DENTI = "Denti et al. 2022, after Facco et al. 2017"
FACCO = "Facco, d'Errico, Rodriguez, Laio 2017"
LEVINA = "Levina, Bickel 2005; MacKay, Ghahramani 2005"
DOIMO = "Doimo, Glielmo, Ansuini, Laio 2020"
ANSUINI = "Ansuini, Laio, Macke, Zoccolan 2019"

TWONN = "N / sum over points of ln(r2 / r1), r1 = 0 and r1 = r2 left out"
LIKELIHOOD = "inverse of the mean over points of 1 / (k - 1) sum_{j < k} ln(r_k / r_j)"
SAME_CLASS = "mean over points of the share of their class among their k nearest neighbours"
SHARED = "mean over points of the share of their k nearest neighbours that"

LAST = (
    "(\n"
    "    select v.* from {view} as v\n"
    "    join networks as l on l.network_id = v.network_id and l.depth = v.layer\n"
    ")"
)
"""Rows of a view of layers at the last hidden layer."""

TWONN_ROWS = "(from network_layers join twonn_dimensions using (layer_id))"
HIDDEN_TWONN = f"(from {TWONN_ROWS} where not is_output)"
HIDDEN = "(from layer_neighborhoods where not is_output)"
FIRST_AND_LAST = (
    "(\n"
    "    select v.* from pair_overlaps as v\n"
    "    join networks as l on l.network_id = v.network_id and l.depth = v.other_layer\n"
    "    where v.layer = 0\n"
    ")"
)
FOLLOWING = "(from pair_overlaps where other_layer = layer + 1 and not is_with_output)"
PAIRS = "(from pair_overlaps where not is_with_output)"
SHARES = ("label_overlap", "neighborhood_overlap")


def of_neighbors(
    name: str, level: str, relation: str, formula: str, source: str, *keys: str
) -> Score:
    """Return the entry of a score that stands in the column of its name."""
    return Score(
        name,
        level,
        formula,
        source,
        low=0,
        high=1 if name in SHARES else None,
        relation=relation,
        value=name,
        keys=keys,
    )


def of_last_layer(name: str, view: str, formula: str, source: str, *keys: str) -> Score:
    """Return the entry of a network's score, that of its last hidden layer."""
    whole = f"{formula}; of the last hidden layer"
    return of_neighbors(name, "network", LAST.format(view=view), whole, source, *keys)


def overlap(level: str, relation: str, formula: str) -> Score:
    """Return the entry of the overlap of two layers, at a level."""
    return of_neighbors("neighborhood_overlap", level, relation, formula, DOIMO, "k")


NEIGHBORHOODS = (
    of_last_layer("twonn_dimension", TWONN_ROWS, TWONN, ANSUINI),
    of_last_layer("ml_dimension", "layer_neighborhoods", LIKELIHOOD, ANSUINI, "k"),
    of_last_layer("label_overlap", "layer_neighborhoods", SAME_CLASS, DOIMO, "k"),
    overlap(
        "network",
        FIRST_AND_LAST,
        f"{SHARED} the input and the last hidden layer have in common",
    ),
    of_neighbors("twonn_dimension", "layer", HIDDEN_TWONN, TWONN, DENTI),
    of_neighbors(
        "twonn_fit",
        "layer",
        HIDDEN_TWONN,
        "slope of -ln(1 - i / N) on the i-th least x = ln(r2 / r1), through the origin, the top"
        " tenth left out",
        FACCO,
    ),
    of_neighbors("ml_dimension", "layer", HIDDEN, LIKELIHOOD, LEVINA, "k"),
    of_neighbors("label_overlap", "layer", HIDDEN, SAME_CLASS, DOIMO, "k"),
    overlap("layer", FOLLOWING, f"{SHARED} layers l and l + 1 have in common"),
    overlap("pair", PAIRS, f"{SHARED} both layers have in common"),
)
