"""The same neighbours and hops on a CUDA device, through torch.

Distances and selection run on the device in float64; the candidates are measured and settled by
the very code of the CPU (`knn.settled`), so the ranking is the same to the last bit. Hops are
products of 0/1 matrices: (A R > 0) is who can be reached one step further; sums of non-negative
numbers never round to 0, so half precision is exact here.
"""

from typing import Any

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import kernel
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.geodesics import Geodesics, components_of
from geoflow.geometry.neighbors.knn import (
    Neighbors,
    Ranked,
    assembled,
    closeness,
    prepared,
    settled,
)

DEVICE_ROWS = 1024
"""Rows of the distance matrix, and sources of the search, that are on the device at once."""


def torch_on(device: str) -> Any:
    """Return torch, if it can use the device."""
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise GeometryError(f"device {device}: torch finds no CUDA device here; use --device cpu")
    return torch


def neighbors_on(points: np.ndarray, max_rank: int, device: str) -> Neighbors:
    """Return what `geoflow.geometry.neighbors.knn.neighbors` returns, computed on a torch device.

    >>> line = np.array([[0.0], [1.0], [2.0], [4.0]])
    >>> neighbors_on(line, 1, "cpu").index
    array([1, 0, 2, 1, 2], dtype=int32)
    """
    torch = torch_on(device)
    scaled, exponent = prepared(points, max_rank)
    n = len(scaled)
    columns = torch.from_numpy(np.ascontiguousarray(scaled.T)).to(device)
    close = closeness(scaled)
    parts: list[Ranked] = []
    for start in range(0, n, DEVICE_ROWS):
        stop = min(start + DEVICE_ROWS, n)
        squares = torch.zeros((stop - start, n), dtype=torch.float64, device=device)
        for column in columns:
            squares += (column[start:stop, None] - column[None, :]) ** 2
        own = torch.arange(stop - start, device=device)
        squares[own, own + start] = torch.inf
        last = torch.topk(squares, max_rank, dim=1, largest=False).values[:, -1:]
        is_candidate = squares <= last * (1 + 4 * close)
        counts = is_candidate.sum(dim=1)
        widest = int(counts.max())
        # Candidates in the order of their index; n fills the rows that have fewer.
        everyone = torch.arange(n, device=device).expand(stop - start, n)
        numbered = torch.where(is_candidate, everyone, n)
        found = torch.topk(numbered, widest, dim=1, largest=False).values.sort(dim=1).values
        near = found.to(torch.int32).cpu().numpy()
        measured = np.full(near.shape, np.inf)
        fill_pair_squares(scaled, start, near, counts.cpu().numpy(), measured)
        parts.append(settled(scaled, start, max_rank, close, near, measured))
    return assembled(parts, max_rank, exponent)


@kernel
def fill_pair_squares(
    points: np.ndarray, start: int, found: np.ndarray, counts: np.ndarray, squares: np.ndarray
) -> None:
    """Fill the squared distances of each row's candidates, summed as `fill_squares` does."""
    for r in range(found.shape[0]):
        for at in range(counts[r]):
            total = 0.0
            for c in range(points.shape[1]):
                difference = points[start + r, c] - points[found[r, at], c]
                total += difference * difference
            squares[r, at] = total


def geodesics_on(graph: Graph, device: str) -> Geodesics:
    """Return what `geoflow.geometry.hops.geodesics.geodesics` returns, computed on a torch device.

    Needs n^2 numbers of half precision on the device.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [3.0], [6.0]]), 1), 1, "union")
    >>> geodesics_on(path, "cpu").hop_counts.tolist()
    [4, 6, 4, 2]
    """
    torch = torch_on(device)
    n = graph.n
    half = torch.float16 if device.startswith("cuda") else torch.float32
    rows = torch.from_numpy(np.repeat(np.arange(n), np.diff(graph.indptr))).to(device)
    adjacency = torch.zeros((n, n), dtype=half, device=device)
    adjacency[rows, torch.from_numpy(graph.indices.astype(np.int64)).to(device)] = 1
    hop_counts = [0]
    sums = torch.zeros(n, dtype=torch.int64, device=device)
    reached = torch.zeros(n, dtype=torch.int64, device=device)
    eccentricities = torch.zeros(n, dtype=torch.int64, device=device)
    for start in range(0, n, DEVICE_ROWS):
        stop = min(start + DEVICE_ROWS, n)
        here = torch.zeros((n, stop - start), dtype=torch.bool, device=device)
        here[torch.arange(start, stop), torch.arange(stop - start)] = True
        hop_counts[0] += stop - start
        reached[start:stop] += 1
        hops = 0
        while True:
            hops += 1
            new = (adjacency @ here.to(half) > 0) & ~here
            counts = new.sum(dim=1)
            total = int(counts.sum())
            if total == 0:
                break
            if hops == len(hop_counts):
                hop_counts.append(0)
            hop_counts[hops] += total
            sums += hops * counts
            reached += counts
            eccentricities[counts > 0] = eccentricities[counts > 0].clamp(min=hops)
            here |= new
    is_connected = bool((reached == n).all())
    return Geodesics(
        np.array(hop_counts),
        sums.cpu().numpy(),
        eccentricities.to(torch.int32).cpu().numpy(),
        reached.cpu().numpy(),
        components_of(graph, is_connected),
    )
