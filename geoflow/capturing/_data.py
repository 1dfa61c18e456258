"""Data that is gone through several times, batch by batch, the same rows every time."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, suppress
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils import data as loading

from geoflow.archive.given import as_array
from geoflow.capturing._batches import ModelBatch, as_tensor, batch_by_name, batch_of, input_rows
from geoflow.capturing._raised import in_short
from geoflow.errors import CaptureError
from geoflow.text.shown import listed, short

MOST_ROWS, FEWEST_ROWS, ROWS_OF_UNKNOWN_SIZE = 64, 4, 16
BATCH_BYTES = 10**7
"""Input that a model is given at once where nobody says how many rows: it makes many times that."""

RANDOM = (loading.RandomSampler, loading.SubsetRandomSampler, loading.WeightedRandomSampler)


class Data(Protocol):
    """What a model is run on; ``n`` rows, None if that is not known before they are read."""

    n: int | None

    def __iter__(self) -> Generator[ModelBatch]:
        """Yield the batches, from the first; closed, it ends what makes them."""


def given_data(data: Any, batch_rows: int | None, dtype: torch.dtype) -> "Data":
    """Return arrays, a loader or a list of batches as data; arrays are cut into batches."""
    if isinstance(data, loading.DataLoader):
        return Batches(data, dtype)
    if isinstance(data, loading.Dataset):
        return Batches(
            loading.DataLoader(data, batch_size=batch_rows or ROWS_OF_UNKNOWN_SIZE), dtype
        )
    if isinstance(data, Mapping):
        return Arrays(data, batch_rows, dtype)
    if isinstance(data, tuple | list) and data and is_batch(data[0]):
        refuse_pair(data)
        return Batches(data, dtype)
    is_array = isinstance(data, list | tuple) or hasattr(data, "shape")
    if isinstance(data, Iterator):
        raise CaptureError(
            f"the data is of type {type(data).__name__}, which can be gone through once: give"
            " arrays, a DataLoader or a list of batches"
        )
    if not is_array and hasattr(data, "__iter__") and not isinstance(data, str | bytes):
        return Batches(data, dtype)
    return Arrays(data, batch_rows, dtype)


def refuse_pair(data: Any) -> None:
    """Refuse points with their labels: they are two batches only if both hold points."""
    shapes = [tuple(getattr(one, "shape", ())) for one in data]
    if len(shapes) == 2 and len(shapes[0]) > 1 and shapes[1] == shapes[0][:1]:
        raise CaptureError(
            f"the data is a pair of arrays {shapes[0]} and {shapes[1]}: give the second as labels"
        )


def is_batch(value: Any) -> bool:
    """Return whether the first of a list is a batch, and not a row of numbers."""
    is_rows = getattr(value, "ndim", 0) >= 2
    is_pair = isinstance(value, tuple | list) and 0 < len(value) <= 2 and hasattr(value[0], "shape")
    return isinstance(value, Mapping) or is_rows or is_pair


class Arrays:
    """Rows in memory: one array, or the model's arguments by name."""

    def __init__(self, values: Any, batch_rows: int | None, dtype: torch.dtype) -> None:
        self.array: np.ndarray | None = None
        if isinstance(values, Mapping):
            self.values: Any = {
                str(name): as_tensor(one, short(name), dtype) for name, one in values.items()
            }
            lengths = {name: len(one) if one.ndim else 0 for name, one in self.values.items()}
            if not lengths:
                raise CaptureError("the data holds no arrays: give the model's arguments by name")
            if len(set(lengths.values())) > 1:
                raise CaptureError(
                    f"the data holds {listed(lengths)} of {listed(map(str, lengths.values()))}"
                    " rows: give each argument of the model as many"
                )
            self.n: int | None = next(iter(lengths.values()))
        else:
            array = None if isinstance(values, torch.Tensor) else as_array(values, "the data")
            self.array = array
            self.values = as_tensor(values if array is None else array, "the data", dtype)
            self.n = len(self.values) if self.values.ndim else 0
        self.dtype = dtype
        if not self.n:
            raise CaptureError("the data holds no rows: give one per point")
        self.batch_rows = batch_rows or rows_at_once(self.values, self.n)

    @property
    def points(self) -> np.ndarray:
        """The input as rows (n, d), in the precision that it was given in."""
        if self.array is not None:
            return self.array.reshape(len(self.array), -1)
        rows = input_rows(self.whole)
        found: np.ndarray = (rows.float() if rows.element_size() < 4 else rows).numpy(force=True)
        return found

    @property
    def whole(self) -> ModelBatch:
        """All rows as one batch."""
        if isinstance(self.values, dict):
            return batch_by_name(self.values, None, 0, self.dtype)
        return batch_of(self.values, 0, self.dtype)

    def __iter__(self) -> Generator[ModelBatch]:
        """Yield slices of the rows."""
        for start in range(0, self.n or 0, self.batch_rows):
            rows = slice(start, start + self.batch_rows)
            if isinstance(self.values, dict):
                cut = {name: one[rows] for name, one in self.values.items()}
                yield batch_by_name(cut, None, start, self.dtype)
            else:
                yield batch_of(self.values[rows], start, self.dtype)


