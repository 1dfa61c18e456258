"""Views of transport geometry against numpy and scipy; studies and ingestion that fill them."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

import geoflow
from geoflow.errors import DatasetError
from geoflow.ingestion import ingest
from geoflow.specs import DatasetSpec, Recipe, TransportSpec
from geoflow.study import train

QUICK = TransportSpec(radii=(0.3,), n_directions=2, n_points=10)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Plain and residual networks of two weight decays, and one of full-batch gradient descent."""
    store = tmp_path_factory.mktemp("transport") / "g.duckdb"
    circles = DatasetSpec("circles", n_train=40, n_test=30)
    for family in ("plain", "residual"):
        for decay in (0.0, 0.01):
            train(
                circles, "5", store, k=(6,), depth=3, replicas=3, family=family,
                recipe=Recipe(epochs=2, weight_decay=decay), transport=QUICK,
                conventions=("union",), study=f"moved/{family}_{decay:g}",
            )  # fmt: skip
    still = Recipe("sgd", learning_rate=0.05, decay=0.0, epochs=20, batch_size=40)
    train(circles, "5", store, k=(6,), depth=2, recipe=still, transport=QUICK, study="descent")
    return geoflow.open(store)


def test_the_store_holds(db):
    checks = db.check()
    assert checks.filter(pl.col("n_offences") > 0).is_empty()


def test_every_network_has_every_score(db):
    assert db.view("transport_scores").height == 13
    assert db.view("nonlinearity_signature").height == 12 * 3 + 2
    assert db.view("local_complexity").height == (12 * 3 + 2) * 3
    assert set(db.view("local_complexity")["points"]) == {"train", "test", "random"}
    families = db.view("transport_scores").filter(pl.col("study") != "descent")["family"]
    assert families.value_counts().sort("family").rows() == [("plain", 6), ("residual", 6)]


def test_the_speed_of_gradient_descent_is_its_formula(db):
    rows = db.query("from training_speed order by study")
    (row,) = rows.filter(pl.col("study") == "descent").rows(named=True)
    assert row["n_steps"] == 20
    assert row["training_time"] == pytest.approx(1.0)
    limit = row["chord"] ** 2 / (row["first_loss"] - row["last_loss"])
    assert row["time_limit"] == pytest.approx(limit)
    assert row["inefficiency"] == pytest.approx(1 / limit)
    assert row["inefficiency"] > 0.9  # a gradient flow cannot be faster, its steps are small
    assert row["path_ratio"] == pytest.approx(row["path_length"] / row["chord"])
    assert row["path_ratio"] >= 1
    others = rows.filter(pl.col("study") != "descent")
    assert others["inefficiency"].null_count() == 12
    assert set(others["reason"]) == {"not full-batch gradient descent"}


def test_correlations_and_their_p_are_those_of_scipy(db):
    scores = db.view("network_scores").filter(pl.col("study").str.starts_with("moved"))
    wide = scores.pivot(on="score", index="network_id", values="value")
    rows = db.query("from score_correlations where study = 'moved' and correlation is not null")
    assert rows.height > 20
    for row in rows.rows(named=True):
        both = wide.select(row["score"], row["other"]).drop_nulls()
        x, y = both.to_numpy().T
        r = np.corrcoef(x, y)[0, 1]
        assert row["n"] == len(both)
        assert row["correlation"] == pytest.approx(r, abs=1e-9)
        if abs(r) < 1 - 1e-9:
            p = 2 * stats.norm.sf(abs(np.arctanh(r)) * np.sqrt(len(both) - 3))
            assert row["p"] == pytest.approx(p, rel=1e-6)


def test_intervals_are_those_of_student(db):
    scores = db.view("transport_scores").filter(pl.col("study").str.starts_with("moved"))
    rows = db.query("from transport_comparison where study = 'moved'").rows(named=True)
    assert len(rows) == 4
    for row in rows:
        own = scores.filter(
            pl.col("family") == row["family"], pl.col("weight_decay") == row["weight_decay"]
        )["line_shape_score"].to_numpy()
        assert row["n_networks"] == len(own) == 3
        low, high = stats.t.interval(0.95, 2, own.mean(), stats.sem(own))
        assert row["line_shape_score"] == pytest.approx(own.mean())
        assert row["line_shape_low"] == pytest.approx(low, rel=1e-3)
        assert row["line_shape_high"] == pytest.approx(high, rel=1e-3)


def arrays(**more):
    rng = np.random.default_rng(0)
    made = {f"layer_{at:02d}": rng.normal(size=(30, 3)) for at in range(3)}
    return made | {f"pre_{at:02d}": made[f"layer_{at:02d}"] - 0.1 for at in (1, 2)} | more


def test_ingestion_measures_what_arrays_allow_and_says_the_rest(tmp_path):
    whole = ingest(arrays(), tmp_path / "g.duckdb", k=4, name="whole")
    assert [text.split(":")[0] for text in whole.not_measured] == ["local complexity"]
    assert whole.left_out == []
    bare = {name: array for name, array in arrays().items() if name.startswith("layer")}
    less = ingest(bare, tmp_path / "g.duckdb", k=4, name="bare")
    assert [text.split(":")[0] for text in less.not_measured] == [
        "non-linearity signature",
        "local complexity",
    ]
    without = ingest(bare, tmp_path / "g.duckdb", k=4, name="none", transport=None)
    assert without.not_measured == []
    store = geoflow.open(tmp_path / "g.duckdb")
    assert store.view("nonlinearity_signature")["network"].to_list() == ["whole"] * 2
    assert set(store.view("transport_scores")["network"]) == {"whole", "bare"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"pre_01": np.zeros((30, 2))}, r"pre_01 in the arrays has shape \(30, 2\)"),
        ({"pre_02": np.full((30, 3), np.nan)}, "pre_02 in the arrays: .* NaN"),
        ({"layer_03": np.ones((30, 3))}, "hold pre_01, pre_02 but not pre_03"),
    ],
)
def test_wrong_pre_activations_are_refused(tmp_path, more, said):
    with pytest.raises(DatasetError, match=said):
        ingest(arrays(**more), tmp_path / "g.duckdb", k=4)
    assert not (tmp_path / "g.duckdb").exists()
