"""The same neighbours and hops on a CUDA device, through torch.

Products and selection run on the device in float64 and leave candidates, with the bound of `wide`
for that precision: no setting of torch lets it round products of float64 to fewer bits. Candidates
are measured and settled by the very code of the CPU (`knn.settled`), so the ranking is the same to
the last bit. Hops are products of 0/1 matrices: (A R > 0) is who can be reached one step further;
sums of non-negative numbers never round to 0, so half precision is exact here.
"""

from typing import Any

import numpy as np

from geoflow.errors import GeometryError
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
from geoflow.geometry.neighbors.squared import UNIT, fill_pair_squares
from geoflow.geometry.neighbors.wide import centre_of, product_bound, tie_slack, underflow

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
    n, d = scaled.shape
    close = closeness(scaled)
    centre, least = centre_of(scaled, 1)
    z = torch.tensor(scaled, dtype=torch.float64, device=device)
    z = (z - torch.from_numpy(centre).to(device)) * 2.0**-least
    sizes = (z * z).sum(dim=1)
    between = product_bound(2 * d + 4, UNIT) * sizes + 2 * underflow(d)
    parts: list[Ranked] = []
    for start in range(0, n, DEVICE_ROWS):
        stop = min(start + DEVICE_ROWS, n)
        own = torch.arange(stop - start, device=device)
        lowest = (sizes - between) - 2 * (z[start:stop] @ z.T)
        lowest += (sizes - between)[start:stop, None]
        lowest[own, own + start] = torch.inf
        highest = lowest + 2 * (between + between[start:stop, None])
        last = torch.topk(highest, max_rank, dim=1, largest=False).values[:, -1:]
        rows, near = torch.nonzero(lowest <= last * (1 + tie_slack(close)), as_tuple=True)
        counts = torch.bincount(rows, minlength=stop - start).cpu().numpy()
        # Candidates in the order of their index; 0 fills the rows that have fewer.
        found = np.zeros((stop - start, counts.max()), np.int32)
        found[np.arange(found.shape[1]) < counts[:, None]] = near.to(torch.int32).cpu().numpy()
        measured = np.empty(found.shape)
        fill_pair_squares(scaled, start, found, counts, measured)
        parts.append(settled(scaled, start, max_rank, close, found, measured))
    return assembled(parts, max_rank, exponent)


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
