"""Checks arrays of a user: layers ``layer_00`` (input), ``layer_01``, ..., labels and logits.

After the hidden layers comes the output: the array ``output``, or the probabilities of the logits.
Beside hidden layers there may be what enters and what leaves their activations, ``pre_01``, ... and
``post_01``, ...: of networks with skip connections neither is the layer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoflow.archive._npz import opened_npz
from geoflow.archive.given import GivenArrays
from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry.neighbors.knn import checked_points
from geoflow.machine.memory import refuse_beyond_memory
from geoflow.measure.activations import Activations
from geoflow.measure.output import probabilities
from geoflow.text.shown import listed, short

LARGEST_LOGIT = 1e38
"""The margin, a difference of two, fits the store's FLOAT."""


@dataclass(frozen=True)
class Archive:
    """Checked arrays; ``left_out``: the names of those that are of no use, and why they are not."""

    activations: Activations
    left_out: dict[str, str]


def read_layers(source: Path | str | Mapping[str, Any]) -> Archive:
    """Return the checked arrays of an ``.npz`` file or of a mapping.

    What memory has no room for is refused before it is read or copied.
    """
    if isinstance(source, Mapping):
        given = GivenArrays(source, "the arrays")
        refuse_too_large({name: given.copied(name) for name in filter(is_used, given)}, given.where)
        return checked_layers(given, given.where)
    with opened_npz(Path(source), is_used) as arrays:
        refuse_too_large({name: one.size for name, one in arrays.members.items()}, arrays.where)
        return checked_layers(arrays, arrays.where)


def is_used(name: str) -> bool:
    """Return whether an array of this name is looked at; no other is read."""
    return (
        re.fullmatch(r"(layer|pre|post)_[0-9]+|labels|logits|output|predictions", name) is not None
    )


def refuse_too_large(sizes: Mapping[str, int], where: str) -> None:
    """Refuse arrays of so many numbers: all of them as float64, one twice while it is checked."""
    largest = max(sizes, key=lambda name: sizes[name], default="")
    alone = 8 * sizes.get(largest, 0)
    fewer = "give fewer points, or leave arrays out"
    refuse_beyond_memory(f"{short(largest)} in {where}, as float64,", alone, fewer)
    whole = 8 * sum(sizes.values()) + alone
    refuse_beyond_memory(f"{listed(sizes)} in {where}, as float64,", whole, fewer)


def checked_layers(arrays: Mapping[str, np.ndarray], where: str = "the arrays") -> Archive:
    """Return layers and labels in order, or say which array is wrong and how to mend it.

    >>> layers = {"layer_00": np.eye(3), "layer_01": np.eye(3)[:, :2]}
    >>> checked_layers(layers).activations.widths
    [3, 2]
    """
    numbered = numbered_layers(arrays, where)
    layers: list[np.ndarray] = []
    for number in sorted(numbered):
        layers.append(points_of(arrays, numbered[number], where))
        if len(layers[-1]) != len(layers[0]):
            raise DatasetError(
                f"{short(numbered[number])} in {where} has {len(layers[-1])} rows but"
                f" {short(numbered[0])} has {len(layers[0])}: every layer needs one row per test"
                " point, in the same order"
            )
    labels = arrays.get("labels")
    checked = None if labels is None else checked_labels(labels, len(layers[0]), where)
    used = {*numbered.values(), "labels"}
    predicted = margin = None
    logits = None
    if "logits" in arrays:
        logits = checked_columns(arrays["logits"], len(layers[0]), "logits", where)
        used |= {"logits"}
    if checked is not None and logits is not None:
        predicted, margin = predictions_of(checked_logits(logits, checked, where), checked)
    elif "predictions" in arrays:
        predicted = checked_whole_numbers(
            arrays["predictions"], len(layers[0]), "predictions", where
        )
        used |= {"predictions"}
    pre, post = checked_activations(arrays, layers, where)
    for kind, given in (("pre", pre), ("post", post)):
        if given is not None:
            used |= {name for name in arrays if re.fullmatch(rf"{kind}_[0-9]+", name)}
    output = None if logits is None else probabilities(logits)
    if "output" in arrays:
        output = checked_columns(arrays["output"], len(layers[0]), "output", where)
        used |= {"output"}
    found = Activations(layers, checked, predicted, margin, pre, post, output, source=where)
    unused = sorted(set(arrays) - used)
    return Archive(found, {name: why_unused(name, used) for name in unused})


