"""A user's file as columns, CSV, Parquet or the arrays of an .npz file, or why it is none."""

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geoflow.errors import DatasetError
from geoflow.machine.memory import refuse_beyond_memory
from geoflow.machine.userfiles import open_regular
from geoflow.specs import FileSpec
from geoflow.text.shown import listed, short

SEPARATORS = (",", ";", "\t")
"""Of CSV files: the one that its first line has most of."""

COPIES = 4
"""Of a file's bytes, while it is read."""


def columns_of(file: FileSpec) -> pl.DataFrame:
    """Return the columns of a file; x (n, d) of an .npz file becomes x0, x1, ...; y stays y.

    Raises DatasetError for a file that is missing, empty, ragged or not what its name says.
    """
    content = content_of(Path(file.path))
    where = short(file.path, 300)
    try:
        if file.suffix == ".npz":
            return npz_columns(content, where, file.split)
        if file.suffix == ".parquet":
            return pl.read_parquet(io.BytesIO(content))
        return csv_columns(content, where)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        reason = short(str(error).splitlines()[0], 200)
        raise DatasetError(
            f"{where} cannot be read as {file.suffix[1:]} ({reason}): give a file that can"
        ) from None


def content_of(path: Path) -> bytes:
    """Return the bytes of a file that memory has room for."""
    where = short(path, 300)
    try:
        with open_regular(path) as stream:
            size = path.stat().st_size
            refuse_beyond_memory(where, COPIES * size, "give a file with fewer rows")
            content = stream.read()
    except OSError as error:
        raise DatasetError(
            f"{where} cannot be read ({error.strerror}): give the path of a data file"
        ) from None
    if not content.strip():
        raise DatasetError(f"{where} is empty: give a file with rows")
    return content


def csv_columns(content: bytes, where: str) -> pl.DataFrame:
    """Return the columns of a CSV file with a line of names."""
    text = content.decode("utf-8-sig")
    first = text[: text.find("\n") + 1] or text
    separator = max(SEPARATORS, key=first.count)
    names = next(csv.reader([first], delimiter=separator))
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise DatasetError(f"{where} has several columns {listed(twice)}: give each its own name")
    refuse_ragged(text, separator, len(names), where)
    found = pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema_length=None)
    if len(names) == 1:
        return found
    return found.filter(~pl.all_horizontal(pl.all().is_null()))  # lines that are empty


def refuse_ragged(text: str, separator: str, n_columns: int, where: str) -> None:
    """Refuse a line of more or fewer fields than there are names."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            if row and len(row) != n_columns:
                raise DatasetError(
                    f"{where} has {len(row)} fields in line {reader.line_num}, but {n_columns}"
                    " columns: mend that line"
                )
    except csv.Error as error:
        raise DatasetError(
            f"{where} cannot be read as csv ({error}, line {reader.line_num}): mend that line"
        ) from None


def npz_columns(content: bytes, where: str, split: str | None) -> pl.DataFrame:
    """Return the arrays x, y and that of the split as columns."""
    wanted = ["x", "y", *([] if split is None else [split])]
    arrays = npz_arrays(content, where, wanted)
    x, *others = arrays
    if x.ndim != 2 or x.dtype.kind not in "biuf" or not x.shape[1]:
        raise DatasetError(
            f"x in {where} has shape {x.shape} and type {x.dtype}: give numbers (n, d), one row a"
            " point"
        )
    for name, one in zip(wanted[1:], others, strict=True):
        if one.shape != (len(x),) or one.dtype.kind not in "biufU":
            raise DatasetError(
                f"{name} in {where} has shape {one.shape} and type {one.dtype}: give one value for"
                f" each of the {len(x)} rows of x"
            )
    frame = {f"x{at}": column for at, column in enumerate(x.T)}
    return pl.DataFrame(frame | dict(zip(wanted[1:], others, strict=True)))


def npz_arrays(content: bytes, where: str, wanted: Sequence[str]) -> list[np.ndarray]:
    """Return arrays of an .npz file by name; nothing in it is unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            sizes = {one.filename.removesuffix(".npy"): one.file_size for one in whole.infolist()}
        if lacking := [one for one in wanted if one not in sizes]:
            there = listed(sizes)
            raise DatasetError(f"{where} has no array {lacking[0]}, but {there}: give x and y")
        refuse_beyond_memory(where, COPIES * sum(sizes[one] for one in wanted), "give fewer rows")
        found: Any = np.load(io.BytesIO(content), allow_pickle=False)
        with found:
            return [found[name] for name in wanted]
    except (ValueError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(
            f"{where} cannot be read as npz ({short(error, 200)}): write it with numpy.savez"
        ) from None
