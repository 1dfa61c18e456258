"""R networks of one architecture at work: from points to pre-activations, layers and logits.

    z_l = norm(v_l W_l + b_l),    h_l = joined(h_1..h_{l-1}, relu(z_l)),    l = 1..L
    logits = h_L W_{L+1} + b_{L+1}

v_l and joined are those of the family (`geoflow.training.families`); norm is the identity or batch
normalisation (`geoflow.training._normalisation`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from geoflow.specs import Architecture
from geoflow.training._ensemble import Parameters, ensemble, replica_parameters
from geoflow.training._normalisation import (
    Normaliser,
    Running,
    batch_normaliser,
    initial_running,
    no_normaliser,
    running_normaliser,
)
from geoflow.training.families import Wiring, wiring
from geoflow.training.sizes import fans


@dataclass(frozen=True)
class Network:
    """Networks of one architecture: their parameters and the running numbers of their layers,
    which there are with batch normalisation only.
    """

    architecture: Architecture
    parameters: Parameters
    running: list[Running]

    @property
    def wiring(self) -> Wiring:
        """How the layers are joined."""
        return wiring(self.architecture)

    @property
    def in_training(self) -> Normaliser:
        """What normalises pre-activations in training, and moves the running numbers."""
        return batch_normaliser(self.parameters, self.running) if self.running else no_normaliser

    @property
    def in_evaluation(self) -> Normaliser:
        """What normalises pre-activations once trained."""
        return running_normaliser(self.parameters, self.running) if self.running else no_normaliser

    def with_parameters(self, parameters: Parameters) -> "Network":
        """Return the networks with other parameters and the same running numbers."""
        return replace(self, parameters=parameters)


def untrained_network(
    architecture: Architecture,
    n_features: int,
    n_outputs: int,
    seeds: Sequence[int],
    initialisation: str = "glorot",
) -> Network:
    """Return networks before training, one per seed."""
    normed = architecture.widths if architecture.batch_norm else ()
    shapes = fans(architecture, n_features, n_outputs)
    parameters = ensemble(shapes, seeds, normed, initialisation)
    return Network(architecture, parameters, initial_running(len(seeds), normed))


def replica_of(network: Network, replica: int) -> Network:
    """Return a copy of one replica: later training does not change it."""
    rows = slice(replica, replica + 1)
    running = [
        Running(one.mean[rows].clone(), one.variance[rows].clone()) for one in network.running
    ]
    return Network(network.architecture, replica_parameters(network.parameters, replica), running)


def layers(
    wires: Wiring, parameters: Parameters, x: torch.Tensor, normalise: Normaliser
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield (z_l, h_l), each (R, n, width), of every hidden layer for x (R, n, d) or (1, n, d)."""
    seen = [x.expand(parameters.replicas, -1, -1)]
    for at, weight in enumerate(parameters.weights[:-1]):
        z = normalise(at, wires.product(seen, weight, parameters.biases[at]))
        seen.append(wires.joined(seen, torch.relu(z)))
        yield z, seen[-1]


def outputs(parameters: Parameters, h: torch.Tensor) -> torch.Tensor:
    """Return the logits (R, n, classes or 1) of the last hidden layer h (R, n, width)."""
    return torch.baddbmm(parameters.biases[-1], h, parameters.weights[-1])


def passed(network: Network, x: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return (z_l, h_l), (R, n, width) each, for x (R, n, d) or (1, n, d), once trained."""
    return list(layers(network.wiring, network.parameters, x, network.in_evaluation))


def pre_activations(network: Network, x: torch.Tensor) -> list[torch.Tensor]:
    """Return z_1..z_L, (R, n, width) each, for x (R, n, d) or (1, n, d), once trained."""
    return [z for z, _ in passed(network, x)]


def hidden(network: Network, x: torch.Tensor) -> list[torch.Tensor]:
    """Return h_1..h_L, (R, n, width) each, for x (R, n, d) or (1, n, d), once trained."""
    return [h for _, h in passed(network, x)]


def logits(network: Network, x: torch.Tensor) -> torch.Tensor:
    """Return the logits (R, n, classes or 1) for x (R, n, d) or (1, n, d), once trained."""
    return outputs(network.parameters, hidden(network, x)[-1])
