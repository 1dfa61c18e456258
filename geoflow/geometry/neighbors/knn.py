"""Exact ranked neighbours of every point: one computation serves every k.

    d(x, y) = sqrt(sum_c (x_c - y_c)^2),  points ranked from x by (d, index), x itself left out

Distances are float64 of the points as given. ReLU layers collapse points, so exact ties and
duplicate points are normal. Two distances tie when their squares, summed exactly and rounded
once, are the same float64; ties are ordered by index. The ranking is therefore a
property of the points: BLAS, threads, block size and coordinate order cannot change it.

How: a block of rows at a time, all squared distances are summed in float64; a sample of each row
gives a limit below which the first ranks lie, checked by counting; what is below it is sorted, and
neighbouring values too close to call are measured again exactly (`squared`). Of wide points, of
several dozen coordinates or more, only candidates are measured (`wide`).

Tried: selection by `numpy.partition` of whole rows, which alone cost more than all distances.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import kernel, n_threads, over_blocks
from geoflow.geometry.neighbors.samples import largest_size, own_rows
from geoflow.geometry.neighbors.squared import (
    UNIT,
    add_squares,
    fill_pair_squares,
    is_exact,
    rank_rows,
)
from geoflow.geometry.neighbors.wide import centred_points, is_wide, wide_candidates

BLOCK_BYTES = 4 * 2**20
"""Memory for one block of the distance matrix, at least BLOCK_ROWS rows: never the whole."""

BLOCK_ROWS = 64
"""Fewer rows would load all points from memory too often."""

COLUMN_BYTES = 64 * 2**20
"""Memory for transposed coordinates."""

COMMON = (-8, 400)
"""Points below two to these need no other scale: differences of 2^-470 have squares in full."""

SAMPLE = 500
"""About how many values of a row make the sample its limit is taken from."""

MOST_RANKED = 2**27
"""Above this many ranked pairs a computation is refused rather than left to exhaust memory."""


@dataclass(frozen=True)
class Neighbors:
    """Ranked neighbours, row after row: row i is ``slice(indptr[i], indptr[i + 1])``.

    A row holds the first ``max_rank`` neighbours and all that tie with the last of them.
    ``index`` (m,) is the neighbour, ``distance`` (m,) float64 its distance, ``min_rank`` (m,)
    one more than the number of points strictly closer; the rank is the place in the row.
    """

    max_rank: int
    indptr: np.ndarray
    index: np.ndarray
    distance: np.ndarray
    min_rank: np.ndarray

    @property
    def n(self) -> int:
        """The number of points."""
        return len(self.indptr) - 1

    def places(self, entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the point of the row of some entries, and their rank in it, 1 for the nearest."""
        points = np.searchsorted(self.indptr, entries, side="right") - 1
        return points, entries - self.indptr[points] + 1

    @property
    def n_distinct(self) -> int:
        """The number of distinct points: those with no duplicate of a smaller index."""
        first = self.indptr[:-1]
        is_copy = (self.distance[first] == 0) & (self.index[first] < np.arange(self.n))
        return int(self.n - is_copy.sum())


def checked_points(points: np.ndarray) -> np.ndarray:
    """Return at least 2 points (n, d) as rows in their own precision, or say what is wrong."""
    rows = own_rows(points)
    if len(rows) < 2:
        raise GeometryError(f"a graph needs at least 2 points, not {len(rows)}")
    return rows


