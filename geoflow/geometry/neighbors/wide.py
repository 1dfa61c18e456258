"""Candidates for the neighbours of wide points, from products in single precision.

    d2(x, y) = |x - c|^2 + |y - c|^2 - 2 (x - c) . (y - c)              c: the mean of the points

What is computed of it here is near the truth, and how near is proved below. So every point has a
lowest and a highest square; who has max_rank others whose highest square is below its lowest is
none of the first max_rank. All others are candidates: they alone are measured, in float64 and from
the points as given, and settled as ever (`knn.settled`). No rank, tie or distance depends on a sum
in single precision.

The bound. Let Y = s (x - c) for the c and the power of two s in use, exactly; any c will do, as
differences of points do not depend on it. Let u = 2^-24 and v = 2^-53, eta = 2^-126 (what an
operation may lose to underflow, also where subnormal numbers are flushed to 0), and

    z = float32(s (x - c)),   |z - Y| <= (u + 2 v) |Y| + eta    in each coordinate, all |z| <= 1.

1. Rounding of the points. With e_i = z_i - Y_i and the triangle inequality,
   ||z_i - z_j| - |Y_i - Y_j|| <= |e_i| + |e_j| <= 1.01 u (|z_i| + |z_j|) + 3 eta sqrt(d), so
   ||z_i - z_j|^2 - |Y_i - Y_j|^2| <= 2.1 u (|z_i| + |z_j|)^2 + t/4 <= 4.2 u (q_i + q_j) + t/4
   with q = |z|^2, t = 2^-100 d.
2. Products. A sum of numbers in any order, in which none passes more than m additions, each
   product rounded or fused with an addition, has the error gamma_m sum |z_ic z_jc|, with
   gamma_m = m u / (1 - m u) (Higham 2002, section 3.1), and by Cauchy and Schwarz
   2 gamma_m |z_i| |z_j| <= gamma_m (q_i + q_j). SUMMED coordinates are summed by themselves and
   then added, so m = SUMMED + ceil(d / SUMMED) + 1. Underflow adds less than t/4.
3. Sizes. q is summed in float64 from products that are exact there: its error is at most
   gamma_d(v) q < 0.1 u q for d < 2^25.
4. The sum. w_j = float32(q_j - beta q_j - t) and the lowest square, float32(w_j - 2 p_ij) for the
   product p_ij, are rounded once each: u q_j + 2.1 u (q_i + q_j) at most.

Together |computed - s^2 d2(x_i, x_j)| <= (gamma_m + 8 u) (q_i + q_j) + t/2. With

    beta = gamma_m + 12 u

the lowest square of a pair is what is computed less beta (q_i + q_j) + 2 t, its highest what is
computed plus that. What is left of beta and t is a thousand times what the float64 sums
of `products.narrowed` lose. The highest square that max_rank points do not exceed is exceeded by a
share `slack` of itself, so that all are there whose squares tie when they are rounded, or are so
near to the last that plain sums cannot tell: these `knn.settled` must see.

Where the bound says nothing (many points much nearer to each other than to the mean, or the same)
a row has more candidates than there is room for: the block is measured as narrow points are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geoflow.geometry.compiled import over_blocks
from geoflow.geometry.neighbors.products import (
    OFFERED_AT_ONCE,
    TILE_POINTS,
    add_products,
    add_sizes,
    farthest,
    fill_tile,
    narrow_all,
    offer,
)
from geoflow.geometry.neighbors.squared import UNIT

SUMMED = 256
"""Coordinates summed by themselves: they keep the bound small and a tile in its cache."""

GROUP = 4
"""Tiles whose products are there at once."""

WIDE_BLOCK = 256
"""Rows of a block, a part of a tile; a whole one where tiles are made again for every block."""

TILE_BYTES = 2**29
"""Up to here all tiles are made once and kept; beyond it they are made again for every block."""

MOST_CANDIDATES = 8192
"""Room for so many candidates of a point, and for eight times its ranks."""

NARROWEST, FEWEST = 128, 512
"""Points of fewer coordinates, or fewer points, are measured one by one as fast."""

MANY, NARROWEST_OF_MANY = 8192, 32
"""Of more points the candidates are a smaller share: they pay from fewer coordinates on."""

Tile = Callable[[int, int], np.ndarray]
"""From the number of a tile and its first coordinate to SUMMED of its coordinates, one by one."""


@dataclass(frozen=True)
class Centred:
    """Points (n, d) less their mean, times a power of two, in single precision.

    ``block``: how many rows to ask for at once. ``lower`` (n,) float32 is w, ``upper`` (n,) float64
    is 2 beta q + 4 t: what lies between the lowest and the highest square of a pair is the sum of
    both points'.
    """

    width: int
    block: int
    tile: Tile
    lower: np.ndarray
    upper: np.ndarray


def is_wide(n: int, d: int, max_rank: int) -> bool:
    """Return whether candidates from products are worth their while: else all is measured."""
    narrowest = NARROWEST if n < MANY else NARROWEST_OF_MANY
    return d >= narrowest and n >= FEWEST and 4 * max_rank <= n


def wide_bytes(n: int, d: int, max_rank: int, threads: int) -> int:
    """Return the bytes that the candidates of n points in d coordinates take beside the points.

    >>> 2**28 < wide_bytes(2000, 50_000, 10, threads=1) < 2**29
    True
    >>> wide_bytes(2000, 200_704, 10, threads=2) < 2**27  # tiles are not kept
    True
    """
    tiles = 4 * -(-n // TILE_POINTS) * TILE_POINTS * d
    keeps = tiles <= TILE_BYTES
    rows = WIDE_BLOCK if keeps else TILE_POINTS
    candidates = 8 * rows * most_candidates(n, max_rank)
    products = 4 * GROUP * rows * TILE_POINTS
    made = 0 if keeps else 2 * 4 * SUMMED * TILE_POINTS
    at_once = min(threads, -(-n // rows))
    return (tiles if keeps else 0) + at_once * (candidates + products + made)


def most_candidates(n: int, max_rank: int) -> int:
    """Return how many candidates of a point there is room for."""
    return OFFERED_AT_ONCE + min(n, max(MOST_CANDIDATES, 8 * max_rank + 256))


def product_bound(additions: int, unit: float) -> float:
    """Return beta = gamma_m + 12 u: see above.

    >>> product_bound(99, 2.0**-24) < 120 * 2.0**-24
    True
    """
    return additions * unit / (1 - additions * unit) + 12 * unit


def underflow(d: int) -> float:
    """Return t = 2^-100 d."""
    return d * 2.0**-100


def tie_slack(close: float) -> float:
    """Return by which share of itself the last rank's square may be exceeded by a candidate's.

    close: the relative difference below which plain squares decide nothing.
    """
    return 4 * close + 8 * UNIT


def centre_of(points: np.ndarray, threads: int) -> tuple[np.ndarray, int]:
    """Return the mean (d,) of points (n, d), and e with all of |points - mean| at most 2^e."""
    centre = points.mean(axis=0, dtype=np.float64)
    size = -(-len(points) // threads)
    largest = over_blocks(
        lambda start, stop: farthest(points, start, stop, centre), len(points), size, threads
    )
    return centre, max(int(np.frexp(max(largest))[1]), -1000)


def centred_points(points: np.ndarray, threads: int) -> Centred:
    """Return points (n, d), none beyond 2^400, as `Centred`."""
    n, d = points.shape
    centre, exponent = centre_of(points, threads)
    scale = 2.0**-exponent
    n_tiles, chunks = -(-n // TILE_POINTS), range(0, d, SUMMED)

    def made(tile: int, at: int) -> np.ndarray:
        width = min(SUMMED, d - at)
        found = np.empty((width + -width % 4, TILE_POINTS), np.float32)
        fill_tile(points, tile * TILE_POINTS, at, centre, scale, found)
        return found

    sizes = np.zeros(n)
    kept: dict[tuple[int, int], np.ndarray] = {}
    keeps = 4 * n_tiles * TILE_POINTS * d <= TILE_BYTES

    def measure(tile: int, _: int) -> None:
        for at in chunks:
            coordinates = made(tile, at)
            add_sizes(coordinates, sizes[tile * TILE_POINTS : (tile + 1) * TILE_POINTS])
            if keeps:
                kept[tile, at] = coordinates

    over_blocks(measure, n_tiles, 1, threads)
    beta = product_bound(SUMMED + len(chunks) + 1, 2.0**-24)
    lower = (sizes - beta * sizes - underflow(d)).astype(np.float32)
    upper = 2 * beta * sizes + 4 * underflow(d)
    if keeps:
        return Centred(d, WIDE_BLOCK, lambda tile, at: kept[tile, at], lower, upper)
    return Centred(d, TILE_POINTS, made, lower, upper)


def wide_candidates(
    points: Centred, start: int, stop: int, max_rank: int, close: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return candidates (rows, most) of points start, ..., stop - 1, and how many of each (rows,).

    In the order of their index; None where they are too many to be worth it. start is a multiple
    of ``points.block``, and stop at most that much more.
    """
    n, rows = len(points.lower), stop - start
    slack = tie_slack(close)
    most = most_candidates(n, max_rank)
    limits, counts = np.full(rows, np.inf, np.float32), np.zeros(rows, np.int64)
    room = np.full(rows, min(4 * max_rank + OFFERED_AT_ONCE, most - OFFERED_AT_ONCE))
    found, lowest = np.empty((rows, most), np.int32), np.empty((rows, most), np.float32)
    own, first = divmod(start, TILE_POINTS)
    n_tiles = -(-n // TILE_POINTS)
    for begin in range(0, n_tiles, GROUP):
        tiles = range(begin, min(begin + GROUP, n_tiles))
        sums = np.zeros((len(tiles), rows + -rows % 4, TILE_POINTS), np.float32)
        for at in range(0, points.width, SUMMED):
            mine = points.tile(own, at).ravel()
            for tile, into in zip(tiles, sums, strict=True):
                other = mine if tile == own else points.tile(tile, at).ravel()
                add_products(mine, first, other, into)
        for tile, products in zip(tiles, sums, strict=True):
            state = limits, room, counts, found, lowest
            at = tile * TILE_POINTS
            offer(products[:rows], at, start, max_rank, slack, points.lower, points.upper, *state)
        if (counts < 0).any():
            return None
    narrow_all(start, max_rank, slack, points.lower, points.upper, counts, found, lowest)
    return found[:, : counts.max()].copy(), counts
