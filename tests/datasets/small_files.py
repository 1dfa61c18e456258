"""Small generated files in the published formats, written out by hand."""

import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from geoflow.datasets._catalogue import Catalogue, DataFile, Family

IDX_NAMES = tuple(
    f"{part}-{kind}-ubyte.gz"
    for part in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
)
N_TRAIN, N_TEST = 60, 30  # of ten classes


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def idx_bytes(array: np.ndarray) -> bytes:
    """The format written out by hand: magic, sizes big-endian, values."""
    head = bytes([0, 0, 8, array.ndim])
    return head + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


@dataclass
class World:
    """A data home and a catalogue whose md5s are those of the files in it."""

    home: Path
    families: Catalogue
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)  # file name -> published bytes


def small_family(name: str, reader: str, files: tuple[DataFile, ...], **rest) -> Family:
    fields = {
        "title": name,
        "reference": f"made for tests, {name}",
        "licence": "none",
        "n_features": 12,
        "classes": tuple("0123456789"),
        "train_counts": (N_TRAIN // 10,) * 10,
        "test_counts": (N_TEST // 10,) * 10,
        "named": ("mnist", "mnist_1v7"),
        "pair": "v",
        "divisor": 255,
        "folders": ("mnist", "MNIST/raw"),
    }
    return Family(name=name, reader=reader, files=files, **(fields | rest))


def archive_bytes(batches: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
