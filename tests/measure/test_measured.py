"""One measurement: what a study measures of a network, `ingest` measures of its arrays."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import geoflow
from geoflow.datasets import load
from geoflow.errors import SizeError
from geoflow.measure import Activations, measured
from geoflow.measure.footprint import refuse_large_geometry
from geoflow.specs import DatasetSpec, GeometrySpec, Recipe, TransportSpec, architecture
from geoflow.training import train_ensemble

CIRCLES = DatasetSpec("circles", n_train=60, n_test=40)
RESIDUAL = architecture("6", 4, "residual")
WORDS = {"k": (5,), "curvatures": ("forman", "ollivier"), "detail": "nodes"}
OF_NETWORK = (
    "predictions", "expansions", "class_curvatures", "transport_steps", "transport_tracks",
    "point_tracks", "layer_affinities",
)  # fmt: skip
OF_GRAPH = ("nodes", "point_curvatures", "class_edges", "communities", "community_agreement")


@pytest.fixture(scope="module")
def trained():
    recipe = Recipe(epochs=3)
    (network,) = train_ensemble(load(CIRCLES), RESIDUAL, recipe, seeds=[0])
    return network.activations


@pytest.fixture(scope="module")
def stores(trained, tmp_path_factory):
    """The same network, trained and measured by a study, and as arrays that a user brings."""
    folder = tmp_path_factory.mktemp("one")
    options = {**WORDS, "transport": TransportSpec(n_points=5)}
    geoflow.train(CIRCLES, RESIDUAL, folder / "study.duckdb", recipe=Recipe(epochs=3), **options)
    arrays = {f"layer_{at:02d}": layer for at, layer in enumerate(trained.layers)}
    for kind in ("pre", "post"):
        for at, layer in enumerate(getattr(trained, kind), start=1):
            arrays[f"{kind}_{at:02d}"] = layer
    arrays |= {"labels": trained.labels, "predictions": trained.predicted, "output": trained.output}
    geoflow.ingest(arrays, folder / "ingest.duckdb", **options)
    return [geoflow.open(folder / f"{name}.duckdb") for name in ("study", "ingest")]


@pytest.mark.parametrize("table", OF_NETWORK)
def test_rows_of_the_network_are_the_same(stores, table):
    study, ingest = (
        store.query(f"select * exclude (network_id) from {table} order by all") for store in stores
    )
    assert study.height > 0
    if table == "predictions":  # the margin needs logits
        study, ingest = study.drop("margin"), ingest.drop("margin")
    assert study.equals(ingest, null_equal=True)


@pytest.mark.parametrize("table", OF_GRAPH)
def test_rows_of_every_graph_are_the_same_those_of_the_input_too(stores, table):
    study, ingest = (
        store.query(
            f"select l.layer, g.k, g.convention, t.* exclude (graph_id) from {table} as t"
            " join graphs as g using (graph_id) join layers as l using (layer_id) order by all"
        )
        for store in stores
    )
    assert study["layer"].unique().sort().to_list() == [0, 1, 2, 3, 4, 5]
    assert study.equals(ingest, null_equal=True)


def test_complexity_is_measured_where_there_is_a_network_alone(stores):
    study, ingest = (store.view("layer_complexities") for store in stores)
    assert (study.height, ingest.height) == (3 * 3 * 4, 0)


def test_what_is_not_known_has_no_rows(trained):
    geometry = GeometrySpec(**WORDS)
    bare = Activations(trained.layers)
    assert set(measured(bare, geometry).tables) == {
        "layer_score_values",
        "layer_similarities",
    }  # of the points alone
    assert measured(Activations(trained.layers[:1], trained.labels), geometry).layers == []
    found = measured(bare, geometry, TransportSpec()).tables
    assert found.keys() - {"layer_score_values", "layer_similarities"} == {
        "transport_steps", "transport_tracks", "point_tracks"
    }  # fmt: skip
    guess = Activations(trained.layers, predicted=trained.predicted)
    rows = measured(guess, geometry).tables["predictions"]
    assert rows["predicted"].to_list() == trained.predicted.tolist()
    assert rows["margin"].null_count() == rows.height
    assert guess.correct is None
    assert rows.schema["predicted"] == pl.Int32


WIDE = """
import numpy as np
from pathlib import Path
from geoflow.measure import Activations, measured
from geoflow.specs import GeometrySpec
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
rng = np.random.default_rng(0)
spec = GeometrySpec(k=(5,), detail="nodes")
narrow = rng.standard_normal((1000, 8), dtype=np.float32)
wide = rng.standard_normal((1000, 40_000), dtype=np.float32)
measured(Activations([narrow, narrow]), spec)
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = peak()
found = measured(Activations([narrow, wide]), spec)
assert found.layers[0].n_units == 40_000
print(1e3 * (peak() - before) / wide.nbytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux counts anew")
def test_a_wide_layer_is_not_copied_to_float64():
    """Beside a layer of 160 MB there are its tiles in float32, of the same size: 2 is float64."""
    done = subprocess.run([sys.executable, "-c", WIDE], capture_output=True, text=True, check=True)
    assert 0.5 < float(done.stdout.split()[-1]) < 1.8


def test_a_wide_layer_of_many_points_is_not_refused(monkeypatch):
    monkeypatch.setattr("geoflow.machine.memory.free_memory", lambda: 10**9)
    spec = GeometrySpec(k=(10, 20), detail="nodes")
    refuse_large_geometry(2000, [200_704, 200_704, 100_352], spec)
    many = replace(spec, detail="pairs", k=tuple(range(2, 90)))
    with pytest.raises(SizeError, match="the graphs of 3 layers of 2,000 points would take"):
        refuse_large_geometry(2000, [200_704] * 3, many)
