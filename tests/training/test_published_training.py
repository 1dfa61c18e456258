"""Training as Hehl et al. 2025 do: weights as torch draws them, full batches, until an accuracy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import geoflow
from geoflow.datasets import load
from geoflow.errors import SpecError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study.run import run_study
from geoflow.training import train_ensemble, train_in_stages
from geoflow.training._network import untrained_network

DATA = load(DatasetSpec("circles", n_train=80, n_test=40, options={"factor": 0.3}))
SMALL = architecture("6,6")
RECIPE = Recipe(
    "adam", 0.05, epsilon=1e-8, epochs=60, batch_size="full", initialisation="torch",
    until_accuracy=0.95,
)  # fmt: skip


def parameters(network):
    return torch.cat([view.reshape(-1) for view in network.network.parameters.views])


def test_weights_and_biases_are_drawn_as_those_of_torch():
    wide = architecture("300,200")
    found = untrained_network(wide, 50, 1, seeds=[3, 4], initialisation="torch").parameters
    assert not torch.equal(found.weights[0][0], found.weights[0][1])
    torch.manual_seed(0)
    for weight, bias in zip(found.weights, found.biases, strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[2])
        for ours, theirs in ((weight, linear.weight), (bias, linear.bias)):
            limit = weight.shape[1] ** -0.5
            assert max(ours.abs().max(), theirs.detach().abs().max()) <= limit
            if theirs.numel() > 1000:  # uniform up to the limit, both of them
                moments = [
                    float((one.detach() ** 2).mean()) * 3 / limit**2 for one in (ours, theirs)
                ]
                assert moments == pytest.approx([1, 1], abs=0.15)
            assert ours.abs().max() > 0


def test_a_replica_draws_the_same_alone():
    both = untrained_network(SMALL, 2, 1, [5, 6], "torch").parameters
    alone = untrained_network(SMALL, 2, 1, [6], "torch").parameters
    pairs = zip(both.views, alone.views, strict=True)
    assert all(torch.equal(view[1], own[0]) for view, own in pairs)


def by_hand(seed):
    """Train one network with plain torch until an epoch ends accurate: (epoch, parameters)."""
    start = untrained_network(SMALL, 2, 1, [seed], "torch").parameters
    layers = []
    for weight, bias in zip(start.weights, start.biases, strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[2])
        linear.weight.data, linear.bias.data = weight[0].T.clone(), bias[0, 0].clone()
        layers += [linear, nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    steps = torch.optim.Adam(model.parameters(), lr=0.05, eps=1e-8)
    x, y = torch.from_numpy(DATA.x_train), torch.from_numpy(DATA.y_train).float()
    for epoch in range(1, RECIPE.epochs + 1):
        steps.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y).backward()
        steps.step()
        right = (model(x)[:, 0] > 0).float() == y
        if right.float().mean() >= RECIPE.until_accuracy:
            return epoch, float(right.float().mean())
    return None, float(right.float().mean())


SEEDS = [0, 1, 2, 3]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small only wait for each other's threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def ensemble():
    return train_ensemble(DATA, SMALL, RECIPE, SEEDS)


def test_each_network_ends_after_its_own_first_accurate_epoch(ensemble):
    stops = [one.stopped_at for one in ensemble]
    assert [(one.stopped_at, one.train_accuracy) for one in ensemble] == [
        (epoch, pytest.approx(accuracy)) for epoch, accuracy in map(by_hand, SEEDS)
    ]
    assert len(set(stops)) > 1


def test_a_network_that_ended_is_that_of_a_recipe_of_as_many_epochs(ensemble):
    for seed, one in zip(SEEDS, ensemble, strict=True):
        epochs = one.stopped_at or RECIPE.epochs
        (alone,) = train_ensemble(
            DATA, SMALL, replace(RECIPE, until_accuracy=None, epochs=epochs), [seed]
        )
        np.testing.assert_allclose(parameters(one), parameters(alone), rtol=1e-4, atol=1e-6)
        assert alone.stopped_at is None


def test_looking_on_the_way_changes_no_network_and_no_end(ensemble):
    first = min(one.stopped_at or RECIPE.epochs for one in ensemble)
    looks = (0, first - 1, first, first + 1)
    states = dict(train_in_stages(DATA, SMALL, RECIPE, SEEDS, looks))
    assert list(states) == [*looks, RECIPE.epochs]
    for one, last in zip(ensemble, states[RECIPE.epochs], strict=True):
        assert torch.equal(parameters(one), parameters(last))
    assert {one.stopped_at for one in states[first - 1]} == {None}
    assert first in {one.stopped_at for one in states[first]}
    at = [one.stopped_at for one in ensemble].index(first)
    assert torch.equal(parameters(states[first][at]), parameters(states[first + 1][at]))


def test_batch_norm_of_a_network_that_ended_stays_too():
    normed = architecture("6,6", batch_norm=True)
    recipe = replace(RECIPE, batch_size=16, learning_rate=0.03, epochs=30)
    found = train_ensemble(DATA, normed, recipe, SEEDS)
    assert any(one.stopped_at and one.stopped_at < 30 for one in found)
    for one in found:
        if one.stopped_at:
            assert one.train_accuracy >= 0.95


def test_the_store_has_how_it_was_trained(tmp_path):
    study = StudySpec(
        "s", (StudyDataset(DATA.spec, (4,), recipe=RECIPE),), (SMALL,), 2, snapshots=(0,)
    )
    run_study(study, tmp_path / "g.duckdb")
    rows = geoflow.open(tmp_path / "g.duckdb").view("networks")
    assert set(rows["batch_size"]) == {80}
    assert set(rows["initialisation"]) == {"torch"}
    assert set(rows["until_accuracy"]) == {0.95}
    stops = rows.filter(epochs=60).sort("replica")["stopped_at"].to_list()
    assert stops == [one.stopped_at for one in train_ensemble(DATA, SMALL, RECIPE, SEEDS)][:2]
    assert rows.filter(epochs=0)["stopped_at"].to_list() == [None, None]
    again = run_study(study, tmp_path / "g.duckdb")
    assert (again.n_written, again.n_present) == (0, 2)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"batch_size": "all"}, "batch_size must be an integer of at least 1, or 'full'"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1, not 0"),
        ({"initialisation": "keras"}, "unknown initialisation 'keras'.*glorot, torch"),
        ({"until_accuracy": 1.5}, "until_accuracy must be a number .*not 1.5"),
    ],
)
def test_what_no_training_can_be_is_refused(recipe, said):
    with pytest.raises(SpecError, match=said):
        Recipe(**recipe)
