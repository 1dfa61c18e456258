"""Breadth-first searches of a graph, compiled; many sources at once, one bit each.

Sources are searched together, 64 in a machine word: bit s of ``reached[v]`` says whether source s
has come to v. One step is, for every v, the OR over its neighbours; the bits that are new after
h steps are the pairs at distance h. Only sums leave the search, so no n x n array exists, and a
graph is undirected, so the sum over sources at v is the sum over targets from v.

Tried, on 2 cores: n = 20,000, k = 20 takes 483, 276, 158, 118, 138, 173 ms with blocks of 4, 8, 16,
32, 64, 128 words; n = 2,000, k = 500 took 21 ms before full rows were left early, 11 ms after.
Graphs of many hops are searched by `geoflow.geometry.hops.sets`.
All kernels that call one another are in this file: numba's cache of a kernel sees changes in its
own file only.
"""

import numpy as np

from geoflow.geometry.compiled import kernel


@kernel
def n_bits(word: np.uint64) -> np.uint64:
    """Return the number of bits set in a word (compiled to one instruction)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def join_rows(reached: np.ndarray, near: np.ndarray, row: np.ndarray, full: int) -> int:
    """OR the rows of near points into a row and return its number of bits.

    In a dense graph a dozen neighbours fill a row: it is counted now and then, and left when full.
    """
    words = len(row)
    count = 0
    for first in range(0, len(near), 16):
        for at in range(first, min(first + 16, len(near))):
            other = reached[near[at]]
            for w in range(words):
                row[w] |= other[w]
        count = 0
        for w in range(words):
            count += int(n_bits(row[w]))
        if count == full:
            break
    return count


@kernel
def source_rows(n: int, sources: np.ndarray) -> np.ndarray:
    """Return the rows (n, words) in which each source has reached itself."""
    reached = np.zeros((n, (len(sources) + 63) // 64), np.uint64)
    for bit in range(len(sources)):
        reached[sources[bit], bit // 64] |= np.uint64(1) << np.uint64(bit % 64)
    return reached


@kernel
def near_rows(
    indptr: np.ndarray, indices: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows (n, words) after one hop, bit by bit, and how many bits each has (n,).

    A point names each neighbour once, and not itself. Rows of single bits would be joined in vain:
    in a dense graph that took a good part of the search.
    """
    n = len(indptr) - 1
    bits = np.full(n, -1, np.int64)
    for bit in range(len(sources)):
        bits[sources[bit]] = bit
    reached = source_rows(n, sources)
    counts = (bits >= 0).astype(np.int64)
    for v in range(n):
        row = reached[v]
        for e in range(indptr[v], indptr[v + 1]):
            bit = bits[indices[e]]
            is_source = bit >= 0  # no branch: which way it would go nobody can foretell
            place = np.uint64(max(bit, 0))
            row[place >> np.uint64(6)] |= np.uint64(is_source) << (place & np.uint64(63))
            counts[v] += is_source
    return reached, counts


