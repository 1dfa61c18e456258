"""Breadth-first searches of graphs that are long, compiled: sets of points, one bit each.

Deep layers of trained networks are nearly curves, and whole rows (`search`) are joined in vain at
each of their many hops. Here one source at a time is searched. With F the points that it has just
come to, V all that it has come to, N(u) the neighbours of u:

    F <- union of N(u), u in F,  less V;    V <- V or F

Points are numbered as a breadth-first search comes to them, so that neighbours have near numbers
and N(u) is a few words. Where all 64 points of a word, or 8 of a byte, are in V, the union of
their neighbours is joined at once: those of points before F are in V already. In a layer that is
nearly a curve F is a few runs of numbers, so that most of it is words. What it takes beside whole
rows: `tests/benchmarks/test_bench_wide.py`.

Tried before: 64 sources at a time from the points that they have just come to (as fast at k = 10, 2
to 10 times slower from k = 50 on), and whole rows without the words that are full or empty (twice
as slow as with them).
"""

from typing import NamedTuple

import numpy as np

from geoflow.geometry.compiled import kernel


class Sets(NamedTuple):
    """Sets of points: word w of set i is ``words[at[i] + w]``, low[i] <= w < high[i], others 0."""

    words: np.ndarray
    at: np.ndarray
    low: np.ndarray
    high: np.ndarray


def near_sets(indptr: np.ndarray, indices: np.ndarray, order: np.ndarray) -> Sets:
    """Return N(u) of the points by their places in an order, then their unions of 8 and of 64."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=order.dtype)
    n = len(order)
    sizes = (1, 8, 64)
    low, high = hulls(indptr, indices, order, place)
    lows = [np.minimum.reduceat(low, np.arange(0, n, size)) for size in sizes]
    highs = [np.maximum.reduceat(high, np.arange(0, n, size)) for size in sizes]
    low, high = np.concatenate(lows), np.concatenate(highs)
    room = np.maximum(high - low, 0)
    at = np.cumsum(room) - room - low
    words = np.zeros(room.sum(), np.uint64)
    sets = Sets(words, at, low.astype(np.int32), high.astype(np.int32))
    fill_points(*sets, indptr, indices, order, place)
    first = 0
    for size, before in zip(sizes[1:], sizes, strict=False):
        m = -(-n // before)
        fill_unions(*sets, first, m, size // before)
        first += m
    return sets


@kernel
def hulls(
    indptr: np.ndarray, indices: np.ndarray, order: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return from which word to which neighbours of the points in an order are."""
    n = len(order)
    low, high = np.full(n, (n + 63) // 64, np.int64), np.zeros(n, np.int64)
    for p in range(n):
        for e in range(indptr[order[p]], indptr[order[p] + 1]):
            word = place[indices[e]] // 64
            low[p], high[p] = min(low[p], word), max(high[p], word + 1)
    return low, high


@kernel
def fill_points(
    words: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray,
    indptr: np.ndarray, indices: np.ndarray, order: np.ndarray, place: np.ndarray,
) -> None:  # fmt: skip
    """Fill the sets of the points with their neighbours."""
    for p in range(len(order)):
        for e in range(indptr[order[p]], indptr[order[p] + 1]):
            q = place[indices[e]]
            words[at[p] + q // 64] |= np.uint64(1) << np.uint64(q % 64)


@kernel
def fill_unions(
    words: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray,
    first: int, m: int, size: int,
) -> None:  # fmt: skip
    """Fill the sets from ``first + m`` on with the unions of each ``size`` of m from ``first``."""
    for one in range(m):
        i, union = first + one, first + m + one // size
        for w in range(low[i], high[i]):
            words[at[union] + w] |= words[at[i] + w]


@kernel
def ones_in(word: np.uint64) -> np.uint64:
    """Return the number of bits set in a word (compiled to one instruction).

    That of `geoflow.geometry.hops.search`, as kernels that call one another are in one file.
    """
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def whole_bytes(word: np.uint64) -> np.uint64:
    """Return the bits of the bytes of a word that have all bits set."""
    word &= word >> np.uint64(1)
    word &= word >> np.uint64(2)
    word &= word >> np.uint64(4)
    return (word & np.uint64(0x0101010101010101)) * np.uint64(255)


@kernel
def next_set(left: np.uint64, whole: np.uint64, w: int, n: int) -> tuple[int, np.uint64]:
    """Return a set that holds all neighbours of some points ``left`` of word w, and the others.

    It is that of the whole word, if all its points are ``whole``; else of its first byte or point.
    """
    if whole == ~np.uint64(0):
        return n + (n + 7) // 8 + w, np.uint64(0)
    lowest = left & (~left + np.uint64(1))
    bit = int(ones_in(lowest - np.uint64(1)))
    if whole & lowest:
        return n + 8 * w + bit // 8, left & ~(np.uint64(255) << np.uint64(bit & 56))
    return 64 * w + bit, left ^ lowest


@kernel
def set_search(
    words: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray,
    order: np.ndarray, start: int, stop: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Search from the sources at places start to stop of an order, with the sets of `near_sets`.

    Returns what `geoflow.geometry.hops.search.full_search` does.
    """
    n = len(order)
    n_words = (n + 63) // 64
    hop_counts, sums = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    eccentricities, counts = np.zeros(n, np.int32), np.zeros(n, np.int64)
    seen, front, joined = np.zeros((3, n_words), np.uint64)
    for p in range(start, stop):
        seen[:] = 0
        front[p // 64] = seen[p // 64] = np.uint64(1) << np.uint64(p % 64)
        first, last = p // 64, p // 64 + 1
        hops, reached, new, total = 0, 0, 1, 0
        while new > 0:
            hop_counts[hops] += new
            total += hops * new
            reached += new
            hops += 1
            if reached == n:
                front[first:last] = 0
                break
            begin, end = n_words, 0
            for w in range(first, last):
                left, whole, front[w] = front[w], whole_bytes(seen[w]), 0
                while left:
                    i, left = next_set(left, whole, w, n)
                    for x in range(low[i], high[i]):
                        joined[x] |= words[at[i] + x]
                    begin, end = min(begin, low[i]), max(end, high[i])
            new, first, last = 0, n_words, 0
            for w in range(begin, end):
                fresh = joined[w] & ~seen[w]
                joined[w] = 0
                if fresh:
                    front[w] = fresh
                    seen[w] |= fresh
                    new += int(ones_in(fresh))
                    first, last = min(first, w), w + 1
        source = order[p]
        sums[source], counts[source], eccentricities[source] = total, reached, hops - 1
    return hop_counts, sums, eccentricities, counts
