"""A model is run and afterwards is what it was: attributes, hooks, buffers, random states.

Flags of training are set one by one and not by `eval()`: a model may do more there than set them,
such as adding low-rank weights to others, and taking them off again rounds.
"""

import random
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

Container = dict[Any, Any] | list[Any] | set[Any]
"""What a module keeps its attributes in, and what it may collect things in itself."""


def contents_of(module: nn.Module) -> Iterator[tuple[Container, Container]]:
    """Yield all attributes of a module, and the containers among them, each with its copy.

    Tensors that a forward pass makes and keeps are dropped after it: of inference mode, they could
    not be trained with.
    """
    yield module.__dict__, dict(module.__dict__)
    for value in module.__dict__.values():
        if type(value) in (dict, OrderedDict, list, set):
            yield value, value.copy()


def restore(container: Container, content: Container) -> None:
    """Give a container the content that it had, if it has another."""
    if isinstance(container, list):
        if list(map(id, container)) != list(map(id, content)):
            container[:] = content
        return
    is_same = list(map(id, container)) == list(map(id, content))
    if isinstance(container, dict) and isinstance(content, dict):
        is_same = is_same and all(container[key] is value for key, value in content.items())
    if not is_same:
        container.clear()
        container.update(content)


@contextmanager
def untouched(model: nn.Module, generators: Iterable[torch.Generator] = ()) -> Iterator[None]:
    """Run what is inside in evaluation and inference mode; the model is then as it was before.

    generators: those that loaders of data draw from, which get their states back too.
    """
    modules = list(model.modules())
    kept = [content for module in modules for content in contents_of(module)]
    buffers = [
        (buffer, buffer.detach().clone(), buffer._version)
        for buffer in model.buffers()
        if not buffer.is_meta and not buffer.is_inference()
    ]
    states = RandomStates(generators)
    try:
        for module in modules:
            module.training = False
        with torch.inference_mode():
            yield
    finally:
        for container, content in kept:
            restore(container, content)
        with torch.no_grad():
            for buffer, before, version in buffers:
                if buffer._version != version:
                    buffer.copy_(before)
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
