"""A captured network in the store: geoflow's own to the bit; layers that memory does not hold."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal
from small_models import Blocks, by_hand
from torch import nn

import geoflow
from geoflow.capturing import activations
from geoflow.datasets import load
from geoflow.specs import DatasetSpec, Recipe, architecture
from geoflow.training import train_ensemble

OF_ENSEMBLE = Recipe(epochs=3)
CIRCLES = DatasetSpec("circles", n_train=120, n_test=90)


def rebuilt(network):
    """One of geoflow's own networks as torch writes them."""
    parameters = network.network.parameters
    layers = []
    for weight, bias in zip(parameters.weights, parameters.biases, strict=True):
        one = nn.Linear(weight.shape[1], weight.shape[2])
        one.weight.data, one.bias.data = weight[0].T.clone(), bias[0, 0].clone()
        layers += [one, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A store with a network that geoflow trained, and the same one captured."""
    db = tmp_path_factory.mktemp("own") / "g.duckdb"
    words = {"k": [6, 12], "convention": ["union", "directed"], "curvatures": "augmented_forman"}
    words["detail"] = "nodes"
    geoflow.train(CIRCLES, "8,8,8", db, recipe=OF_ENSEMBLE, **words)
    data = load(CIRCLES)
    (network,) = train_ensemble(data, architecture("8,8,8"), OF_ENSEMBLE, [0])
    geoflow.capture(
        rebuilt(network),
        data.x_test,
        data.y_test,
        db=db,
        name="captured",
        dataset="mine",
        batch_size=len(data.x_test),
        **words,
    )
    return geoflow.open(db)


TABLES = ("graphs", "nodes", "hop_counts", "neighbors", "point_curvatures", "class_edges")


@pytest.mark.parametrize("table", TABLES)
def test_one_of_our_own_networks_captured_gives_the_rows_of_its_ensemble(own, table):
    key = "" if table in ("graphs", "neighbors") else "join graphs using (graph_id)"
    sql = (
        f"select n.name = 'captured' as is_captured, l.layer, l.is_output, l.n_units, t.*"
        f" {', k, convention' if key else ''}"
        f" from {table} as t {key} join layers as l using (layer_id)"
        " join networks as n using (network_id)"
    )
    frame = own.query(sql)
    drop = [one for one in ("graph_id", "layer_id", "layer_id_1") if one in frame.columns]
    halves = [
        frame.filter(pl.col("is_captured") == which).drop("is_captured", *drop)
        for which in (True, False)
    ]
    assert halves[0].height > 0
    order = [name for name in halves[0].columns if not halves[0][name].dtype.is_nested()]
    assert_frame_equal(*(one.sort(order) for one in halves), check_exact=True)


@pytest.mark.parametrize("table", ["predictions", "expansions", "class_curvatures"])
def test_what_belongs_to_the_network_itself_is_that_of_the_ensemble_too(own, table):
    sql = f"select t.* exclude (network_id) from {table} as t join networks using (network_id)"
    halves = [own.query(f"{sql} where (name = 'captured') = {which}") for which in (True, False)]
    assert halves[0].height > 0
    assert_frame_equal(*(one.sort(one.columns) for one in halves), check_exact=True)


def test_the_store_says_where_layers_were_taken(tmp_path):
    torch.manual_seed(0)
    model, x = Blocks(), torch.randn(20, 4)
    db = tmp_path / "g.duckdb"
    geoflow.capture(model, x, db=db, name="one", dataset="points", k=4)
    geoflow.capture(model, x, db=db, name="same", dataset="points", k=4)
    with torch.no_grad():
        model.head.bias.add_(1)
    geoflow.capture(model, x, db=db, name="other", dataset="points", k=4)
    found = geoflow.open(db)
    rows = found.query("from captures order by network_id")
    assert rows["weights"][0] == rows["weights"][1] != rows["weights"][2]
    assert rows["inputs"].n_unique() == 1
    assert set(rows["torch_version"]) == {torch.__version__}
    assert set(rows["model"]) == {"Blocks"}
    layers = found.query("select layer, path, class, pooling, shape from captured_layers")
    assert layers.rows()[:2] == [
        (1, "blocks.0", "Block", "none", [6]),
        (2, "blocks.1", "Block", "none", [6]),
    ]
    assert found.check()["n_offences"].sum() == 0


def test_layers_that_memory_does_not_hold_give_the_same_rows(tmp_path):
    torch.manual_seed(0)
    model, x = Blocks(depth=5), torch.randn(40, 4)
    db, y = tmp_path / "g.duckdb", torch.arange(40) % 2
    words = {"db": db, "k": [4, 8], "dataset": "points", "transport": True, "curvatures": "forman"}
    for name, memory in (("whole", None), ("parts", 2000)):
        geoflow.capture(model, x, y, name=name, memory=memory, **words)
    found = geoflow.open(db)
    tables = ("layer_score_values", "transport_steps", "transport_tracks", "point_tracks")
    for table in (*tables, "class_curvatures", "expansions"):
        sql = f"select t.* exclude (network_id) from {table} as t join networks using (network_id)"
        halves = [found.query(f"{sql} where name = '{name}'") for name in ("whole", "parts")]
        assert halves[0].height > 0
        assert_frame_equal(*(one.sort(one.columns) for one in halves), check_exact=True)


def test_activations_are_ingested_as_arrays_are(tmp_path):
    torch.manual_seed(0)
    model, x = Blocks(), torch.randn(30, 4)
    db, y = tmp_path / "g.duckdb", np.arange(30) % 2
    found = activations(model, x, y)
    geoflow.ingest(found, db, name="captured", dataset="points", k=5, transport=False)
    hands = by_hand(model, ["blocks.0", "blocks.1", "blocks.2"], x)
    arrays = {"layer_00": x, "labels": y, "logits": model(x)}
    arrays |= {f"layer_{at:02d}": one[0] for at, one in enumerate(hands.values(), start=1)}
    geoflow.ingest(arrays, db, name="arrays", dataset="points", k=5, transport=False)
    graphs = geoflow.open(db).query(
        "select name, layer, n_edges, total_forman, total_geodesic from graphs join layers using"
        " (layer_id) join networks using (network_id) order by layer"
    )
    halves = [graphs.filter(pl.col("name") == one).drop("name") for one in ("captured", "arrays")]
    assert_frame_equal(*halves)


PEAK = """
import torch, geoflow
from pathlib import Path
from torch import nn
torch.set_num_threads(1)
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
torch.manual_seed(0)
model = nn.Sequential(*(nn.Softplus() for _ in range(12)))
x = torch.randn(600, 8192)
geoflow.activations(model, x[:32], batch_size=16)
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = peak()
found = geoflow.activations(model, x, memory="80M", batch_size=16)
widths, n = found.widths, 0
for layer in found.layers:
    n += layer.shape[1]
assert n == sum(widths)
del layer
print((peak() - before) / 1000, found.layers.n_passes)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux counts anew")
def test_the_memory_that_layers_take_is_what_is_asked_for():
    """Twelve layers of 20 MB, 240 MB in all, within 80 MB in several passes."""
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    peak, passes = done.stdout.split()[-2:]
    assert float(peak) < 80
    assert int(passes) > 3
