"""A device changes no result: torch code on the CPU always, on CUDA where there is one."""

import numpy as np
import pytest
import torch

import geoflow
from geoflow.errors import GeometryError
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.hops.geodesics import geodesics
from geoflow.geometry.neighbors import device
from geoflow.geometry.neighbors.knn import neighbors

RNG = np.random.default_rng(1)
CLOUDS = {
    "random": RNG.normal(size=(150, 6)),
    "float32": np.maximum(RNG.normal(size=(130, 9)), 0).astype(np.float32),
    "lattice": RNG.integers(0, 4, (120, 3)),
    "far": RNG.normal(size=(90, 4)) * 1e-3 + 1e6,
    "dead": np.zeros((60, 3)),
    "line": np.arange(200.0)[:, None],
    "apart": np.concatenate([RNG.normal(size=(40, 2)), RNG.normal(size=(40, 2)) + 1e4]),
}
HAS_CUDA = torch.cuda.is_available()
CUDA = pytest.param(
    "cuda", marks=pytest.mark.skipif(not HAS_CUDA, reason="torch finds no CUDA device")
)


@pytest.mark.parametrize("where", ["cpu", CUDA])
@pytest.mark.parametrize("rows", [7, 1024])
@pytest.mark.parametrize("name", CLOUDS)
def test_neighbours_are_the_same_to_the_last_bit(name, rows, where, monkeypatch):
    monkeypatch.setattr(device, "DEVICE_ROWS", rows)
    for max_rank in (1, 8, len(CLOUDS[name]) - 1):
        ours = neighbors(CLOUDS[name], max_rank)
        theirs = device.neighbors_on(CLOUDS[name], max_rank, where)
        for field in ("indptr", "index", "distance", "min_rank"):
            assert (getattr(ours, field) == getattr(theirs, field)).all(), field


@pytest.mark.parametrize("where", ["cpu", CUDA])
@pytest.mark.parametrize("rows", [64, 1024])
@pytest.mark.parametrize("name", CLOUDS)
def test_hops_are_the_same(name, rows, where, monkeypatch):
    monkeypatch.setattr(device, "DEVICE_ROWS", rows)
    for convention in ("directed", "union", "mutual"):
        graph = knn_graph(neighbors(CLOUDS[name], 4), 4, convention)
        ours, theirs = geodesics(graph), device.geodesics_on(graph, where)
        for field in ("hop_counts", "sums", "eccentricities", "reached", "components"):
            assert (getattr(ours, field) == getattr(theirs, field)).all(), field


@pytest.mark.skipif(not HAS_CUDA, reason="torch finds no CUDA device")
def test_layer_geometry_is_the_same_on_cuda():
    for points in CLOUDS.values():
        here, there = (geoflow.layer_geometry(points, k=[2, 9], device=d) for d in ("cpu", "cuda"))
        assert here.equals(there)


@pytest.mark.skipif(HAS_CUDA, reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_named():
    with pytest.raises(GeometryError, match="no CUDA device here; use --device cpu"):
        geoflow.layer_geometry(CLOUDS["random"], k=3, device="cuda")
