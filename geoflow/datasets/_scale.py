"""The two scales of real data: 'unit' and 'raw'."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoflow.errors import unknown

SCALES = ("unit", "raw")
"""The default first."""


def checked_scale(scale: str | None, data_set: str) -> str:
    """Return the scale, the default for None, or name those there are.

    >>> checked_scale(None, "mnist")
    'unit'
    """
    if scale is None:
        return SCALES[0]
    if scale not in SCALES:
        raise unknown(f"scale of data set '{data_set}'", scale, SCALES, "choose one of these")
    return scale


def scaled(
    x: NDArray[Any], scale: str, divisor: float | None, reference: NDArray[Any]
) -> NDArray[np.float32]:
    """Return x (n, d) as float32: 'raw' as it is, 'unit' as x / divisor or standardised.

    Without a divisor, unit means (x - mean) / std, column by column, with the mean and the
    population standard deviation of ``reference`` (m, d): all training rows, however many of them
    are used, so that the test points do not depend on n_train.

    >>> scaled(np.array([[0, 255]]), "unit", 255, np.empty(0)).tolist()
    [[0.0, 1.0]]
    >>> scaled(np.array([[1.0], [3.0]]), "unit", None, np.array([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    """
    if scale == "unit" and divisor is None:
        x = (x - reference.mean(axis=0)) / reference.std(axis=0)
    points = np.ascontiguousarray(x, dtype=np.float32)
    return points / np.float32(divisor) if scale == "unit" and divisor else points
