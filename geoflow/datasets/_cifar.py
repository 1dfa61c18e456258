"""CIFAR-10 from the official binary archive or from an npz of two classes; never from pickles."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geoflow.datasets._files import Found
from geoflow.errors import DatasetError

SIDE, CHANNELS = 32, 3
RECORD = 1 + CHANNELS * SIDE * SIDE
"""Bytes of one image in the archive: its label, then red, green and blue planes, row by row."""

TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST = ("test_batch.bin",)
ARRAY_NAMES = ("x_train", "y_train", "x_test", "y_test")

Bytes = NDArray[np.uint8]


def _batch(content: bytes, name: str, file: Found) -> tuple[Bytes, Bytes]:
    """Return (images (n, 32, 32, 3), labels (n,)) of one batch of the archive."""
    if not content or len(content) % RECORD:
        raise file.damaged(f"{name} is not made of whole records of {RECORD} bytes")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    planes = records[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
    return planes.transpose(0, 2, 3, 1), records[:, 0]


def _members(file: Found) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the batches of the archive, in one pass, nothing unpacked."""
    with tarfile.open(file.path, "r|gz") as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            if name in TRAIN + TEST and (stream := archive.extractfile(member)):
                yield name, stream.read()


def from_archive(file: Found, n_classes: int) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Return (x_train, y_train, x_test, y_test) of the original labels below n_classes.

    x (n, 32, 32, 3): height, width, channel; rows in the order of the batches. Source: the
    "binary version" of A. Krizhevsky's CIFAR-10 page.
    """
    file.check()
    try:
        batches = {name: _batch(content, name, file) for name, content in _members(file)}
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        raise file.damaged("not a complete tar.gz archive") from None
    if absent := [name for name in TRAIN + TEST if name not in batches]:
        raise file.damaged(f"the archive lacks {', '.join(absent)}")
    parts: list[Bytes] = []
    for names in (TRAIN, TEST):
        x = np.concatenate([batches[name][0] for name in names])
        y = np.concatenate([batches[name][1] for name in names])
        parts += [x[y < n_classes], y[y < n_classes]]
    return parts[0], parts[1], parts[2], parts[3]


def from_npz(file: Found) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Return (x_train, y_train, x_test, y_test) of an npz with those keys, bytes only.

    x (n, 32, 32, 3): height, width, channel; y (n,): original labels.
    """
    file.check()
    try:
        with zipfile.ZipFile(file.path) as container:
            held = set(container.namelist())
        if absent := [key for key in ARRAY_NAMES if f"{key}.npy" not in held]:
            raise file.damaged(f"lacks the arrays {', '.join(absent)}")
        with np.load(file.path, allow_pickle=False) as arrays:
            x_train, y_train, x_test, y_test = (arrays[key] for key in ARRAY_NAMES)
    except DatasetError:
        raise
    except ValueError:
        raise file.damaged("holds Python objects or a broken array, which are not read") from None
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, lzma.LZMAError):
        raise file.damaged("not a complete npz file") from None
    for x, y in ((x_train, y_train), (x_test, y_test)):
        if x.dtype != np.uint8 or x.shape != (len(y), SIDE, SIDE, CHANNELS):
            raise file.damaged(f"images are {x.dtype} {x.shape}, expected uint8 (n, 32, 32, 3)")
        if y.dtype != np.uint8 or y.ndim != 1:
            raise file.damaged(f"labels are {y.dtype} {y.shape}, expected uint8 (n,)")
    return x_train, y_train, x_test, y_test
