"""A network stands beside the one that it was before its training."""

from dataclasses import replace

import polars as pl
import pytest

import geoflow
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study.run import run_study

CIRCLES = DatasetSpec("circles", n_train=60, n_test=30)
TRAINED = StudySpec(
    "trained",
    (StudyDataset(CIRCLES, (6, 8), recipe=Recipe(epochs=2)),),
    (architecture("4,4,4,4"), architecture("8,8,8,8")),
    replicas=2,
    snapshots=(0,),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    db = tmp_path_factory.mktemp("twins") / "g.duckdb"
    run_study(TRAINED, db)
    untrained = StudyDataset(CIRCLES, (6, 8), recipe=Recipe(epochs=0))
    run_study(replace(TRAINED, name="untrained", datasets=(untrained,), snapshots=()), db)
    elsewhere = replace(untrained, dataset=replace(CIRCLES, seed=1))
    run_study(replace(TRAINED, name="elsewhere", datasets=(elsewhere,), snapshots=()), db)
    return geoflow.open(db)


def test_a_twin_has_the_same_data_widths_and_seed(store):
    twins = store.query("from untrained_twins where study = 'trained'")
    reported = store.query(
        "from optimal_coefficients where study = 'trained' and exclusion is null"
    )
    assert twins.height == 2 * reported.height > 0
    assert set(twins["twin_study"]) == {"trained", "untrained"}  # its own snapshot is one
    names = store.query("select network_id, width, replica from networks")
    both = twins.join(names, left_on="twin_id", right_on="network_id", suffix="_of_twin")
    assert (both["width"] == both["width_of_twin"]).all()
    assert (both["replica"] == both["replica_of_twin"]).all()


def test_the_snapshot_before_training_and_the_untrained_network_agree(store):
    keys = ["network_id", "convention", "start"]
    twins = store.query("from untrained_twins where study = 'trained'")
    snapshot, other = (twins.filter(twin_study=one) for one in ("trained", "untrained"))
    both = snapshot.join(other, on=keys, suffix="_other")
    assert both["twin_coefficient"].is_not_null().sum() > 0
    gap = (pl.col("twin_coefficient") - pl.col("twin_coefficient_other")).abs()
    assert both.select(gap.max()).item() < 1e-12
    assert both["ricci_coefficient"].equals(both["ricci_coefficient_other"])
    assert not both["ricci_coefficient"].equals(both["twin_coefficient"])
