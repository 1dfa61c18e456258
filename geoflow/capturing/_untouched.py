"""A model is run and afterwards is what it was: attributes, hooks, buffers, random states.

What a module holds that a pass may change is in `geoflow.capturing._kept`.

Flags of training are set one by one and not by `eval()`: a model may do more there than set them,
such as adding low-rank weights to others, and taking them off again rounds.
"""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from geoflow.capturing._kept import kept_of


@contextmanager
def untouched(model: nn.Module, generators: Iterable[torch.Generator] = ()) -> Iterator[None]:
    """Run what is inside in evaluation and inference mode; the model is then as it was before.

    generators: those that loaders of data draw from, which get their states back too.
    """
    modules = list(model.modules())
    kept = kept_of(modules)
    states = RandomStates(generators)
    try:
        for module in modules:
            module.training = False
        with torch.inference_mode():
            yield
    finally:
        for one in kept:
            one.restore()
        states.restore()


class RandomStates:
    """The states of every generator that a forward pass or a loader may draw from."""

    def __init__(self, generators: Iterable[torch.Generator]) -> None:
        self.own = [(one, one.get_state()) for one in generators]
        self.python = random.getstate()
        self.numpy: Any = np.random.get_state()  # noqa: NPY002 - that of others, to give it back
        self.cpu = torch.get_rng_state()
        cuda: Any = torch.cuda
        has_cuda = cuda.is_available() and cuda.is_initialized()
        self.cuda = torch.cuda.get_rng_state_all() if has_cuda else None
        self.mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def restore(self) -> None:
        """Give every generator the state it had."""
        for generator, state in self.own:
            generator.set_state(state)
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002
        torch.set_rng_state(self.cpu)
        if self.cuda is not None:
            torch.cuda.set_rng_state_all(self.cuda)
        if self.mps is not None:
            torch.mps.set_rng_state(self.mps)


@contextmanager
def random_kept(generators: Iterable[torch.Generator] = ()) -> Iterator[None]:
    """Let what is inside draw random numbers, as a loader does, and give them back after it."""
    states = RandomStates(generators)
    try:
        yield
    finally:
        states.restore()


def seed_all(seed: int) -> None:
    """Seed what a model or a loader may draw from, so that two passes draw the same."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)
