"""The number of loops of layer graphs as a score that is measured where it is asked for."""

from typing import Any

import numpy as np

from geoflow.geometry.graph import knn_graph
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.geometry.topology import betti_numbers, refuse_without_ripser
from geoflow.scores._own import layer_score
from geoflow.scores.entry import score_label
from geoflow.specs.values import LARGEST_SEED, Whole

FORMULA = (
    "rank of H_1 of the Vietoris-Rips complex of some points at scale 2 r + 1 in hops of the graph,"
    " each point farthest from those before, the first drawn with the seed, r the most hops of a"
    " point of the graph to them"
)
NAITZAT = "Naitzat, Zhitnikov, Lim 2020; geoflow (scale, choice of points)"


def betti_score(k: int, n_points: int = 200, seed: int = 0) -> str:
    """Register b_1 of the hop metric of union graphs for k as a score; return its label.

    ``n_points`` points of each layer are looked at, the first drawn with the seed: see
    `geoflow.geometry.topology`. In the views of scores it is ``betti_1``, with the columns ``k``,
    ``convention`` and ``points``. Needs ripser, the extra ``topology``. b_0 needs none of it: it is
    ``n_components`` of the table ``graphs``.

    >>> betti_score(10)  # doctest: +SKIP
    'betti_1 union k=10 200 farthest, seed 0'
    """
    refuse_without_ripser()
    Whole(1).checked("k", k)
    Whole(1).checked("n_points", n_points)
    Whole(0, LARGEST_SEED).checked("seed", seed)
    settings: dict[str, Any] = {
        "k": k,
        "convention": "union",
        "points": f"{n_points} farthest, seed {seed}",
    }

    def betti_1(points: np.ndarray) -> int:
        graph = knn_graph(neighbors(points, max_rank=k), k, "union")
        return betti_numbers(graph, n_points, seed).betti_1

    layer_score("betti_1", formula=FORMULA, source=NAITZAT, low=0, **settings)(betti_1)
    return score_label("betti_1", **settings)
