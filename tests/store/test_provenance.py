"""What was asked is kept: in words, as it was typed; points have one fingerprint."""

import json
import logging

import numpy as np
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.datasets import load
from geoflow.specs import DatasetSpec
from geoflow.specs.points import points_fingerprint
from geoflow.store import query
from geoflow.study import train

CIRCLES = DatasetSpec("circles", n_train=40, n_test=30)
TRAIN = ["train", "circles", "--width", "4,4", "--n-train", "40", "--n-test", "30", "--epochs", "1"]


def ran(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


def test_a_command_is_kept_as_it_was_typed_with_all_that_was_asked(tmp_path):
    db = tmp_path / "my store.duckdb"
    ran(*TRAIN, "--k", "4", "--db", db)
    data = load(CIRCLES)
    arrays = {"layer_00": data.x_test, "layer_01": data.x_test}
    np.savez(tmp_path / "two words.npz", **arrays)
    ran("ingest", tmp_path / "two words.npz", "--k", "4", "--name", "two", "--db", db)
    geoflow.ingest(arrays, db, k=4, name="three")
    train(CIRCLES, "3", db, k=(4,), study="other")
    rows = query(db, "select command, request from runs order by run_id")
    assert rows["command"].to_list() == [
        f"geoflow {' '.join(TRAIN)} --k 4 --db '{db}'",
        f"geoflow ingest '{tmp_path}/two words.npz' --k 4 --name two --db '{db}'",
        "ingest(the arrays, name=three)",
        "train(circles, 3)",
    ]
    first, second, *_ = map(json.loads, rows["request"])
    assert first["study"]["datasets"][0]["dataset"]["n_test"] == 30
    assert first["study"]["datasets"][0]["recipe"]["epochs"] == 1
    assert second["geometry"]["k"] == [4]
    assert second["transport"]["seed"] == 0
    assert query(db, "from networks where request is null").is_empty()


@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
def test_the_same_points_share_their_input_layer_whoever_brings_them(dtype, tmp_path):
    db, data = tmp_path / "g.duckdb", load(CIRCLES)
    train(CIRCLES, "4,4", db, k=(4,), detail="edges")
    points = data.x_test.astype(dtype)
    labels = data.y_test.astype(np.int32)
    arrays = {"layer_00": points, "layer_01": points[:, :1], "labels": labels}
    geoflow.ingest(arrays, db, k=4, name="mine", dataset="circles")
    assert query(db, "from datasets").height == 1
    assert query(db, "from layers where layer = 0").height == 1
    assert query(db, "select count(distinct dataset_id) from networks").item() == 1
    arrays["layer_00"] = points + 1
    geoflow.ingest(arrays, db, k=4, name="else", dataset="circles")
    assert query(db, "from layers where layer = 0").height == 2


def test_a_fingerprint_tells_values_shape_and_labels_apart_and_no_type():
    points = np.arange(6.0).reshape(3, 2)
    labels = np.array([0, 1, 1])
    one = points_fingerprint(points, labels)
    assert one == points_fingerprint(points.astype(np.float32), labels.astype(np.int8))
    assert one == points_fingerprint(np.asfortranarray(points), labels)
    others = [
        (points.reshape(2, 3), labels),
        (points + 1e-9, labels),
        (points, 1 - labels),
        (points, None),
    ]
    assert len({one, *(points_fingerprint(*other) for other in others)}) == 5


@pytest.fixture
def failing(monkeypatch):
    monkeypatch.setattr("geoflow.study._task.load", lambda *_: 1 / 0)


def test_a_cell_that_fails_keeps_its_traceback_and_tells_the_log(failing, tmp_path, caplog):
    db = tmp_path / "g.duckdb"
    with caplog.at_level(logging.INFO, "geoflow"):
        (failure,) = train(CIRCLES, "4,4", db, k=(4,)).failures
    assert failure.reason == "ZeroDivisionError: division by zero"
    (row,) = query(db, "select reason, traceback from failed_cells").rows()
    assert row == (failure.reason, failure.traceback)
    assert "in attempt" in failure.traceback
    assert failure.traceback.endswith("ZeroDivisionError: division by zero\n")
    (said,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert said.startswith("train/circles-4-4-2-0 failed: ZeroDivisionError")
    assert "in attempt" in said


@pytest.mark.parametrize("debug", [True, False])
def test_debug_tells_the_log_to_standard_error(debug, failing, tmp_path):
    words = ["--debug"] * debug + [*TRAIN, "--k", "4", "--db", str(tmp_path / "g.duckdb")]
    done = ran(*words, code=1)
    assert ("ERROR train/circles-4-4-2-0 failed: ZeroDivisionError" in done.stderr) == debug
    assert ("in attempt" in done.stderr) == debug
    assert done.stdout == ""
    assert logging.getLogger("geoflow").level == logging.NOTSET
    assert len(logging.getLogger("geoflow").handlers) == 1


def test_words_that_are_no_utf_8_are_kept_so_that_they_can_be_read(tmp_path):
    db = tmp_path / "g.duckdb"
    ran(*TRAIN, "--k", "4", "--data-dir", "caf\udce9", "--db", db)
    command = query(db, "select command from runs").item()
    assert "--data-dir 'caf\\udce9' --db" in command
