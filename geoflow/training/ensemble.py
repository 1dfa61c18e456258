"""R dense networks of one architecture as one batched network.

Replica r maps x to  h_l = relu(h_{l-1} W_l[r] + b_l[r]),  h_0 = x,  l = 1..L,  and to logits
h_L W_{L+1}[r] + b_{L+1}[r]; every W_l is one tensor (R, fan_in, fan_out), so a layer of the
whole ensemble is one batched product. All parameters and all gradients lie in one flat vector
each: the optimizer's arithmetic is a handful of calls, whatever the depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch


@dataclass(frozen=True)
class Ensemble:
    """Parameters of R replicas; ``weights[l]`` (R, in, out) and ``biases[l]`` (R, 1, out) are
    views into ``flat``, their gradients views into ``flat.grad``.
    """

    flat: torch.Tensor
    weights: list[torch.Tensor]
    biases: list[torch.Tensor]


def ensemble(sizes: Sequence[int], seeds: Sequence[int]) -> Ensemble:
    """Return replicas with Glorot-uniform weights and zero biases, one seed each.

        W ~ U(-a, a),  a = sqrt(6 / (fan_in + fan_out))        (Glorot, Bengio 2010, Eq. 16)

    sizes: units of input, hidden layers and output. The weights of a replica depend on its seed
    alone, not on the ensemble it is in.

    >>> both, alone = ensemble([3, 4, 1], [5, 6]), ensemble([3, 4, 1], [6])
    >>> bool((both.weights[0][1] == alone.weights[0][0]).all())
    True
    """
    shapes = [
        shape for fan_in, fan_out in pairwise(sizes) for shape in ((fan_in, fan_out), (1, fan_out))
    ]
    replicas = len(seeds)
    flat = torch.zeros(replicas * sum(rows * columns for rows, columns in shapes))
    flat.grad = torch.zeros_like(flat)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    weights: list[torch.Tensor] = []
    biases: list[torch.Tensor] = []
    start = 0
    for at, (rows, columns) in enumerate(shapes):
        stop = start + replicas * rows * columns
        view = flat[start:stop].view(replicas, rows, columns)
        if at % 2 == 0:
            limit = (6 / (rows + columns)) ** 0.5
            for replica, generator in enumerate(generators):
                view[replica].uniform_(-limit, limit, generator=generator)
        leaf = view.detach().requires_grad_()
        leaf.grad = flat.grad[start:stop].view(replicas, rows, columns)
        (weights if at % 2 == 0 else biases).append(leaf)
        start = stop
    return Ensemble(flat, weights, biases)


def logits(network: Ensemble, x: torch.Tensor) -> torch.Tensor:
    """Return the outputs (R, n, classes or 1) for x (R, n, d) or (1, n, d)."""
    return torch.baddbmm(network.biases[-1], hidden(network, x)[-1], network.weights[-1])


def hidden(network: Ensemble, x: torch.Tensor) -> list[torch.Tensor]:
    """Return the activations after each hidden layer, L tensors (R, n, width)."""
    replicas = network.weights[0].shape[0]
    h = x.expand(replicas, -1, -1)
    layers = []
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        h = torch.relu(torch.baddbmm(bias, h, weight))
        layers.append(h)
    return layers
