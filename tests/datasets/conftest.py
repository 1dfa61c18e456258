"""Small generated files with their own catalogue, and the real files where there are any."""

import gzip
import io
import os
from pathlib import Path

import numpy as np
import pytest
from small_files import (
    IDX_NAMES,
    N_TEST,
    N_TRAIN,
    World,
    archive_bytes,
    idx_bytes,
    md5,
    small_family,
)

from geoflow.datasets._catalogue import DataFile


@pytest.fixture
def small_mnist(tmp_path: Path) -> World:
    """Ten classes of 4 x 3 images, all different, labels shuffled; written to home/mnist."""
    rng = np.random.default_rng(1)
    arrays, contents, files = {}, {}, []
    for name, n in zip(IDX_NAMES, (N_TRAIN, N_TRAIN, N_TEST, N_TEST), strict=True):
        labels = rng.permutation(np.arange(n) % 10)
        array = rng.integers(0, 256, (n, 4, 3)) if "images" in name else labels
        arrays[name] = array.astype(np.uint8)
        plain = idx_bytes(arrays[name])
        contents[name] = gzip.compress(plain, mtime=0)
        files.append(DataFile(name, md5(contents[name]), md5(plain)))
    home = tmp_path / "home"
    (home / "mnist").mkdir(parents=True)
    for name, content in contents.items():
        (home / "mnist" / name).write_bytes(content)
    return World(home, {"mnist": small_family("mnist", "idx", tuple(files))}, arrays, contents)


@pytest.fixture
def small_cifar(tmp_path: Path) -> World:
    """Five training batches and a test batch of 20 images, both as an archive and as an npz."""
    rng = np.random.default_rng(2)
    batches, parts = {}, {"train": [], "test": []}
    for name in [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]:
        images = rng.integers(0, 256, (20, 32, 32, 3)).astype(np.uint8)
        labels = rng.permutation(np.arange(20) % 10).astype(np.uint8)
        batches[name] = b"".join(
            bytes([label]) + b"".join(image[:, :, channel].tobytes() for channel in range(3))
            for image, label in zip(images, labels, strict=True)
        )
        parts["test" if "test" in name else "train"].append((images, labels))
    arrays = {}
    for part, pieces in parts.items():
        images, labels = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
        arrays[f"x_{part}"], arrays[f"y_{part}"] = images[labels < 2], labels[labels < 2]
    readme = {"readme.html": b"not a batch"}
    contents = {"cifar-10-binary.tar.gz": archive_bytes(readme | dict(reversed(batches.items())))}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays, class_names=np.array(["airplane", "automobile"]))
    contents["two.npz"] = buffer.getvalue()
    family = small_family(
        "cifar",
        "cifar",
        tuple(DataFile(name, md5(contents[name])) for name in ("two.npz", *contents)[:2]),
        n_features=3072,
        classes=("plane", "car"),
        train_counts=(10, 10),
        test_counts=(2, 2),
        named=("cifar_plane_v_car",),
        pair="_v_",
        needs="any",
        folders=("cifar10", "."),
    )
    home = tmp_path / "home"
    (home / "cifar10").mkdir(parents=True)
    return World(home, {"cifar": family}, arrays, contents)


@pytest.fixture(scope="session")
def real_home() -> Path:
    """The folder of the published files, or a skip."""
    folder = os.environ.get("GEOFLOW_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GEOFLOW_DATA is not a folder: published data files are not here")
    return Path(folder)
