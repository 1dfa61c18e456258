"""Every value a user can write is checked when it is given: one line that names it, at once."""

import math
import time

import numpy as np
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.errors import SpecError
from geoflow.specs import (
    Architecture,
    DatasetSpec,
    GeometrySpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
)
from geoflow.specs.studyfile import study_specs
from geoflow.specs.values import brief
from geoflow.study.run import run_study

CIRCLES = '[[datasets]]\nname = "circles"\nk = [5]\n'
STUDY = f"widths = ['narrow']\ndepths = [3]\n[recipe]\nepochs = 2\n{CIRCLES}"

FLOAT32 = r"must be a number above 0 that float32 holds \(1.2e-38 to 3.4e\+38\), not"

FILES = {
    "infinite rows": ("", "[recipe]", "[recipe]\nvalidation_rows = inf", "of at least 0 .*not inf"),
    "half a row": ("", "[recipe]", "[recipe]\nvalidation_rows = 20.5", "a share below 1 or an int"),
    "number as a name": ("", '"circles"', "5", "name of a data set must be text .*, not 5"),
    "no name": ("", 'name = "circles"', "", "name of a data set must be text .*, not None"),
    "empty name": ("", '"circles"', '""', "must be text of 1 to 200 characters, not ''"),
    "endless name": ("", '"circles"', f'"{"a" * 300}"', "text of 1 to 200 characters, not 'aaa"),
    "n_test": ("", "k = [5]", "k = [5]\nn_test = 1_000_000_000_000",
               r"n_test must be an integer from 1 to 2147483647, not 1000000000000 .*'circles'"),
    "n_train": ("", "k = [5]", "k = [5]\nn_train = 1.5", "n_train must be an integer .*not 1.5"),
    "seed": ("seed = 9223372036854775808", "", "", "seed must be an integer from 0 to 9223372036"),
    "last seed": ("seed = 9223372036854775807\nreplicas = 2", "", "", "seed . replicas - 1 must"),
    "data seed": ("", "k = [5]", "k = [5]\nseed = 1e3", "seed must be an integer .*not 1000.0"),
    "brackets": (f"x = {'[' * 5000}", "", "", "nested too deep"),
    "headers": (f"[x{'.x' * 5000}]\n[variants.a.x{'.x' * 5000}]", STUDY, "", "nested too deep"),
    "digits": (f"seed = {'9' * 5000}", "", "", "a number has thousands of digits"),
    "depth": ("", "[3]", "[10_000_000_000]", "depths must be an integer from 1 to 10000, not 1000"),
    "true depth": ("", "[3]", "[true]", "depths must be an integer of at least 1, not True"),
    "replicas": ("replicas = 1e9", "", "", "replicas must be an integer of at least 1, not 1000"),
    "width": ("", "['narrow']", "['9999999999']", "a width must be an integer from 1 to 2147483"),
    "digits of width": ("", "['narrow']", f"['{'1' * 5000}']", r"unknown width '1+\.\.\.'"),
    "other digits": ("", "['narrow']", "['٢٥']", "unknown width '٢٥'"),
    "width alone": ("", "['narrow']", "25", "widths must be a list, not 25"),
    "widths of numbers": ("", "['narrow']", "[25]", "width must be narrow, wide, .*, not 25"),
    "true in widths": ("", "['narrow']", "[[5, true, 5]]", "a width must be .*, not True"),
    "cells": ("", "['narrow']\ndepths = [3]", f"{['5'] * 101}\ndepths = {list(range(1, 101))}",
              "10100 cells, more than 10000"),
    "batch": ("", "[recipe]", "[recipe]\nbatch_size = 9e18", "batch_size must be an int.*9e.18"),
    "whole batch": ("", "[recipe]", "[recipe]\nbatch_size = 9_000_000_000_000_000_000",
                    "batch_size must be an integer from 1 to 2147483647"),
    "epochs": ("", "epochs = 2", "epochs = 2147483648", "epochs must be an integer from 0 to 2147"),
    "threshold": ("", "k = [5]", "k = [5]\nthreshold = nan", "at least 0 and at most 1, not nan"),
    "percent": ("", "k = [5]", "k = [5]\nthreshold = 95", "at least 0 and at most 1, not 95"),
    "true threshold": ("", "k = [5]", "k = [5]\nthreshold = true", "threshold must .*, not True"),
    "rate": ("", "[recipe]", "[recipe]\nlearning_rate = inf", f"learning_rate {FLOAT32} inf"),
    "rate of 64 bits": ("", "[recipe]", "[recipe]\nlearning_rate = 1e300", f"{FLOAT32} 1e.300"),
    "tiny rate": ("", "[recipe]", "[recipe]\nlearning_rate = 1e-60", f"{FLOAT32} 1e-60"),
    "text as a rate": ("", "[recipe]", '[recipe]\nlearning_rate = "1e-3"', f"{FLOAT32} '1e-3'"),
    "epsilon": ("", "[recipe]", "[recipe]\nepsilon = nan", f"epsilon {FLOAT32} nan"),
    "weight decay": ("", "[recipe]", "[recipe]\nweight_decay = inf", "weight_decay must be .*inf"),
    "decay": ("", "[recipe]", "[recipe]\ndecay = 0.99999999999", "below 1, not 0.99999999999"),
    "labels": ("", "[recipe]", "[recipe]\nshuffled_labels = 1", "must be true or false, not 1"),
    "optimizer": ("", "[recipe]", "[recipe]\noptimizer = ['adam']", "optimizer must be one of"),
    "true k": ("", "[5]", "[true]", "k must be an integer of at least 1, not True"),
    "k": ("", "[5]", "[2.5]", "k must be an integer of at least 1, not 2.5 .data set 'circ"),
    "k of nothing": ("", "[5]", "0", "k must be an integer of at least 1, not 0"),
    "long k": ("", "[5]", "[99999999999]", "k must be an integer from 1 to 2147483647"),
    "rank": ("store_rank = 10_000_000_000", "", "", "store_rank must be an integer from 1 to"),
    "sources": ("n_sources = true", "", "", "n_sources must be an integer of .*, not True"),
    "convention": ("conventions = [1]", "", "", "convention must be one of directed, union, mut"),
    "detail": ("detail = []", "", "", r"detail must be one of .*, not \[\]"),
    "alphas": ("alphas = [nan]", "", "", "alpha must be a number of at least 0 and below 1, not n"),
    "snapshots": ("snapshots = ['0']", "", "", "an epoch of snapshots must be .*, not '0'"),
    "points": ("transport = {n_points = 100_000_000_000}", "", "", "n_points must be an integer"),
    "radius": ("transport = {radii = [1e39]}", "", "", f"radius {FLOAT32} 1e.39"),
    "radii": ("transport = {radii = [1, 1.0]}", "", "", "give each once"),
    "family": ("family = 3", "", "", "family must be one of plain, residual"),
    "order": ("family = 'fractional'\nmemory_order = inf", "", "", "memory_order must be .*inf"),
    "option": ("", "k = [5]", "k = [5]\noptions = {noise = inf}", "option noise must be .*not inf"),
    "list of options": ("", "k = [5]", "k = [5]\noptions = [1]", "options must be a table .*1"),
    "list as an option": ("", "k = [5]", "k = [5]\noptions = {noise = [1]}", "option noise must"),
    "scale": ("", "k = [5]", "k = [5]\nscale = 3", "scale must be text"),
    "recipe": ("", "[recipe]\nepochs = 2", "recipe = 5", "recipe must be a table .*, not 5"),
    "datasets": ("datasets = 'circles'", STUDY, "", "datasets must be a table .*, not 'circles'"),
    "only": ("only_datasets = [1]", "", "", "only_datasets must be text .*, not 1"),
    "all": ("all_datasets = 1", "", "", "all_datasets must be a table"),
    "many layers": ("", "[3]", str(list(range(1, 9000))),
                    r"the grid has 40495500 layers, more than 100000: make several studies"),
    "deep key": ("a" + ".a" * 40_000 + " = 1", "", "", "nested too deep: a line has more than"),
    "variants": ("variants = [1]", "", "", "variants must be a table"),
    "variant": ("variants = {a = 1}", "", "", "a must be a table"),
    "variant without a name": ('[variants.""]', STUDY, "", "a name in variants must be text"),
    "title": ("title = 5", "", "", "title must be text"),
    "base": ("base = 5", "", "", "base must be text"),
    "own base": ("base = 'mine'", "", "", "unknown base 'mine'"),
}  # fmt: skip


