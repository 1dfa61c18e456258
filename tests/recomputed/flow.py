"""Steps between layers and the Ricci coefficients of networks."""

import math
from functools import cache
from itertools import pairwise

from recomputed.base import (
    finals,
    grouped,
    indexed,
    labelled,
    mean,
    picked,
    relation,
    share,
    states,
    whole_pearson,
)

STARTS = {"hidden": 1, "input": 0}
LEAST_SHARE = 0.5
CELL = "cell_id study dataset_id dataset width depth"


@cache
def series(base):
    """{(network, k, convention): [graph of layer 0, .., L]}, snapshots included."""
    own = grouped(base.graphs.values(), "network_id", "k", "convention")
    inputs = indexed(
        [row for row in base.graphs.values() if row["layer"] == 0], "dataset_id", "k", "convention"
    )
    found = {}
    for (network, k, convention), graphs in own.items():
        if network in states(base):
            first = inputs[base.networks[network]["dataset_id"], k, convention]
            path = sorted([first, *graphs], key=lambda graph: graph["layer"])
            assert [one["layer"] for one in path] == list(
                range(base.networks[network]["depth"] + 1)
            )
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
    """The coefficient of every network and snapshot, by network, k, convention and start."""
    found = {}
    for key, some in steps(base).items():
        for start, first in STARTS.items():
            used = some[first:]
            if used:
                found[*key, start] = coefficient(used) | {"pairs": pairs(used)}
    return found


def pairs(used):
    return [(step["eta"], step["total_forman"]) for step in used]


def coefficient(used):
    n, is_connected = len(used), all(step["is_connected"] for step in used)
    rho = whole_pearson(pairs(used)) if is_connected else None
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
        "is_exact": all(step["is_exact"] for step in used),
        "ricci_coefficient": rho,
        "z_fisher": None if z is None else z * math.sqrt(n - 3),
        "z_paper": None if z is None else z / math.sqrt(n - 3),
        "reason": reason,
    }


NUMBERS = "n_steps is_connected is_exact ricci_coefficient z_fisher z_paper reason"


def place(key):
    return dict(zip(("k", "convention", "start"), key[1:], strict=True))


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


@cache
def measured(base):
    """Coefficients of networks at their end, with their labels."""
    return [
        finals(base)[key[0]] | place(key) | row
        for key, row in coefficients(base).items()
        if key[0] in finals(base)
    ]


def is_pooled(row):
    return row["is_accurate"] and row["is_connected"]


@relation
def pooled_steps(base):
    found = []
    for row in measured(base):
        if is_pooled(row):
            path = steps(base)[row["network_id"], row["k"], row["convention"]]
            found += [
                picked(row, f"{CELL} k convention start network_id half")
                | picked(step, "layer total_forman eta")
                for step in path[STARTS[row["start"]] :]
            ]
    return found


def together(rows):
    """The coefficient of all steps of the rows that are pooled."""
    pooled = [pair for row in rows if is_pooled(row) for pair in row["pairs"]]
    return whole_pearson(pooled)


@relation
def aggregated_ricci_coefficients(base):
    found = []
    for some in grouped(measured(base), "cell_id", "k", "convention", "start").values():
        own = [row["ricci_coefficient"] for row in some if is_pooled(row)]
        own = [rho for rho in own if rho is not None]
        found.append(
            picked(some[0], f"{CELL} k convention start")
            | {
                "n_networks": len(some),
                "n_accurate": sum(row["is_accurate"] for row in some),
                "n_connected": sum(map(is_pooled, some)),
                "aggregated_ricci_coefficient": together(some),
                "share_negative": share(rho < 0 for rho in own),
                "mean_ricci_coefficient": mean(own),
            }
        )
    return found


def chosen(rows):
    """The row of the least coefficient among those that pool enough, the first k of equals."""
    most = max(row["n_accurate"] for row in rows)
    enough = [
        row | {"share_pooled": row["n_connected"] / most}
        for row in rows
        if row["aggregated_ricci_coefficient"] is not None
        and row["n_connected"] / most >= LEAST_SHARE
    ]
    order = {row["k"]: round(row["aggregated_ricci_coefficient"], 12) for row in enough}
    return min(enough, key=lambda row: (order[row["k"]], row["k"]), default=None)


@relation
def optimal_k(base):
    kinds = grouped(aggregated_ricci_coefficients(base), "cell_id", "convention", "start")
    best = [row for some in kinds.values() if (row := chosen(some))]
    words = "n_networks n_accurate n_connected share_pooled share_negative"
    return [
        picked(row, f"{CELL} convention start aggregated_ricci_coefficient {words}")
        | {"optimal_k": row["k"], "least_share": LEAST_SHARE}
        for row in best
    ]


@cache
def optima(base):
    return indexed(optimal_k(base), "cell_id", "convention", "start")


@relation
def coefficients_at_optimal_k(base):
    found = []
    for key, row in coefficients(base).items():
        network, k, convention, start = key
        cell = labelled(base)[network]["cell_id"]
        best = optima(base).get((cell, convention, start))
        if start == "hidden" and best and best["optimal_k"] == k:
            number = row["ricci_coefficient"]
            one = {"network_id": network, "convention": convention, "optimal_k": k}
            found.append(one | {"ricci_coefficient": number})
    return found


