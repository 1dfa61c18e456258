"""A model that was taken from is what it was before: what it keeps, counts, makes and rebinds."""

import gc
import random
import weakref
from collections import defaultdict, deque

import numpy as np
import pytest
import torch
from small_models import Blocks
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from geoflow.capturing import _passes, activations
from geoflow.capturing._kept import LARGEST_OF_OBJECTS, kept_of

X = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))


class Keeps(nn.Module):
    """Rebinds a buffer, counts, keeps what it gave and makes a table, all in its forward pass."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 6)
        self.register_buffer("mean", torch.zeros(6))
        self.register_buffer("table", None)
        self.n_calls, self.given, self.tables = 0, [], {}

    def forward(self, x):
        h = self.linear(x)
        self.mean = 0.9 * self.mean + 0.1 * h.mean(dim=0).detach()
        if self.table is None:
            self.table = torch.arange(6.0)
        if 6 not in self.tables:
            self.tables[6] = torch.ones(6)
        if not hasattr(self, "late"):
            self.late = nn.Linear(6, 6)
        self.n_calls += 1
        self.given.append(h)
        return self.late((h - self.mean) * self.tables[6] + self.table)


class State:
    """An object of a user's own."""

    def __init__(self):
        self.mean, self.seen, self.data = torch.zeros(6), [], np.zeros(2**24)


class Draws(nn.Module):
    """Keeps what it draws and sees in whatever holds something."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 6)
        self.mean, self.counts, self.state = torch.zeros(6), np.zeros(3), State()
        self.last = deque([0], maxlen=2)
        self.given, self.nested = defaultdict(list), {"all": {"mean": torch.zeros(6)}, "n": [[0]]}
        self.pair = [0], {1}
        self.of_torch = torch.Generator().manual_seed(1)
        self.of_numpy, self.of_python = np.random.default_rng(1), random.Random(1)

    def forward(self, x):
        h = self.linear(x) + torch.randn(6, generator=self.of_torch)
        h = h + self.of_numpy.normal() + self.of_python.random() + self.mean
        for mean in (self.mean, self.state.mean, self.nested["all"]["mean"]):
            mean.mul_(0.9).add_(h.detach().mean(0))
        self.counts += 1
        self.last.append(h)
        self.given["x"].append(h)
        self.nested["n"][0].append(h)
        self.nested["all"]["x"] = h
        self.pair[0].append(h)
        self.pair[1].add(2)
        self.state.seen.append(h)
        self.state.late = h
        return h


def test_what_it_holds_in_other_ways_is_what_it_was():
    torch.manual_seed(0)
    kept, other = Draws(), Draws()
    model = nn.Sequential(kept, nn.ReLU())
    alone = activations(model, X, layers="*", batch_size=8)
    twice = activations(model, X, layers="*", batch_size=8, memory=900)
    for one, again in zip(alone.layers, twice.layers, strict=True):
        np.testing.assert_array_equal(one, again)
    assert (alone.layers.n_passes, twice.layers.n_passes) == (1, 2)
    for mean in (kept.mean, kept.state.mean, kept.nested["all"]["mean"], kept.counts):
        assert not mean.any()
    assert (kept.last, dict(kept.given)) == (deque([0]), {})
    assert (list(kept.nested["all"]), kept.nested["n"]) == (["mean"], [[0]])
    assert (kept.pair, kept.state.seen) == (([0], {1}), [])
    assert not hasattr(kept.state, "late")
    assert kept.last.maxlen == 2
    kept(X).sum().backward()  # nothing of inference mode is left
    other(X)
    assert kept.of_numpy.normal() == other.of_numpy.normal()
    assert kept.of_python.random() == other.of_python.random()
    assert kept.of_torch.get_state().equal(other.of_torch.get_state())


def test_of_a_large_array_in_an_object_no_copy_is_made():
    draws = Draws()
    sizes = [one.before.nbytes for one in kept_of([draws]) if hasattr(one, "before")]
    assert draws.state.data.nbytes > LARGEST_OF_OBJECTS
    assert max(sizes) < 100


@pytest.mark.parametrize("memory", [None, 1200])
def test_what_a_forward_pass_leaves_in_a_model_is_taken_out_of_it(memory):
    torch.manual_seed(0)
    model = nn.Sequential(Keeps(), nn.ReLU(), nn.Linear(6, 6), nn.ReLU())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = activations(model, X, memory=memory, batch_size=8)
    assert sum(layer.shape[1] for layer in found.layers) == 16
    kept, after = model[0], model.state_dict()
    assert (kept.n_calls, kept.given, kept.tables, kept.table) == (0, [], {}, None)
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert torch.equal(value, after[name])
    model(X).sum().backward()  # nothing of inference mode is left
    assert kept.linear.weight.grad is not None


def test_the_positions_of_tokens_are_found_without_training_anything():
    """What enters the first layer is the input of tokens: the model runs once more for it."""
    torch.manual_seed(0)
    body = [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.Conv2d(4, 4, 1)]
    model = nn.Sequential(*body, nn.ReLU()).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = activations(model, torch.randn(5, 2, 4, 4), layers="4", pool="tokens")
    assert (found.n, found.widths) == (20, [4, 4])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training


def test_a_layer_is_given_back_before_the_next_ones_are_taken(monkeypatch):
    """Compiling a kernel leaves cycles that hold its arguments: they are looked for."""
    monkeypatch.setattr(_passes, "WORTH_COLLECTING", 0)  # these layers are small
    loader = DataLoader(TensorDataset(X), 8)
    found = activations(Blocks(), loader, memory=1200)
    held, cycle = found.layers[1], []
    cycle += [cycle, held]
    seen = weakref.ref(held)
    del held, cycle
    gc.disable()
    try:
        assert not np.isnan(found.layers[3]).any()
        assert seen() is None
    finally:
        gc.enable()
