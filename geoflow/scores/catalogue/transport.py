"""Scores of transport: how straight points move, and how near to the optimal map."""

from collections.abc import Mapping
from typing import Any

from geoflow.scores.entry import Score

GAI = "Gai, Zhang 2021, arXiv 2102.09235"
OPTIMAL = {
    "ot_score": {
        "formula": "share of points that optimal transport sends where the network does, the"
        " largest over all optimal assignments",
        "source": GAI,
        "low": 0,
        "high": 1,
    },
    "least_ot_score": {
        "formula": "share of points that optimal transport sends where the network does, the least"
        " over all optimal assignments",
        "source": "geoflow, after Gai, Zhang 2021",
        "low": 0,
        "high": 1,
    },
    "transport_efficiency": {
        "formula": "optimal over actual cost, (w2 / rms_displacement)^2",
        "source": "geoflow, after Gai, Zhang 2021",
        "low": 0,
        "high": 1,
    },
    "relative_displacement": {
        "formula": "mean |y_i - x_i| over the median distance of a point to its nearest neighbour",
        "source": "geoflow",
        "low": 0,
    },
}
"""What a step and a whole track both have."""


def of_both(level: str, relation: str, where: str) -> tuple[Score, ...]:
    """Return the entries of OPTIMAL for a level; ``where`` says between which layers."""
    entries: Mapping[str, Mapping[str, Any]] = OPTIMAL
    return tuple(
        Score(
            name=name,
            level=level,
            relation=relation,
            value=name,
            **{**entry, "formula": f"{entry['formula']}, {where}"},
        )
        for name, entry in entries.items()
    )


TRANSPORT = (
    Score(
        "line_shape_score",
        "network",
        "mean over points of n_steps / |sum of unit steps|: 1 = straight",
        GAI,
        low=1,
        relation="track_scores",
        value="line_shape_score",
    ),
    *of_both("network", "track_scores", "between the ends of its layers of one width"),
    Score(
        "geodesic_ratio",
        "network",
        "sum of the W2 of the steps over the W2 of both ends, of two steps or more",
        "geoflow, after Gai, Zhang 2021",
        low=1,
        relation="track_scores",
        value="geodesic_ratio",
    ),
    *of_both("layer", "transport_steps", "of the step from layer l to l + 1"),
    Score(
        "turning_angle",
        "layer",
        "mean over points of the angle between the step from layer l and the next, in radians",
        "geoflow",
        low=0,
        high=3.141592653589793,
        relation="transport_steps",
        value="mean_turning_angle",
    ),
    Score(
        "line_shape_score",
        "point",
        "n_steps / |sum of unit steps|: 1 = straight",
        GAI,
        low=1,
        relation="point_tracks",
        value="line_shape_score",
    ),
    Score(
        "path_length",
        "point",
        "sum of the lengths of its steps",
        "geoflow",
        low=0,
        relation="point_tracks",
        value="path_length",
    ),
    Score(
        "displacement",
        "point",
        "distance of the ends of its way",
        "geoflow",
        low=0,
        relation="point_tracks",
        value="displacement",
    ),
    Score(
        "is_optimal",
        "point",
        "1 if optimal transport sends it where the network does, else 0; of the assignments that do"
        " so for most points",
        GAI,
        low=0,
        high=1,
        relation="point_tracks",
        value="is_optimal::integer",
    ),
)
