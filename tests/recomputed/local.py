"""Local flow: points, layers, classes, and what is made of them along training."""

import math
from functools import cache

import numpy as np

from recomputed.base import (
    deviation,
    finals,
    grouped,
    indexed,
    mean,
    pearson,
    picked,
    relation,
    share,
    states,
)
from recomputed.flow import series

GRAPH = ("k", "convention")
CURVED = (*GRAPH, "curvature", "alpha")
PATIENCE = (1, 2, 3, 5)


@cache
def point_flow(base):
    """{(network, k, convention, curvature, alpha): {layer: {point: (S, eta, alone, torn)}}}."""
    curved = grouped(base["point_curvatures"], "graph_id")
    grown = grouped(base["expansions"], "network_id", *GRAPH, "layer")
    found = {}
    for (network, k, convention), path in series(base).items():
        kinds = {(row["curvature"], row["alpha"]) for row in curved.get((path[1]["graph_id"],), [])}
        for layer, graph in enumerate(path[:-1]):
            eta = indexed(grown.get((network, k, convention, layer), []), "point")
            for row in curved.get((graph["graph_id"],), []):
                kind = row["curvature"], row["alpha"]
                if kind in kinds and (row["point"],) in eta:
                    one = eta[row["point"],]
                    near, lost = one["n_neighbors"], one["n_unreachable"]
                    far = one["hop_sum"] / near - 1 if near and not lost else None
                    at = found.setdefault((network, k, convention, *kind), {})
                    at.setdefault(layer, {})[row["point"]] = (
                        row["mean_curvature"], far, near == 0, lost > 0,
                    )  # fmt: skip
    return found


def key_of(key):
    return {"network_id": key[0]} | dict(zip(CURVED, key[1:], strict=True))


@cache
def point_coefficients(base):
    found = []
    for key, layers in point_flow(base).items():
        for point in layers[0]:
            some = [layers[layer][point] for layer in sorted(layers)]
            is_alone, is_torn = (any(one[at] for one in some) for at in (2, 3))
            rho = None if is_alone or is_torn else pearson([one[:2] for one in some], unit=1)
            reason = None
            if is_alone:
                reason = "the point has no neighbour in a layer"
            elif is_torn:
                reason = "a neighbour cannot be reached in the next layer"
            elif len(some) < 2:
                reason = "fewer than two steps"
            elif rho is None:
                reason = "a series is constant"
            one = {"point": point, "n_steps": len(some), "local_coefficient": rho}
            found.append(key_of(key) | one | {"reason": reason})
    return found


@cache
def layer_coefficients(base):
    found = []
    for key, layers in point_flow(base).items():
        for layer, points in layers.items():
            there = [(s, eta) for s, eta, *_ in points.values() if eta is not None]
            rho = pearson(there, unit=1)
            reason = None
            if len(there) < 2:
                reason = "fewer than two points have all neighbours in reach"
            elif rho is None:
                reason = "curvature or expansion is the same at all points"
            found.append(
                key_of(key)
                | {
                    "layer": layer,
                    "n_points": len(there),
                    "n_left_out": len(points) - len(there),
                    "mean_curvature": mean([s for s, _ in there]),
                    "mean_expansion": mean([eta for _, eta in there]),
                    "layer_coefficient": rho,
                    "reason": reason,
                }
            )
    return found


def of_finals(base, rows, words):
    """Rows of networks at the end of their training, with words of their labels."""
    return [
        picked(finals(base)[row["network_id"]], words) | row
        for row in rows
        if row["network_id"] in finals(base)
    ]


@relation
def layer_ricci_coefficients(base):
    return of_finals(base, layer_coefficients(base), "network study dataset width depth")


@cache
def margins(base):
    return indexed(base["predictions"], "network_id", "point")


@cache
def labels(base):
    return {(row["dataset_id"], row["point"]): row["label"] for row in base["samples"]}


@relation
def local_ricci_coefficients(base):
    found = []
    words = "network study dataset_id dataset width depth"
    for row in of_finals(base, point_coefficients(base), words):
        label = labels(base).get((row.pop("dataset_id"), row["point"]))
        said = margins(base).get((row["network_id"], row["point"]), {})
        known = None not in (label, said.get("predicted"))
        is_correct = said["predicted"] == label if known else None
        margin = said.get("margin")
        found.append(row | {"label": label, "is_correct": is_correct, "margin": margin})
    return found


