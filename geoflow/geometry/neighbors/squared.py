"""Squared Euclidean distances: plain, exact where ties are to be decided, and their ranking.

    d2(x, y) = sum_c (x_c - y_c)^2

``fill_squares`` sums in the order of the coordinates, the same on every machine; its relative error
is at most (d + 3) u with u = 2^-53. ``exact_square`` splits every difference and every square into
parts without error (Knuth's two-difference, Dekker's product), sums the parts exactly (Shewchuk
1997) and rounds once: two pairs whose distances are equal in exact arithmetic get the same float64,
whatever the order of coordinates. No float32 point can under- or overflow here; of float64 points,
differences below 2^-480 of the largest coordinate may.

All kernels that call one another are in this file: numba's cache of a kernel sees changes in its
own file only.
"""

from typing import Any

import numpy as np

from geoflow.geometry.compiled import kernel

UNIT = 2.0**-53
"""Half the distance from 1 to the next float64."""


TILE = 512
"""Points measured side by side: their coordinates stay in the cache for all rows of a block."""


@kernel
def fill_squares(points: np.ndarray, columns: np.ndarray, start: int, squares: np.ndarray) -> None:
    """Fill squares (rows, n) with d2 of points start, start + 1, ... to all points (n, d).

    ``columns`` (d, n) are the points transposed: the inner loop runs over neighbouring points, so
    the machine adds several distances at once, each still in the order of its coordinates.
    """
    d, n = columns.shape
    whole = d - d % 4
    for first in range(0, n, TILE):
        last = min(first + TILE, n)
        for r in range(squares.shape[0]):
            x = points[start + r]
            sums = squares[r, first:last]
            sums[:] = 0.0
            for c in range(0, whole, 4):
                y0, y1 = columns[c, first:last], columns[c + 1, first:last]
                y2, y3 = columns[c + 2, first:last], columns[c + 3, first:last]
                x0, x1, x2, x3 = x[c], x[c + 1], x[c + 2], x[c + 3]
                for j in range(last - first):
                    e0, e1, e2, e3 = x0 - y0[j], x1 - y1[j], x2 - y2[j], x3 - y3[j]
                    sums[j] = (((sums[j] + e0 * e0) + e1 * e1) + e2 * e2) + e3 * e3
            for c in range(whole, d):
                y, here = columns[c, first:last], x[c]
                for j in range(last - first):
                    e = here - y[j]
                    sums[j] += e * e


@kernel
def two_product(a: float, b: float) -> tuple[float, float]:
    """Return a b and its rounding error: together the exact product."""
    split = 134217729.0 * a
    a_high = split - (split - a)
    a_low = a - a_high
    split = 134217729.0 * b
    b_high = split - (split - b)
    b_low = b - b_high
    product = a * b
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@kernel
def add_exactly(partials: np.ndarray, size: int, value: float) -> int:
    """Add a value to an exact sum of partials that do not overlap; return how many there are."""
    kept = 0
    for at in range(size):
        other = partials[at]
        if abs(value) < abs(other):
            value, other = other, value
        total = value + other
        error = other - (total - value)
        if error != 0.0:
            partials[kept] = error
            kept += 1
        value = total
    partials[kept] = value
    return kept + 1


@kernel
def rounded_sum(partials: np.ndarray, size: int) -> Any:
    """Return the exact sum of partials, smallest first, rounded once, half to even."""
    at = size - 1
    total = partials[at]
    error = 0.0
    while at > 0 and error == 0.0:
        at -= 1
        before = total
        total = before + partials[at]
        error = partials[at] - (total - before)
    if at > 0 and ((error < 0.0) == (partials[at - 1] < 0.0)):
        twice = 2.0 * error  # half way, and what is left decides
        up = total + twice
        if twice == up - total:
            total = up
    return total


@kernel
def exact_square(x: np.ndarray, y: np.ndarray) -> Any:
    """Return d2(x, y) for x, y (d,): the exact sum, rounded once."""
    partials = np.empty(64, np.float64)
    size = 0
    for c in range(x.shape[0]):
        difference = x[c] - y[c]
        back = difference - x[c]
        rest = (x[c] - (difference - back)) - (y[c] + back)
        square, square_error = two_product(difference, difference)
        size = add_exactly(partials, size, square)
        if square_error != 0.0:
            size = add_exactly(partials, size, square_error)
        if rest != 0.0:
            product, product_error = two_product(2.0 * difference, rest)
            small, small_error = two_product(rest, rest)
            for part in (product, product_error, small, small_error):
                size = add_exactly(partials, size, part)
    return rounded_sum(partials, size) if size > 0 else 0.0


@kernel
def is_same_point(x: np.ndarray, y: np.ndarray) -> bool:
    """Return whether two points (d,) are equal."""
    at = 0
    while at < x.shape[0] and x[at] == y[at]:
        at += 1
    return bool(at == x.shape[0])


def is_exact(points: np.ndarray) -> bool:
    """Return whether plain sums of points (n, d), scaled below 1, have no rounding error at all.

    So it is on a grid of whole multiples of 2^-g with 2 g + log2(4 d) <= 53: raw images, digits.

    >>> is_exact(np.array([[0.5, 0.25]])), is_exact(np.array([[0.1, 0.25]]))
    (True, False)
    """
    steps = 2.0 ** ((51 - int(np.ceil(np.log2(points.shape[1])))) // 2)
    return bool((points * steps == np.rint(points * steps)).all())


@kernel
def rank_rows(
    points: np.ndarray,
    start: int,
    max_rank: int,
    close: float,
    found: np.ndarray,
    squares: np.ndarray,
    order: np.ndarray,
    index: np.ndarray,
    ranks: np.ndarray,
    lengths: np.ndarray,
) -> None:
    """Settle each row of a block that ``order`` sorts by plain squares.

    Each run of values too close to call is measured exactly, duplicates only once, and sorted
    again, by index where it ties; then ranks are counted up to max_rank and all ties of it.
    """
    for r in range(found.shape[0]):
        values, row = squares[r], order[r]
        count = len(row)
        while count > 0 and values[row[count - 1]] == np.inf:
            count -= 1
        begin = 0
        while begin < count:
            end = begin + 1
            while end < count and (
                values[row[end]] - values[row[end - 1]] <= close * values[row[end]]
            ):
                end += 1
            if end - begin > 1:
                run = np.sort(row[begin:end])  # candidates are found in the order of their index
                if close > 0.0 and values[row[end - 1]] > 0.0:
                    before = -1
                    for at in run:
                        here = points[found[r, at]]
                        if before >= 0 and is_same_point(here, points[found[r, before]]):
                            values[at] = values[before]
                        else:
                            values[at] = exact_square(points[start + r], here)
                        before = at
                    run = run[np.argsort(values[run], kind="mergesort")]
                row[begin:end] = run
            begin = end
        rank = 1
        kept = 0
        for place in range(count):
            at = row[place]
            if place > 0 and values[at] > values[row[place - 1]]:
                rank = place + 1
            if rank > max_rank:
                break
            index[r, place] = found[r, at]
            ranks[r, place] = rank
            kept = place + 1
        lengths[r] = kept
