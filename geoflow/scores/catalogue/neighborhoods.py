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


def dimension(name: str, estimator: str, formula: str, source: str, *keys: str) -> Score:
    """Return the entry of a dimension of layers."""
    return Score(
        name,
        "layer",
        formula,
        source,
        low=0,
        relation=f"(from intrinsic_dimensions where estimator = '{estimator}' and not is_output)",
        value="dimension",
        keys=keys,
    )


def last_dimension(name: str, estimator: str, formula: str, *keys: str) -> Score:
    """Return the entry of the dimension of the last hidden layer."""
    rows = f"(from intrinsic_dimensions where estimator = '{estimator}')"
    return Score(
        name,
        "network",
        f"{formula}; of the last hidden layer",
        ANSUINI,
        low=0,
        relation=LAST.format(view=rows),
        value="dimension",
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
    last_dimension("twonn_dimension", "twonn", TWONN),
    last_dimension("ml_dimension", "maximum likelihood", LIKELIHOOD, "k"),
    Score(
        "label_overlap",
        "network",
        f"{SAME_CLASS}; of the last hidden layer",
        DOIMO,
        low=0,
        high=1,
        relation=LAST.format(view="label_overlaps"),
        value="label_overlap",
        keys=("k",),
    ),
    overlap(
        "network",
        f"{SHARED} the input and the last hidden layer have in common",
        "(\n"
        "    select v.* from neighborhood_overlaps as v\n"
        "    join networks as l on l.network_id = v.network_id and l.depth = v.other_layer\n"
        "    where v.layer = 0\n"
        ")",
    ),
    dimension("twonn_dimension", "twonn", TWONN, DENTI),
    dimension(
        "twonn_fit",
        "twonn fit",
        "slope of -ln(1 - i / N) on the i-th least x = ln(r2 / r1), through the origin, the top"
        " tenth left out",
        FACCO,
    ),
    dimension("ml_dimension", "maximum likelihood", LIKELIHOOD, LEVINA, "k"),
    Score(
        "label_overlap",
        "layer",
        SAME_CLASS,
        DOIMO,
        low=0,
        high=1,
        relation="(from label_overlaps where not is_output)",
        value="label_overlap",
        keys=("k",),
    ),
    overlap(
        "layer",
        f"{SHARED} layers l and l + 1 have in common",
        "(from neighborhood_overlaps where other_layer = layer + 1 and not is_with_output)",
    ),
    overlap(
        "pair",
        f"{SHARED} both layers have in common",
        "(from neighborhood_overlaps where not is_with_output)",
    ),
)
