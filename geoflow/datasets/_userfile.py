"""A data set in a file of the user's own: points, classes, and which rows are for tests."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geoflow.datasets._dataset import Dataset, Sizes
from geoflow.datasets._rows import checked_n, rows_by_class
from geoflow.datasets._table import columns_of
from geoflow.errors import DatasetError, SpecError, unknown
from geoflow.specs import DatasetSpec, FileSpec
from geoflow.specs.datafile import TEST_SHARE
from geoflow.text.shown import listed, short

MOST_CLASSES = 100
"""A label of more values is no class."""

INDEX_OF_PANDAS = re.compile(r"Unnamed: [0-9]+|__index_level_[0-9]+__")

PARTS = ("train", "test")
"""What a column that splits the rows says."""


def file_dataset(spec: DatasetSpec) -> Dataset:
    """Return the data set of a file.

    Raises DatasetError for what the file has, SpecError for what it has not.
    """
    assert spec.file is not None
    file, where = spec.file, short(spec.file.path, 300)
    frame = columns_of(file)
    label = file.label or "y"
    chosen = point_columns(frame, file, label, where)
    classes, labels = classes_of(frame[label], where)
    points = np.stack([column_numbers(frame[name], where) for name in chosen], axis=1)
    is_test = test_rows(frame, file, labels, spec.seed)
    refuse_small_classes(labels, is_test, classes, where)
    if file.standardize:
        points = standardized(points, points[~is_test], chosen, where)
    x = checked_singles(points, chosen, where)
    groups = [(at,) for at in range(len(classes))]
    parts = []
    for rows, n, what in ((~is_test, spec.n_train, "n_train"), (is_test, spec.n_test, "n_test")):
        if n is not None:
            whose = f"{what} of data set '{spec.name}'"
            checked_n(n, len(classes), whose, int(rows.sum()))
        index, y = rows_by_class(labels[rows], groups, n)
        parts.append((np.ascontiguousarray(x[rows][index]), y))
    (x_train, y_train), (x_test, y_test) = parts
    share = None if file.split else file.test_share or TEST_SHARE
    whole = replace(file, test_share=share)
    resolved = replace(spec, n_train=len(y_train), n_test=len(y_test), file=whole)
    source = f"file {Path(file.path).resolve()}"
    return Dataset(resolved, x_train, y_train, x_test, y_test, tuple(classes), source)


def file_sizes(spec: DatasetSpec) -> Sizes:
    """Return how large the data set of a file is; the file is read once as long as it stays."""
    assert spec.file is not None
    try:
        found = Path(spec.file.path).stat()
    except (OSError, ValueError):
        found = None
    when = None if found is None else (found.st_mtime_ns, found.st_size)
    return sizes_then(spec.name, spec.file, (spec.seed, spec.n_train, spec.n_test), when)


@lru_cache(32)
def sizes_then(
    name: str,
    file: FileSpec,
    asked: tuple[int, int | None, int | None],
    when: tuple[int, int] | None,
) -> Sizes:
    """Return the sizes of a file that was changed last at a time, and had a size then."""
    data = file_dataset(DatasetSpec(name, *asked, file=file))
    n_train, n_test = len(data.x_train), len(data.x_test)
    return Sizes(n_train, n_test, data.n_features, data.n_classes, n_train + n_test)


def point_columns(frame: pl.DataFrame, file: FileSpec, label: str, where: str) -> list[str]:
    """Return the columns of the points: those that are named, or all but label and split."""
    for name in (label, *file.columns, *(() if file.split is None else (file.split,))):
        if name not in frame.columns:
            raise unknown(f"column of {where}", name, frame.columns, "choose from these")
    if not frame.height:
        raise DatasetError(f"{where} has no rows: give a file with rows")
    chosen = list(file.columns) or [one for one in frame.columns if one not in (label, file.split)]
    for name in chosen:
        if not file.columns and (not name.strip() or INDEX_OF_PANDAS.match(name)):
            raise DatasetError(
                f"{where}: column {frame.columns.index(name) + 1} has "
                f"{f'the name {name}' if name.strip() else 'no name'}, as the index of a frame of"
                " pandas: save the frame with index=False, or name the columns of points with"
                " columns"
            )
    if not chosen:
        raise DatasetError(f"{where} has no column beside {label}: give points too")
    texts = [
        name
        for name in chosen
        if not (frame[name].dtype.is_numeric() or frame[name].dtype in (pl.Boolean, pl.Null))
    ]
    if texts:
        held = next((one for one in frame[texts[0]] if not is_number(one)), None)
        raise DatasetError(
            f"{where}: {listed(texts)} hold no numbers ({short(texts[0])} has {short(held)!r}):"
            " name the columns of numbers with columns"
        )
    return chosen


def is_number(value: object) -> bool:
    """Return whether a value is a number, or a text that is one."""
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def column_numbers(column: pl.Series, where: str) -> NDArray[np.float64]:
    """Return a column as float64; refuse values that are missing, NaN or infinite."""
    values = column.cast(pl.Float64).to_numpy()
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        held = column[int(wrong[0])]
        what = "missing" if held is None else f"no finite number ({held})"
        raise DatasetError(
            f"{where}: {len(wrong)} of {len(values)} values of column {short(column.name)} are"
            f" not there or not finite, the first in row {wrong[0] + 1}, {what}: fill or drop"
            " these rows"
        )
    return np.asarray(values, np.float64)


def classes_of(column: pl.Series, where: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the classes in order, and of each row its class from 0."""
    name = f"label {short(column.name)} of {where}"
    if n_missing := column.null_count():
        first = int(column.is_null().arg_max() or 0) + 1
        raise DatasetError(
            f"{name} is missing in {n_missing} rows, the first row {first}: drop these rows"
        )
    values = column.cast(pl.String) if column.dtype in (pl.Categorical, pl.Enum) else column
    if column.dtype.is_float():
        held = column.to_numpy()
        if not np.isfinite(held).all() or (held != np.floor(held)).any():
            odd = held[~np.isfinite(held) | (held != np.floor(held))][0]
            raise DatasetError(
                f"{name} has {column.n_unique()} values such as {odd:g}: a class is a whole"
                " number, a text, or true or false"
            )
        values = column.cast(pl.Int64, strict=False)
    if not (values.dtype.is_integer() or values.dtype in (pl.String, pl.Boolean)):
        raise DatasetError(
            f"{name} is of type {column.dtype}: a class is a whole number, a text, or true or false"
        )
    known = values.unique().sort()
    if len(known) > MOST_CLASSES:
        raise DatasetError(
            f"{name} has {len(known)} values, more than {MOST_CLASSES}: it is no class"
        )
    if len(known) < 2:
        raise DatasetError(f"{name} has one class, {short(known[0])}: give two or more")
    place = {value: at for at, value in enumerate(known)}
    labels = np.array([place[value] for value in values], np.int64)
    return [str(value) for value in known], labels


