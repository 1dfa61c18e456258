"""The training loop: minibatches, optimizer, and what is reported of each trained network."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch.nn import functional

from geoflow.datasets import Dataset
from geoflow.errors import TrainingError
from geoflow.specs import Architecture, Recipe
from geoflow.training.backward import into_gradient
from geoflow.training.ensemble import Parameters, ensemble, hidden, logits, zeros
from geoflow.training.rmsprop import RMSprop

EVALUATION_ROWS = 4096
"""Rows evaluated at once."""


@dataclass(frozen=True)
class TrainedNetwork:
    """One replica: its accuracy and loss, and its test activations after each hidden layer.

    ``activations``: L arrays (n_test, width) float32; ``predicted`` (n_test,): the class it gives
    each test point; ``margin`` (n_test,): its logit for the true class less the largest other, 0
    being the other logit of a network with one output. A training that ended in NaN or infinity
    has ``is_finite`` false, None for its losses and no activations.
    """

    seed: int
    train_accuracy: float
    test_accuracy: float
    train_loss: float | None
    test_loss: float | None
    seconds: float
    is_finite: bool
    activations: list[np.ndarray]
    predicted: np.ndarray
    margin: np.ndarray


def held_out(recipe: Recipe, n_train: int) -> int:
    """Return how many of the last training rows training does not see.

    >>> held_out(Recipe(validation_rows=0.2), 1000), held_out(Recipe(validation_rows=30), 1000)
    (200, 30)
    """
    asked = recipe.validation_rows
    rows = round(asked * n_train) if asked < 1 else int(asked)
    if rows >= n_train:
        raise TrainingError(
            f"validation_rows = {asked:g} leaves none of {n_train} training rows: give fewer"
        )
    return rows


def optimizer(
    network: Parameters, gradient: Parameters, recipe: Recipe
) -> RMSprop | torch.optim.Optimizer:
    """Return the recipe's optimizer over the flat parameters."""
    if recipe.optimizer == "rmsprop":
        return RMSprop(network.flat, gradient.flat, recipe)
    network.flat.grad = gradient.flat
    rate, decay = recipe.learning_rate, recipe.decay or 0.0
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            [network.flat], lr=rate, momentum=decay, weight_decay=recipe.weight_decay
        )
    return torch.optim.Adam(
        [network.flat], lr=rate, betas=(decay, 0.999), eps=recipe.epsilon,
        weight_decay=recipe.weight_decay,
    )  # fmt: skip


