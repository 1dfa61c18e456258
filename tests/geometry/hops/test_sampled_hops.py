"""Hop totals from a sample of sources: unbiased, with a standard error that can be trusted."""

import numpy as np
import pytest

import geoflow
from geoflow.errors import GeometryError
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.hops.geodesics import geodesics, hop_matrix, sampled_geodesics
from geoflow.geometry.neighbors.knn import neighbors

POINTS = np.random.default_rng(0).normal(size=(400, 5))
GRAPH = knn_graph(neighbors(POINTS, 8), 8, "union")


def test_source_sums_are_rows_of_the_hop_matrix():
    sources = np.sort(np.random.default_rng(5).choice(400, 70, replace=False))
    found = sampled_geodesics(GRAPH, 70, seed=5)
    assert (found.source_sums == hop_matrix(GRAPH)[sources].sum(axis=1)).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_all_sources_give_the_exact_total_and_no_error(threads):
    found = sampled_geodesics(GRAPH, 400, seed=0, threads=threads)
    assert found.total == geodesics(GRAPH).total
    assert found.total_error == 0


def test_the_standard_error_is_that_of_repeated_samples():
    exact = geodesics(GRAPH).total
    samples = [sampled_geodesics(GRAPH, 50, seed=seed) for seed in range(300)]
    z = np.array([(one.total - exact) / one.total_error for one in samples])
    assert abs(z.mean()) < 0.25
    assert 0.85 < z.std() < 1.2


def test_the_same_seed_gives_the_same_estimate_and_another_another():
    first, again, other = (sampled_geodesics(GRAPH, 50, seed).total for seed in (1, 1, 2))
    assert first == again != other


def test_a_sample_sees_that_a_graph_is_not_connected():
    apart = np.concatenate([POINTS, POINTS + 1e6])
    row = geoflow.layer_geometry(apart, k=8, convention="union", n_sources=3).row(0, named=True)
    assert not row["is_connected"]
    assert row["n_components"] == 2
    assert row["total_geodesic"] is None
    assert row["total_geodesic_error"] is None


def test_columns_tell_an_estimate_from_an_exact_total():
    exact = geoflow.layer_geometry(POINTS, k=8).row(0, named=True)
    rough = geoflow.layer_geometry(POINTS, k=8, n_sources=40, seed=3).row(0, named=True)
    assert (exact["n_sources"], exact["total_geodesic_error"]) == (400, 0)
    assert rough["n_sources"] == 40
    assert rough["total_geodesic_error"] > 0
    assert rough["diameter"] is None
    assert rough["total_forman"] == exact["total_forman"]


@pytest.mark.parametrize("n_sources", [0, 401])
def test_an_impossible_number_of_sources_is_refused(n_sources):
    with pytest.raises(
        GeometryError, match=f"n_sources must be from 1 to 400, the points, not {n_sources}"
    ):
        sampled_geodesics(GRAPH, n_sources, seed=0)