def test_rows(
    frame: pl.DataFrame, file: FileSpec, labels: NDArray[np.int64], seed: int
) -> NDArray[np.bool_]:
    """Return which rows are test points: those that a column says, or a share of each class."""
    if file.split is None:
        return drawn_rows(labels, file.test_share or TEST_SHARE, seed)
    said = [str(value) for value in frame[file.split]]
    for at, value in enumerate(said):
        if value not in PARTS:
            raise DatasetError(
                f"column {short(file.split)} of {short(file.path, 300)} says {short(value)!r} in"
                f" row {at + 1}: it must say train or test"
            )
    return np.array([value == "test" for value in said])


def drawn_rows(labels: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Return which rows are test points: of the n_c rows of class c floor(share n_c), drawn.

    >>> drawn_rows(np.array([0, 0, 0, 0, 1, 1]), 0.5, seed=0).sum()
    np.int64(3)
    """
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(labels), bool)
    for one in range(labels.max() + 1):
        rows = rng.permutation(np.flatnonzero(labels == one))
        is_test[rows[: math.floor(share * len(rows) + 1e-9)]] = True
    return is_test


def refuse_small_classes(
    labels: NDArray[np.int64], is_test: NDArray[np.bool_], classes: Sequence[str], where: str
) -> None:
    """Refuse a class with fewer than two training rows or test points."""
    for at, name in enumerate(classes):
        for rows, what in ((~is_test, "training"), (is_test, "test")):
            if (n := int((labels[rows] == at).sum())) < 2:
                raise DatasetError(
                    f"class {short(name)} of {where} has {n} {what} rows, fewer than 2: give more"
                    " rows of it, or split them otherwise"
                )


def standardized(
    points: NDArray[np.float64],
    reference: NDArray[np.float64],
    names: Sequence[str],
    where: str,
) -> NDArray[np.float64]:
    """Return (x - mean) / deviation, column by column, of the training rows alone.

    points (n, d), reference (m, d): all training rows, however many of them are used.
    """
    same = np.flatnonzero((reference == reference[0]).all(axis=0))
    if len(same):
        constant = listed(names[int(at)] for at in same)
        raise SpecError(
            f"{where}: {constant} has one value in all training rows and cannot be standardized:"
            " name the other columns with columns"
        )
    found: NDArray[np.float64] = (points - reference.mean(axis=0)) / reference.std(axis=0)
    return found


def checked_singles(
    points: NDArray[np.float64], names: Sequence[str], where: str
) -> NDArray[np.float32]:
    """Return points as float32, or say which column does not fit."""
    with np.errstate(over="ignore"):
        single = points.astype(np.float32)
    wide = np.flatnonzero(~np.isfinite(single).all(axis=0))
    if len(wide):
        raise DatasetError(
            f"{where}: values of column {short(names[int(wide[0])])} do not fit float32: scale it"
            " down, or give standardize"
        )
    return single
