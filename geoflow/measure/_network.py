"""The one way from activations to tables: whatever made them, they are measured here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from geoflow.measure.activations import Activations
from geoflow.measure.layers import MeasuredLayer, NetworkFrames, network_frames
from geoflow.measure.local import Classes, predictions_frame
from geoflow.measure.similarity import similarity_frame
from geoflow.measure.transport import Places, transport_frames
from geoflow.scores import Score, given, score_frames
from geoflow.specs import GeometrySpec, TransportSpec


def measured(
    activations: Activations,
    geometry: GeometrySpec,
    transport: TransportSpec | None = None,
    *,
    origin: MeasuredLayer | None = None,
    around: Mapping[str, Places] | None = None,
    threads: int | None = None,
    advance: Callable[[], None] | None = None,
    scores: Sequence[Score] = (),
) -> NetworkFrames:
    """Return all rows of a network: its hidden layers 1, 2, ... and what belongs to itself.

    Its output is the layer after them, where the geometry asks for it and it is known.

    transport: how transport geometry is measured, None for not at all. origin: the input layer
    measured to the same spec, from which local geometry starts. around: by kind (train, test,
    random) the places around which the complexity of the network is measured. threads: how many to
    use, by default all. ``advance`` is called after each layer. scores: a user's own. A network
    without hidden layers, whose training diverged, has no rows. Raises GeometryError for points or
    k that have no graph.

    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(30, 3))
    >>> found = measured(Activations([points, points[:, :2]]), GeometrySpec(k=(4,)))
    >>> [layer.layer for layer in found.layers]
    [1]
    """
    hidden = activations.layers[1:]
    if not hidden:
        return NetworkFrames([])
    keeps_points = geometry.detail != "graphs"
    frames = network_frames(
        hidden,
        geometry,
        advance,
        threads,
        origin,
        Classes(activations.labels, activations.correct),
        activations.output if geometry.output else None,
    )
    tables = dict(frames.tables)
    if activations.predicted is not None and keeps_points:
        tables["predictions"] = predictions_frame(activations.predicted, activations.margin)
    if transport is not None:
        tables |= transport_frames(activations, transport, keeps_points, around, threads)
    tables["layer_similarities"] = similarity_frame(activations.layers)
    tables |= score_frames(known_of(activations), scores)
    return NetworkFrames(frames.layers, tables)


def known_of(activations: Activations) -> dict[str, Any]:
    """Return what functions of scores may ask for."""
    return given(
        activations.layers,
        labels=activations.labels,
        predicted=activations.predicted,
        margin=activations.margin,
        pre=activations.pre,
        post=activations.post,
    )
