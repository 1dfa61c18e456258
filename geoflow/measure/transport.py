"""Transport geometry of a network as rows of the store's tables.

All rows belong to a network; layer counts from 0, the input. A score that needs layers of equal
width takes the longest run of layers of one width, the track of the network: in a plain network of
constant width its hidden layers, since the input has a width of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from geoflow.errors import GeometryError
from geoflow.geometry.neighbors.samples import norms
from geoflow.geometry.transport.affinity import affinity
from geoflow.geometry.transport.assignment import Assignment, optimal_assignment
from geoflow.geometry.transport.complexity import frame_directions, local_complexity
from geoflow.geometry.transport.scores import (
    TransportScores,
    W2Path,
    path_of,
    scores_of,
    transport_scores,
)
from geoflow.geometry.transport.straightness import (
    LineShapes,
    displacements,
    line_shapes,
    turning_angles,
)
from geoflow.measure.activations import Activations, Forward
from geoflow.measure.drawn import Drawn, DrawnLayers, drawn_points
from geoflow.specs import TransportSpec

SCORES = (
    "w2", "rms_displacement", "ot_score", "transport_efficiency", "relative_displacement",
    "least_ot_score", "is_ot_unique",
)  # fmt: skip
"""Fields of `TransportScores` that are columns of a step and of a track."""

STEP = (
    "layer", *SCORES[:5], "mean_turning_angle", "reason", "n_points", "sample_seed", *SCORES[5:],
)  # fmt: skip
TRACK = (
    "first_layer", "last_layer", "n_steps", "n_points", "n_defined", "line_shape_score",
    *SCORES[:5], "w2_path_length", "w2_geodesic_length", "reason", "median_line_shape",
    "sample_seed", *SCORES[5:],
)  # fmt: skip
AFFINITY = ("layer", "affinity_score", "reason", "n_points", "sample_seed")
COMPLEXITY = (
    "layer", "radius", "points", "n_points", "n_directions", "complexity", "complexity_deviation",
    "crossings",
)  # fmt: skip
"""Columns of the tables of steps, tracks, affinities, complexities: the same for every network."""

TYPES = {
    **dict.fromkeys(("layer", "first_layer", "last_layer", "n_steps"), pl.Int32),
    **dict.fromkeys(("n_points", "n_defined", "n_directions"), pl.Int32),
    **dict.fromkeys(("points", "reason"), pl.String),
    "sample_seed": pl.Int64,
    "is_ot_unique": pl.Boolean,
}
"""Columns that are no float64."""


@dataclass(frozen=True)
class Places:
    """Inputs (m, d) around which complexity is measured, and which points (m,) they are."""

    inputs: np.ndarray
    points: np.ndarray


def transport_frames(
    found: Activations,
    spec: TransportSpec,
    keeps_points: bool,
    around: Mapping[str, Places] | None = None,
    threads: int | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the tables of a network's transport geometry that its activations allow.

    around: by kind (train, test, random) the places around which its complexity is measured.
    """
    drawn = drawn_points(found.n, spec.seed)
    layers = drawn.of(found.layers) if found.is_whole else DrawnLayers(drawn, found.layers)
    tables = track_frames(layers, drawn, keeps_points, threads, found.widths)
    if found.pre is not None:
        post = found.layers[1:] if found.post is None else found.post
        tables["layer_affinities"] = affinity_frame(found.pre, post, drawn, threads)
    if found.forward is not None and around is not None:
        tables.update(complexity_frames(found.forward, around, spec, keeps_points))
    return tables


def track_span(widths: Sequence[int]) -> tuple[int, int]:
    """Return the first and the last layer of the track: the longest run of layers of one width.

    Of runs that are equally long it is the last.

    >>> track_span([784, 50, 50, 50, 25, 25])
    (1, 3)
    >>> track_span([3, 2, 2, 5, 5])
    (3, 4)
    """
    ends = [at for at in range(1, len(widths)) if widths[at] != widths[at - 1]]
    runs = pairwise([0, *ends, len(widths)])
    first, after = max(runs, key=lambda run: (run[1] - run[0], run[0]))
    return first, after - 1


def track_frames(
    layers: Sequence[np.ndarray],
    drawn: Drawn,
    keeps_points: bool,
    threads: int | None = None,
    widths: Sequence[int] | None = None,
) -> dict[str, pl.DataFrame]:
    """Return transport_steps, transport_tracks and, if points are kept, point_tracks.

    layers: those of the points that are ``drawn``; of layers on demand, whose ``widths`` are known,
    two are there at a time, and those of the track.
    """
    widths = widths or [layer.shape[1] for layer in layers]
    steps = [drawn.columns | step_row(layers, widths, at, threads) for at in range(len(layers) - 1)]
    first, last = track_span(widths)
    where = drawn.columns | {"first_layer": first, "last_layer": last}
    if first == last:
        one = {**where, "reason": steps[-1]["reason"]}
        return {"transport_steps": framed(steps, STEP), "transport_tracks": framed([one], TRACK)}
    track = [np.asarray(layers[at], np.float64) for at in range(first, last + 1)]
    for step, angles in zip(steps[first:], turning_angles(track), strict=False):
        known = angles[np.isfinite(angles)]
        step["mean_turning_angle"] = float(known.mean()) if len(known) else None
    shapes = line_shapes(track)
    found = optimal_assignment(track[0], track[-1], threads=threads)
    whole = scores_of(track[0], track[-1], found, threads)
    lengths = [step["w2"] for step in steps[first:last]]
    scores = track_scores(shapes, whole, path_of(lengths, whole.w2))
    row = where | {"n_steps": len(lengths)} | scores
    tables = {"transport_steps": framed(steps, STEP), "transport_tracks": framed([row], TRACK)}
    if keeps_points:
        tables["point_tracks"] = point_frame(track, shapes, found, drawn)
    return tables


