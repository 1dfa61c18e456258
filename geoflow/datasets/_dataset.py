"""A data set in memory, and a line about one that may not be there yet."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoflow.specs import DatasetSpec
from geoflow.specs.points import points_fingerprint


class Labelled(NamedTuple):
    """Rows as a family holds them: x (n, d) of any number type, labels (n,) original."""

    x: NDArray[Any]
    labels: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test points of a classification problem, and how they were made.

    x (n, d) float32, C-contiguous; y (n,) int64 from 0 to n_classes - 1. Rows are ordered by class,
    class 0 first. ``spec`` is resolved: loading it again gives the same arrays.
    """

    spec: DatasetSpec
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    source: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the test points and labels; of a user's file the training rows' too.

        Nothing else would tell that such a file has changed.
        """
        found = points_fingerprint(self.x_test, self.y_test)
        if self.spec.file is None:
            return found
        trained_on = points_fingerprint(self.x_train, self.y_train)
        return sha256(f"{found} {trained_on}".encode()).hexdigest()

    @property
    def n_features(self) -> int:
        """The number of columns d."""
        return int(self.x_test.shape[1])

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)


class Sizes(NamedTuple):
    """How large a data set is; ``n_read`` rows are in the files it is read from, 0 if none is."""

    n_train: int
    n_test: int
    n_features: int
    n_classes: int
    n_read: int


@dataclass(frozen=True)
class Listing:
    """One data set that can be asked for; ``is_present`` if it can be loaded without a download."""

    name: str
    n_train: int
    n_test: int
    n_features: int
    n_classes: int
    source: str
    is_present: bool
