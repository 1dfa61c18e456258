"""Samples of points as they come in: checked, of one shape, and their mean size without overflow.

A sample is an array (n, d), one row per point. What is asked of it here holds everywhere in
geometry: real, finite numbers in rows of one length.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from geoflow.errors import GeometryError

LARGEST_COORDINATE = 1e300
"""Distances of larger coordinates may not be finite."""


SHORT = ("float16", "int8", "uint8", "int16", "uint16", "bool")
"""Types of numbers that float32 holds exactly, beside itself."""

SLICE = 2**22
"""Numbers looked at together: no copy, and no mask, of a whole layer is made."""


def row_blocks(points: np.ndarray) -> Iterator[np.ndarray]:
    """Yield points (n, d) some rows at a time, about SLICE numbers, without a copy."""
    size = max(1, SLICE // max(points.shape[1], 1))
    for start in range(0, len(points), size):
        yield points[start : start + size]


def largest_size(points: np.ndarray) -> float:
    """Return the largest of |x| in points (n, d), 0.0 if there are none: no copy is made.

    >>> largest_size(np.array([[1.0, -3.0]]))
    3.0
    """
    return max(float(points.max(initial=0.0)), -float(points.min(initial=0.0)))


def checked_rows(points: np.ndarray) -> np.ndarray:
    """Return points (n, d) as float64 rows, or say what is wrong with them.

    >>> checked_rows(np.array([[1, 2]]))
    array([[1., 2.]])
    """
    return own_rows(points).astype(np.float64, copy=False)


def own_rows(points: np.ndarray) -> np.ndarray:
    """Return points (n, d) as rows in their own precision, or say what is wrong with them.

    float32 where that holds their type of number, else float64; as they are if they are such rows.

    >>> own_rows(np.array([[1, 2]], np.uint8))
    array([[1., 2.]], dtype=float32)
    """
    try:
        array = np.asarray(points)
    except ValueError:
        raise GeometryError("points have rows of different lengths: give an array (n, d)") from None
    except (TypeError, RuntimeError) as error:  # of torch, for one: a tensor with gradients
        raise GeometryError(f"points are not an array ({error}): give an array (n, d)") from None
    if np.ma.is_masked(points):
        raise GeometryError("points are masked in places: leave these rows out of every layer")
    if array.dtype.kind not in "fiub":
        raise GeometryError(f"points are of type {array.dtype}: give real numbers")
    if array.ndim != 2 or array.shape[1] < 1:
        raise GeometryError(f"points have shape {array.shape}: give one row per point, (n, d)")
    is_short = array.dtype.name in ("float32", *SHORT)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # long doubles beyond float64 are infinite, and refused
        rows = np.ascontiguousarray(array, dtype=np.float32 if is_short else np.float64)
    bad = np.concatenate(
        [~np.isfinite(some).all(axis=1) for some in row_blocks(rows)] or [np.zeros(0, bool)]
    )
    if bad.any():
        raise GeometryError(
            f"{int(bad.sum())} of {len(rows)} points hold NaN or infinity (first: row"
            f" {int(bad.argmax())}): leave these rows out of every layer"
        )
    if largest_size(rows) > LARGEST_COORDINATE:
        raise GeometryError(f"points hold numbers beyond {LARGEST_COORDINATE:.0e}: scale them down")
    return rows


def checked_samples(samples: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return samples of the same n >= 1 points and width as float64 rows, or refuse them.

    Transport moves point i of one sample to point i of the next, in one space.

    >>> checked_samples([np.zeros((4, 2)), np.zeros((4, 3))])
    Traceback (most recent call last):
    geoflow.errors.GeometryError: sample 1 has shape (4, 3), sample 0 (4, 2): transport compares \
samples of the same points and width
    """
    rows = [checked_rows(points) for points in samples]
    for number, one in enumerate(rows):
        if one.shape != rows[0].shape:
            raise GeometryError(
                f"sample {number} has shape {one.shape}, sample 0 {rows[0].shape}: transport"
                " compares samples of the same points and width"
            )
    if rows and not len(rows[0]):
        raise GeometryError("the samples have no points: give at least one row")
    return rows


def binary_exponent(*arrays: np.ndarray) -> int:
    """Return e such that all numbers are at most 2^e in size, 0 if all of them are 0.

    >>> binary_exponent(np.array([0.7, -3.0]))
    2
    """
    return int(np.frexp(max(float(np.abs(array).max(initial=0.0)) for array in arrays))[1])


def rows_near_one(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors (..., d) times 2^-e, largest number 1/2 to 1, and e (..., 1): exact."""
    exponents = np.frexp(np.abs(vectors).max(axis=-1, keepdims=True))[1]
    return np.ldexp(vectors, -exponents), exponents


def norms(vectors: np.ndarray) -> np.ndarray:
    """Return sqrt(sum_c v_c^2) of vectors (..., d): none over- or underflows on the way.

    >>> norms(np.array([[3e200, 4e200], [3e-320, 4e-320]]))
    array([5.e+200, 5.e-320])
    """
    scaled, exponents = rows_near_one(vectors)
    lengths: np.ndarray = np.ldexp(np.sqrt((scaled * scaled).sum(axis=-1)), exponents[..., 0])
    return lengths


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return v / |v| of vectors (..., d); a zero vector stays zero.

    >>> unit_vectors(np.array([[3e-320, 4e-320], [0.0, 0.0]])).round(3)
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    scaled, _ = rows_near_one(vectors)
    lengths = norms(scaled)[..., None]
    units: np.ndarray = scaled / np.where(lengths > 0, lengths, 1.0)
    return units


def root_mean_square(vectors: np.ndarray) -> float:
    """Return sqrt(mean_i |v_i|^2) of vectors (n, d), a length in their own unit.

    >>> root_mean_square(np.array([[3e200, 4e200], [5e200, 0.0]]))
    5e+200
    """
    exponent = binary_exponent(vectors)
    scaled = np.ldexp(vectors, -exponent)
    return float(np.ldexp(np.sqrt((scaled * scaled).sum() / len(vectors)), exponent))


NEGLIGIBLE = 1e-300
"""What is less than this share of another counts as 0: no quotient overflows."""


def detour(length: float, chord: float) -> float | None:
    """Return length / chord, at least 1, of a path and the distance of its ends; None if that is 0.

    >>> detour(7.0, 5.0), detour(3.0, 0.0)
    (1.4, None)
    """
    return None if chord <= NEGLIGIBLE * length else max(1.0, length / chord)
