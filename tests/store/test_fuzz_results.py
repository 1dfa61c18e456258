"""Results of any type, nested in any way, come out in every format, and say what DuckDB said."""

import csv
import io
import json
from datetime import timedelta

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from geoflow.cli.output import FORMATS, as_bytes
from geoflow.store._rows import rows

TEXTS = st.text(max_size=8) | st.sampled_from(["\x1b[31m", "a\nb", "\u202e", "|", '"', "null", ""])
YEARS = st.integers(1, 9999) | st.sampled_from([1, 2, 1677, 2262, 9998, 9999, 10_000, 262_143])


def quoted(text):
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def whole(least, most):
    return st.sampled_from([least, most, 0]) | st.integers(least, most)


def days():
    made = st.builds("{:04d}-{:02d}-{:02d}".format, YEARS, st.integers(1, 12), st.integers(1, 28))
    era = st.builds("{}{}".format, made, st.sampled_from(["", "", " (BC)"]))
    return era | st.sampled_from(["infinity", "-infinity", "290000-01-01", "1970-01-01"])


def instants(zone=""):
    hours = st.builds(
        "{:02d}:{:02d}:{:02d}.{:09d}".format,
        st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999_999),
    )  # fmt: skip
    near = st.builds(f"{{:04d}}-01-02 {{}}{zone}".format, st.integers(1700, 2200), hours)
    return near | st.builds(f"{{:04d}}-12-31 {{}}{zone}".format, YEARS, hours) | days()


HOURS = st.sampled_from(["00:00:00", "23:59:59.999999", "24:00:00", "12:34:56.000001"])
ZONES = st.sampled_from(["00:00:00+15:59", "24:00:00-15:59", "12:00:00+00"])
NUMBERS = st.floats() | st.sampled_from([float("nan"), float("inf"), -0.0, 1e-320])
LEAVES = {
    "boolean": st.sampled_from(["true", "false"]),
    **{name: whole(-(2**bits), 2**bits - 1).map(str) for name, bits in (
        ("tinyint", 7), ("integer", 31), ("bigint", 63), ("hugeint", 127))},
    **{name: whole(0, 2**bits - 1).map(str) for name, bits in (
        ("utinyint", 8), ("ubigint", 64), ("uhugeint", 128))},
    "bignum": whole(-(10**60), 10**60).map(str),
    "double": NUMBERS.map(repr),
    "float": st.floats(width=32).map(repr),
    "decimal(38,0)": whole(1 - 10**38, 10**38 - 1).map(str),
    "decimal(9,4)": whole(1 - 10**9, 10**9 - 1).map(lambda n: f"{n}e-4"),
    "varchar": TEXTS,
    "json": TEXTS.map(json.dumps),
    "blob": st.binary(max_size=6).map(lambda made: "".join(f"\\x{one:02X}" for one in made)),
    "bit": st.text("01", min_size=1, max_size=9),
    "uuid": st.uuids().map(str),
    "date": days(),
    "time": HOURS,
    "time_ns": HOURS,
    "timetz": ZONES,
    "timestamp": instants(),
    "timestamp_s": instants(),
    "timestamp_ms": instants(),
    "timestamp_ns": instants(),
    "timestamptz": instants("+02"),
    "interval": st.sampled_from(["1 day", "-3 months", "83 years 00:16:39.999999"]),
    "enum('a', 'b|c', '')": st.sampled_from(["a", "b|c", ""]),
    "geometry": st.sampled_from(["POINT (1 2)", "POINT EMPTY"]),
    "variant": TEXTS,
}  # fmt: skip


@st.composite
def leaf(draw):
    """A type and a strategy of its values in SQL; a value that does not fit is NULL."""
    name = draw(st.sampled_from(sorted(LEAVES)))
    return name, LEAVES[name].map(lambda text: f"try_cast({quoted(text)} as {name})")


