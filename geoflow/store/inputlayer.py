"""The input layer belongs to the data set: what the store has of it, and what a network adds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geoflow.specs import CURVATURES, DETAILS, GeometrySpec
from geoflow.store._extent import Extent, covered
from geoflow.store._reader import query
from geoflow.store.connection import PATIENCE_SECONDS
from geoflow.store.records import SAME_POINTS, DatasetRecord

if TYPE_CHECKING:
    from geoflow.measure.layers import LayerFrames, MeasuredLayer


def missing_input(
    path: Path,
    record: DatasetRecord,
    points: np.ndarray,
    labels: np.ndarray | None,
    spec: GeometrySpec,
    origin: "MeasuredLayer | None" = None,
    patience: float = PATIENCE_SECONDS,
) -> "LayerFrames | None":
    """Return the rows of the input layer that the store lacks for this spec, None if none.

    A graph that is measured again keeps the detail and the curvatures it had. ``origin``: the layer
    measured to this spec, if it is known already; ``patience``: how long to wait for the store.
    """
    from geoflow.measure.layers import kept_rank, measured_layer
    from geoflow.measure.local import asked_kinds

    held = []
    if path.exists():
        stored = query(
            path,
            "select g.k, g.convention, l.store_rank, g.detail, g.n_sources, g.curvatures"
            " from graphs as g join layers as l using (layer_id)"
            f" where l.network_id is null and l.dataset_id = ({SAME_POINTS})",
            record.points,
            patience,
        )
        n_sources = spec.n_sources or len(points)
        there = set()
        for k, convention, rank, *extent in stored.iter_rows():
            asked = Extent(spec.detail, n_sources, asked_kinds(spec, convention))
            if covered(Extent(*extent), asked) and rank >= kept_rank(spec, len(points)):
                there.add((k, convention))
            if k in spec.k and convention in spec.convention:
                held.append(Extent(*extent))
        if all((k, convention) in there for k in spec.k for convention in spec.convention):
            return None
    wanted = with_held(spec, held, len(points))
    if origin is not None and wanted == spec:
        return origin.frames
    return measured_layer(points, 0, wanted, labels).frames


def with_held(spec: GeometrySpec, held: Sequence[Extent], n: int) -> GeometrySpec:
    """Return a spec that asks for all that graphs of n points were kept with, and its own.

    >>> spec = GeometrySpec((8,), ("union",), detail="nodes", n_sources=10)
    >>> more = with_held(spec, [Extent("pairs", 100, {"forman"})], n=100)
    >>> more.detail, more.n_sources, more.curvatures
    ('pairs', None, ('forman',))
    """
    detail = max([spec.detail, *(one.detail for one in held)], key=DETAILS.index)
    n_sources = max([spec.n_sources or n, *(one.n_sources for one in held)])
    kinds = {kind for one in held for kind in one.curvatures}
    return replace(
        with_kinds(spec, kinds), detail=detail, n_sources=None if n_sources >= n else n_sources
    )


def with_kinds(spec: GeometrySpec, held: set[str]) -> GeometrySpec:
    """Return a spec that asks for these kinds of curvature too, where it has undirected graphs.

    >>> spec = GeometrySpec((8,), ("union",), curvatures=("forman",))
    >>> more = with_kinds(spec, {"forman", "ollivier(0.5)"})
    >>> more.curvatures, more.alphas
    (('forman', 'ollivier'), (0.5,))
    """
    from geoflow.measure.local import asked_kinds

    if not spec.undirected or held <= asked_kinds(spec, spec.undirected[0]):
        return spec
    parts = [name.rstrip(")").partition("(") for name in sorted(held)]
    kinds = dict.fromkeys((*spec.curvatures, *(kind for kind, _, _ in parts)))
    own = spec.alphas if any(CURVATURES[kind].has_alpha for kind in spec.curvatures) else ()
    alphas = dict.fromkeys((*own, *(float(alpha) for _, _, alpha in parts if alpha)))
    return replace(spec, curvatures=tuple(kinds), alphas=tuple(alphas))
