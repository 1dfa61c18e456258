"""Frames as csv, json, jsonl and parquet: what a format cannot hold is written as text.

Blobs become hexadecimal digits, lists and structs in csv their JSON, integers of 128 bits in
parquet their digits. JSON has no NaN and no infinity: both are null there, as in the store.
"""

import io
import re
from collections.abc import Callable, Iterable
from functools import partial

import polars as pl

Dtype = pl.DataType
Leaf = Callable[[pl.Expr], pl.Expr]
"""Returns a column of texts for one of values that a format cannot hold."""

BLOBS: dict[type[Dtype], Leaf] = {pl.Binary: lambda column: column.bin.encode("hex")}
LONG_INTEGERS: dict[type[Dtype], Leaf] = {
    kind: lambda column: column.cast(pl.String) for kind in (pl.Int128, pl.UInt128)
}
"""Polars alone can read these from a parquet file."""


def encoded(frame: pl.DataFrame, file_format: str) -> bytes:
    r"""Return a frame as the content of a file: csv, json, jsonl or parquet.

    >>> encoded(pl.DataFrame({"widths": [[25, 25]], "blob": [b"ab"]}), "csv")
    b'widths,blob\n"[25,25]",6162\n'
    """
    content = io.BytesIO()
    if file_format == "parquet":
        with_texts(frame, LONG_INTEGERS).write_parquet(content)
    elif file_format == "csv":
        flat_frame(frame).write_csv(content)
    elif file_format == "json":
        content.write(f"{escaped(with_texts(frame, BLOBS).write_json())}\n".encode())
    else:
        content.write(escaped(with_texts(frame, BLOBS).write_ndjson()).encode())
    return content.getvalue()


def flat_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame without blobs and nested columns: digits, and JSON such as ``[25,25]``."""
    return changed_columns(
        with_texts(frame, BLOBS), lambda dtype: json_texts if dtype.is_nested() else None
    )


def json_texts(column: pl.Expr) -> pl.Expr:
    """Return a nested column as texts."""
    encoded = pl.struct(column.alias("x")).struct.json_encode()
    json = encoded.str.strip_prefix('{"x":').str.head(-1)
    return pl.when(column.is_not_null()).then(json)


def with_texts(frame: pl.DataFrame, leaves: dict[type[Dtype], Leaf]) -> pl.DataFrame:
    """Return a frame with values of some types as texts, those within lists and structs too."""
    return changed_columns(frame, lambda dtype: partial(texts, dtype=dtype, leaves=leaves))


def changed_columns(frame: pl.DataFrame, change: Callable[[Dtype], Leaf | None]) -> pl.DataFrame:
    """Return a frame with columns changed by their type; a name such as ``*`` is no wildcard."""
    columns = []
    for column in frame.get_columns():
        leaf = change(column.dtype)
        changed = column.alias("x").to_frame().select(leaf(pl.col("x"))) if leaf else None
        columns.append(column if changed is None else changed.to_series().alias(column.name))
    return pl.DataFrame(columns)


def has_type(dtype: Dtype, leaves: Iterable[type[Dtype]]) -> bool:
    """Return whether a type is one of some, or is made of one.

    >>> nested = pl.List(pl.Struct({"a": pl.Binary()}))
    >>> has_type(nested, BLOBS), has_type(pl.Binary(), LONG_INTEGERS)
    (True, False)
    """
    if isinstance(dtype, pl.Struct):
        return any(has_type(field.dtype, leaves) for field in dtype.fields)  # type: ignore[arg-type]
    if isinstance(dtype, pl.List | pl.Array):
        return has_type(dtype.inner, leaves)  # type: ignore[arg-type]
    return type(dtype) in leaves


def texts(column: pl.Expr, dtype: Dtype, leaves: dict[type[Dtype], Leaf]) -> pl.Expr:
    """Return a column with its values of some types as texts."""
    if not has_type(dtype, leaves):
        return column
    if isinstance(dtype, pl.Array):
        column, dtype = column.arr.to_list(), pl.List(dtype.inner)
    if isinstance(dtype, pl.List):
        return column.list.eval(texts(pl.element(), dtype.inner, leaves))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        plain = column.struct.rename_fields([f"f{at}" for at in range(len(dtype.fields))])
        fields = [
            texts(plain.struct.field(f"f{at}"), one.dtype, leaves)  # type: ignore[arg-type]
            for at, one in enumerate(dtype.fields)
        ]
        made = pl.struct(one.alias(f"f{at}") for at, one in enumerate(fields))
        named = made.struct.rename_fields([one.name for one in dtype.fields])
        return pl.when(column.is_not_null()).then(named)
    return leaves[type(dtype)](column)


def escaped(json: str) -> str:
    r"""Return JSON with every character that does not print escaped; it reads back the same.

    >>> escaped('"a' + chr(0x2028) + '"')
    '"a\\u2028"'
    """
    return re.sub(r"[^\n -~]", lambda found: json_escape(found[0]), json)


def json_escape(character: str) -> str:
    """Return a character as JSON escapes it, unless it prints."""
    if character.isprintable():
        return character
    return re.sub("(....)", r"\\u\1", character.encode("utf-16-be").hex())


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names with a number after those that were there before.

    >>> unique_names(["a", "a", "a_1", "b"])
    ['a', 'a_1', 'a_1_1', 'b']
    """
    found: dict[str, None] = {}
    for name in names:
        other, at = name, 0
        while other in found:
            at += 1
            other = f"{name}_{at}"
        found[other] = None
    return list(found)
