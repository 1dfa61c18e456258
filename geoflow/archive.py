"""Reads layers from an ``.npz`` file: ``layer_00`` (input), ``layer_01``, ... and ``labels``."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry.knn import checked_points


@dataclass(frozen=True)
class LayerArrays:
    """Checked arrays: ``layers[l]`` (n, d_l) with l = 0 the input, ``labels`` (n,) or None.

    ``left_out`` names the arrays that geoflow has no use for.
    """

    layers: list[np.ndarray]
    labels: np.ndarray | None
    left_out: list[str]


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file; nothing in it is ever unpickled."""
    if not path.is_file():
        raise DatasetError(f"no file {path}: give an .npz file with layer_00, layer_01, ...")
    arrays = {}
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise DatasetError(f"{path} holds a single array: save layers with numpy.savez")
        with archive:
            for name in archive.files:
                try:
                    arrays[name] = archive[name]
                except ValueError:
                    raise DatasetError(
                        f"array '{name}' in {path} holds Python objects, which are never unpickled:"
                        " save it as an array of numbers"
                    ) from None
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DatasetError(f"{path} is not a readable .npz file ({reason}): save it anew") from None
    return arrays


def checked_layers(arrays: Mapping[str, np.ndarray], where: str = "the arrays") -> LayerArrays:
    """Return layers and labels in order, or say which array is wrong and how to mend it.

    >>> layers = {"layer_00": np.eye(3), "layer_01": np.eye(3)[:, :2]}
    >>> [layer.shape for layer in checked_layers(layers).layers]
    [(3, 3), (3, 2)]
    """
    named = [name for name in arrays if re.fullmatch(r"layer_\d+", name)]
    numbered = {int(name.removeprefix("layer_")): name for name in named}
    if len(numbered) < len(named):
        raise DatasetError(f"{where} hold one layer under two names ({', '.join(sorted(named))})")
    if sorted(numbered) != list(range(len(numbered))) or len(numbered) < 2:
        names = ", ".join(sorted(arrays)) or "nothing"
        raise DatasetError(
            f"{where} hold {names}: name the input layer_00 and the hidden layers layer_01,"
            " layer_02, ... without a gap"
        )
    layers = []
    for number in sorted(numbered):
        name = numbered[number]
        try:
            layers.append(checked_points(arrays[name]))
        except GeometryError as error:
            raise DatasetError(f"{name} in {where}: {error}") from None
        if len(layers[-1]) != len(layers[0]):
            raise DatasetError(
                f"{name} in {where} has {len(layers[-1])} rows but {numbered[0]} has"
                f" {len(layers[0])}: every layer needs one row per test point, in the same order"
            )
    labels = arrays.get("labels")
    checked = None if labels is None else checked_labels(labels, len(layers[0]), where)
    used = {*numbered.values(), "labels"}
    return LayerArrays(layers, checked, sorted(set(arrays) - used))


def checked_labels(labels: np.ndarray, n: int, where: str) -> np.ndarray:
    """Return labels (n,) as integers, at least two classes among them."""
    array = np.asarray(labels)
    if array.shape != (n,):
        raise DatasetError(
            f"labels in {where} have shape {array.shape} but there are {n} points: give one label"
            " per point"
        )
    if array.dtype.kind not in "fiub" or not (array == np.floor(array)).all():
        raise DatasetError(f"labels in {where} are not whole numbers: number the classes 0, 1, ...")
    if not (np.abs(array.astype(np.float64)) <= np.iinfo(np.int32).max).all():
        raise DatasetError(f"labels in {where} are too large: number the classes 0, 1, ...")
    whole = array.astype(np.int64)
    if len(np.unique(whole)) < 2:
        raise DatasetError(
            f"labels in {where} hold one class only ({whole[0]}): give points of two classes or"
            " more, or leave the labels out"
        )
    return whole
