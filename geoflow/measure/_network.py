"""The one way from activations to tables: whatever made them, they are measured here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from geoflow.measure.activations import Activations
from geoflow.measure.layers import MeasuredLayer, NetworkFrames, network_frames
from geoflow.measure.local import Classes, predictions_frame
from geoflow.measure.similarity import LayerSimilarities
from geoflow.measure.transport import Places, transport_frames
from geoflow.scores import LayerScores, Score, given, score_frames
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
    without hidden layers, whose training diverged, has no rows. Layers that are not in memory all
    at once are gone through once, in their order. Raises GeometryError for points or k that have no
    graph.

    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(30, 3))
    >>> found = measured(Activations([points, points[:, :2]]), GeometrySpec(k=(4,)))
    >>> [layer.layer for layer in found.layers]
    [1]
    """
    layers = activations.layers
    if len(layers) < 2:
        return NetworkFrames([])
    keeps_points = geometry.detail != "graphs"
    seen = Seen(activations, scores)
    frames = network_frames(
        layers[1:] if activations.is_whole else HiddenLayers(layers),
        geometry,
        advance,
        threads,
        origin,
        Classes(activations.labels, activations.correct),
        activations.output if geometry.output else None,
        None if activations.is_whole else seen.add,
    )
    tables = dict(frames.tables) | dict(activations.provenance)
    if activations.predicted is not None and keeps_points:
        tables["predictions"] = predictions_frame(activations.predicted, activations.margin)
    if transport is not None:
        tables |= transport_frames(activations, transport, keeps_points, around, threads)
    tables |= seen.tables
    return NetworkFrames(frames.layers, tables)


class Seen:
    """Similarities and scores of layers, taken in one by one: not all need be in memory."""

    def __init__(self, activations: Activations, own: Sequence[Score]) -> None:
        self.known, self.own = known_of(activations), own
        self.alike = LayerSimilarities(activations.n, activations.widths)
        self.scores = None if activations.is_whole else LayerScores(self.known, own)
        layers = activations.layers
        for layer in range(len(layers) if activations.is_whole else 1):
            self.add(layer, layers[layer])

    def add(self, layer: int, points: np.ndarray) -> None:
        """Take in the points (n, d) of the next layer."""
        self.alike.add(points)
        if self.scores is not None:
            self.scores.add(layer, points)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Rows of ``layer_similarities`` and of the tables of scores."""
        found = score_frames(self.known, self.own, self.scores)
        return {"layer_similarities": self.alike.frame} | found


class HiddenLayers(Sequence[np.ndarray]):
    """Layers less the first, each made when it is asked for."""

    def __init__(self, layers: Sequence[np.ndarray]) -> None:
        self.layers = layers

    def __len__(self) -> int:
        return len(self.layers) - 1

    def __getitem__(self, at: Any) -> Any:
        return self.layers[at + 1]


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
