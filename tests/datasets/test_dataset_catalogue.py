"""The catalogue is whole, and the import and the listing stay light."""

import subprocess
import sys

import pytest

from geoflow.datasets import listing
from geoflow.datasets._catalogue import bundled_catalogue
from geoflow.datasets._problems import problem

FAMILIES = bundled_catalogue()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_families_are_whole(family):
    assert len(family.classes) == len(family.train_counts) == len(family.test_counts)
    assert len(set(family.classes)) == len(family.classes)
    assert family.title and family.reference and family.licence
    for file in family.files:
        assert len(file.md5) == 32 and int(file.md5, 16)
        assert file.content_md5 != file.md5
        assert all(a.startswith("http") and a.endswith("/" + file.name) for a in file.addresses)
    if family.files:
        assert family.folders and any(file.addresses for file in family.files)
    for name in family.named:
        assert problem(name, FAMILIES).family is family


def test_published_totals():
    for name, n_train, n_test in (
        ("mnist", 60000, 10000),
        ("mnist_1v7", 6742 + 6265, 2163),
        ("mnist_6v8", 5918 + 5851, 1932),
        ("fashion_sandal_v_boot", 12000, 2000),
        ("fashion_shirt_v_coat", 12000, 2000),
        ("cifar_plane_v_car", 10000, 2000),
        ("digits_3v8", 179, 178),
    ):
        chosen = problem(name, FAMILIES)
        assert (chosen.n_train, chosen.n_test) == (n_train, n_test)


def test_names_mean_the_published_labels():
    assert problem("fashion_sandal_v_boot", FAMILIES).groups == ((5,), (9,))
    assert problem("fashion_shirt_v_coat", FAMILIES).groups == ((6,), (4,))
    assert problem("fashion_t_shirt_v_trouser", FAMILIES).classes == ("t_shirt", "trouser")
    assert problem("mnist_9v0", FAMILIES).groups == ((9,), (0,))


def test_listing_needs_no_files(tmp_path):
    rows = {row.name: row for row in listing(tmp_path)}
    assert not rows["mnist_1v7"].is_present and rows["digits"].is_present
    assert (rows["mnist_1v7"].n_features, rows["mnist"].n_classes) == (784, 10)
    assert rows["circles"].n_features == 2
    assert {"synthetic_a", "tori", "breast_cancer", "cifar_plane_v_car"} < set(rows)


def test_importing_and_listing_load_nothing_heavy():
    code = (
        "import sys, geoflow.datasets as d; d.listing();"
        "print(*{'sklearn', 'pooch', 'requests', 'torch', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