def why_unused(name: str, used: set[str]) -> str:
    """Return why geoflow has no use for an array of a name.

    >>> why_unused("predictions", {"layer_00", "layer_01", "labels", "logits"})
    'the logits say what is predicted'
    """
    if name == "predictions" and "logits" in used:
        return "the logits say what is predicted"
    if re.fullmatch(r"post_[0-9]+", name):
        return "what leaves an activation is compared with what enters it: there is no pre_01"
    return "geoflow has no use for an array of this name"


def points_of(arrays: Mapping[str, np.ndarray], name: str, where: str) -> np.ndarray:
    """Return an array of points (n, d) by name, or say what is wrong with it."""
    try:
        return checked_points(arrays[name])
    except GeometryError as error:
        raise DatasetError(f"{short(name)} in {where}: {error}") from None


def numbered_layers(arrays: Iterable[str], where: str) -> dict[int, str]:
    """Return the names of layers 0, 1, ... by their number.

    >>> numbered_layers(["layer_00", "labels", "layer_1"], "the arrays")
    {0: 'layer_00', 1: 'layer_1'}
    """
    every = list(arrays)
    named: dict[str, str] = {}
    for name in every:
        if not re.fullmatch(r"layer_[0-9]+", name):
            continue
        # As text: of 5,000 digits Python makes no number.
        digits = name.removeprefix("layer_").lstrip("0") or "0"
        if digits in named:
            both = listed([named[digits], name])
            raise DatasetError(f"{where} hold one layer under two names ({both}): keep one of them")
        named[digits] = name
    wanted = [str(number) for number in range(len(named))]
    if len(named) < 2 or not all(digits in named for digits in wanted):
        raise DatasetError(
            f"{where} hold {listed(every)}: name the input layer_00 and the hidden layers layer_01,"
            " layer_02, ... without a gap"
        )
    return {int(digits): named[digits] for digits in wanted}


def checked_activations(
    arrays: Mapping[str, np.ndarray], layers: list[np.ndarray], where: str
) -> tuple[list[np.ndarray] | None, list[np.ndarray] | None]:
    """Return what enters and what leaves the activation of every hidden layer, None if unknown.

    What leaves it alone is of no use: it is compared with what enters.
    """
    pre = of_hidden("pre", arrays, len(layers) - 1, where)
    post = None if pre is None else of_hidden("post", arrays, len(layers) - 1, where)
    if pre is None:
        return None, None
    shapes = [one.shape for one in (layers[1:] if post is None else post)]
    for number, (entering, shape) in enumerate(zip(pre, shapes, strict=True), start=1):
        found = None
        if len(entering) != len(layers[0]):
            found = f"there are {len(layers[0])} points"
        elif entering.shape != shape:
            found = f"{'its layer' if post is None else f'post_{number:02d}'} has {shape}"
        if found is not None:
            raise DatasetError(
                f"pre_{number:02d} in {where} has shape {entering.shape} but {found}:"
                " give what enters the activation, unit by unit, one row per test point"
            )
    return pre, post


def of_hidden(
    kind: str, arrays: Mapping[str, np.ndarray], depth: int, where: str
) -> list[np.ndarray] | None:
    """Return the arrays ``kind_01``, ... of all hidden layers, None if there are none."""
    given = sorted(name for name in arrays if re.fullmatch(rf"{kind}_[0-9]+", name))
    if not given:
        return None
    # As text: of 5,000 digits Python makes no number.
    named = {name.removeprefix(f"{kind}_").lstrip("0"): name for name in given}
    wanted = [str(number) for number in range(1, depth + 1)]
    lacking = [number for number in wanted if number not in named]
    if lacking or len(given) > depth:
        what = f"but not {kind}_{lacking[0]:>02}" if lacking else f"for {depth} hidden layers"
        raise DatasetError(
            f"{where} hold {listed(given)} {what}: give {kind}-activations of every hidden layer,"
            f" {kind}_01 of layer_01, or of none"
        )
    return [points_of(arrays, named[number], where) for number in wanted]


