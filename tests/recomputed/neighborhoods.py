"""Dimensions and overlaps from sets of neighbours and their distances, point by point."""

import math
from functools import cache
from itertools import permutations

import numpy as np

from recomputed.base import finals, grouped, picked, relation, states

ESTIMATORS = ("twonn", "twonn fit")
STATE = "network_id network study dataset epoch is_final"


@cache
def near(base):
    """{layer_id: [of each point its (distance, neighbour, n_tied), by rank]}."""
    found = {}
    for (layer,), rows in grouped(base["neighbors"], "layer_id").items():
        points = grouped(sorted(rows, key=lambda row: row["rank"]), "point")
        found[layer] = [
            [(row["distance"], row["neighbor"], row["n_tied"]) for row in points[point,]]
            for point in range(len(points))
        ]
    return found


@cache
def layers_of(base):
    """{network: its layers, the input of its data set first}."""
    own = grouped(base.layers.values(), "network_id")
    inputs = {row["dataset_id"]: row for row in base.layers.values() if row["layer"] == 0}
    found = {}
    for network in states(base):
        first = inputs.get(base.networks[network]["dataset_id"])
        rows = sorted(own.get((network,), []), key=lambda row: row["layer"])
        found[network] = [*([first] if first else []), *rows]
    return found


@cache
def measured_k(base):
    """{network: the k of its graphs, and the rank that is kept of it}."""
    found = {}
    for network, layers in layers_of(base).items():
        own = {row["layer_id"]: row for row in layers if row["layer"] > 0}
        ks = {row["k"] for row in base["graphs"] if row["layer_id"] in own}
        ks |= {max([row["store_rank"] for row in own.values()], default=0)}
        found[network] = sorted(ks - {0})
    return found


@cache
def ratios(base, layer):
    """(ln mu of the points that have one, in order; points with a copy; points without a ratio)."""
    pairs = [(one[0][0], one[1][0]) for one in near(base)[layer]]
    logs = sorted(math.log(r2 / r1) for r1, r2 in pairs if 0 < r1 < r2)
    n_zero = sum(r1 == 0 for r1, _ in pairs)
    return logs, n_zero, len(pairs) - n_zero - len(logs)


