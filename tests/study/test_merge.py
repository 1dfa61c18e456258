"""Stores of several machines become one: the tables of the whole, or nothing at all."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from written_stores import natural

import geoflow
from geoflow.cli import main
from geoflow.errors import SpecError, StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, TransportSpec, architecture
from geoflow.study import merge_studies, run_study
from geoflow.study import run as runner
from geoflow.study._task import Failure

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=60, n_test=30), (4, 8), 0.3, Recipe(epochs=3))
TORI = StudyDataset(DatasetSpec("tori", n_train=60, n_test=30), (4, 8), recipe=Recipe(epochs=3))
GRID = StudySpec(
    "grid", (CIRCLES, TORI), (architecture("4,4,4"), architecture("8,8")), replicas=2,
    convention=("directed", "union"), curvatures=("forman",), snapshots=(1,),
    transport=TransportSpec(n_points=10),
)  # fmt: skip


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The whole study, and two halves that have a cell in common."""
    folder = tmp_path_factory.mktemp("parts")
    run_study(GRID, folder / "whole.duckdb")
    run_study(GRID, folder / "a.duckdb", only=["dataset=circles", "depth=2"])
    run_study(GRID, folder / "b.duckdb", only=["dataset=tori"])
    return folder


def test_halves_make_the_tables_of_the_whole(tmp_path, parts):
    into = tmp_path / "c.duckdb"
    halves = [parts / "b.duckdb", parts / "a.duckdb"]
    done = merge_studies(halves, into)
    assert (done.n_written, done.n_alike, done.studies) == (8, 2, ("grid",))
    expected = natural(parts / "whole.duckdb")
    assert all(expected[name] for name in ("regression_terms", "weight_paths", "point_curvatures"))
    assert natural(into) == expected
    store = geoflow.open(into)
    assert store.check()["n_offences"].sum() == 0
    runs = store.view("runs")
    assert runs["status"].to_list() == ["finished"] * 3
    assert [one.split("(")[0] for one in runs["command"]] == ["merge_studies"] + ["run_study"] * 2
    wrote = store.query("select distinct run_id from networks order by 1")["run_id"].to_list()
    assert wrote == [2, 3]  # those that trained them, not the one that merged
    assert list(tmp_path.iterdir()) == [into]
    again = merge_studies(halves, into)
    assert (again.n_written, again.n_alike) == (0, 10)
    assert natural(into) == expected
    assert run_study(GRID, into).n_present == 8


OTHERWISE = {
    "seed": (replace(GRID, seed=7), r"another seed \(7, not 0\)"),
    "k": (replace(GRID, datasets=(replace(CIRCLES, k=4), TORI)), "something else measured"),
    "points": (
        replace(
            GRID,
            datasets=(replace(CIRCLES, dataset=replace(CIRCLES.dataset, seed=5)), TORI),
        ),
        "another|other test points",
    ),
}


@pytest.mark.parametrize(
    "what", ["k", *(pytest.param(one, marks=pytest.mark.slow) for one in ("seed", "points"))]
)
def test_two_networks_of_one_name_are_refused_and_nothing_is_written(tmp_path, parts, what):
    study, words = OTHERWISE[what]
    other, into = tmp_path / "other.duckdb", tmp_path / "c.duckdb"
    run_study(study, other, only=["dataset=circles,depth=2"])
    with pytest.raises(StoreError, match=rf"network 'grid/circles-8-8-2-0' has in .* {words}"):
        merge_studies([parts / "b.duckdb", parts / "a.duckdb", other], into)
    assert list(tmp_path.iterdir()) == [other]
    run_study(replace(GRID, name="mine"), into, only=["dataset=circles,depth=2"])
    before = natural(into)
    with pytest.raises(StoreError, match="two networks of one name"):
        merge_studies([parts / "a.duckdb", other], into)
    assert natural(into) == before


