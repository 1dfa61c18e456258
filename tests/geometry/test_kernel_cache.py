"""Compiled kernels are kept: a second process compiles nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import geoflow

CODE = """
import numpy as np, geoflow
points = np.random.default_rng(0).normal(size=(80, 3))
geoflow.layer_geometry(points, k=[3, 9], convention="directed", n_sources=9)
print(geoflow.layer_geometry(points, k=[3, 9], convention="mutual").height)
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.curvature.registry import edge_curvatures
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.geometry.hops.expansion import expansion
from geoflow.specs import CURVATURES
graph = knn_graph(neighbors(points, 9), 9, "union")
edge_curvatures(graph, CURVATURES, [0.0, 0.5])
expansion(graph, graph)
import torch
from geoflow.specs import Recipe
from geoflow.training._backward import PlainGradient
from geoflow.training._ensemble import ensemble, zeros_like
from geoflow.training._steps import PlainRMSprop
networks, x = ensemble([(3, 5), (5, 1)], [0, 1]), torch.from_numpy(points).float()
rows = torch.arange(16).reshape(2, 8)
PlainGradient(zeros_like(networks), networks, x)(rows, rows % 2)
PlainRMSprop(networks, x, Recipe())(rows, rows % 2)
"""


@pytest.mark.slow
def test_the_second_process_compiles_nothing(tmp_path):
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run():
        subprocess.run([sys.executable, "-c", CODE], env=env, check=True, capture_output=True)
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")}

    first = run()
    compiled = {path.name.split("-")[0] for path in first}
    assert {
        "search.full_search",
        "search.marked_search",
        "triangles.common_neighbors",
        "expansion.marked_rows",
        "masses.moving_masses",
        "hop_transport.moved_hops",
        "_kernels.set_gradients",
        "_kernels.take_steps",
    } <= compiled
    assert run() == first


def test_kernels_call_kernels_of_their_own_file_only():
    """Numba's cache of a kernel does not see changes in another file."""
    for path in Path(geoflow.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imported = {
            alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geoflow")
            for alias in node.names
            if alias.name.islower()
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(one, ast.Name) and one.id == "kernel" for one in node.decorator_list
            ):
                used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                assert not used & (imported - {"kernel"}), f"{path.name}: {node.name}"
