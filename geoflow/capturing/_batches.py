"""One batch on its way into a model: arguments, mask, labels, and the points that it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from geoflow.archive.given import as_array
from geoflow.capturing._tensors import tensors_in
from geoflow.errors import CaptureError
from geoflow.text.shown import listed, short

MASK, DECODER_MASK = "attention_mask", "decoder_attention_mask"
DECODER = "decoder"
"""Arguments of a decoder beside an encoder begin so, and so is the module called."""

LABELS = ("labels", "label")
"""Entries of a dictionary that are not the model's: it would compute a loss of them."""


@dataclass(frozen=True)
class ModelBatch:
    """Some rows of the data; ``start``: the number of the first of them.

    The model is called with ``args`` and ``kwargs``. ``points`` (n, ...): the input itself;
    ``mask`` (n, length): which positions of its sequences count, None if all do, ``decoder_mask``:
    which of those of a decoder that has sequences of its own; ``labels`` (n, ...).
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    points: torch.Tensor
    mask: torch.Tensor | None
    labels: torch.Tensor | None
    start: int
    decoder_mask: torch.Tensor | None = None

    def is_of_decoder(self, path: str) -> bool:
        """Return whether a module has the sequences of a decoder, not those of its encoder."""
        has_own = any(name.startswith(f"{DECODER}_") for name in self.kwargs)
        return has_own and DECODER in path.split(".")

    def mask_of(self, path: str) -> torch.Tensor | None:
        """Return which positions count of what a module gives."""
        return self.decoder_mask if self.is_of_decoder(path) else self.mask

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.points)

    def first(self, count: int) -> "ModelBatch":
        """Return the first rows alone."""

        def cut(value: Any) -> Any:
            is_rows = isinstance(value, torch.Tensor) and value.ndim and len(value) == self.n
            return value[:count] if is_rows else value

        return replace(
            self,
            args=tuple(map(cut, self.args)),
            kwargs={name: cut(value) for name, value in self.kwargs.items()},
            points=self.points[:count],
            mask=cut(self.mask),
            decoder_mask=cut(self.decoder_mask),
            labels=cut(self.labels),
        )

    def on(self, device: torch.device) -> "ModelBatch":
        """Return the batch with copies of the model's arguments on a device.

        A model may overwrite what it is given: an activation in place at its beginning does.
        """

        def moved(value: Any) -> Any:
            return value.to(device, copy=True) if isinstance(value, torch.Tensor) else value

        return replace(
            self,
            args=tuple(map(moved, self.args)),
            kwargs={name: moved(value) for name, value in self.kwargs.items()},
            mask=moved(self.mask),
            decoder_mask=moved(self.decoder_mask),
        )


def batch_of(value: Any, start: int, dtype: torch.dtype) -> ModelBatch:
    """Return a batch from what a loader yields; arrays of floats take the model's ``dtype``.

    A pair is points and their labels; a dictionary holds the arguments of the model by name.
    """
    labels = None
    if isinstance(value, tuple | list) and 1 <= len(value) <= 2:
        if len(value) == 2:
            labels = torch.from_numpy(np.array(as_array(value[1], "the labels of a batch")))
        value = value[0]
    if isinstance(value, Mapping):
        return batch_by_name(value, labels, start, dtype)
    if isinstance(value, tuple | list | str | bytes) or value is None:
        raise CaptureError(
            f"a batch is {said_kind(value)}: give tensors, pairs of points and labels, or"
            " dictionaries of the model's arguments"
        )
    points = as_tensor(value, "a batch", dtype)
    refuse_no_rows(points, "a batch")
    return ModelBatch((points,), {}, points, None, labels, start)


def batch_by_name(
    values: Mapping[Any, Any], labels: torch.Tensor | None, start: int, dtype: torch.dtype
) -> ModelBatch:
    """Return a batch from the model's arguments by name, its mask and labels among them."""
    kwargs = {
        str(name): value if is_setting(value) else as_tensor(value, short(name), dtype)
        for name, value in values.items()
    }
    given = [kwargs.pop(name) for name in LABELS if name in kwargs]
    if labels is None and given and isinstance(given[0], torch.Tensor):
        labels = given[0]
    masks = (MASK, DECODER_MASK)
    inputs = [
        one for name, value in kwargs.items() if name not in masks for one in tensors_in(value)
    ]
    if not inputs:
        raise CaptureError(
            f"a batch holds {listed(map(str, values))}: there is no array among them that the model"
            " could take as its input"
        )
    points = next((one for one in inputs if one.is_floating_point()), inputs[0])
    refuse_no_rows(points, "a batch")
    mask, decoder_mask = (checked_mask(kwargs, name, len(points), start) for name in masks)
    return ModelBatch((), kwargs, points, mask, labels, start, decoder_mask)


