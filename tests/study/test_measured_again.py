"""A study that asks for more of the networks it has trains them again and measures what lacks."""

import json
from dataclasses import replace

import duckdb
import pytest
from polars.testing import assert_frame_equal
from test_two_callers import meanwhile, run_as_another
from written_stores import natural

import geoflow
from geoflow.errors import StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, TransportSpec, architecture
from geoflow.study import _task as worker
from geoflow.study._cells import cells
from geoflow.study.plan import forecast
from geoflow.study.run import run_study
from geoflow.study.status import study_status

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=60, n_test=30), (4,), 0.3, Recipe(epochs=3))
BASE = StudySpec("grid", (CIRCLES,), (architecture("4,4"), architecture("6,6")), replicas=2)
MORE = {
    "k": replace(BASE, datasets=(replace(CIRCLES, k=(4, 8)),)),
    "conventions": replace(BASE, convention=("directed", "union")),
    "detail": replace(BASE, detail="pairs", store_rank=10),
    "store_rank": replace(BASE, store_rank=20),
    "curvatures": replace(
        BASE, convention=("directed", "union"), curvatures=("ollivier",), alphas=(0.0, 0.5)
    ),
    "snapshots": replace(BASE, snapshots=(0, 2)),
    "transport": replace(BASE, transport=TransportSpec(radii=(0.5,), n_points=9)),
    "everything": replace(
        BASE,
        datasets=(replace(CIRCLES, k=(4, 8)),),
        convention=("directed", "union"),
        detail="edges",
        store_rank=10,
        curvatures=("forman",),
        snapshots=(1,),
        transport=TransportSpec(radii=(0.5, 1.0), n_points=9),
    ),
}


@pytest.fixture
def db(tmp_path):
    (tmp_path / "g").mkdir()
    return tmp_path / "g" / "g.duckdb"


def anew(study, db):
    """The rows of a study in a store of its own."""
    run_study(study, db.parent.parent / "anew.duckdb")
    return natural(db.parent.parent / "anew.duckdb")


def assert_there(study, db):
    assert forecast(list(cells(study)), db, 1).n_there == 4
    assert set(study_status(study, db)["state"]) == {"done"}
    done = run_study(study, db)
    assert (done.n_written, done.n_present, done.failures) == (0, 4, ())


OFTEN = ("transport",)


@pytest.mark.parametrize(
    "what",
    [one if one in OFTEN else pytest.param(one, marks=pytest.mark.slow) for one in MORE],
)
def test_a_store_that_was_added_to_is_that_of_the_whole_study(what, db):
    run_study(BASE, db)
    keys = "select name, network_id from networks where final_id is null order by all"
    before = geoflow.open(db).query(keys)
    assert forecast(list(cells(MORE[what])), db, 1).n_there == 0
    assert set(study_status(MORE[what], db)["state"]) == {"waiting"}
    done = run_study(MORE[what], db)
    assert (done.n_written, done.n_present, done.failures) == (4, 0, ())
    assert natural(db) == anew(MORE[what], db)
    assert_frame_equal(geoflow.open(db).query(keys), before)
    assert geoflow.open(db).check()["n_offences"].sum() == 0
    assert_there(MORE[what], db)
    assert_there(BASE, db)
    assert natural(db) == anew(MORE[what], db)


@pytest.mark.slow
def test_what_was_measured_before_is_measured_again_with_what_is_new(db):
    first = replace(BASE, detail="edges", transport=TransportSpec(radii=(0.5,), n_points=9))
    other = replace(BASE, datasets=(replace(CIRCLES, k=(6,)),), replicas=3, snapshots=(1,))
    run_study(first, db)
    done = run_study(other, db, jobs=2)
    assert (done.n_written, done.n_present, done.failures) == (6, 0, ())
    # detail nodes keeps 10 neighbours, edges as many as the largest k: together 10
    both = replace(first, datasets=(replace(CIRCLES, k=(4, 6)),), replicas=3, snapshots=(1,))
    both = replace(both, store_rank=10)
    expected = anew(both, db)
    assert natural(db) == expected


@pytest.mark.slow
def test_only_replicas_that_lack_something_are_trained_again(db):
    run_study(replace(BASE, replicas=1, snapshots=(1,)), db)
    run_study(BASE, db)
    wanted = replace(BASE, snapshots=(1,))
    done = run_study(wanted, db)
    assert (done.n_written, done.n_present) == (2, 2)
    assert natural(db) == anew(wanted, db)


def test_what_contradicts_is_refused_in_words(db):
    spec = TransportSpec(radii=(0.5,), n_points=9)
    run_study(replace(BASE, transport=spec), db)
    before = natural(db)
    for field in ("n_directions", "seed"):
        other = replace(BASE, transport=replace(spec, **{field: 2}))
        with pytest.raises(StoreError) as caught:
            run_study(other, db)
        message = str(caught.value)
        assert f"with another {field} of transport geometry" in message
        assert message.endswith("name this study differently, or use another --db")
    assert natural(db) == before


@pytest.mark.slow
def test_a_training_that_ends_elsewhere_than_before_replaces_nothing(db):
    run_study(BASE, db)
    with duckdb.connect(str(db)) as connection:
        connection.execute("update networks set test_loss = 9 where name = 'grid/circles-6-6-2-1'")
    before = natural(db)
    done = run_study(MORE["k"], db)
    assert done.n_written == 2
    (failure,) = done.failures
    assert failure.reason.startswith(
        "network 'grid/circles-6-6-2-1', trained again to measure what"
    )
    assert "test_loss" in failure.reason
    assert failure.reason.endswith("name this study differently, or use another --db")
    rows = geoflow.open(db).query("select * from failed_cells")
    assert rows["n_networks"].to_list() == [2]
    assert "refuse_another" in rows["traceback"][0]
    assert study_status(MORE["k"], db)["state"].to_list() == ["done", "failed"]
    after = natural(db)
    kept = [row for row in before["layers"] if " 6-6" in row or "6-6" in row]
    assert set(kept) <= set(after["layers"])
    assert_there(BASE, db)
    assert geoflow.open(db).view("failed_cells").is_empty()


@pytest.mark.slow
def test_two_callers_that_ask_for_more_write_it_once(db):
    run_study(BASE, db)
    with meanwhile(worker, "load", lambda: run_as_another(MORE["k"], db)):
        done = run_study(MORE["k"], db)
    assert (done.n_written, done.n_elsewhere, done.failures) == (0, 4, ())
    assert natural(db) == anew(MORE["k"], db)


def test_the_request_of_a_network_and_of_its_run_are_kept(db):
    run_study(MORE["everything"], db)
    texts = geoflow.open(db).query("select distinct request from networks")["request"].to_list()
    (asked,) = map(json.loads, texts)
    assert (asked["k"], asked["snapshots"], asked["detail"]) == ([4, 8], [1], "edges")
    assert asked["transport"] == {"n_directions": 25, "n_points": 9, "radii": [0.5, 1.0], "seed": 0}
    run = geoflow.open(db).view("runs").row(0, named=True)
    assert run["command"] == "run_study(grid)"
    whole = json.loads(run["request"])
    assert whole["study"]["transport"]["seed"] == 0
    assert whole["study"]["datasets"][0]["recipe"]["epochs"] == 3
