"""The geodesic layout beside igraph's UMAP, on layers of a network that was trained."""

import sys

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

import geoflow
from geoflow.geometry.hops.geodesics import hop_matrix
from geoflow.geometry.layout.geodesic import geodesic_layouts
from geoflow.geometry.layout.umap import umap_layout
from geoflow.specs import GeometrySpec
from geoflow.store.layergraphs import layer_graphs


@pytest.mark.slow
def test_neighbourhoods_are_as_true_as_those_of_umap_less_a_twentieth(tmp_path):
    """`pytest -m slow -s tests/geometry/layout/test_trustworthiness.py` prints the figures."""
    path = tmp_path / "g.duckdb"
    spec = GeometrySpec(k=10, convention="union", detail="edges")
    geoflow.train("digits", "25,25,25,25,25", path, geometry=spec)
    db = geoflow.open(path)
    (name,) = db.query("select name from networks")["name"]
    graphs = [one.graph for one in layer_graphs(db, name, 10).layers]
    found = []
    for layer, (graph, where) in enumerate(zip(graphs, geodesic_layouts(graphs), strict=True)):
        if layer not in (1, 3, 5):
            continue
        hops = hop_matrix(graph).astype(float)
        hops[hops < 0] = 2 * hops.max()
        own, other = (
            trustworthiness(hops, one, n_neighbors=15, metric="precomputed")
            for one in (where, umap_layout(graph, seed=0))
        )
        sys.stdout.write(f"layer {layer}: geodesic {own:.3f}, UMAP {other:.3f}\n")
        found.append(own - other)
    assert len(found) == 3
    assert np.min(found) >= -0.05