@kernel
def full_search(
    indptr: np.ndarray, indices: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Search from all sources at once; see `Geodesics` for what is returned."""
    n = len(indptr) - 1
    full = len(sources)
    reached, counts = near_rows(indptr, indices, sources)
    following = np.zeros_like(reached)
    sums = counts.copy()
    sums[sources] -= 1  # a point is no hop from itself
    hop_counts = np.zeros(n + 1, np.int64)
    hop_counts[0], hop_counts[1] = full, sums.sum()
    eccentricities = (sums > 0).astype(np.int32)
    hops = 1
    found = hop_counts[1] > 0
    while found:
        hops += 1
        found = False
        for v in range(n):
            row = following[v]
            row[:] = reached[v]
            if counts[v] == full:
                continue
            count = join_rows(reached, indices[indptr[v] : indptr[v + 1]], row, full)
            new = count - counts[v]
            if new > 0:
                found = True
                counts[v] = count
                hop_counts[hops] += new
                sums[v] += hops * new
                eccentricities[v] = hops
        reached, following = following, reached
    return hop_counts[:hops].copy(), sums, eccentricities, counts


@kernel
def visit_order(indptr: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, int]:
    """Return all points (n,) as a breadth-first search comes to them, and how many hops it takes.

    It begins, in each component, at a point that another such search came to last: the hops are
    often the diameter, and never more.
    """
    n = len(indptr) - 1
    order = np.empty(n, np.int32)
    hops = np.full(n, -1, np.int32)
    size = 0
    longest = 0
    for seed in range(n):
        if hops[seed] >= 0:
            continue
        root = seed
        tail = size
        for _ in range(2):
            for at in range(size, tail):
                hops[order[at]] = -1
            head, tail = size, size + 1
            order[size] = root
            hops[root] = 0
            while head < tail:
                v = order[head]
                head += 1
                for e in range(indptr[v], indptr[v + 1]):
                    j = indices[e]
                    if hops[j] < 0:
                        hops[j] = hops[v] + 1
                        order[tail] = j
                        tail += 1
            root = order[tail - 1]
        longest = max(longest, hops[root])
        size = tail
    return order, longest


@kernel
def sample_search(
    indptr: np.ndarray, indices: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Search from all sources at once; return each one's sum of hops and how many it reaches."""
    n = len(indptr) - 1
    reached = source_rows(n, sources)
    following = np.zeros_like(reached)
    sums = np.zeros(len(sources), np.int64)
    counts = np.ones(len(sources), np.int64)
    hops = 0
    found = True
    while found:
        hops += 1
        found = False
        for v in range(n):
            row = following[v]
            row[:] = reached[v]
            join_rows(reached, indices[indptr[v] : indptr[v + 1]], row, len(sources))
            for w in range(len(row)):
                new = row[w] & ~reached[v, w]
                while new:
                    lowest = new & (~new + np.uint64(1))
                    bit = 64 * w + int(n_bits(lowest - np.uint64(1)))
                    sums[bit] += hops
                    counts[bit] += 1
                    found = True
                    new ^= lowest
        reached, following = following, reached
    return sums, counts


@kernel
def marked_search(
    indptr: np.ndarray, indices: np.ndarray, sources: np.ndarray, marked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Search from all sources at once until every marked pair is met.

    marked (n, words): bit s of row v says that the pair (source s, v) counts. Returns for each v
    the sum of hops to the sources it is marked with, and how many of them it reaches.
    """
    n = len(indptr) - 1
    reached = source_rows(n, sources)
    following = np.zeros_like(reached)
    sums = np.zeros(n, np.int64)
    met = np.zeros(n, np.int64)
    left = 0
    for v in range(n):
        for w in range(marked.shape[1]):
            left += int(n_bits(marked[v, w]))
    hops = 0
    found = True
    while found and left > 0:
        hops += 1
        found = False
        for v in range(n):
            row = following[v]
            row[:] = reached[v]
            join_rows(reached, indices[indptr[v] : indptr[v + 1]], row, len(sources))
            for w in range(len(row)):
                new = row[w] & ~reached[v, w]
                if new:
                    found = True
                    count = int(n_bits(new & marked[v, w]))
                    sums[v] += hops * count
                    met[v] += count
                    left -= count
        reached, following = following, reached
    return sums, met


@kernel
def fill_hops(indptr: np.ndarray, indices: np.ndarray, source: int, hops: np.ndarray) -> None:
    """Fill hops (n,), which comes as -1 throughout, with the distances from one source."""
    queue = np.empty(len(hops), np.int32)
    queue[0] = source
    hops[source] = 0
    tail = 1
    head = 0
    while head < tail:
        v = queue[head]
        head += 1
        for e in range(indptr[v], indptr[v + 1]):
            j = indices[e]
            if hops[j] < 0:
                hops[j] = hops[v] + 1
                queue[tail] = j
                tail += 1
