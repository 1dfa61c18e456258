"""Scores of what activations do: affinity, local complexity, dimensions they spread over."""

from geoflow.geometry.dimension import participation_ratio
from geoflow.scores.entry import Score

BOUNIOT = "Bouniot et al., CVPR 2025, arXiv 2310.11439"
HUMAYUN = "Humayun et al., arXiv 2402.15555"

NONLINEARITY = (
    Score(
        "mean_affinity",
        "network",
        "mean over hidden layers of the affinity score: 1 = affine",
        BOUNIOT,
        low=0,
        high=1,
        relation="(\n"
        "    select network_id, avg(affinity_score) as mean_affinity\n"
        "    from layer_affinities\n"
        "    group by network_id\n"
        ")",
        value="mean_affinity",
    ),
    Score(
        "complexity",
        "network",
        "sum over hidden layers of the mean number of neurons whose sign (-1, 0, 1) differs around"
        " a point",
        HUMAYUN,
        low=0,
        relation="(\n"
        "    select network_id, points, radius, sum(complexity) as complexity\n"
        "    from layer_complexities\n"
        "    group by network_id, points, radius\n"
        ")",
        value="complexity",
        keys=("points", "radius"),
    ),
    Score(
        "affinity_score",
        "layer",
        "1 - sqrt(W2(T X, Y)^2 / (2 tr S_Y)), X before, Y after the activation of layer l",
        BOUNIOT,
        low=0,
        high=1,
        relation="layer_affinities",
        value="affinity_score",
    ),
    Score(
        "complexity",
        "layer",
        "mean number of neurons of layer l whose sign (-1, 0, 1) differs around a point",
        HUMAYUN,
        low=0,
        relation="layer_complexities",
        value="complexity",
        keys=("points", "radius"),
    ),
    Score(
        "complexity",
        "point",
        "neurons of all hidden layers whose sign (-1, 0, 1) differs around a test point",
        HUMAYUN,
        low=0,
        relation="(\n"
        "    select network_id, point, radius, sum(complexity) as complexity\n"
        "    from point_complexities\n"
        "    where points = 'test'\n"
        "    group by network_id, point, radius\n"
        ")",
        value="complexity",
        keys=("radius",),
    ),
    Score(
        "participation_ratio",
        "layer",
        "(sum of v)^2 / sum of v^2, v the eigenvalues of the covariance of the points of layer l",
        "Gao, Trautmann et al. 2017, bioRxiv 214262",
        low=1,
        function=participation_ratio,
        needs=("points",),
    ),
)
