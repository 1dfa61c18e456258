"""Arrays that a user hands over in Python: what is an array of numbers in any library, or refused.

numpy arrays, lists of rows, torch tensors (of any device, with or without gradients), frames and
series of polars and pandas, and whatever numpy takes as numbers. Not: sparse matrices, masked
numbers, objects.
"""

import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from geoflow.errors import DatasetError, GeoflowError
from geoflow.text.shown import short


class GivenArrays(Mapping[str, np.ndarray]):
    """Values by name, each made a numpy array when it is asked for."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.source = values
        self.where = where
        for name in values:
            if not isinstance(name, str):
                raise DatasetError(
                    f"{where} hold one under {short(repr(name))}, which is not text: name them"
                    " layer_00, layer_01, ..."
                )

    def __getitem__(self, name: str) -> np.ndarray:
        return as_array(self.given(name), f"{short(name)} in {self.where}")

    def __contains__(self, name: object) -> bool:
        return name in self.source

    def __iter__(self) -> Iterator[str]:
        return iter(self.source)

    def __len__(self) -> int:
        return len(self.source)

    def given(self, name: str) -> Any:
        """Return a value as it was given; a mapping may read it from a file just now."""
        if name not in self.source:
            raise KeyError(name)
        try:
            return self.source[name]
        except Exception as error:
            raise no_numbers(f"{short(name)} in {self.where}", error) from None

    def copied(self, name: str) -> int:
        """Return how many numbers of an array must be copied: none of float32 or float64 rows."""
        value = self.given(name)
        is_kept = isinstance(value, np.ndarray) and value.dtype in (np.float32, np.float64)
        if is_kept and value.flags.c_contiguous:
            return 0
        try:
            shape = getattr(value, "shape", ())
        except Exception as error:  # a ragged tensor of torch has none
            raise no_numbers(f"{short(name)} in {self.where}", error) from None
        is_shape = isinstance(shape, tuple) and all(isinstance(one, int) for one in shape)
        return math.prod(shape) if is_shape else 0


def as_array(value: Any, what: str) -> np.ndarray:
    """Return a value as a numpy array, or the DatasetError that names it.

    >>> as_array([[1, 2], [3, 4]], "layer_00").shape
    (2, 2)
    >>> as_array(None, "layer_00")
    Traceback (most recent call last):
    geoflow.errors.DatasetError: layer_00 is of type NoneType, not an array of numbers: give a \
numpy array of real numbers
    """
    try:
        array = np.asarray(unmasked(from_torch(value), what))
    except GeoflowError:
        raise
    except Exception as error:  # of whatever library the value is from
        raise no_numbers(what, error) from None
    if array.dtype.kind == "O":
        kind = "numpy object" if isinstance(value, np.ndarray) else type(value).__name__
        raise DatasetError(
            f"{what} is of type {short(kind)}, not an array of numbers: give a numpy array of real"
            " numbers"
        )
    return array


def no_numbers(what: str, error: Exception) -> DatasetError:
    """Return the error for a value that made another library raise one."""
    said = short(" ".join(str(error).split()) or type(error).__name__, 120)
    return DatasetError(f"{what} is not an array of numbers ({said}): give a numpy array")


def unmasked(value: Any, what: str) -> Any:
    """Return a value none of whose numbers is masked: numpy would use what is under the mask."""
    rows = np.ma.masked_array(value) if isinstance(value, list | tuple) else value
    if np.ma.is_masked(rows):
        n_masked = int(np.ma.getmaskarray(rows).sum())
        raise DatasetError(
            f"{what} is masked in {n_masked} places: leave these rows out of every layer"
        )
    return value


def from_torch(value: Any) -> Any:
    """Return a torch tensor as a numpy array, anything else as it is."""
    torch = sys.modules.get("torch")  # whoever has a tensor has imported it
    if torch is None or not isinstance(value, torch.Tensor):
        return value
    if value.is_floating_point() and value.element_size() < 4:
        value = value.double()  # numpy has no bfloat16
    return value.numpy(force=True)
