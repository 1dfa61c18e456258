"""A training that is watched ends where it ends alone, and its epochs are snapshots."""

import re

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import geoflow
from geoflow.errors import GeoflowError, SpecError, StoreError
from geoflow.watching import watch


def data():
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(80, 4, generator=generator)
    return x, (x[:, 0] > 0).long()


def trained(db=None, epochs=3, spoil=None, **options):
    """Train with batch normalisation, dropout and random batches; watched if there is a store."""
    torch.manual_seed(0)
    x, y = data()
    net = nn.Sequential(
        nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.4), nn.Linear(6, 6), nn.ReLU(),
        nn.Linear(6, 2),
    )  # fmt: skip
    steps = torch.optim.Adam(net.parameters(), 1e-2)
    loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
    words = {"db": db, "name": "run", "k": [5], "curvatures": "forman"} | options
    watched = None if db is None else watch(net, DataLoader(TensorDataset(x[:40], y[:40])), **words)
    for epoch in range(1, epochs + 1):
        net.train()
        for points, labels in loader:
            steps.zero_grad()
            nn.functional.cross_entropy(net(points), labels).backward()
            steps.step()
        if spoil == epoch:
            with torch.no_grad():
                held = net[0].weight.clone()
                net[0].weight.fill_(torch.nan)
        if watched is not None:
            watched()
        if spoil == epoch:
            with torch.no_grad():
                net[0].weight.copy_(held)
    if watched is not None:
        watched.end()
    return net


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    db = tmp_path_factory.mktemp("watched") / "g.duckdb"
    return trained(db), geoflow.open(db)


def test_weights_are_the_same_to_the_last_bit_with_and_without(store):
    watched, _ = store
    alone = trained().state_dict()
    assert all(torch.equal(alone[name], one) for name, one in watched.state_dict().items())
    assert len(alone) == 11


def test_epochs_are_snapshots_of_the_network_that_is_left(store):
    _, db = store
    rows = db.query(
        "select n.name, n.epochs, f.name as final, n.status from networks as n left join networks"
        " as f on n.final_id = f.network_id order by n.epochs"
    ).rows()
    ones = [(f"run@{at}", at, "run", "ingested") for at in range(3)]
    assert rows == [*ones, ("run", 3, None, "ingested")]
    assert db.query("select status from runs").rows() == [("finished",)]
    assert db.check()["n_offences"].sum() == 0
    assert db.query("select count(*) from captures").item() == 4
    assert db.query("select count(distinct weights) from captures").item() == 4


@pytest.mark.parametrize(
    "view", ["training_coefficients", "local_training_coefficients", "training_scores"]
)
def test_views_of_training_work(store, view):
    _, db = store
    rows = db.view(view)
    assert set(rows["network"]) == {"run"} or view == "training_scores"
    assert set(rows["epoch"]) == set(range(4))


def test_the_last_epoch_is_what_a_capture_of_the_end_gives(store, tmp_path):
    net, db = store
    x, y = data()
    again = tmp_path / "g.duckdb"
    words = {"k": [5], "curvatures": "forman", "batch_size": 1}
    geoflow.capture(net, x[:40], y[:40], db=again, name="run", **words)
    sql = (
        "select layer, k, n_edges, total_forman, total_geodesic from graphs join layers using"
        " (layer_id) join networks using (network_id) where name = 'run' order by all"
    )
    assert db.query(sql).equals(geoflow.open(again).query(sql))


def test_only_every_nth_epoch_and_the_last_are_measured(tmp_path):
    trained(tmp_path / "g.duckdb", epochs=3, every=2)
    names = geoflow.open(tmp_path / "g.duckdb").query("select name from networks order by epochs")
    assert names["name"].to_list() == ["run@0", "run@2", "run"]


def test_what_cannot_be_measured_on_the_way_is_a_failed_snapshot_and_training_goes_on(tmp_path):
    db = tmp_path / "g.duckdb"
    trained(db, epochs=3, spoil=2)
    rows = geoflow.open(db).query("select name, status, reason from networks order by epochs")
    assert rows["name"].to_list() == ["run@0", "run@1", "run@2", "run"]
    assert rows["status"].to_list() == ["ingested", "ingested", "failed", "ingested"]
    assert "layer '2' holds NaN" in rows["reason"][2]
    assert geoflow.open(db).check()["n_offences"].sum() == 0


def test_a_store_is_whole_after_every_epoch(tmp_path):
    x, y = data()
    net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))
    watched = watch(net, x, y, db=tmp_path / "g.duckdb", name="run", k=5)
    for epoch in range(1, 3):
        with torch.no_grad():
            net[0].weight.mul_(1.1)
        watched()
        db = geoflow.open(tmp_path / "g.duckdb")
        assert db.check()["n_offences"].sum() == 0
        rows = db.query("select name, epochs from networks order by epochs").rows()
        assert rows[-1] == ("run", epoch)
        assert len(rows) == epoch + 1


def test_what_cannot_begin_is_refused(tmp_path):
    x, y = data()
    net, db = nn.Sequential(nn.Linear(4, 5), nn.Tanh()), tmp_path / "g.duckdb"
    with pytest.raises(GeoflowError, match="match nothing"):
        watch(net, x, y, db=db, name="run", k=5, layers="no.such")
    with pytest.raises(SpecError, match="every must be an integer of at least 1"):
        watch(net, x, y, db=db, name="run", k=5, every=0)
    for word, near in (("ks", "k"), ("memmory", "memory"), ("pol", "pool"), ("layer", "layers")):
        said = f"unknown option '{word}', did you mean '{near}'"
        with pytest.raises(SpecError, match=said):
            watch(net, x, y, db=db, name="run", **{word: 5})
        with pytest.raises(SpecError, match=said):
            geoflow.capture(net, x, y, db=db, name="run", **{word: 5})
    for call in (watch, geoflow.capture):
        with pytest.raises(StoreError, match="db is None: give the path of the store"):
            call(net, x, y, db=None, name="run")
    assert not db.exists()
    watched = watch(net, x, y, db=db, name="run", k=5)
    with pytest.raises(SpecError, match="epoch must be an integer of at least 1"):
        watched(0)
    with pytest.raises(GeoflowError, match="network 'run' is already in"):
        watch(net, x, y, db=db, name="run", k=5)


def test_no_other_network_has_the_name_of_a_snapshot(tmp_path, monkeypatch):
    x, y = data()
    net, db = nn.Sequential(nn.Linear(4, 5), nn.Tanh()), tmp_path / "g.duckdb"
    with pytest.raises(SpecError, match="name 'run@1' ends as those of snapshots do: give another"):
        geoflow.capture(net, x, y, db=db, name="run@1", k=5)
    assert not db.exists()
    monkeypatch.setattr("geoflow.ingestion.OF_SNAPSHOT", re.compile("$^"))  # as it was before
    geoflow.capture(net, x[:30], y[:30], db=db, name="run@1", k=7)
    with pytest.raises(StoreError, match=r"run@1 in .* would be snapshots of 'run'"):
        watch(net, x, y, db=db, name="run", k=5)
    assert geoflow.open(db).check()["n_offences"].sum() == 0
    watch(net, x, y, db=db, name="ru", k=5)
