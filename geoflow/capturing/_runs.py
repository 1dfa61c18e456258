"""One small batch goes through the model, and every module that runs is noted, in order."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from geoflow.capturing._batches import ModelBatch
from geoflow.capturing._raised import in_short
from geoflow.capturing._tensors import dense, first_floating
from geoflow.errors import CaptureError
from geoflow.text.shown import listed

DRY_ROWS = 3
"""Rows of the dry batch; a second of one row less tells which axis counts the points."""


NO_TENSOR = "gives no tensor of floating numbers"


@dataclass(frozen=True)
class Run:
    """One call of one module: ``sizes`` of what it gave for a point, and the axis of the points.

    ``problem``: why its output cannot be taken, None if it can; ``value``: its tensor of the dry
    batch, for whoever plans.
    """

    path: str
    module: nn.Module
    call: int
    n_calls: int
    sizes: tuple[int, ...]
    axis: int
    dtype: torch.dtype | None
    problem: str | None
    value: torch.Tensor | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The path, with the number of the call where a module runs several times."""
        return f"{self.path}:{self.call}" if self.n_calls > 1 else self.path

    @property
    def kind(self) -> str:
        """The name of the class."""
        return type(self.module).__name__


@contextmanager
def hooked(modules: dict[str, nn.Module], hook: Callable[[str, Any], None]) -> Iterator[None]:
    """Tell a hook of what each module returns, by its path, after hooks that are there already."""
    handles = []

    def told(path: str) -> Callable[..., None]:
        def tell(module: nn.Module, args: Any, output: Any) -> None:
            hook(path, output)

        return tell

    try:
        for path, module in modules.items():
            handles.append(module.register_forward_hook(told(path)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def run(model: nn.Module, batch: ModelBatch) -> None:
    """Run the model on a batch; what it raises becomes one line."""
    try:
        model(*batch.args, **batch.kwargs)
    except CaptureError:
        raise
    except Exception as error:  # whatever a user's model does
        where = f"points {batch.start} to {batch.start + batch.n - 1}"
        by_name = f", called with {listed(batch.kwargs)}" if batch.kwargs else ""
        has_lost = bool(batch.kwargs) and batch.labels is not None
        raise CaptureError(
            f"the model raised {in_short(error)} ({where}, input of shape"
            f" {tuple(batch.points.shape)}{by_name}): give it the data that it takes"
            f"{' without labels, which are kept from it' if has_lost else ''}"
        ) from error


def dry_run(model: nn.Module, batch: ModelBatch) -> tuple[list[Run], ModelBatch]:
    """Return every call of every module in the order in which they returned, the model's last.

    With the rows of the batch that they were run on.
    """
    small = batch.first(DRY_ROWS)
    try:
        notes = noted(model, small)
    except CaptureError:  # a model may take batches of one size alone
        if small.n == batch.n:
            raise
        small, notes = batch, noted(model, batch)
    fewer: dict[tuple[str, int], tuple[int, ...] | None] = {}
    if small.n > 1:
        with suppress(CaptureError):
            again = noted(model, small.first(small.n - 1))
            fewer = {(one.path, one.call): one.sizes for one in again}
    counts = Counter(one.path for one in notes)
    settled = [
        settled_axis(
            replace(one, n_calls=counts[one.path]), small.n, fewer.get((one.path, one.call))
        )
        for one in notes
    ]
    return settled, small


def noted(model: nn.Module, batch: ModelBatch) -> list[Run]:
    """Return the calls on a batch, with their whole shapes."""
    found: list[Run] = []
    calls: Counter[str] = Counter()
    modules = dict(model.named_modules())

    def note(path: str, output: Any) -> None:
        tensor = first_floating(output)
        one = Run(path, modules[path], calls[path], 1, (), 0, None, NO_TENSOR)
        if tensor is not None:
            shape = tuple(dense(tensor, batch.mask_of(path)).values.shape)
            one = replace(one, sizes=shape, dtype=tensor.dtype, problem=None, value=tensor)
        found.append(one)
        calls[path] += 1

    with hooked(modules, note):
        run(model, batch)
    return found


def settled_axis(one: Run, n: int, fewer: tuple[int, ...] | None) -> Run:
    """Return a call with the axis that counts the n points, and the sizes without it.

    ``fewer``: the shape with one point less, None if that is not known.
    """
    if one.problem is not None:
        return one
    shape = one.sizes
    axes = [at for at, size in enumerate(shape) if size == n]
    if fewer is not None and len(fewer) == len(shape):
        axes = [at for at in axes if fewer[at] == n - 1]
    elif 0 in axes:
        axes = [0]
    if len(axes) == 1:
        (axis,) = axes
        return replace(one, sizes=shape[:axis] + shape[axis + 1 :], axis=axis)
    what = "a single number" if not shape else f"shape {shape}"
    why = "no axis of it counts them" if not axes else "which axis counts them is not clear"
    return replace(one, problem=f"gives {what} for {n} points: {why}")


def entered(model: nn.Module, batch: ModelBatch, first: Run) -> Run:
    """Return what enters a layer, as if it were one."""
    found: list[torch.Tensor | None] = []

    def note(module: nn.Module, args: Any, kwargs: Any) -> None:
        found.append(first_floating((args, kwargs)))

    handle = first.module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        run(model, batch)
    finally:
        handle.remove()
    value = found[first.call]
    if value is None or value.ndim <= first.axis:
        raise CaptureError(f"no floating tensor enters layer '{first.name}': choose another first")
    shape = tuple(dense(value, batch.mask_of(first.path)).values.shape)
    sizes = shape[: first.axis] + shape[first.axis + 1 :]
    return replace(first, sizes=sizes, value=value, dtype=value.dtype)
