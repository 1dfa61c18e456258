"""CIFAR-10: the archive and the npz are one data set, and nothing in them is ever unpickled."""

import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_files import World, archive_bytes, md5

from geoflow.datasets import Dataset, load
from geoflow.datasets._catalogue import DataFile
from geoflow.errors import DatasetError
from geoflow.specs import DatasetSpec

ARCHIVE, NPZ = "cifar-10-binary.tar.gz", "two.npz"
SPEC = DatasetSpec("cifar_plane_v_car", scale="raw")


def loaded(world: World, content: bytes, name: str, folder: str = "cifar10") -> Dataset:
    """The data set when this content, with its own md5, is the only file."""
    (world.home / folder / name).write_bytes(content)
    family = world.families["cifar"]
    family = replace(family, files=(DataFile(name, md5(content)),))
    return load(SPEC, world.home, families={"cifar": family})


def npz_bytes(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_archive_and_npz_give_the_same_arrays(small_cifar):
    one = loaded(small_cifar, small_cifar.contents[ARCHIVE], ARCHIVE, ".")
    two = loaded(small_cifar, small_cifar.contents[NPZ], NPZ)
    for key in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(one, key), getattr(two, key)), key
    assert one.classes == ("plane", "car") and one.n_features == 3072
    images, labels = small_cifar.arrays["x_train"], small_cifar.arrays["y_train"]
    planes = images[labels == 0]
    assert np.array_equal(one.x_train[: len(planes)], planes.reshape(len(planes), -1))
    assert one.x_train[0, :6].tolist() == planes[0, 0, :2].ravel().tolist()  # r g b, r g b, ...


def test_the_npz_is_read_first(small_cifar):
    for name in (NPZ, ARCHIVE):
        (small_cifar.home / "cifar10" / name).write_bytes(small_cifar.contents[name])
    expected = load(SPEC, small_cifar.home, families=small_cifar.families)
    (small_cifar.home / "cifar10" / ARCHIVE).write_bytes(b"never opened")
    again = load(SPEC, small_cifar.home, families=small_cifar.families)
    assert again.fingerprint == expected.fingerprint


def test_swapped_classes(small_cifar):
    (small_cifar.home / "cifar10" / NPZ).write_bytes(small_cifar.contents[NPZ])
    car = load(DatasetSpec("cifar_car_v_plane"), small_cifar.home, families=small_cifar.families)
    assert car.classes == ("car", "plane")
    first = small_cifar.arrays["x_test"][small_cifar.arrays["y_test"] == 1][0]
    assert np.allclose(car.x_test[0] * 255, first.ravel(), atol=1e-3)


class Exploding:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return (Path.touch, (self.trace,))


def test_object_arrays_are_refused_and_not_run(small_cifar, tmp_path):
    trace = tmp_path / "ran"
    arrays = dict(small_cifar.arrays)
    arrays["y_test"] = np.array([Exploding(trace)], dtype=object)
    with pytest.raises(DatasetError, match="Python objects") as caught:
        loaded(small_cifar, npz_bytes(**arrays), NPZ)
    assert NPZ in str(caught.value) and "--data-dir" in str(caught.value)
    with pytest.raises(DatasetError, match="not a complete npz"):
        loaded(small_cifar, pickle.dumps(Exploding(trace)), NPZ)
    assert not trace.exists()


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_cut_files_are_refused_even_with_the_md5_of_the_cut(small_cifar, part):
    for name, words in ((NPZ, "not a complete npz"), (ARCHIVE, "complete tar.gz|archive lacks")):
        content = small_cifar.contents[name]
        with pytest.raises(DatasetError, match=words):
            loaded(small_cifar, content[: int(part * len(content))], name)


def test_a_broken_byte_inside_the_npz_is_refused(small_cifar):
    content = bytearray(small_cifar.contents[NPZ])
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(DatasetError, match=NPZ):
        loaded(small_cifar, bytes(content), NPZ)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_test": None}, "lacks the arrays x_test"),
        ({"x_train": np.zeros((20, 3, 32, 32), np.uint8)}, r"\(20, 3, 32, 32\)"),
        ({"x_train": np.zeros((20, 32, 32, 3), np.float32)}, "float32"),
        ({"x_train": np.zeros((19, 32, 32, 3), np.uint8)}, r"\(19, 32, 32, 3\)"),
        ({"y_train": np.zeros(20, np.int64)}, "labels are int64"),
        ({"y_train": np.zeros(20, np.uint8)}, "rows per class"),
        ({"y_train": np.full(20, 2, np.uint8)}, "rows per class"),
    ],
)
def test_other_arrays_are_refused(small_cifar, change, words):
    arrays = {k: v for k, v in (small_cifar.arrays | change).items() if v is not None}
    with pytest.raises(DatasetError, match=words):
        loaded(small_cifar, npz_bytes(**arrays), NPZ)


def test_archives_with_other_batches_are_refused(small_cifar):
    with pytest.raises(DatasetError, match=r"lacks data_batch_1.bin, .*test_batch.bin"):
        loaded(small_cifar, archive_bytes({"readme": b"x"}), ARCHIVE)
    with pytest.raises(DatasetError, match=r"test_batch.bin is not made of whole records of 3073"):
        loaded(small_cifar, archive_bytes({"test_batch.bin": bytes(3072)}), ARCHIVE)


@pytest.mark.parametrize("name", [NPZ, ARCHIVE])
def test_wrong_md5_is_named(small_cifar, name):
    path = small_cifar.home / "cifar10" / name
    path.write_bytes(b"something else")
    with pytest.raises(DatasetError) as caught:
        load(SPEC, small_cifar.home, families=small_cifar.families)
    for word in (str(path), md5(b"something else"), md5(small_cifar.contents[name])):
        assert word in str(caught.value)


def test_neither_file_names_both(small_cifar):
    with pytest.raises(DatasetError, match=f"{NPZ} or {ARCHIVE}"):
        load(SPEC, small_cifar.home, families=small_cifar.families)
