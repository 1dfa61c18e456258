"""Every score, one under another: the catalogue by hand."""

from functools import cache

from recomputed.base import finals, grouped, mean, picked, relation, states, whole_sum
from recomputed.classes import community_structure
from recomputed.flow import coefficients_at_optimal_k
from recomputed.local import (
    labels,
    layer_coefficients,
    local_means,
    point_coefficients,
)
from recomputed.neighborhoods import (
    intrinsic_dimensions,
    label_overlaps,
    neighborhood_overlaps,
)
from recomputed.steps import series, steps
from recomputed.transport import tracks, training_speed

KEYS = ("k", "convention", "curvature", "alpha", "points", "radius")
OF_BOTH = ("ot_score", "least_ot_score", "transport_efficiency", "relative_displacement")


def of(row, score, value, *place):
    """A score with its keys, those it has not None."""
    keys = {key: row.get(key) for key in KEYS}
    words = ("network_id", *place)
    return {name: row[name] for name in words} | keys | {"score": score, "value": value}


def without(row, *keys):
    return {name: value for name, value in row.items() if name not in keys}


def defined(rows):
    return [row | {"value": float(row["value"])} for row in rows if row["value"] is not None]


DIMENSIONS = {
    "twonn": "twonn_dimension",
    "twonn fit": "twonn_fit",
    "maximum likelihood": "ml_dimension",
}
CKA = ("linear_cka", "unbiased_cka")


def last_of(base, rows, place="layer"):
    """Rows at the last hidden layer."""
    return [row for row in rows if row[place] == base.networks[row["network_id"]]["depth"]]


def of_neighborhoods(base):
    """Scores of the last hidden layer, and of it beside the input."""
    found = [
        of(row, DIMENSIONS[row["estimator"]], row["dimension"])
        for row in last_of(base, intrinsic_dimensions(base))
        if row["estimator"] != "twonn fit"
    ]
    found += [
        of(row, "label_overlap", row["label_overlap"])
        for row in last_of(base, label_overlaps(base))
    ]
    found += [
        of(row, "neighborhood_overlap", row["neighborhood_overlap"])
        for row in last_of(base, neighborhood_overlaps(base), "other_layer")
        if row["layer"] == 0
    ]
    for row in last_of(base, base["layer_similarities"], "other_layer"):
        if row["layer"] == 0:
            found += [of(row, name, row[name]) for name in CKA]
    return found


@cache
def every_network_score(base):
    found = of_neighborhoods(base)
    found += [
        of(row, "ricci_coefficient", row["ricci_coefficient"])
        for row in coefficients_at_optimal_k(base)
    ]
    found += [
        of(row, "local_coefficient", row["mean_local_coefficient"])
        for row in local_means(base)
        if row["end"] == "hidden"
    ]
    for row in tracks(base):
        found += [
            of(row, name, row[name]) for name in ("line_shape_score", *OF_BOTH, "geodesic_ratio")
        ]
    for (network,), some in grouped(base["layer_affinities"], "network_id").items():
        one = {"network_id": network}
        found.append(of(one, "mean_affinity", mean([row["affinity_score"] for row in some])))
    kinds = ("network_id", "points", "radius")
    for some in grouped(base["layer_complexities"], *kinds).values():
        total = whole_sum(row["complexity"] for row in some)
        found.append(of(picked(some[0], " ".join(kinds)), "complexity", total))
    found += [
        of({"network_id": row["network_id"]}, "path_ratio", row["path_ratio"])
        for row in training_speed(base)
    ]
    for row in base["networks"]:
        one = {"network_id": row["network_id"]}
        found.append(of(one, "test_accuracy", row["test_accuracy"]))
        if None not in (row["train_accuracy"], row["test_accuracy"]):
            gap = row["train_accuracy"] - row["test_accuracy"]
            found.append(of(one, "generalisation_gap", gap))
    found += [of(row, row["score"], row["value"]) for row in base["network_score_values"]]
    return defined(found)


@relation
def training_scores(base):
    words = "network study base_study variant dataset epoch is_final"
    return [
        picked(states(base)[row["network_id"]], words) | row
        for row in every_network_score(base)
        if row["network_id"] in states(base)
    ]


@relation
def network_scores(base):
    rows = [row for row in training_scores(base) if row["is_final"]]
    return [without(row, "epoch", "is_final") for row in rows]