@relation
def optimal_coefficients(base):
    found = []
    for key, some in grouped(measured(base), "network_id", "convention", "start").items():
        one = some[0]
        best = optima(base).get((one["cell_id"], *key[1:]))
        at = [row for row in some if best and row["k"] == best["optimal_k"]]
        here = at[0] if at else None
        counts = here if here and one["is_accurate"] else {}
        numbers = {x: counts.get(x) for x in ("ricci_coefficient", "z_fisher", "z_paper")}
        words = "network_id network study dataset_id dataset width depth replica convention start"
        found.append(
            picked(one, f"{words} test_accuracy")
            | {"optimal_k": best and best["optimal_k"], "exclusion": exclusion(some, best, here)}
            | numbers
        )
    return found


def exclusion(some, best, here):
    """Why a network is not reported, from its rows at every k, the optimum and its row there."""
    if not some[0]["is_accurate"]:
        return "below threshold"
    if best is None:
        if any(row["ricci_coefficient"] is not None for row in some):
            return "no optimal k"
        return "undefined" if any(row["is_connected"] for row in some) else "disconnected"
    if here is None:
        return "not measured"
    if not here["is_connected"]:
        return "disconnected"
    return "undefined" if here["ricci_coefficient"] is None else None


@relation
def split_half_coefficients(base):
    found = []
    accurate = [row for row in measured(base) if row["is_accurate"] and row["half"] is not None]
    for some in grouped(accurate, "cell_id", "convention", "start").values():
        for half in (0, 1):
            own, other = ([row for row in some if row["half"] == one] for one in (half, 1 - half))
            best = chosen(by_k(own)) if own else None
            if best is None:
                continue
            there = [row for row in other if row["k"] == best["k"]]
            rho = [x for row in there if (x := row["ricci_coefficient"]) is not None]
            most = max((row["n_accurate"] for row in by_k(other)), default=0)
            found.append(
                picked(some[0], f"{CELL} convention start")
                | {
                    "choosing_half": half,
                    "optimal_k": best["k"],
                    "choosing_coefficient": best["aggregated_ricci_coefficient"],
                    "reported_coefficient": together(there),
                    "n_accurate": most,
                    "n_reported": len(rho),
                    "n_left_out": most - len(rho),
                    "n_negative": sum(x < 0 for x in rho),
                }
            )
    return found


def by_k(rows):
    """What the networks of a half pool at each k."""
    return [
        {
            "k": k,
            "n_accurate": len(some),
            "n_connected": sum(map(is_pooled, some)),
            "aggregated_ricci_coefficient": together(some),
        }
        for (k,), some in grouped(rows, "k").items()
    ]


@relation
def other_half_coefficients(base):
    halves = indexed(
        split_half_coefficients(base), "cell_id", "convention", "start", "choosing_half"
    )
    found = []
    for row in measured(base):
        if row["half"] is None or not row["is_accurate"] or row["ricci_coefficient"] is None:
            continue
        choice = halves.get((row["cell_id"], row["convention"], row["start"], 1 - row["half"]))
        if choice and choice["optimal_k"] == row["k"]:
            words = "network_id study dataset width depth convention start half test_accuracy"
            numbers = "ricci_coefficient z_fisher z_paper"
            found.append(picked(row, f"{words} {numbers}") | {"optimal_k": row["k"]})
    return found


@relation
def untrained_twins(base):
    found = []
    for own in optimal_coefficients(base):
        network = base.networks[own["network_id"]]
        if own["exclusion"] is not None:
            continue
        same = ("dataset_id", "widths", "seed", "family")
        for twin in base["networks"]:
            is_same = all(twin[name] == network[name] for name in same)
            is_same &= network["seed"] is not None and twin["epochs"] == 0
            if not is_same or twin["network_id"] == network["network_id"]:
                continue
            key = twin["network_id"], own["optimal_k"], own["convention"], own["start"]
            words = "network_id study dataset width depth replica convention start optimal_k"
            found.append(
                picked(own, f"{words} test_accuracy ricci_coefficient")
                | {
                    "test_loss": network["test_loss"],
                    "twin_id": twin["network_id"],
                    "twin_study": twin["study"],
                    "twin_coefficient": coefficients(base).get(key, {}).get("ricci_coefficient"),
                }
            )
    return found


@relation
def network_summary(base):
    found = []
    rows = grouped([row for row in measured(base) if row["start"] == "hidden"], "network_id")
    for key, one in labelled(base).items():
        if one["final_id"] is not None:
            continue
        by_convention = grouped(rows.get((key,), []), "convention") or {(None,): []}
        for (convention,), some in by_convention.items():
            best = optima(base).get((one["cell_id"], convention, "hidden"))
            at = [row for row in some if best and row["k"] == best["optimal_k"]]
            words = "network_id network study dataset family width depth epochs train_accuracy"
            found.append(
                picked(one, f"{words} test_accuracy status reason")
                | picked(base.networks[key], "widths seed")
                | {
                    "is_accurate": one["status"] != "failed" and one["is_accurate"],
                    "convention": convention,
                    "n_k": len(some),
                    "n_k_connected": sum(row["is_connected"] for row in some),
                    "optimal_k": best and best["optimal_k"],
                    "ricci_coefficient": at[0]["ricci_coefficient"] if at else None,
                }
            )
    return found


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
        words = "graph_id layer_id layer k convention n_points n_distinct n_edges n_components"
        more = "is_connected total_forman total_geodesic total_geodesic_error n_sources diameter"
        found.append(
            picked(graph, f"{words} {more} min_degree max_degree degree_skewness")
            | {
                "dataset": names[graph["dataset_id"]],
                "network": owner and owner["network"],
                "mean_geodesic": None if total is None else total / (n * (n - 1)),
                "mean_degree": average,
                "degree_variance": square - average**2,
            }
        )
    return found