def neighbors(points: np.ndarray, max_rank: int, threads: int | None = None) -> Neighbors:
    """Return the first ``max_rank`` neighbours of every point, with all ties of the last one.

    points (n, d), 1 <= max_rank < n. Source: the definition; ties as in the R code of Baptista
    et al. 2024 (all included), ordered by (distance, index).

    >>> line = np.array([[0.0], [1.0], [2.0], [4.0]])
    >>> ranked = neighbors(line, max_rank=1)
    >>> ranked.index  # point 1 is as far from 0 as from 2: both are there
    array([1, 0, 2, 1, 2], dtype=int32)
    >>> ranked.min_rank
    array([1, 1, 1, 1, 1], dtype=int32)
    """
    scaled, exponent = prepared(points, max_rank)
    n, d = scaled.shape
    threads = threads or n_threads()
    close = closeness(scaled)
    centred = centred_points(scaled, threads) if is_wide(n, d, max_rank) else None
    columns = column_blocks(scaled)
    n_ranked: list[int] = []
    few = max(BLOCK_ROWS, BLOCK_BYTES // (8 * n))

    def settle(start: int, found: np.ndarray, squares: np.ndarray) -> Ranked:
        ranked = settled(scaled, start, max_rank, close, found, squares)
        n_ranked.append(len(ranked[1]))
        refuse_collapsed(sum(n_ranked), n, max_rank)
        return ranked

    def block(start: int, stop: int) -> list[Ranked]:
        if centred is not None:
            near = wide_candidates(centred, start, stop, max_rank, close)
            if near is not None:
                squares = np.empty(near[0].shape)
                fill_pair_squares(scaled, start, *near, squares)
                return [settle(start, near[0], squares)]
        return [
            settle(
                one, *row_candidates(scaled, columns, one, min(one + few, stop), max_rank, close)
            )
            for one in range(start, stop, few)
        ]

    size = min(few, -(-n // threads)) if centred is None else centred.block
    blocks = over_blocks(block, n, size, threads)
    return assembled([part for parts in blocks for part in parts], max_rank, exponent)


Columns = Callable[[], Iterator[tuple[int, np.ndarray]]]
"""Some coordinates of all points, transposed (c, n) in float64, and the first of them, in turn."""


def column_blocks(points: np.ndarray) -> Columns:
    """Return the coordinates of points (n, d): made once, if they are few."""
    n, d = points.shape
    size = max(4, COLUMN_BYTES // (8 * n))

    def made(at: int) -> np.ndarray:
        return np.ascontiguousarray(points[:, at : at + size].T, dtype=np.float64)

    keeps = cache(made) if d <= size else made
    return lambda: ((at, keeps(at)) for at in range(0, d, size))


def row_candidates(
    points: np.ndarray, columns: Columns, start: int, stop: int, max_rank: int, close: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return candidates (rows, most) of points start, ..., stop - 1, and their plain squares.

    All points are measured; see `row_limits`.
    """
    everything = np.zeros((stop - start, len(points)))
    for at, some in columns():
        add_squares(points, some, start, at, everything)
    everything[np.arange(stop - start), np.arange(start, stop)] = np.inf
    limits, counts = row_limits(everything, max_rank, close)
    found = np.zeros((stop - start, counts.max()), np.int32)
    squares = np.empty(found.shape)
    fill_candidates(everything, limits, found, squares)
    return found, squares


Ranked = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Of a block of rows: their lengths, and index, distance and min_rank row after row."""


def prepared(points: np.ndarray, max_rank: int) -> tuple[np.ndarray, int]:
    """Return points divided by a power of two, and its exponent: exact, and no square overflows.

    Those of float32, and others of common size, are as they were, and the exponent is 0.
    """
    rows = checked_points(points)
    n = len(rows)
    if not 1 <= max_rank < n:
        raise GeometryError(f"k = {max_rank} of {n} points: choose k from 1 to n - 1 = {n - 1}")
    if n * max_rank > MOST_RANKED:
        raise GeometryError(
            f"k = {max_rank} of {n} points makes {n * max_rank:,} neighbours: choose a smaller k"
        )
    exponent = int(np.frexp(largest_size(rows))[1])
    if rows.dtype == np.float32 or COMMON[0] <= exponent <= COMMON[1]:
        return rows, 0
    return np.ldexp(rows, -exponent), exponent


def closeness(points: np.ndarray) -> float:
    """Return the relative difference below which plain squares of points (n, d) decide nothing."""
    if is_exact(points, int(np.frexp(largest_size(points))[1])):
        return 0.0
    return float(4 * (points.shape[1] + 3) * UNIT)


def settled(
    points: np.ndarray,
    start: int,
    max_rank: int,
    close: float,
    found: np.ndarray,
    squares: np.ndarray,
) -> Ranked:
    """Return the final ranks of rows start, start + 1, ... from their candidates.

    found (rows, c): candidates in the order of their index; squares (rows, c): their plain squared
    distances, infinite where a row has fewer; close: see `closeness`.
    """
    order = np.argsort(squares, axis=1)
    lengths = np.empty(len(found), np.int64)
    index, ranks = np.empty((2, found.size), found.dtype)
    distance = np.empty(found.size)
    size = rank_rows(
        points, start, max_rank, close, found, squares, order, lengths, index, distance, ranks
    )
    return lengths, index[:size].copy(), distance[:size].copy(), ranks[:size].copy()


def refuse_collapsed(n_ranked: int, n: int, max_rank: int) -> None:
    """Refuse a layer so collapsed that its ties alone would exhaust memory."""
    if n_ranked > MOST_RANKED:
        raise GeometryError(
            f"ties make more than {MOST_RANKED:,} neighbours of {n} points at k = {max_rank}: the"
            " layer has collapsed; leave it out, or give fewer points"
        )


def assembled(parts: list[Ranked], max_rank: int, exponent: int) -> Neighbors:
    """Return the blocks as one ranking, distances at their own scale again."""
    lengths, index, distance, min_rank = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    indptr = np.concatenate(([0], np.cumsum(lengths)))
    return Neighbors(max_rank, indptr, index, np.ldexp(distance, exponent), min_rank)


def row_limits(
    everything: np.ndarray, max_rank: int, close: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row a limit that the first ranks and their ties do not exceed.

    everything (rows, n): squared distances. The limit comes from a sample of the row, with two
    standard deviations to spare; a row that it fails gets its limit from all of the row. Also
    returns how many values are within the limits.
    """
    sample = everything[:, :: max(1, everything.shape[1] // SAMPLE)]
    share = max_rank / everything.shape[1]
    expected = share * sample.shape[1]
    at = int(expected + 2 * np.sqrt(expected * (1 - share)) + 3)
    if at < sample.shape[1]:
        limits = np.partition(sample, at, axis=1)[:, at]
    else:
        limits = np.full(len(sample), np.finfo(float).max)
    counts = n_within(everything, limits * (1 - 2 * close))
    for row in np.flatnonzero(counts < max_rank):
        exact = np.partition(everything[row], max_rank - 1)[max_rank - 1]
        limits[row] = exact * (1 + 4 * close)
    return limits, n_within(everything, limits)


@kernel
def n_within(everything: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return how many values of each row are at most its limit."""
    counts = np.zeros(len(limits), np.int64)
    for r in range(len(limits)):
        limit = limits[r]
        count = 0
        for j in range(everything.shape[1]):
            count += everything[r, j] <= limit
        counts[r] = count
    return counts


@kernel
def fill_candidates(
    everything: np.ndarray, limits: np.ndarray, found: np.ndarray, squares: np.ndarray
) -> None:
    """Copy what is within the limit of each row, with its index, to the start of a row."""
    width = found.shape[1]
    for r in range(len(limits)):
        count = 0
        for j in range(everything.shape[1]):
            if count == width:
                break
            found[r, count] = j  # written anyway, counted if within: no branch to mispredict
            squares[r, count] = everything[r, j]
            count += everything[r, j] <= limits[r]
        squares[r, count:] = np.inf
