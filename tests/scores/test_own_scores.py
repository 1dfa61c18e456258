"""The door for a user's own scores: what is refused, what a function is given, what it leaves."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.errors import SpecError, StoreError
from geoflow.scores import load_scores, own_scores
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture

SAYS = {"formula": "mean over points of |x|", "source": "mine"}
FILE = """
import geoflow
from beside import FACTOR

class Ruler:
    def __call__(self, points):
        return FACTOR * (points**2).sum()

@geoflow.layer_score("of_file", formula="sum of squares", source="a file", low=0)
def of_file(points):
    return Ruler()(points)
"""


@pytest.fixture
def arrays(layers_of):
    return layers_of(5, 30, (4, 3, 2)) | {"logits": np.linspace(-1, 1, 30)}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "beside.py").write_text("FACTOR = 2.0\n")
    (tmp_path / "mine.py").write_text(FILE)
    return tmp_path


def values(db, level="layer"):
    frame = geoflow.open(db).view(f"{level}_score_values").drop("network_id")
    return frame.sort(pl.exclude("value", "reason")).rows()


def test_a_score_stands_where_the_built_in_ones_do(arrays, tmp_path):
    @geoflow.layer_score("mean_norm", **SAYS, low=0)
    def mean_norm(points):
        return np.linalg.norm(points, axis=1).mean()

    db = tmp_path / "g.duckdb"
    done = geoflow.ingest(arrays, db, k=[5], name="mine", scores=["mean_norm"])
    assert not [one for one in done.not_measured if "mean_norm" in one]
    store = geoflow.open(db)
    rows = store.query(
        "select layer, value from layer_scores where network = 'mine' and score = 'mean_norm'"
        " order by layer"
    )
    layers = [arrays[f"layer_{at:02d}"].astype(float) for at in range(3)]
    assert rows["value"].to_list() == pytest.approx(
        [np.sqrt((layer**2).sum(axis=1)).mean() for layer in layers]
    )
    (entry,) = store.query("from scores where is_own").rows(named=True)
    assert entry == {"name": "mean_norm", "level": "layer", **SAYS, "low": 0.0, "high": None} | {
        "is_own": True
    }
    others = store.query(
        "select other from within_network_correlations where score = 'mean_norm'"
        " and correlation is not null"
    )
    assert {"total_forman", "total_geodesic"} <= set(others["other"])
    assert store.check()["n_offences"].sum() == 0


def test_a_score_of_pairs_has_each_pair_of_layers_once(arrays, tmp_path):
    """Linear CKA, Kornblith et al. 2019, against its formula on two layers."""

    @geoflow.pair_score("own_cka", formula="|Y'X|^2 / |X'X| |Y'Y|", source="mine", low=0, high=1)
    def own_cka(points, others, layer, other_layer):
        assert layer < other_layer
        x, y = points - points.mean(axis=0), others - others.mean(axis=0)
        return np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)

    db = tmp_path / "g.duckdb"
    geoflow.ingest(arrays, db, k=[5], name="mine", scores=["own_cka"])
    store = geoflow.open(db)
    rows = store.query(
        "select layer, other_layer, value from pair_scores where score = 'own_cka' order by all"
    )
    assert rows.select("layer", "other_layer").rows() == [(0, 1), (0, 2), (1, 2)]
    x, y = (arrays[f"layer_{at:02d}"].astype(float) for at in (1, 2))
    centre = np.eye(30) - 1 / 30
    k, m = (centre @ one @ one.T @ centre for one in (x, y))
    expected = (k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum())
    assert rows["value"][2] == pytest.approx(expected)
    (entry,) = store.query("from scores where is_own").rows(named=True)
    assert (entry["level"], entry["high"]) == ("pair", 1)
    assert store.check()["n_offences"].sum() == 0


def test_functions_are_given_what_they_ask_for(arrays, tmp_path):
    @geoflow.network_score("asked_network", **SAYS)
    def asked_network(layers, labels, *, predicted, margin, scale=2.0):
        assert [one.shape for one in layers] == [(30, 4), (30, 3), (30, 2)]
        assert (predicted == (arrays["logits"] > 0)).all()
        assert ((margin > 0) == (predicted == labels)).all()
        return scale

    @geoflow.point_score("asked_point", **SAYS)
    def asked_point(labels):
        return labels

    @geoflow.layer_score("asked_layer", **SAYS)
    def asked_layer(points, layer):
        return layer + points.shape[1] / 10

    @geoflow.network_score("asked_pre", **SAYS)
    def asked_pre(pre):
        raise AssertionError("it must not be called")

    names = ["asked_network", "asked_point", "asked_layer", "asked_pre"]
    db = tmp_path / "g.duckdb"
    done = geoflow.ingest(arrays, db, k=5, scores=names)
    assert "score asked_pre: there are no pre-activations" in done.not_measured
    assert values(db, "network") == [
        ("asked_network", 2.0, None),
        ("asked_pre", None, "there are no pre-activations"),
    ]
    assert [row[1:] for row in values(db) if row[1] == "asked_layer"] == [
        ("asked_layer", 0.4, None),
        ("asked_layer", 1.3, None),
        ("asked_layer", 2.2, None),
    ]
    assert [row[2] for row in values(db, "point")] == arrays["labels"].tolist()


class DumbError(Exception):
    def __str__(self):
        raise RuntimeError


class NoArray:
    def __array__(self, *args, **named):
        raise KeyError("x")


class NoFloat:
    def __float__(self):
        raise KeyError("x")


def wrong():
    def writes(points):
        points -= 1
        return 0

    def fails_dumb(points):
        raise DumbError

    def quits(points):
        raise SystemExit(3)

    return {
        "quits": (quits, "SystemExit: 3"),
        "fails_dumb": (fails_dumb, "DumbError:"),
        "is_ragged": (lambda points: [[1], [2, 3]], "it returned a value of type list, not a"),
        "is_no_float": (lambda points: NoFloat(), "KeyError: 'x'"),
        "is_complex_scalar": (lambda points: np.complex128(1j), "it returned a value of type comp"),
        "is_just_above": (lambda points: 1 + 1e-12, "1.000000000001"),
        "raises": (lambda points: 1 / 0, "ZeroDivisionError: division by zero"),
        "is_nan": (lambda points: float("nan"), "it is not finite"),
        "is_huge": (lambda points: 10**400, "OverflowError"),
        "is_low": (lambda points: -0.5, "-0.5 is below 0"),
        "is_high": (lambda points: np.float32(2), "2 is above 1"),
        "is_list": (lambda points: [1.0], "it returned a value of type list, not a number"),
        "is_array": (lambda points: points[0], "it returned an array of shape"),
        "is_none": (lambda points: None, "it returned nothing, not a number"),
        "is_complex": (lambda points: 1j, "it returned a value of type complex"),
        "writes": (writes, "ValueError: "),
    }


@pytest.fixture(scope="module")
def all_wrong(layers_of, tmp_path_factory):
    """What an ingest with every wrong score said, and its store."""
    for name, (function, _) in wrong().items():
        geoflow.layer_score(f"own_{name}", **SAYS, low=0, high=1)(function)
    db = tmp_path_factory.mktemp("wrong") / "g.duckdb"
    names = [f"own_{name}" for name in wrong()]
    return geoflow.ingest(layers_of(5, 30, (4, 3, 2)), db, k=5, scores=names), db


@pytest.mark.parametrize("name", wrong())
def test_what_a_function_does_wrong_leaves_null_and_the_reason(name, all_wrong):
    done, db = all_wrong
    reason = wrong()[name][1]
    own = [row for row in values(db) if row[1] == f"own_{name}"]
    assert len(own) == 3
    assert all(row[2] is None and row[3].startswith(reason) for row in own)
    assert any(
        one.startswith(f"score own_{name} of layer 0: {reason}") for one in done.not_measured
    )


def test_wrong_functions_leave_a_good_store(all_wrong):
    store = geoflow.open(all_wrong[1])
    assert store.view("graphs").height == 3
    assert store.check()["n_offences"].sum() == 0


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda layers: [1.0] * 29, "it returned an array of shape (29,), not (30,)"),
        (lambda layers: ["a"] * 30, "it returned a value of type list, not 30 numbers"),
        (lambda layers: 1.0, "it returned an array of shape (), not (30,)"),
        (lambda layers: NoArray(), "it returned a value of type NoArray, not 30 numbers"),
    ],
)
def test_a_score_of_points_needs_a_number_for_each(function, reason, arrays, tmp_path):
    geoflow.point_score("own_points", **SAYS)(function)
    db = tmp_path / "g.duckdb"
    geoflow.ingest(arrays, db, k=5, scores="own_points")
    assert values(db, "point") == [(point, "own_points", None, reason) for point in range(30)]


def test_single_points_may_have_no_score(arrays, tmp_path):
    @geoflow.point_score("some_points", **SAYS, high=20)
    def some_points(labels):
        found = np.arange(30.0)
        found[3] = np.inf
        return found

    db = tmp_path / "g.duckdb"
    geoflow.ingest(arrays, db, k=5, scores="some_points")
    lacking = [(row[0], row[3]) for row in values(db, "point") if row[2] is None]
    assert lacking == [(3, "it is not finite")] + [(n, f"{n} is above 20") for n in range(21, 30)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: geoflow.layer_score("eta", **SAYS)(len), "score 'eta' is built in"),
        (lambda: geoflow.layer_score("", **SAYS)(len), "the name of a score must be text"),
        (lambda: geoflow.layer_score("a\x1b", **SAYS)(len), "a name that can be printed"),
        (lambda: geoflow.layer_score("a", **SAYS)(7), "score 'a' must be a function, not 7"),
        (
            lambda: geoflow.layer_score("a", **SAYS)(lambda layers: 0),
            "asks for 'layers': a function of a layer may ask for points, layer, labels",
        ),
        (
            lambda: geoflow.network_score("a", **SAYS, low=2, high=1)(lambda layers: 0),
            "low must not be above high, but 2 > 1",
        ),
        (
            lambda: geoflow.network_score("a", formula="", source="s")(lambda layers: 0),
            "formula must be text",
        ),
        (
            lambda: geoflow.layer_score("a", **SAYS, k=0),
            "k must be an integer of at least 1, not 0",
        ),
        (lambda: geoflow.layer_score("a", **SAYS, rank=3), "unknown key of a score 'rank'"),
        (lambda: geoflow.layer_score("a", **SAYS, alpha=0.5), "give curvature too"),
        (lambda: geoflow.layer_score("a", **SAYS, points="b\nc"), "a name that can be printed"),
        (lambda: geoflow.layer_score("a", **SAYS, points="b" * 200), "with its settings"),
        (lambda: own_scores(["eta"]), "score 'eta' is built in and always measured: leave it out"),
        (lambda: own_scores(["nobodys"]), "unknown score 'nobodys'"),
    ],
)
def test_what_is_no_score_is_refused_in_one_line(make, message):
    with pytest.raises(SpecError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_meaning_under_a_name_of_the_store_is_refused(arrays, tmp_path):
    db = tmp_path / "g.duckdb"
    geoflow.layer_score("twice", **SAYS)(lambda points: 1)
    geoflow.ingest(arrays, db, k=5, name="one", scores="twice")
    geoflow.layer_score("twice", **SAYS)(lambda points: 2)  # a cell of a notebook run again
    geoflow.ingest(arrays, db, k=5, name="two", scores="twice")
    geoflow.layer_score("twice", **SAYS, low=0)(lambda points: 2)
    with pytest.raises(StoreError, match=r"score 'twice' is in the store with low None, not 0\.0"):
        geoflow.ingest(arrays, db, k=5, name="three", scores="twice")
    assert geoflow.open(db).view("networks")["name"].to_list() == ["one", "two"]


def test_what_a_score_is_measured_with_stands_in_columns(arrays, tmp_path):
    """And under one name all scores say the same of themselves."""
    db = tmp_path / "g.duckdb"
    for k, radius in ((3, 0.5), (4, 1.0)):
        given = {"k": k, "radius": radius, "alpha": 0.25, "curvature": "lin"}
        geoflow.layer_score("reach", **SAYS, **given, points="corners", convention="mutual")(
            lambda points, by=k * radius: by
        )
    names = [f"reach lin(0.25) mutual k={k} corners r={r}" for k, r in ((3, "0.5"), (4, "1"))]
    geoflow.ingest(arrays, db, k=5, name="one", scores=names)
    store = geoflow.open(db)
    rows = store.query(
        "select distinct k, convention, curvature, alpha, points, radius, value from layer_scores"
        " where score = 'reach' order by k"
    )
    assert rows.rows() == [
        (k, "mutual", "lin", 0.25, "corners", radius, k * radius)
        for k, radius in ((3, 0.5), (4, 1))
    ]
    labels = store.query(
        "select score_label(score, curvature, alpha, convention, k, points, radius) as label"
        " from own_scores order by label"
    )
    assert labels["label"].to_list() == names
    assert store.query("from scores where is_own").height == 1
    assert store.check()["n_offences"].sum() == 0
    with pytest.raises(SpecError, match="score 'reach k=7 here' is another one"):
        geoflow.layer_score("reach", **SAYS, k=7, points="here")(lambda points: 1)
        geoflow.layer_score("reach k=7", **SAYS, points="here")
    geoflow.layer_score("reach", formula="another", source="mine", k=7)(lambda points: 1)
    with pytest.raises(StoreError, match="score 'reach k=7' is in the store with formula"):
        geoflow.ingest(arrays, db, k=5, name="two", scores="reach k=7")


def small_study(replicas=2):
    circles = StudyDataset(
        DatasetSpec("circles", n_train=40, n_test=40), k=(5,), recipe=Recipe(epochs=1)
    )
    kinds = (architecture("4,4"), architecture("3,3"))
    return StudySpec("own", (circles,), kinds, replicas=replicas)


@pytest.mark.slow
def test_a_study_measures_them_on_several_processes_and_knows_what_it_lacks(folder):
    db, same = folder / "g.duckdb", folder / "h.duckdb"
    names = load_scores(folder / "mine.py")
    assert names == ("of_file",)
    assert geoflow.run_study(small_study(), db, jobs=2, scores=names).n_written == 4
    assert geoflow.run_study(small_study(), db, scores=names).n_present == 4
    assert geoflow.run_study(small_study(), db).n_present == 4
    rows = geoflow.open(db).query("from layer_scores where score = 'of_file'")
    assert rows.height == 4 * 3
    assert rows["value"].min() > 0
    assert geoflow.run_study(small_study(), same).n_written == 4
    assert geoflow.run_study(small_study(), same, scores=names).n_written == 4  # trained again
    again = geoflow.open(same).query("from layer_scores where score = 'of_file'")
    assert sorted(again["value"]) == pytest.approx(sorted(rows["value"]))
    assert geoflow.open(same).check()["n_offences"].sum() == 0


def test_the_command_line_takes_a_file(folder):
    words = "train circles --width 4,4 --k 5 --n-train 40 --n-test 40 --epochs 1"
    more = ["--db", str(folder / "g.duckdb"), "--scores", str(folder / "mine.py")]
    result = CliRunner().invoke(main, [*words.split(), *more])
    assert result.exit_code == 0, result.output
    rows = geoflow.open(folder / "g.duckdb").query("from layer_scores where score = 'of_file'")
    assert rows.height == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "registers no score"),
        ("raise ValueError('two\\nlines')", "cannot be run (ValueError: two lines)"),
        ("import sys; sys.exit(3)", "cannot be run (SystemExit: 3)"),
        ("def f(:", "cannot be run (SyntaxError"),
        (None, "give --scores the path of a Python file"),
    ],
)
def test_a_file_that_is_none_is_refused(text, message, tmp_path):
    file = tmp_path / "scores.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SpecError) as caught:
        load_scores(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_study_file_runs_no_code(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('base = "quickstart"\nscores = ["of_file"]\n')
    result = CliRunner().invoke(main, ["study", "run", str(file), "--db", str(tmp_path / "g")])
    assert result.exit_code == 1
    assert "unknown key 'scores'" in result.output


def test_registering_needs_no_database():
    code = (
        "import geoflow, sys; geoflow.layer_score('a', formula='f', source='s')(lambda points: 1);"
        " print([name for name in ('duckdb', 'torch', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
