"""Local flow: points, layers, and what is made of them along training."""

from functools import cache

from recomputed.base import (
    deviation,
    finals,
    grouped,
    indexed,
    is_negative,
    mean,
    pearson,
    picked,
    relation,
    share,
    states,
)
from recomputed.steps import series

GRAPH = ("k", "convention")
CURVED = (*GRAPH, "curvature", "alpha")
ENDED = (*CURVED, "end")


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


def is_to_output(base, key, layer):
    return series(base)[key[:3]][layer + 1]["is_output"]


def series_of_points(base):
    """Yield the key of `point_flow`, where a series ends, and its layers by number."""
    for key, layers in point_flow(base).items():
        inner = {at: some for at, some in layers.items() if not is_to_output(base, key, at)}
        yield key, "hidden", inner
        if inner != layers:
            yield key, "output", layers


@cache
def point_coefficients(base):
    found = []
    for key, end, layers in series_of_points(base):
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
            one = {"end": end, "point": point, "n_steps": len(some), "local_coefficient": rho}
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
                    "is_to_output": is_to_output(base, key, layer),
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
    for some in grouped(point_coefficients(base), "network_id", *ENDED).values():
        rho = [x for row in some if (x := row["local_coefficient"]) is not None]
        found.append(
            picked(some[0], " ".join(("network_id", *ENDED)))
            | {
                "n_points": len(some),
                "n_defined": len(rho),
                "mean_local_coefficient": mean(rho),
                "share_negative": share(map(is_negative, rho)),
            }
        )
    return found


@relation
def local_training_coefficients(base):
    rows = [states(base)[row["network_id"]] | row for row in local_means(base)]
    words = "network_id network final_id study dataset width depth replica epoch is_final k"
    more = "convention curvature alpha end n_points n_defined mean_local_coefficient share_negative"
    found = []
    for some in grouped(rows, "final_id", *ENDED).values():
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
    for some in grouped(rows, "study", "dataset_id", "width", "depth", *ENDED).values():
        one = some[0]
        paper = papers.get(
            tuple(one[x] for x in ("dataset", "width", "depth", "k", "curvature")), {}
        )
        paper = paper if (one["convention"], one["end"]) == ("union", "output") else {}
        theirs = (
            None if paper.get(name) is None else float(paper[name])
            for name in ("published_mean_local_coefficient", "published_share_negative")
        )

        def all_of(name, some=some):
            return [row[name] for row in some]

        means, before = all_of("mean_local_coefficient"), all_of("untrained_mean")
        found.append(
            picked(one, " ".join(("study dataset_id dataset width depth", *ENDED)))
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
    for some in grouped(rows, "study", "dataset_id", "width", "depth", *ENDED).values():
        counts = {}
        for name, flag in (("correct", True), ("wrong", False)):
            rho = [row["local_coefficient"] for row in some if row["is_correct"] == flag]
            counts |= {
                f"n_{name}": len(rho),
                f"mean_{name}": mean(rho),
                f"share_no_flow_{name}": share(not is_negative(x) for x in rho),
            }
        found.append(
            picked(some[0], " ".join(("study dataset_id dataset width depth", *ENDED)))
            | counts
            | {
                "n_networks": len({row["network_id"] for row in some}),
                "margin_correlation": pearson(
                    [(row["local_coefficient"], row["margin"]) for row in some]
                ),
            }
        )
    return found
