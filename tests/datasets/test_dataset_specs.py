"""What cannot be asked for is refused in words, before any file is opened."""

from functools import partial

import numpy as np
import pytest

from geoflow.datasets import load
from geoflow.datasets._rows import rows_by_class, shares
from geoflow.errors import SpecError
from geoflow.specs import DatasetSpec


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            partial(DatasetSpec, "mnst_1v7"),
            ["unknown data set 'mnst_1v7'", "did you mean 'mnist_1v7'"],
        ),
        (partial(DatasetSpec, "sinthetic_a"), ["did you mean 'synthetic_a'"]),
        (partial(DatasetSpec, "mnist_1v12"), ["unknown class of mnist '12'", "mnist_1v7"]),
        (partial(DatasetSpec, "mnist_1v2v3"), ["unknown data set"]),
        (partial(DatasetSpec, "fashion_sandals_v_boot"), ["did you mean 'sandal'"]),
        (
            partial(DatasetSpec, "fashion_sandalvboot"),
            ["unknown data set", "fashion_sandal_v_boot"],
        ),
        (partial(DatasetSpec, "cifar"), ["unknown data set 'cifar'"]),
        (partial(DatasetSpec, "breast_cancer_0v1"), ["did you mean 'breast_cancer'"]),
        (partial(DatasetSpec, "mnist_3v3"), ["mnist_3v3", "same class twice"]),
        (partial(DatasetSpec, "circles", options={"gap": 1}), ["option", "'gap'", "factor, noise"]),
        (partial(DatasetSpec, "tori", options={"gap": 1}), ["option", "'gap'", "none"]),
        (partial(DatasetSpec, "digits", options={"gap": 1}), ["no options", "gap"]),
        (partial(DatasetSpec, "synthetic_b", options={"shape": "rod"}), ["'rod'", "rods", "balls"]),
        (partial(DatasetSpec, "synthetic_b", options={"shape": 1}), ["not 1", "rods", "balls"]),
        (
            partial(DatasetSpec, "synthetic_b", options={"gap": 1.0}),
            ["gap", "1.0", "at least 0 and below 1"],
        ),
        (partial(DatasetSpec, "synthetic_b", options={"gap": "wide"}), ["gap", "'wide'", "number"]),
        (partial(DatasetSpec, "synthetic_b", options={"gap": float("nan")}), ["gap", "nan"]),
        (
            partial(DatasetSpec, "synthetic_a", options={"thickness": 1.6}),
            ["thickness", "1.6", "1.57"],
        ),
        (partial(DatasetSpec, "circles", options={"noise": -0.1}), ["noise", "-0.1"]),
        (partial(DatasetSpec, "circles", scale="unit"), ["circles", "no scale"]),
        (partial(DatasetSpec, "digits", scale="unti"), ["scale", "did you mean 'unit'"]),
        (partial(DatasetSpec, "circles", n_test=3), ["n_test", "is 3", "give 4 or more"]),
        (partial(DatasetSpec, "circles", n_train=0), ["n_train", "at least 1, not 0"]),
        (partial(DatasetSpec, "digits", n_train=19), ["n_train", "19", "10 classes", "20"]),
        (partial(DatasetSpec, "mnist_1v7", n_test=2164), ["n_test", "2164", "2163"]),
        (partial(DatasetSpec, "digits_3v8", n_train=180), ["n_train", "180", "179"]),
        (partial(DatasetSpec, "circles", seed=-1), ["seed", "-1"]),
    ],
    ids=lambda value: value.args[0] if isinstance(value, partial) else "",
)
def test_refusals_name_the_thing_and_the_remedy(spec, words, tmp_path):
    with pytest.raises(SpecError) as caught:
        load(spec(), tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize("available", [[5, 5], [1, 9, 4], [7, 2, 2, 30], [3] * 10])
def test_shares_are_level_and_take_every_row_in_the_end(available):
    for n in range(sum(available) + 1):
        taken = shares(n, available)
        assert sum(taken) == n
        assert all(t <= a for t, a in zip(taken, available, strict=True))
        not_run_out = [t for t, a in zip(taken, available, strict=True) if t < a]
        assert max(taken) - min(not_run_out, default=max(taken)) <= 1
    assert taken == available


def test_rows_are_ordered_by_class_and_are_the_first_of_each():
    labels = np.array([8, 3, 5, 3, 8, 8, 3, 5])
    index, y = rows_by_class(labels, [[8], [3]])
    assert index.tolist() == [0, 4, 5, 1, 3, 6]
    assert y.tolist() == [0, 0, 0, 1, 1, 1]
    assert rows_by_class(labels, [[8], [3]], 4)[0].tolist() == [0, 4, 1, 3]
    assert rows_by_class(labels, [[5, 3], [8]])[0].tolist() == [1, 2, 3, 6, 7, 0, 4, 5]
