"""Every command and code block of the README runs; the two set-up lines are run by .ci/run."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest

import geoflow
from geoflow.cli import main
from geoflow.specs import DatasetSpec, Recipe, TransportSpec
from geoflow.specs.studyfile import study_spec
from geoflow.store.sqlfiles import relations
from geoflow.study import run_study, train

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the quickstart store, its networks trained for less long."""
    here = tmp_path_factory.mktemp("readme")
    quick = study_spec("quickstart")
    datasets = tuple(
        replace(one, threshold=None, recipe=replace(one.recipe, epochs=3)) for one in quick.datasets
    )
    store = here / "geoflow.duckdb"
    run_study(replace(quick, datasets=datasets, replicas=2), store)
    points = study_spec("quickstart_local")
    local = tuple(
        replace(one, threshold=None, recipe=replace(one.recipe, epochs=2))
        for one in points.datasets
    )
    kinds = ("augmented_forman",)
    run_study(replace(points, datasets=local, replicas=1, curvatures=kinds, snapshots=()), store)
    circles = DatasetSpec("circles", n_train=60, n_test=50)
    short = Recipe(epochs=1)
    moved = TransportSpec(n_points=20)
    train(circles, "6,6,6", store, k=8, replicas=4, recipe=short, transport=moved)
    return here


def run(command: list[str], folder: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GEOFLOW_")}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_there_are_exactly_two_set_up_lines_and_ci_runs_them():
    lines = [line for block in blocks("setup") for line in block.splitlines()]
    assert len(lines) == 2
    assert "geoflow study run quickstart" in lines[0]
    assert "pytest" in lines[1]
    assert "^```setup$" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_python_and_shell_blocks_run_in_their_order(folder):
    parts = re.findall(r"^```(python|bash)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(parts) >= 6
    for kind, code in parts:
        shell = ["bash", "-euo", "pipefail", "-c", code]
        python = [sys.executable, "-W", "error", "-c", code]
        run(shell if kind == "bash" else python, folder)
    names = geoflow.open(folder / "geoflow.duckdb").networks()["network"].to_list()
    assert "mine" in names
    assert {path.name for path in (folder / "tables").iterdir()} == {
        "ricci_coefficients.csv",
        "flow_steps.csv",
    }


@pytest.mark.parametrize("sql", blocks("sql"))
def test_sql_blocks_have_answers(folder, sql):
    assert geoflow.open(folder / "geoflow.duckdb").query(sql).height > 0


def test_there_are_twelve_questions():
    assert len(blocks("sql")) == 12


def test_the_study_of_your_own_runs(folder):
    (content,) = blocks("toml")
    (folder / "mine.toml").write_text(content, "utf-8")
    (command,) = re.findall(r"# mine.toml: (geoflow .*)", content)
    assert "inner_discs" in run(["bash", "-c", command], folder)


def test_mnist_block_runs_on_the_real_files(folder):
    data = os.environ.get("GEOFLOW_DATA")
    if not data or not (Path(data) / "mnist").is_dir():
        pytest.skip("GEOFLOW_DATA does not name a folder with mnist/")
    (folder / "data").mkdir()
    (folder / "data" / "mnist").symlink_to((Path(data) / "mnist").resolve())
    (code,) = blocks("bash mnist")
    assert "train-images" in run(["bash", "-euo", "pipefail", "-c", code], folder)


def test_the_table_of_commands_is_complete():
    listed = set(re.findall(r"^\| `geoflow ([a-z]+)", README, re.MULTILINE))
    assert listed == set(main.commands)
    assert isinstance(main.commands["study"], click.Group)
    for group in ("study", "datasets"):
        for name in main.commands[group].commands:
            assert f"`geoflow {group} {name}" in README


def test_the_table_of_views_is_complete():
    listed = set(re.findall(r"^\| `([a-z_0-9]+)` \| .* \|$", README, re.MULTILINE))
    assert {file.name for file in relations() if file.folder in ("marts", "reports")} <= listed


def test_every_table_and_macro_is_named():
    for file in relations():
        if file.folder == "tables" and file.name != "store_info":
            assert f"`{file.name}`" in README
        if file.folder == "macros" and file.name not in ("stored_k", "convention_of"):
            assert f"`{file.name}" in README
