"""geoflow: the geometry of neural networks, layer by layer, in one DuckDB file.

>>> import geoflow
>>> import numpy as np
>>> points = np.random.default_rng(0).normal(size=(60, 3))
>>> geoflow.layer_geometry(points, k=[5, 10], convention="union")["is_connected"].to_list()
[True, True]
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from geoflow.archive.compared import cka as cka
    from geoflow.capturing import activations as activations
    from geoflow.errors import GeoflowError as GeoflowError
    from geoflow.geometry.layer import layer_geometry as layer_geometry
    from geoflow.ingestion import ingest as ingest
    from geoflow.scores import layer_score as layer_score
    from geoflow.scores import network_score as network_score
    from geoflow.scores import pair_score as pair_score
    from geoflow.scores import point_score as point_score
    from geoflow.scores.topology import betti_score as betti_score
    from geoflow.specs import GeometrySpec as GeometrySpec
    from geoflow.specs import TransportSpec as TransportSpec
    from geoflow.store.graphfiles import layer_graph_frames as layer_graph_frames
    from geoflow.store.results import open as open  # noqa: A004
    from geoflow.study import run_study as run_study
    from geoflow.study import train as train
    from geoflow.watching import capture as capture
    from geoflow.watching import watch as watch

_HOMES = {
    "GeoflowError": "geoflow.errors",
    "GeometrySpec": "geoflow.specs",
    "TransportSpec": "geoflow.specs",
    "activations": "geoflow.capturing",
    "capture": "geoflow.watching",
    "betti_score": "geoflow.scores.topology",
    "cka": "geoflow.archive.compared",
    "ingest": "geoflow.ingestion",
    "layer_geometry": "geoflow.geometry.layer",
    "layer_graph_frames": "geoflow.store.graphfiles",
    "layer_score": "geoflow.scores",
    "network_score": "geoflow.scores",
    "pair_score": "geoflow.scores",
    "point_score": "geoflow.scores",
    "open": "geoflow.store.results",
    "run_study": "geoflow.study",
    "train": "geoflow.study",
    "watch": "geoflow.watching",
}

__all__ = [
    "GeoflowError",
    "GeometrySpec",
    "TransportSpec",
    "__version__",
    "activations",
    "betti_score",
    "capture",
    "cka",
    "ingest",
    "layer_geometry",
    "layer_graph_frames",
    "layer_score",
    "network_score",
    "open",
    "pair_score",
    "point_score",
    "run_study",
    "train",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import geoflow`` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoflow' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
