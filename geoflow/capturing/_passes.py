"""Layers taken on demand: as many in a forward pass as memory holds, then another pass for more."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from geoflow.capturing._batches import ModelBatch
from geoflow.capturing._data import Data, generators_of, refused_order
from geoflow.capturing._hashes import batch_hash, weights_hash
from geoflow.capturing._models import uncompiled
from geoflow.capturing._plan import Plan
from geoflow.capturing._runs import hooked, run
from geoflow.capturing._tensors import first_floating
from geoflow.capturing._untouched import seed_all, untouched
from geoflow.errors import CaptureError, SizeError
from geoflow.machine.memory import size_text
from geoflow.measure.activations import OnDemand

PASS_SEED, DRY_SEED = 0, 1
"""What random numbers are seeded with in a pass: the same in all; another in the dry run, so that
data in random order is found out."""

WORTH_COLLECTING = 2**25
"""Bytes of layers that are let go, from which on it is seen to that nothing holds them."""

MOST_OUTPUTS = 10_000
"""More columns are no classes: the output is then not kept."""


@dataclass
class Noted:
    """What the first pass learns beside layers, batch by batch: checksums, labels, outputs.

    ``has_labels``: whether there are others than those of batches; without any, outputs are of no
    use and not kept. ``counts``: the tokens of each sample, where tokens are points.
    """

    has_labels: bool
    hashes: list[int] = field(default_factory=list)
    labels: list[np.ndarray | None] = field(default_factory=list)
    outputs: list[np.ndarray | None] = field(default_factory=list)
    counts: list[np.ndarray] = field(default_factory=list)

    def refuse_other(self, batch: ModelBatch, number: int) -> None:
        """Refuse a batch that was another one in the first pass."""
        if self.hashes and self.hashes[number : number + 1] != [batch_hash(batch)]:
            raise refused_order()


class CapturedLayers(OnDemand):
    """The input, then the chosen layers: (n, width) float32 each, held within half the memory."""

    def __init__(
        self, model: nn.Module, data: Data, plan: Plan, memory: int, has_labels: bool
    ) -> None:
        self.model, self.data, self.plan, self.memory = model, data, plan, memory
        self.n = plan.n
        self.widths = plan.widths
        self.weights = weights_hash(model)
        self.noted = Noted(has_labels)
        self.n_passes = 0
        self.held: dict[int, np.ndarray] = {}
        if plan.points is not None:
            refuse_useless(plan.points, plan.name(0))
            self.held[0] = plan.points
        self.take(0 if plan.points is None else 1)

    def batches(self) -> Iterator[ModelBatch]:
        """Yield the batches of the data once more; refuse those that were others before."""
        with closing(iter(self.data)) as batches:
            for number, batch in enumerate(batches):
                self.noted.refuse_other(batch, number)
                yield batch

    @property
    def is_whole(self) -> bool:
        """Whether all layers are in memory at once."""
        return len(self.held) == len(self.widths)

    def __len__(self) -> int:
        return len(self.widths)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        if at not in self.held:
            self.take(at)
        return self.held[at]

    def __iter__(self) -> Iterator[np.ndarray]:
        for at in range(len(self)):
            yield self[at]

    def group(self, first: int) -> list[int]:
        """Return the layers from the first on that half the memory holds, one at least."""
        found: list[int] = []
        room = self.memory // 2
        for at in range(first, len(self)):
            size = 4 * self.n * self.widths[at]
            if found and size > room:
                break
            if size > self.memory:
                raise SizeError(
                    f"layer '{self.plan.name(at)}' of {self.n:,} points takes {size_text(size)},"
                    f" memory is {size_text(self.memory)}: give more memory, fewer points, a pool"
                    " such as 'mean', or project"
                )
            found.append(at)
            room -= size
        return found

    def take(self, first: int) -> None:
        """Run the model on all data; hold the layers from the first on that there is room for."""
        wanted = self.group(first)
        kept = {0: self.held[0]} if self.plan.points is not None else {}
        freed = sum(one.nbytes for at, one in self.held.items() if at not in kept)
        self.held.clear()
        self.held.update(kept)
        if freed > WORTH_COLLECTING:
            gc.collect()  # numba's cycles of frames hold the layer that a kernel was compiled for
        if self.n_passes and weights_hash(self.model) != self.weights:
            raise CaptureError(
                "the weights of the model have changed since its first layers were taken: capture"
                " it again"
            )
        taken = Pass(self.model, self.data, self.plan, wanted, self.noted)
        arrays = taken.run(is_first=self.n_passes == 0)
        for at, array in arrays.items():
            refuse_useless(array, self.plan.name(at))
        self.held.update(arrays)
        self.n_passes += 1


def refuse_useless(array: np.ndarray, name: str) -> None:
    """Refuse a layer with NaN or infinity, or of one value, by its name."""
    refuse_not_finite(array, name)
    if len(array) > 1 and all((array[at] == array[0]).all() for at in range(1, len(array))):
        raise CaptureError(
            f"layer '{name}' gives the same row for all {len(array)} points: leave it out"
        )


def refuse_not_finite(array: np.ndarray, name: str) -> None:
    """Refuse a layer with NaN or infinity; a block of rows at a time.

    The sum of a block without them is finite or too large for a float: then it is looked into.
    """
    n_bad, first = 0, None
    for start in range(0, len(array), 256):
        block = array[start : start + 256]
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum()):
                continue
        bad = ~np.isfinite(block).all(axis=1)
        if bad.any():
            first = start + int(bad.argmax()) if first is None else first
            n_bad += int(bad.sum())
    if n_bad:
        raise CaptureError(
            f"layer '{name}' holds NaN or infinity in {n_bad} of {len(array)} rows (first:"
            f" {first}): leave the layer or these points out"
        )


class Pass:
    """One way of all data through the model; ``wanted``: the layers that are kept of it."""

    def __init__(
        self, model: nn.Module, data: Data, plan: Plan, wanted: Sequence[int], noted: Noted
    ) -> None:
        self.model, self.data, self.plan, self.noted = model, data, plan, noted
        self.arrays = {at: np.empty((plan.n, plan.widths[at]), np.float32) for at in wanted}
        self.row = 0
        self.calls: Counter[str] = Counter()
        self.batch: ModelBatch | None = None

    def run(self, is_first: bool) -> dict[int, np.ndarray]:
        """Return the layers, by their number."""
        with self.listening(is_first), closing(iter(self.data)) as batches:
            seed_all(PASS_SEED)
            for number, batch in enumerate(batches):
                self.refuse_other(batch, number, is_first)
                self.one(batch, is_first)
        if self.row != self.plan.n:
            raise refused_order()
        arrays, self.arrays = self.arrays, {}  # nothing else keeps them alive
        return arrays

    @contextmanager
    def listening(self, is_first: bool) -> Iterator[None]:
        """Hook what is taken: always all of it, as some modules run otherwise when hooked."""
        modules = {one.run.path: one.run.module for one in self.plan.taken}
        with ExitStack() as stack:
            stack.enter_context(uncompiled(self.model))
            stack.enter_context(untouched(self.model, generators_of(self.data)))
            stack.enter_context(hooked(modules, self.keep))
            if self.plan.entering is not None:
                stack.enter_context(self.plan.entering.hooked(self.keep_entering))
            if is_first:
                stack.enter_context(hooked({"": self.model}, self.keep_output))
            yield

    def refuse_other(self, batch: ModelBatch, number: int, is_first: bool) -> None:
        """Refuse a batch that was another one before."""
        if not is_first:
            self.noted.refuse_other(batch, number)
        elif self.plan.first_hash is not None:
            self.noted.hashes.append(batch_hash(batch))
            if number == 0 and self.noted.hashes[0] != self.plan.first_hash:
                raise refused_order()

    def one(self, batch: ModelBatch, is_first: bool) -> None:
        """Run one batch and keep what it gives."""
        self.batch, before = batch.on(self.plan.device), self.row
        self.calls.clear()
        counts = self.plan.counts_of(batch)
        n_rows = batch.n if counts is None else int(counts.sum())
        if before + n_rows > self.plan.n:
            raise refused_order()
        if 0 in self.arrays and self.plan.entering is None:
            self.put(0, self.plan.input_rows(batch))
        run(self.model, self.batch)
        self.row += n_rows
        for one in self.plan.taken:
            if self.calls[one.run.path] != one.run.n_calls:
                raise CaptureError(
                    f"layer '{one.run.path}' ran {self.calls[one.run.path]} times on points"
                    f" {batch.start} to {batch.start + batch.n - 1} and {one.run.n_calls} times on"
                    " the first: leave it out"
                )
        if is_first:
            if counts is not None:
                self.noted.counts.append(counts)
            self.noted.labels.append(None if batch.labels is None else batch.labels.cpu().numpy())

    def keep(self, path: str, output: Any) -> None:
        """Copy what a layer gives now: an activation in place may overwrite it at once."""
        call = self.calls[path]
        self.calls[path] += 1
        at = self.plan.places.get((path, call))
        if at in self.arrays and self.batch is not None:
            taken = self.plan.taken[at - 1]
            self.put(at, taken.rows(first_floating(output), self.batch))

    def keep_entering(self, value: Any) -> None:
        """Copy what enters the first layer, the input of tokens."""
        if 0 in self.arrays and self.plan.entering is not None and self.batch is not None:
            self.put(0, self.plan.entering.rows(value, self.batch))

    def keep_output(self, path: str, output: Any) -> None:
        """Copy what the model says in the end, if it may be of classes."""
        has_labels = self.noted.has_labels or (self.batch and self.batch.labels is not None)
        if not has_labels:
            self.noted.outputs.append(None)
            return
        logits = output.get("logits") if hasattr(output, "get") else None
        tensor = first_floating(output if logits is None else logits)
        n = 0 if self.batch is None else self.batch.n
        found = None
        is_rows = tensor is not None and not tensor.is_nested and tensor.shape[:1] == (n,)
        if tensor is not None and is_rows and tensor.ndim <= 2 and tensor.shape[-1] <= MOST_OUTPUTS:
            found = tensor.reshape(n, -1).to("cpu", torch.float32, copy=True).numpy()
        self.noted.outputs.append(found)

    def put(self, at: int, rows: torch.Tensor) -> None:
        """Copy rows of a layer to their place."""
        array = self.arrays[at]
        if self.row + len(rows) > len(array) or rows.shape[1] > array.shape[1]:
            raise CaptureError(
                f"layer '{self.plan.name(at)}' gives {tuple(rows.shape)} for a batch, after"
                f" {array.shape[1]} numbers a point before: give a pool of one length, or leave it"
                " out"
            )
        if rows.shape[1] < array.shape[1] and at > 0:
            raise CaptureError(
                f"layer '{self.plan.name(at)}' gives rows of {rows.shape[1]} and of"
                f" {array.shape[1]} numbers: give a pool of one length, or leave it out"
            )
        place = array[self.row : self.row + len(rows)]
        place[:, rows.shape[1] :] = 0
        torch.from_numpy(place[:, : rows.shape[1]]).copy_(rows)
