"""What the canvas is sent: the rows of the store, no more, and nothing is written."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import geoflow
from geoflow.ingestion import ingest

pytest.importorskip("dash", reason="the page needs the extra explore")

from geoflow.explore.application import create_app

NAME = "<script>document.title = 'run'</script>"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rng = np.random.default_rng(0)
    layers = {f"layer_0{at}": rng.normal(size=(50, d)) for at, d in enumerate((6, 5, 4))}
    layers["layer_03"] = layers["layer_02"] @ np.linalg.qr(rng.normal(size=(4, 4)))[0]
    labels = np.arange(50) % 3 + 5
    path = tmp_path_factory.mktemp("page") / "g.duckdb"
    kinds = ["forman", "augmented_forman"]
    arrays = {**layers, "labels": labels, "predictions": labels[::-1]}
    ingest(arrays, path, name=NAME, k=[4, 6], curvatures=kinds, output=False, transport=False)
    ingest(arrays, path, name="bare", dataset="bare", k=4, detail="graphs", transport=False)
    return path


@pytest.fixture(scope="module")
def client(path):
    return create_app(path).server.test_client()


def asked(client, what, **words):
    answer = client.get(f"/graph/{what}", query_string=words)
    assert answer.status_code == 200, answer.text
    data = answer.data
    size = int.from_bytes(data[:4], "little")
    facts = json.loads(data[4 : 4 + size])
    arrays = {}
    for one in facts["arrays"]:
        start = 4 + size + one["start"]
        assert start % np.dtype(one["type"]).itemsize == 0
        count = int(np.prod(one["shape"]))
        flat = np.frombuffer(data, one["type"], count, start)
        arrays[one["name"]] = flat.reshape(one["shape"])
    return SimpleNamespace(facts=facts, arrays=arrays)


@pytest.mark.parametrize(("network", "k"), [(NAME, 4), (NAME, 6), ("bare", 4), ("bare", 9)])
def test_the_graphs_are_those_of_the_store(client, path, network, k):
    found = asked(client, "network", network=network, k=k)
    db = geoflow.open(path)
    assert [one["layer"] for one in found.facts["layers"]] == [0, 1, 2, 3]
    for layer in range(4):
        rows = db.query(
            "from edges_of(layer_of($name, $layer), $k)", name=network, layer=layer, k=k
        )
        pairs = {tuple(sorted(one)) for one in rows.select("source", "target").rows()}
        assert set(map(tuple, found.arrays[f"edges {layer}"].tolist())) == pairs
        ends = rows["source"].to_list() + rows["target"].to_list()
        assert found.arrays[f"degree {layer}"].tolist() == np.bincount(ends, minlength=50).tolist()


def test_classes_are_numbered_by_their_names(client):
    found = asked(client, "network", network=NAME, k=4)
    labels = np.arange(50) % 3 + 5
    names = np.array(found.facts["classes"])
    assert names[found.arrays["label"]].tolist() == [str(one) for one in labels]
    assert names[found.arrays["predicted"]].tolist() == [str(one) for one in labels[::-1]]


def test_a_rotated_layer_stays(client):
    where = asked(client, "network", network=NAME, k=6).arrays["positions"]
    assert where.shape == (4, 50, 2)
    assert (where[2] == where[3]).all() and (where[1] != where[2]).any()
    assert (
        asked(client, "network", network=NAME, k=6, dimensions=3).arrays["positions"].shape[2] == 3
    )


def test_principal_components_are_those_of_the_table(client, path):
    found = asked(client, "network", network=NAME, k=6, layout="pca", dimensions=3)
    rows = geoflow.open(path).query(
        "select x, y, z from positions where layer_id = layer_of($name, 2) order by point",
        name=NAME,
    )
    assert found.arrays["positions"][2].tolist() == rows.to_numpy().tolist()


def test_curvatures_and_scores_are_those_of_the_views(client, path):
    db = geoflow.open(path)
    facts = asked(client, "network", network=NAME, k=6).facts
    assert facts["curvatures"] == ["forman", "augmented_forman"]
    found = asked(client, "edges", network=NAME, k=6, kind="augmented_forman")
    rows = db.query(
        "from curvature_of(layer_of($name, 2), 6, kind := 'augmented_forman') order by all",
        name=NAME,
    )
    assert found.arrays["values 2"].tolist() == rows["value"].to_list()
    (score,) = (one for one in facts["scores"] if "local_coefficient forman" in one)
    values = asked(client, "points", network=NAME, score=score).arrays["values"]
    rows = db.query(
        "select point, value from point_scores where network = $name and curvature = 'forman'"
        " and score = 'local_coefficient' and k = 6 order by point",
        name=NAME,
    )
    assert len(rows) > 5
    assert values[rows["point"].to_numpy()].tolist() == pytest.approx(rows["value"].to_list())


def test_what_is_not_as_asked_is_said(client):
    facts = asked(client, "network", network="bare", k=40).facts
    assert facts["k"] == 10
    assert facts["notes"] == [
        "Neighbours are kept up to rank 10: the graph of k = 10 is drawn in place of k = 40."
        " `--detail edges` keeps all."
    ]
    assert facts["curvatures"] == ["forman"]


@pytest.mark.parametrize(
    ("what", "words", "said"),
    [
        ("network", {"network": "bear"}, "unknown network 'bear', did you mean 'bare'"),
        ("network", {"network": "bare", "k": "x"}, "k = x is not a number of neighbours"),
        ("network", {"network": "bare", "k": "0"}, "k = 0 is not a number of neighbours"),
        ("network", {"network": "bare", "convention": "x"}, "unknown convention 'x'"),
        ("network", {"network": "bare", "layout": "spiral"}, "unknown layout 'spiral'"),
        ("network", {"network": "bare", "layout": "pca"}, "no PCA positions of layer 0"),
        ("network", {"network": NAME, "layout": "umap"}, "no UMAP positions"),
        ("edges", {"network": "bare", "kind": "ollivier"}, "unknown curvature 'ollivier'"),
        ("edges", {"network": "bare", "kind": "'; drop table graphs; --"}, "unknown curvature"),
    ],
)
def test_mistakes_are_sentences(client, what, words, said):
    answer = client.get(f"/graph/{what}", query_string=words)
    assert answer.status_code == 200 and said in answer.text  # the console stays clean
    assert answer.mimetype == "text/plain"


def test_routes_only_read_and_leave_the_store_to_others(client, path):
    assert client.get("/graph/else").status_code == 404
    assert client.post("/graph/network", data={"network": "bare"}).status_code == 405
    before = path.read_bytes()
    asked(client, "network", network=NAME, k=5)
    assert path.read_bytes() == before
    rng = np.random.default_rng(1)
    late = {"layer_00": rng.normal(size=(30, 3)), "layer_01": rng.normal(size=(30, 2))}
    ingest(late, path, name="late", k=4, transport=False)
    assert asked(client, "network", network="late").facts["n"] == 30