def checked_whole_numbers(array: np.ndarray, n: int, name: str, where: str) -> np.ndarray:
    """Return one whole number per point (n,)."""
    array = np.asarray(array)
    if array.shape != (n,):
        raise DatasetError(
            f"{name} in {where} have shape {array.shape} but there are {n} points: give one"
            f" {name.removesuffix('s')} per point"
        )
    if array.dtype.kind not in "fiub" or not (array == np.floor(array)).all():
        raise DatasetError(f"{name} in {where} must be integers: number the classes 0, 1, ...")
    with np.errstate(over="ignore"):  # of long doubles
        sizes = np.abs(array.astype(np.float64))
    if not (sizes <= np.iinfo(np.int32).max).all():
        raise DatasetError(f"{name} in {where} are too large: number the classes 0, 1, ...")
    return array.astype(np.int64)


def checked_labels(labels: np.ndarray, n: int, where: str) -> np.ndarray:
    """Return labels (n,) as integers, at least two classes among them."""
    whole = checked_whole_numbers(labels, n, "labels", where)
    if len(np.unique(whole)) < 2:
        raise DatasetError(
            f"labels in {where} hold one class only ({whole[0]}): give points of two classes or"
            " more, or leave the labels out"
        )
    return whole


def checked_columns(array: np.ndarray, n: int, name: str, where: str) -> np.ndarray:
    """Return an array (n,), (n, 1) or (n, classes) of finite numbers as columns.

    Of floats of 32 bits or fewer float32, so that what is equal in them stays equal.

    >>> checked_columns(np.array([1, 2]), 2, "logits", "the arrays").tolist()
    [[1.0], [2.0]]
    """
    found = np.asarray(array)
    if found.ndim == 1:
        found = found[:, None]
    if found.dtype.kind not in "fiu" or found.ndim != 2 or len(found) != n or not found.size:
        raise DatasetError(
            f"{name} in {where} have shape {np.shape(array)}: give one row of numbers for each of"
            f" the {n} points"
        )
    with np.errstate(over="ignore"):  # long doubles beyond float64 are infinite, and refused
        is_short = found.dtype.kind == "f" and found.dtype.itemsize <= 4
        found = found.astype(np.float32 if is_short else np.float64)
    if not np.isfinite(found).all():
        raise DatasetError(f"{name} in {where} hold NaN or infinity: leave these points out")
    if np.abs(found).max(initial=0.0) > LARGEST_LOGIT:
        raise DatasetError(
            f"{name} in {where} hold numbers beyond {LARGEST_LOGIT:.0e}: scale them down"
        )
    return found


def checked_logits(columns: np.ndarray, labels: np.ndarray, where: str) -> np.ndarray:
    """Return logits (n, classes): one column per class; one column alone is for the second."""
    logits, n_classes = columns.astype(np.float64), len(np.unique(labels))
    if logits.shape[1] == 1 and n_classes == 2:
        return np.hstack([np.zeros_like(logits), logits])
    if logits.shape[1] != n_classes:
        raise DatasetError(
            f"logits in {where} have {logits.shape[1]} columns but labels have {n_classes} classes:"
            " give one column per class, in the order of the labels"
        )
    return logits


def predictions_of(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the class (n,) of the largest logit (n, classes), and the margin of the true class.

        margin = z_true - max over other classes of z

    >>> predicted, margin = predictions_of(np.array([[0.0, 2.0], [1.0, 0.5]]), np.array([3, 8]))
    >>> predicted.tolist(), margin.tolist()
    ([8, 3], [-2.0, -0.5])
    """
    classes, place = np.unique(labels, return_inverse=True)
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, place] = -np.inf
    return classes[logits.argmax(axis=1)], logits[rows, place] - others.max(axis=1)