def track_scores(shapes: LineShapes, whole: TransportScores, path: W2Path) -> dict[str, Any]:
    """Return the scores of a track; mean and median line shape are of the points that have one."""
    known = shapes.score[np.isfinite(shapes.score)]
    undefined = () if len(known) else shapes.reason.tolist()
    return {
        "n_defined": len(known),
        "line_shape_score": float(known.mean()) if len(known) else None,
        "median_line_shape": float(np.median(known)) if len(known) else None,
        **{name: getattr(whole, name) for name in SCORES},
        "w2_path_length": path.path_length,
        "w2_geodesic_length": path.geodesic_length,
        "reason": reasons(
            *undefined, whole.efficiency_reason, whole.displacement_reason, path.reason
        ),
    }


def point_frame(
    track: Sequence[np.ndarray], shapes: LineShapes, found: Assignment, drawn: Drawn
) -> pl.DataFrame:
    """Return point_tracks; lengths are rounded to FLOAT and refused where they do not fit."""
    lengths = displacements(track).sum(axis=0)
    if lengths.max() > np.finfo(np.float32).max:
        raise GeometryError(
            f"a path of length {lengths.max():.0e} does not fit the store's FLOAT: scale the layers"
            " down, or leave out transport geometry"
        )
    return pl.DataFrame(
        {
            "point": drawn.points.astype(np.int32),
            "n_steps": shapes.n_steps,
            "line_shape_score": shapes.score.astype(np.float32),
            "path_length": lengths.astype(np.float32),
            "displacement": norms(track[-1] - track[0]).astype(np.float32),
            "is_optimal": found.is_own,
            "reason": pl.Series(shapes.reason.tolist(), dtype=pl.String),
        }
    ).with_columns(pl.col("line_shape_score").fill_nan(None))


def reasons(*given: str | None) -> str | None:
    """Return the reasons that there are as one, each once, None if there is none.

    >>> reasons(None, "no point moves", "no point moves", "a single point has no neighbour")
    'no point moves; a single point has no neighbour'
    """
    return "; ".join(dict.fromkeys(one for one in given if one is not None)) or None


def step_row(
    layers: Sequence[np.ndarray], widths: Sequence[int], at: int, threads: int | None
) -> dict[str, Any]:
    """Return the scores of the step from a layer to the next, or why there are none."""
    if widths[at] != widths[at + 1]:
        reason = f"layers {at} and {at + 1} have widths {widths[at]} and {widths[at + 1]}"
        return {"layer": at, "reason": reason}
    x, y = layers[at], layers[at + 1]
    scores = transport_scores(x, y, threads=threads)
    columns = {name: getattr(scores, name) for name in SCORES}
    why = reasons(scores.efficiency_reason, scores.displacement_reason)
    return {"layer": at, **columns, "reason": why}


def framed(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pl.DataFrame:
    """Return rows as a frame of these columns, with their type also where all of them are null."""
    schema = {name: TYPES.get(name, pl.Float64) for name in names}
    return pl.DataFrame([dict(row) for row in rows], schema=schema)


def affinity_frame(
    pre: Sequence[np.ndarray], post: Sequence[np.ndarray], drawn: Drawn, threads: int | None = None
) -> pl.DataFrame:
    """Return layer_affinities: the affinity score of the activation of each hidden layer."""
    rows = []
    for layer, (before, after) in enumerate(zip(pre, post, strict=True), start=1):
        x, y = drawn.of([before, after])
        found = affinity(x, y, threads)
        known = {"layer": layer, "affinity_score": found.affinity, "reason": found.reason}
        rows.append(known | drawn.columns)
    return framed(rows, AFFINITY)


def complexity_frames(
    forward: Forward, around: Mapping[str, Places], spec: TransportSpec, keeps_points: bool
) -> dict[str, pl.DataFrame]:
    """Return layer_complexities, and point_complexities if points are kept.

    A layer's complexity is the mean over points of the neurons that switch on their frames; its
    crossings are those of them that are on both sides of 0.
    """
    rows, of_points = [], []
    for kind, places in around.items():
        n_directions = min(spec.n_directions, places.inputs.shape[1])
        directions = frame_directions(places.inputs.shape[1], n_directions, spec.seed)
        for radius in spec.radii:
            found = local_complexity(places.inputs, radius, directions, forward)
            pairs = zip(found.changes, found.crossings, strict=True)
            for layer, (switching, crossing) in enumerate(pairs, start=1):
                where = {"layer": layer, "radius": radius, "points": kind}
                spread = {
                    "n_points": len(switching),
                    "n_directions": n_directions,
                    "complexity": float(switching.mean()),
                    "complexity_deviation": float(switching.std()),
                    "crossings": float(crossing.mean()),
                }
                rows.append(where | spread)
                counts = {"complexity": switching, "crossings": crossing}
                of_points.append(
                    pl.DataFrame({"point": places.points} | counts).select(
                        pl.lit(layer, pl.Int32).alias("layer"),
                        pl.lit(radius).alias("radius"),
                        pl.lit(kind).alias("points"),
                        pl.all().cast(pl.Int32),
                    )
                )
    tables = {"layer_complexities": framed(rows, COMPLEXITY)}
    return tables | ({"point_complexities": pl.concat(of_points)} if keeps_points else {})
