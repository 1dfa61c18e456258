"""Data sets in files of the user's own: read, split, standardised, recorded, refused."""

import shutil

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.datasets import load, sizes
from geoflow.errors import DatasetError, GeoflowError, SpecError, StoreError
from geoflow.specs import Recipe, dataset_of_file
from geoflow.specs.studyfile import study_spec
from geoflow.study import run_study, train

N = 60
SHORT = {"recipe": Recipe(epochs=1), "k": 5}


def table(seed=0):
    """Points of three classes with a name, in no order, and a column that splits them."""
    rng = np.random.default_rng(seed)
    kind = rng.permutation(np.arange(N) % 3)
    return pl.DataFrame(
        {
            "size": rng.normal(size=N) + kind,
            "kind": np.array(["ash", "beech", "oak"])[kind],
            "fixed weight": rng.integers(0, 9, N),
            "is_old": rng.random(N) < 0.5,
            "part": np.where(np.arange(N) % 4 == 0, "test", "train"),
        }
    )


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "trees.csv"
    table().write_csv(path)
    return path


def of(path, **rest):
    return dataset_of_file(str(path), **{"label": "kind", "split": "part", **rest})


def test_columns_become_points_and_the_label_classes(csv):
    data, frame = load(of(csv)), table()
    assert data.classes == ("ash", "beech", "oak")
    for part, x, y in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
        rows = frame.filter(part=part).sort("kind", maintain_order=True)
        columns = rows.select("size", "fixed weight", pl.col("is_old").cast(pl.Int8))
        assert np.array_equal(x, columns.to_numpy().astype(np.float32))
        assert [data.classes[at] for at in y] == rows["kind"].to_list()
        assert x.dtype == np.float32
        assert x.flags.c_contiguous
    assert sizes(of(csv)) == (45, 15, 3, 3, 60)
    assert (data.spec.name, data.n_features) == ("trees", 3)


def test_every_kind_of_file_gives_the_same_points(csv, tmp_path):
    frame, expected = table(), load(of(csv))
    frame.write_parquet(tmp_path / "trees.parquet")
    frame.write_csv(tmp_path / "semicolons.csv", separator=";")
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbf" + csv.read_bytes())
    found = [
        load(of(tmp_path / name)) for name in ("trees.parquet", "semicolons.csv", "marked.csv")
    ]
    x = frame.select("size", "fixed weight", pl.col("is_old").cast(pl.Float64)).to_numpy()
    part = frame["part"].to_numpy().astype(str)
    y = frame["kind"].to_numpy().astype(str)
    np.savez(tmp_path / "trees.npz", x=x, y=y, part=part)
    found.append(load(dataset_of_file(str(tmp_path / "trees.npz"), split="part")))
    for data in found:
        assert data.fingerprint == expected.fingerprint
        assert np.array_equal(data.x_train, expected.x_train)
        assert data.classes == expected.classes


def test_a_share_of_each_class_is_drawn_with_the_seed(csv):
    first, same, other = (
        load(of(csv, split=None, test_share=0.3, seed=seed, columns=("size",)))
        for seed in (1, 1, 2)
    )
    assert np.bincount(first.y_test).tolist() == [6, 6, 6]
    assert len(first.x_train) == 42
    assert first.fingerprint == same.fingerprint != other.fingerprint
    every = np.sort(np.concatenate([first.x_train, first.x_test]).ravel())
    assert np.array_equal(every, np.sort(table()["size"].to_numpy().astype(np.float32)))
    assert np.bincount(load(of(csv, split=None, columns="size")).y_test).tolist() == [10, 10, 10]


def test_it_is_standardised_by_the_training_rows_alone(csv):
    data = load(of(csv, standardize=True, columns=("size", "fixed weight")))
    frame = table()
    train_rows = frame.filter(part="train").select("size", "fixed weight").to_numpy()
    test_rows = frame.filter(part="test").sort("kind", maintain_order=True)
    expected = test_rows.select("size", "fixed weight").to_numpy() - train_rows.mean(axis=0)
    assert data.x_test == pytest.approx(expected / train_rows.std(axis=0), rel=1e-5)
    assert data.x_train.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    fewer = load(of(csv, standardize=True, columns=("size", "fixed weight"), n_train=12))
    assert np.array_equal(fewer.x_test, data.x_test)


