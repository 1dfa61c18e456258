"""The training loop: minibatches, optimizer, and what is reported of each trained network."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from geoflow.datasets import Dataset
from geoflow.errors import TrainingError
from geoflow.specs import Architecture, Recipe
from geoflow.training.ensemble import Ensemble, ensemble, hidden, logits

EVALUATION_ROWS = 4096
"""Rows evaluated at once."""


@dataclass(frozen=True)
class TrainedNetwork:
    """One replica: its accuracy and loss, and its test activations after each hidden layer.

    ``activations``: L arrays (n_test, width) float32. A training that ended in NaN or infinity
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


def optimizer(flat: torch.Tensor, recipe: Recipe) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over the flat parameters."""
    rate, decay = recipe.learning_rate, recipe.decay or 0.0
    if recipe.optimizer == "sgd":
        return torch.optim.SGD([flat], lr=rate, momentum=decay, weight_decay=recipe.weight_decay)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(
            [flat], lr=rate, betas=(decay, 0.999), eps=recipe.epsilon,
            weight_decay=recipe.weight_decay,
        )  # fmt: skip
    return torch.optim.RMSprop(
        [flat], lr=rate, alpha=decay, eps=recipe.epsilon, weight_decay=recipe.weight_decay
    )


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

    Loss: mean binary cross-entropy of one sigmoid output, or cross-entropy of one output per
    class. Each epoch every replica goes through the training rows in its own order, drawn from
    its seed; the last batch may be smaller. ``advance`` is called with the share done.
    """
    kept = data.x_train.shape[0] - held_out(recipe, data.x_train.shape[0])
    if len(np.unique(data.y_train[:kept])) < 2:
        raise TrainingError(
            f"data set '{data.spec.name}': the {kept} rows left for training hold one class only;"
            " give fewer validation_rows"
        )
    x = torch.from_numpy(data.x_train[:kept])
    y = torch.from_numpy(data.y_train[:kept])
    outputs = 1 if data.n_classes == 2 else data.n_classes
    network = ensemble([data.n_features, *architecture.widths, outputs], seeds)
    started = time.perf_counter()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # small products: more threads are slower, and one is reproducible
    try:
        fit(network, x, y, recipe, seeds, advance)
        seconds = (time.perf_counter() - started) / len(seeds)
        return evaluated(network, data, x, y, seeds, seconds)
    finally:
        torch.set_num_threads(threads)


def fit(
    network: Ensemble,
    x: torch.Tensor,
    y: torch.Tensor,
    recipe: Recipe,
    seeds: Sequence[int],
    advance: Callable[[float], None] | None,
) -> None:
    """Run the epochs of the recipe on x (n, d), y (n,), changing the network in place."""
    n = len(x)
    steps = optimizer(network.flat, recipe)
    gradient = network.flat.grad
    # The order of batches has its own stream, so that weights and order are independent.
    orders = [np.random.default_rng([seed, 1]) for seed in seeds]
    for epoch in range(recipe.epochs):
        rows = torch.from_numpy(np.stack([order.permutation(n) for order in orders]))
        for start in range(0, n, recipe.batch_size):
            batch = rows[:, start : start + recipe.batch_size]
            loss = losses(logits(network, x[batch]), y[batch]).mean(dim=1).sum()
            if gradient is not None:
                gradient.zero_()
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
        if advance is not None:
            advance((epoch + 1) / recipe.epochs)


@torch.no_grad()
def evaluated(
    network: Ensemble,
    data: Dataset,
    x: torch.Tensor,
    y: torch.Tensor,
    seeds: Sequence[int],
    seconds: float,
) -> list[TrainedNetwork]:
    """Return what is reported of every replica, on training rows x, y and on the test points."""
    x_test, y_test = torch.from_numpy(data.x_test), torch.from_numpy(data.y_test)
    train_accuracy, train_loss = scores(network, x, y)
    test_accuracy, test_loss = scores(network, x_test, y_test)
    activations = [layer.numpy() for layer in hidden(network, x_test[None])]
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
            )
        )
    return networks


def scores(
    network: Ensemble, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return accuracy (R,) and mean loss (R,) on rows x (n, d) with labels y (n,)."""
    replicas = network.weights[0].shape[0]
    correct = torch.zeros(replicas, dtype=torch.float64)
    total = torch.zeros(replicas, dtype=torch.float64)
    for start in range(0, len(x), EVALUATION_ROWS):
        rows, labels = x[start : start + EVALUATION_ROWS], y[start : start + EVALUATION_ROWS]
        outputs = logits(network, rows[None])
        wide = labels.expand(replicas, -1)
        if outputs.shape[-1] == 1:
            predicted = (outputs.squeeze(-1) > 0).long()
        else:
            predicted = outputs.argmax(dim=-1)
        correct += (predicted == wide).sum(dim=1)
        total += losses(outputs, wide).double().sum(dim=1)
    return correct / len(x), total / len(x)
