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
HIDDEN_TWONN = "(from network_layers join twonn_dimensions using (layer_id) where not is_output)"
HIGHEST = {"label_overlap": 1}
HIDDEN = "(from layer_neighborhoods where not is_output)"


def last_layer(name: str, view: str, formula: str, source: str, *keys: str) -> Score:
    """Return the entry of a score of the last hidden layer, in the column of its name."""
    return Score(
        name,
        "network",
        f"{formula}; of the last hidden layer",
        source,
        low=0,
        high=HIGHEST.get(name),
        relation=LAST.format(view=view),
        value=name,
        keys=keys,
    )


def hidden_layer(name: str, relation: str, formula: str, source: str, *keys: str) -> Score:
    """Return the entry of a score of layers, in the column of its name."""
    return Score(
        name,
        "layer",
        formula,
        source,
        low=0,
        high=HIGHEST.get(name),
        relation=relation,
        value=name,
        keys=keys,
    )


def overlap(level: str, formula: str, relation: str) -> Score:
    """Return the entry of the overlap of two layers, at a level."""
    return Score(
        "neighborhood_overlap",
        level,
        formula,
        DOIMO,
        low=0,
        high=1,
        relation=relation,
        value="neighborhood_overlap",
        keys=("k",),
    )


NEIGHBORHOODS = (
    last_layer("twonn_dimension", TWONN_ROWS, TWONN, ANSUINI),
    last_layer("ml_dimension", "layer_neighborhoods", LIKELIHOOD, ANSUINI, "k"),
    last_layer("label_overlap", "layer_neighborhoods", SAME_CLASS, DOIMO, "k"),
    overlap(
        "network",
        f"{SHARED} the input and the last hidden layer have in common",
        "(\n"
        "    select v.* from pair_overlaps as v\n"
        "    join networks as l on l.network_id = v.network_id and l.depth = v.other_layer\n"
        "    where v.layer = 0\n"
        ")",
    ),
    hidden_layer("twonn_dimension", HIDDEN_TWONN, TWONN, DENTI),
    hidden_layer(
        "twonn_fit",
        HIDDEN_TWONN,
        "slope of -ln(1 - i / N) on the i-th least x = ln(r2 / r1), through the origin, the top"
        " tenth left out",
        FACCO,
    ),
    hidden_layer("ml_dimension", HIDDEN, LIKELIHOOD, LEVINA, "k"),
    hidden_layer("label_overlap", HIDDEN, SAME_CLASS, DOIMO, "k"),
    overlap(
        "layer",
        f"{SHARED} layers l and l + 1 have in common",
        "(from pair_overlaps where other_layer = layer + 1 and not is_with_output)",
    ),
    overlap(
        "pair",
        f"{SHARED} both layers have in common",
        "(from pair_overlaps where not is_with_output)",
    ),
)
