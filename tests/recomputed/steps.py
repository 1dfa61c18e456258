"""Steps between layers, and the Ricci coefficients of series of them."""

import math
from functools import cache
from itertools import pairwise, product

from recomputed.base import (
    finals,
    grouped,
    indexed,
    labelled,
    picked,
    relation,
    states,
    whole_pearson,
)

STARTS = {"hidden": 1, "input": 0}
ENDS = ("hidden", "output")


@cache
def series(base):
    """{(network, k, convention): [graph of layer 0, .., L and of an output that is a layer]}."""
    own = grouped(base.graphs.values(), "network_id", "k", "convention")
    inputs = indexed(
        [row for row in base.graphs.values() if row["layer"] == 0], "dataset_id", "k", "convention"
    )
    found = {}
    for (network, k, convention), graphs in own.items():
        if network in states(base):
            first = inputs[base.networks[network]["dataset_id"], k, convention]
            path = sorted([first, *graphs], key=lambda graph: graph["layer"])
            depth = base.networks[network]["depth"]
            assert [one["layer"] for one in path] == list(range(len(path)))
            assert [one["is_output"] for one in path[: depth + 1]] == [False] * (depth + 1)
            assert [one["is_output"] for one in path[depth + 1 :]] in ([], [True])
            found[network, k, convention] = path
    return found


@cache
def steps(base):
    """The steps of each (network, k, convention), snapshots included."""
    found = {}
    for key, path in series(base).items():
        found[key] = [
            {
                "layer": here["layer"],
                "is_to_output": there["is_output"],
                "is_connected": here["is_connected"] and there["is_connected"],
                "is_exact": all(one["n_sources"] == one["n_points"] for one in (here, there)),
                "total_forman": here["total_forman"],
                "total_geodesic": here["total_geodesic"],
                "eta": None
                if here["total_geodesic"] is None or there["total_geodesic"] is None
                else there["total_geodesic"] - here["total_geodesic"],
            }
            for here, there in pairwise(path)
        ]
    return found


@relation
def flow_steps(base):
    return [
        picked(finals(base)[network], "network_id network dataset depth")
        | {"k": k, "convention": convention}
        | step
        for (network, k, convention), some in steps(base).items()
        if network in finals(base)
        for step in some
    ]


@cache
def coefficients(base):
    """Coefficients of networks and snapshots, by network, k, convention, start and end."""
    found = {}
    for key, some in steps(base).items():
        for start, end in product(STARTS, ENDS):
            if inside := used(some, start, end):
                found[*key, start, end] = coefficient(inside) | {"pairs": pairs(inside)}
    return found


def used(some, start, end):
    """The steps of a series, none where it ends with an output that is no layer."""
    if end == "output":
        return some[STARTS[start] :] if some[-1]["is_to_output"] else []
    return [step for step in some[STARTS[start] :] if not step["is_to_output"]]


def pairs(inside):
    return [(step["eta"], step["total_forman"]) for step in inside]


def coefficient(inside):
    n, is_connected = len(inside), all(step["is_connected"] for step in inside)
    rho = whole_pearson(pairs(inside)) if is_connected else None
    z = math.atanh(rho) if rho is not None and n > 3 and abs(rho) < 1 else None
    reason = None
    if not is_connected:
        reason = "a layer graph is not connected"
    elif n < 2:
        reason = "fewer than two steps"
    elif rho is None:
        reason = "a series is constant"
    return {
        "n_steps": n,
        "is_connected": is_connected,
        "is_exact": all(step["is_exact"] for step in inside),
        "ricci_coefficient": rho,
        "z_fisher": None if z is None else z * math.sqrt(n - 3),
        "z_paper": None if z is None else z / math.sqrt(n - 3),
        "reason": reason,
    }


NUMBERS = "n_steps is_connected is_exact ricci_coefficient z_fisher z_paper reason"


def place(key):
    return dict(zip(("k", "convention", "start", "end"), key[1:], strict=True))


@relation
def ricci_coefficients(base):
    return [
        picked(finals(base)[key[0]], "network_id network study dataset width depth")
        | place(key)
        | picked(row, NUMBERS)
        for key, row in coefficients(base).items()
        if key[0] in finals(base)
    ]


@relation
def training_coefficients(base):
    untrained = {
        (states(base)[key[0]]["final_id"], *key[1:]): row["ricci_coefficient"]
        for key, row in coefficients(base).items()
        if states(base)[key[0]]["epoch"] == 0
    }
    words = "network_id network study dataset width depth replica epoch is_final"
    return [
        picked(state, f"{words} train_accuracy test_accuracy")
        | place(key)
        | picked(row, "ricci_coefficient reason")
        | {"untrained_coefficient": untrained.get((state["final_id"], *key[1:]))}
        for key, row in coefficients(base).items()
        if (state := states(base)[key[0]])["epoch"] is not None
    ]


@relation
def graph_summary(base):
    nodes = grouped(base["nodes"], "graph_id")
    names = {row["dataset_id"]: row["name"] for row in base["datasets"]}
    found = []
    for key, graph in base.graphs.items():
        owner = labelled(base).get(graph["network_id"])
        if owner and owner["final_id"] is not None:
            continue
        n, m = graph["n_points"], graph["n_edges"]
        average = 2 * m / n
        square = (4 * m - graph["total_forman"]) / n
        if own := nodes.get((key,)):
            square = sum(node["degree"] ** 2 for node in own) / n
        total = graph["total_geodesic"]
        words = "graph_id layer_id layer is_output k convention n_points n_distinct n_edges"
        more = "n_components is_connected total_forman total_geodesic total_geodesic_error diameter"
        found.append(
            picked(graph, f"{words} {more} n_sources min_degree max_degree degree_skewness")
            | {
                "dataset": names[graph["dataset_id"]],
                "network": owner and owner["network"],
                "mean_geodesic": None if total is None else total / (n * (n - 1)),
                "mean_degree": average,
                "degree_variance": square - average**2,
            }
        )
    return found