@cache
def local_means(base):
    found = []
    for some in grouped(point_coefficients(base), "network_id", *CURVED).values():
        rho = [x for row in some if (x := row["local_coefficient"]) is not None]
        found.append(
            picked(some[0], " ".join(("network_id", *CURVED)))
            | {
                "n_points": len(some),
                "n_defined": len(rho),
                "mean_local_coefficient": mean(rho),
                "share_negative": share(x < 0 for x in rho),
            }
        )
    return found


@relation
def local_training_coefficients(base):
    rows = [states(base)[row["network_id"]] | row for row in local_means(base)]
    words = "network_id network final_id study dataset width depth replica epoch is_final k"
    more = "convention curvature alpha n_points n_defined mean_local_coefficient share_negative"
    found = []
    for some in grouped(rows, "final_id", *CURVED).values():
        first = next((row for row in some if row["epoch"] == 0), {})
        found += [
            picked(row, f"{words} {more} train_accuracy test_accuracy")
            | {
                "untrained_mean": first.get("mean_local_coefficient"),
                "untrained_share_negative": first.get("share_negative"),
            }
            for row in some
        ]
    return found


@relation
def local_summary(base):
    gone = {"final_id", "epoch", "is_final", "train_accuracy"}
    return [
        {name: value for name, value in row.items() if name not in gone}
        for row in local_training_coefficients(base)
        if row["is_final"]
    ]


@relation
def local_flow_comparison(base):
    papers = indexed(
        base["published_local_coefficients"], "dataset", "width", "depth", "k", "curvature"
    )
    rows = [
        row | picked(finals(base)[row["network_id"]], "dataset_id") for row in local_summary(base)
    ]
    found = []
    for some in grouped(rows, "study", "dataset_id", "width", "depth", *CURVED).values():
        one = some[0]
        paper = papers.get(
            tuple(one[x] for x in ("dataset", "width", "depth", "k", "curvature")), {}
        )
        paper = paper if one["convention"] == "union" else {}
        theirs = (
            None if paper.get(name) is None else float(paper[name])
            for name in ("published_mean_local_coefficient", "published_share_negative")
        )

        def all_of(name, some=some):
            return [row[name] for row in some]

        means, before = all_of("mean_local_coefficient"), all_of("untrained_mean")
        found.append(
            picked(one, " ".join(("study dataset_id dataset width depth", *CURVED)))
            | dict(zip(("published_mean", "published_share_negative"), theirs, strict=True))
            | {
                "n_networks": len(some),
                "n_defined": len(some) - means.count(None),
                "mean_local_coefficient": mean(means),
                "standard_deviation": deviation(means),
                "share_negative": mean(all_of("share_negative")),
                "n_untrained": len(some) - before.count(None),
                "untrained_mean": mean(before),
                "untrained_standard_deviation": deviation(before),
                "untrained_share_negative": mean(all_of("untrained_share_negative")),
                "test_accuracy": mean(all_of("test_accuracy")),
            }
        )
    return found


@relation
def flow_by_correctness(base):
    rows = [
        row | picked(finals(base)[row["network_id"]], "dataset_id")
        for row in local_ricci_coefficients(base)
        if row["is_correct"] is not None and row["local_coefficient"] is not None
    ]
    found = []
    for some in grouped(rows, "study", "dataset_id", "width", "depth", *CURVED).values():
        counts = {}
        for name, flag in (("correct", True), ("wrong", False)):
            rho = [row["local_coefficient"] for row in some if row["is_correct"] == flag]
            counts |= {
                f"n_{name}": len(rho),
                f"mean_{name}": mean(rho),
                f"share_no_flow_{name}": share(x >= 0 for x in rho),
            }
        found.append(
            picked(some[0], " ".join(("study dataset_id dataset width depth", *CURVED)))
            | counts
            | {
                "n_networks": len({row["network_id"] for row in some}),
                "margin_correlation": pearson(
                    [(row["local_coefficient"], row["margin"]) for row in some]
                ),
            }
        )
    return found


@relation
def depth_selection(base):
    found = []
    rows = of_finals(
        base, layer_coefficients(base), "network study dataset width depth test_accuracy"
    )
    for some in grouped(rows, "network_id", *CURVED).values():
        path = sorted(
            (row["layer"], row["layer_coefficient"])
            for row in some
            if row["layer_coefficient"] is not None
        )
        least, at = min(((c, layer) for layer, c in path), default=(None, None))
        past = []
        if least is not None and least < 0:
            past = [(layer, c) for layer, c in path if layer > at and c >= least / 2]
        chosen = past[0] if past else (None, None)
        reason = None
        if least is None:
            reason = "no layer has a coefficient"
        elif least >= 0:
            reason = "no layer has a negative coefficient"
        elif not past:
            reason = "the coefficient does not come back to half of its least"
        words = ("network study dataset width depth test_accuracy", *CURVED)
        numbers = {"least_layer": at, "least_coefficient": least, "reason": reason}
        ends = {"chosen_layer": chosen[0], "chosen_coefficient": chosen[1]}
        found.append(picked(some[0], " ".join(words)) | numbers | ends)
    return found


