import numpy as np
import polars as pl
import pytest

from geoflow.errors import GeoflowError, GeometryError, SpecError
from geoflow.geometry.compiled import n_threads
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.layer import layer_geometry
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.measure.layers import layer_frames
from geoflow.specs import CONVENTIONS, GeometrySpec

RNG = np.random.default_rng(4)
POINTS = RNG.normal(size=(20, 3))
FAR_APART = np.vstack([POINTS, POINTS + 1000])
LINE = np.arange(600.0)[:, None]
cases = pytest.mark.parametrize("convention", CONVENTIONS)


def row(points, k, convention="directed"):
    return layer_geometry(points, k, convention).row(0, named=True)


def has(found, **expected):
    return {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("value", [0.0, 0.1, -3e30])
@pytest.mark.parametrize("k", [1, 3])
def test_constant_layer_is_complete_when_ties_are_in(value, k):
    found = row(np.full((6, 4), value, np.float32), k)
    assert has(found, n_distinct=1, n_edges=30, n_components=1, diameter=1, total_geodesic=30)
    assert has(found, total_forman=4 * 30 - 6 * 10**2, min_degree=10, degree_skewness=None)


def test_constant_layer_is_a_star_where_ties_go_by_index():
    found = row(np.zeros((6, 4)), 1, "union")  # all name point 0, which names point 1
    assert has(found, n_edges=5, total_forman=5 * (3 - 5), diameter=2, max_degree=5)


def test_constant_layer_is_one_mutual_pair():
    found = row(np.zeros((6, 4)), 1, "mutual")
    assert has(found, n_edges=1, n_components=5, is_connected=False, total_forman=2)


def test_duplicates_beyond_k_cut_the_layer_into_pieces():
    found = row(np.repeat(POINTS, 4, axis=0), 3)
    assert has(found, n_points=80, n_distinct=20, n_components=20, n_edges=20 * 12)
    assert has(found, is_connected=False, total_geodesic=None, diameter=None)


@cases
def test_one_neuron_that_fires_for_one_point(convention):
    points = np.zeros((8, 3))
    points[5, 1] = 1.0
    found = row(points, 7, convention)
    assert has(found, n_distinct=2, diameter=1, total_geodesic=56)


@cases
def test_two_far_clusters_have_no_total(convention):
    found = row(FAR_APART, 19, convention)
    assert has(found, is_connected=False, n_components=2, total_geodesic=None, diameter=None)
    assert found["total_forman"] == 2 * row(POINTS, 19, convention)["total_forman"]


@cases
def test_two_far_clusters_join_when_k_passes_their_size(convention):
    assert row(FAR_APART, 20, "union")["is_connected"]
    assert row(FAR_APART, 39, convention)["diameter"] == 1


@pytest.mark.parametrize(("convention", "ways"), [("directed", 2), ("union", 1), ("mutual", 1)])
def test_k_of_all_others_is_the_complete_graph(convention, ways):
    found = row(POINTS, 19, convention)
    assert has(found, n_edges=190 * ways, total_geodesic=380, diameter=1, degree_skewness=None)


@cases
def test_two_points_are_an_edge(convention):
    assert has(row(POINTS[:2], 1, convention), n_points=2, total_geodesic=2, diameter=1)


@pytest.mark.parametrize("convention", ["directed", "union"])
def test_line_of_600_points_is_a_path(convention):
    total = 600 * (600**2 - 1) // 3
    found = row(LINE, 1, convention)
    assert has(found, diameter=599, total_geodesic=total, n_components=1)


def test_line_of_600_points_is_cut_short_at_both_ends():
    found = row(LINE, 2, "union")  # the ends reach two steps in
    assert has(found, diameter=597, n_edges=601, max_degree=3)


def test_last_layer_with_one_unit():
    assert has(row(RNG.permutation(LINE), 1), diameter=599, n_distinct=600)


BAD_K = [0, -1, 20, 21, 10**9]
BAD_POINTS = {
    "one list": (np.arange(5.0), r"shape \(5,\)"),
    "three axes": (np.zeros((3, 2, 2)), r"shape \(3, 2, 2\)"),
    "no coordinates": (np.zeros((3, 0)), r"shape \(3, 0\)"),
    "no points": (np.zeros((0, 3)), "at least 2 points, not 0"),
    "one point": (np.zeros((1, 3)), "at least 2 points, not 1"),
    "NaN": (np.array([[0.0], [np.nan], [np.nan]]), "2 of 3 points hold NaN.*row 1"),
    "infinity": (np.array([[0.0], [1.0], [-np.inf]]), "1 of 3 points.*infinity.*row 2"),
    "objects": (np.array([[None], [1]], object), "type object"),
    "complex": (np.ones((3, 2), complex), "type complex128"),
    "words": (np.array([["a"], ["b"]]), "type <U1"),
}


@pytest.mark.parametrize("k", BAD_K)
def test_impossible_k_is_refused_with_k_and_n(k):
    with pytest.raises(GeometryError, match=rf"k = {k} of 20 points.*1 to n - 1 = 19"):
        neighbors(POINTS, k)


@pytest.mark.parametrize("k", BAD_K)
def test_impossible_k_is_refused_among_others(k):
    with pytest.raises(GeoflowError, match=rf"k must be .*, not {k}|k = {k} of 20 points"):
        layer_geometry(POINTS, [2, k])


@pytest.mark.parametrize("name", BAD_POINTS)
@pytest.mark.parametrize("function", [neighbors, layer_geometry])
def test_impossible_points_are_refused_in_words(function, name):
    points, message = BAD_POINTS[name]
    with pytest.raises(GeometryError, match=message):
        function(points, 1)


@pytest.mark.parametrize("name", sorted(BAD_POINTS.keys() - {"no points", "one point"}))
def test_errors_in_frames_name_the_layer(name):
    points, message = BAD_POINTS[name]
    with pytest.raises(GeometryError, match=f"layer 7: .*{message}"):
        layer_frames(points, 7, GeometrySpec((1,)))


def test_k_too_large_in_frames_names_layer_k_and_n():
    with pytest.raises(GeometryError, match="layer 7: k = 20 of 20 points"):
        layer_frames(POINTS, 7, GeometrySpec((2, 20)))


def test_k_above_the_ranking_is_refused():
    with pytest.raises(GeometryError, match="k must be from 1 to 3, the ranks there are, not 4"):
        knn_graph(neighbors(POINTS, 3), 4)


def test_no_k_is_refused():
    with pytest.raises(SpecError, match="k has no values: give at least one"):
        layer_geometry(POINTS, [])


def test_unknown_convention_is_refused_with_the_nearest():
    for function in (layer_geometry, lambda *asked: knn_graph(neighbors(POINTS, 2), *asked[1:])):
        with pytest.raises(SpecError, match=r"'unoin'.*did you mean 'union'"):
            function(POINTS, 2, "unoin")


def test_more_pairs_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("geoflow.geometry.neighbors.knn.MOST_RANKED", 100)
    with pytest.raises(GeometryError, match="k = 19 of 20 points makes 380 neighbours"):
        neighbors(POINTS, 19)
    with pytest.raises(GeometryError, match="ties make more than 100 neighbours of 20 points"):
        neighbors(np.zeros((20, 1)), 1)


@pytest.mark.parametrize("k", [[2.7], "15"])
def test_k_that_is_no_whole_number_is_refused(k):
    with pytest.raises(GeoflowError):
        layer_geometry(POINTS, k)


def test_frames_have_the_same_types_whether_connected_or_not():
    assert layer_geometry(FAR_APART, 2).schema == layer_geometry(POINTS, 19).schema


def test_first_connected_graph_may_come_after_100_others():
    line = np.arange(120.0)[:, None]
    frame = layer_geometry(np.vstack([line, line + 1e6]), range(1, 125), "union")
    assert frame.filter(pl.col("is_connected"))["k"].min() == 120


def test_distances_beyond_what_the_store_holds_are_refused():
    points = np.array([[-3e38], [3e38], [1e38]], np.float32)
    with pytest.raises(GeometryError, match=r"layer 1: a distance of 6e\+38 does not fit"):
        layer_frames(points, 1, GeometrySpec((2,)))


@pytest.mark.parametrize("asked", ["0", "two", "-1", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(monkeypatch, asked):
    monkeypatch.setenv("GEOFLOW_THREADS", asked)
    with pytest.raises(SpecError, match="GEOFLOW_THREADS must be an integer"):
        n_threads()
