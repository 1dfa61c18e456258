"""Squared Euclidean distances: plain, exact where ties are to be decided, and their ranking.

    d2(x, y) = sum_c (x_c - y_c)^2

``fill_squares`` sums in the order of the coordinates, the same on every machine; its relative error
is at most (d + 3) u with u = 2^-53. ``exact_square`` splits every difference and every square into
parts without error (Knuth's two-difference, Dekker's product), sums the parts exactly (Shewchuk
1997) and rounds once: two pairs whose distances are equal in exact arithmetic get the same float64,
whatever the order of coordinates. No float32 point can under- or overflow here; of float64 points,
differences below 2^-470 of the largest coordinate may.

All kernels that call one another are in this file: numba's cache of a kernel sees changes in its
own file only.
"""

from typing import Any

import numpy as np

from geoflow.geometry.compiled import kernel
from geoflow.geometry.neighbors.samples import row_blocks

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
    squares[:] = 0.0
    add_squares(points, columns, start, 0, squares)


@kernel
def add_squares(
    points: np.ndarray, columns: np.ndarray, start: int, at: int, squares: np.ndarray
) -> None:
    """Add to squares (rows, n) the parts of coordinates at, at + 1, ...; see `fill_squares`.

    ``columns`` are these coordinates of all points, as float64. In the order of the coordinates, a
    sum by parts is the sum of all to the last bit.
    """
    d, n = columns.shape
    whole = d - d % 4
    for first in range(0, n, TILE):
        last = min(first + TILE, n)
        for r in range(squares.shape[0]):
            x = points[start + r, at : at + d]
            sums = squares[r, first:last]
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
def fill_pair_squares(
    points: np.ndarray, start: int, found: np.ndarray, counts: np.ndarray, squares: np.ndarray
) -> None:
    """Fill the squared distances of each row's candidates, summed as `fill_squares` does.

    found (rows, most): candidates of points start, start + 1, ..., counts (rows,) of them. Eight
    sums at a time: none waits for the last addition of its own.
    """
    d = points.shape[1]
    for r in range(found.shape[0]):
        x = points[start + r]
        for at in range(0, counts[r], 8):
            last = counts[r] - 1  # the sums beyond it are those of the last, again
            y0, y1 = points[found[r, at]], points[found[r, min(at + 1, last)]]
            y2, y3 = points[found[r, min(at + 2, last)]], points[found[r, min(at + 3, last)]]
            y4, y5 = points[found[r, min(at + 4, last)]], points[found[r, min(at + 5, last)]]
            y6, y7 = points[found[r, min(at + 6, last)]], points[found[r, min(at + 7, last)]]
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
            for c in range(d):
                here = np.float64(x[c])
                e0, e1, e2, e3 = here - y0[c], here - y1[c], here - y2[c], here - y3[c]
                e4, e5, e6, e7 = here - y4[c], here - y5[c], here - y6[c], here - y7[c]
                s0 += e0 * e0
                s1 += e1 * e1
                s2 += e2 * e2
                s3 += e3 * e3
                s4 += e4 * e4
                s5 += e5 * e5
                s6 += e6 * e6
                s7 += e7 * e7
            sums = (s0, s1, s2, s3, s4, s5, s6, s7)
            for place in range(min(8, counts[r] - at)):
                squares[r, at + place] = sums[place]
        squares[r, counts[r] :] = np.inf


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
        here, there = np.float64(x[c]), np.float64(y[c])
        difference = here - there
        back = difference - here
        rest = (here - (difference - back)) - (there + back)
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


def is_exact(points: np.ndarray, exponent: int = 0) -> bool:
    """Return whether plain sums of points (n, d), below 2^exponent, have no rounding error at all.

    So it is on a grid of whole multiples of 2^-g with 2 g + log2(4 d) <= 53: raw images, digits.

    >>> is_exact(np.array([[0.5, 0.25]])), is_exact(np.array([[0.1, 0.25]]))
    (True, False)
    """
    steps = 2.0 ** ((51 - int(np.ceil(np.log2(points.shape[1])))) // 2 - exponent)
    return all(
        bool((whole == np.rint(whole)).all())
        for whole in (rows.astype(np.float64) * steps for rows in row_blocks(points))
    )


@kernel
def rank_rows(
    points: np.ndarray,
    start: int,
    max_rank: int,
    close: float,
    found: np.ndarray,
    squares: np.ndarray,
    order: np.ndarray,
    lengths: np.ndarray,
    index: np.ndarray,
    distance: np.ndarray,
    ranks: np.ndarray,
) -> int:
    """Settle each row of a block that ``order`` sorts by plain squares, one row after another.

    Each run of values too close to call is measured exactly, duplicates only once, and sorted
    again, by index where it ties; then ranks are counted up to max_rank and all ties of it.
    Returns how many values of ``index``, ``distance`` and ``ranks`` are filled.
    """
    size = 0
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
        rank, first = 1, size
        for place in range(count):
            at = row[place]
            if place > 0 and values[at] > values[row[place - 1]]:
                rank = place + 1
            if rank > max_rank:
                break
            index[size] = found[r, at]
            distance[size] = np.sqrt(values[at])
            ranks[size] = rank
            size += 1
        lengths[r] = size - first
    return size
