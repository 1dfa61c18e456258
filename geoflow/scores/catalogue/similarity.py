"""Scores of how alike layers are, whatever their rotation and scale."""

from geoflow.scores.entry import Score

CKA = {
    "linear_cka": (
        "|X'Y|^2 / (|X'X| |Y'Y|), points X and Y of two layers with centred columns",
        "Kornblith, Norouzi, Lee, Hinton 2019",
        0,
    ),
    "unbiased_cka": (
        "linear CKA with unbiased estimates of HSIC: of mean 0 for independent layers",
        "Song et al. 2012; Nguyen, Raghu, Kornblith 2021",
        -1,
    ),
}
"""Formula, source and least value of each variant."""

PLACED = {
    "network": (
        "the input and the last hidden layer",
        "(\n"
        "    select s.* from layer_similarities as s\n"
        "    join networks as l on l.network_id = s.network_id and l.depth = s.other_layer\n"
        "    where s.layer = 0\n"
        ")",
    ),
    "layer": ("layers l and l + 1", "(from layer_similarities where other_layer = layer + 1)"),
    "pair": ("both layers", "layer_similarities"),
}
"""Of which layers a level says it, and from where."""

SIMILARITY = tuple(
    Score(
        name,
        level,
        f"{formula}: {which}",
        source,
        low=low,
        high=1,
        relation=relation,
        value=name,
    )
    for level, (which, relation) in PLACED.items()
    for name, (formula, source, low) in CKA.items()
)