def labelled_finals(base, rows):
    words = "network study base_study variant dataset"
    return [
        picked(finals(base)[row["network_id"]], words) | row
        for row in defined(rows)
        if row["network_id"] in finals(base)
    ]


def hidden(rows, name):
    """Rows of the input and hidden layers, or of the steps between them."""
    return [row for row in rows if not row[name]]


def of_layers_and_steps(base):
    """Dimensions and label overlaps of layers, overlaps and CKA of steps."""
    found = [
        of(row, DIMENSIONS[row["estimator"]], row["dimension"], "layer")
        for row in hidden(intrinsic_dimensions(base), "is_output")
    ]
    found += [
        of(row, "label_overlap", row["label_overlap"], "layer")
        for row in hidden(label_overlaps(base), "is_output")
    ]
    found += [
        of(row, "neighborhood_overlap", row["neighborhood_overlap"], "layer")
        for row in hidden(neighborhood_overlaps(base), "is_with_output")
        if row["other_layer"] == row["layer"] + 1
    ]
    for row in base["layer_similarities"]:
        if row["other_layer"] == row["layer"] + 1:
            found += [of(row, name, row[name], "layer") for name in CKA]
    return found


@relation
def layer_scores(base):
    found = of_layers_and_steps(base)
    for (network, k, convention), path in series(base).items():
        one = {"network_id": network, "k": k, "convention": convention}
        for graph in hidden(path, "is_output"):
            found += [
                of(one | {"layer": graph["layer"]}, name, graph[name], "layer")
                for name in ("total_forman", "total_geodesic")
            ]
        found += [
            of(one | {"layer": step["layer"]}, "eta", step["eta"], "layer")
            for step in hidden(steps(base)[network, k, convention], "is_to_output")
        ]
    found += [
        of(row, "layer_coefficient", row["layer_coefficient"], "layer")
        for row in hidden(layer_coefficients(base), "is_to_output")
    ]
    for row in hidden(community_structure(base), "is_output"):
        found += [of(row, name, row[name], "layer") for name in ("curvature_gap", "modularity")]
    for row in base["transport_steps"]:
        found += [of(row, name, row[name], "layer") for name in OF_BOTH]
        found.append(of(row, "turning_angle", row["mean_turning_angle"], "layer"))
    found += [
        of(row, "affinity_score", row["affinity_score"], "layer")
        for row in base["layer_affinities"]
    ]
    found += [
        of(row, "complexity", row["complexity"], "layer") for row in base["layer_complexities"]
    ]
    found += [of(row, row["score"], row["value"], "layer") for row in base["layer_score_values"]]
    return labelled_finals(base, found)


@relation
def pair_scores(base):
    rows = base["pair_score_values"]
    place = ("layer", "other_layer")
    found = [of(row, row["score"], row["value"], *place) for row in rows]
    found += [
        of(row, "neighborhood_overlap", row["neighborhood_overlap"], *place)
        for row in hidden(neighborhood_overlaps(base), "is_with_output")
    ]
    for row in base["layer_similarities"]:
        found += [of(row, name, row[name], *place) for name in CKA]
    return labelled_finals(base, found)


@relation
def point_scores(base):
    found = []
    found += [
        of(row, "local_coefficient", row["local_coefficient"], "point")
        for row in point_coefficients(base)
        if row["end"] == "hidden"
    ]
    for row in base["point_tracks"]:
        found += [
            of(row, name, row[name], "point")
            for name in ("line_shape_score", "path_length", "displacement")
        ]
        is_optimal = None if row["is_optimal"] is None else int(row["is_optimal"])
        found.append(of(row, "is_optimal", is_optimal, "point"))
    around = [row for row in base["point_complexities"] if row["points"] == "test"]
    for some in grouped(around, "network_id", "point", "radius").values():
        total = whole_sum(row["complexity"] for row in some)
        one = without(some[0], "points")
        found.append(of(one, "complexity", total, "point"))
    for row in base["predictions"]:
        network = base.networks[row["network_id"]]
        found.append(of(row, "margin", row["margin"], "point"))
        if (network["dataset_id"], row["point"]) in labels(base):
            label = labels(base)[network["dataset_id"], row["point"]]
            right = None if label is None else int(row["predicted"] == label)
            found.append(of(row, "is_correct", right, "point"))
    found += [of(row, row["score"], row["value"], "point") for row in base["point_score_values"]]
    return labelled_finals(base, found)
