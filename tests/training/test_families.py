"""Every family is the network its formula says, trained as torch would train it alone."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_optimizers import plain_optimizer
from torch import nn

from geoflow.datasets import load
from geoflow.errors import SpecError, TrainingError
from geoflow.specs import FAMILIES, Architecture, DatasetSpec, Recipe, architecture
from geoflow.training import train_ensemble, train_in_stages
from geoflow.training._backward import PlainGradient
from geoflow.training._ensemble import zeros_like
from geoflow.training._evaluation import losses
from geoflow.training._network import (
    hidden,
    layers,
    logits,
    outputs,
    pre_activations,
    untrained_network,
)
from geoflow.training._recorded import RecordedGradient
from geoflow.training._stopping import Stopping
from geoflow.training.families import memory
from geoflow.training.loop import fit

DATA = load(DatasetSpec("circles", n_train=70, n_test=40))
SHORT = Recipe(epochs=3, batch_size=16, learning_rate=0.01)
KINDS = {
    f"{family}{'_norm' * norm}": Architecture("5", (5,) * 4, family, batch_norm=norm)
    for family in FAMILIES
    for norm in (False, True)
}
NOT_PLAIN = {name: one for name, one in KINDS.items() if name != "plain"}

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_other = pytest.mark.parametrize("kind", NOT_PLAIN.values(), ids=NOT_PLAIN)


class Alone(nn.Module):
    """One network as its formula is read, with the modules of torch."""

    def __init__(self, kind, n_features, n_outputs):
        super().__init__()
        self.kind = kind
        sizes = [n_features, *kind.widths]
        fed = np.cumsum(sizes).tolist() if kind.family == "dense" else sizes
        self.linear = nn.ModuleList(map(nn.Linear, fed[:-1], kind.widths))
        for linear in self.linear if kind.batch_norm else ():
            linear.bias.requires_grad_(False)  # the shift after it is a bias
        self.norm = nn.ModuleList(nn.BatchNorm1d(w) for w in kind.widths if kind.batch_norm)
        self.out = nn.Linear(sizes[-1], n_outputs)

    def take(self, network, replica=0):
        """Copy the parameters of a replica."""
        ours = network.parameters
        for at, linear in enumerate((*self.linear, self.out)):
            linear.weight.data = ours.weights[at][replica].T.clone()
            linear.bias.data = ours.biases[at][replica, 0].clone()
        for at, norm in enumerate(self.norm):
            norm.weight.data = ours.scales[at][replica, 0].clone()
            norm.bias.data = ours.shifts[at][replica, 0].clone()
            norm.running_mean = network.running[at].mean[replica, 0].clone()
            norm.running_var = network.running[at].variance[replica, 0].clone()
        return self

    def answers(self, x):
        """Return pre-activations and hidden layers."""
        zs, hs = [], []
        gamma = self.kind.memory_order or 1.0
        for at, linear in enumerate(self.linear):
            if self.kind.family == "dense":
                z = linear(torch.cat([x, *hs], dim=1))
            else:
                z = linear(hs[-1] if hs else x)
            z = self.norm[at](z) if len(self.norm) else z
            h = torch.relu(z)
            if hs and self.kind.family == "residual":
                h = hs[-1] + h
            if hs and self.kind.family == "fractional":
                n = at + 1  # h_n = h_{n-1} - sum_j a_{n-1-j} (h_{j+1} - h_j) + Gamma(2 - g) s_n
                h = hs[-1] + math.gamma(2 - gamma) * h
                for j in range(1, n - 1):
                    a = (n - j) ** (1 - gamma) - (n - 1 - j) ** (1 - gamma)
                    h = h - a * (hs[j] - hs[j - 1])
            zs.append(z)
            hs.append(h)
        return zs, hs

    def forward(self, x):
        return self.out(self.answers(x)[1][-1])


def stirred(network):
    """Return a network with no parameter or running number at its start."""
    draw = torch.Generator().manual_seed(1)
    network.parameters.flat.add_(0.3 * torch.randn(network.parameters.flat.shape, generator=draw))
    for one in network.running:
        one.mean.uniform_(-1, 1, generator=draw)
        one.variance.uniform_(0.5, 2, generator=draw)
    return network


@each_kind
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_a_network_is_what_its_formula_says(kind, n_outputs):
    network = stirred(untrained_network(kind, 3, n_outputs, seeds=[0, 1]))
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(2))
    ours = pre_activations(network, x[None]), hidden(network, x[None])
    for replica in range(2):
        alone = Alone(kind, 3, n_outputs).take(network, replica).eval()
        with torch.no_grad():
            for mine, theirs in zip(ours, alone.answers(x), strict=True):
                assert len(mine) == len(theirs) == 4
                for one, other in zip(mine, theirs, strict=True):
                    torch.testing.assert_close(one[replica], other, rtol=1e-4, atol=1e-5)
            got = logits(network, x[None])[replica]
            torch.testing.assert_close(got, alone(x), rtol=1e-4, atol=1e-5)


def trained_alone(kind, recipe, seed):
    alone = Alone(kind, DATA.n_features, 1).take(
        untrained_network(kind, DATA.n_features, 1, [seed])
    )
    steps = plain_optimizer(alone.parameters(), recipe)
    x, y = torch.from_numpy(DATA.x_train), torch.from_numpy(DATA.y_train).float()
    order = np.random.default_rng([seed, 1])
    for _ in range(recipe.epochs):
        for batch in torch.from_numpy(order.permutation(len(x))).split(recipe.batch_size):
            steps.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(
                alone(x[batch]).squeeze(-1), y[batch]
            ).backward()
            steps.step()
    return alone.eval()


# epsilon: without it a gradient that is next to 0 becomes a whole step
OPTIMIZERS = {
    "sgd": Recipe("sgd", 0.05, 0.5, weight_decay=0.1, epochs=3, batch_size=16),
    "rmsprop": replace(SHORT, epsilon=1e-3, weight_decay=0.1),
    "outside": replace(SHORT, epsilon=1e-3, epsilon_inside=False, weight_decay=0.1),
    "adam": replace(SHORT, optimizer="adam", epsilon_inside=None, epsilon=1e-3, weight_decay=0.1),
}


@each_kind
@pytest.mark.parametrize("recipe", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_training_is_that_of_torch_with_weight_decay(kind, recipe):
    (network,) = train_ensemble(DATA, kind, recipe, seeds=[7])
    theirs = trained_alone(kind, recipe, seed=7)
    ours = Alone(kind, DATA.n_features, 1).take(network.network)
    for name, one in ours.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            other = theirs.state_dict()[name]
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4, msg=name)
    (free,) = train_ensemble(DATA, kind, replace(recipe, weight_decay=0.0), seeds=[7])
    assert free.network.parameters.flat.norm() > network.network.parameters.flat.norm() * 1.001
    last = theirs.answers(torch.from_numpy(DATA.x_test))[1][-1].detach().numpy()
    np.testing.assert_allclose(network.activations.layers[-1], last, rtol=2e-3, atol=5e-4)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@each_kind
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_the_gradient_is_that_of_finite_differences(double, kind, n_outputs):
    network = untrained_network(kind, 3, n_outputs, seeds=[0, 1])
    network.parameters.flat.add_(
        0.1 * torch.randn(network.parameters.flat.shape, generator=torch.Generator().manual_seed(5))
    )
    draw = torch.Generator().manual_seed(3)
    x, y = torch.randn(2, 9, 3, generator=draw), torch.randint(0, max(2, n_outputs), (2, 9))
    gradient = zeros_like(network.parameters)
    gradient.flat.fill_(7.0)  # what was there is not added to
    RecordedGradient(gradient, network, x.view(18, 3))(torch.arange(18).view(2, 9), y)

    @torch.no_grad()
    def loss():
        passed = layers(network.wiring, network.parameters, x, network.in_training)
        *_, (_, h) = passed
        return float(losses(outputs(network.parameters, h), y).mean(dim=1).sum())

    flat = network.parameters.flat
    for at in range(0, len(flat), 5):
        was, step = float(flat[at]), 1e-6
        flat[at] = was + step
        above = loss()
        flat[at] = was - step
        below = loss()
        flat[at] = was
        assert float(gradient.flat[at]) == pytest.approx((above - below) / (2 * step), abs=2e-7)


def test_the_recorded_gradient_of_plain_networks_is_the_written_one():
    network = untrained_network(KINDS["plain"], 3, 1, seeds=[0, 1])
    draw = torch.Generator().manual_seed(3)
    x, y = torch.randn(2, 9, 3, generator=draw), torch.randint(0, 2, (2, 9), generator=draw)
    recorded, written = (zeros_like(network.parameters) for _ in range(2))
    points, rows = x.view(18, 3), torch.arange(18).view(2, 9)
    RecordedGradient(recorded, network, points)(rows, y)
    PlainGradient(written, network.parameters, points)(rows, y)
    assert recorded.flat.abs().max() > 0.01
    torch.testing.assert_close(recorded.flat, written.flat, rtol=1e-5, atol=1e-7)


@each_other
def test_a_replica_is_the_same_alone_and_in_its_ensemble(kind):
    together = train_ensemble(DATA, kind, SHORT, seeds=[3, 4, 5])
    for seed, network in zip([3, 4, 5], together, strict=True):
        (alone,) = train_ensemble(DATA, kind, SHORT, seeds=[seed])
        for one, other in zip(network.activations.layers, alone.activations.layers, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-3, atol=1e-4)
    assert not np.allclose(together[0].activations.layers[-1], together[1].activations.layers[-1])


def test_a_residual_network_with_zero_weights_is_the_identity_after_the_projection():
    network = untrained_network(KINDS["residual"], 3, 1, seeds=[0, 1])
    for weight in network.parameters.weights[1:]:
        weight.zero_()
    x = torch.randn(1, 20, 3, generator=torch.Generator().manual_seed(0))
    first, *others = hidden(network, x)
    assert first.abs().max() > 0.1
    assert all((h == first).all() for h in others)


def test_of_order_one_a_fractional_network_is_the_residual_one_bit_for_bit():
    residual = KINDS["residual"]
    fractional = replace(residual, family="fractional", memory_order=1.0)
    ours, theirs = (train_ensemble(DATA, kind, SHORT, [1, 2]) for kind in (fractional, residual))
    for one, other in zip(ours, theirs, strict=True):
        assert (one.network.parameters.flat == other.network.parameters.flat).all()
        assert (one.activations.layers[-1] == other.activations.layers[-1]).all()
    (half,) = train_ensemble(DATA, KINDS["fractional"], SHORT, [1])
    assert not np.allclose(half.activations.layers[-1], theirs[0].activations.layers[-1], atol=1e-2)


@pytest.mark.parametrize("order", [0.1, 0.5, 0.9, 1.0])
def test_memory_is_the_l1_scheme_which_is_exact_for_straight_lines(order):
    # Caputo: d^gamma t / dt^gamma = t^(1 - gamma) / Gamma(2 - gamma); h_i = i - 1 is that line
    for layer in range(2, 12):
        shares = memory(order, layer)
        assert len(shares) == layer - 1
        assert min(shares) >= 0
        assert sum(shares) == pytest.approx(1)
        line = sum(share * at for at, share in enumerate(shares))
        assert line + (layer - 1) ** (1 - order) == pytest.approx(layer - 1)


def test_memory_solves_the_caputo_equation_with_a_known_solution():
    # d^gamma u / dt^gamma = 2 t^(2 - gamma) / Gamma(3 - gamma) has u = t^2, u(0) = 0
    order, errors = 0.4, []
    for n in (50, 100, 200):
        tau, u = 1 / n, [0.0]
        for at in range(1, n + 1):
            right = 2 * (at * tau) ** (2 - order) / math.gamma(3 - order)
            past = sum(m * h for m, h in zip(memory(order, at + 1), u, strict=True))
            u.append(past + tau**order * math.gamma(2 - order) * right)
        errors.append(abs(u[-1] - 1))
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(rates, 2 - order, atol=0.15)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_hidden_layer_is_plain_in_every_family(family):
    nets = [
        train_ensemble(DATA, architecture("6", 1, one), SHORT, [0]) for one in (family, "plain")
    ]
    (ours,), (plain,) = nets
    np.testing.assert_allclose(
        ours.activations.layers[1], plain.activations.layers[1], rtol=1e-3, atol=1e-5
    )


@each_other
def test_networks_after_some_epochs_are_those_of_so_many_epochs(kind):
    looked_at = list(train_in_stages(DATA, kind, SHORT, [1, 2], epochs=(0, 1, 3)))
    points = DATA.x_test[:7] * 3
    for epoch, networks in looked_at:
        again = train_ensemble(DATA, kind, replace(SHORT, epochs=epoch), [1, 2])
        for one, other in zip(networks, again, strict=True):
            assert (one.test_loss, one.train_loss) == (other.test_loss, other.train_loss)
            for a, b in zip(one.activations.layers, other.activations.layers, strict=True):
                assert (a == b).all()
            # asked after the training has gone on
            for a, b in zip(
                one.pre_activations(points), other.pre_activations(points), strict=True
            ):
                assert (a == b).all()


@each_kind
def test_pre_activations_are_what_the_activation_is_applied_to(kind):
    networks = train_ensemble(DATA, kind, SHORT, seeds=[0, 1])
    for network in networks:
        z = network.pre_activations(DATA.x_test.astype(np.float64))
        assert [(one.shape, one.dtype) for one in z] == [((40, 5), np.float32)] * 4
        np.testing.assert_allclose(np.maximum(z[0], 0), network.activations.layers[1], atol=1e-5)
        alone = Alone(kind, DATA.n_features, 1).take(network.network).eval()
        theirs, _ = alone.answers(torch.from_numpy(DATA.x_test))
        for one, other in zip(z, theirs, strict=True):
            np.testing.assert_allclose(one, other.detach().numpy(), rtol=1e-4, atol=1e-5)
    with pytest.raises(
        TrainingError, match=r"shape \(4, 3\) for the network of seed 1: give \(m, 2"
    ):
        networks[1].pre_activations(np.zeros((4, 3)))


@each_kind
def test_a_replica_that_diverges_leaves_the_others_alone(kind):
    x, y = torch.from_numpy(DATA.x_train), torch.from_numpy(np.tile(DATA.y_train, (2, 1)))
    whole, half = (untrained_network(kind, DATA.n_features, 1, seeds=[0, 1]) for _ in range(2))
    half.parameters.weights[1][0] = torch.nan
    for network in (whole, half):
        list(fit(network, x, y, SHORT, [0, 1], Stopping(network, x, y, None)))
    for one, other in zip(whole.parameters.views, half.parameters.views, strict=True):
        assert (one[1] == other[1]).all()
    assert not half.parameters.flat.isfinite().all()


@each_kind
def test_a_training_that_diverges_says_so(kind):
    wild = replace(SHORT, optimizer="sgd", epsilon_inside=None, learning_rate=1e20, epochs=8)
    (network,) = train_ensemble(DATA, kind, wild, seeds=[3])
    assert (network.is_finite, network.test_loss, network.activations.pre) == (False, None, None)
    with pytest.raises(TrainingError, match=r"seed 3 has no pre-activations.*learning_rate"):
        network.pre_activations(DATA.x_test)


@each_other
def test_every_family_learns(kind):
    wide = replace(kind, width="16", widths=(16,) * 3)
    recipe = Recipe(epochs=40, optimizer="adam", learning_rate=0.01)
    data = load(DatasetSpec("circles", n_train=300, n_test=200))
    (network,) = train_ensemble(data, wide, recipe, seeds=[0])
    assert network.test_accuracy > 0.8


def test_a_batch_of_one_row_is_refused_where_it_would_be_normalised():
    normed = KINDS["plain_norm"]
    with pytest.raises(
        TrainingError, match=r"70 training rows in batches of 23 leave .* batch_size"
    ):
        train_ensemble(DATA, normed, replace(SHORT, batch_size=23), [0])
    with pytest.raises(TrainingError, match="a batch of one row"):
        train_ensemble(DATA, normed, replace(SHORT, batch_size=1), [0])
    train_ensemble(DATA, KINDS["plain"], replace(SHORT, batch_size=23), [0])
    train_ensemble(DATA, normed, replace(SHORT, batch_size=23, epochs=0), [0])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"family": "resnet"}, "unknown family 'resnet'"),
        ({"family": "fractal"}, "did you mean 'fractional'"),
        ({"family": "residual"}, r"family residual .* \(50, 25, 50\) differ: give one width"),
        ({"family": "fractional"}, "family fractional adds layers .* plain or dense"),
        ({"memory_order": 0.5}, "family plain has no memory_order: leave it out"),
        ({"batch_norm": 1}, "batch_norm must be true or false, not 1"),
    ],
)
def test_impossible_architectures_are_refused(values, said):
    with pytest.raises(SpecError, match=said):
        architecture("bottleneck", 3, **values)


@pytest.mark.parametrize("order", [0, -0.5, 1.5, float("nan"), True, "half"])
def test_impossible_orders_are_refused(order):
    with pytest.raises(SpecError, match=r"memory_order must be a number above 0 and at most 1"):
        architecture("wide", 3, "fractional", memory_order=order)