def rows_at_once(values: Any, n: int) -> int:
    """Return how many of n rows a model is given at once: fewer of large ones.

    >>> rows_at_once(torch.zeros(100, 3), 100), rows_at_once(torch.zeros(20, 3, 224, 224), 20)
    (64, 16)
    """
    tensors = values.values() if isinstance(values, dict) else [values]
    row = sum(one.numel() * one.element_size() for one in tensors) / n
    return int(min(max(BATCH_BYTES / max(row, 1), FEWEST_ROWS), MOST_ROWS))


class Batches:
    """A loader, a list of batches, or anything that yields the same batches again and again."""

    def __init__(self, source: Any, dtype: torch.dtype) -> None:
        refuse_shuffled(source)
        self.source = source
        self.dtype = dtype
        self.n = length_of(source)

    def __iter__(self) -> Generator[ModelBatch]:
        """Yield what the source yields, as batches."""
        start = 0
        for value in yielded(self.source):
            batch = batch_of(value, start, self.dtype)
            yield batch
            start += batch.n


def yielded(source: Any) -> Iterator[Any]:
    """Yield what a source of batches yields; what it raises becomes one line."""
    try:
        yield from source
    except CaptureError:
        raise
    except Exception as error:  # whatever a user's data set does
        if getattr(source, "num_workers", 0):  # its frames would keep the loader's processes alive
            error.__traceback__ = None
        raise CaptureError(f"the data raised {in_short(error)}: mend it") from error


def samplers_of(source: Any) -> list[Any]:
    """Return what decides the order of a loader's rows."""
    batches = getattr(source, "batch_sampler", None)
    every = (getattr(source, "sampler", None), batches, getattr(batches, "sampler", None))
    return [one for one in every if one is not None]


def refuse_shuffled(source: Any) -> None:
    """Refuse a loader that says itself that its order is random."""
    if any(
        isinstance(one, RANDOM) or getattr(one, "shuffle", False) for one in samplers_of(source)
    ):
        raise refused_order()


def refused_order() -> CaptureError:
    """Return the error for data whose rows are others each time."""
    return CaptureError(
        "the data is not the same twice: give a DataLoader with shuffle=False and no random"
        " transforms, so that every pass sees the same rows"
    )


def length_of(source: Any) -> int | None:
    """Return the rows of a plain loader, None where they have to be counted."""
    if not isinstance(source, loading.DataLoader) or source.batch_size is None:
        return None
    with suppress(TypeError, NotImplementedError):
        n = len(source.sampler)  # type: ignore[arg-type]
        return n - n % source.batch_size if source.drop_last else n
    return None


def generators_of(data: Data) -> list[torch.Generator]:
    """Return the generators that a loader draws from, its training loader's perhaps."""
    source = getattr(data, "source", None)
    owners = [source, *samplers_of(source)]
    found = {id(one): one for owner in owners if (one := getattr(owner, "generator", None))}
    return list(found.values())


def counted(data: Data) -> int:
    """Return the number of rows, by going through them if nothing else says it."""
    if data.n is None:
        with closing(iter(data)) as batches:
            n = sum(batch.n for batch in batches)
    else:
        n = data.n
    if not n:
        raise CaptureError("the data holds no rows: give one per point")
    return n