def test_lines_that_are_empty_are_no_rows(csv, tmp_path):
    lines = csv.read_text().splitlines()
    (tmp_path / "airy.csv").write_text("\n\n".join(lines) + "\n\n")
    one, other = load(of(csv)), load(of(tmp_path / "airy.csv"))
    assert np.array_equal(one.x_train, other.x_train)
    assert np.array_equal(one.y_test, other.y_test)


def rows(**changed):
    """The table with other columns, as CSV."""
    return table().with_columns(**changed).write_csv()


FIRST = pl.int_range(pl.len()) == 4
LINES = table().write_csv().splitlines()
NUMBERED = [f"1,{one}" for one in LINES[1:]]

MISTAKES = {
    "missing values": (rows(size=pl.when(FIRST).then(None).otherwise("size")),
                       r"1 of 60 values of column size .* first in row 5, missing"),
    "not a number": (rows(size=pl.when(FIRST).then(np.nan).otherwise("size")),
                     r"first in row 5, no finite number \(nan\)"),
    "text": (rows(colour=pl.lit("red")), r"colour hold no numbers \(colour has 'red'\).*columns"),
    "a word among numbers": (rows(size=pl.when(FIRST).then(pl.lit("?")).otherwise("size")),
                             r"size hold no numbers \(size has '\?'\)"),
    "one class": (rows(kind=pl.lit("oak")), "one class, oak: give two or more"),
    "a float label": (rows(kind=pl.int_range(pl.len()) / 7), "60 values such as 0.142857"),
    "no label": (rows(kind=pl.when(FIRST).then(None).otherwise("kind")),
                 "label kind .* missing in 1 rows, the first row 5"),
    "many classes": (pl.concat([table()] * 2).with_columns(kind=pl.int_range(120)).write_csv(),
                     "120 values, more than 100"),
    "another part": (rows(part=pl.lit("val")), "part .* says 'val' in row 1: .* train or test"),
    "no test rows": (rows(part=pl.lit("train")), "class ash .* has 0 test rows"),
    "a long line": ("\n".join([*LINES[:3], LINES[3] + ",1", *LINES[4:]]),
                    "6 fields in line 4, but 5 columns"),
    "a short line": ("\n".join([*LINES[:3], "1,oak", *LINES[4:]]),
                     "2 fields in line 4, but 5 columns"),
    "a name twice": ("\n".join([LINES[0].replace("is_old", "size"), *LINES[1:]]),
                     "several columns size"),
    "an index of pandas": ("\n".join([f",{LINES[0]}", *NUMBERED]),
                           r"column 1 has no name, as the index .* index=False"),
    "an index saved twice": ("\n".join([f"Unnamed: 0,{LINES[0]}", *NUMBERED]),
                             "column 1 has the name Unnamed: 0, as the index"),
    "a comma at each end": ("\n".join(f"{one}," for one in LINES), "column 6 has no name"),
    "names alone": (LINES[0] + "\n", "has no rows"),
    "nothing": ("", "is empty"),
    "beyond float32": (rows(size=pl.when(FIRST).then(1e300).otherwise("size")),
                       "column size do not fit float32"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_a_file_is_one_clear_line(what, tmp_path):
    content, message = MISTAKES[what]
    (tmp_path / "trees.csv").write_text(content)
    with pytest.raises(DatasetError, match=message) as caught:
        load(of(tmp_path / "trees.csv"))
    assert "trees.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"label": "knd"}, "unknown column of .* 'knd', did you mean 'kind'"),
        ({"columns": ("size", "age")}, "unknown column of .* 'age'"),
        ({"split": "parts"}, "'parts', did you mean 'part'"),
        ({"label": None}, "needs label"),
        ({"test_share": 0.5}, "leave test_share out"),
        ({"test_share": 1.0, "split": None}, "test_share must be a number"),
        ({"columns": ("kind",)}, "name a column twice"),
        ({"scale": "unit"}, "a file has no scale"),
        ({"options": {"a": 1}}, "a file has no options"),
        ({"n_test": 99}, "n_test of data set 'trees' is 99, but there are 15 rows"),
        ({"standardize": True, "columns": ("one",)}, "one has one value in all training rows"),
    ],
)
def test_a_mistake_in_what_is_asked_is_one_clear_line(asked, message, tmp_path):
    table().with_columns(one=3.0).write_csv(tmp_path / "trees.csv")
    with pytest.raises(SpecError, match=message):
        load(of(tmp_path / "trees.csv", **asked))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((4, 2))}, "has no array y, but x"),
        ({"x": np.zeros(4), "y": np.zeros(4)}, r"shape \(4,\)"),
        ({"x": np.zeros((4, 2)), "y": np.zeros(3)}, "one value for each of the 4 rows"),
        ({"x": np.zeros((4, 2)), "y": np.array([{}] * 4)}, "cannot be read as npz"),
    ],
)
def test_a_mistake_in_arrays_is_one_clear_line(arrays, message, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DatasetError, match=message):
        load(dataset_of_file(str(tmp_path / "a.npz")))


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.npz"])
def test_a_file_that_is_none_of_its_kind_is_refused(name, tmp_path):
    label = {} if name == "a.npz" else {"label": "y"}
    with pytest.raises(DatasetError, match="No such file"):
        load(dataset_of_file(str(tmp_path / name), **label))
    (tmp_path / name).write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DatasetError, match="cannot be read as"):
        load(dataset_of_file(str(tmp_path / name), **label))
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match="it is a folder"):
        load(dataset_of_file(str(tmp_path / name), **label))


