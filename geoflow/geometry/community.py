"""Classes and communities of a layer graph: do the edges know the labels?

With m edges, L_c edges inside class c and d_c the sum of its degrees:

    modularity Q     = sum_c [ L_c / m - (d_c / 2m)^2 ]               Newman, Girvan 2004
    curvature gap    = (mean_within - mean_between) / sqrt((var_within + var_between) / 2)

within: edges of one class, between: edges of two; population variances, each edge once. Source:
Hehl, von Renesse, Weber 2025. What is kept are the counts and moments; SQL makes
the scores of them. Leiden communities (Traag, Waltman, van Eck 2019) are igraph's.
"""

import random
from dataclasses import dataclass
from threading import Lock

import igraph
import numpy as np

from geoflow.geometry.graph import Graph, igraph_of

LEIDEN = Lock()
"""igraph has one source of random numbers for the whole process."""


@dataclass(frozen=True)
class ClassEdges:
    """Of each class: its label, points, edges with both ends in it, and sum of degrees (C,)."""

    label: np.ndarray
    n_points: np.ndarray
    n_edges_within: np.ndarray
    degree_sum: np.ndarray


def class_edges(graph: Graph, labels: np.ndarray) -> ClassEdges:
    """Return how the edges of an undirected graph lie in the classes labels (n,).

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [2.5], [4.5]]), 1), 1, "union")
    >>> found = class_edges(path, np.array([0, 0, 0, 1]))
    >>> found.n_edges_within.tolist(), found.degree_sum.tolist()
    ([2, 0], [5, 1])
    """
    classes, member = np.unique(labels, return_inverse=True)
    ends = member[graph.edges]
    within = ends[ends[:, 0] == ends[:, 1], 0]
    counts = [
        np.bincount(member, minlength=len(classes)),
        np.bincount(within, minlength=len(classes)),
        np.bincount(member, weights=graph.degrees, minlength=len(classes)).astype(np.int64),
    ]
    return ClassEdges(classes, *counts)


@dataclass(frozen=True)
class ClassCurvature:
    """Moments of a curvature over edges within and between classes, None where there are none."""

    n_within: int
    mean_within: float | None
    variance_within: float | None
    n_between: int
    mean_between: float | None
    variance_between: float | None


def class_curvature(edges: np.ndarray, values: np.ndarray, labels: np.ndarray) -> ClassCurvature:
    """Return the moments of values (m,) over edges (m, 2) within and between classes labels (n,).

    >>> edges, values = np.array([[0, 1], [1, 2], [2, 3]]), np.array([1.0, 0.0, 3.0])
    >>> found = class_curvature(edges, values, np.array([0, 0, 1, 1]))
    >>> found.mean_within, found.variance_within, found.mean_between
    (2.0, 1.0, 0.0)
    """
    is_within = labels[edges[:, 0]] == labels[edges[:, 1]]
    return ClassCurvature(*moments(values[is_within]), *moments(values[~is_within]))


def moments(values: np.ndarray) -> tuple[int, float | None, float | None]:
    """Return how many values (m,) there are, their mean and population variance.

    >>> moments(np.array([1.0, 3.0])), moments(np.array([]))
    ((2, 2.0, 1.0), (0, None, None))
    """
    if not len(values):
        return 0, None, None
    return len(values), float(values.mean()), float(values.var())


@dataclass(frozen=True)
class Communities:
    """Leiden communities of a graph: ``community`` (n,), from 0, and their modularity.

    ``adjusted_rand`` and ``normalized_mutual_information`` say how they agree with the labels, None
    without labels, and where all points are of one class and one community, or each of its own.
    """

    community: np.ndarray
    modularity: float | None
    adjusted_rand: float | None
    normalized_mutual_information: float | None

    @property
    def n_communities(self) -> int:
        """The number of communities."""
        return int(self.community.max()) + 1


def communities(graph: Graph, labels: np.ndarray | None, seed: int = 0) -> Communities:
    """Return the communities that igraph's Leiden algorithm finds for modularity, until stable.

    The same seed gives the same communities.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> points = np.array([[0.0], [1.0], [2.0], [9.0], [10.0], [11.0]])
    >>> graph = knn_graph(neighbors(points, 2), 2, "union")
    >>> found = communities(graph, np.array([0, 0, 0, 1, 1, 1]))
    >>> found.community.tolist(), round(found.adjusted_rand, 9)
    ([0, 0, 0, 1, 1, 1], 1.0)
    """
    with LEIDEN:
        igraph.set_random_number_generator(random.Random(seed))
        try:
            found = igraph_of(graph).community_leiden(
                objective_function="modularity", n_iterations=-1
            )
        finally:
            igraph.set_random_number_generator(random)
    member = numbered_by_appearance(np.array(found.membership))
    rand = information = None
    if labels is not None:
        classes = np.unique(labels, return_inverse=True)[1]
        if classes.max() != member.max() or 0 < member.max() < len(member) - 1:
            rand, information = (
                float(igraph.compare_communities(classes.tolist(), member.tolist(), method))
                for method in ("adjusted_rand", "nmi")
            )
    modularity = float(found.modularity) if graph.n_edges else None
    return Communities(member, modularity, rand, information)


def numbered_by_appearance(numbers: np.ndarray) -> np.ndarray:
    """Return numbers (n,) renamed 0, 1, ... in the order in which they are met.

    >>> numbered_by_appearance(np.array([7, 2, 7, 5])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    names = np.argsort(np.argsort(first))
    renamed: np.ndarray = names[inverse].astype(np.int32)
    return renamed
