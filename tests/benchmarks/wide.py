"""Neighbours of wide layers beside scikit-learn's brute force, in processor time of one core.

python tests/benchmarks/wide.py 3000 8192 50     points, coordinates, k: one row for each of both
"""

import os
import subprocess
import sys
import time

import numpy as np

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GEOFLOW_THREADS"), "1")
WHO = ("geoflow", "scikit-learn")


def measured(who: str, n: int, d: int, k: int) -> str:
    """Return seconds of the processor and GiB that one of them takes; kernels are compiled."""
    import resource

    rng = np.random.default_rng(0)
    points = np.empty((n, d), np.float32)
    for row in points:
        row[:] = np.maximum(rng.standard_normal(d, dtype=np.float32), 0)
    for some in (points[:600, :200], points):
        started = time.process_time()
        if who == "geoflow":
            from geoflow.geometry.neighbors.knn import neighbors

            neighbors(some, k)
        else:
            from sklearn.neighbors import NearestNeighbors

            NearestNeighbors(n_neighbors=k, algorithm="brute").fit(some).kneighbors()
        seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{n:,} x {d:,}, k = {k}, {who}: {seconds:.2f} s, {peak:.2f} GiB\n"


if __name__ == "__main__":
    if sys.argv[1] in WHO:
        sys.stdout.write(measured(sys.argv[1], *map(int, sys.argv[2:])))
    else:
        for one in WHO:
            command = [sys.executable, __file__, one, *sys.argv[1:]]
            subprocess.run(command, check=True, env=os.environ | ONE_THREAD)
