"""The published files against published numbers; skipped where GEOFLOW_DATA names no folder."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from geoflow.datasets import listing, load
from geoflow.specs import DatasetSpec


def present(name: str, home: Path) -> None:
    if not next(row.is_present for row in listing(home) if row.name == name):
        pytest.skip(f"GEOFLOW_DATA does not hold the files of {name}")


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("mnist_1v7", [6742, 6265], [1135, 1028]),
        ("mnist_6v8", [5918, 5851], [958, 974]),
        ("fashion_sandal_v_boot", [6000, 6000], [1000, 1000]),
        ("fashion_shirt_v_coat", [6000, 6000], [1000, 1000]),
        ("cifar_plane_v_car", [5000, 5000], [1000, 1000]),
    ],
)
def test_counts_and_scale(real_home, name, train, test):
    present(name, real_home)
    made = load(DatasetSpec(name), real_home)
    assert np.bincount(made.y_train).tolist() == train
    assert np.bincount(made.y_test).tolist() == test
    assert made.x_test.min() == 0 and made.x_test.max() == 1
    assert np.all(np.diff(made.y_train) >= 0) and np.all(np.diff(made.y_test) >= 0)


def test_mnist_mean_pixel(real_home):
    present("mnist", real_home)
    made = load(DatasetSpec("mnist"), real_home)
    assert round(float(made.x_train.mean(dtype=np.float64)), 4) == 0.1307
    assert made.x_train.shape == (60000, 784)


def test_fashion_mean_pixel(real_home):
    present("fashion", real_home)
    made = load(DatasetSpec("fashion"), real_home)
    assert round(float(made.x_train.mean(dtype=np.float64)), 4) == 0.2860


def test_a_one_is_a_narrow_stroke_and_a_seven_has_a_bar(real_home):
    """Labels and pixels belong together, and class 0 is the one."""
    present("mnist_1v7", real_home)
    made = load(DatasetSpec("mnist_1v7"), real_home)
    mean = [made.x_test[made.y_test == c].mean(axis=0).reshape(28, 28) for c in (0, 1)]
    bar = np.s_[7:10, 6:12]  # upper left
    assert mean[1][bar].mean() > 10 * mean[0][bar].mean()


def test_cifar_pixels_are_those_published(real_home):
    """The md5 of all test images in the order height, width, channel, put back in file order."""
    present("cifar_plane_v_car", real_home)
    path = real_home / "cifar10" / "cifar10_airplane_automobile.npz"
    if not path.is_file():
        pytest.skip("the npz of two classes is not here")
    made = load(DatasetSpec("cifar_plane_v_car", scale="raw"), real_home)
    with np.load(path) as arrays:
        order = np.argsort(np.argsort(arrays["y_test"], kind="stable"), kind="stable")
    pixels = made.x_test[order].astype(np.uint8).tobytes()
    assert hashlib.md5(pixels).hexdigest() == "d21ff828804ea74782e5f499c5efbe74"
