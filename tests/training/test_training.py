"""Ensembles are the networks one would train one by one, with the recipe one would write."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_optimizers import plain_optimizer
from torch import nn

from geoflow.datasets import load
from geoflow.errors import TrainingError
from geoflow.specs import DatasetSpec, Recipe, architecture
from geoflow.training import train_ensemble, train_in_stages
from geoflow.training._backward import PlainGradient, cuts
from geoflow.training._ensemble import ensemble, zeros_like
from geoflow.training._evaluation import losses
from geoflow.training._network import hidden, logits, untrained_network
from geoflow.training._whole import WholeGradient
from geoflow.training.loop import seen_labels

DATA = load(DatasetSpec("circles", n_train=70, n_test=40))
SMALL = architecture("6,5,4")
SHORT = Recipe(epochs=4, batch_size=16, learning_rate=0.01)
TORCH = replace(SHORT, epsilon_inside=False)  # as torch.optim.RMSprop
MOMENTUM = replace(SHORT, optimizer="sgd", epsilon_inside=None, decay=0.5, learning_rate=0.1)


def activations(network):
    return np.concatenate([layer.ravel() for layer in network.activations.layers[1:]])


def test_a_replica_is_the_same_alone_and_in_its_ensemble():
    together = train_ensemble(DATA, SMALL, SHORT, seeds=[3, 4, 5])
    for seed, network in zip([3, 4, 5], together, strict=True):
        (alone,) = train_ensemble(DATA, SMALL, SHORT, seeds=[seed])
        np.testing.assert_allclose(activations(network), activations(alone), rtol=1e-4, atol=1e-6)
        assert network.test_loss == pytest.approx(alone.test_loss, rel=1e-4)
        assert network.test_accuracy == alone.test_accuracy


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_network():
    first, again = (train_ensemble(DATA, SMALL, SHORT, seeds=[1, 2]) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert (activations(one) == activations(other)).all()
    assert not np.allclose(activations(first[0]), activations(first[1]))


def plain_torch(recipe, seed):
    """Train one network as a reader of the recipe would: Sequential, torch.optim, a loop."""
    start = untrained_network(SMALL, DATA.n_features, 1, [seed]).parameters
    layers = []
    for weight, bias in zip(start.weights, start.biases, strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[2])
        linear.weight.data = weight.detach()[0].T.clone()
        linear.bias.data = bias.detach()[0, 0].clone()
        layers += [linear, nn.ReLU()]
    network = nn.Sequential(*layers[:-1])
    steps = plain_optimizer(network.parameters(), recipe)
    x, y = torch.from_numpy(DATA.x_train), torch.from_numpy(DATA.y_train).float()
    order = np.random.default_rng([seed, 1])
    for _ in range(recipe.epochs):
        rows = torch.from_numpy(order.permutation(len(x)))
        for batch in rows.split(recipe.batch_size):
            steps.zero_grad()
            output = network(x[batch]).squeeze(-1)
            nn.functional.binary_cross_entropy_with_logits(output, y[batch]).backward()
            steps.step()
    return network[:-1](torch.from_numpy(DATA.x_test)).detach().numpy()


@pytest.mark.parametrize(
    "recipe",
    [
        SHORT,
        replace(SHORT, weight_decay=0.1),
        TORCH,
        replace(TORCH, weight_decay=0.1),
        MOMENTUM,
        replace(MOMENTUM, weight_decay=0.05),
        replace(SHORT, optimizer="adam", epsilon_inside=None, decay=0.8, weight_decay=0.01),
    ],
    ids=[
        "rmsprop",
        "rmsprop_decay",
        "outside",
        "outside_decay",
        "sgd_momentum",
        "sgd_decay",
        "adam_decay",
    ],
)
def test_training_is_that_of_plain_torch(recipe):
    (network,) = train_ensemble(DATA, SMALL, recipe, seeds=[7])
    expected = plain_torch(recipe, seed=7)
    np.testing.assert_allclose(network.activations.layers[-1], expected, rtol=2e-3, atol=2e-4)


def test_default_recipe_is_that_of_the_paper():
    assert Recipe() == Recipe("rmsprop", 1e-3, 0.9, 1e-7, True, 0.0, 50, 32, 0, False)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_written_out_gradient_is_that_of_autograd(classes):
    outputs = 1 if classes == 2 else classes
    network = ensemble([(3, 6), (6, 5), (5, outputs)], seeds=[0, 1])
    draw = torch.Generator().manual_seed(0)
    for bias in network.biases:
        bias.uniform_(-1, 1, generator=draw)
    x = torch.randn(2, 7, 3, generator=draw)
    y = torch.randint(0, classes, (2, 7), generator=draw)
    gradient = zeros_like(network)
    gradient.flat.fill_(torch.nan)
    rows = torch.arange(14).view(2, 7).flip(1)
    PlainGradient(gradient, network, x.view(14, 3))(rows, y.flip(1))
    leaves = [one.clone().requires_grad_() for one in (*network.weights, *network.biases)]
    h = x
    for at in range(3):
        z = torch.baddbmm(leaves[3 + at], h, leaves[at])
        h = torch.relu(z)
        assert at == 2 or (h == 0).any()
    losses(z, y).mean(dim=1).sum().backward()
    for ours, leaf in zip((*gradient.weights, *gradient.biases), leaves, strict=True):
        torch.testing.assert_close(ours, leaf.grad, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_gradient_on_all_rows_at_once_is_that_of_a_batch_of_all(outputs):
    network = ensemble([(300, 6), (6, 5), (5, outputs)], seeds=[0, 1])
    draw = torch.Generator().manual_seed(0)
    x = torch.rand(9, 300, generator=draw)
    y = torch.randint(0, max(2, outputs), (2, 9), generator=draw)
    rows = torch.arange(9).expand(2, 9)
    whole, batch = zeros_like(network), zeros_like(network)
    whole.flat.fill_(torch.nan)
    WholeGradient(whole, network, x)(rows, y)
    PlainGradient(batch, network, x)(rows, y)
    assert (whole.flat != 0).any()
    torch.testing.assert_close(whole.flat, batch.flat, rtol=1e-5, atol=1e-7)


def test_the_gradient_of_an_input_that_is_cut_is_that_of_autograd():
    d, batch = 1100, 40
    assert len(cuts(batch, d, 60)) == 4
    network = ensemble([(d, 60), (60, 1)], seeds=[0, 1, 2])
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(50, d, generator=draw)
    y = torch.randint(0, 2, (3, batch), generator=draw)
    rows = torch.stack([torch.randperm(50, generator=draw)[:batch] for _ in range(3)])
    gradient = zeros_like(network)
    PlainGradient(gradient, network, x)(rows, y)
    leaves = [one.clone().requires_grad_() for one in network.weights]
    h = torch.relu(x[rows] @ leaves[0])
    losses(h @ leaves[1], y).mean(dim=1).sum().backward()
    for ours, leaf in zip(gradient.weights, leaves, strict=True):
        torch.testing.assert_close(ours, leaf.grad, rtol=1e-4, atol=1e-6)


def test_a_parameter_that_is_no_number_is_not_hidden():
    network = ensemble([(3, 4), (4, 4), (4, 1)], seeds=[0, 1])
    network.weights[0][1] = torch.nan
    gradient = zeros_like(network)
    x, rows = torch.rand(8, 3), torch.arange(8).expand(2, 8)
    PlainGradient(gradient, network, x)(rows, torch.arange(8).expand(2, 8) % 2)
    assert all(torch.isfinite(one[0]).all() for one in gradient.weights)
    assert all(torch.isnan(one[1]).all() for one in gradient.weights)


def test_products_of_kernels_are_made_by_one_thread_from_the_first_training_on():
    code = """
