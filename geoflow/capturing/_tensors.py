"""What a module returns: its first floating tensor, one row per point of the batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import torch


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors in tuples, lists, mappings and dataclasses, in their order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from tensors_in(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from tensors_in(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from tensors_in(getattr(value, field.name))


def first_floating(value: Any) -> torch.Tensor | None:
    """Return the first floating tensor of what a module returned, None if there is none.

    >>> first_floating((torch.tensor([1]), {"b": torch.tensor([0.5])}))
    tensor([0.5000])
    """
    return next((one for one in tensors_in(value) if one.is_floating_point()), None)


@dataclass(frozen=True)
class Dense:
    """A tensor of rows (n, ...), and of sequences of several lengths which positions count."""

    values: torch.Tensor
    mask: torch.Tensor | None


def dense(tensor: torch.Tensor, mask: torch.Tensor | None) -> Dense:
    """Return a tensor with all rows of one length: torch nests sequences of several lengths.

    It does so of itself where padding stands at the end, and leaves it off: ``mask`` (n, length) is
    that of the batch, if it has one.
    """
    if not tensor.is_nested:
        return Dense(tensor, mask)
    lengths = torch.tensor([len(one) for one in tensor.unbind()], device=tensor.device)
    padded = torch.nested.to_padded_tensor(tensor, 0.0)
    if mask is None:
        mask = torch.arange(padded.shape[1], device=tensor.device) < lengths[:, None]
    else:
        whole = padded.new_zeros((len(padded), mask.shape[1], *padded.shape[2:]))
        whole[:, : padded.shape[1]] = padded
        padded = whole
    return Dense(padded, mask)