@cache
def twonn(base, layer, estimator):
    logs, *_ = ratios(base, layer)
    n = len(logs)
    if estimator == "twonn":
        return n / math.fsum(logs) if logs else None
    kept = np.array(logs[: 9 * n // 10])
    heights = -np.log1p(-np.arange(1, len(kept) + 1) / n) if n else kept
    return float(kept @ heights / (kept @ kept)) if len(kept) else None


@cache
def likelihood(base, layer, k):
    """Levina and Bickel's estimate at each point, combined as MacKay and Ghahramani say."""
    inverses = []
    for one in near(base)[layer]:
        distances = [distance for distance, *_ in one[:k]]
        if distances[0] > 0 and k > 1:
            logs = [math.log(distances[-1] / distance) for distance in distances[:-1]]
            inverses.append(math.fsum(logs) / (k - 1))
    mean = math.fsum(inverses) / len(inverses) if inverses else 0
    return 1 / mean if mean > 1e-12 else None


def beyond(rank, k):
    if rank >= k:
        return None
    return f"neighbours are kept up to rank {rank}: --store-rank {k} keeps enough"


@relation
def intrinsic_dimensions(base):
    found = []
    for network, layers in layers_of(base).items():
        for layer in layers:
            one = picked(states(base)[network], STATE)
            one |= picked(layer, "layer is_output n_units n_points")
            key, rank = layer["layer_id"], layer["store_rank"]
            for estimator in ESTIMATORS:
                row = {"estimator": estimator, "k": None, "n_zero": None, "n_tied": None}
                row |= {"dimension": None, "reason": beyond(rank, 2)}
                if rank >= 2:
                    _, row["n_zero"], row["n_tied"] = ratios(base, key)
                    row["dimension"] = twonn(base, key, estimator)
                    row["reason"] = why_none(row, layer)
                found.append(one | row)
            for k in measured_k(base)[network]:
                row = {"estimator": "maximum likelihood", "k": k, "n_zero": None, "n_tied": None}
                row |= {"dimension": None, "reason": beyond(rank, max(k, 2))}
                if rank >= k:
                    row["n_zero"] = sum(point[0][0] == 0 for point in near(base)[key])
                    row["dimension"] = likelihood(base, key, k)
                    row["reason"] = why_none(row, layer)
                if k == 1:
                    row["reason"] = "one neighbour has no ratio of distances"
                found.append(one | row)
    return found


def why_none(row, layer):
    if row["dimension"] is not None:
        return None
    if row["n_zero"] == layer["n_points"]:
        return "every point has a copy"
    return "fewer than two different ratios of distances"


@cache
def labels_of(base, dataset):
    rows = [row for row in base["samples"] if row["dataset_id"] == dataset]
    labels = [row["label"] for row in sorted(rows, key=lambda row: row["point"])]
    return None if None in labels else labels


def tied_after(base, layer, k):
    """Points whose neighbour k + 1 is as far as neighbour k."""
    points = near(base)[layer["layer_id"]]
    return sum(len(one) > k and one[k][2] > 0 for one in points)


def n_tied(base, layer, k):
    return tied_after(base, layer, k) if layer["store_rank"] >= k else None


@relation
def label_overlaps(base):
    found = []
    for network, layers in layers_of(base).items():
        labels = labels_of(base, base.networks[network]["dataset_id"])
        for layer in layers:
            for k in measured_k(base)[network]:
                row = picked(states(base)[network], STATE) | picked(layer, "layer is_output")
                row |= {"k": k, "label_overlap": None, "chance": None}
                row |= {"n_tied": n_tied(base, layer, k), "reason": "no labels"}
                if labels is not None:
                    same = [[a == b for b in labels] for a in labels]
                    n = len(labels)
                    row["chance"] = (sum(map(sum, same)) - n) / (n * (n - 1))
                    row["reason"] = beyond(layer["store_rank"], k)
                    if row["reason"] is None and layer["n_distinct"] == 1:
                        row["reason"] = "all points are the same"
                    elif row["reason"] is None:
                        named = near(base)[layer["layer_id"]]
                        hits = [same[x][y] for x, one in enumerate(named) for _, y, _ in one[:k]]
                        row["label_overlap"] = sum(hits) / (n * k)
                found.append(row)
    return found


@cache
def members(base, layer, k):
    """Whether y is among the k nearest of x (n, n)."""
    points = near(base)[layer]
    found = np.zeros((len(points), len(points)), bool)
    for x, one in enumerate(points):
        found[x, [y for _, y, _ in one[:k]]] = True
    return found


@cache
def shared(base, layer, other, k):
    """The mean share of common neighbours."""
    one, another = members(base, layer, k), members(base, other, k)
    return np.count_nonzero(one & another) / (k * len(one))


@relation
def neighborhood_overlaps(base):
    found = []
    for network, layers in layers_of(base).items():
        for at, layer in enumerate(layers):
            for other in layers[at + 1 :]:
                for k in measured_k(base)[network]:
                    rank = min(layer["store_rank"], other["store_rank"])
                    reason = beyond(rank, k)
                    if reason is None and 1 in (layer["n_distinct"], other["n_distinct"]):
                        reason = "all points of a layer are the same"
                    overlap = None
                    if reason is None:
                        overlap = shared(base, layer["layer_id"], other["layer_id"], k)
                    found.append(
                        picked(states(base)[network], STATE)
                        | {
                            "layer": layer["layer"],
                            "other_layer": other["layer"],
                            "is_with_output": other["is_output"],
                            "k": k,
                            "neighborhood_overlap": overlap,
                            "chance": k / (layer["n_points"] - 1),
                            "n_tied": n_tied(base, layer, k),
                            "other_n_tied": n_tied(base, other, k),
                            "reason": reason,
                        }
                    )
    return found


@relation
def network_overlaps(base):
    prints = {row["dataset_id"]: row["fingerprint"] for row in base["datasets"]}
    of = {key: prints[base.networks[key]["dataset_id"]] for key in finals(base)}
    found = []
    for one, another in permutations(of, 2):
        if of[one] == of[another]:
            layers, others = layers_of(base)[one], layers_of(base)[another]
            both = set(measured_k(base)[one]) & set(measured_k(base)[another])
            for layer in layers:
                for other in others:
                    found += [
                        overlap_row(base, (one, layer), (another, other), k)
                        for k in both
                        if k <= min(layer["store_rank"], other["store_rank"])
                    ]
    return found


def overlap_row(base, place, other_place, k):
    (one, layer), (another, other) = place, other_place
    is_one = 1 in (layer["n_distinct"], other["n_distinct"])
    return {
        "network_id": one,
        "network": base.networks[one]["name"],
        "other_id": another,
        "other": base.networks[another]["name"],
        "layer": layer["layer"],
        "other_layer": other["layer"],
        "k": k,
        "neighborhood_overlap": None
        if is_one
        else shared(base, *sorted((layer["layer_id"], other["layer_id"])), k),
        "chance": k / (layer["n_points"] - 1),
    }
