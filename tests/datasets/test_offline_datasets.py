"""Digits and breast cancer: the halves, the classes and the scales, against scikit-learn itself."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from geoflow.datasets import load
from geoflow.datasets._catalogue import bundled_catalogue
from geoflow.datasets._offline import halves
from geoflow.specs import DatasetSpec


def as_rows(x: np.ndarray) -> list[tuple[float, ...]]:
    return sorted(map(tuple, x.tolist()))


@pytest.mark.parametrize("name", ["digits", "breast_cancer"])
def test_the_halves_together_are_the_published_rows(name):
    made = load(DatasetSpec(name, scale="raw"))
    x, y = (load_digits if name == "digits" else load_breast_cancer)(return_X_y=True)
    whole = np.concatenate([made.x_train, made.x_test])
    assert as_rows(whole) == as_rows(x.astype(np.float32))
    assert len(np.unique(x, axis=0)) == len(x)  # all rows differ, so the halves are disjoint
    family = bundled_catalogue()[name]
    assert tuple(np.bincount(made.y_train)) == family.train_counts
    assert tuple(np.bincount(made.y_test)) == family.test_counts
    label_of = {
        tuple(row): label for row, label in zip(x.astype(np.float32).tolist(), y, strict=True)
    }
    for points, labels in ((made.x_train, made.y_train), (made.x_test, made.y_test)):
        assert [label_of[tuple(row)] for row in points.tolist()] == labels.tolist()


def test_digits_pair_has_the_first_named_class_first():
    three, eight = load(DatasetSpec("digits_3v8")), load(DatasetSpec("digits_8v3"))
    assert three.classes == ("3", "8") and eight.classes == ("8", "3")
    assert np.bincount(three.y_test).tolist() == [91, 87]
    assert np.bincount(three.y_train).tolist() == [92, 87]
    assert as_rows(three.x_test[three.y_test == 0]) == as_rows(eight.x_test[eight.y_test == 1])
    x, y = load_digits(return_X_y=True)
    threes = set(map(tuple, (x[y == 3] / 16).astype(np.float32).tolist()))
    assert set(map(tuple, three.x_test[three.y_test == 0].tolist())) < threes


def test_even_and_odd_hold_every_digit():
    made, digits = load(DatasetSpec("digits_even_v_odd")), load(DatasetSpec("digits"))
    assert made.classes == ("even", "odd")
    even = digits.x_test[digits.y_test % 2 == 0]
    assert as_rows(made.x_test[made.y_test == 0]) == as_rows(even)


def test_seeds_move_the_halves():
    one, same, two = (load(DatasetSpec("digits_3v8", seed=s)) for s in (1, 1, 2))
    assert one.fingerprint == same.fingerprint != two.fingerprint
    assert as_rows(np.concatenate([one.x_train, one.x_test])) == as_rows(
        np.concatenate([two.x_train, two.x_test])
    )


def test_halves_are_disjoint_and_stratified():
    labels = np.random.default_rng(0).integers(0, 4, 203)
    train, test = halves(labels, 0)
    assert sorted([*train, *test]) == list(range(203))
    assert np.bincount(labels[test]).tolist() == (np.bincount(labels) // 2).tolist()
    assert np.all(np.diff(train) > 0) and np.all(np.diff(test) > 0)


def test_digits_scales():
    raw, unit = load(DatasetSpec("digits", scale="raw")), load(DatasetSpec("digits"))
    assert raw.x_test.max() == 16
    assert np.array_equal(unit.x_test, raw.x_test / 16)
    assert unit.spec.scale == "unit" and raw.spec.scale == "raw"


def test_breast_cancer_is_standardised_by_its_training_half():
    unit, raw = load(DatasetSpec("breast_cancer")), load(DatasetSpec("breast_cancer", scale="raw"))
    assert np.allclose(unit.x_train.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(unit.x_train.std(axis=0), 1, atol=1e-5)
    assert np.abs(unit.x_test.mean(axis=0)).max() > 0.01  # not by its own mean
    train = raw.x_train.astype(np.float64)
    expected = (raw.x_test - train.mean(axis=0)) / train.std(axis=0)
    assert np.allclose(unit.x_test, expected, atol=1e-3)
    fewer = load(DatasetSpec("breast_cancer", n_train=40))
    assert fewer.fingerprint == unit.fingerprint and np.bincount(fewer.y_train).tolist() == [20, 20]
    assert unit.classes == ("malignant", "benign")


@pytest.mark.parametrize("name", ["digits_3v8", "digits", "breast_cancer"])
def test_a_resolved_spec_gives_the_same_arrays(name):
    made = load(DatasetSpec(name))
    again = load(made.spec)
    assert again.spec == made.spec and again.fingerprint == made.fingerprint
    assert np.array_equal(again.x_train, made.x_train)
