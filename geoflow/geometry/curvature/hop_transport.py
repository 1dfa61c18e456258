"""Exact transport between the neighbourhoods of two adjacent points, in whole numbers.

    W1 = min sum_st c_st f_st,   sum_t f_st = supply s,   sum_s f_st = demand t,   f >= 0

c_st: hops from s to t, 1, 2 or 3. Mass that both points have at a place stays there, which loses
nothing because hops are a metric. The rest moves by successive shortest paths: any place with
supply left can send straight to any place with demand left at a cost of at most 3, so shortest
augmenting paths cost 1, then 2, then 3, and there are three stages:

1. F1 = maximum flow over pairs 1 hop apart. Let A be the places that can be reached from supply
   that is left, by arcs 1 hop long and by taking flow back.
2. F2 = maximum flow more over pairs 1 hop apart, both within A or both outside, and pairs 2 hops
   apart from A to outside. These are the arcs whose reduced cost is 0 for the potentials
   0 within A and 1 outside; all free supply is within A, all free demand outside.
3. All that is left, F3, costs 3 a unit and needs no flow: W1 = F1 + 2 F2 + 3 F3.

Source: successive shortest paths with potentials, Ahuja, Magnanti, Orlin, Network Flows (1993),
section 9.7; blocking flows in layers, Dinic 1970. Masses are whole numbers, so the answer is
exact, whatever the order of the points. Arcs are rows of bits over the places with demand, 64 in a
machine word, and only those of the edge in hand exist: no table of n x n hops.
"""

import numpy as np

from geoflow.geometry.compiled import kernel


@kernel
def moved_hops(
    indptr: np.ndarray, indices: np.ndarray, masses: tuple[np.ndarray, ...]
) -> np.ndarray:
    """Return W1(mu_i, mu_j) (m,) in hops from the `moving_masses` of m edges, which it uses up."""
    units, source_starts, all_sources, all_supply, sink_starts, all_sinks, all_demand = masses
    n = len(indptr) - 1
    narrow = wide = area = 1  # places with supply and with demand at most, and their pairs
    for e in range(len(units)):
        a = source_starts[e + 1] - source_starts[e]
        b = sink_starts[e + 1] - sink_starts[e]
        narrow, wide, area = max(narrow, a), max(wide, b), max(area, a * b)
    words, words_back = (wide + 63) // 64, (narrow + 63) // 64
    all_near = np.zeros(n * words, np.uint64)
    all_flow = np.empty(area, np.int64)
    rows = np.empty((narrow, words), np.uint64)
    back = np.empty((wide, words_back), np.uint64)
    source_layers = np.empty((narrow + 2, words_back), np.uint64)
    sink_layers = np.empty((narrow + 2, words), np.uint64)
    path = np.empty((2, narrow + 2), np.int64)
    found = np.empty(len(units))
    for e in range(len(units)):
        sources = all_sources[source_starts[e] : source_starts[e + 1]]
        left = all_supply[source_starts[e] : source_starts[e + 1]]
        sinks = all_sinks[sink_starts[e] : sink_starts[e + 1]]
        need = all_demand[sink_starts[e] : sink_starts[e + 1]]
        used = (len(sinks) + 63) // 64
        near = all_near[: n * used].reshape(n, used)  # sinks 1 hop from each point
        flow = all_flow[: len(sources) * len(sinks)].reshape(len(sources), len(sinks))
        size = mark_near(indptr, indices, sinks, near)
        for s in range(len(sources)):
            for w in range(used):
                rows[s, w] = near[sources[s], w]
        back[: len(sinks)] = 0
        network = (rows, back, flow, source_layers, sink_layers, path)
        hops = left.sum()
        depth = saturate(network, left, need)
        rest = left.sum()
        if rest > 0:
            hops += rest
            widen_arcs(indptr, indices, sources, near, network, depth)
            saturate(network, left, need)
            hops += left.sum()
        if size < n * used // 8:
            for t in range(len(sinks)):
                near[indices[indptr[sinks[t]] : indptr[sinks[t] + 1]]] = 0
        else:
            near[:] = 0
        found[e] = hops / units[e]
    return found


@kernel
def mark_near(indptr: np.ndarray, indices: np.ndarray, sinks: np.ndarray, near: np.ndarray) -> int:
    """Set bit t in the row of every neighbour of sink t; return how many bits were set."""
    size = 0
    for t in range(len(sinks)):
        bit = np.uint64(1) << np.uint64(t % 64)
        w = t // 64
        for at in range(indptr[sinks[t]], indptr[sinks[t] + 1]):
            near[indices[at], w] |= bit
        size += indptr[sinks[t] + 1] - indptr[sinks[t]]
    return size


@kernel
def first_bit(word: np.uint64) -> int:
    """Return the place of the lowest bit set: how many bits are below it."""
    word = (word & (~word + np.uint64(1))) - np.uint64(1)
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def common_bit(row: np.ndarray, other: np.ndarray, words: int) -> int:
    """Return the first place that is set in both rows, or -1."""
    for w in range(words):
        both = row[w] & other[w]
        if both:
            return 64 * w + first_bit(both)
    return -1


