"""Exact Ollivier curvature beside the network simplex: microseconds an edge.

    pytest tests/benchmarks/test_bench_ollivier.py --benchmark-only

POT's `emd2` gets its masses and hops ready made, one call an edge, for some of the edges; geoflow
starts from the graph and does them all; both on one thread and in time of the processor. Lines
under the table say how many times as fast it is, and how long twelve layers of 1,000 points take
from the points on, by the clock and on all threads.

Tried, on one core of two, microseconds an edge for n = 1,000, k = 50, union, on normal points
(d = 25, 77 neighbours on average, 320 at most), the 6th layer of a ReLU network, a thin line:

- network simplex (POT's emd2, one call an edge): 487, 289, 173;
- one shortest path a search: 75, 27, 21;
- blocking flows in layers: 43, 21, 10; with supply on the side of fewer neighbours 41, 19, 9 (the
  other way 44, 24, 11); with bits cleared all at once 35, 17, 8. Of the last, 9, 3 and 1 gather the
  arcs.
- sources with few arcs first: 32, 17, 9, not worth its lines.
"""

import time

import numpy as np
import ot
import pytest

from geoflow.geometry.compiled import n_threads
from geoflow.geometry.curvature.ollivier import ollivier
from geoflow.geometry.graph import Graph, knn_graph
from geoflow.geometry.hops.geodesics import hop_matrix
from geoflow.geometry.neighbors.knn import neighbors

N = 1000
KINDS = ("normal", "blobs", "relu 2", "relu 6", "relu 10", "line")
SAMPLE = 200


def layers() -> dict[str, np.ndarray]:
    """Normal points, two blobs as a ReLU network folds them, and a long thin cloud."""
    rng = np.random.default_rng(0)
    found = {"normal": rng.normal(size=(N, 25))}
    points = rng.normal(size=(N, 25)) + np.where(np.arange(N) < N // 2, -0.6, 0.6)[:, None]
    found["blobs"] = points
    for depth in range(1, 11):
        points = np.maximum(points @ rng.normal(size=(25, 25)) * np.sqrt(2 / 25), 0)
        found[f"relu {depth}"] = points
    found["line"] = np.stack([rng.uniform(size=N), *0.02 * rng.normal(size=(4, N))], axis=1)
    return found


def graph_of_layer(kind: str, k: int) -> Graph:
    return knn_graph(neighbors(layers()[kind], k), k, "union")


def problems(graph: Graph, at: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the masses of both ends and the hops between them, alpha = 0."""
    hops = hop_matrix(graph).astype(float)
    near = np.split(graph.indices, graph.indptr[1:-1])
    return [
        (ot.unif(len(near[i])), ot.unif(len(near[j])), hops[np.ix_(near[i], near[j])])
        for i, j in graph.edges[at].tolist()
    ]


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("k", [10, 50])
@pytest.mark.parametrize("kind", KINDS)
def test_every_edge(benchmark, memory, kind, k):
    benchmark.group = f"Ollivier curvature, n = {N}, k = {k}, union, one thread"
    graph = graph_of_layer(kind, k)
    ollivier(graph_of_layer("line", 2), threads=1)
    found = benchmark.pedantic(lambda: ollivier(graph, threads=1), rounds=3)
    at = np.random.default_rng(1).choice(graph.n_edges, SAMPLE, replace=False)
    ready = problems(graph, at)
    started = time.process_time()
    expected = [1 - ot.emd2(*problem) for problem in ready]
    simplex = 1e6 * (time.process_time() - started) / SAMPLE
    np.testing.assert_allclose(found[at], expected, rtol=0, atol=1e-9)
    ours = 1e6 * benchmark.stats.stats.min / graph.n_edges
    memory.append(
        f"k = {k}, {kind}: {graph.n_edges} edges, {ours:.1f} microseconds an edge,"
        f" network simplex {simplex:.0f}: {simplex / ours:.0f} times"
    )


@pytest.mark.benchmark(group="Ollivier curvature of 12 layers from points, n = 1,000, k = 50")
def test_twelve_layers(benchmark, memory):
    clouds = [points for kind, points in layers().items() if kind != "line"]
    assert len(clouds) == 12

    def run() -> int:
        graphs = [knn_graph(neighbors(points, 50), 50, "union") for points in clouds]
        return sum(len(ollivier(graph)) for graph in graphs)

    n_edges = benchmark.pedantic(run, rounds=1, warmup_rounds=1)
    seconds = benchmark.stats.stats.min
    memory.append(f"12 layers: {n_edges} edges in {seconds:.1f} s on {n_threads()} threads")