@st.composite
def nested(draw, inner):
    """A type made of others, and a strategy of its values in SQL."""
    name, values = draw(inner)
    values = values | st.just(f"null::{name}")
    several = st.lists(values, max_size=3)
    match draw(st.sampled_from(["list", "array", "struct", "map", "union", "tuple"])):
        case "list":
            return f"{name}[]", several.map(lambda made: f"[{', '.join(made)}]::{name}[]")
        case "array":
            two = st.tuples(values, values)
            return f"{name}[2]", two.map(lambda made: f"[{', '.join(made)}]::{name}[2]")
        case "struct":
            other, texts = draw(leaf())
            both = st.tuples(values, texts)
            said = f'struct("*" {name}, "b ""|" {other})'
            return said, both.map(lambda made: f"row({', '.join(made)})::{said}")
        case "map":
            pairs = values.map(lambda made: f"map {{[7]: {made}}}::map(tinyint[], {name})")
            return f"map(tinyint[], {name})", pairs | st.just(f"map {{}}::map(tinyint[], {name})")
        case "union":
            said = f"union(x {name}, y interval[])"
            return said, values.map(lambda made: f"union_value(x := {made})::{said}")
    return f"tuple({name}, blob)", values.map(lambda made: f"({made}, 'a\\x00'::blob)")


TYPES = st.recursive(leaf(), nested, max_leaves=4)
NAMES = st.text(min_size=1, max_size=5).map(lambda name: name.replace("\0", "") or "x")


@st.composite
def results(draw):
    """Columns: their names, their types, and their values in SQL, row by row."""
    kinds = draw(st.lists(TYPES, min_size=1, max_size=4))
    names = draw(st.lists(NAMES, min_size=len(kinds), max_size=len(kinds)))
    n = draw(st.integers(0, 4))
    columns = [
        draw(st.lists(values | st.just(f"null::{name}"), min_size=n, max_size=n))
        for name, values in kinds
    ]
    return names, [name for name, _ in kinds], columns


def statement(names, kinds, columns):
    heads = ['"' + name.replace('"', '""') + '"' for name in names]
    if not columns[0]:
        chosen = ", ".join(
            f"null::{kind} as {head}" for kind, head in zip(kinds, heads, strict=True)
        )
        return f"select {chosen} where false"
    return " union all ".join(
        "select " + ", ".join(f"{one} as {head}" for one, head in zip(row, heads, strict=True))
        for row in zip(*columns, strict=True)
    )


def said_by(connection, kind, text, value):
    """Whether a text, read by DuckDB as a type, is a value in SQL."""
    read = f"cast({quoted(text)} as {kind})" if kind != "blob" else f"unhex({quoted(text)})"
    same = f"select {read} is not distinct from {value}, {value}::varchar = {quoted(text)}"
    return any(connection.execute(same).fetchall()[0])


def agrees(connection, made):
    """Write a result in every format and read it back."""
    names, kinds, columns = made
    frame = rows(connection, statement(*made), {})
    n = len(columns[0])
    assert frame.shape == (n, len(names))
    for row_format in FORMATS:
        as_bytes(frame, row_format, is_terminal=True)
    for row_format in ("table", "markdown"):
        lines = as_bytes(frame, row_format, is_terminal=False).decode()
        assert lines.replace("\n", "").isprintable()
    text = as_bytes(frame, "csv", is_terminal=False).decode()
    head, *cells = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert head == frame.columns
    assert len(cells) == n
    assert {len(row) or 1 for row in cells} <= {len(names)}
    read = json.loads(as_bytes(frame, "json", is_terminal=False))
    lines = as_bytes(frame, "jsonl", is_terminal=False).decode().splitlines()
    assert read == [json.loads(line) for line in lines]
    assert [list(row) for row in read] == [frame.columns] * n
    stored = pl.read_parquet(io.BytesIO(as_bytes(frame, "parquet", is_terminal=False)))
    if not any("128" in str(dtype) for dtype in frame.dtypes):
        assert_frame_equal(stored, frame)
    frame.rows()  # Python holds every value
    for at, (kind, values) in enumerate(zip(kinds, columns, strict=True)):
        if kind not in LEAVES or kind in ("timestamptz", "variant"):
            continue
        for row, value in zip(cells, values, strict=True):
            cell = row[at] if row else ""
            empty = value.startswith("null") or frame[frame.columns[at]].null_count()
            assert (empty and cell == "") or said_by(connection, kind, cell, value), (cell, value)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


WATCH = {
    "deadline": timedelta(seconds=20),
    "suppress_health_check": list(HealthCheck),
    "database": None,
}


@settings(max_examples=60, derandomize=True, **WATCH)
@given(made=results())
def test_any_result_has_every_format(connection, made):
    agrees(connection, made)


@pytest.mark.slow
@settings(max_examples=6_000, **WATCH)
@given(made=results())
def test_any_result_has_every_format_at_length(connection, made):
    agrees(connection, made)
