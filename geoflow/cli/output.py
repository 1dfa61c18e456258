"""All that is printed: rows and words on standard output, notes on standard error.

What others named is escaped here, once for each channel. Rows that another program reads, csv on
its way to a file or pipe, stay exact; JSON escapes by its own rules.
"""

import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from geoflow.errors import GeoflowError
from geoflow.machine.wholefile import write_all, write_whole
from geoflow.text.shown import shown

LONGEST_CELL = 10_000
"""Characters of a cell of a table; polars needs half a minute for one of 70,000."""

FORMATS = ("table", "csv", "json", "jsonl", "markdown", "parquet")

Command = TypeVar("Command", bound=Callable[..., Any])


def row_format(command: Command) -> Command:
    """Add ``--format``."""
    return click.option(
        "--format",
        "row_format",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How rows are written.",
    )(command)


def say(*lines: str) -> None:
    """Write notes to standard error, a line each; where nobody can read them they are left out."""
    with suppress(OSError, ValueError):
        click.echo("".join(f"{shown(line)}\n" for line in lines), nl=False, err=True)


def answer(*lines: str) -> None:
    """Write words to standard output, a line each."""
    emit("".join(f"{shown(line)}\n" for line in lines).encode())


def write_rows(frame: Any, row_format: str, output: Path | None = None) -> None:
    """Write a frame to standard output, or to a file, whole or not at all."""
    is_terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    if row_format == "parquet" and is_terminal:
        raise click.UsageError("parquet is not text: add --output FILE or redirect the output")
    content = as_bytes(frame, row_format, is_terminal)
    if output is None:
        emit(content)
        return
    write_whole(output, content)


def as_bytes(frame: Any, row_format: str, is_terminal: bool) -> bytes:
    """Return a frame in one of FORMATS; csv for a terminal is escaped as a table is."""
    from geoflow.text.formats import encoded

    if row_format in ("table", "markdown"):
        return table_text(frame, row_format == "markdown").encode()
    return encoded(
        rows_for_people(frame) if row_format == "csv" and is_terminal else frame, row_format
    )


def rows_for_people(frame: Any) -> Any:
    """Return a frame whose names and texts can be printed."""
    import polars as pl

    from geoflow.text.formats import flat_frame, unique_names

    plain = flat_frame(frame)
    columns = [
        pl.Series([None if one is None else shown(one) for one in column], dtype=pl.String)
        if column.dtype in (pl.String, pl.Categorical)
        else column
        for column in plain.get_columns()
    ]
    names = unique_names(map(shown, plain.columns))
    return pl.DataFrame([one.alias(name) for one, name in zip(columns, names, strict=True)])


def table_text(frame: Any, is_markdown: bool) -> str:
    """Return a frame as a table of lines or of Markdown; a cell beyond LONGEST_CELL is cut."""
    import polars as pl

    rows = rows_for_people(frame).with_columns(pl.col(pl.String).map_batches(cut_texts, pl.String))
    if is_markdown:
        rows = rows.rename({name: name.replace("|", r"\|") for name in rows.columns}).with_columns(
            pl.col(pl.String).str.replace_all("|", r"\|", literal=True)
        )
    style: Any = "ASCII_MARKDOWN" if is_markdown else "UTF8_FULL_CONDENSED"
    with pl.Config(
        tbl_formatting=style,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=65535,
        fmt_str_lengths=65535,
        fmt_table_cell_list_len=-1,
    ):
        return f"{rows}\n"


def cut_texts(texts: Any) -> Any:
    """Return a column of texts for people, endless ones cut; other formats have them whole."""
    import polars as pl

    length = texts.str.len_chars()
    more = pl.format("{}... ({} characters)", texts.str.head(LONGEST_CELL), length)
    return pl.select(pl.when(length > LONGEST_CELL).then(more).otherwise(texts)).to_series()


def emit(content: bytes) -> None:
    """Write bytes to standard output; raises BrokenPipeError where its reader has gone."""
    if sys.stdout is None:
        raise GeoflowError("cannot write to standard output (it is closed)")
    try:
        sys.stdout.flush()
        write_all(getattr(sys.stdout.buffer, "raw", sys.stdout.buffer), content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise GeoflowError(f"cannot write to standard output ({error.strerror})") from None


def flush() -> None:
    """Leave nothing for Python to flush when it ends: it would say that it could not."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            mute(stream)


def mute(stream: Any) -> None:
    """Send the rest of a stream that cannot be written nowhere, and Python's last flush with it."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def has_reader() -> bool:
    """Return whether standard output, if it is a pipe, still has a reader."""
    with suppress(OSError, ValueError, AttributeError):
        pipe = select.poll()
        pipe.register(sys.stdout.fileno(), 0)
        return not pipe.poll(0)
    return True


def fill_closed_streams() -> None:
    """Open the null device for a standard stream that is closed.

    The next file would take its number: what libraries print would go into the store.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