@pytest.fixture
def written(tmp_path):
    def write(before, old="", new=""):
        content = STUDY.replace(old, new) if old else STUDY
        path = tmp_path / "mine.toml"
        path.write_text(f"{before}\n{content}", "utf-8")
        return str(path)

    return write


def refusal(*words):
    """Return the line that a command ends in, and its status; it must come at once."""
    started = time.process_time()
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert time.process_time() - started < 1
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    *usage, line = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert all("Usage" in one or "Try" in one or not one for one in usage)
    assert len(line) < 500
    return line, result.exit_code


@pytest.mark.parametrize("name", FILES)
def test_a_value_of_a_study_file_is_refused(written, tmp_path, name):
    *change, said = FILES[name]
    path = written(*change)
    with pytest.raises(SpecError, match=said):
        study_specs(path)
    db = tmp_path / "none.duckdb"
    line, status = refusal("study", "run", path, "--db", db)
    assert status == 1
    assert "mine.toml: " in line
    assert not db.exists()


def test_the_file_that_is_changed_is_a_study(written):
    assert study_specs(written(""))[0].n_networks == 1


def test_files_that_are_no_study_are_refused(tmp_path):
    path = tmp_path / "mine.toml"
    with path.open("wb") as file:
        file.truncate(10**9)
    assert (
        "it has more than 100,000 bytes: no study file is that long"
        in refusal("study", "run", path)[0]
    )
    path.write_bytes(bytes(range(256)))
    assert "not valid TOML: it is not UTF-8 text" in refusal("study", "run", path)[0]
    assert "File name too long" in refusal("study", "run", f"{'a' * 300}.toml")[0]