def test_failed_cells_come_along_unless_another_store_has_them(tmp_path, parts, monkeypatch):
    bad, into = tmp_path / "bad.duckdb", tmp_path / "c.duckdb"
    with monkeypatch.context() as patch:
        patch.setattr(runner, "outcomes", None, raising=False)

        def crew(tasks, advance):
            yield from ((task, Failure("no luck")) for task in tasks)

        patch.setattr(runner, "crew_of", lambda *given: Given(crew))
        run_study(GRID, bad, only=["depth=2"])
    assert geoflow.open(bad).view("failed_cells").height == 2
    merge_studies([bad, parts / "b.duckdb"], into)
    left = geoflow.open(into).view("failed_cells")
    assert left.select("dataset", "depth", "n_networks").rows() == [("circles", 2, 2)]
    merge_studies([parts / "a.duckdb"], into)
    assert geoflow.open(into).view("failed_cells").is_empty()


class Given:
    def __init__(self, one):
        self.one = one

    def __enter__(self):
        return self.one

    def __exit__(self, *_):
        return None


def test_ingested_networks_and_scores_of_ones_own_come_along(tmp_path):
    @geoflow.layer_score("merged_width", formula="d", source="a test", low=0)
    def width(points):
        return points.shape[1]

    rng, stores = np.random.default_rng(0), []
    points = rng.normal(size=(30, 3))
    for name in ("one", "two"):
        arrays = {"layer_00": points, "layer_01": rng.normal(size=(30, 5))}
        stores.append(tmp_path / f"{name}.duckdb")
        geoflow.ingest(arrays, stores[-1], k=4, name=name, scores=["merged_width"])
    merge_studies(stores, tmp_path / "c.duckdb")
    both = geoflow.open(tmp_path / "c.duckdb")
    assert sorted(both.view("networks")["name"]) == ["one", "two"]
    assert sorted(both.view("datasets")["name"]) == ["one", "two"]
    assert both.view("own_scores")["label"].to_list() == ["merged_width"]
    assert both.view("layer_score_values").filter(score="merged_width").height == sum(
        geoflow.open(one).view("layer_score_values").filter(score="merged_width").height
        for one in stores
    )
    assert both.check()["n_offences"].sum() == 0


def test_a_network_with_a_score_of_other_settings_is_another(tmp_path):
    arrays = {"layer_00": np.random.default_rng(0).normal(size=(30, 3))}
    arrays["layer_01"] = arrays["layer_00"] ** 2
    stores = []
    for k in (2, 3):
        geoflow.layer_score("merged_reach", formula="k", source="a test", k=k)(
            lambda points, by=k: by
        )
        stores.append(tmp_path / f"{k}.duckdb")
        geoflow.ingest(arrays, stores[-1], k=4, name="one", scores=[f"merged_reach k={k}"])
    with pytest.raises(StoreError, match=r"network 'one' has in .* something else measured"):
        merge_studies(stores, tmp_path / "c.duckdb")
    assert not (tmp_path / "c.duckdb").exists()


@pytest.mark.slow
def test_what_is_killed_while_it_merges_leaves_nothing(tmp_path, parts):
    code = """
import os, signal, sys
from geoflow.study import merge
original = merge.regression_terms
def killed(networks):
    os.kill(os.getpid(), signal.SIGKILL)
merge.regression_terms = killed
merge.merge_studies(sys.argv[1:-1], sys.argv[-1])
"""
    into = tmp_path / "c.duckdb"
    given = [str(parts / "a.duckdb"), str(parts / "b.duckdb"), str(into)]
    done = subprocess.run([sys.executable, "-c", code, *given], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not into.exists()
    merge_studies([parts / "a.duckdb"], into)
    assert list(tmp_path.iterdir()) == [into]
    before = natural(into)
    done = subprocess.run([sys.executable, "-c", code, *given], check=False)
    assert done.returncode == -signal.SIGKILL
    assert natural(into) == before


def test_what_cannot_be_merged_is_refused_in_words(tmp_path, parts, monkeypatch):
    a, into = parts / "a.duckdb", tmp_path / "c.duckdb"
    with pytest.raises(SpecError, match="nothing to merge"):
        merge_studies([], into)
    with pytest.raises(StoreError, match="no store at"):
        merge_studies([a, tmp_path / "none.duckdb"], into)
    with pytest.raises(StoreError, match="is the store to merge into"):
        merge_studies([a], Path(os.path.relpath(a)))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["study", "merge", str(a), "--into", "c.duckdb"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("6 networks written to c.duckdb, 0 were there alike")