@kernel
def saturate(network: tuple[np.ndarray, ...], left: np.ndarray, need: np.ndarray) -> int:
    """Send as much flow as the rows allow; left and need say what stays.

    Returns how many layers the last search has: ``source_layers`` and ``sink_layers`` up to there
    are the places that can be reached from supply that is left.
    """
    rows, back, _, source_layers, sink_layers, path = network
    n_sources, n_sinks = len(left), len(need)
    used, used_back = (n_sinks + 63) // 64, (n_sources + 63) // 64
    wanting = np.zeros(used, np.uint64)
    for t in range(n_sinks):
        if need[t] > 0:
            wanting[t // 64] |= np.uint64(1) << np.uint64(t % 64)
    for s in range(n_sources):
        while left[s] > 0:
            t = common_bit(rows[s], wanting, used)
            if t < 0:
                break
            path[0, 0], path[1, 0] = s, t
            push_flow(network, left, need, wanting, 0)
    while True:
        depth = fill_layers(network, left, wanting, used_back)
        if depth < 0:
            return -depth
        for s in range(n_sources):
            d = 0
            path[0, 0] = s
            while left[s] > 0:
                t = common_bit(rows[path[0, d]], sink_layers[d], used)
                if t >= 0:
                    path[1, d] = t
                    if d == depth:
                        push_flow(network, left, need, wanting, d)
                        if need[t] == 0:
                            sink_layers[d, t // 64] &= ~(np.uint64(1) << np.uint64(t % 64))
                        d = 0
                        continue
                    taken = common_bit(back[t], source_layers[d + 1], used_back)
                    if taken >= 0:
                        d += 1
                        path[0, d] = taken
                    else:
                        sink_layers[d, t // 64] &= ~(np.uint64(1) << np.uint64(t % 64))
                elif d == 0:
                    break
                else:
                    taken = path[0, d]
                    source_layers[d, taken // 64] &= ~(np.uint64(1) << np.uint64(taken % 64))
                    d -= 1


@kernel
def push_flow(
    network: tuple[np.ndarray, ...],
    left: np.ndarray,
    need: np.ndarray,
    wanting: np.ndarray,
    depth: int,
) -> None:
    """Send what the path allows: on along its arcs, back along the arcs between its layers."""
    _, back, flow, _, _, path = network
    start, end = path[0, 0], path[1, depth]
    amount = min(left[start], need[end])
    for d in range(depth):
        amount = min(amount, flow[path[0, d + 1], path[1, d]])
    for d in range(depth + 1):
        s, t = path[0, d], path[1, d]
        bit = np.uint64(1) << np.uint64(s % 64)
        if back[t, s // 64] & bit:
            flow[s, t] += amount
        else:
            flow[s, t] = amount
            back[t, s // 64] |= bit
        if d < depth:
            s = path[0, d + 1]
            flow[s, t] -= amount
            if flow[s, t] == 0:
                back[t, s // 64] &= ~(np.uint64(1) << np.uint64(s % 64))
    left[start] -= amount
    need[end] -= amount
    if need[end] == 0:
        wanting[end // 64] &= ~(np.uint64(1) << np.uint64(end % 64))


@kernel
def fill_layers(
    network: tuple[np.ndarray, ...], left: np.ndarray, wanting: np.ndarray, used_back: int
) -> int:
    """Fill the layers of places by arcs from supply that is left, up to the first with demand.

    Returns the number of that layer; if there is none, minus the number of layers.
    """
    rows, back, _, source_layers, sink_layers, _ = network
    used = len(wanting)
    seen = np.zeros(used, np.uint64)
    seen_back = np.zeros(used_back, np.uint64)
    for s in range(len(left)):
        if left[s] > 0:
            seen_back[s // 64] |= np.uint64(1) << np.uint64(s % 64)
    source_layers[0, :used_back] = seen_back
    depth = 0
    while True:
        for w in range(used):
            sink_layers[depth, w] = 0
        for w in range(used_back):
            bits = source_layers[depth, w]
            while bits:
                s = 64 * w + first_bit(bits)
                bits &= bits - np.uint64(1)
                for v in range(used):
                    sink_layers[depth, v] |= rows[s, v]
        is_new = is_end = False
        for w in range(used):
            sink_layers[depth, w] &= ~seen[w]
            seen[w] |= sink_layers[depth, w]
            is_new |= sink_layers[depth, w] != 0
            is_end |= (sink_layers[depth, w] & wanting[w]) != 0
        if is_end:
            for w in range(used):
                sink_layers[depth, w] &= wanting[w]
            return depth
        depth += 1
        if not is_new:
            return -depth
        for w in range(used_back):
            source_layers[depth, w] = 0
        for w in range(used):
            bits = sink_layers[depth - 1, w]
            while bits:
                t = 64 * w + first_bit(bits)
                bits &= bits - np.uint64(1)
                for v in range(used_back):
                    source_layers[depth, v] |= back[t, v]
        is_new = False
        for w in range(used_back):
            source_layers[depth, w] &= ~seen_back[w]
            seen_back[w] |= source_layers[depth, w]
            is_new |= source_layers[depth, w] != 0
        if not is_new:
            return -depth


@kernel
def widen_arcs(
    indptr: np.ndarray,
    indices: np.ndarray,
    sources: np.ndarray,
    near: np.ndarray,
    network: tuple[np.ndarray, ...],
    depth: int,
) -> None:
    """Turn the arcs of stage 1 into those of stage 2; the layers are the places within A."""
    rows, _, flow, source_layers, sink_layers, _ = network
    n_sources, used = len(flow), near.shape[1]
    outside = np.full(used, ~np.uint64(0))
    for d in range(depth):
        for w in range(used):
            outside[w] &= ~sink_layers[d, w]
    for s in range(n_sources):
        is_within = False
        for d in range(depth):
            is_within |= (source_layers[d, s // 64] >> np.uint64(s % 64)) & np.uint64(1) != 0
        if is_within:
            reach = np.zeros(used, np.uint64)
            for at in range(indptr[sources[s]], indptr[sources[s] + 1]):
                for w in range(used):
                    reach[w] |= near[indices[at], w]
            for w in range(used):
                rows[s, w] |= reach[w] & outside[w]
        else:
            for w in range(used):
                rows[s, w] &= outside[w]