import torch
from threadpoolctl import threadpool_info
from geoflow.training._backward import PlainGradient
from geoflow.training._ensemble import ensemble, zeros_like
from geoflow.training._threads import set_for_training
with set_for_training():
    network = ensemble([(3, 4), (4, 1)], seeds=[0])
    rows = torch.arange(4).view(1, 4)
    PlainGradient(zeros_like(network), network, torch.rand(5, 3))(rows, rows % 2)
    blas = [one for one in threadpool_info() if one["user_api"] == "blas"]
    print(any("scipy" in one["filepath"] for one in blas), {one["num_threads"] for one in blas})
"""
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "{1}"]


def test_shuffled_labels_are_learned_by_heart_and_say_nothing_of_the_test():
    data = load(DatasetSpec("digits_3v8"))
    recipe = Recipe(epochs=150, optimizer="adam", learning_rate=0.01, shuffled_labels=True)
    one, other = train_ensemble(data, architecture("64,64"), recipe, seeds=[0, 1])
    assert one.train_accuracy > 0.95
    assert 0.2 < one.test_accuracy < 0.8
    shuffled = seen_labels(data.y_train, recipe, [0, 1])
    assert (shuffled.sum(axis=1) == data.y_train.sum()).all()
    assert 0 < (shuffled[0] != shuffled[1]).mean() < 1
    assert (seen_labels(data.y_train, Recipe(), [0, 1]) == data.y_train).all()
    assert not np.allclose(activations(one), activations(other))


def test_weights_are_glorot_uniform_and_biases_zero():
    network = ensemble([(300, 200), (200, 1)], seeds=[0])
    bound = (6 / 500) ** 0.5
    weight = network.weights[0].detach()
    assert weight.abs().max() <= bound
    assert weight.abs().max() > 0.99 * bound
    assert weight.std() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert all((bias == 0).all() for bias in network.biases)


def test_the_layers_are_rectified_affine_maps():
    network = untrained_network(architecture("3"), 2, 1, seeds=[0, 1])
    x = torch.from_numpy(DATA.x_test)[None]
    (h,) = (layer.numpy() for layer in hidden(network, x))
    for replica in range(2):
        weight = network.parameters.weights[0][replica].numpy()
        np.testing.assert_allclose(h[replica], np.maximum(DATA.x_test @ weight, 0), atol=1e-6)
        last = network.parameters.weights[1][replica].numpy()
        out = logits(network, x)[replica].numpy()
        np.testing.assert_allclose(out, h[replica] @ last, atol=1e-6)


@pytest.mark.parametrize("rows", [20, 20 / 70])
def test_the_validation_tail_is_not_seen(rows):
    recipe = replace(SHORT, validation_rows=rows)
    changed = DATA.x_train.copy()
    changed[50:] += 100
    seen, unseen = (
        train_ensemble(replace(DATA, x_train=x), SMALL, recipe, seeds=[0])[0]
        for x in (DATA.x_train, changed)
    )
    assert (activations(seen) == activations(unseen)).all()
    changed[49] += 100
    (other,) = train_ensemble(replace(DATA, x_train=changed), SMALL, recipe, seeds=[0])
    assert (activations(seen) != activations(other)).any()


def test_a_tail_that_leaves_one_class_or_nothing_is_refused():
    with pytest.raises(TrainingError, match=r"'circles'.*one class only.*validation_rows"):
        train_ensemble(DATA, SMALL, replace(SHORT, validation_rows=40), seeds=[0])
    with pytest.raises(TrainingError, match="leaves none of 70"):
        train_ensemble(DATA, SMALL, replace(SHORT, validation_rows=70), seeds=[0])


def test_a_training_that_diverges_says_so():
    wild = replace(SHORT, optimizer="sgd", epsilon_inside=None, learning_rate=1e12, epochs=8)
    (network,) = train_ensemble(DATA, SMALL, wild, seeds=[0])
    assert not network.is_finite
    assert network.test_loss is None
    assert network.activations.layers[1:] == []


def test_more_classes_get_an_output_each():
    digits = load(DatasetSpec("digits"))
    recipe = Recipe(epochs=6, optimizer="adam", learning_rate=0.01)
    (network,) = train_ensemble(digits, architecture("32,32"), recipe, seeds=[0])
    assert network.test_accuracy > 0.8
    assert [layer.shape[1] for layer in network.activations.layers[1:]] == [32, 32]


def test_training_leaves_denormal_numbers_to_geometry():
    small = np.full(8, 1e-310)
    train_ensemble(DATA, SMALL, SHORT, seeds=[0])
    assert (small * 0.5 > 0).all()
    assert (torch.from_numpy(small) * 0.5 > 0).all()


@pytest.fixture
def two_threads():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(threads)


def test_torch_is_as_it_was_found_while_networks_are_looked_at(two_threads):
    small = np.full(8, 1e-310)
    for _ in train_in_stages(DATA, SMALL, SHORT, [0], epochs=(0, 2)):
        assert torch.get_num_threads() == 2
        assert (small * 0.5 > 0).all()
        assert (torch.from_numpy(small) * 0.5 > 0).all()


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_networks_after_some_epochs_are_those_of_so_many_epochs(optimizer, shuffled):
    recipe = replace(SHORT, optimizer=optimizer, epsilon_inside=None, shuffled_labels=shuffled)
    looked_at = list(train_in_stages(DATA, SMALL, recipe, [1, 2], epochs=(0, 1, 3, 4)))
    assert [epoch for epoch, _ in looked_at] == [0, 1, 3, 4]
    for epoch, networks in looked_at:
        alone = train_ensemble(DATA, SMALL, replace(recipe, epochs=epoch), [1, 2])
        for one, other in zip(networks, alone, strict=True):
            assert (activations(one) == activations(other)).all()
            assert (one.seed, one.test_loss) == (other.seed, other.test_loss)
            assert (one.train_loss, one.train_accuracy) == (other.train_loss, other.train_accuracy)
    first, *_, last = (networks[0].train_loss for _, networks in looked_at)
    assert first != last


def test_the_share_done_rises_to_one_whatever_is_looked_at():
    shares = []
    for epoch, networks in train_in_stages(DATA, SMALL, SHORT, [0], (2,), shares.append):
        assert len(shares) == epoch
        assert networks[0].seconds > 0
    assert shares == [0.25, 0.5, 0.75, 1]


def test_an_epoch_after_the_last_is_refused():
    with pytest.raises(TrainingError, match="no epoch 5 in a training of 4 epochs"):
        next(train_in_stages(DATA, SMALL, SHORT, [0], epochs=(2, 5)))


def test_training_learns():
    recipe = Recipe(epochs=60, optimizer="adam", learning_rate=0.01)
    data = load(DatasetSpec("circles", n_train=400, n_test=200))
    (network,) = train_ensemble(data, architecture("16,16"), recipe, seeds=[0])
    assert network.test_accuracy > 0.95
    assert network.train_accuracy > 0.95
    assert network.train_loss < 0.3
