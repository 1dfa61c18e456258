"""``geoflow capture``: a user's own module, layers by globs, weights that are tensors alone."""

import numpy as np
import polars as pl
import pytest
import torch
from click.testing import CliRunner

import geoflow
from geoflow.cli import main

SOURCE = """
import torch
from torch import nn


def small():
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))


class Bad(nn.Module):
    def forward(self, x):
        raise ValueError("no\\nway")


def nested():
    stages = [nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(2)]
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    model.add_module("layer1", stages[0])
    model.add_module("layer2", stages[1])
    return model


def raises():
    return nn.Sequential(Bad(), nn.ReLU())


def fails():
    raise KeyError("weights")


def number():
    return 3


made = small()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file with functions that return models, data, weights, and a whole model pickled."""
    place = tmp_path_factory.mktemp("own")
    (place / "models_of_mine.py").write_text(SOURCE, "utf-8")
    x, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 2
    np.savez(place / "points.npz", x=x, y=y)
    np.savez(place / "short.npz", x=x, y=y[:39])
    np.savez(place / "nan.npz", x=np.where(np.arange(40)[:, None] == 3, np.nan, x), y=y)
    model = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 5), torch.nn.ReLU(),
        torch.nn.Linear(5, 2),
    )  # fmt: skip
    torch.save(model.state_dict(), place / "weights.pt")
    torch.save({"epoch": 3, "state_dict": model.state_dict()}, place / "checkpoint.pt")
    torch.save(model, place / "whole.pt")
    np.save(place / "points.npy", x)
    return place


def call(folder, function, *words):
    place = f"{folder / 'models_of_mine.py'}:{function}"
    result = CliRunner().invoke(main, ["capture", place, *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_list_says_what_there_is_and_measures_nothing(folder, tmp_path):
    db = tmp_path / "g.duckdb"
    words = ("--data", folder / "points.npz", "--db", db, "--list", "--layers", "0,2")
    result = call(folder, "small", *words, "--format", "csv")
    assert result.exit_code == 0
    rows = pl.read_csv(result.stdout.encode())
    assert rows["path"].to_list() == [0, 1, 2, 3, 4]
    assert rows["class"].to_list() == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert rows["shape"].to_list() == [6, 6, 5, 5, 2]
    assert rows["bytes"].to_list() == [40 * 4 * width for width in (6, 6, 5, 5, 2)]
    assert rows["is_chosen"].to_list() == [True, False, True, False, False]
    assert not db.exists()


def test_globs_are_on_paths_of_modules(folder):
    words = ("--data", folder / "points.npz", "--list", "--format", "csv")
    result = call(folder, "nested", *words, "--layers", "layer*.*")
    rows = pl.read_csv(result.stdout.encode(), schema_overrides={"path": pl.String})
    chosen = rows.filter("is_chosen")["path"].to_list()
    assert chosen == ["layer1.0", "layer1.1", "layer2.0", "layer2.1"]
    assert {"0", "1", "layer1", "layer2"} < set(rows["path"])


def test_a_file_of_weights_and_globs_of_layers(folder, tmp_path):
    db = tmp_path / "g.duckdb"
    words = ("--data", folder / "points.npz", "--weights", folder / "weights.pt", "--db", db)
    result = call(folder, "small", *words, "--layers", "1", "--layers", "3", "--k", "4,6")
    assert result.exit_code == 0, result.stderr
    assert "written to" in result.stdout
    found = geoflow.open(db)
    assert found.query("select path from captured_layers order by layer")["path"].to_list() == [
        "1",
        "3",
    ]
    assert found.query("select distinct k from graphs order by k")["k"].to_list() == [4, 6]
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU())
    state = torch.load(folder / "weights.pt", weights_only=True)
    model.load_state_dict({name: state[name] for name in ("0.weight", "0.bias")})
    points = torch.tensor(np.load(folder / "points.npz")["x"], dtype=torch.float32)
    ours = found.query(
        "select point, neighbor from neighbors join layers using (layer_id) where layer = 1 and"
        " rank = 1 order by point"
    )
    with torch.no_grad():
        far = torch.cdist(model(points).double(), model(points).double())
    far.fill_diagonal_(torch.inf)
    near = far.gather(1, torch.tensor(ours["neighbor"].to_list())[:, None])[:, 0]
    assert torch.allclose(near, far.amin(dim=1), rtol=1e-5)


def test_a_checkpoint_holds_weights_and_a_file_may_hold_the_model_itself(folder, tmp_path):
    db = tmp_path / "g.duckdb"
    for name, place, weights in (("a", "small", "weights.pt"), ("b", "made", "checkpoint.pt")):
        words = ("--data", folder / "points.npz", "--db", db, "--k", 4, "--name", name)
        result = call(folder, place, *words, "--weights", folder / weights)
        assert result.exit_code == 0, result.stderr
    assert geoflow.open(db).query("select count(distinct weights) from captures").item() == 1


WRONG = {
    "raises": ("raises", "points.npz", (), "the model raised ValueError: no way"),
    "fails": ("fails", "points.npz", (), "raised KeyError: 'weights'"),
    "no module": ("number", "points.npz", (), "returned int: let it return a torch.nn.Module"),
    "no function": ("absent", "points.npz", (), "there is no function 'absent'"),
    "nan": ("small", "nan.npz", (), "'the input' holds NaN or infinity in 1 of 40 rows"),
    "labels": ("small", "short.npz", (), "have shape (39,) but there are 40 points"),
    "no match": ("small", "points.npz", ("--layers", "block*"), "layers 'block*' match nothing"),
    "memory": ("small", "points.npz", ("--memory", "10"), "memory is 10 bytes: give more"),
    "whole": ("small", "points.npz", ("--weights", "whole.pt"), "save the model's state_dict"),
    "no weights": ("small", "points.npz", ("--weights", "absent.pt"), "absent.pt: give --weights"),
    "an array": ("small", "points.npy", (), "is no .npz file: save x, and y if known"),
    "a folder": ("small", ".", (), "is no .npz file: save x, and y if known"),
    "no file": ("small", "absent.npz", (), "absent.npz"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_errors_are_one_line_and_leave_no_store(kind, folder, tmp_path):
    function, data, words, message = WRONG[kind]
    words = [folder / one if one.endswith(".pt") else one for one in words]
    db = tmp_path / "g.duckdb"
    result = call(folder, function, "--data", folder / data, "--db", db, "--k", 4, *words)
    assert result.exit_code != 0
    error = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
    assert len(error) == 1
    assert message in error[0]
    assert "\x1b" not in error[0]
    assert list(tmp_path.iterdir()) == []


def test_help_says_that_code_is_run():
    text = " ".join(CliRunner().invoke(main, ["capture", "--help"]).stdout.split())
    assert "imports MODULE, which runs its code" in text