def is_setting(value: Any) -> bool:
    """Return whether an argument by name is no array: a flag, a number, a text."""
    return value is None or isinstance(value, bool | int | float | str)


def refuse_no_rows(points: torch.Tensor, what: str) -> None:
    """Refuse a single number, or no rows at all."""
    if points.ndim == 0 or not len(points):
        raise CaptureError(f"{what} has shape {tuple(points.shape)}: give one row per point")


def as_tensor(value: Any, what: str, dtype: torch.dtype) -> torch.Tensor:
    """Return a tensor as it is, any other array as one; floats of it take the model's ``dtype``."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    array = as_array(value, what)
    if array.dtype.kind not in "fiub":
        raise CaptureError(f"{what} is of type {array.dtype}: give real numbers")
    if array.dtype.kind == "f":  # no copy of what is of the type already
        short = array.dtype.name in ("float16", "float32")
        array = np.asarray(array, array.dtype if short else np.float64)
        return torch.from_numpy(writeable(array)).to(dtype)
    return torch.from_numpy(writeable(array))


def writeable(array: np.ndarray) -> np.ndarray:
    """Return an array, or its copy if it may not be written to: torch takes no other."""
    return array if array.flags.writeable else array.copy()


def checked_mask(kwargs: Mapping[str, Any], name: str, n: int, start: int) -> torch.Tensor | None:
    """Return a mask (n, length) of zeros and ones as booleans, None if there is none."""
    mask = kwargs.get(name)
    if mask is None:
        return None
    if not isinstance(mask, torch.Tensor) or mask.ndim != 2 or len(mask) != n:
        shape = tuple(mask.shape) if isinstance(mask, torch.Tensor) else said_kind(mask)
        raise CaptureError(f"{name} is {shape}: give one row of zeros and ones for each point")
    if not ((mask == 0) | (mask == 1)).all():
        raise CaptureError(f"{name} holds numbers beside 0 and 1: give 1 where a position counts")
    counts = mask != 0
    empty = ~counts.any(dim=1)
    if empty.any():
        raise CaptureError(
            f"{name} of point {start + int(empty.int().argmax())} is all zeros: leave out points"
            " without a position that counts"
        )
    return counts


def said_kind(value: Any) -> str:
    """Return in words what a value is.

    >>> said_kind((1, 2, 3)), said_kind(None)
    ('a tuple of 3', 'None')
    """
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"of type {type(value).__name__}"


def input_rows(batch: ModelBatch) -> torch.Tensor:
    """Return the input as rows (n, d); of sequences with padding what counts stands in front.

    Padding is 0 then, on whatever side it stood, so that it changes no distance.
    """
    points = batch.points
    mask = batch.mask
    if mask is not None and points.shape[:2] == mask.shape:
        mask = mask.to(points.device)
        order = torch.argsort((~mask).to(torch.int8), dim=1, stable=True)
        rest = (1,) * (points.ndim - 2)
        places = order.reshape(*order.shape, *rest).expand(points.shape)
        counts = torch.gather(mask, 1, order).reshape(*mask.shape, *rest)
        points = torch.where(counts, torch.gather(points, 1, places), torch.zeros_like(points))
    return points.reshape(len(points), -1)
