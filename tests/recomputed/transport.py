"""Transport, local complexity, affinity, and the way of the weights."""

import math

import numpy as np
from scipy import stats

from recomputed.base import finals, grouped, mean, picked, relation
from recomputed.local import of_finals


def ratio(path, chord):
    """Path over chord, at least 1, None where the ends are the same but for rounding."""
    if path is None or chord is None or not chord > 1e-300 * path:
        return None
    return max(1.0, path / chord)


def tracks(base):
    """Tracks of networks and of snapshots, with the ratio of their path."""
    words = "network_id first_layer n_steps line_shape_score ot_score least_ot_score is_ot_unique"
    more = "transport_efficiency relative_displacement w2_path_length w2_geodesic_length"
    return [
        picked(row, f"{words} {more} n_points sample_seed reason")
        | {
            "geodesic_ratio": ratio(row["w2_path_length"], row["w2_geodesic_length"])
            if row["n_steps"] > 1
            else None
        }
        for row in base["transport_tracks"]
    ]


@relation
def transport_scores(base):
    words = "network study dataset family width depth weight_decay test_accuracy"
    return of_finals(base, tracks(base), words)


@relation
def transport_comparison(base):
    kinds = "variant series dataset_id dataset family width depth weight_decay recipe"
    rows = of_finals(base, tracks(base), f"base_study {kinds} test_accuracy is_accurate")
    scored = [row for row in rows if row["ot_score"] is not None]
    found = []
    for some in grouped(scored, "base_study", *kinds.split()).values():
        line = interval([row["line_shape_score"] for row in some], 1, math.inf)
        optimal = interval([row["ot_score"] for row in some], 0, 1)
        means = ("line_shape_score", "ot_score", "least_ot_score", "transport_efficiency",
                 "geodesic_ratio", "relative_displacement", "test_accuracy")  # fmt: skip
        found.append(
            picked(some[0], kinds)
            | {name: mean([row[name] for row in some]) for name in means}
            | {"study": some[0]["base_study"], "n_networks": len(some)}
            | {"is_accurate": all(row["is_accurate"] for row in some)}
            | {"share_unique": mean([row["is_ot_unique"] for row in some])}
            | dict(zip(("line_shape_low", "line_shape_high"), line, strict=True))
            | dict(zip(("ot_low", "ot_high"), optimal, strict=True))
        )
    return found


def interval(values, low, high):
    """The ends of the 95 % interval of a mean, cut to bounds."""
    values = [value for value in values if value is not None]
    if len(values) < 2:
        return None, None
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    middle = np.mean(values)
    return max(low, min(high, middle - half)), max(low, min(high, middle + half))


@relation
def nonlinearity_signature(base):
    return of_finals(base, base["layer_affinities"], "network study dataset depth")


@relation
def local_complexity(base):
    return of_finals(base, base["layer_complexities"], "network study dataset depth")


@relation
def training_speed(base):
    found = []
    for row in base["weight_paths"]:
        if row["network_id"] not in finals(base):
            continue
        network = base.networks[row["network_id"]]
        path, fall = ratio(row["path_length"], row["chord"]), row["first_loss"] - row["last_loss"]
        is_descent = row["is_full_batch"] and network["optimizer"] == "sgd"
        is_descent &= network["decay"] == network["weight_decay"] == 0
        is_descent &= network["batch_norm"] is not True
        time = network["learning_rate"] * row["n_steps"] if is_descent else None
        limit = row["chord"] ** 2 / fall if is_descent and fall > 0 else None
        reason = None
        if row["path_length"] == 0:
            reason = "the weights did not move"
        elif path is None:
            reason = "the weights ended where they began"
        elif not is_descent:
            reason = "not full-batch gradient descent without momentum, weight decay or batch norm"
        elif not fall > 0:
            reason = "the loss did not fall"
        words = "network_id n_steps path_length chord first_loss last_loss"
        found.append(
            picked(row, words)
            | picked(finals(base)[row["network_id"]], "network study dataset")
            | {
                "path_ratio": path,
                "training_time": time,
                "time_limit": limit,
                "inefficiency": None if limit is None else time / limit,
                "reason": reason,
            }
        )
    return found
