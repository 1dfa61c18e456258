"""200,000 points beside scikit-learn, pynndescent and FAISS: time, memory, and who is found.

pytest tests/benchmarks/test_bench_many.py --benchmark-only

Each contender works in a process of its own, on all cores, for minutes; to see one of
them alone, add `-k geoflow`. Their libraries are not of the project: who has none is left out.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

N = int(os.environ.get("GEOFLOW_BENCH_POINTS", "200000"))
D, K, ASKED = 50, 20, 500
"""Points, coordinates, neighbours; and of how many points the neighbours are known exactly."""

GIB = 2**20
MOST_MEMORY = 8.0

POINTS = f"""
import json, resource, sys, time
import numpy as np
points = np.maximum(np.random.default_rng(0).normal(size=({N}, {D})), 0).astype(np.float32)
small = points[:2000]
def work(points):
    {{work}}
work(small)
def used():
    of = resource.getrusage(resource.RUSAGE_SELF)
    return of.ru_utime + of.ru_stime
began, used_before = time.perf_counter(), used()
found = work(points)
seconds, processor = time.perf_counter() - began, used() - used_before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / {GIB}
rows = np.asarray(found)[:: {N} // {ASKED}][:{ASKED}]
print(json.dumps([seconds, processor, peak, rows.tolist()]))
"""

WORK = {
    "geoflow": """
    from geoflow.geometry.neighbors.knn import neighbors
    ranked = neighbors(points, KEEP)
    return ranked.index[ranked.indptr[:-1, None] + np.arange(KEEP)]""",
    "scikit-learn": """
    from sklearn.neighbors import NearestNeighbors
    return NearestNeighbors(n_neighbors=KEEP, n_jobs=-1).fit(points).kneighbors(
        return_distance=False)""",
    "pynndescent": """
    from pynndescent import NNDescent
    return NNDescent(points, n_neighbors=KEEP + 1, random_state=0).neighbor_graph[0][:, 1:]""",
    "faiss": """
    import faiss
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(points)
    return index.search(points, KEEP + 1)[1][:, 1:]""",
}
MODULES = {"scikit-learn": "sklearn"}


@pytest.fixture(scope="module")
def nearest():
    """The neighbours of some points, by distances in float64."""
    points = np.maximum(np.random.default_rng(0).normal(size=(N, D)), 0).astype(np.float32)
    wide = points.astype(np.float64)
    rows = []
    for at in range(0, N // ASKED * ASKED, N // ASKED):
        squares = ((wide - wide[at]) ** 2).sum(axis=1)
        squares[at] = np.inf
        rows.append(set(np.argpartition(squares, K)[:K].tolist()))
    return rows


@pytest.mark.timeout(0)
@pytest.mark.benchmark(group=f"neighbours, n = {N:,}, d = {D}, k = {K}")
@pytest.mark.parametrize("who", WORK)
def test_many_points(benchmark, memory, nearest, who):
    if find_spec(MODULES.get(who, who)) is None:
        pytest.skip(f"{who} is not installed")
    code = POINTS.format(work=WORK[who].replace("KEEP", str(K)).strip())

    def run() -> list:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    seconds, processor, peak, rows = benchmark.pedantic(run, rounds=1)
    found = sum(len(set(row) & known) for row, known in zip(rows, nearest, strict=True))
    recall = found / (K * len(nearest))
    memory.append(
        f"{who}: {seconds:.1f} s, {processor:.1f} s of processors, {peak:.2f} GiB,"
        f" recall {recall:.5f}"
    )
    assert len(rows) == len(nearest) == ASKED
    if who == "geoflow":
        assert recall == 1
        assert peak < MOST_MEMORY
