"""Products of centred points in single precision, and the candidates they leave: compiled.

Points are kept in tiles of TILE_POINTS, coordinate after coordinate: the inner loop runs over
neighbouring points, for four points and four coordinates at once, as fast as a BLAS and in the
thread that asks. `wide` says what the numbers mean, and how far off they may be.

All kernels that call one another are in this file: numba's cache of a kernel sees changes in its
own file only.
"""

import numpy as np

from geoflow.geometry.compiled import contracted_kernel, kernel

TILE_POINTS = 512
"""Points of a tile: four rows of sums and four of coordinates are 16 KB, in the nearest cache."""

OFFERED_AT_ONCE = 32
"""Values compared with a limit before one of them is looked at."""


@kernel
def farthest(points: np.ndarray, start: int, stop: int, centre: np.ndarray) -> float:
    """Return the largest coordinate of points start, ..., stop - 1 less the centre (d,)."""
    largest = 0.0
    for i in range(start, stop):
        for c in range(points.shape[1]):
            largest = max(largest, abs(np.float64(points[i, c]) - centre[c]))
    return largest


@kernel
def fill_tile(
    points: np.ndarray, first: int, at: int, centre: np.ndarray, scale: float, tile: np.ndarray
) -> None:
    """Fill a tile (coordinates, TILE_POINTS) with coordinates at, at + 1, ... of points first, ...

    Each is its difference to the centre (d,), in float64, times the scale, rounded once to float32;
    0 beyond the last point and the last coordinate.
    """
    count = min(TILE_POINTS, points.shape[0] - first)
    width = min(tile.shape[0], points.shape[1] - at)
    tile[:, count:] = 0.0
    tile[width:] = 0.0
    for begin in range(0, width, 16):
        end = min(begin + 16, width)
        for j in range(count):
            for c in range(begin, end):
                difference = np.float64(points[first + j, at + c]) - centre[at + c]
                tile[c, j] = np.float32(difference * scale)


@kernel
def add_sizes(tile: np.ndarray, sizes: np.ndarray) -> None:
    """Add the squares of a tile's coordinates to the squared sizes (at most TILE_POINTS,)."""
    for c in range(tile.shape[0]):
        row = tile[c]
        for j in range(len(sizes)):
            value = np.float64(row[j])
            sizes[j] += value * value


