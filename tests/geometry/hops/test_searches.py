"""Whole rows or sets: both searches find the hops of breadth-first search by hand."""

import numpy as np
import oracles
import pytest

from geoflow.geometry.hops import geodesics as module
from geoflow.geometry.hops.geodesics import geodesics
from geoflow.geometry.hops.search import visit_order

RNG = np.random.default_rng(0)


def path(n, start=0):
    return {(i, i + 1) for i in range(start, start + n - 1)}


def random_edges(n, m):
    ends = np.sort(RNG.integers(0, n, (m, 2)), axis=1)
    return {(int(i), int(j)) for i, j in ends if i < j}


GRAPHS = {
    "path": (150, path(150)),
    "ring": (131, path(131) | {(0, 130)}),
    "star": (70, {(0, i) for i in range(1, 70)}),
    "random": (140, random_edges(140, 300)),
    "pieces": (200, path(90) | path(64, 100)),  # and 46 points alone
    "no edges": (66, set()),
    "one point": (1, set()),
    "whole": (65, {(i, j) for j in range(65) for i in range(j)}),
    "thick path": (180, path(180) | {(i, i + 2) for i in range(178)}),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("search", ["row_searches", "set_searches"])
@pytest.mark.parametrize("name", GRAPHS)
def test_hops_are_those_of_one_search_a_point(name, search, threads, monkeypatch):
    chosen = getattr(module, search)
    for one in ("row_searches", "set_searches"):
        monkeypatch.setattr(module, one, chosen)
    n, edges = GRAPHS[name]
    hops = oracles.hops(n, edges)
    found = geodesics(oracles.graph_of(n, edges), threads)
    assert found.hop_counts.tolist() == np.bincount(hops[hops >= 0]).tolist()
    assert found.sums.tolist() == np.where(hops > 0, hops, 0).sum(axis=1).tolist()
    assert found.eccentricities.tolist() == hops.max(axis=1).tolist()
    assert found.reached.tolist() == (hops >= 0).sum(axis=1).tolist()


@pytest.mark.parametrize("name", GRAPHS)
def test_points_are_visited_once_and_no_farther_than_the_diameter(name):
    n, edges = GRAPHS[name]
    shuffled = RNG.permutation(n)
    moved = {(min(pair), max(pair)) for pair in ((shuffled[i], shuffled[j]) for i, j in edges)}
    graph = oracles.graph_of(n, {(int(i), int(j)) for i, j in moved})
    order, longest = visit_order(graph.indptr, graph.indices)
    diameter = oracles.hops(n, edges).max()
    assert sorted(order.tolist()) == list(range(n))
    assert longest <= diameter
    if name in ("path", "ring", "thick path", "pieces"):
        assert longest == diameter