TRAIN = ("train", "circles", "--depth", "3", "--k", "5")
INGEST = ("ingest", "mine.npz", "--k", "5")
QUICK = ("study", "run", "quickstart")
WORDS = [
    ((*QUICK, "--jobs", "0"), 2, "'--jobs': 0 is not in the range x>=1"),
    ((*QUICK, "--jobs", "-1"), 2, "'--jobs': -1 is not in the range x>=1"),
    ((*QUICK, "--only", ""), 1, "--only : write for instance"),
    ((*QUICK, "--snapshots", "-1"), 1, "an epoch of snapshots must be an integer of at least 0"),
    ((*QUICK, "--snapshots", ""), 2, "'--snapshots': it is empty"),
    ((*QUICK, "--curvature", "ollivier", "--alpha", "nan"), 1, "alpha must be a number of at"),
    ((*TRAIN, "--study", ""), 2, "'--study': it must be text of 1 to 200 characters, not ''"),
    ((*TRAIN, "--study", "a" * 300), 2, "'--study': it must be text of 1 to 200 characters"),
    ((*INGEST, "--name", ""), 2, "'--name': it must be text of 1 to 200 characters, not ''"),
    ((*INGEST, "--dataset", ""), 2, "'--dataset': it must be text of 1 to 200 characters"),
    ((*INGEST, "--k", ""), 2, "'--k': it is empty"),
    (("ingest", "mine.npz", "--k", "9" * 5000), 2, "'--k': it must be an integer of at most 30"),
    ((*TRAIN, "--k", "0"), 1, "k must be an integer of at least 1, not 0"),
    ((*TRAIN, "--k", "٥"), 2, "'--k': it must be an integer, not '٥'"),
    ((*TRAIN, "--k", "99999999999"), 1, "k must be an integer from 1 to 2147483647"),
    ((*TRAIN, "--depth", "10000000000"), 1, "depth must be an integer from 1 to 10000, not 1000"),
    ((*TRAIN, "--width", "5,x"), 1, "unknown width '5,x'"),
    ((*TRAIN, "--seed", str(2**63)), 1, "seed must be an integer from 0 to 9223372036854775807"),
    ((*TRAIN, "--seed", "9" * 5000), 2, "'--seed': it must be an integer of at most 30 digits"),
    ((*TRAIN, "--data-seed", "-1"), 1, "seed must be an integer of at least 0, not -1 (data set"),
    ((*TRAIN, "--epochs", "1e3"), 2, "'--epochs': it must be an integer, not '1e3'"),
    ((*TRAIN, "--epochs", str(2**31)), 1, "epochs must be an integer from 0 to 2147483647"),
    ((*TRAIN, "--batch-size", "0"), 1, "batch_size must be an integer of at least 1, not 0"),
    ((*TRAIN, "--learning-rate", "inf"), 1, "learning_rate must be a number above 0"),
    ((*TRAIN, "--learning-rate", "١"), 2, "'--learning-rate': it must be a number, not '١'"),
    ((*TRAIN, "--decay", "nan"), 1, "decay must be a number of at least 0 and below 1, not nan"),
    ((*TRAIN, "--weight-decay", "inf"), 1, "weight_decay must be a number of at least 0"),
    ((*TRAIN, "--validation-rows", "inf"), 1, "validation_rows must be a number of at least 0"),
    ((*TRAIN, "--threshold", "nan"), 1, "threshold must be a number of at least 0 and at most 1"),
    ((*TRAIN, "--memory-order", "0"), 1, "memory_order must be a number above 0 and at most 1"),
    ((*TRAIN, "--n-test", "0"), 1, "n_test must be an integer of at least 1, not 0 (data set"),
    ((*TRAIN, "--n-train", "3"), 1, "n_train of data set 'circles' is 3, fewer than 2 for each"),
    ((*TRAIN, "--option", "noise=nan"), 1, "option noise must be a number that is finite, not n"),
    ((*TRAIN, "--option", "noise=1e9"), 1, "noise of data set 'circles' must be a number of at"),
    ((*TRAIN, "--option", "noise=1", "--option", "noise=2"), 2, "--option noise is given twice"),
    ((*TRAIN, "--store-rank", "0"), 1, "store_rank must be an integer of at least 1, not 0"),
    ((*TRAIN, "--sources", "0"), 1, "n_sources must be an integer of at least 1, not 0"),
    ((*TRAIN, "--replicas", "0"), 1, "replicas must be an integer of at least 1, not 0"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "status", "said"), WORDS)
