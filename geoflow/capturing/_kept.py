"""What a forward pass may change in a module beside its parameters, and how to give it back.

Attributes, and what they hold in containers within containers: tensors and arrays changed in place,
generators drawn from, entries come and gone. Of a plain object that is an attribute, its own, but
for large arrays: it may be a data set.
"""

import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import nn

Value = TypeVar("Value")
COLLECTIONS = (dict, list, set, deque)

LARGEST_OF_OBJECTS = 2**26
"""Bytes of a tensor or array of a plain object, above which it is not copied."""


class Restorable(ABC, Generic[Value]):
    """A value that can be changed in place, and what it was."""

    def __init__(self, value: Value) -> None:
        self.value = value

    @abstractmethod
    def restore(self) -> None:
        """Make the value what it was."""


class KeptContainer(Restorable[Any]):
    """A dictionary, list, set or deque."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.content = dict(value) if isinstance(value, dict) else list(value)

    def restore(self) -> None:
        """Give the container the entries that it had, if it has others."""
        value, content = self.value, self.content
        if isinstance(content, dict):
            same = list(map(id, value)) == list(map(id, content))
            if not same or any(value[key] is not one for key, one in content.items()):
                value.clear()
                value.update(content)
        elif list(map(id, value)) != list(map(id, content)):
            value.clear()
            (value.update if isinstance(value, set) else value.extend)(content)


class KeptTensor(Restorable[torch.Tensor]):
    """A tensor that is no parameter: torch counts its changes."""

    def __init__(self, value: torch.Tensor) -> None:
        super().__init__(value)
        self.before, self.version = value.detach().clone(), value._version

    def restore(self) -> None:
        """Give the tensor the numbers that it had."""
        if self.value._version != self.version:
            with torch.no_grad():
                self.value.copy_(self.before)


class KeptArray(Restorable[np.ndarray]):
    """An array of numpy."""

    def __init__(self, value: np.ndarray) -> None:
        super().__init__(value)
        self.before = value.copy()

    def restore(self) -> None:
        """Give the array the values that it had."""
        if self.value.flags.writeable:
            self.value[...] = self.before


class KeptGenerator(Restorable[Any]):
    """A generator of random numbers, of torch, numpy or Python."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        if isinstance(value, np.random.Generator):
            self.state: Any = value.bit_generator.state
        elif isinstance(value, random.Random):
            self.state = value.getstate()
        else:
            self.state = value.get_state()

    def restore(self) -> None:
        """Give the generator the state that it had."""
        if isinstance(self.value, np.random.Generator):
            self.value.bit_generator.state = self.state
        elif isinstance(self.value, random.Random):
            self.value.setstate(self.state)
        else:
            self.value.set_state(self.state)


GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)


def kept_of(modules: Iterable[nn.Module]) -> list[Restorable[Any]]:
    """Return what a forward pass of some modules may change in place."""
    seen: set[int] = set()
    found: list[Restorable[Any]] = []
    for module in modules:
        found += kept_in(vars(module), seen)
        for value in vars(module).values():
            if is_plain(value):
                found += kept_in(vars(value), seen, LARGEST_OF_OBJECTS)
    return found


def kept_in(value: Any, seen: set[int], largest: float = inf) -> Iterator[Restorable[Any]]:
    """Yield what can be changed in a value and in what it contains, each once.

    largest: bytes of a tensor or array, above which it is left out.
    """
    if id(value) in seen or getattr(value, "nbytes", 0) > largest:
        return
    if isinstance(value, COLLECTIONS):
        seen.add(id(value))
        yield KeptContainer(value)
        for one in list(value.values() if isinstance(value, dict) else value):
            yield from kept_in(one, seen, largest)
    elif isinstance(value, tuple):
        for one in value:
            yield from kept_in(one, seen, largest)
    elif isinstance(value, torch.Tensor):
        if not (isinstance(value, nn.Parameter) or value.is_meta or value.is_inference()):
            seen.add(id(value))
            yield KeptTensor(value)
    elif isinstance(value, np.ndarray):
        seen.add(id(value))
        yield KeptArray(value)
    elif isinstance(value, GENERATORS):
        seen.add(id(value))
        yield KeptGenerator(value)


NO_PLAIN = (nn.Module, type, torch.Tensor, np.ndarray, *COLLECTIONS, *GENERATORS)


def is_plain(value: Any) -> bool:
    """Return whether a value is an object of a class that is neither torch's nor Python's own."""
    home = type(value).__module__.partition(".")[0]
    is_known = isinstance(value, NO_PLAIN)
    return hasattr(value, "__dict__") and not is_known and home not in ("torch", "builtins")
