"""The image families: files found, checked, read and flattened to one row per image."""

from pathlib import Path

import numpy as np

from geoflow.datasets._catalogue import Family
from geoflow.datasets._cifar import from_archive, from_npz
from geoflow.datasets._dataset import Labelled
from geoflow.datasets._files import Found, needed
from geoflow.datasets._idx import idx_array


def _idx_parts(files: list[Found]) -> tuple[Labelled, Labelled]:
    """Return (train, test) of four IDX files: images and labels, train before test."""
    parts = []
    for images, labels in (files[:2], files[2:]):
        x, y = idx_array(images, 3), idx_array(labels, 1)
        if len(x) != len(y):
            raise labels.damaged(f"{len(y)} labels for {len(x)} images in {images.path.name}")
        parts.append(Labelled(x.reshape(len(x), -1), y))
    return parts[0], parts[1]


def _cifar_parts(file: Found, n_classes: int) -> tuple[Labelled, Labelled]:
    """Return (train, test), rows flattened in the order height, width, channel."""
    is_npz = file.path.suffix == ".npz"
    x, y, x_test, y_test = from_npz(file) if is_npz else from_archive(file, n_classes)
    return Labelled(x.reshape(len(x), -1), y), Labelled(x_test.reshape(len(x_test), -1), y_test)


def image_parts(family: Family, home: Path, data_set: str) -> tuple[Labelled, Labelled]:
    """Return (train, test) of a family: x (n, d) bytes 0..255, labels (n,) original.

    A fault that concerns several files is reported under the name of the first.
    """
    files = needed(family, home, data_set)
    if family.reader == "idx":
        train, test = _idx_parts(files)
    else:
        train, test = _cifar_parts(files[0], len(family.classes))
    for part, counts in ((train, family.train_counts), (test, family.test_counts)):
        if part.x.shape[1] != family.n_features:
            raise files[0].damaged(f"{part.x.shape[1]} pixels an image, not {family.n_features}")
        held = np.bincount(part.labels, minlength=len(counts)).tolist()
        if held != list(counts):
            raise files[0].damaged(f"rows per class are {held}, expected {list(counts)}")
    return train, test