def test_a_value_on_the_command_line_is_refused(tmp_path, monkeypatch, words, status, said):
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", layer_00=np.eye(9), layer_01=np.eye(9))
    line, found = refusal(*words, "--db", "none.duckdb")
    assert (found, said in line) == (status, True), line
    assert not (tmp_path / "none.duckdb").exists()


ONE = StudyDataset(DatasetSpec("circles"), (5,))
OBJECTS = {
    "numbers of a kind": (lambda: DatasetSpec("a", n_test=np.float64(5)), "n_test must be"),
    "bytes": (lambda: DatasetSpec(b"circles"), "name must be text"),
    "half a pair": (lambda: DatasetSpec("\ud800"), "name must be UTF-8 text"),
    "options": (lambda: DatasetSpec("a", options={1: 2}), "a name in options must be text"),
    "a bool of numpy": (lambda: Recipe(epochs=np.True_), "epochs must be an integer"),
    "a huge number": (lambda: Recipe(learning_rate=10**400), "not an integer of about 401 digits"),
    "an array": (lambda: Recipe(epsilon=np.ones(3)), "epsilon must be a number"),
    "endless k": (lambda: GeometrySpec(k=range(10**12)), "k has more than 10000 values"),
    "a dict of k": (lambda: GeometrySpec(k={5: 1}), "k must be an integer"),
    "a dict": (lambda: TransportSpec(radii={"a": 1}), "radius must be"),
    "a name": (lambda: StudySpec("", (ONE,), (architecture("5"),), 1), "name must be text"),
    "what is no architecture": (lambda: StudySpec("a", (ONE,), ("5",), 1), "be a Architecture"),
    "what is no data set": (lambda: StudySpec("a", (5,), (), 1), "must be a StudyDataset, not 5"),
    "no spec": (lambda: StudyDataset("circles", (5,)), "dataset must be a DatasetSpec"),
    "no widths": (lambda: Architecture("5", ()), "widths has no values: give at least one"),
    "an activation": (lambda: Architecture("5", (5,), activation="tanh"), "unknown activation"),
    "nothing": (lambda: architecture(None), "width must be narrow, wide, bottleneck or a list"),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_value_in_python_is_refused(name):
    make, said = OBJECTS[name]
    with pytest.raises(SpecError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_numbers_of_numpy_become_pythons_own():
    spec = GeometrySpec(k=np.array([5, 10]), alphas=[np.float32(0.5)], seed=np.int64(3))
    assert (spec.k, spec.alphas, spec.seed) == ((5, 10), (0.5,), 3)
    assert {type(one) for one in (*spec.k, spec.seed)} == {int}
    assert type(spec.alphas[0]) is float


def test_the_last_of_each_range_is_taken():
    recipe = Recipe(learning_rate=3.4e38, epsilon=1.2e-38, epochs=2**31 - 1, batch_size=2**31 - 1)
    one = StudyDataset(DatasetSpec("circles", seed=2**63 - 1), (2**31 - 1,), 1.0, recipe)
    study = StudySpec("a" * 200, (one,), (architecture("5", 10_000),), 1, seed=2**63 - 1)
    assert study.n_networks == 1
    assert Recipe(validation_rows=1.0, weight_decay=0).validation_rows == 1


def test_values_are_shown_short():
    assert brief(math.nan) == "nan"
    assert brief([[[[[1]]]]]) == "[[[[...]]]]" or len(brief([[[[[1]]]]])) < 20
    assert len(brief("a" * 10**6)) < 80
    assert "\n" not in brief(np.zeros((9, 9)))
    assert brief("a\x1b[31m\n") == r"'a\x1b[31m\n'"


def test_the_last_seed_draws_trains_and_is_stored(tmp_path):
    last = 2**63 - 1
    data = DatasetSpec("digits_3v8", seed=last)
    one = StudyDataset(data, (5,), recipe=Recipe(epochs=1, shuffled_labels=True))
    transport = TransportSpec(n_points=3, seed=last)
    for changes in ({"curvatures": ("forman",)}, {"n_sources": 9}):
        study = StudySpec(
            next(iter(changes)), (one,), (architecture("4,4"),), 1, seed=last,
            convention=("union",), transport=transport, **changes,
        )  # fmt: skip
        assert run_study(study, tmp_path / "a.duckdb").failures == ()
    seeds = geoflow.open(tmp_path / "a.duckdb").query("select distinct seed from networks")
    assert seeds["seed"].to_list() == [last]
