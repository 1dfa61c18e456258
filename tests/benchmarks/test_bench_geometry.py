"""Our geometry beside igraph, scipy, networkx and scikit-learn: same graphs, same answers.

    pytest tests/benchmarks --benchmark-only

prints one table per piece of work; the numbers in brackets are ratios to the fastest.
"""

import subprocess
import sys

import igraph
import networkx
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path
from sklearn.neighbors import NearestNeighbors

import geoflow
from geoflow.geometry.compiled import n_threads
from geoflow.geometry.graph import igraph_of, knn_graph
from geoflow.geometry.hops.geodesics import geodesics
from geoflow.geometry.neighbors.knn import neighbors

IMAGE_K = (10, 20, 30, 50, 90, 100, 120, 150, 250, 350, 500)
"""The numbers of neighbours of the image problems of the 2024 paper."""


def matrix_of(graph) -> csr_array:
    ones = np.ones(len(graph.indices), np.int8)
    return csr_array((ones, graph.indices, graph.indptr), shape=(graph.n, graph.n))


def igraph_total(graph) -> int:
    return int(np.array(graph.distances(mode="all")).sum())


def igraph_histogram_total(graph) -> int:
    bins = graph.path_length_hist(directed=False).bins()
    return 2 * sum(int(start) * count for start, _, count in bins)


def networkx_total(graph) -> int:
    lengths = networkx.all_pairs_shortest_path_length(graph)
    return sum(sum(of_one.values()) for _, of_one in lengths)


