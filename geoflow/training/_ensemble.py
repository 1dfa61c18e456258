"""The parameters of R networks of one architecture, as one batched network.

Replica r maps what a layer is fed, v (n, fan_in), to v W_l[r] + b_l[r]; every W_l is one tensor
(R, fan_in, fan_out), so a layer of the whole ensemble is one batched product. All parameters and
all gradients lie in one flat vector each: the optimizer's arithmetic is a handful of calls,
whatever the depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from geoflow.training.sizes import Fans


@dataclass(frozen=True)
class Parameters:
    """Parameters of R replicas, or their gradients: ``weights[l]`` (R, fan_in, fan_out) and
    ``biases[l]`` (R, 1, fan_out), l = 0..L, are views into ``flat``, and so are, for each hidden
    layer with batch normalisation, ``scales[l]`` and ``shifts[l]`` (R, 1, fan_out).
    """

    flat: torch.Tensor
    weights: list[torch.Tensor]
    biases: list[torch.Tensor]
    scales: list[torch.Tensor]
    shifts: list[torch.Tensor]

    @property
    def replicas(self) -> int:
        """The number of networks R."""
        return self.weights[0].shape[0]

    @property
    def fans(self) -> Fans:
        """(fan_in, fan_out) of each layer."""
        return [(one.shape[1], one.shape[2]) for one in self.weights]

    @property
    def normed(self) -> list[int]:
        """Units of the layers with scale and shift."""
        return [one.shape[2] for one in self.scales]

    @property
    def views(self) -> list[torch.Tensor]:
        """All tensors, in their order in ``flat``."""
        layers = zip(self.weights, self.biases, strict=True)
        norms = zip(self.scales, self.shifts, strict=True)
        return [one for pair in (*layers, *norms) for one in pair]


def parameters_in(
    flat: torch.Tensor, fans: Fans, replicas: int, normed: Sequence[int]
) -> Parameters:
    """Return the parameters that lie in ``flat``; normed: units of layers with a scale."""
    shapes = [
        *((rows, columns) for fan_in, columns in fans for rows in (fan_in, 1)),
        *((1, width) for width in normed for _ in ("scale", "shift")),
    ]
    counts = [replicas * rows * columns for rows, columns in shapes]
    views = [
        part.view(replicas, *shape)
        for part, shape in zip(torch.split(flat, counts), shapes, strict=True)
    ]
    layers = 2 * len(fans)
    return Parameters(
        flat, views[:layers:2], views[1:layers:2], views[layers::2], views[layers + 1 :: 2]
    )


def zeros(fans: Fans, replicas: int, normed: Sequence[int] = ()) -> Parameters:
    """Return parameters that are all 0; normed: units of the layers that have scale and shift.

    >>> len(zeros([(3, 4), (4, 1)], replicas=2).flat)
    42
    """
    count = sum((fan_in + 1) * fan_out for fan_in, fan_out in fans) + 2 * sum(normed)
    return parameters_in(torch.zeros(replicas * count), fans, replicas, normed)


def zeros_like(network: Parameters) -> Parameters:
    """Return as many parameters, all 0."""
    return parameters_in(
        torch.zeros_like(network.flat), network.fans, network.replicas, network.normed
    )


def ensemble(
    fans: Fans, seeds: Sequence[int], normed: Sequence[int] = (), initialisation: str = "glorot"
) -> Parameters:
    """Return replicas with random weights, shifts 0 and scales 1: a seed each.

        glorot      W ~ U(-a, a),  a = sqrt(6 / (fan_in + fan_out)),  b = 0
        torch       W, b ~ U(-a, a),  a = 1 / sqrt(fan_in)

    Sources: Glorot, Bengio 2010, Eq. 16; torch.nn.Linear, the default of which this is. The weights
    of a replica depend on its seed alone, not on the ensemble it is in.

    >>> fans = [(3, 4), (4, 1)]
    >>> both, alone = ensemble(fans, [5, 6]), ensemble(fans, [6])
    >>> bool((both.weights[0][1] == alone.weights[0][0]).all())
    True
    """
    network = zeros(fans, len(seeds), normed)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    is_glorot = initialisation == "glorot"
    for (fan_in, fan_out), weight, bias in zip(fans, network.weights, network.biases, strict=True):
        limit = (6 / (fan_in + fan_out)) ** 0.5 if is_glorot else fan_in**-0.5
        for replica, generator in enumerate(generators):
            for drawn in (weight,) if is_glorot else (weight, bias):
                drawn[replica].uniform_(-limit, limit, generator=generator)
    for scale in network.scales:
        scale.fill_(1)
    return network


def replica_parameters(network: Parameters, replica: int) -> Parameters:
    """Return a copy of the parameters of one replica."""
    flat = torch.cat([view[replica].reshape(-1) for view in network.views])
    return parameters_in(flat, network.fans, 1, network.normed)
