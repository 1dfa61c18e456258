"""Which rows of a labelled collection are taken, and in which order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoflow.errors import SpecError


def checked_n(n: int, n_classes: int, what: str, available: int | None = None) -> int:
    """Return n, or say why it cannot be: under two rows per class, or more than there are.

    >>> checked_n(10, 2, "n_test of data set 'circles'")
    10
    """
    if n < 2 * n_classes:
        least = f"give {2 * n_classes} or more"
        raise SpecError(f"{what} is {n}, fewer than 2 for each of {n_classes} classes: {least}")
    if available is not None and n > available:
        raise SpecError(f"{what} is {n}, but there are {available} rows: give {available} or fewer")
    return n


def shares(n: int, available: Sequence[int]) -> list[int]:
    """Return how many rows each class gives to make n in all, as evenly as there are rows.

    share_c = min(available_c, s or s + 1) for the one level s with sum_c share_c = n.
    A class that runs out gives all it has and the others make up for it, so n = sum(available)
    takes every row.

    >>> shares(5, [10, 10])
    [2, 3]
    >>> shares(12, [3, 10])
    [3, 9]
    """
    taken, rest = [0] * len(available), n
    ascending = sorted(range(len(available)), key=lambda c: available[c])
    for done, c in enumerate(ascending):
        taken[c] = min(available[c], rest // (len(available) - done))
        rest -= taken[c]
    return taken


def rows_by_class(
    labels: NDArray[np.integer], groups: Sequence[Sequence[int]], n: int | None = None
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return (index (n,), y (n,)): rows of class 0 first, then class 1, ...; original order inside.

    labels (N,): original labels; class c is all labels in ``groups[c]``; n rows are the first of
    each class, as evenly as possible; n None takes every row. The order matters: a recipe that
    validates on the last share of the rows sees the last class only, as the published code of
    Baptista et al. (2024) does.

    >>> index, y = rows_by_class(np.array([7, 1, 5, 1, 7, 7]), [[1], [7]])
    >>> index.tolist(), y.tolist()
    ([1, 3, 0, 4, 5], [0, 0, 1, 1, 1])
    """
    found = [np.flatnonzero(np.isin(labels, list(group))) for group in groups]
    counts = [len(rows) for rows in found]
    if n is not None:
        counts = shares(n, counts)
    index = np.concatenate([rows[:count] for rows, count in zip(found, counts, strict=True)])
    return index, np.repeat(np.arange(len(groups)), counts)
