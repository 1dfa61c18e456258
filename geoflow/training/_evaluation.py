"""What is reported of each network of an ensemble, in any state of its training."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from geoflow.datasets import Dataset
from geoflow.errors import TrainingError
from geoflow.measure.activations import Activations
from geoflow.measure.output import probabilities
from geoflow.training._network import (
    Network,
    hidden,
    logits,
    outputs,
    passed,
    pre_activations,
    replica_of,
)
from geoflow.training._path import Way, WeightWatch
from geoflow.training._threads import set_for_training

EVALUATION_ROWS = 512
"""Rows evaluated at once: all layers of all replicas are in memory for them."""


@dataclass(frozen=True)
class TrainedNetwork:
    """One replica: its accuracy and loss, and what it makes of the test points (n_test, d).

    ``predicted`` (n_test,): the class it gives each test point; ``margin`` (n_test,): its logit for
    the true class less the largest other, 0 being the other logit of a network with one output. A
    training that ended in NaN or infinity has ``is_finite`` false, None for its losses and no
    activations. ``network``: a copy of its parameters; ``stopped_at``: the epoch after which it was
    accurate enough to be trained no further, None if it was not or need not be. Where a
    `WeightWatch` looked on: ``path_length`` and ``chord`` of the weights so far, ``n_steps`` of the
    optimizer, and ``first_loss``, the training loss before the first of them; None where one is not
    finite.
    """

    seed: int
    train_accuracy: float
    test_accuracy: float
    train_loss: float | None
    test_loss: float | None
    seconds: float
    is_finite: bool
    predicted: np.ndarray
    margin: np.ndarray
    test_points: np.ndarray = field(repr=False)
    test_labels: np.ndarray = field(repr=False)
    network: Network = field(repr=False)
    stopped_at: int | None = None
    path_length: float | None = None
    chord: float | None = None
    n_steps: int | None = None
    first_loss: float | None = None

    @property
    def activations(self) -> Activations:
        """The test points on their way through it: (n_test, width) float32 for each hidden layer.

        Computed when asked for: those of a whole ensemble at once are its largest use of memory.
        """
        source = f"trained, seed {self.seed}"
        if not self.is_finite:
            return Activations([self.test_points], self.test_labels, source=source)
        with torch.no_grad(), set_for_training():
            through = passed(self.network, torch.from_numpy(self.test_points)[None])
            z = outputs(self.network.parameters, through[-1][1])
        pre = [z[0].numpy() for z, _ in through]
        return Activations(
            layers=[self.test_points, *(h[0].numpy() for _, h in through)],
            labels=self.test_labels,
            predicted=self.predicted,
            margin=self.margin,
            pre=pre,
            post=[np.maximum(z, 0) for z in pre],
            output=probabilities(z[0].numpy()),
            forward=self.pre_activations,
            source=source,
        )

    def pre_activations(self, points: np.ndarray) -> list[np.ndarray]:
        """Return what each hidden layer's activation is applied to: L arrays (m, width) float32.

        points (m, d): any, as float32. After batch normalisation by the running numbers.
        """
        if not self.is_finite:
            raise TrainingError(
                f"the network of seed {self.seed} has no pre-activations: its training ended in NaN"
                " or infinity; leave it out, or train it with a lower learning_rate"
            )
        x = np.array(points, dtype=np.float32)
        n_features = self.network.parameters.weights[0].shape[1]
        if x.ndim != 2 or x.shape[1] != n_features:
            raise TrainingError(
                f"points of shape {x.shape} for the network of seed {self.seed}: give (m,"
                f" {n_features})"
            )
        with torch.no_grad(), set_for_training():
            layers = pre_activations(self.network, torch.from_numpy(x)[None])
        return [z[0].numpy() for z in layers]


def losses(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy (R, n) of logits (R, n, 1) or (R, n, classes) for labels (R, n)."""
    if outputs.shape[-1] == 1:
        return functional.binary_cross_entropy_with_logits(
            outputs.squeeze(-1), labels.to(outputs.dtype), reduction="none"
        )
    return functional.cross_entropy(outputs.transpose(1, 2), labels, reduction="none")


@torch.no_grad()
def evaluations(
    network: Network,
    data: Dataset,
    x: torch.Tensor,
    y: torch.Tensor,
    seeds: Sequence[int],
    seconds: float,
    watch: WeightWatch | None = None,
) -> list[TrainedNetwork]:
    """Return what is reported of every replica, on training rows x (n, d), y (R, n), and on
    the test points.
    """
    way = None if watch is None else watch.way
    x_test, y_test = torch.from_numpy(data.x_test), torch.from_numpy(data.y_test)
    train_accuracy, train_loss = accuracy_and_loss(network, x, y)
    test_accuracy, test_loss = accuracy_and_loss(network, x_test, y_test.expand(len(seeds), -1))
    predicted, margins = predictions(network, x_test, y_test)
    networks = []
    for at, seed in enumerate(seeds):
        one = replica_of(network, at)
        layers = hidden(one, x_test[None])
        measured = (float(train_loss[at]), float(test_loss[at]))
        is_finite = all(map(math.isfinite, measured)) and all(
            bool(torch.isfinite(h).all()) for h in layers
        )
        networks.append(
            TrainedNetwork(
                seed=seed,
                train_accuracy=float(train_accuracy[at]),
                test_accuracy=float(test_accuracy[at]),
                train_loss=measured[0] if is_finite else None,
                test_loss=measured[1] if is_finite else None,
                seconds=seconds,
                is_finite=is_finite,
                predicted=predicted[at].numpy(),
                margin=margins[at].numpy(),
                test_points=data.x_test,
                test_labels=data.y_test,
                network=one,
                **({} if way is None else path_fields(way, at)),
            )
        )
    return networks


def path_fields(way: Way, replica: int) -> dict[str, Any]:
    """Return the fields of a `TrainedNetwork` that are known of the way of its weights."""
    measured = {
        "path_length": way.lengths[replica],
        "chord": way.chords[replica],
        "first_loss": way.first_losses[replica],
    }
    finite = {name: float(x) if math.isfinite(x) else None for name, x in measured.items()}
    return {**finite, "n_steps": way.n_steps}


def predictions(
    network: Network, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return predicted classes (R, n) and margins (R, n) of rows x (n, d) with labels y (n,)."""
    z = torch.cat(
        [logits(network, rows[None]) for rows in torch.split(x, EVALUATION_ROWS)], dim=1
    ).double()
    if z.shape[-1] == 1:
        z = torch.cat([torch.zeros_like(z), z], dim=-1)
    place = y.expand(len(z), -1)[..., None]
    true = z.gather(-1, place).squeeze(-1)
    others = z.scatter(-1, place, -torch.inf).amax(dim=-1)
    return z.argmax(dim=-1), true - others


@torch.no_grad()
def accuracy_and_loss(
    network: Network, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return accuracy (R,) and mean loss (R,) on rows x (n, d) with labels y (R, n)."""
    replicas = network.parameters.replicas
    correct = torch.zeros(replicas, dtype=torch.float64)
    total = torch.zeros(replicas, dtype=torch.float64)
    for start in range(0, len(x), EVALUATION_ROWS):
        stop = start + EVALUATION_ROWS
        outputs = logits(network, x[None, start:stop])
        labels = y[:, start:stop]
        if outputs.shape[-1] == 1:
            predicted = (outputs.squeeze(-1) > 0).long()
        else:
            predicted = outputs.argmax(dim=-1)
        correct += (predicted == labels).sum(dim=1)
        total += losses(outputs, labels).double().sum(dim=1)
    return correct / len(x), total / len(x)
