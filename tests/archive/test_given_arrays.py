"""What is an array of numbers in any library is taken; anything else names itself in one line."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch
from hostile_npz import GOOD

import geoflow
from geoflow.archive.layers import read_layers
from geoflow.errors import DatasetError, GeometryError, SpecError
from geoflow.ingestion import ingest

X = GOOD["layer_01"]
NUMBERS = {
    "list": X.tolist(),
    "tuple of arrays": tuple(X),
    "nothing masked": np.ma.array(X, mask=False),
    "tensor": torch.tensor(X),
    "tensor with gradient": torch.tensor(X, requires_grad=True) * 1,
    "half tensor": torch.tensor(X, dtype=torch.bfloat16),
    "transposed tensor": torch.tensor(X).T.contiguous().T,
    "polars": pl.DataFrame(X),
    "pandas": pd.DataFrame(X),
    "no copy": X,
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_arrays_of_other_libraries_are_taken(kind):
    (_, found) = read_layers(GOOD | {"layer_01": NUMBERS[kind]}).activations.layers
    assert (found == X).all()


@pytest.mark.parametrize("labels", [[0, 1] * 15, pl.Series([0, 1] * 15), torch.arange(30) % 2])
def test_labels_of_other_libraries_are_taken(labels):
    assert read_layers(GOOD | {"labels": labels}).activations.labels.tolist() == [0, 1] * 15


class Surprise:
    def __array__(self, *_, **__):
        raise RuntimeError("two\nlines")


itself: list = []
itself.append(itself)
masked = np.ma.masked_greater(X, 27)
WRONG = {
    "None": (
        None,
        "is of type NoneType, not an array of numbers: give a numpy array of real numbers",
    ),
    "objects": (X.astype(object), "is of type numpy object, not an array of numbers"),
    "ragged": ([[1, 2], [3]], "is not an array of numbers .*: give a numpy array"),
    "itself": (itself, "layer_01 in the arrays"),
    "huge numbers": ([[10**400]] * 30, "is of type list, not an array of numbers"),
    "generator": ((row for row in X), "is of type generator, not an array of numbers"),
    "function": (np.ones, "not an array of numbers"),
    "dictionary": ({0: 1}, "is of type dict, not an array of numbers"),
    "sparse": (scipy.sparse.csr_array(X), "is of type csr_array, not an array of numbers"),
    "sparse tensor": (torch.tensor(X).to_sparse(), "is not an array of numbers .*: give a numpy"),
    "masked": (masked, "is masked in 2 places: leave these rows out of every layer"),
    "masked rows": ([np.ma.masked_greater(row, 0) for row in X], "is masked in .* places: leave"),
    "masked number": ([[np.ma.masked], *([[1.0]] * 29)], "is not an array .* masked element"),
    "nested tensor": (
        torch.nested.nested_tensor([torch.zeros(3)] * 30, layout=torch.jagged),
        "is not an array of numbers",
    ),
    "lazy": (pl.LazyFrame(X), "is of type LazyFrame, not an array of numbers"),
    "missing": (pl.DataFrame({"a": [None, *range(29)]}), "1 of 30 points hold NaN"),
    "text": ("abc", "points are of type <U3: give real numbers"),
    "number": (3.0, r"points have shape \(\): give one row per point"),
    "complex tensor": (torch.ones(30, 1, dtype=torch.complex64), "of type complex64: give real"),
    "meta tensor": (torch.ones(30, 1, device="meta"), "is not an array of numbers"),
    "surprise": (Surprise(), r"is not an array of numbers \(two lines\): give a numpy array"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_array_of_numbers_is_named(kind, tmp_path):
    value, message = WRONG[kind]
    with pytest.raises(DatasetError) as caught:
        ingest(GOOD | {"layer_01": value}, tmp_path / "g.duckdb", k=4)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith("layer_01 in the arrays")
    assert re.search(message, said), said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["labels", "logits"])
@pytest.mark.parametrize("value", [None, Surprise(), [[1], [2, 3]]])
def test_labels_and_logits_that_are_none_are_named(name, value):
    with pytest.raises(DatasetError, match=f"{name} in the arrays"):
        read_layers(GOOD | {name: value})


def test_logits_whose_margin_does_not_fit_the_store_are_refused():
    with pytest.raises(DatasetError, match=r"logits .* hold numbers beyond 1e\+38: scale them"):
        read_layers(GOOD | {"logits": np.full((30, 2), 1e39)})


@pytest.mark.parametrize("names", [{0: X}, {None: X}, {b"layer_02": X}])
def test_names_are_texts(names):
    with pytest.raises(DatasetError, match="which is not text: name them layer_00"):
        read_layers(GOOD | names)


@pytest.mark.parametrize("source", [3, None, b"x.npz", [X]])
def test_a_source_is_a_path_or_a_mapping(source, tmp_path):
    with pytest.raises(DatasetError, match=r"give the path of an \.npz file, or a dictionary"):
        ingest(source, tmp_path / "g.duckdb", k=4)


def test_what_numpy_has_opened_is_a_mapping(tmp_path):
    np.savez(tmp_path / "x.npz", **GOOD, note=np.array([None]))
    with np.load(tmp_path / "x.npz") as arrays:
        assert list(read_layers(arrays).left_out) == ["note"]
    np.savez(tmp_path / "x.npz", **GOOD | {"layer_01": np.array([None])})
    with (
        np.load(tmp_path / "x.npz") as arrays,
        pytest.raises(
            DatasetError, match=r"layer_01 in the arrays is not an array of numbers .Object"
        ),
    ):
        read_layers(arrays)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"convention": 5}, "convention must be one of directed, union, mutual, not 5"),
        ({"convention": []}, "convention has no values: give at least one"),
        ({"curvatures": None}, "curvature must be one of forman, .*, not None"),
        ({"curvatures": "forma"}, "unknown curvature 'forma', did you mean 'forman'"),
        ({"alphas": None}, "alpha must be a number of at least 0 and below 1, not None"),
        ({"transport": 1}, "transport must be true, false or a TransportSpec, not 1"),
        ({"convetion": "union"}, "unknown option 'convetion', did you mean 'convention'"),
        ({"name": ""}, "name must be text of 1 to 200 characters, not ''"),
        ({"dataset": ""}, "dataset must be text of 1 to 200 characters, not ''"),
        ({"k": None}, "k must be an integer of at least 1, not None"),
    ],
)
def test_what_is_asked_of_ingest_in_python_is_refused_in_words(given, said, tmp_path):
    with pytest.raises(SpecError, match=said):
        ingest(GOOD, tmp_path / "g.duckdb", **{"k": 4} | given)
    assert not list(tmp_path.iterdir())


def test_one_value_is_a_list_of_one_in_python(tmp_path):
    db = tmp_path / "g.duckdb"
    ingest(GOOD, db, k=4, curvatures="forman", alphas=0.5, convention="union", name="one")
    assert "forman" in set(geoflow.open(db).view("point_curvatures")["curvature"])


def test_points_that_are_no_plain_array_are_refused_in_words():
    with pytest.raises(GeometryError, match="points are masked in places: leave these rows out"):
        geoflow.layer_geometry(np.ma.masked_greater(X, 0), k=3)
    with pytest.raises(
        GeometryError, match=r"points are not an array .*requires grad.*: give an array"
    ):
        geoflow.layer_geometry(torch.tensor(X, requires_grad=True), k=3)