@relation
def early_stopping(base):
    found = []
    rows = [row for row in local_training_coefficients(base) if row["epoch"] is not None]
    every = grouped([row for row in states(base).values() if row["epoch"] is not None], "final_id")
    for (final, *_), some in grouped(rows, "final_id", *CURVED).items():
        path = [row for row in some if row["mean_local_coefficient"] is not None]
        path.sort(key=lambda row: row["epoch"])
        if len(path) < 2:
            continue
        known = [row for row in every[final,] if row["test_accuracy"] is not None]
        known.sort(key=lambda row: (-row["test_accuracy"], row["epoch"]))
        last = [row["test_accuracy"] for row in every[final,] if row["is_final"]]
        for patience in PATIENCE:
            stop = stopped([row["mean_local_coefficient"] for row in path], patience)
            words = ("network study dataset width depth", *CURVED)
            found.append(
                picked(path[0], " ".join(words))
                | picked(path[stop], "epoch mean_local_coefficient test_accuracy")
                | {
                    "patience": patience,
                    "n_snapshots": len(path),
                    "best_epoch": known[0]["epoch"] if known else None,
                    "best_accuracy": known[0]["test_accuracy"] if known else None,
                    "final_accuracy": last[0],
                }
            )
    return found


def stopped(means, patience):
    """Where one finds the least that stops after so many numbers without a new least one."""
    least = 0
    for at, number in enumerate(means):
        if number < means[least]:
            least = at
        elif at - least >= patience:
            break
    return least


@relation
def curvature_gaps(base):
    found = []
    for row in of_finals(base, base["class_curvatures"], "network"):
        spread = None
        if row["n_within"] and row["n_between"]:
            spread = math.sqrt((row["variance_within"] + row["variance_between"]) / 2)
        is_defined = spread is not None and spread > 1e-12
        gap = (row["mean_within"] - row["mean_between"]) / spread if is_defined else None
        reason = None
        if not row["n_within"]:
            reason = "no edge within a class"
        elif not row["n_between"]:
            reason = "no edge between classes"
        elif not is_defined:
            reason = "curvature does not vary"
        words = ("network_id network layer points n_within n_between mean_within", *CURVED)
        one = picked(row, f"{' '.join(words)} mean_between")
        found.append(one | {"curvature_gap": gap, "reason": reason})
    return found


@relation
def community_structure(base):
    agreed = indexed(base["community_agreement"], "graph_id")
    classes = grouped(base["class_edges"], "graph_id")
    gaps = indexed(
        [row for row in curvature_gaps(base) if row["curvature"] == "augmented_forman"],
        "network_id", *GRAPH, "layer", "points",
    )  # fmt: skip
    found = []
    for key, path in series(base).items():
        if key[0] not in finals(base) or (path[1]["graph_id"],) not in agreed:
            continue
        for graph in path:
            if (graph["graph_id"],) not in agreed:
                continue
            some = classes.get((graph["graph_id"],), [])
            place = *key, graph["layer"]
            gap, filtered = (gaps.get((*place, points), {}) for points in ("all", "correct"))
            reason = gap.get("reason") if some else "no labels"
            words = "n_communities leiden_modularity adjusted_rand normalized_mutual_information"
            found.append(
                picked(finals(base)[key[0]], "network_id network study dataset width depth")
                | dict(zip((*GRAPH, "layer"), place[1:], strict=True))
                | picked(agreed[graph["graph_id"],], words)
                | {
                    "curvature_gap": gap.get("curvature_gap"),
                    "filtered_curvature_gap": filtered.get("curvature_gap"),
                    "reason": reason,
                }
                | cuts(some)
            )
    return found


def cuts(classes):
    """Modularity and normalised cut of classes, by the edges within each and their degrees."""
    degrees = np.array([row["degree_sum"] for row in classes], float)
    within = np.array([row["n_edges_within"] for row in classes], float)
    m = degrees.sum() / 2
    modularity = float((within / m - (degrees / (2 * m)) ** 2).sum()) if m else None
    is_cut = len(degrees) > 0 and degrees.min() > 0
    cut = float(((degrees - 2 * within) / degrees).mean()) if is_cut else None
    return {"modularity": modularity, "normalized_cut": cut}
