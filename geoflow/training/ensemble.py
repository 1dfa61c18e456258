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
class Parameters:
    """Parameters of R replicas, or their gradients: ``weights[l]`` (R, fan_in, fan_out) and
    ``biases[l]`` (R, 1, fan_out), l = 0..L, are views into ``flat``.
    """

    flat: torch.Tensor
    weights: list[torch.Tensor]
    biases: list[torch.Tensor]

    @property
    def sizes(self) -> list[int]:
        """Units of input, hidden layers and output."""
        return [weight.shape[1] for weight in self.weights] + [self.weights[-1].shape[2]]


def zeros(sizes: Sequence[int], replicas: int) -> Parameters:
    """Return parameters that are all 0.

    sizes: units of input, hidden layers and output.

    >>> len(zeros([3, 4, 1], replicas=2).flat)
    42
    """
    shapes = [
        shape
        for fan_in, fan_out in pairwise(sizes)
        for shape in ((replicas, fan_in, fan_out), (replicas, 1, fan_out))
    ]
    counts = [one * rows * columns for one, rows, columns in shapes]
    flat = torch.zeros(sum(counts))
    views = [
        part.view(shape) for part, shape in zip(torch.split(flat, counts), shapes, strict=True)
    ]
    return Parameters(flat, views[::2], views[1::2])


def ensemble(sizes: Sequence[int], seeds: Sequence[int]) -> Parameters:
    """Return replicas with Glorot-uniform weights and zero biases, one seed each.

        W ~ U(-a, a),  a = sqrt(6 / (fan_in + fan_out))        (Glorot, Bengio 2010, Eq. 16)

    The weights of a replica depend on its seed alone, not on the ensemble it is in.

    >>> both, alone = ensemble([3, 4, 1], [5, 6]), ensemble([3, 4, 1], [6])
    >>> bool((both.weights[0][1] == alone.weights[0][0]).all())
    True
    """
    network = zeros(sizes, len(seeds))
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    for weight in network.weights:
        limit = (6 / (weight.shape[1] + weight.shape[2])) ** 0.5
        for replica, generator in enumerate(generators):
            weight[replica].uniform_(-limit, limit, generator=generator)
    return network


def logits(network: Parameters, x: torch.Tensor) -> torch.Tensor:
    """Return the outputs (R, n, classes or 1) for x (R, n, d) or (1, n, d)."""
    return torch.baddbmm(network.biases[-1], hidden(network, x)[-1], network.weights[-1])


def hidden(network: Parameters, x: torch.Tensor) -> list[torch.Tensor]:
    """Return the activations after each hidden layer, L tensors (R, n, width)."""
    h = x.expand(network.weights[0].shape[0], -1, -1)
    layers = []
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        h = torch.baddbmm(bias, h, weight).relu_()
        layers.append(h)
    return layers