def losses(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy (R, n) of logits (R, n, 1) or (R, n, classes) for labels (R, n)."""
    if outputs.shape[-1] == 1:
        return functional.binary_cross_entropy_with_logits(
            outputs.squeeze(-1), labels.to(outputs.dtype), reduction="none"
        )
    return functional.cross_entropy(outputs.transpose(1, 2), labels, reduction="none")


def train_ensemble(
    data: Dataset,
    architecture: Architecture,
    recipe: Recipe,
    seeds: Sequence[int],
    advance: Callable[[float], None] | None = None,
) -> list[TrainedNetwork]:
    """Train one network per seed, all together, and return them in the order of the seeds.

    See `trained_ensembles`, of which this is the end.
    """
    *_, (_, networks) = trained_ensembles(data, architecture, recipe, seeds, (), advance)
    return networks


def trained_ensembles(
    data: Dataset,
    architecture: Architecture,
    recipe: Recipe,
    seeds: Sequence[int],
    epochs: Sequence[int] = (),
    advance: Callable[[float], None] | None = None,
) -> Iterator[tuple[int, list[TrainedNetwork]]]:
    """Train one network per seed, all together; yield them after some epochs and at the end.

    Loss: mean binary cross-entropy of one sigmoid output, or cross-entropy of one output per
    class. Each epoch every replica goes through the training rows in its own order, drawn from
    its seed; the last batch may be smaller. ``advance`` is called with the share done.
    Training accuracy and loss are those on the labels that training saw.

    epochs: those after which to yield, 0 being before the first, none above the recipe's. What is
    yielded is (epoch, the networks in the order of the seeds), epochs rising, the recipe's last.
    The networks after e epochs are those of a recipe of e epochs, and looking changes none.
    Training waits while its networks are looked at: torch is then as it was found.
    """
    kept = data.x_train.shape[0] - held_out(recipe, data.x_train.shape[0])
    if len(np.unique(data.y_train[:kept])) < 2:
        raise TrainingError(
            f"data set '{data.spec.name}': the {kept} rows left for training hold one class only;"
            " give fewer validation_rows"
        )
    if late := [epoch for epoch in epochs if epoch > recipe.epochs]:
        raise TrainingError(
            f"there is no epoch {late[0]} in a training of {recipe.epochs} epochs: give more epochs"
        )
    x = torch.from_numpy(data.x_train[:kept])
    y = torch.from_numpy(seen_labels(data.y_train[:kept], recipe, seeds))
    outputs = 1 if data.n_classes == 2 else data.n_classes
    network = ensemble([data.n_features, *architecture.widths, outputs], seeds)
    training = fit(network, x, y, recipe, seeds)
    start, seconds = 0, 0.0
    for stop in sorted({*epochs, recipe.epochs}):
        with set_for_training():
            started = time.perf_counter()
            for done in islice(training, stop - start):
                if advance is not None:
                    advance(done / recipe.epochs)
            seconds += (time.perf_counter() - started) / len(seeds)
            networks = evaluated(network, data, x, y, seeds, seconds)
        start = stop
        yield stop, networks


@contextmanager
def set_for_training() -> Iterator[None]:
    """Set torch to one thread and to denormal numbers that count as 0, then back.

    Small products are slower on more threads, and one is reproducible. A network that is sure of
    its rows has gradients whose squares are denormal numbers, which cost a processor a hundred
    times as much. Geometry needs both back.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


def seen_labels(y: np.ndarray, recipe: Recipe, seeds: Sequence[int]) -> np.ndarray:
    """Return the labels (R, n) that each replica is trained on: y (n,), shuffled if so asked."""
    if not recipe.shuffled_labels:
        return np.tile(y, (len(seeds), 1))
    return np.stack([np.random.default_rng([seed, 2]).permutation(y) for seed in seeds])


def fit(
    network: Parameters, x: torch.Tensor, y: torch.Tensor, recipe: Recipe, seeds: Sequence[int]
) -> Iterator[int]:
    """Train on x (n, d), y (R, n), changing the network in place; yield 1, 2, ... as epochs end."""
    replicas, n = y.shape
    gradient = zeros(network.sizes, replicas)
    steps = optimizer(network, gradient, recipe)
    # The order of batches has its own stream, so that weights and order are independent.
    orders = [np.random.default_rng([seed, 1]) for seed in seeds]
    for epoch in range(recipe.epochs):
        rows = torch.from_numpy(np.stack([order.permutation(n) for order in orders]))
        shuffled = y.gather(1, rows)
        for start in range(0, n, recipe.batch_size):
            batch = rows[:, start : start + recipe.batch_size]
            labels = shuffled[:, start : start + recipe.batch_size]
            inputs = x.index_select(0, batch.reshape(-1)).view(
                *batch.shape, -1
            )  # twice as fast as x[batch]
            into_gradient(gradient, network, inputs, labels)
            steps.step()
        yield epoch + 1


@torch.no_grad()
def evaluated(
    network: Parameters,
    data: Dataset,
    x: torch.Tensor,
    y: torch.Tensor,
    seeds: Sequence[int],
    seconds: float,
) -> list[TrainedNetwork]:
    """Return what is reported of every replica, on training rows x (n, d), y (R, n), and on
    the test points.
    """
    x_test, y_test = torch.from_numpy(data.x_test), torch.from_numpy(data.y_test)
    train_accuracy, train_loss = scores(network, x, y)
    test_accuracy, test_loss = scores(network, x_test, y_test.expand(len(seeds), -1))
    activations = [layer.numpy() for layer in hidden(network, x_test[None])]
    predicted, margins = judged(network, x_test, y_test)
    networks = []
    for at, seed in enumerate(seeds):
        layers = [np.ascontiguousarray(layer[at]) for layer in activations]
        measured = (float(train_loss[at]), float(test_loss[at]))
        is_finite = all(map(math.isfinite, measured)) and all(np.isfinite(h).all() for h in layers)
        networks.append(
            TrainedNetwork(
                seed=seed,
                train_accuracy=float(train_accuracy[at]),
                test_accuracy=float(test_accuracy[at]),
                train_loss=measured[0] if is_finite else None,
                test_loss=measured[1] if is_finite else None,
                seconds=seconds,
                is_finite=is_finite,
                activations=layers if is_finite else [],
                predicted=predicted[at].numpy(),
                margin=margins[at].numpy(),
            )
        )
    return networks


def judged(
    network: Parameters, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return predicted classes (R, n) and margins (R, n) of rows x (n, d) with labels y (n,)."""
    z = logits(network, x[None]).double()
    if z.shape[-1] == 1:
        z = torch.cat([torch.zeros_like(z), z], dim=-1)
    place = y.expand(len(z), -1)[..., None]
    true = z.gather(-1, place).squeeze(-1)
    others = z.scatter(-1, place, -torch.inf).amax(dim=-1)
    return z.argmax(dim=-1), true - others


def scores(
    network: Parameters, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return accuracy (R,) and mean loss (R,) on rows x (n, d) with labels y (R, n)."""
    replicas = network.weights[0].shape[0]
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
