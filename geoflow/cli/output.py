"""Rows in every format a shell, a notebook or another program wants."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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


def write_rows(frame: Any, row_format: str, output: Path | None = None) -> None:
    """Write a frame to standard output or a file."""
    if row_format == "parquet":
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        if output is None and sys.stdout.isatty():
            raise click.UsageError("parquet is not text: add --output FILE or redirect the output")
        content = buffer.getvalue()
    else:
        content = as_text(frame, row_format).encode()
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.UsageError(f"cannot write {output} ({error.strerror})") from None


def as_text(frame: Any, row_format: str) -> str:
    """Return a frame as text in one of FORMATS but parquet."""
    from geoflow.results import exportable

    if row_format == "csv":
        return str(exportable(frame).write_csv())
    if row_format == "json":
        return str(frame.write_json()) + "\n"
    if row_format == "jsonl":
        return str(frame.write_ndjson())
    import polars as pl

    style: Any = "ASCII_MARKDOWN" if row_format == "markdown" else "UTF8_FULL_CONDENSED"
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
        return f"{frame}\n"