@contracted_kernel
def add_products(rows: np.ndarray, first: int, tile: np.ndarray, sums: np.ndarray) -> None:
    """Add to sums (rows, TILE_POINTS) the products of points first, ... of a tile with a tile.

    rows, tile: both (coordinates * TILE_POINTS,), of a multiple of 4 coordinates, for a multiple
    of 4 rows. The products are summed by themselves and then added: that is one addition of `sums`.
    Indices have no sign: the compiler need not ask whether they count from the end.
    """
    width = np.uint64(TILE_POINTS)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    sum0, sum1 = np.uint64(0), width
    sum2, sum3 = two * width, three * width
    found = np.empty(4 * TILE_POINTS, np.float32)
    for r in range(0, sums.shape[0], 4):
        found[:] = 0.0
        own = np.uint64(first + r)
        for c in range(0, len(tile) // TILE_POINTS, 4):
            at0 = np.uint64(c) * width
            at1, at2, at3 = at0 + width, at0 + two * width, at0 + three * width
            a0, b0, c0, d0 = rows[at0 + own], rows[at1 + own], rows[at2 + own], rows[at3 + own]
            own1, own2, own3 = own + one, own + two, own + three
            a1, b1, c1, d1 = rows[at0 + own1], rows[at1 + own1], rows[at2 + own1], rows[at3 + own1]
            a2, b2, c2, d2 = rows[at0 + own2], rows[at1 + own2], rows[at2 + own2], rows[at3 + own2]
            a3, b3, c3, d3 = rows[at0 + own3], rows[at1 + own3], rows[at2 + own3], rows[at3 + own3]
            for place in range(TILE_POINTS):
                j = np.uint64(place)
                a, b, e, d = tile[at0 + j], tile[at1 + j], tile[at2 + j], tile[at3 + j]
                found[sum0 + j] += a0 * a + b0 * b + c0 * e + d0 * d
                found[sum1 + j] += a1 * a + b1 * b + c1 * e + d1 * d
                found[sum2 + j] += a2 * a + b2 * b + c2 * e + d2 * d
                found[sum3 + j] += a3 * a + b3 * b + c3 * e + d3 * d
        for row in range(4):
            into, part = sums[r + row], found[row * TILE_POINTS : (row + 1) * TILE_POINTS]
            for at in range(TILE_POINTS):
                into[at] += part[at]


@kernel
def narrowed(
    max_rank: int,
    own: float,
    slack: float,
    upper: np.ndarray,
    base: float,
    found: np.ndarray,
    lowest: np.ndarray,
) -> tuple[int, float]:
    """Drop candidates that at least max_rank others beat for certain; return how many are left.

    Also returns the limit that a further candidate must not exceed. found, lowest (c,): candidates
    and their lowest squares, less ``base``, which all of the row have in common; lowest + upper
    (n,) + own is the highest; slack: the share by which the last rank may be exceeded.
    """
    highest = np.empty(len(found), np.float64)
    for at in range(len(found)):
        highest[at] = lowest[at] + upper[found[at]]
    last = np.partition(highest, max_rank - 1)[max_rank - 1] + own
    limit = last + slack * abs(base + last)
    limit += 3e-7 * abs(limit)  # above it also when it is rounded to float32
    kept = 0
    for at in range(len(found)):
        if lowest[at] <= limit:
            found[kept], lowest[kept] = found[at], lowest[at]
            kept += 1
    return kept, limit


@kernel
def offer(
    sums: np.ndarray,
    first: int,
    start: int,
    max_rank: int,
    slack: float,
    lower: np.ndarray,
    upper: np.ndarray,
    limits: np.ndarray,
    room: np.ndarray,
    counts: np.ndarray,
    found: np.ndarray,
    lowest: np.ndarray,
) -> None:
    """Offer points first, first + 1, ... to the rows of a block that begins at point start.

    sums (rows, width): the products; limits (rows,): what the lowest square of a candidate must not
    exceed; counts (rows,): how many candidates there are, -1 of a row that they overflowed; room
    (rows,): how many make it worth while to narrow them; found, lowest (rows, most): see there.
    """
    width = min(sums.shape[1], len(lower) - first)
    for r in range(sums.shape[0]):
        count = counts[r]
        if count < 0:
            continue
        limit = limits[r]
        for begin in range(0, width, OFFERED_AT_ONCE):
            end = min(begin + OFFERED_AT_ONCE, width)
            part, low = sums[r, begin:end], lower[first + begin : first + end]
            within = 0
            for j in range(end - begin):
                within += low[j] - np.float32(2.0) * part[j] <= limit
            if within == 0:
                continue
            for j in range(end - begin):
                value = low[j] - np.float32(2.0) * part[j]
                found[r, count], lowest[r, count] = first + begin + j, value
                count += value <= limit and first + begin + j != start + r
            if count > room[r]:
                own, base = upper[start + r], np.float64(lower[start + r])
                count, above = narrowed(
                    max_rank, own, slack, upper, base, found[r, :count], lowest[r, :count]
                )
                limit = np.float32(above)
                room[r] = min(
                    max(room[r], 2 * count + OFFERED_AT_ONCE), found.shape[1] - OFFERED_AT_ONCE
                )
                if count > room[r]:
                    count = -1
                    break
        limits[r], counts[r] = limit, count


@kernel
def narrow_all(
    start: int,
    max_rank: int,
    slack: float,
    lower: np.ndarray,
    upper: np.ndarray,
    counts: np.ndarray,
    found: np.ndarray,
    lowest: np.ndarray,
) -> None:
    """Narrow the candidates of every row once more, when all points have been offered."""
    for r in range(len(counts)):
        count = counts[r]
        if count >= max_rank:
            own, base = upper[start + r], np.float64(lower[start + r])
            counts[r], _ = narrowed(
                max_rank, own, slack, upper, base, found[r, :count], lowest[r, :count]
            )
