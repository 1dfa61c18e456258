"""Points and labels in an ``.npz`` file, for a model to be run on."""

from pathlib import Path

import numpy as np

from geoflow.archive._npz import opened_npz
from geoflow.errors import DatasetError
from geoflow.machine.memory import refuse_beyond_memory
from geoflow.text.shown import listed, short

LABEL_NAMES = ("labels", "y")


def read_points(path: Path) -> tuple[np.ndarray | dict[str, np.ndarray], np.ndarray | None]:
    """Return the points of a file and their labels, None if it has none.

    Points are the array ``x``, or where there is none every array but the labels, by name: the
    arguments of a model. Labels are ``labels`` or ``y``.
    """
    where = short(path, 300)
    if not path.exists():
        raise DatasetError(
            f"no file {where}: give --data an .npz file with x, and y if labels are known"
        )
    if path.is_dir() or path.suffix == ".npy":
        raise DatasetError(f"{where} is no .npz file: save x, and y if known, by numpy.savez")
    with opened_npz(path, lambda name: True) as arrays:
        sizes = {name: one.size * one.dtype.itemsize for name, one in arrays.members.items()}
        refuse_beyond_memory(f"the arrays in {where}", sum(sizes.values()), "give fewer")
        labels = next((arrays[name] for name in LABEL_NAMES if name in arrays.members), None)
        names = [name for name in arrays.members if name not in LABEL_NAMES]
        if names == ["x"]:
            return arrays["x"], labels
        if "x" in names:
            raise DatasetError(
                f"{where} holds {listed(names)}: give the points as x alone, or all of them by the"
                " names of the model's arguments"
            )
        if not names:
            raise DatasetError(
                f"{where} holds {listed(arrays)}: give the points as x, or the model's arguments by"
                " name"
            )
        return {name: arrays[name] for name in names}, labels
