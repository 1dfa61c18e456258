"""What the networks of a cell have together, and the k at which their flow is strongest."""

from functools import cache

from recomputed.base import (
    finals,
    grouped,
    indexed,
    is_negative,
    labelled,
    mean,
    picked,
    relation,
    share,
    whole_pearson,
)
from recomputed.steps import coefficients, place, steps, used

LEAST_SHARE = 0.5
SERIES = ("convention", "start", "end")
CELL = "cell_id study dataset_id dataset width depth"


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
                picked(row, f"{CELL} k convention start end network_id half")
                | picked(step, "layer total_forman eta")
                for step in used(path, row["start"], row["end"])
            ]
    return found


def together(rows):
    """The coefficient of all steps of the rows that are pooled."""
    pooled = [pair for row in rows if is_pooled(row) for pair in row["pairs"]]
    return whole_pearson(pooled)


@relation
def aggregated_ricci_coefficients(base):
    found = []
    for some in grouped(measured(base), "cell_id", "k", *SERIES).values():
        own = [row["ricci_coefficient"] for row in some if is_pooled(row)]
        own = [rho for rho in own if rho is not None]
        found.append(
            picked(some[0], f"{CELL} k convention start end")
            | {
                "n_networks": len(some),
                "n_accurate": sum(row["is_accurate"] for row in some),
                "n_connected": sum(map(is_pooled, some)),
                "aggregated_ricci_coefficient": together(some),
                "share_negative": share(map(is_negative, own)),
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
    kinds = grouped(aggregated_ricci_coefficients(base), "cell_id", *SERIES)
    best = [row for some in kinds.values() if (row := chosen(some))]
    words = "n_networks n_accurate n_connected share_pooled share_negative"
    return [
        picked(row, f"{CELL} convention start end aggregated_ricci_coefficient {words}")
        | {"optimal_k": row["k"], "least_share": LEAST_SHARE}
        for row in best
    ]


@cache
def optima(base):
    return indexed(optimal_k(base), "cell_id", *SERIES)


@relation
def coefficients_at_optimal_k(base):
    found = []
    for key, row in coefficients(base).items():
        network, k, convention, *ends = key
        cell = labelled(base)[network]["cell_id"]
        best = optima(base).get((cell, convention, *ends))
        if ends == ["hidden", "hidden"] and best and best["optimal_k"] == k:
            number = row["ricci_coefficient"]
            one = {"network_id": network, "convention": convention, "optimal_k": k}
            found.append(one | {"ricci_coefficient": number})
    return found


@relation
def optimal_coefficients(base):
    found = []
    for key, some in grouped(measured(base), "network_id", *SERIES).items():
        one = some[0]
        best = optima(base).get((one["cell_id"], *key[1:]))
        at = [row for row in some if best and row["k"] == best["optimal_k"]]
        here = at[0] if at else None
        counts = here if here and one["is_accurate"] else {}
        numbers = {x: counts.get(x) for x in ("ricci_coefficient", "z_fisher", "z_paper")}
        words = (
            "network_id network study dataset_id dataset width depth replica convention start end"
        )
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
    for some in grouped(accurate, "cell_id", *SERIES).values():
        for half in (0, 1):
            own, other = ([row for row in some if row["half"] == one] for one in (half, 1 - half))
            best = chosen(by_k(own)) if own else None
            if best is None:
                continue
            there = [row for row in other if row["k"] == best["k"]]
            rho = [x for row in there if (x := row["ricci_coefficient"]) is not None]
            most = max((row["n_accurate"] for row in by_k(other)), default=0)
            found.append(
                picked(some[0], f"{CELL} convention start end")
                | {
                    "choosing_half": half,
                    "optimal_k": best["k"],
                    "choosing_coefficient": best["aggregated_ricci_coefficient"],
                    "reported_coefficient": together(there),
                    "n_accurate": most,
                    "n_reported": len(rho),
                    "n_left_out": most - len(rho),
                    "n_negative": sum(map(is_negative, rho)),
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
    halves = indexed(split_half_coefficients(base), "cell_id", *SERIES, "choosing_half")
    found = []
    for row in measured(base):
        if row["half"] is None or not row["is_accurate"] or row["ricci_coefficient"] is None:
            continue
        kind = [row[name] for name in SERIES]
        choice = halves.get((row["cell_id"], *kind, 1 - row["half"]))
        if choice and choice["optimal_k"] == row["k"]:
            words = "network_id study dataset width depth convention start end half test_accuracy"
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
        same = ("dataset_id", "widths", "seed", "family", "initialisation", "batch_norm",
                "memory_order")  # fmt: skip
        for twin in base["networks"]:
            is_same = all(twin[name] == network[name] for name in same)
            is_same &= network["seed"] is not None and twin["epochs"] == 0
            if not is_same or twin["network_id"] == network["network_id"]:
                continue
            key = twin["network_id"], own["optimal_k"], *(own[name] for name in SERIES)
            words = "network_id study dataset width depth replica convention start end optimal_k"
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
    inner = [row for row in measured(base) if row["start"] == row["end"] == "hidden"]
    rows = grouped(inner, "network_id")
    for key, one in labelled(base).items():
        if one["final_id"] is not None:
            continue
        by_convention = grouped(rows.get((key,), []), "convention") or {(None,): []}
        for (convention,), some in by_convention.items():
            best = optima(base).get((one["cell_id"], convention, "hidden", "hidden"))
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
