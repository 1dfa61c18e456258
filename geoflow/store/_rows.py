"""Runs a statement that reads and returns its rows as a polars frame, exact in every type.

A type that polars has stays what it is; a type that it has not, or has only in part, becomes text
as DuckDB writes it: intervals, bits, unions, variants, geometry, times with a zone; a column of
dates or times with one before the year 1, after 9999 or infinite; ``24:00:00``. A whole number of
any length is an integer, a map a list of its ``{key, value}``.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import StatementType
from duckdb.sqltypes import DuckDBPyType

from geoflow.errors import StoreError
from geoflow.text.formats import unique_names

READING = (
    StatementType.SELECT,  # with VALUES, FROM, WITH, DESCRIBE, SUMMARIZE, SHOW
    StatementType.EXPLAIN,
    StatementType.PRAGMA,  # of information; one that sets is a SET
    StatementType.MULTI,  # PIVOT, which looks for its columns first
)

EXACT = {
    "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger",
    "ubigint", "float", "double", "decimal", "varchar", "uuid", "blob", "enum", "null",
}  # fmt: skip
TIMED = {
    "date", "time", "time_ns", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns",
    "timestamp with time zone", "timestamptz_ns",
}  # fmt: skip
"""Types that polars holds for a part of the values that DuckDB holds."""

EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = date.min.toordinal() + 1 - EPOCH, date.max.toordinal() - 1 - EPOCH
"""Days that are dates of Python in every time zone."""

A_DAY = {"s": 86_400, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}
FOREVER = 2**63 - 1
"""What DuckDB writes for infinity in 64 bits."""

INTEGERS = (pl.Int64, pl.Int128, pl.UInt128)


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, params: dict[str, Any], most: int | None = None
) -> pl.DataFrame:
    """Return the rows of one statement that reads; names of columns that come twice get a number.

    most: how many rows at most, None for all. Raises duckdb.Error where DuckDB does, StoreError for
    what is not one statement that reads.
    """
    try:
        for text in (sql, *params.values()):
            str(text).encode()
    except UnicodeEncodeError:
        raise StoreError("the query, or a name in it, is not text in UTF-8") from None
    refuse_others(connection.extract_statements(sql))
    relation = connection.sql(sql, params=params)
    if relation is None:
        raise StoreError("the query gives no rows: write a SELECT, for instance `from networks`")
    if most is not None:
        relation = relation.limit(most)
    names, types = unique_names(relation.columns), relation.types
    late = [at for at, kind in enumerate(types) if any(leaf.id in TIMED for leaf in leaves(kind))]
    columns = [column(at, kind, EXACT | TIMED) for at, kind in enumerate(types)]
    columns += [column(at, types[at], EXACT) for at in late]
    chosen = ", ".join(f"{one} as c{at}" for at, one in enumerate(columns))
    table = relation.project(chosen).to_arrow_table()
    taken = [without_maps(table.column(at)) for at in range(len(types))]
    for at, text in zip(late, range(len(types), len(columns)), strict=True):
        if not all(holds(chunk) for chunk in taken[at].chunks):
            taken[at] = without_maps(table.column(text))
    frame = pl.DataFrame(pl.from_arrow(pa.table(taken, names=names)))
    return pl.DataFrame(
        [
            with_integers(values, kind) if any(map(is_long_integer, leaves(kind))) else values
            for values, kind in zip(frame.get_columns(), types, strict=True)
        ]
    )


def refuse_others(statements: Sequence[duckdb.Statement]) -> None:
    """Refuse what is not one statement that reads."""
    if not statements:
        raise StoreError("the query gives no rows: write a SELECT, for instance `from networks`")
    if len(statements) > 1:
        raise StoreError(f"{len(statements)} statements in one query: run them one by one")
    kind = statements[0].type
    if kind not in READING:
        raise StoreError(
            f"queries are read-only, and this is a statement of kind {kind.name}: a store is"
            " written by `geoflow train`, `ingest` and `study`, files by `geoflow export`"
        )


def leaves(kind: DuckDBPyType) -> list[DuckDBPyType]:
    """Return the types that a type is made of, itself where it is not nested."""
    return [leaf for _, inner in parts(kind) for leaf in leaves(inner)] or [kind]


def parts(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """Return the parts of a nested type by name, none of any other."""
    if kind.id not in ("list", "array", "map", "struct", "tuple"):
        return []
    return [(name, one) for name, one in kind.children if isinstance(one, DuckDBPyType)]


def is_long_integer(kind: DuckDBPyType) -> bool:
    """Return whether a type is a whole number that may be longer than 64 bits."""
    return kind.id in ("hugeint", "uhugeint") or (
        kind.id == "decimal" and dict(kind.children)["scale"] == 0
    )


def column(at: int, kind: DuckDBPyType, exact: set[str]) -> str:
    """Return in SQL a column of a relation, cast where its type has parts that are not exact."""
    if all(leaf.id in exact and not is_long_integer(leaf) for leaf in leaves(kind)):
        return f"#{at + 1}"
    return f"cast(#{at + 1} as {target(kind, exact)})"


def target(kind: DuckDBPyType, exact: set[str]) -> str:
    """Return a type in SQL with VARCHAR for its parts that are not exact."""
    inner = [(name, target(one, exact)) for name, one in parts(kind)]
    match kind.id:
        case "list":
            return f"{inner[0][1]}[]"
        case "array":
            return f"{inner[0][1]}[{dict(kind.children)['size']}]"
        case "map" | "tuple":
            return f"{kind.id}({', '.join(one for _, one in inner)})"
        case "struct" if inner:
            fields = (f'"{name.replace(chr(34), chr(34) * 2)}" {one}' for name, one in inner)
            return f"struct({', '.join(fields)})"
    is_kept = kind.id in exact - {"enum"} and not is_long_integer(kind)
    return str(kind) if is_kept else "varchar"


def without_maps(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with its maps as lists of {key, value}: keys need not be texts."""
    kind = plain_type(values.type)
    return values if kind == values.type else values.cast(kind)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return an Arrow type with lists of structs for its maps."""
    if pa.types.is_map(kind):
        pair = {"key": plain_type(kind.key_type), "value": plain_type(kind.item_type)}
        return pa.list_(pa.struct(pair))
    if pa.types.is_list(kind):
        return pa.list_(plain_type(kind.value_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(plain_type(kind.value_type), kind.list_size)
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, plain_type(field.type)) for field in kind])
    return kind


def holds(values: pa.Array) -> bool:
    """Return whether Python has every date and time in an array, those within lists too."""
    kind = values.type
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return holds(values.flatten())
    if pa.types.is_struct(kind):
        return all(map(holds, values.flatten()))
    if pa.types.is_time64(kind):
        first, last = 0, A_DAY[kind.unit] - 1
    elif pa.types.is_timestamp(kind):
        day = A_DAY[kind.unit]
        first, last = max(FIRST_DAY * day, 1 - FOREVER), min(LAST_DAY * day, FOREVER - 1)
    elif pa.types.is_date32(kind):
        first, last = FIRST_DAY, LAST_DAY
    else:
        return True
    found = pc.min_max(values.view(pa.int32() if pa.types.is_date32(kind) else pa.int64()))
    least, most = found["min"].as_py(), found["max"].as_py()
    return least is None or (first <= least and most <= last)


def with_integers(values: pl.Series, kind: DuckDBPyType) -> pl.Series:
    """Return a column of digits as integers, of 64 bits where these are enough."""
    for integer in INTEGERS:
        try:
            return values.cast(integer_type(values.dtype, kind, integer))
        except pl.exceptions.InvalidOperationError:
            continue
    return values  # some below 0 and some above 2^127


def integer_type(dtype: Any, kind: DuckDBPyType, integer: Any) -> Any:
    """Return the polars type of a column with an integer for the whole numbers in it."""
    match dtype:
        case pl.List() if kind.id == "map":
            return pl.List(struct_type(dtype.inner, kind, integer))
        case pl.List():
            return pl.List(integer_type(dtype.inner, parts(kind)[0][1], integer))
        case pl.Array():
            return pl.Array(integer_type(dtype.inner, parts(kind)[0][1], integer), dtype.size)
        case pl.Struct():
            return struct_type(dtype, kind, integer)
    return integer if is_long_integer(kind) else dtype


def struct_type(dtype: Any, kind: DuckDBPyType, integer: Any) -> pl.Struct:
    """Return the polars type of a struct, or of the entries of a map, likewise."""
    pairs = zip(dtype.fields, parts(kind), strict=True)
    return pl.Struct({one.name: integer_type(one.dtype, part, integer) for one, (_, part) in pairs})
