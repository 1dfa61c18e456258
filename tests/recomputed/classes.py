"""Classes and communities of layer graphs."""

import math

import numpy as np

from recomputed.base import finals, grouped, indexed, picked, relation
from recomputed.local import CURVED, GRAPH, of_finals
from recomputed.steps import series


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
                | picked(graph, "is_output")
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