STUDY = """
widths = ["4,4"]
depths = [2]
recipe = { epochs = 1 }

[[datasets]]
path = "data/trees.csv"
label = "kind"
split = "part"
standardize = true
k = [5]
"""


def test_a_study_reads_the_file_beside_its_own_and_notices_a_change(csv, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    moved = shutil.move(csv, tmp_path / "data" / csv.name)
    toml = STUDY.replace('widths = ["4,4"]\ndepths = [2]', "architectures = [[4, 4]]")
    (tmp_path / "mine.toml").write_text(toml)
    monkeypatch.chdir("/")
    study, db = study_spec(str(tmp_path / "mine.toml")), tmp_path / "g.duckdb"
    assert run_study(study, db).n_written == 1
    assert run_study(study, db).n_present == 1
    (row,) = geoflow.open(db).view("datasets").rows(named=True)
    assert (row["name"], row["n_train"], row["n_test"]) == ("trees", 45, 15)
    assert row["source"] == f"file {moved.resolve()}"
    assert '"standardize": true' in row["options"]
    assert row["classes"] == ["ash", "beech", "oak"]
    first_train = table().with_row_index().filter(part="train")["index"][0]
    for at in (0, first_train):  # a test point, a training row
        changed = table().with_columns(
            size=pl.when(pl.int_range(pl.len()) == at).then(9.0).otherwise("size")
        )
        changed.write_csv(moved)
        with pytest.raises(StoreError, match="another fingerprint of the points of 'trees'"):
            run_study(study, db)
    moved.unlink()
    with pytest.raises(GeoflowError, match="No such file"):
        run_study(study, db)


def test_a_study_without_a_file_of_one_data_set_measures_the_others(csv, tmp_path):
    both = (
        f'\n[[datasets]]\npath = "{csv}"\nlabel = "kind"\nsplit = "part"\nk = 5\nname = "there"\n'
    )
    toml = STUDY.replace('widths = ["4,4"]\ndepths = [2]', "architectures = [[4, 4]]") + both
    (tmp_path / "mine.toml").write_text(toml)
    done = run_study(study_spec(str(tmp_path / "mine.toml")), tmp_path / "g.duckdb")
    assert done.n_written == 1
    assert "No such file" in done.failures[0].reason


def test_keys_of_a_file_need_its_path(tmp_path):
    (tmp_path / "mine.toml").write_text(
        STUDY.replace('path = "data/trees.csv"', 'name = "circles"')
    )
    with pytest.raises(SpecError, match="label, split, standardize, but no path"):
        study_spec(str(tmp_path / "mine.toml"))


def test_the_command_and_the_function_train_on_a_file(csv, tmp_path):
    db = tmp_path / "g.duckdb"
    words = ["--label", "kind", "--columns", "size,fixed weight", "--test-share", "0.4"]
    words += ["--width", "4,4", "--k", "5", "--epochs", "1", "--db", str(db)]
    result = CliRunner().invoke(main, ["train", str(csv), *words])
    assert result.exit_code == 0, result.output
    again = of(csv, split=None, test_share=0.4, columns=("size", "fixed weight"))
    assert train(again, "4,4", db, **SHORT).n_present == 1
    result = CliRunner().invoke(main, ["train", "circles", "--label", "kind", *words[6:]])
    assert result.exit_code == 2
    assert "--label: of a data set in a file" in result.output
