"""IDX files: read right, and refused in words when they are not what was published."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_files import IDX_NAMES, World, idx_bytes, md5

from geoflow.datasets import listing, load
from geoflow.datasets._catalogue import DataFile
from geoflow.datasets._files import Found
from geoflow.datasets._idx import idx_array
from geoflow.errors import DatasetError
from geoflow.specs import DatasetSpec


def planted(folder: Path, content: bytes, name: str = "images") -> Found:
    """A file whose md5 is right, so that only its content can be at fault."""
    (folder / name).write_bytes(content)
    return Found(folder / name, DataFile(name, md5(content)), "mnist")


GOOD = idx_bytes(np.arange(24, dtype=np.uint8).reshape(4, 3, 2))


def test_values_and_order(tmp_path):
    array = idx_array(planted(tmp_path, GOOD), 3)
    assert array.shape == (4, 3, 2) and array.dtype == np.uint8
    assert array[1, 2].tolist() == [10, 11]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an IDX file"),
        (b"\x1f\x8b" + GOOD[2:], "not an IDX file"),
        (GOOD[:2] + b"\x0d" + GOOD[3:], "type code is 13, expected 8"),
        (idx_bytes(np.zeros(4, np.uint8)), "1 dimensions, expected 3"),
        (GOOD[:10], "header is truncated"),
        (GOOD[:-1], "holds 23 values, but its header says 4 x 3 x 2"),
        (GOOD + b"\0", "holds 25 values, but its header says 4 x 3 x 2"),
    ],
)
def test_what_is_not_idx_is_refused(tmp_path, content, words):
    with pytest.raises(DatasetError, match=words) as caught:
        idx_array(planted(tmp_path, content), 3)
    message = str(caught.value)
    assert str(tmp_path / "images") in message and "\n" not in message
    assert "geoflow datasets fetch mnist" in message and "--data-dir" in message


def test_a_cut_gzip_file_with_the_right_md5_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="not a complete gzip file"):
        idx_array(planted(tmp_path, gzip.compress(GOOD)[:-9], "images.gz"), 3)


def small(world: World, **changes):
    return load(DatasetSpec("mnist_1v7", **changes), world.home, families=world.families)


def test_a_pair_is_flattened_scaled_and_ordered(small_mnist):
    made, raw = small(small_mnist), small(small_mnist, scale="raw")
    for part, prefix in (("train", "train"), ("test", "t10k")):
        images = small_mnist.arrays[f"{prefix}-images-idx3-ubyte.gz"]
        labels = small_mnist.arrays[f"{prefix}-labels-idx1-ubyte.gz"]
        rows = [image.ravel().tolist() for image, y in zip(images, labels, strict=True) if y == 1]
        rows += [image.ravel().tolist() for image, y in zip(images, labels, strict=True) if y == 7]
        x, y = getattr(raw, f"x_{part}"), getattr(raw, f"y_{part}")
        assert x.tolist() == rows
        assert y.tolist() == [0] * (len(x) // 2) + [1] * (len(x) // 2)
        unit = getattr(made, f"x_{part}")
        assert unit.dtype == np.float32 and unit.flags.c_contiguous
        assert np.allclose(unit * 255, x, atol=1e-4)
    assert made.classes == ("1", "7") and made.n_features == 12
    assert made.spec == DatasetSpec("mnist_1v7", 0, 12, 6, "unit", {})
    assert made.source == "made for tests, mnist"


def test_sizes_take_the_first_rows_of_each_class(small_mnist):
    full, some = small(small_mnist), small(small_mnist, n_train=5, n_test=4)
    assert np.array_equal(some.x_train, full.x_train[[0, 1, 6, 7, 8]])
    assert np.array_equal(some.x_test, full.x_test[[0, 1, 3, 4]])
    assert (some.spec.n_train, some.spec.n_test) == (5, 4)


def test_decompressed_files_in_the_torch_folder_give_the_same(small_mnist):
    expected = small(small_mnist)
    other = small_mnist.home / "MNIST" / "raw"
    other.mkdir(parents=True)
    for name in IDX_NAMES:
        packed = small_mnist.home / "mnist" / name
        (other / name.removesuffix(".gz")).write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    assert small(small_mnist).fingerprint == expected.fingerprint
    plain = other / IDX_NAMES[2].removesuffix(".gz")
    plain.write_bytes(plain.read_bytes()[:-1] + b"\0")
    with pytest.raises(DatasetError, match=f"{plain.name}: md5 is"):
        small(small_mnist)


@pytest.mark.parametrize("name", IDX_NAMES)
@pytest.mark.parametrize("damage", ["cut", "one byte"])
def test_damaged_files_are_named_with_both_md5s(small_mnist, name, damage):
    path = small_mnist.home / "mnist" / name
    content = path.read_bytes()
    worse = content[:-5] if damage == "cut" else content[:-20] + b"?" + content[-19:]
    path.write_bytes(worse)
    with pytest.raises(DatasetError) as caught:
        small(small_mnist)
    for word in (str(path), md5(worse), md5(content), "fetch mnist", "--data-dir"):
        assert word in str(caught.value)


def test_rows_that_are_not_the_catalogue_s_are_refused(small_mnist):
    family = small_mnist.families["mnist"]
    wrong = replace(family, train_counts=(7, 5) + (6,) * 8)
    with pytest.raises(DatasetError, match="rows per class"):
        load(DatasetSpec("mnist"), small_mnist.home, families={"mnist": wrong})
    wrong = replace(family, n_features=13)
    with pytest.raises(DatasetError, match="12 pixels an image, not 13"):
        load(DatasetSpec("mnist"), small_mnist.home, families={"mnist": wrong})


def test_images_without_a_label_are_refused(small_mnist):
    family, name = small_mnist.families["mnist"], IDX_NAMES[0]
    content = gzip.compress(idx_bytes(small_mnist.arrays[name][:-1]))
    (small_mnist.home / "mnist" / name).write_bytes(content)
    files = (DataFile(name, md5(content)), *family.files[1:])
    with pytest.raises(DatasetError, match="60 labels for 59 images"):
        load(
            DatasetSpec("mnist"), small_mnist.home, families={"mnist": replace(family, files=files)}
        )


def test_missing_files_are_named_with_where_they_were_sought(small_mnist):
    assert {row.is_present for row in listing(small_mnist.home, families=small_mnist.families)} == {
        True
    }
    (small_mnist.home / "mnist" / IDX_NAMES[3]).unlink()
    with pytest.raises(DatasetError) as caught:
        small(small_mnist)
    searched = (str(small_mnist.home / "mnist"), str(small_mnist.home / "MNIST/raw"))
    for word in ("'mnist_1v7'", IDX_NAMES[3], *searched, "`geoflow datasets fetch mnist_1v7`"):
        assert word in str(caught.value)
    assert IDX_NAMES[0] not in str(caught.value)  # that one is there
    rows = listing(small_mnist.home, families=small_mnist.families)
    assert [row.is_present for row in rows if row.name == "mnist_1v7"] == [False]
    assert all(row.is_present for row in rows if row.name == "synthetic_a")


def test_the_home_is_the_argument_then_the_variable_then_data_here(small_mnist, monkeypatch):
    expected = small(small_mnist).fingerprint
    spec = DatasetSpec("mnist_1v7")
    monkeypatch.setenv("GEOFLOW_DATA", str(small_mnist.home))
    assert load(spec, families=small_mnist.families).fingerprint == expected
    with pytest.raises(DatasetError, match="elsewhere"):
        load(spec, Path("elsewhere"), families=small_mnist.families)
    monkeypatch.delenv("GEOFLOW_DATA")
    monkeypatch.chdir(small_mnist.home.parent)
    with pytest.raises(DatasetError, match="data/mnist"):
        load(spec, families=small_mnist.families)
    small_mnist.home.rename(small_mnist.home.with_name("data"))
    assert load(spec, families=small_mnist.families).fingerprint == expected
