"""What is taken of a model on some data: which layers, how pooled, how wide."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn

from geoflow.capturing._batches import ModelBatch, input_rows
from geoflow.capturing._pooling import Pool, Reading, pool_word, pooled, reading_of
from geoflow.capturing._projection import projection
from geoflow.capturing._raised import in_short
from geoflow.capturing._runs import Run
from geoflow.capturing._tensors import dense, first_floating
from geoflow.errors import CaptureError


@dataclass(frozen=True)
class Taken:
    """One layer to take: the call it is of, how it is read and pooled, and its width in the end.

    ``whole_width``: what it was before it was projected to ``project`` coordinates with a ``seed``;
    None for not at all.
    """

    run: Run
    reading: Reading | None
    word: str
    pool: Pool
    width: int
    whole_width: int
    project: int | None
    seed: int

    def rows(self, tensor: torch.Tensor | None, batch: ModelBatch) -> torch.Tensor:
        """Return the rows that a batch gives."""
        if tensor is None:
            raise CaptureError(f"layer '{self.run.name}' gives no tensor of floating numbers")
        one = dense(tensor, batch.mask_of(self.run.path))
        axis = self.run.axis
        if one.values.ndim <= axis or one.values.shape[axis] != batch.n:
            raise CaptureError(
                f"layer '{self.run.name}' gives shape {tuple(one.values.shape)} for"
                f" {batch.n} points: leave it out"
            )
        values = one.values.movedim(axis, 0) if axis else one.values
        if callable(self.pool):
            rows = self.called(self.pool, values, one.mask)
            if not isinstance(rows, torch.Tensor) or rows.ndim != 2 or len(rows) != batch.n:
                raise CaptureError(
                    f"pool gives {tuple(getattr(rows, 'shape', ()))} for layer '{self.run.name}':"
                    " let it return one row per point, (n, d)"
                )
        else:
            rows = pooled(values, self.word, self.reading, one.mask, self.run.name)
        if self.project is None:
            return rows
        return torch.from_numpy(rows.float().cpu().numpy() @ self.matrix)

    def called(self, pool: Callable[..., Any], values: torch.Tensor, mask: Any) -> Any:
        """Return what a user's function makes of a batch."""
        try:
            return pool(values, mask)
        except Exception as error:  # whatever a user's function does
            raise CaptureError(
                f"pool raised {in_short(error)} on layer '{self.run.name}': it is called with"
                " (n, ...) and the mask, or None"
            ) from error

    @cached_property
    def matrix(self) -> Any:
        """The projection, of the width that the layer has before it."""
        return projection(self.whole_width, self.project or 0, self.seed)

    @contextmanager
    def hooked(self, keep: Callable[[Any], None]) -> Iterator[None]:
        """Tell what enters the module when it is called."""

        def tell(module: nn.Module, args: Any, kwargs: Any) -> None:
            keep(first_floating((args, kwargs)))

        handle = self.run.module.register_forward_pre_hook(tell, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()


def taken_layer(
    one: Run, batch: ModelBatch, model: nn.Module, pool: Pool, project: int | None, seed: int
) -> Taken:
    """Return how a layer is taken, tried on what it gave for the dry batch."""
    reading = reading_of(one, model, batch.mask_of(one.path))
    bare = replace(one, value=None)
    found = Taken(bare, reading, pool_word(one, reading, pool), pool, 0, 0, None, seed)
    width = found.rows(one.value, batch).shape[1]
    if project is None or width <= project:
        return replace(found, width=width, whole_width=width)
    return replace(found, width=project, whole_width=width, project=project)


@dataclass(frozen=True)
class Plan:
    """Layers to take of ``n`` rows in all; ``widths``: of the input and of each layer.

    ``points``: the input, where it is in memory; ``entering``: what is taken for the input where
    tokens are points and the input has others; ``has_tokens``: whether tokens are points;
    ``first_hash``: of the first batch, None where batches cannot change.
    """

    taken: tuple[Taken, ...]
    n: int
    widths: tuple[int, ...]
    points: np.ndarray | None
    entering: Taken | None
    has_tokens: bool
    first_hash: int | None
    device: torch.device

    @cached_property
    def places(self) -> dict[tuple[str, int], int]:
        """The number of each layer by its path and call."""
        return {(one.run.path, one.run.call): at for at, one in enumerate(self.taken, start=1)}

    def name(self, at: int) -> str:
        """Return what a layer is called."""
        return self.taken[at - 1].run.name if at else "the input"

    def counts_of(self, batch: ModelBatch) -> np.ndarray | None:
        """Return the tokens of each sample of a batch, None where tokens are no points."""
        return token_counts(self.taken[0], batch) if self.has_tokens else None

    def input_rows(self, batch: ModelBatch) -> torch.Tensor:
        """Return the rows of the input that a batch gives."""
        if self.has_tokens:
            return input_tokens(self.taken[0], batch)
        return input_rows(batch)


def token_counts(first: Taken, batch: ModelBatch) -> np.ndarray:
    """Return how many tokens of each sample of a batch count."""
    if (mask := batch.mask_of(first.run.path)) is not None:
        counts: np.ndarray = mask.sum(dim=1).cpu().numpy()
        return counts
    n_positions = 1 if first.reading is None else first.reading.positions(first.run.sizes)
    return np.full(batch.n, n_positions)


def input_tokens(first: Taken, batch: ModelBatch) -> torch.Tensor:
    """Return the tokens of the input (rows, features): of ids one column."""
    points = batch.points
    values = points[..., None] if points.ndim == 2 else points
    if first.reading is not None and first.reading.kind == "map" and not first.reading.is_last:
        values = values.movedim(1, -1)
    if batch.mask is not None:
        return values[batch.mask.to(values.device)]
    return values.reshape(-1, values.shape[-1])


def has_own_tokens(first: Taken, batch: ModelBatch) -> bool:
    """Return whether the positions of the input are those of the layers."""
    sizes, reading = tuple(batch.points.shape[1:]), first.reading
    if reading is None or not sizes or batch.is_of_decoder(first.run.path):
        return False
    if reading.kind == "map":
        mine = sizes[:-1] if reading.is_last else sizes[1:]
        other = first.run.sizes[:-1] if reading.is_last else first.run.sizes[1:]
        return mine == other
    return sizes[0] == first.run.sizes[0] and len(sizes) <= 2
