"""Local complexity: how many neurons of each layer switch near a point.

    LC_l(x)        = #{ neurons of layer l : sign z_l(v) differs among v in the frame of x }
    crossings_l(x) = #{ neurons of layer l : min_v z_l(v) < 0 < max_v z_l(v) } <= LC_l(x)

frame of x: the 2 P points x + r u_p and x - r u_p, u_1..u_P orthonormal and the same for all x, r
the radius in the unit of the input; z_l(v): pre-activation of a neuron when the network is given
v, so the frame is mapped forward layer by layer; sign: -1, 0 or 1. A neuron that switches cuts the
neighbourhood of x into two linear regions. One that is 0 on part of the frame and positive on the
rest counts in LC but does not cross: all that it sees is silent on that part and it has no bias, so
the cut is one of the layer before. Source: Humayun et al., Deep networks always grok (arXiv
2402.15555), and their code; crossings: geoflow.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.neighbors.samples import checked_rows

PreActivations = Callable[[np.ndarray], Iterable[np.ndarray]]
"""From inputs (m, d) to the pre-activations (m, width) of each layer in order."""

FRAME_BYTES = 16 * 2**20
"""Memory for the frames of one block of points."""


def frame_directions(d: int, n_directions: int, seed: int) -> np.ndarray:
    """Return n_directions <= d orthonormal rows (P, d), uniformly at random.

    >>> directions = frame_directions(5, 3, seed=0)
    >>> (directions @ directions.T).round(12) + 0
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    if not 1 <= n_directions <= d:
        raise GeometryError(
            f"n_directions must be from 1 to {d}, the coordinates, not {n_directions}"
        )
    columns = np.random.default_rng(seed).normal(size=(d, n_directions))
    return np.ascontiguousarray(np.linalg.qr(columns)[0].T)


def frames(points: np.ndarray, radius: float, directions: np.ndarray) -> np.ndarray:
    """Return x + r u_p and x - r u_p (n, 2 P, d) of points (n, d) and directions (P, d).

    >>> frames(np.array([[1.0, 1.0]]), 0.5, np.eye(2)).tolist()
    [[[1.5, 1.0], [1.0, 1.5], [0.5, 1.0], [1.0, 0.5]]]
    """
    offsets = radius * np.concatenate([directions, -directions])
    around: np.ndarray = points[:, None, :] + offsets
    return around


@dataclass(frozen=True)
class Complexity:
    """``changes``: neurons whose sign differs on a frame, LC; ``crossings``: those that cross 0.

    Both (n,) of one layer, (layers, n) of a network.
    """

    changes: np.ndarray
    crossings: np.ndarray


def sign_changes(pre_activations: np.ndarray) -> Complexity:
    """Return the complexity (n,) around n points of a layer.

    pre_activations (n, 2 P, width): of each neuron at each point of the frame.

    >>> sign_changes(np.array([[[1.0, 1.0, 0.0], [-1.0, 2.0, 1.0]]]))  # the first, then the last
    Complexity(changes=array([2]), crossings=array([1]))
    """
    least, most = pre_activations.min(axis=1), pre_activations.max(axis=1)
    changes = np.sign(least) != np.sign(most)
    return Complexity(changes.sum(axis=1), ((least < 0) & (most > 0)).sum(axis=1))


def local_complexity(
    points: np.ndarray,
    radius: float,
    directions: np.ndarray,
    pre_activations: PreActivations,
    block_bytes: int = FRAME_BYTES,
) -> Complexity:
    """Return the complexity (layers, n) of points (n, d), directions (P, d) and a network.

    pre_activations: called with a block of frames as inputs (m, d); may yield one layer at a time,
    then no more than one is in memory.

    >>> neuron = dense_relu([(np.array([[1.0]]), np.array([-1.0]))])  # switches at x = 1
    >>> local_complexity(np.array([[0.0], [0.9], [5.0]]), 0.5, np.eye(1), neuron).changes
    array([[0, 1, 0]])
    """
    rows = checked_rows(points)
    if directions.ndim != 2 or directions.shape[1] != rows.shape[1]:
        raise GeometryError(
            f"directions have shape {directions.shape}, points {rows.shape}: give (P, d)"
        )
    if not 0 < radius < np.inf:
        raise GeometryError(f"radius must be a positive number, not {radius}")
    n_around, d = 2 * len(directions), rows.shape[1]
    size = max(1, block_bytes // (8 * n_around * d))
    blocks = []
    for start in range(0, len(rows), size):
        around = frames(rows[start : start + size], radius, directions)
        inputs = around.reshape(-1, d)
        before = pre_activations(inputs)
        blocks.append([sign_changes(z.reshape(-1, n_around, z.shape[1])) for z in before])
    layers = list(zip(*blocks, strict=True))
    return Complexity(
        np.array([np.concatenate([one.changes for one in parts]) for parts in layers]),
        np.array([np.concatenate([one.crossings for one in parts]) for parts in layers]),
    )


def dense_relu(layers: Sequence[tuple[np.ndarray, np.ndarray]]) -> PreActivations:
    """Return what a dense ReLU network has before each of its activations.

    layers: weights (fan_in, fan_out) and bias (fan_out,) of each hidden layer in order;
    z_l = h_{l-1} W_l + b_l, h_l = max(z_l, 0), h_0 the inputs.

    >>> layers = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.ones((2, 1)), -np.ones(1))]
    >>> network = dense_relu(layers)
    >>> [z.tolist() for z in network(np.array([[3.0]]))]
    [[[3.0, -3.0]], [[2.0]]]
    """

    def forward(inputs: np.ndarray) -> Iterator[np.ndarray]:
        h = inputs
        for weight, bias in layers:
            z = h @ weight + bias
            yield z
            h = np.maximum(z, 0)

    return forward
