"""Real data that scikit-learn carries: read without a network, split in two halves."""

import numpy as np
from numpy.typing import NDArray

from geoflow.datasets._dataset import Labelled

Index = NDArray[np.intp]


def halves(labels: NDArray[np.integer], seed: int) -> tuple[Index, Index]:
    """Return (train, test), disjoint row numbers in ascending order, stratified by label.

    Of the n_c rows of label c a random floor(n_c / 2) are test rows, the others training rows.
    Half and half, not the usual 20 %: the geometry lives on the test points, and graphs of a few
    dozen points say little, while these small sets are learnt well from half of their rows.
    Stratified by original label, so that every digit of `digits_even_v_odd` is in both halves.

    >>> train, test = halves(np.array([0, 0, 0, 1, 1]), seed=0)
    >>> len(train), len(test), sorted([*train.tolist(), *test.tolist()])
    (3, 2, [0, 1, 2, 3, 4])
    """
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        is_test[rows[: len(rows) // 2]] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def offline_parts(family: str, seed: int) -> tuple[Labelled, Labelled]:
    """Return (train, test) of `digits` or `breast_cancer`: x (n, d) as scikit-learn has it.

    >>> train, test = offline_parts("breast_cancer", seed=0)
    >>> train.x.shape, test.x.shape
    ((285, 30), (284, 30))
    """
    from sklearn import datasets as bundled

    read = {"digits": bundled.load_digits, "breast_cancer": bundled.load_breast_cancer}[family]
    x, labels = read(return_X_y=True)
    train, test = halves(labels, seed)
    return Labelled(x[train], labels[train]), Labelled(x[test], labels[test])
