"""The way of the weights is the sum of the steps that snapshots show."""

from dataclasses import replace

import numpy as np
import pytest

from geoflow.datasets import load
from geoflow.errors import TrainingError
from geoflow.geometry.transport.speed import path_ratio, speed_limit, weight_path
from geoflow.specs import DatasetSpec, Recipe, architecture
from geoflow.training import WeightWatch, train_ensemble, train_in_stages

DATA = load(DatasetSpec("circles", n_train=70, n_test=40))
FULL = Recipe(epochs=6, batch_size=70, learning_rate=0.05, optimizer="sgd", validation_rows=0.2)


@pytest.mark.parametrize("family", ["plain", "dense"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_one_step_an_epoch_makes_the_way_that_snapshots_show(family, optimizer):
    kind = architecture("6,5,4", family=family)
    recipe = replace(FULL, optimizer=optimizer, epsilon_inside=None)
    watch, epochs = WeightWatch(), range(7)
    states = list(train_in_stages(DATA, kind, recipe, [3, 4], epochs, watch=watch))
    for replica in range(2):
        weights = [nets[replica].network.parameters.flat.numpy() for _, nets in states]
        for epoch, networks in states:
            seen, path = networks[replica], weight_path(weights[: epoch + 1])
            assert seen.n_steps == epoch
            assert seen.path_length == pytest.approx(path.length, rel=1e-5)
            assert seen.chord == pytest.approx(path.chord, rel=1e-5)
            assert seen.first_loss == states[0][1][replica].train_loss
        assert path_ratio(seen.path_length, seen.chord).ratio > 1
    assert states[-1][1][0].path_length != states[-1][1][1].path_length


def test_a_watched_training_keeps_the_speed_limit_of_its_weights():
    states = train_in_stages(
        DATA, architecture("8,8"), replace(FULL, epochs=200, learning_rate=0.01), [0], (0,),
        watch=WeightWatch(),
    )  # fmt: skip
    (_, (first,)), (_, (last,)) = states
    ends = [one.network.parameters.flat.numpy() for one in (first, last)]
    limit = speed_limit(*ends, last.first_loss, last.train_loss, 0.01, last.n_steps)
    assert last.chord**2 == pytest.approx(
        limit.time_limit * (last.first_loss - last.train_loss), rel=1e-4
    )
    assert limit.inefficiency > 0.9


@pytest.mark.parametrize("norm", [False, True])
def test_a_watch_changes_nothing_and_counts_the_steps_of_all_batches(norm):
    kind = architecture("6,5", batch_norm=norm)
    recipe = Recipe(epochs=3, batch_size=16)
    (watched,) = train_ensemble(DATA, kind, recipe, [5], watch=WeightWatch())
    (alone,) = train_ensemble(DATA, kind, recipe, [5])
    assert (watched.network.parameters.flat == alone.network.parameters.flat).all()
    assert watched.n_steps == 3 * 5
    assert watched.path_length > watched.chord > 0
    assert [alone.path_length, alone.chord, alone.n_steps, alone.first_loss] == [None] * 4


def test_an_untrained_network_has_gone_nowhere():
    recipe = replace(FULL, epochs=0)
    (network,) = train_ensemble(DATA, architecture("6"), recipe, [0], watch=WeightWatch())
    assert (network.path_length, network.chord, network.n_steps) == (0, 0, 0)
    assert network.first_loss == network.train_loss


def test_a_way_that_is_not_finite_is_none():
    wild = replace(FULL, learning_rate=1e20)
    (network,) = train_ensemble(DATA, architecture("6,5"), wild, [0], watch=WeightWatch())
    assert not network.is_finite
    assert (network.path_length, network.chord) == (None, None)
    assert network.n_steps == 6
    assert np.isfinite(network.first_loss)


def test_a_watch_watches_one_training():
    watch = WeightWatch()
    train_ensemble(DATA, architecture("6"), FULL, [0], watch=watch)
    with pytest.raises(TrainingError, match="make a new one"):
        train_ensemble(DATA, architecture("6"), FULL, [0], watch=watch)
