"""The training loop: minibatches, gradient, optimizer, and when networks are looked at."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from geoflow.datasets import Dataset
from geoflow.errors import TrainingError
from geoflow.specs import Architecture, Recipe
from geoflow.training._backward import PlainGradient
from geoflow.training._ensemble import Parameters, zeros_like
from geoflow.training._evaluation import TrainedNetwork, accuracy_and_loss, evaluations
from geoflow.training._network import Network, untrained_network
from geoflow.training._path import WeightWatch
from geoflow.training._recorded import RecordedGradient
from geoflow.training._rmsprop import RMSprop
from geoflow.training._steps import PlainRMSprop
from geoflow.training._stopping import Stopping
from geoflow.training._threads import set_for_training
from geoflow.training._whole import WholeGradient
from geoflow.training.sizes import batch_rows, n_held_out, refuse_lone_row


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


def train_ensemble(
    data: Dataset,
    architecture: Architecture,
    recipe: Recipe,
    seeds: Sequence[int],
    advance: Callable[[float], None] | None = None,
    watch: WeightWatch | None = None,
) -> list[TrainedNetwork]:
    """Train one network per seed, all together, and return them in the order of the seeds.

    See `train_in_stages`, of which this is the end.
    """
    *_, (_, networks) = train_in_stages(data, architecture, recipe, seeds, (), advance, watch)
    return networks


def train_in_stages(
    data: Dataset,
    architecture: Architecture,
    recipe: Recipe,
    seeds: Sequence[int],
    epochs: Sequence[int] = (),
    advance: Callable[[float], None] | None = None,
    watch: WeightWatch | None = None,
) -> Iterator[tuple[int, list[TrainedNetwork]]]:
    """Train one network per seed, all together; yield them after some epochs and at the end.

    Loss: mean binary cross-entropy of one sigmoid output, or cross-entropy of one output per
    class. Each epoch every replica goes through the training rows in its own order, drawn from
    its seed; the last batch may be smaller. ``advance`` is called with the share done.
    Training accuracy and loss are those on the labels that training saw.

    epochs: those after which to yield, 0 being before the first, none above the recipe's. What is
    yielded is (epoch, the networks in the order of the seeds), epochs rising, the recipe's last.
    The networks after e epochs are those of a recipe of e epochs, and looking changes none. With
    ``until_accuracy`` each network stays as it was after the first epoch that it ended so accurate.
    Training waits while its networks are looked at: torch is then as it was found. ``watch`` is
    told of every step, and changes none.
    """
    kept = data.x_train.shape[0] - n_held_out(recipe, data.x_train.shape[0])
    if len(np.unique(data.y_train[:kept])) < 2:
        raise TrainingError(
            f"data set '{data.spec.name}': the {kept} rows left for training hold one class only;"
            " give fewer validation_rows"
        )
    refuse_lone_row(kept, architecture, recipe)
    if late := [epoch for epoch in epochs if epoch > recipe.epochs]:
        raise TrainingError(
            f"there is no epoch {late[0]} in a training of {recipe.epochs} epochs: give more epochs"
        )
    x = torch.from_numpy(data.x_train[:kept])
    y = torch.from_numpy(seen_labels(data.y_train[:kept], recipe, seeds))
    outputs = 1 if data.n_classes == 2 else data.n_classes
    network = untrained_network(
        architecture, data.n_features, outputs, seeds, recipe.initialisation
    )
    stopping = Stopping(network, x, y, recipe.until_accuracy)
    training = fit(network, x, y, recipe, seeds, stopping, watch)
    if watch is not None:
        with set_for_training():
            watch.begin(network.parameters, accuracy_and_loss(network, x, y)[1].numpy())
    start, seconds = 0, 0.0
    for stop in sorted({*epochs, recipe.epochs}):
        with set_for_training():
            started = time.perf_counter()
            for done in islice(training, stop - start):
                if advance is not None:
                    advance(done / recipe.epochs)
            seconds += (time.perf_counter() - started) / len(seeds)
            networks = evaluations(network, data, x, y, seeds, seconds, watch)
        start = stop
        ends = zip(networks, stopping.stopped_at, strict=True)
        yield stop, [replace(one, stopped_at=at) for one, at in ends]


def seen_labels(y: np.ndarray, recipe: Recipe, seeds: Sequence[int]) -> np.ndarray:
    """Return the labels (R, n) that each replica is trained on: y (n,), shuffled if so asked."""
    if not recipe.shuffled_labels:
        return np.tile(y, (len(seeds), 1))
    return np.stack([np.random.default_rng([seed, 2]).permutation(y) for seed in seeds])


def fit(
    network: Network,
    x: torch.Tensor,
    y: torch.Tensor,
    recipe: Recipe,
    seeds: Sequence[int],
    stopping: Stopping,
    watch: WeightWatch | None = None,
) -> Iterator[int]:
    """Train on x (n, d), y (R, n), changing the network in place; yield 1, 2, ... as epochs end.

    Networks that are accurate enough stay as they are; once all are, epochs pass without a step.
    """
    n = y.shape[1]
    size = batch_rows(recipe, n)
    take_step = step_taker(network, x, size, recipe)
    # The order of batches has its own stream, so that weights and order are independent.
    orders = [np.random.default_rng([seed, 1]) for seed in seeds]
    in_order = torch.arange(n).expand(len(seeds), n)
    for epoch in range(recipe.epochs):
        if stopping.is_over:
            yield epoch + 1
            continue
        rows, labels = in_order, y  # the mean over all rows does not depend on their order
        if size < n:
            rows = torch.from_numpy(np.stack([order.permutation(n) for order in orders]))
            labels = y.gather(1, rows)
        for start in range(0, n, size):
            batch = slice(start, start + size)
            take_step(rows[:, batch], labels[:, batch])
            if watch is not None:
                watch.step()
        stopping.look(epoch + 1)
        yield epoch + 1


def step_taker(
    network: Network, x: torch.Tensor, size: int, recipe: Recipe
) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """Return what changes the network for rows (R, B <= size) of x (n, d) and labels (R, B)."""
    if recipe.optimizer == "rmsprop" and size < len(x) and is_written_out(network):
        return PlainRMSprop(network.parameters, x, recipe)
    gradient = zeros_like(network.parameters)
    take_gradient = gradient_taker(gradient, network, x, size)
    steps = optimizer(network.parameters, gradient, recipe)

    def take_step(rows: torch.Tensor, y: torch.Tensor) -> None:
        take_gradient(rows, y)
        steps.step()

    return take_step


def is_written_out(network: Network) -> bool:
    """Return whether the gradient of networks is written out, and not recorded by torch."""
    return network.architecture.family == "plain" and not network.running


def gradient_taker(
    gradient: Parameters, network: Network, x: torch.Tensor, size: int
) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """Return what sets ``gradient`` from rows (R, B <= size) of x (n, d) and labels (R, B)."""
    if not is_written_out(network):
        return RecordedGradient(gradient, network, x)
    written = PlainGradient if size < len(x) else WholeGradient
    return written(gradient, network.parameters, x)