@pytest.mark.benchmark(group="hop totals, n = 2,000, k = 500, union")
@pytest.mark.parametrize("who", ["geoflow", "igraph_distances", "igraph_histogram", "scipy"])
def test_hop_totals(benchmark, dense, who):
    works = {
        "geoflow": lambda: geodesics(dense).total,
        "igraph_distances": lambda graph=igraph_of(dense): igraph_total(graph),
        "igraph_histogram": lambda graph=igraph_of(dense): igraph_histogram_total(graph),
        "scipy": lambda matrix=matrix_of(dense): int(
            shortest_path(matrix, method="D", unweighted=True, directed=False).sum()
        ),
    }
    rounds = 5 if who == "geoflow" else 1
    found = benchmark.pedantic(works[who], rounds=rounds, warmup_rounds=rounds // 5)
    assert found == geodesics(dense).total


@pytest.mark.benchmark(group="hop totals, n = 500, k = 10, union")
@pytest.mark.parametrize("who", ["geoflow", "igraph_distances", "networkx"])
def test_hop_totals_of_a_small_graph(benchmark, layer, who):
    graph = knn_graph(neighbors(layer[:500], 10), 10, "union")
    works = {
        "geoflow": lambda: geodesics(graph).total,
        "igraph_distances": lambda one=igraph_of(graph): igraph_total(one),
        "networkx": lambda one=igraph_of(graph).to_networkx(): networkx_total(one),
    }
    found = benchmark.pedantic(works[who], rounds=3, warmup_rounds=1)
    assert found == geodesics(graph).total


@pytest.mark.benchmark(group="neighbours, n = 2,000, k = 500")
@pytest.mark.parametrize("who", ["geoflow", "sklearn_brute", "sklearn_brute_float64"])
def test_neighbours(benchmark, layer, who):
    points = layer.astype(np.float64) if who == "sklearn_brute_float64" else layer
    brute = NearestNeighbors(n_neighbors=500, algorithm="brute", n_jobs=-1).fit(points)
    works = {"geoflow": lambda: neighbors(layer, 500).index.reshape(2000, 500)}
    found = benchmark.pedantic(
        works.get(who, lambda: brute.kneighbors(return_distance=True)[1]), rounds=5, warmup_rounds=1
    )
    ours = neighbors(layer, 500).index.reshape(2000, 500)
    assert (np.sort(found, axis=1) == np.sort(ours, axis=1)).mean() > 0.999


def sweep_by_igraph(layer) -> list[int]:
    """The same totals from scikit-learn's neighbours, igraph's distances and numpy."""
    brute = NearestNeighbors(n_neighbors=max(IMAGE_K), algorithm="brute", n_jobs=-1).fit(layer)
    index = brute.kneighbors(return_distance=False)
    totals = []
    for k in IMAGE_K:
        rows = np.repeat(np.arange(len(layer)), k)
        edges = np.stack([rows, index[:, :k].ravel()], axis=1)
        graph = igraph.Graph(n=len(layer), edges=edges, directed=True)
        hops = np.array(graph.distances(mode="all"))
        degrees = np.array(graph.degree())
        np.unique(hops, return_counts=True)
        graph.connected_components(mode="weak")
        totals += [int(hops.sum()), 4 * graph.ecount() - int((degrees**2).sum())]
        assert hops.max(axis=1).shape == hops.sum(axis=1).shape
    return totals


@pytest.mark.benchmark(group="sweep of 11 k, n = 2,000, d = 50, directed")
@pytest.mark.parametrize("who", ["geoflow", "igraph"])
def test_sweep(benchmark, layer, who):
    def ours() -> list[int]:
        frame = geoflow.layer_geometry(layer, k=IMAGE_K)
        return [n for pair in frame.select("total_geodesic", "total_forman").rows() for n in pair]

    rounds = 5 if who == "geoflow" else 1
    found = benchmark.pedantic(
        ours if who == "geoflow" else lambda: sweep_by_igraph(layer),
        rounds=rounds,
        warmup_rounds=rounds // 5,
    )
    assert found == ours()


@pytest.mark.benchmark(group="scaling in n, k = 20")
@pytest.mark.parametrize("n", [1000, 2000, 4000, 8000, 16000])
def test_scaling_in_n(benchmark, n):
    points = np.random.default_rng(0).normal(size=(n, 50))
    frame = benchmark.pedantic(
        lambda: geoflow.layer_geometry(points, k=20), rounds=2, warmup_rounds=1
    )
    assert frame["total_geodesic"].item() > 0


@pytest.mark.benchmark(group="scaling in k, n = 2,000")
@pytest.mark.parametrize("k", [10, 50, 100, 500, 1000])
def test_scaling_in_k(benchmark, layer, k):
    frame = benchmark.pedantic(
        lambda: geoflow.layer_geometry(layer, k=k), rounds=3, warmup_rounds=1
    )
    assert frame["total_geodesic"].item() > 0


LARGE = """
import resource, time
import numpy as np, geoflow
points = np.maximum(np.random.default_rng(0).normal(size=({n}, 50)), 0).astype(np.float32)
geoflow.layer_geometry(points[:100], k=20)
started = time.perf_counter()
frame = geoflow.layer_geometry(points, k=20, convention="union")
seconds = time.perf_counter() - started
print(frame["total_geodesic"].item(), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.benchmark(group="whole layer, n = 60,000, d = 50, k = 20")
def test_sixty_thousand_points(benchmark, memory):
    def run() -> list[str]:
        command = [sys.executable, "-c", LARGE.format(n=60_000)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    total, seconds, peak = benchmark.pedantic(run, rounds=1)
    memory.append(
        f"60,000 points: {float(seconds):.1f} s, peak memory {int(peak) / 2**20:.2f} GiB"
        f" on {n_threads()} threads"
    )
    assert int(total) > 0


@pytest.mark.benchmark(group="start-up")
@pytest.mark.parametrize("what", ["geoflow --help", "python -c pass"])
def test_start_up(benchmark, what):
    code = "from geoflow.cli import main; main(['--help'])" if "help" in what else "pass"
    command = [sys.executable, "-c", code]
    benchmark.pedantic(
        lambda: subprocess.run(command, capture_output=True, check=True),
        rounds=5,
        warmup_rounds=1,
    )


@pytest.mark.benchmark(group="components, n = 2,000, k = 500, union")
@pytest.mark.parametrize("who", ["igraph", "scipy"])
def test_components(benchmark, dense, who):
    works = {
        "igraph": lambda graph=igraph_of(dense): len(graph.connected_components()),
        "scipy": lambda matrix=matrix_of(dense): connected_components(matrix, directed=False)[0],
    }
    assert benchmark.pedantic(works[who], rounds=3) == geodesics(dense).n_components
