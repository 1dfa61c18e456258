import json
import os
from pathlib import Path

import igraph
import numpy as np
import pytest
from polars.testing import assert_frame_equal
from scipy.spatial.distance import cdist
from scipy.stats import skew

from geoflow.geometry.layer import layer_geometry
from geoflow.specs import CONVENTIONS

RNG = np.random.default_rng(3)
GRID = np.stack(np.meshgrid(np.arange(3), np.arange(3)), -1).reshape(-1, 2)
COLUMNS = [
    "k",
    "convention",
    "n_points",
    "n_distinct",
    "n_edges",
    "n_components",
    "is_connected",
    "total_forman",
    "total_geodesic",
    "diameter",
    "min_degree",
    "max_degree",
    "degree_skewness",
    "n_sources",
    "total_geodesic_error",
]
CLOUDS = {  # whole numbers: scipy's distances are exact
    "lattice": np.stack(np.meshgrid(np.arange(7), np.arange(6)), -1).reshape(-1, 2),
    "digits": RNG.integers(0, 4, size=(60, 4)),
    "wide": RNG.integers(0, 1000, size=(80, 5)),
    "duplicates": np.repeat(RNG.integers(0, 50, size=(15, 2)), 3, axis=0),
    "two clusters": np.vstack([GRID, GRID + 1000]),
}


def row_by_igraph(points, k):
    """Return the row of the tied directed graph, computed without geoflow."""
    squares = cdist(points, points, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    kth = np.sort(squares, axis=1)[:, k - 1 : k]
    graph = igraph.Graph.Adjacency((squares <= kth).astype(int))
    degree = np.array(graph.degree())
    is_connected = graph.is_connected(mode="weak")
    return (
        k,
        "directed",
        len(points),
        len({tuple(point) for point in points.tolist()}),
        graph.ecount(),
        len(graph.connected_components(mode="weak")),
        is_connected,
        sum(4 - int(degree[edge.source] + degree[edge.target]) for edge in graph.es),
        sum(map(sum, graph.distances(mode="all"))) if is_connected else None,
        graph.diameter(directed=False) if is_connected else None,
        degree.min(),
        degree.max(),
        None if degree.min() == degree.max() else pytest.approx(skew(degree)),
        len(points),
        0.0 if is_connected else None,
    )


def test_columns():
    assert layer_geometry(GRID, 2).columns == COLUMNS


@pytest.mark.parametrize("name", CLOUDS)
def test_rows_are_those_of_igraph(name):
    ks = [1, 2, 5, 9]
    frame = layer_geometry(CLOUDS[name], ks)
    assert frame.rows() == [row_by_igraph(CLOUDS[name], k) for k in ks]


def test_three_by_three_lattice_by_hand():
    # each of the 12 grid lines is an edge each way: degrees 4 (corners), 6 (sides), 8 (centre)
    forman = 4 * 24 - (4 * 4**2 + 4 * 6**2 + 8**2)
    row = (2, "directed", 9, 9, 24, 1, True, forman, 144, 4, 4, 8, pytest.approx(0.5), 9, 0.0)
    assert layer_geometry(GRID, 2).row(0) == row


@pytest.mark.parametrize(
    ("convention", "expected"),
    [  # without ties: 0 and 1 name each other, 2 names 1, 3 names 2
        ("directed", (4, 1, True, 4 * 4 - (4 + 9 + 4 + 1) - 0, 20, 3, 1, 3)),
        ("union", (3, 1, True, 4 * 3 - (1 + 4 + 4 + 1), 20, 3, 1, 2)),
        ("mutual", (1, 3, False, 4 * 1 - 2, None, None, 0, 1)),
    ],
)
def test_four_points_by_hand(convention, expected):
    frame = layer_geometry(np.array([[0.0], [1.0], [3.0], [6.0]]), 1, convention)
    names = "n_edges n_components is_connected total_forman total_geodesic diameter"
    assert frame.select(*names.split(), "min_degree", "max_degree").row(0) == expected


def test_rows_come_in_the_order_of_k_each_once():
    assert layer_geometry(GRID, [5, 2, 5, 1])["k"].to_list() == [1, 2, 5]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_several_k_give_the_rows_of_each(convention):
    points = CLOUDS["digits"]
    each = [layer_geometry(points, k, convention).row(0) for k in (4, 8, 20)]
    assert layer_geometry(points, [4, 8, 20], convention).rows() == each


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_order_of_points_changes_nothing_without_ties(convention):
    points = RNG.normal(size=(60, 3))
    shuffled = layer_geometry(points[RNG.permutation(60)], [3, 9], convention)
    assert_frame_equal(shuffled, layer_geometry(points, [3, 9], convention))


def test_order_of_points_changes_nothing_in_the_directed_graph():
    points = CLOUDS["digits"]
    shuffled = layer_geometry(points[RNG.permutation(len(points))], [3, 9])
    assert_frame_equal(shuffled, layer_geometry(points, [3, 9]))


@pytest.mark.parametrize("threads", ["1", "2"])
def test_number_of_threads_changes_nothing(threads, monkeypatch):
    points = RNG.normal(size=(300, 5))
    expected = layer_geometry(points, [3, 9])
    monkeypatch.setenv("GEOFLOW_THREADS", threads)
    assert_frame_equal(layer_geometry(points, [3, 9]), expected)


@pytest.fixture
def reference():
    """Return the folder with numbers of an independent implementation."""
    data = os.environ.get("GEOFLOW_DATA")
    folder = Path(data).parent / "reference" if data else None
    if folder is None or not (folder / "digits_3v8.npz").is_file():
        pytest.skip("no reference/digits_3v8.npz beside $GEOFLOW_DATA")
    return folder


@pytest.mark.parametrize("layer", range(1, 6))
def test_reference_network_has_the_published_totals(layer, reference):
    expected = json.loads((reference / "digits_3v8.json").read_text())["r_convention"]
    with np.load(reference / "digits_3v8.npz") as arrays:
        points = arrays[f"layer_{layer:02}"]
    frame = layer_geometry(points, sorted(map(int, expected)))
    found = frame.select("k", "total_forman", "total_geodesic", "n_components").rows()
    assert found == [(k, *expected[str(k)][layer]) for k in sorted(map(int, expected))]
